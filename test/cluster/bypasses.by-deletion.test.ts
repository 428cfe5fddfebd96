/** Forms of a deletion by force, and what somebody does with a Pod before it: none gets past the shipped condition of the webhook. */
import type { Test } from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import { FENCED_NODE_ANNOTATION } from '../../src/core/deletion.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace } from './cluster.ts';
import { as, enforcing, PERSON, podsOf, register, workload } from './deletions-by-force.ts';
import { makeFakeNode } from './proof/fake-node.ts';
import { serveOnLoopback } from './registered-webhook.ts';

const REPLICAS = 4;

interface Scene {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly node: string;
}

/** A StatefulSet whose Pods run on a made-up node, and the webhook. */
async function sceneOf(t: Test): Promise<Scene | undefined> {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const node = await makeFakeNode(t, api, namespace);
  if (node === undefined) return undefined;
  await register(t, api, namespace, await serveOnLoopback(t, enforcing()));
  const db = workload(namespace, 'StatefulSet', 'db', { replicas: REPLICAS });
  t.equal((await kubectl(['create', '-n', namespace, '-f', '-'], db)).code, 0);
  await eventually('its Pods run', () => areRunning(api, namespace));
  await eventually('the API server asks podgrace', async () => {
    return (await as(PERSON, ['delete', 'pod', 'db-0', '-n', namespace, '--force', '--dry-run=server'])).code === 1;
  });
  return { api, namespace, node: node.name };
}

async function areRunning(api: KubeApi, namespace: string): Promise<boolean> {
  const running = (await podsOf(api, namespace, 'db')).filter(({ status }) => status.phase === 'Running');
  return running.length === REPLICAS;
}

async function isDenied(t: Test, what: string, args: readonly string[], input?: JsonObject): Promise<void> {
  const { code, stdout, stderr } = await as(PERSON, args, input);
  t.not(code, 0, `${what}: ${stdout}`);
  t.match(stderr, `metadata.annotations[${FENCED_NODE_ANNOTATION}]: must be `, what);
}

clusterTest('no form of a deletion by force is a way around', async (t) => {
  const scene = await sceneOf(t);
  if (scene === undefined) return;
  const { api, namespace, node } = scene;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const before = await podsOf(api, namespace, 'db');
  const options = (more: JsonObject = {}): JsonObject => ({ apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, ...more });
  const remove = (...args: readonly string[]): readonly string[] => ['delete', 'pods', '-n', namespace, '--wait=false', ...args];
  const one = ['delete', '--raw', `${pods}/db-1`, '-f', '-'];
  const ways: Readonly<Record<string, readonly [args: readonly string[], input?: JsonObject]>> = {
    'options in the body': [one, options()],
    'as a dry run': [one, options({ dryRun: ['All'] })],
    'a precondition that holds': [one, options({ preconditions: { uid: before[1]?.metadata.uid } })],
    'in the foreground': [one, options({ propagationPolicy: 'Foreground' })],
    'without dependents': [one, options({ propagationPolicy: 'Orphan' })],
    'without dependents, as it was said before': [one, options({ orphanDependents: true })],
    'options of another version': [one, options({ apiVersion: 'policy/v1' })],
    'another grace period in the body than in the address': [
      ['delete', '--raw', `${pods}/db-1?gracePeriodSeconds=30`, '-f', '-'],
      options(),
    ],
    'a collection, with options in the body': [['delete', '--raw', `${pods}?labelSelector=app%3Ddb`, '-f', '-'], options()],
    'a collection by its fields': [
      ['delete', '--raw', `${pods}?gracePeriodSeconds=0&fieldSelector=metadata.name%3Ddb-1`, '-f', '-'],
      options(),
    ],
    'several by name': [remove('db-1', 'db-2', '--force')],
    'by label': [remove('-l', 'app=db', '--force')],
    'all of them': [remove('--all', '--force', '--grace-period=0')],
    'a drain without evictions': [
      ['drain', node, '--disable-eviction', '--grace-period=0', '--pod-selector=app=db', '--force', '--ignore-daemonsets', '--timeout=20s'],
    ],
  };
  for (const [what, [args, input]] of Object.entries(ways)) await isDenied(t, what, args, input);
  const after = await podsOf(api, namespace, 'db');
  t.same(
    after.map(({ metadata }) => [metadata.name, metadata.uid, metadata.deletionTimestamp]),
    before.map(({ metadata }) => [metadata.name, metadata.uid, undefined]),
    'the Pods are as they were',
  );
});

clusterTest('a Pod that a StatefulSet has made is not deleted by force under another owner', async (t) => {
  const scene = await sceneOf(t);
  if (scene === undefined) return;
  const { api, namespace } = scene;
  const forced = (pod: string): readonly string[] => ['delete', 'pod', pod, '-n', namespace, '--wait=false', '--force'];
  const ownersOf = async (pod: string): Promise<readonly { readonly kind: string }[]> => {
    const { metadata } = (await api.request({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods/${pod}` })).body as {
      metadata: { ownerReferences?: { kind: string }[] };
    };
    return metadata.ownerReferences ?? [];
  };
  const made = async (object: JsonObject): Promise<string> => {
    const { code, stdout, stderr } = await kubectl(['create', '-n', namespace, '-o', 'jsonpath={.metadata.uid}', '-f', '-'], object);
    t.equal(code, 0, stderr);
    return stdout;
  };

  await made({
    ...{ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'adopter' } },
    spec: {
      ...{ replicas: 1, selector: { matchLabels: { role: 'adopted' } } },
      template: {
        metadata: { labels: { role: 'adopted' } },
        spec: { nodeSelector: { no: 'node' }, containers: [{ name: 'a', image: 'a' }] },
      },
    },
  });
  t.equal((await as(PERSON, ['label', 'pod', 'db-1', '-n', namespace, 'app-', 'role=adopted'])).code, 0);
  await eventually('the ReplicaSet has adopted it', async () => (await ownersOf('db-1'))[0]?.kind === 'ReplicaSet');
  await isDenied(t, 'adopted by a ReplicaSet', forced('db-1'));

  const uid = await made({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owner' } });
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid, controller: true };
  const owned = JSON.stringify({ metadata: { ownerReferences: [owner] } });
  const { code, stderr } = await as(PERSON, ['patch', 'pod', 'db-2', '-n', namespace, '--type=merge', '-p', owned]);
  t.equal(code, 0, stderr);
  t.match(await ownersOf('db-2'), [{ kind: 'ConfigMap' }]);
  await isDenied(t, 'with an owner that somebody has written', forced('db-2'));

  t.equal((await as(PERSON, ['delete', 'statefulset', 'db', '-n', namespace, '--cascade=orphan'])).code, 0);
  await eventually('its Pods have no owner', async () => (await ownersOf('db-0')).length === 0);
  await isDenied(t, 'left behind', forced('db-0'));
  await isDenied(t, 'all that are left behind', ['delete', 'pods', '-n', namespace, '-l', 'app=db', '--wait=false', '--force']);
});
