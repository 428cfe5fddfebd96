/**
 * The rollout of one Pod with a claim of a volume on one node: with `ReadWriteOnce` the scheduler puts the new Pod beside the old one, and
 * the rollout ends; with `ReadWriteOncePod` it waits for the old Pod, and never ends. The rule says so of each.
 */
import { catalogue } from '../../src/config/catalogue.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { FieldPath } from '../../src/core/path.ts';
import { NamedObjects } from '../../src/kube/commands/named-objects.ts';
import { contextOf } from '../core/evaluating.ts';
import { subjectOf } from '../core/subject-of.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace } from './cluster.ts';
import { makeFakeNode, onFakeNodes } from './proof/fake-node.ts';

const MODES = ['ReadWriteOnce', 'ReadWriteOncePod'] as const;

clusterTest('a rollout with a local volume ends, or does not, as rollout-strategy says', async (t) => {
  const api = connect();
  const rule = catalogue.rules.find(({ meta }) => meta.id === 'rollout-strategy');
  if (rule === undefined) throw new Error('there is no such rule');
  const namespace = await makeNamespace(t, api);
  const node = await makeFakeNode(t, api, namespace);
  // With only one node, both Pods come to it anyway.
  const other = await makeFakeNode(t, api, namespace, 'other');
  if (node === undefined || other === undefined) return;
  const volumes = MODES.flatMap((mode) => volumeFor(mode, namespace, node.name));
  await apply(namespace, volumes);
  t.teardown(() => kubectl(['delete', 'pv,sc', '-l', `podgrace.dev/test=${namespace}`, '--wait=false']));
  await apply(
    namespace,
    MODES.map((mode) => deployment(mode, namespace)),
  );
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const statusOf = async (mode: string): Promise<Status> =>
    (await api.request({ method: 'GET', path: `${path}/${mode.toLowerCase()}` })).body['status'] as Status;
  for (const mode of MODES)
    await eventually(`the Pod with ${mode} is available`, async () => (await statusOf(mode)).availableReplicas === 1);

  const named = new NamedObjects(api);
  for (const mode of MODES) {
    const references = [{ to: 'claims' as const, name: mode.toLowerCase(), key: undefined, path: FieldPath.ROOT, keyPath: FieldPath.ROOT }];
    const { claims } = await named.among(namespace, references);
    if (claims?.isKnown !== true) throw new Error('the claim cannot be read');
    const subject = subjectOf(deployment(mode, namespace));
    const found = rule.validate(subject.pod, contextOf(rule, subject.pod, {}, { subject, known: { claims: claims.value } }));
    t.same(
      found.map(({ message }) => message),
      mode === 'ReadWriteOncePod' ? ['claimOfOne'] : [],
      mode,
    );
  }

  const annotations = { 'podgrace.dev/version': '2' };
  await apply(
    namespace,
    MODES.map((mode) => deployment(mode, namespace, annotations)),
  );
  await eventually('the one has been replaced, and the other has a new Pod that waits for the claim', async () => {
    const [once, oncePod] = await Promise.all(MODES.map((mode) => statusOf(mode)));
    const pods = await api.list(`/api/v1/namespaces/${namespace}/pods`);
    const isWaiting = pods.some(({ status }) => JSON.stringify(status).includes('ReadWriteOncePod'));
    return once?.updatedReplicas === 1 && once.replicas === 1 && once.availableReplicas === 1 && oncePod?.replicas === 2 && isWaiting;
  });
  t.pass('seen');
});

interface Status {
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
}

/** A volume is of the cluster, and so are classes: each has the namespace in its name. */
function volumeFor(mode: string, namespace: string, node: string): JsonObject[] {
  const name = mode.toLowerCase();
  const storageClassName = `${name}-${namespace}`;
  const labels = { 'podgrace.dev/test': namespace };
  const hostname = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
  return [
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: storageClassName, labels },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: storageClassName, labels },
      spec: {
        ...{ capacity: { storage: '1Gi' }, accessModes: [mode], storageClassName, local: { path: '/srv' } },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [hostname] }] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name },
      spec: { accessModes: [mode], storageClassName, resources: { requests: { storage: '1Gi' } } },
    },
  ];
}

function deployment(mode: string, namespace: string, annotations: JsonObject = {}): JsonObject {
  const name = mode.toLowerCase();
  const labels = { app: name };
  const spec = {
    ...onFakeNodes(namespace),
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'app', image: 'registry.example/app:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels, annotations }, spec } },
  };
}

async function apply(namespace: string, items: readonly JsonObject[]): Promise<void> {
  const { code, stderr } = await kubectl(['apply', '-n', namespace, '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  if (code !== 0) throw new Error(stderr);
}
