/** Whether a quota leaves room for a rollout, against the controllers: who is said to find none never begins, and all others end. */
import { isObject, type JsonObject } from '../../src/core/json.ts';
import { catalogue } from '../../src/config/catalogue.ts';
import { contextOf } from '../core/evaluating.ts';
import { subjectOf } from '../core/subject-of.ts';
import { readSurroundings } from './read-surroundings.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { clusterTest, connect, eventually, makeNamespace } from './cluster.ts';
import { makeFakeNode, onFakeNodes } from './proof/fake-node.ts';

interface Case {
  readonly hard: JsonObject;
  readonly scopes?: readonly string[];
  readonly replicas: number;
  readonly rollingUpdate?: JsonObject | undefined;
  readonly isStuck: boolean;
}

/** Each in a namespace of its own; a Pod asks for 100m and is limited to 64Mi. */
const CASES: readonly Case[] = [
  { hard: { pods: '3' }, replicas: 3, isStuck: true },
  { hard: { pods: '4' }, replicas: 3, isStuck: false },
  { hard: { 'count/pods': '1' }, replicas: 1, isStuck: true },
  { hard: { pods: '4' }, replicas: 4, isStuck: false },
  { hard: { pods: '2' }, replicas: 2, rollingUpdate: { maxUnavailable: 1 }, isStuck: false },
  { hard: { 'requests.cpu': '399m' }, replicas: 3, isStuck: true },
  { hard: { 'requests.cpu': '400m' }, replicas: 3, isStuck: false },
  { hard: { 'limits.memory': '256Mi', pods: '9' }, replicas: 4, rollingUpdate: { maxSurge: 2, maxUnavailable: 0 }, isStuck: true },
  { hard: { pods: '3' }, scopes: ['NotTerminating', 'NotBestEffort'], replicas: 3, isStuck: true },
  { hard: { pods: '4' }, scopes: ['NotTerminating'], replicas: 3, isStuck: false },
];

clusterTest('a rollout under a quota begins, or does not, as rollout-strategy says', async (t) => {
  const api = connect();
  const rule = catalogue.rules.find(({ meta }) => meta.id === 'rollout-strategy');
  if (rule === undefined) throw new Error('there is no such rule');
  await Promise.all(
    CASES.map(async ({ hard, scopes, replicas, rollingUpdate, isStuck }) => {
      const namespace = await makeNamespace(t, api);
      const node = await makeFakeNode(t, api, namespace);
      if (node === undefined) return;
      const name = `${JSON.stringify(hard)} for ${replicas}, ${JSON.stringify(rollingUpdate ?? {})}, ${JSON.stringify(scopes ?? [])}`;
      await api.request({
        method: 'POST',
        path: `/api/v1/namespaces/${namespace}/resourcequotas`,
        body: {
          apiVersion: 'v1',
          kind: 'ResourceQuota',
          metadata: { name: 'team' },
          spec: { hard, ...(scopes !== undefined && { scopes }) },
        },
      });
      const workload = deployment(namespace, { replicas, rollingUpdate });
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
      await eventually(`the quota ${name} is enforced`, async () => (await usedOf(api, namespace)) !== undefined);
      await api.request({ method: 'POST', path, body: workload });
      const statusOf = async (): Promise<Status> => (await api.request({ method: 'GET', path: `${path}/web` })).body['status'] as Status;
      await eventually(`the Pods under ${name} are available`, async () => (await statusOf()).availableReplicas === replicas);
      await eventually(`the Pods under ${name} are counted`, async () => {
        const used = await usedOf(api, namespace);
        return used !== undefined && Object.values(used).every((amount) => amount !== '0');
      });

      const { resourceQuotas } = await readSurroundings(api, namespace, new Set(['resourceQuotas']));
      const known = resourceQuotas.isKnown ? { resourceQuotas: resourceQuotas.value } : {};
      const subject = subjectOf(workload);
      const found = rule.validate(subject.pod, contextOf(rule, subject.pod, {}, { subject, known }));
      t.same(
        found.map(({ message }) => message),
        isStuck ? ['noRoom'] : [],
        `said: ${name}`,
      );

      const body = { spec: { template: { metadata: { annotations: { version: '2' } } } } };
      await api.request({ method: 'PATCH', path: `${path}/web`, patchType: 'application/merge-patch+json', body });
      if (isStuck) {
        await eventually(`no Pod can be made under ${name}`, async () =>
          ((await statusOf()).conditions ?? []).some(({ type, status }) => type === 'ReplicaFailure' && status === 'True'),
        );
        const { updatedReplicas = 0, availableReplicas } = await statusOf();
        t.same([updatedReplicas, availableReplicas], [0, replicas], `stuck: ${name}`);
      } else {
        await eventually(`the rollout under ${name} has ended`, async () => {
          const { updatedReplicas, availableReplicas, replicas: all } = await statusOf();
          return updatedReplicas === replicas && availableReplicas === replicas && all === replicas;
        });
        t.pass(`ended: ${name}`);
      }
    }),
  );
});

clusterTest('what a rollout has started does not count against itself', async (t) => {
  const api = connect();
  const rule = catalogue.rules.find(({ meta }) => meta.id === 'rollout-strategy');
  if (rule === undefined) throw new Error('there is no such rule');
  const namespace = await makeNamespace(t, api);
  const node = await makeFakeNode(t, api, namespace);
  if (node === undefined) return;
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'team' },
    spec: { hard: { pods: '3', 'requests.cpu': '300m' } },
  };
  await api.request({ method: 'POST', path: `/api/v1/namespaces/${namespace}/resourcequotas`, body: quota });
  await eventually('the quota is enforced', async () => (await usedOf(api, namespace)) !== undefined);
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  await api.request({ method: 'POST', path, body: deployment(namespace, { replicas: 2 }) });
  const live = async (): Promise<JsonObject> => (await api.request({ method: 'GET', path: `${path}/web` })).body;
  const statusOf = async (): Promise<Status> => (await live())['status'] as Status;
  await eventually('the Pods are available', async () => (await statusOf()).availableReplicas === 2);
  // The new Pod fits no node, so the rollout stays where it is.
  const nowhere = { spec: { template: { spec: { nodeSelector: { 'podgrace.dev/nowhere': 'yes' } } } } };
  await api.request({ method: 'PATCH', path: `${path}/web`, patchType: 'application/merge-patch+json', body: nowhere });
  await eventually(
    'the new Pod is counted',
    async () => (await statusOf()).replicas === 3 && (await usedOf(api, namespace))?.['pods'] === '3',
  );
  const { resourceQuotas } = await readSurroundings(api, namespace, new Set(['resourceQuotas']));
  if (!resourceQuotas.isKnown) throw new Error(resourceQuotas.reason);
  const found = (object: JsonObject): unknown[] => {
    const subject = subjectOf(object);
    const context = contextOf(rule, subject.pod, {}, { subject, known: { resourceQuotas: resourceQuotas.value } });
    return rule.validate(subject.pod, context).map(({ message }) => message);
  };
  const { status: _, ...withoutStatus } = await live();
  t.same(found(await live()), []);
  t.same(found(withoutStatus), ['noRoom'], 'where nobody knows of the rollout');
});

interface Status {
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

/** Undefined until its controller has counted. */
async function usedOf(api: KubeApi, namespace: string): Promise<JsonObject | undefined> {
  const { body } = await api.request({ method: 'GET', path: `/api/v1/namespaces/${namespace}/resourcequotas/team` });
  const status = body['status'];
  return isObject(status) && isObject(status['used']) ? status['used'] : undefined;
}

function deployment(namespace: string, { replicas, rollingUpdate }: Pick<Case, 'replicas' | 'rollingUpdate'>): JsonObject {
  const labels = { app: 'web' };
  const resources = { requests: { cpu: '100m' }, limits: { memory: '64Mi' } };
  const spec = {
    ...onFakeNodes(namespace),
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'app', image: 'registry.example/app:1', resources }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      ...(rollingUpdate !== undefined && { strategy: { rollingUpdate } }),
      template: { metadata: { labels }, spec },
    },
  };
}
