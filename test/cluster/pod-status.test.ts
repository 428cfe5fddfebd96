/** STATUS, READY and RESTARTS as podgrace computes them, against what kubectl prints of the same Pods. */
import { isObject, type JsonObject } from '../../src/core/json.ts';
import { parseKubernetesVersion } from '../../src/core/kubernetes-version.ts';
import { printedStatusOf, readPodStatus } from '../../src/core/pod-status.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { metadataOf } from '../../src/kube/client/discovery.ts';
import { POD_STATUSES } from '../core/made-up-pod-status.ts';
import { readRunningPods, skipWithoutCorpus } from '../core/corpus.ts';
import { clusterTest, connect, kubectl, makeNamespace, send } from './cluster.ts';

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

  // What a controller changes meanwhile is not compared: the table and the objects would be of two moments.
  const before = await versionsOf(api, path);
  const { stdout } = await kubectl(['get', 'pods', '--namespace', namespace, '--no-headers']);
  const after = await versionsOf(api, path);
  const rows = stdout
    .trimEnd()
    .split('\n')
    .filter((row) => isUnchanged(row.split(/\s+/, 1)[0] ?? '', before, after));
  t.ok(rows.length >= stored.size * 0.75, `${rows.length} of ${stored.size} Pods compared`);
  for (const row of rows) {
    const [name = '', ready, status, restarts] = row.split(/\s+/);
    const read = readPodStatus(after.get(name) ?? {});
    if (read === undefined) throw new Error(`nothing is known of ${name}`);
    const printed = printedStatusOf(read, minor);
    t.same([`${printed.readyContainers}/${printed.containers}`, printed.status, String(printed.restarts)], [ready, status, restarts], row);
  }
});

async function versionsOf(api: KubeApi, path: string): Promise<ReadonlyMap<string, JsonObject>> {
  return new Map((await api.list(path)).map((pod) => [String(metadataOf(pod)['name']), pod]));
}

function isUnchanged(name: string, before: ReadonlyMap<string, JsonObject>, after: ReadonlyMap<string, JsonObject>): boolean {
  const [old, now] = [before.get(name), after.get(name)];
  return old !== undefined && now !== undefined && metadataOf(old)['resourceVersion'] === metadataOf(now)['resourceVersion'];
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
        nodeSelector: { 'podgrace.dev/no-node': 'true' },
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
