/**
 * LimitRanges and quotas, against the API server: what it fills into a Pod, and whether it takes it, is what podgrace computes.
 */
import { subjectWithin } from '../../src/core/evaluation.ts';
import { parseKubernetesVersion } from '../../src/core/kubernetes-version.ts';
import { refusalsOf, usageInQuotas } from '../../src/core/namespace-limits.ts';
import type { PodSpec, ResourceRequirements } from '../../src/core/pod.ts';
import { qosClassOf } from '../../src/core/qos.ts';
import { addQuantities, compareQuantities } from '../../src/core/quantity.ts';
import { quotasThatCount } from '../../src/core/quota-scope.ts';
import { readAmount } from '../../src/core/resources.ts';
import { readSubject } from '../../src/core/subject.ts';
import { NOTHING_KNOWN, type LimitRange, type Surroundings } from '../../src/core/surroundings.ts';
import { WorkloadKinds } from '../../src/core/workload.ts';
import { readSurroundings } from './read-surroundings.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { FROM_FILE_OWNED } from '../core/subject-of.ts';
import { clusterTest, connect, eventually, makeNamespace, send, serverVersion } from './cluster.ts';

type Limits = LimitRange['limits'];

/** One LimitRange each. */
const RANGES: readonly Limits[] = [
  [{ type: 'Container', default: { memory: '256Mi' }, defaultRequest: { cpu: '100m', memory: '64Mi' } }],
  [{ type: 'Container', max: { cpu: '1', memory: '512Mi' }, min: { cpu: '50m' }, default: { cpu: '200m' } }],
  [{ type: 'Container', defaultRequest: { cpu: '100m' }, maxLimitRequestRatio: { cpu: '1500m', memory: '2' } }],
  [{ type: 'Container', default: { cpu: '100m' }, max: { memory: '1Gi' } }],
  [{ type: 'Pod', min: { cpu: '100m' }, max: { cpu: '1500m', memory: '1Gi' }, maxLimitRequestRatio: { memory: '3' } }],
];

interface Case {
  readonly main?: ResourceRequirements;
  readonly init?: ResourceRequirements;
  readonly sidecar?: ResourceRequirements;
  readonly pod?: ResourceRequirements;
}

const CASES: readonly Case[] = [
  {},
  { main: { requests: { cpu: '200m' } } },
  { main: { limits: { cpu: '1', memory: '512Mi' } } },
  { main: { limits: { cpu: '2' } } },
  { main: { requests: { cpu: '10m', memory: '1Mi' } } },
  { main: { requests: { cpu: '300m', memory: '100Mi' }, limits: { cpu: '500m', memory: '201Mi' } } },
  { main: { requests: { cpu: '300m', memory: '100Mi' }, limits: { cpu: '450m', memory: '200Mi' } } },
  { main: { requests: { memory: '100Mi' }, limits: { cpu: '1', memory: '300Mi' } }, init: { limits: { cpu: '1600m', memory: '1Mi' } } },
  { main: { limits: { cpu: '700m', memory: '100Mi' } }, sidecar: { limits: { cpu: '900m', memory: '100Mi' } } },
  { main: {}, init: {}, sidecar: { requests: { cpu: '100m' } } },
  { pod: { limits: { cpu: '1', memory: '1Gi' } } },
  { pod: { requests: { cpu: '500m', memory: '1Gi' } } },
  { pod: { requests: { cpu: '500m' }, limits: { cpu: '2' } }, main: { requests: { cpu: '100m' } } },
];

function specOf({ main, init, sidecar, pod }: Case): object {
  const container = (name: string, resources: object): object => ({ name, image: `registry.example/${name}:1`, resources });
  const initContainers = [
    ...(sidecar ? [{ ...container('sidecar', sidecar), restartPolicy: 'Always' }] : []),
    ...(init ? [container('init', init)] : []),
  ];
  return {
    automountServiceAccountToken: false,
    ...(pod && { resources: pod }),
    ...(initContainers.length > 0 && { initContainers }),
    containers: [container('main', main ?? {})],
  };
}

interface Answer {
  readonly isTaken: boolean;
  readonly qosClass?: unknown;
  readonly requests?: unknown;
}

async function create(api: KubeApi, namespace: string, spec: object): Promise<Answer> {
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'any-' }, spec };
  const { code, body: stored } = await send(api, {
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/pods`,
    query: { dryRun: 'All' },
    body,
  });
  // 422: a default limit below the request.
  if (code === 403 || code === 422) return { isTaken: false };
  const { status, spec: storedSpec } = stored as unknown as { status: { qosClass: string }; spec: PodSpec };
  return { isTaken: true, qosClass: status.qosClass, requests: resourcesOf(storedSpec) };
}

/** What no plugin looks at, and the validation of the API server refuses. */
function asksAboveLimits({ containers, initContainers }: PodSpec): boolean {
  return [...containers, ...(initContainers ?? [])].some(({ resources }) =>
    Object.entries(resources?.requests ?? {}).some(([name, request]) => {
      const limit = resources?.limits?.[name];
      return limit !== undefined && compareQuantities(readAmount(request), readAmount(limit)) > 0;
    }),
  );
}

function resourcesOf({ containers, initContainers }: PodSpec): unknown {
  return [...containers, ...(initContainers ?? [])].map(({ name, resources }) => [name, resources ?? {}]);
}

clusterTest('LimitRanges fill in and refuse what podgrace computes', async (t) => {
  const api = connect();
  const kubernetesMinor = parseKubernetesVersion(await serverVersion(api));
  if (kubernetesMinor === undefined) throw new Error('an unknown version');
  let refused = 0;
  for (const limits of RANGES) {
    const namespace = await makeNamespace(t, api);
    const path = `/api/v1/namespaces/${namespace}/limitranges`;
    await api.request({
      method: 'POST',
      path,
      body: { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'limits' }, spec: { limits } },
    });
    const { limitRanges } = await readSurroundings(api, namespace, new Set(['limitRanges']));
    if (!limitRanges.isKnown) throw new Error(limitRanges.reason);
    // What a file says and what the API server has made of it are read alike.
    const surroundings = { ...NOTHING_KNOWN, limitRanges: { isKnown: true, value: [{ name: 'limits', limits }] } } as const;
    // The plugin has the LimitRanges from a watch of its own.
    await eventually('the plugin knows the LimitRange', async () => {
      const { isTaken, requests } = await create(api, namespace, specOf({}));
      return !isTaken || JSON.stringify(requests) !== '[["main",{}]]' || limits[0]?.type === 'Pod';
    });
    for (const each of CASES) {
      const spec = specOf(each);
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'any' }, spec };
      const reading = readSubject(pod, { kinds: new WorkloadKinds(), kubernetesMinor, trust: FROM_FILE_OWNED });
      if (reading.outcome !== 'subject') throw new Error(JSON.stringify(reading));
      const { spec: filled } = subjectWithin(reading.subject, surroundings).pod;
      t.same(subjectWithin(reading.subject, { ...NOTHING_KNOWN, limitRanges }).pod.spec, filled);
      const isTaken = refusalsOf(filled, limitRanges.value, []).size === 0 && !asksAboveLimits(filled);
      const predicted = isTaken ? { isTaken, qosClass: qosClassOf(filled, kubernetesMinor), requests: resourcesOf(filled) } : { isTaken };
      if (!isTaken) refused += 1;
      t.same(await create(api, namespace, spec), predicted, JSON.stringify({ limits, each }));
    }
  }
  t.ok(refused > 10, `${refused} are refused`);
});

clusterTest('a quota refuses the Pods that podgrace says it refuses', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const hard = { 'requests.cpu': '1', 'limits.memory': '512Mi', 'requests.ephemeral-storage': '1Gi' };
  const path = `/api/v1/namespaces/${namespace}/resourcequotas`;
  await api.request({
    method: 'POST',
    path,
    body: { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'quota' }, spec: { hard } },
  });
  const readQuotas = async (): Promise<Surroundings['resourceQuotas']> =>
    (await readSurroundings(api, namespace, new Set(['resourceQuotas']))).resourceQuotas;
  const isCounted = async (cpu: string): Promise<boolean> => {
    const quotas = await readQuotas();
    return quotas.isKnown && quotas.value[0]?.used['requests.cpu'] === cpu;
  };
  await eventually('the quota has counted', () => isCounted('0'));
  const podOf = (cpu: string, memory: string): PodSpec =>
    ({
      ...specOf({ main: { requests: { cpu, memory: '1Mi' }, limits: { memory } } }),
      schedulerName: 'nobody',
    }) as unknown as PodSpec;
  const first = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'first' }, spec: podOf('600m', '256Mi') };
  await api.request({ method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, body: first });
  await eventually('the first Pod is counted', () => isCounted('600m'));
  const quotas = await readQuotas();
  if (!quotas.isKnown) throw new Error(quotas.reason);
  for (const [cpu, memory] of [
    ['400m', '256Mi'],
    ['401m', '256Mi'],
    ['400m', '257Mi'],
    ['1m', '1Mi'],
  ] as const) {
    const spec = podOf(cpu, memory);
    const { isTaken } = await create(api, namespace, spec);
    t.equal(isTaken, refusalsOf(spec, [], quotas.value).size === 0, `cpu ${cpu}, memory ${memory}`);
  }
});

clusterTest('a quota with scopes counts the Pods that podgrace says it counts', async (t) => {
  const api = connect();
  const kubernetesMinor = parseKubernetesVersion(await serverVersion(api));
  if (kubernetesMinor === undefined) throw new Error('an unknown version');
  const bestEffort = specOf({});
  const burstable = specOf({ main: { requests: { memory: '1Mi' } } });
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', namespaces: ['shop'] }] } };
  const pods = [
    bestEffort,
    burstable,
    { ...bestEffort, activeDeadlineSeconds: 60 },
    { ...burstable, priorityClassName: 'system-node-critical' },
    { ...bestEffort, affinity },
  ];
  const priority = (operator: string, values?: readonly string[]): object => ({
    scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, ...(values && { values }) }] },
  });
  const scopes = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity', 'PriorityClass'];
  const specs: readonly object[] = [
    ...scopes.map((scope) => ({ scopes: [scope], hard: { pods: '0' } })),
    { scopes: ['NotBestEffort'], hard: { 'requests.cpu': '9' } },
    { ...priority('In', ['system-node-critical']), hard: { pods: '0' } },
    { ...priority('NotIn', ['system-node-critical']), hard: { pods: '0' } },
    { ...priority('DoesNotExist'), hard: { pods: '0' } },
  ];
  let refused = 0;
  for (const spec of specs) {
    const namespace = await makeNamespace(t, api);
    const path = `/api/v1/namespaces/${namespace}/resourcequotas`;
    await api.request({ method: 'POST', path, body: { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'quota' }, spec } });
    let quotas: Surroundings['resourceQuotas'] | undefined;
    await eventually('the quota has counted', async () => {
      quotas = (await readSurroundings(api, namespace, new Set(['resourceQuotas']))).resourceQuotas;
      return quotas.isKnown && Object.keys(quotas.value[0]?.used ?? {}).length > 0;
    });
    if (quotas?.isKnown !== true) throw new Error('the quota is not known');
    for (const pod of pods as unknown as readonly PodSpec[]) {
      const isTaken = refusalsOf(pod, [], quotasThatCount(pod, quotas.value, kubernetesMinor)).size === 0;
      if (!isTaken) refused += 1;
      t.equal((await create(api, namespace, pod)).isTaken, isTaken, JSON.stringify({ spec, pod }));
    }
  }
  t.ok(refused > 10, `${refused} are refused`);
});

/** What quotas may count of Pods, and two names that the API server takes and never counts. */
const COUNTED = [
  ...['pods', 'cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'],
  ...['hugepages-2Mi', 'requests.hugepages-2Mi', 'requests.example.com/device', 'limits.example.com/device', 'example.com/device'],
];

clusterTest('a Pod counts in a quota for what podgrace says', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const runtimeClasses = '/apis/node.k8s.io/v1/runtimeclasses';
  const podFixed = { cpu: '250m', memory: '120Mi' };
  await api.request({
    method: 'POST',
    path: runtimeClasses,
    body: { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: namespace }, handler: 'any', overhead: { podFixed } },
  });
  t.teardown(() => api.request({ method: 'DELETE', path: `${runtimeClasses}/${namespace}` }));
  const path = `/api/v1/namespaces/${namespace}/resourcequotas`;
  const hard = Object.fromEntries(COUNTED.map((counted) => [counted, '100Gi']));
  await api.request({
    method: 'POST',
    path,
    body: { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'quota' }, spec: { hard } },
  });
  const usedNow = async (): Promise<Record<string, string>> => {
    const { status } = (await api.request({ method: 'GET', path: `${path}/quota` })).body as { status?: { used?: Record<string, string> } };
    return status?.used ?? {};
  };
  await eventually('the quota has counted', async () => (await usedNow())['pods'] === '0');
  const device = { 'example.com/device': '2' };
  const pages = { cpu: '1', memory: '64Mi', 'hugepages-2Mi': '4Mi' };
  const cases: readonly (Case & { readonly runtimeClassName?: string })[] = [
    { main: { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '1', memory: '64Mi' } } },
    { main: { requests: { cpu: '1', memory: '1Mi', ...device }, limits: { cpu: '1', memory: '2Mi', ...device } } },
    { main: { limits: pages }, init: { limits: { ...pages, 'hugepages-2Mi': '8Mi' } } },
    { pod: { limits: pages }, main: {} },
    { main: { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '1', memory: '64Mi' } }, runtimeClassName: namespace },
  ];
  let before = await usedNow();
  t.same(
    COUNTED.filter((counted) => before[counted] === undefined),
    COUNTED.filter((counted) => usageInQuotas({ containers: [] } as unknown as PodSpec)(counted) === undefined),
    'what is never counted',
  );
  for (const { runtimeClassName, ...parts } of cases) {
    const spec = { ...specOf(parts), schedulerName: 'nobody', ...(runtimeClassName !== undefined && { runtimeClassName }) };
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'any-' }, spec };
    const stored = (await api.request({ method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, body })).body;
    const used = await usedNow();
    for (const counted of Object.keys(used)) {
      const predicted = usageInQuotas(stored['spec'] as PodSpec)(counted);
      const total = predicted && addQuantities(readAmount(before[counted] ?? 0), predicted);
      t.equal(total && compareQuantities(total, readAmount(used[counted] ?? 0)), 0, `${counted} of ${JSON.stringify(parts)}`);
    }
    if (runtimeClassName !== undefined) t.same((stored['spec'] as { overhead?: object }).overhead, podFixed);
    before = used;
  }
});
