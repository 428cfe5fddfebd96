/** STATUS, READY and RESTARTS as podgrace computes them, with the age of the last restart, against what kubectl prints of the same Pods. */
import { ageText } from '../../src/core/age.ts';
import { isObject, type JsonObject } from '../../src/core/json.ts';
import { parseKubernetesVersion } from '../../src/core/kubernetes-version.ts';
import { printedStatusOf, readPodStatus, type PrintedStatus } from '../../src/core/pod-status.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { metadataOf } from '../../src/core/json-reading.ts';
import { POD_STATUSES } from '../core/made-up-pod-status.ts';
import { readRunningPods, skipWithoutCorpus } from '../core/corpus.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace, send } from './cluster.ts';

const FINALIZER = 'podgrace.dev/test';

clusterTest('kubectl prints the STATUS that podgrace computes', async (t) => {
  const api = connect();
  const { body } = await api.request({ method: 'GET', path: '/version' });
  const minor = parseKubernetesVersion(String(body['gitVersion']));
  if (minor === undefined) throw new Error(`unknown version ${String(body['gitVersion'])}`);
  const namespace = await makeNamespace(t, api);
  const absent = skipWithoutCorpus();
  if (absent !== false) t.pass('running Pods of the corpus', { skip: absent });
  const pods = [...POD_STATUSES.map(({ pod }) => pod), ...(absent === false ? readRunningPods() : []), ...restartedPods(Date.now())];
  const path = `/api/v1/namespaces/${namespace}/pods`;
  t.teardown(() => Promise.all(pods.map((_, index) => send(api, { ...WITHOUT_FINALIZERS, path: `${path}/p${index}` }))));
  const stored = new Map<string, JsonObject>();
  await Promise.all(
    pods.map(async (pod, index) => {
      const found = await store(api, path, `p${index}`, pod);
      if (found !== undefined) stored.set(`p${index}`, found);
    }),
  );
  const refused = pods.length - stored.size;
  t.ok(refused <= pods.length / 10, `${refused} of ${pods.length} refused: placeholders in every field`);

  const { rows, objects, atMs } = await settledRows(api, namespace);
  t.equal(rows.length, stored.size, 'each Pod has a row');
  let ages = 0;
  for (const row of rows) {
    const [, name = '', ready, status, restarts = ''] = /^(\S+)\s+(\S+)\s+(\S+)\s+(\d+(?: \(\S+ ago\))?)\s/.exec(row) ?? [];
    const read = readPodStatus(objects.get(name) ?? {});
    if (read === undefined) throw new Error(`nothing is known of ${name}`);
    const printed = printedStatusOf(read, minor);
    t.same([`${printed.readyContainers}/${printed.containers}`, printed.status], [ready, status], row);
    if (restarts.includes('ago')) ages += 1;
    const texts = atMs.map((ms) => restartsText(printed, ms));
    t.ok(texts.includes(restarts), `${row}: ${texts.join(' or ')}`);
  }
  t.ok(ages >= AGES_SECONDS.length, `${ages} ages`);
});

function restartsText({ restarts, lastRestartMs }: PrintedStatus, nowMs: number): string {
  return lastRestartMs === undefined ? String(restarts) : `${restarts} (${ageText(nowMs - lastRestartMs)} ago)`;
}

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];
const AGES_SECONDS = [0, 90, 127, 9 * MINUTE, 100 * MINUTE, 5 * HOUR, 30 * HOUR, 3 * DAY + 7 * HOUR, 20 * DAY, 800 * DAY, 4000 * DAY];

/** Pods whose container was restarted so long ago. */
function restartedPods(nowMs: number): JsonObject[] {
  return AGES_SECONDS.map((seconds) => {
    const finishedAt = `${new Date(nowMs - seconds * 1000).toISOString().slice(0, -5)}Z`;
    const lastState = { terminated: { exitCode: 1, reason: 'Error', startedAt: finishedAt, finishedAt } };
    const container = {
      name: 'a',
      ready: true,
      started: true,
      restartCount: 3,
      image: 'web:1',
      imageID: '',
      state: { running: {} },
      lastState,
    };
    return { spec: { containers: [{ name: 'a', image: 'web:1' }] }, status: { phase: 'Running', containerStatuses: [container] } };
  });
}

/**
 * The rows of kubectl, the objects of the same moment, and the moment: the Pod garbage collector changes those that are to be deleted, so
 * both are read until no Pod changes meanwhile.
 */
async function settledRows(
  api: KubeApi,
  namespace: string,
): Promise<{ readonly rows: readonly string[]; readonly objects: ReadonlyMap<string, JsonObject>; readonly atMs: readonly number[] }> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const read = async (): Promise<Map<string, JsonObject>> =>
    new Map((await api.list(path)).map((pod) => [String(metadataOf(pod)['name']), pod]));
  let objects = await read();
  let rows: readonly string[] = [];
  let atMs: readonly number[] = [];
  await eventually('Pods that nobody changes', async () => {
    const beginMs = Date.now();
    const { stdout } = await kubectl(['get', 'pods', '--namespace', namespace, '--no-headers']);
    atMs = everySecond(beginMs, Date.now());
    rows = stdout.trimEnd().split('\n');
    const before = objects;
    objects = await read();
    return objects.size === before.size && [...objects].every(([name, pod]) => versionOf(pod) === versionOf(before.get(name) ?? {}));
  });
  return { rows, objects, atMs };
}

/** When an API server may have looked at its clock. */
function everySecond(fromMs: number, toMs: number): number[] {
  return Array.from({ length: Math.ceil((toMs - fromMs) / 1000) + 1 }, (_, index) => Math.min(fromMs + index * 1000, toMs));
}

function versionOf(pod: JsonObject): unknown {
  return metadataOf(pod)['resourceVersion'];
}

const WITHOUT_FINALIZERS = {
  method: 'PATCH',
  patchType: 'application/merge-patch+json',
  body: { metadata: { finalizers: null } },
} as const;

/**
 * A Pod that no scheduler, kubelet or controller touches, with the containers and the status of another one.
 *
 * @returns undefined where the API server refuses it
 */
async function store(api: KubeApi, path: string, name: string, pod: JsonObject): Promise<JsonObject | undefined> {
  const spec = isObject(pod['spec']) ? pod['spec'] : {};
  const metadata = isObject(pod['metadata']) ? pod['metadata'] : {};
  const status = isObject(pod['status']) ? pod['status'] : {};
  const only = (list: unknown, ...keys: readonly string[]): JsonObject[] =>
    (Array.isArray(list) ? list : [])
      .filter(isObject)
      .map((each) => Object.fromEntries(['name', 'image', ...keys].map((key) => [key, each[key]])));
  const { code } = await send(api, {
    method: 'POST',
    path,
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, finalizers: [FINALIZER] },
      spec: {
        schedulerName: 'podgrace.dev/no-scheduler',
        automountServiceAccountToken: false,
        initContainers: only(spec['initContainers'], 'restartPolicy'),
        containers: only(spec['containers']),
        readinessGates: spec['readinessGates'],
      },
    },
  });
  if (code === 422) return undefined;
  const printed = ['phase', 'reason', 'message', 'conditions', 'initContainerStatuses', 'containerStatuses'];
  const body = { status: Object.fromEntries(printed.map((field) => [field, status[field]])) };
  const patched = await send(api, { method: 'PATCH', patchType: 'application/merge-patch+json', path: `${path}/${name}/status`, body });
  if (patched.code >= 400) {
    await send(api, { ...WITHOUT_FINALIZERS, path: `${path}/${name}` });
    await send(api, { method: 'DELETE', path: `${path}/${name}`, query: { gracePeriodSeconds: '0' } });
    return undefined;
  }
  if (metadata['deletionTimestamp'] != null) await api.request({ method: 'DELETE', path: `${path}/${name}` });
  return (await api.request({ method: 'GET', path: `${path}/${name}` })).body;
}
