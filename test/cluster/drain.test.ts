/**
 * What `explain` says of a drain, against the eviction API: the Pods of each workload run on a node that takes no others, so that what is
 * evicted does not come back, and all of them are asked to leave, one after another.
 */
import type { JsonObject } from '../../src/core/json.ts';
import type { IntOrPercentage } from '../../src/core/rollout.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { parsedReport, podgrace } from '../cli/command-line.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace, send } from './cluster.ts';
import { makeFakeNode, onFakeNodes } from './proof/fake-node.ts';

interface Case {
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly replicas: number;
  readonly budgets: readonly { readonly minAvailable?: IntOrPercentage; readonly maxUnavailable?: IntOrPercentage }[];
  /** Pods without a controller under the same budgets. */
  readonly barePods?: number;
  readonly verdict: string;
}

const CASES: readonly Case[] = [
  { kind: 'Deployment', replicas: 2, budgets: [], verdict: 'unprotected' },
  { kind: 'Deployment', replicas: 3, budgets: [{ maxUnavailable: 1 }], verdict: 'paced' },
  { kind: 'Deployment', replicas: 7, budgets: [{ maxUnavailable: '34%' }], verdict: 'paced' },
  { kind: 'Deployment', replicas: 5, budgets: [{ minAvailable: '50%' }], verdict: 'paced' },
  { kind: 'Deployment', replicas: 2, budgets: [{ maxUnavailable: 5 }], verdict: 'paced' },
  { kind: 'Deployment', replicas: 3, budgets: [{ minAvailable: 3 }], verdict: 'blocked' },
  { kind: 'Deployment', replicas: 3, budgets: [{ minAvailable: '67%' }], verdict: 'blocked' },
  { kind: 'Deployment', replicas: 3, budgets: [{ maxUnavailable: 0 }], verdict: 'blocked' },
  { kind: 'Deployment', replicas: 2, barePods: 1, budgets: [{ minAvailable: 2 }], verdict: 'paced' },
  { kind: 'Deployment', replicas: 3, budgets: [{ maxUnavailable: 1 }, { maxUnavailable: 2 }], verdict: 'refused' },
  { kind: 'StatefulSet', replicas: 3, budgets: [{ minAvailable: 2 }], verdict: 'paced' },
  { kind: 'StatefulSet', replicas: 4, budgets: [{ maxUnavailable: '50%' }], verdict: 'paced' },
];

clusterTest('as many Pods may be evicted at a time as explain says', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const node = await makeFakeNode(t, api, namespace);
  if (node === undefined) return;
  await apply(
    namespace,
    CASES.flatMap((each, index) => objectsOf(each, `case-${index}`, namespace)),
  );
  await eventually(
    'all are ready, and all budgets have counted them',
    async () => {
      const counted = await Promise.all(
        CASES.map(async (each, index) => (await readyPodsOf(api, namespace, `case-${index}`)).length === podsOf(each)),
      );
      const budgets = (await api.list(`/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`)) as unknown as readonly Budget[];
      return counted.every(Boolean) && CASES.every((each, index) => isCounted(each, `case-${index}`, budgets));
    },
    120_000,
  );
  const drains = await explained<Explained>(
    namespace,
    CASES.map(({ kind }, index) => `${kind.toLowerCase()}/case-${index}`),
  );
  await kubectl(['cordon', node.name]);
  for (const [index, each] of CASES.entries()) {
    const what = `${each.kind} of ${each.replicas} under ${JSON.stringify(each.budgets)}`;
    const drain = drains[index];
    t.equal(drain?.verdict, each.verdict, what);
    const codes = await evict(api, namespace, `case-${index}`);
    t.equal(codes.filter((code) => code < 300).length, drain?.atOnce, `${what}: ${codes.join(' ')}`);
    const refusal = each.verdict === 'refused' ? 500 : 429;
    t.ok(
      codes.every((code) => code < 300 || code === refusal),
      `${what} is refused with ${refusal}: ${codes.join(' ')}`,
    );
  }
});

type Bound = Case['budgets'][number];

interface CaseNow {
  readonly what: string;
  readonly budgets: readonly (Bound & { readonly unhealthyPodEvictionPolicy?: string })[];
  /** By Pod, of three. */
  readonly pods: readonly ('ready' | 'unready' | 'pending' | 'over')[];
  /** Whether each would be evicted. */
  readonly evicted: readonly boolean[];
}

const NOW: readonly CaseNow[] = [
  { what: 'enough others', budgets: [{ maxUnavailable: 1 }], pods: ['ready', 'ready', 'unready'], evicted: [false, false, true] },
  { what: 'too few others', budgets: [{ maxUnavailable: 1 }], pods: ['ready', 'unready', 'unready'], evicted: [false, false, false] },
  {
    what: 'always',
    budgets: [{ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' }],
    pods: ['ready', 'unready', 'unready'],
    evicted: [false, true, true],
  },
  {
    what: 'none is needed',
    budgets: [{ maxUnavailable: '100%' }],
    pods: ['unready', 'unready', 'unready'],
    evicted: [false, false, false],
  },
  { what: 'one is needed less', budgets: [{ minAvailable: 1 }], pods: ['ready', 'ready', 'unready'], evicted: [true, true, true] },
  {
    what: 'several budgets, and Pods that serve nobody',
    budgets: [{ maxUnavailable: 0 }, { maxUnavailable: 0 }],
    pods: ['pending', 'over', 'pending'],
    evicted: [true, true, true],
  },
];

clusterTest('explain says of a Pod, by its state and by what its budget has counted, what the eviction API answers', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const node = await makeFakeNode(t, api, namespace);
  if (node === undefined) return;
  const nameOf = (index: number): string => `now-${index}`;
  await apply(
    namespace,
    NOW.flatMap(({ budgets, pods }, index) => {
      const objects = objectsOf({ kind: 'StatefulSet', replicas: pods.length, budgets, verdict: '' }, nameOf(index), namespace);
      // Pods in these states run on no node: kwok would begin to run them.
      const isElsewhere = pods.includes('pending');
      return isElsewhere ? [...objects.slice(1), ...pods.map((_, ordinal) => waitingPod(nameOf(index), ordinal))] : objects;
    }),
  );
  await eventually(
    'all Pods run that may',
    async () => {
      const ready = await Promise.all(NOW.map(async (_, index) => (await readyPodsOf(api, namespace, nameOf(index))).length));
      return ready.every((count, index) => count === (NOW[index]?.pods.includes('pending') ? 0 : 3));
    },
    120_000,
  );
  const all = NOW.flatMap(({ pods }, index) => pods.map((state, ordinal) => ({ state, name: `${nameOf(index)}-${ordinal}` })));
  for (const { state, name } of all) if (state === 'unready' || state === 'over') await setState(api, `${namespace}/pods/${name}`, state);
  await eventually(
    'all budgets have counted them',
    async () => {
      const budgets = (await api.list(`/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`)) as unknown as readonly Budget[];
      return NOW.every(({ pods }, index) => {
        const ready = pods.filter((state) => state === 'ready').length;
        return pods.includes('pending') || budgets.some((each) => isOfCase(each, nameOf(index)) && each.status?.currentHealthy === ready);
      });
    },
    60_000,
  );
  const drains = await explained<{ readonly now: { readonly isEvicted: boolean } | null; readonly verdict: string }>(
    namespace,
    all.map(({ name }) => `pod/${name}`),
  );
  for (const [index, { what, pods, evicted }] of NOW.entries())
    for (const [ordinal, state] of pods.entries()) {
      const drain = drains[index * 3 + ordinal];
      const isEvicted = state === 'over' ? drain?.verdict === 'unprotected' : drain?.now?.isEvicted;
      const name = `${nameOf(index)}-${ordinal}`;
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions: { dryRun: ['All'] } };
      const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
      const { code } = await send(api, { method: 'POST', path, body, query: { dryRun: 'All' } });
      t.equal(code < 300, evicted[ordinal], `${what}: ${state} is answered with ${code}`);
      t.equal(isEvicted, code < 300, `${what}: ${state} is explained so`);
    }
});

function isOfCase({ metadata }: Budget, name: string): boolean {
  return metadata.name.startsWith(`${name}-`);
}

function waitingPod(name: string, ordinal: number): JsonObject {
  const spec = { nodeSelector: { none: 'such' }, containers: [{ name: 'app', image: 'registry.example/app:1' }] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: `${name}-${ordinal}`, labels: { app: name } }, spec };
}

async function setState(api: KubeApi, pod: string, state: 'unready' | 'over'): Promise<void> {
  const status = state === 'over' ? { phase: 'Failed' } : { conditions: [{ type: 'Ready', status: 'False' }] };
  await api.request({
    method: 'PATCH',
    path: `/api/v1/namespaces/${pod}/status`,
    patchType: 'application/strategic-merge-patch+json',
    body: { status },
  });
}

interface Budget {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly currentHealthy: number };
}

function podsOf({ replicas, barePods = 0 }: Case): number {
  return replicas + barePods;
}

interface Explained {
  readonly verdict: string;
  readonly atOnce: number | null;
}

/** The section `drain` of each object. */
async function explained<Drain>(namespace: string, names: readonly string[]): Promise<readonly (Drain | null)[]> {
  const { KUBECONFIG: kubeconfig = '' } = process.env;
  const { stdout } = await podgrace(['explain', ...names, '-n', namespace, '--kubeconfig', kubeconfig, '-o', 'json']);
  return (parsedReport('explain', stdout) as { results: readonly { drain: Drain | null }[] }).results.map(({ drain }) => drain);
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

async function readyPodsOf(api: KubeApi, namespace: string, name: string): Promise<readonly string[]> {
  const all = (await api.list(`/api/v1/namespaces/${namespace}/pods`, { labelSelector: `app=${name}` })) as unknown as readonly Pod[];
  const ready = all.filter(({ status }) => status.conditions?.some((each) => each.type === 'Ready' && each.status === 'True'));
  return ready.map(({ metadata }) => metadata.name);
}

/** @returns the code of each answer */
async function evict(api: KubeApi, namespace: string, name: string): Promise<readonly number[]> {
  const codes: number[] = [];
  for (const pod of await readyPodsOf(api, namespace, name)) {
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } };
    codes.push((await send(api, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`, body })).code);
  }
  return codes;
}

function objectsOf({ kind, replicas, budgets, barePods = 0 }: Case, name: string, namespace: string): JsonObject[] {
  const labels = { app: name };
  const spec = { ...onFakeNodes(namespace), containers: [{ name: 'app', image: 'registry.example/app:1' }] };
  const template = { metadata: { labels }, spec };
  const shared = { replicas, selector: { matchLabels: labels }, template };
  const isNumbered = kind === 'StatefulSet';
  return [
    { apiVersion: 'apps/v1', kind, metadata: { name }, spec: { ...shared, ...(isNumbered && { podManagementPolicy: 'Parallel' }) } },
    ...budgets.map((bound, index) => ({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: `${name}-${index}` },
      spec: { selector: { matchLabels: labels }, ...bound },
    })),
    ...Array.from({ length: barePods }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${name}-bare-${index}`, labels },
      spec,
    })),
  ];
}

/** Of several budgets for the same Pods, the controller counts one, and chooses which (`getPdbForPod`). */
function isCounted(each: Case, name: string, budgets: readonly Budget[]): boolean {
  if (each.budgets.length === 0) return true;
  return budgets.some(({ metadata, status }) => metadata.name.startsWith(`${name}-`) && status?.currentHealthy === podsOf(each));
}

async function apply(namespace: string, items: readonly JsonObject[]): Promise<void> {
  const { code, stderr } = await kubectl(['apply', '-n', namespace, '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  if (code !== 0) throw new Error(stderr);
}
