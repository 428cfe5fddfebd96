/**
 * What podgrace says that budgets allow whose Pods have several owners, or owners of kinds that cannot be counted, against the disruption
 * controller: the workloads are read as `explain` reads them.
 */
import { effectOnPodsOf, type BudgetEffect } from '../../src/core/effect-on-pods.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { asNumber, asObject, metadataOf } from '../../src/core/json-reading.ts';
import type { IntOrPercentage } from '../../src/core/rollout.ts';
import { NOTHING_KNOWN, type Surrounding } from '../../src/core/surroundings.ts';
import { WorkloadKinds } from '../../src/core/workload.ts';
import { SurroundingsOfNamespaces } from '../../src/kube/commands/surroundings-of-namespace.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace } from './cluster.ts';
import { makeFakeNode, onFakeNodes } from './proof/fake-node.ts';

type Kind = 'Deployment' | 'StatefulSet' | 'ReplicaSet' | 'ReplicationController' | 'DaemonSet' | 'Job' | 'Pod';
type Owner = readonly [kind: Kind, replicas: number];

interface Case {
  readonly owners: readonly Owner[];
  readonly bound: { readonly minAvailable: IntOrPercentage } | { readonly maxUnavailable: IntOrPercentage };
}

const BOUNDS: readonly Case['bound'][] = [
  { maxUnavailable: '20%' },
  { minAvailable: '75%' },
  { minAvailable: '100%' },
  { minAvailable: 3 },
  { maxUnavailable: 0 },
];
const OWNERS: readonly (readonly Owner[])[] = [
  [
    ['Deployment', 3],
    ['Deployment', 2],
  ],
  [
    ['Deployment', 3],
    ['StatefulSet', 1],
  ],
  [
    ['Deployment', 2],
    ['Deployment', 0],
  ],
  [['ReplicationController', 2]],
  [
    ['ReplicaSet', 1],
    ['Pod', 1],
    ['Pod', 1],
  ],
  [
    ['Deployment', 3],
    ['DaemonSet', 1],
  ],
  // It has ended when the budget is counted.
  [
    ['Deployment', 3],
    ['Job', 1],
  ],
];
const CASES: readonly Case[] = OWNERS.flatMap((owners) => BOUNDS.map((bound) => ({ owners, bound })));

clusterTest('budgets over several owners, and over some that nobody can count, allow what podgrace says', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const node = await makeFakeNode(t, api, namespace);
  if (node === undefined) return;
  const items = OWNERS.flatMap((owners, group) => owners.map((owner, index) => ownerNamed(`group-${group}`, owner, index, namespace)));
  const budgets = CASES.map(({ owners, bound }, index) => budgetOf(`group-${OWNERS.indexOf(owners)}`, bound, `budget-${index}`));
  const { code, stderr } = await kubectl(['apply', '-n', namespace, '-f', '-'], {
    apiVersion: 'v1',
    kind: 'List',
    items: [...items, ...budgets],
  });
  if (code !== 0) throw new Error(stderr);

  await eventually('all Pods are ready, or have ended', async () => {
    const pods = await api.list(`/api/v1/namespaces/${namespace}/pods`);
    return pods.length === OWNERS.flat().reduce((sum, [, replicas]) => sum + replicas, 0) && pods.every(isSettled);
  });
  const needs: ReadonlySet<Surrounding> = new Set(Object.keys(NOTHING_KNOWN) as Surrounding[]);
  const readers = { needs, kinds: new WorkloadKinds(), kubernetesMinor: 36 };
  const surroundings = await new SurroundingsOfNamespaces(api, readers, () => undefined).aroundCompanion(namespace);

  const path = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
  const compared = async (): Promise<readonly (readonly [said: number | string, seen: number, of: string])[]> =>
    (await api.list(path)).map((object) => {
      const effect = effectOnPodsOf({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', ...object }, surroundings);
      const { owners, bound } = CASES[Number(String(metadataOf(object)['name']).slice('budget-'.length))] ?? {};
      const of = `${JSON.stringify(bound)} of ${JSON.stringify(owners)}`;
      const said = effect?.by === 'budget' ? saidOf(effect.budget) : 'no budget';
      return [said, asNumber(asObject(object['status'])['disruptionsAllowed']), of] as const;
    });
  // What does not come about is said below, with its numbers.
  await eventually('all is as foretold', async () => (await compared()).every(([said, seen]) => said === seen), 20_000).catch(
    () => undefined,
  );
  const all = await compared();
  t.equal(all.length, CASES.length);
  for (const [said, seen, of] of all) t.equal(said, seen, of);
});

function saidOf({ uncounted, evictions, count }: BudgetEffect): number | string {
  if (uncounted !== undefined) return 0;
  const [first, second] = evictions;
  // How many Pods a DaemonSet has, nobody knows beforehand: then what the controller has counted is said.
  if (first === undefined) return count?.allowed ?? 'unknown';
  return second === undefined ? first.allowed : 'several';
}

function isSettled({ status }: JsonObject): boolean {
  const { phase, conditions } = asObject(status);
  const isReady = (condition: unknown): boolean => asObject(condition)['type'] === 'Ready' && asObject(condition)['status'] === 'True';
  return phase === 'Succeeded' || (Array.isArray(conditions) && conditions.some(isReady));
}

function ownerNamed(group: string, [kind, replicas]: Owner, index: number, namespace: string): JsonObject {
  const name = `${group}-${index}`;
  const labels = { group, owner: name };
  const spec = {
    ...onFakeNodes(namespace),
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'app', image: 'registry.example/app:1' }],
  };
  const template = { metadata: { labels }, spec };
  const metadata = { name, labels };
  switch (kind) {
    case 'Pod':
      return { apiVersion: 'v1', kind, metadata, spec };
    case 'Job':
      return { apiVersion: 'batch/v1', kind, metadata, spec: { template: { ...template, spec: { ...spec, restartPolicy: 'Never' } } } };
    case 'ReplicationController':
      return { apiVersion: 'v1', kind, metadata, spec: { replicas, selector: labels, template } };
    case 'DaemonSet':
      return { apiVersion: 'apps/v1', kind, metadata, spec: { selector: { matchLabels: labels }, template } };
    default:
      return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas, selector: { matchLabels: labels }, template } };
  }
}

function budgetOf(group: string, bound: Case['bound'], name: string): JsonObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name },
    spec: { selector: { matchLabels: { group } }, ...bound },
  };
}
