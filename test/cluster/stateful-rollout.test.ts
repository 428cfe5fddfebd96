/**
 * What podgrace says of the rollouts of StatefulSets, against their controller: which Pods it stops at once, which it starts, and who
 * has to delete a Pod that never gets ready.
 */
import type { Test } from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import type { KubernetesMinor } from '../../src/core/kubernetes-version.ts';
import { readWorkload, rolloutOf, type IntOrPercentage, type Rollout } from '../../src/core/rollout.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace, serverVersion } from './cluster.ts';
import { makeFakeNode, onFakeNodes } from './proof/fake-node.ts';

interface Set {
  readonly name: string;
  readonly podManagementPolicy: 'OrderedReady' | 'Parallel';
  readonly replicas: number;
  readonly rollingUpdate: { readonly partition?: number; readonly maxUnavailable?: IntOrPercentage };
}

const SETS: readonly Set[] = (['OrderedReady', 'Parallel'] as const).flatMap((podManagementPolicy) =>
  [
    { replicas: 3, rollingUpdate: {} },
    { replicas: 4, rollingUpdate: { partition: 3 } },
    { replicas: 5, rollingUpdate: { maxUnavailable: '50%' } },
    { replicas: 4, rollingUpdate: { maxUnavailable: 3, partition: 2 } },
    { replicas: 3, rollingUpdate: { maxUnavailable: '10%' } },
  ].map((set, index) => ({ ...set, podManagementPolicy, name: `${podManagementPolicy.toLowerCase()}-${index}` })),
);

clusterTest('a StatefulSet stops and starts as many Pods as podgrace says, and a broken one waits for whom it says', async (t) => {
  const api = connect();
  const minor = Number((await serverVersion(api)).slice('1.'.length));
  const namespace = await makeNamespace(t, api);
  const node = await makeFakeNode(t, api, namespace);
  if (node === undefined) return;
  await apply(namespace, { image: 'app:1' });
  await eventually('every Pod is available', async () => {
    const sets = await statusesOf(api, namespace);
    return sets.length === SETS.length && sets.every(({ spec, status }) => status.availableReplicas === spec.replicas);
  });

  // The new Pods fit no node, so each rollout goes as far as it may without them, and stays there.
  await apply(namespace, { image: 'app:2', nodeSelector: { 'podgrace.dev/nowhere': 'yes' } });
  const foretold = SETS.map((set) => stuckAt(set, rolloutIn(minor, set)));
  await comparesWhenSettled(t, api, { namespace, foretold, what: 'stuck' });

  // Mended: who starts one Pod after another does not come so far, as its broken Pod is not ready.
  await apply(namespace, { image: 'app:3' });
  await comparesWhenSettled(t, api, {
    namespace,
    foretold: SETS.map((set, index) => (rolloutIn(minor, set).isOrdered ? (foretold[index] ?? '') : mended(set))),
    what: 'mended',
  });
  const broken = SETS.flatMap((set) => {
    const { isOrdered, replicas, leastAvailable } = rolloutIn(minor, set);
    return isOrdered && leastAvailable < replicas ? [`pod/${set.name}-${leastAvailable}`] : [];
  });
  await kubectl(['delete', '-n', namespace, '--wait=false', ...broken]);
  await comparesWhenSettled(t, api, { namespace, foretold: SETS.map(mended), what: 'mended by hand' });
});

function rolloutIn(minor: KubernetesMinor, set: Set): Rollout {
  const { workload } = readWorkload(statefulSet(set, 'any', {}), { group: 'apps', kind: 'StatefulSet' }, minor);
  const rollout = workload && rolloutOf(workload);
  if (rollout === undefined) throw new Error(`${set.name} is not rolled out`);
  return rollout;
}

/** Old Pods run, and new ones wait. */
function stuckAt({ replicas }: Set, { leastAvailable, isOrdered }: Rollout): string {
  const stopped = numbers(leastAvailable, replicas);
  const waiting = isOrdered ? stopped.slice(0, 1) : stopped;
  return seenText({ running: withImage(numbers(0, leastAvailable), 'app:1'), waiting: withImage(waiting, 'app:2') });
}

function mended({ replicas, rollingUpdate: { partition = 0 } }: Set): string {
  const running = [...withImage(numbers(0, partition), 'app:1'), ...withImage(numbers(partition, replicas), 'app:3')];
  return seenText({ running, waiting: [] });
}

interface NumberedPod {
  readonly number: number;
  readonly image: string;
}

function withImage(pods: readonly number[], image: string): NumberedPod[] {
  return pods.map((number) => ({ number, image }));
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function seenText({ running, waiting }: { readonly running: readonly NumberedPod[]; readonly waiting: readonly NumberedPod[] }): string {
  const listed = (pods: readonly NumberedPod[]): string => pods.map(({ number, image }) => `${number} ${image}`).join(', ');
  return `running: ${listed(running)}; waiting: ${listed(waiting)}`;
}

interface Expected {
  readonly namespace: string;
  /** By the place in `SETS`. */
  readonly foretold: readonly string[];
  readonly what: string;
}

/** What does not come about is said with its numbers; what does has to stay so while the controller looks once more. */
async function comparesWhenSettled(t: Test, api: KubeApi, { namespace, foretold, what }: Expected): Promise<void> {
  const isForetold = async (): Promise<boolean> => (await podsSeen(api, namespace)).join('; ') === foretold.join('; ');
  await eventually(`${what}: every rollout is where it stays`, isForetold, 20_000).catch(() => undefined);
  for (const { metadata, spec } of await statusesOf(api, namespace)) {
    await api.request({
      method: 'PATCH',
      path: `/apis/apps/v1/namespaces/${namespace}/statefulsets/${metadata.name}`,
      patchType: 'application/merge-patch+json',
      body: { spec: { revisionHistoryLimit: spec.revisionHistoryLimit + 1 } },
    });
  }
  await eventually(`${what}: the controller has looked once more`, async () =>
    (await statusesOf(api, namespace)).every(({ metadata, status }) => status.observedGeneration === metadata.generation),
  );
  const seen = await podsSeen(api, namespace);
  for (const [index, { name, ...set }] of SETS.entries()) t.equal(seen[index], foretold[index], `${what}: ${name} ${JSON.stringify(set)}`);
}

interface StatusOfSet {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly spec: { readonly replicas: number; readonly revisionHistoryLimit: number };
  readonly status: { readonly availableReplicas?: number; readonly observedGeneration?: number };
}
interface PodSeen {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

async function statusesOf(api: KubeApi, namespace: string): Promise<readonly StatusOfSet[]> {
  return (await api.list(`/apis/apps/v1/namespaces/${namespace}/statefulsets`)) as unknown as readonly StatusOfSet[];
}

async function podsSeen(api: KubeApi, namespace: string): Promise<string[]> {
  const pods = (await api.list(`/api/v1/namespaces/${namespace}/pods`)) as unknown as readonly PodSeen[];
  return SETS.map(({ name }) => {
    const own = pods.filter(({ metadata }) => metadata.name.startsWith(`${name}-`) && metadata.deletionTimestamp === undefined);
    const numbered = own.map(({ metadata, spec, status }) => ({
      number: Number(metadata.name.slice(name.length + 1)),
      image: spec.containers.map(({ image }) => image).join(),
      isReady: status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true,
    }));
    const listed = (isReady: boolean): NumberedPod[] =>
      numbered.filter((pod) => pod.isReady === isReady).toSorted((a, b) => a.number - b.number);
    return seenText({ running: listed(true), waiting: listed(false) });
  });
}

interface Version {
  readonly image: string;
  readonly nodeSelector?: object;
}

async function apply(namespace: string, version: Version): Promise<void> {
  const items = SETS.map((set) => statefulSet(set, namespace, version));
  const { code, stderr } = await kubectl(['apply', '-n', namespace, '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  if (code !== 0) throw new Error(stderr);
}

function statefulSet(
  { name, replicas, podManagementPolicy, rollingUpdate }: Set,
  namespace: string,
  { image = 'app:1', nodeSelector = {} }: Partial<Version>,
): JsonObject {
  const labels = { app: name };
  const onNode = onFakeNodes(namespace);
  const pod = {
    ...onNode,
    nodeSelector: { ...(onNode['nodeSelector'] as object), ...nodeSelector },
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'app', image }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name },
    spec: {
      replicas,
      podManagementPolicy,
      serviceName: name,
      selector: { matchLabels: labels },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate },
      template: { metadata: { labels }, spec: pod },
    },
  };
}
