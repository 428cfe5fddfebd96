/**
 * What podgrace computes of budgets and rollouts, against the controllers: the same budgets, Deployments and StatefulSets are created,
 * and the numbers in their status compared. 153 combinations of kinds, replicas, Pods without a controller and bounds, all at once.
 */
import { allowedDisruptionsOf } from '../../src/core/disruption.ts';
import { equalJson, type JsonObject } from '../../src/core/json.ts';
import { rolloutBounds, type IntOrPercentage } from '../../src/core/rollout.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace } from './cluster.ts';
import { makeFakeNode, onFakeNodes } from './proof/fake-node.ts';

interface Budget {
  readonly kind: (typeof KINDS)[number];
  readonly replicas: number;
  /** Pods without a controller that have the labels of the workload. */
  readonly barePods: number;
  readonly bound: { readonly minAvailable: IntOrPercentage } | { readonly maxUnavailable: IntOrPercentage };
}
interface Rollout {
  readonly replicas: number;
  readonly maxSurge: IntOrPercentage;
  readonly maxUnavailable: IntOrPercentage;
}

const KINDS = ['Deployment', 'StatefulSet'] as const;
const GUARDED: readonly Omit<Budget, 'bound'>[] = [
  ...KINDS.flatMap((kind) => [1, 2, 3, 7].map((replicas) => ({ kind, replicas, barePods: 0 }))),
  ...[0, 1, 2, 3].flatMap((replicas) => [1, 2].map((barePods) => ({ kind: 'Deployment' as const, replicas, barePods }))),
];
const BUDGETS: readonly Budget[] = GUARDED.flatMap((guarded) =>
  [
    { minAvailable: 0 },
    { minAvailable: 1 },
    { minAvailable: 2 },
    { minAvailable: '50%' },
    { minAvailable: '100%' },
    { maxUnavailable: 0 },
    { maxUnavailable: 1 },
    { maxUnavailable: '34%' },
  ].map((bound) => ({ ...guarded, bound })),
);
const ROLLOUTS: readonly Rollout[] = [1, 2, 3, 4, 7].flatMap((replicas) =>
  (
    [
      ['25%', '25%'],
      [0, '10%'],
      [1, 0],
      ['100%', '34%'],
      [0, 3],
    ] as const
  ).map(([maxSurge, maxUnavailable]) => ({ replicas, maxSurge, maxUnavailable })),
);

clusterTest('budgets allow, and rollouts start and stop, as many Pods as podgrace computes', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const node = await makeFakeNode(t, api, namespace);
  if (node === undefined) return;
  const rollouts = (nodeSelector = {}): JsonObject[] =>
    ROLLOUTS.map((rollout, index) => rolled(rollout, `rolled-${index}`, namespace, nodeSelector));
  const guarded = GUARDED.flatMap((each) => {
    const { kind, replicas } = each;
    const isNumbered = kind === 'StatefulSet';
    const spec = { replicas, ...(isNumbered && { podManagementPolicy: 'Parallel' }) };
    return [workload(kind, guardedName(each), spec, podSpec(namespace)), ...barePodsOf(each, namespace)];
  });
  const items = [...guarded, ...BUDGETS.map((budget, index) => budgetOf(budget, `budget-${index}`)), ...rollouts()];
  await apply(namespace, items);
  await eventually('every Pod is available', async () => {
    const all = await Promise.all(
      ['deployments', 'statefulsets'].map((plural) => list<WorkloadStatus>(api, namespace, '/apis/apps/v1', plural)),
    );
    return all.flat().every(({ spec, status }) => (status.availableReplicas ?? 0) === spec.replicas);
  });
  await eventually('every budget has counted its Pods', async () => {
    const budgets = await list<BudgetStatus>(api, namespace, '/apis/policy/v1', 'poddisruptionbudgets');
    return budgets.every(({ metadata, status }) => {
      const { replicas, barePods } = at(BUDGETS, indexIn(metadata.name));
      return status?.currentHealthy === replicas + barePods;
    });
  });
  const budgets = await list<BudgetStatus>(api, namespace, '/apis/policy/v1', 'poddisruptionbudgets');
  t.equal(budgets.length, BUDGETS.length);
  for (const { metadata, status } of budgets) {
    const { kind, replicas, barePods, bound } = at(BUDGETS, indexIn(metadata.name));
    const known = { name: metadata.name, selector: {}, minAvailable: undefined, maxUnavailable: undefined, ...bound };
    const of = `${JSON.stringify(bound)} of ${replicas} of a ${kind} and ${barePods} Pods without a controller`;
    t.equal(allowedDisruptionsOf(known, replicas, barePods), status?.disruptionsAllowed, of);
  }

  // The new Pods fit no node, so each rollout goes as far as it may without them, and stays there.
  await apply(namespace, rollouts({ 'podgrace.dev/nowhere': 'yes' }));
  let seen: readonly Seen[] = [];
  const predicted = ROLLOUTS.map((rollout) => {
    const { surge, unavailable } = rolloutBounds(rollout, rollout.replicas);
    return { surge, unavailable, started: Math.min(rollout.replicas, surge + unavailable) };
  });
  const isAsPredicted = ({ index, ...numbers }: Seen): boolean => equalJson(numbers, predicted[index]);
  // What does not come about is said below, with its numbers.
  await eventually(
    'every rollout has gone as far as it may',
    async () => {
      seen = await rolloutsSeen(api, namespace);
      return seen.every(isAsPredicted);
    },
    20_000,
  ).catch(() => undefined);
  t.equal(seen.length, ROLLOUTS.length);
  for (const { index, ...numbers } of seen) {
    const { replicas, maxSurge, maxUnavailable } = at(ROLLOUTS, index);
    t.same(numbers, predicted[index], `maxSurge ${maxSurge}, maxUnavailable ${maxUnavailable} of ${replicas}`);
  }
});

interface Seen {
  readonly index: number;
  readonly surge: number;
  readonly unavailable: number;
  /** New Pods, none of which gets ready. */
  readonly started: number;
}

/** How far the rollouts have come; the controller writes the most Pods that it may have at once on each ReplicaSet. */
async function rolloutsSeen(api: KubeApi, namespace: string): Promise<readonly Seen[]> {
  const deployments = await list<WorkloadStatus>(api, namespace, '/apis/apps/v1', 'deployments');
  const replicaSets = await list<ReplicaSet>(api, namespace, '/apis/apps/v1', 'replicasets');
  return deployments
    .filter(({ metadata }) => metadata.name.startsWith('rolled-'))
    .map(({ metadata: { name }, spec, status }) => {
      const own = replicaSets.find(({ metadata }) => metadata.ownerReferences.some((owner) => owner.name === name));
      const most = Number(own?.metadata.annotations['deployment.kubernetes.io/max-replicas']);
      const unavailable = spec.replicas - (status.availableReplicas ?? 0);
      return { index: indexIn(name), surge: most - spec.replicas, unavailable, started: status.updatedReplicas ?? 0 };
    });
}

interface ReplicaSet {
  readonly metadata: {
    readonly annotations: Readonly<Record<string, string>>;
    readonly ownerReferences: readonly { readonly name: string }[];
  };
}
interface WorkloadStatus {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly replicas: number };
  readonly status: { readonly updatedReplicas?: number; readonly availableReplicas?: number };
}
interface BudgetStatus {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly expectedPods: number; readonly currentHealthy: number; readonly disruptionsAllowed: number };
}

function guardedName({ kind, replicas, barePods }: Omit<Budget, 'bound'>): string {
  return `${kind.toLowerCase()}-${replicas}-${barePods}`;
}

function barePodsOf(guarded: Omit<Budget, 'bound'>, namespace: string): JsonObject[] {
  const name = guardedName(guarded);
  return Array.from({ length: guarded.barePods }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-bare-${index}`, labels: { app: name } },
    spec: podSpec(namespace),
  }));
}

/** Several select the same Pods; each is counted by itself. */
function budgetOf({ bound, ...guarded }: Budget, name: string): JsonObject {
  const spec = { selector: { matchLabels: { app: guardedName(guarded) } }, ...bound };
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec };
}

function rolled({ replicas, maxSurge, maxUnavailable }: Rollout, name: string, namespace: string, nodeSelector: object = {}): JsonObject {
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } };
  return workload('Deployment', name, { replicas, strategy, progressDeadlineSeconds: 600 }, podSpec(namespace, nodeSelector));
}

function workload(kind: Budget['kind'], name: string, spec: object, pod: object): JsonObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: { ...spec, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
  };
}

function podSpec(namespace: string, nodeSelector: object = {}): JsonObject {
  const onNode = onFakeNodes(namespace);
  return {
    ...onNode,
    nodeSelector: { ...(onNode['nodeSelector'] as object), ...nodeSelector },
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'app', image: 'registry.example/app:1' }],
  };
}

async function apply(namespace: string, items: readonly JsonObject[]): Promise<void> {
  const { code, stderr } = await kubectl(['apply', '-n', namespace, '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  if (code !== 0) throw new Error(stderr);
}

async function list<T>(api: KubeApi, namespace: string, root: string, plural: string): Promise<readonly T[]> {
  return (await api.list(`${root}/namespaces/${namespace}/${plural}`)) as unknown as readonly T[];
}

function indexIn(name: string): number {
  return Number(name.slice(name.indexOf('-') + 1));
}

function at<T>(all: readonly T[], index: number): T {
  const found = all[index];
  if (found === undefined) throw new Error(`nothing was made with the number ${index}`);
  return found;
}
