/** STATUS, READY and RESTARTS as podgrace computes them, against what kubectl prints of the same Pods. */
import { isObject, type JsonObject } from '../../src/core/json.ts';
import { parseKubernetesVersion } from '../../src/core/kubernetes-version.ts';
import { printedStatusOf, readPodStatus } from '../../src/core/pod-status.ts';
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
  const pods = [...POD_STATUSES.map(({ pod }) => pod), ...(absent === false ? readRunningPods() : [])];
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

  const { rows, objects } = await settledRows(api, namespace);
  t.equal(rows.length, stored.size, 'each Pod has a row');
  for (const row of rows) {
    const [name = '', ready, status, restarts] = row.split(/\s+/);
    const read = readPodStatus(objects.get(name) ?? {});
    if (read === undefined) throw new Error(`nothing is known of ${name}`);
    const printed = printedStatusOf(read, minor);
    t.same([`${printed.readyContainers}/${printed.containers}`, printed.status, String(printed.restarts)], [ready, status, restarts], row);
  }
});

/**
 * The rows of kubectl and the objects of the same moment: the Pod garbage collector changes those that are to be deleted, so
 * both are read until no Pod changes meanwhile.
 */
async function settledRows(
  api: KubeApi,
  namespace: string,
): Promise<{ readonly rows: readonly string[]; readonly objects: ReadonlyMap<string, JsonObject> }> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const read = async (): Promise<Map<string, JsonObject>> =>
    new Map((await api.list(path)).map((pod) => [String(metadataOf(pod)['name']), pod]));
  let objects = await read();
  let rows: readonly string[] = [];
  await eventually('Pods that nobody changes', async () => {
    const { stdout } = await kubectl(['get', 'pods', '--namespace', namespace, '--no-headers']);
    rows = stdout.trimEnd().split('\n');
    const before = objects;
    objects = await read();
    return objects.size === before.size && [...objects].every(([name, pod]) => versionOf(pod) === versionOf(before.get(name) ?? {}));
  });
  return { rows, objects };
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
