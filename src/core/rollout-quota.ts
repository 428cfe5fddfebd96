/** What a rollout needs beyond the Pods that run, and whether the ResourceQuotas of the namespace leave room for it. */
import { podUsage, usageInQuotas } from './namespace-limits.ts';
import { countsPodsOf } from './quota-scope.ts';
import { addQuantities, compareQuantities, maxQuantity, subtractQuantities, ZERO, type Quantity } from './quantity.ts';
import { readAmount } from './resources.ts';
import type { Rollout, Workload } from './rollout.ts';
import type { Subject } from './subject.ts';
import type { Known, ResourceQuota } from './surroundings.ts';

/** What a quota counts of which there is too little for one Pod more. */
export interface QuotaShortage {
  readonly quota: string;
  /** As the quota names it: `pods`, `requests.cpu`. */
  readonly counted: string;
  /** What is left, 0 where more is used than allowed. */
  readonly left: Quantity;
  /** What one Pod needs. */
  readonly needed: Quantity;
  /** What the quota would have to allow. */
  readonly enough: Quantity;
}

/** The Pods that a template makes. */
type PodsOfTemplate = Pick<Subject, 'pod' | 'kubernetesMinor'>;

/**
 * The first shortage that keeps a workload from one Pod beside those that run. What its controller has counted may lack the workload's
 * own Pods, as that of a quota in a file does: they count, too, whatever else runs. Where a rollout is on, the Pods that it has started
 * beyond the replicas are counted as well, and gone when it ends: they are taken for Pods of this spec.
 *
 * @param workload no replicas for kinds without
 */
export function quotaShortageOf(
  { pod: { spec }, kubernetesMinor }: PodsOfTemplate,
  { replicas, currentReplicas }: Pick<Workload, 'replicas' | 'currentReplicas'>,
  quotas: Iterable<ResourceQuota>,
): QuotaShortage | undefined {
  const surplus = replicas === undefined ? 0 : Math.max(0, (currentReplicas ?? 0) - replicas);
  const usageOf = usageInQuotas(spec);
  for (const quota of quotas) {
    if (!countsPodsOf(spec, quota, kubernetesMinor)) continue;
    const { name, hard, used } = quota;
    for (const [counted, text] of Object.entries(hard)) {
      const needed = usageOf(counted);
      if (needed === undefined || needed.nano <= 0n) continue;
      const own = times(needed, replicas ?? 0);
      const taken = maxQuantity(own, subtractQuantities(readAmount(used[counted] ?? 0), times(needed, surplus)));
      const left = subtractQuantities(readAmount(text), taken);
      if (compareQuantities(left, needed) >= 0) continue;
      return { quota: name, counted, left: maxQuantity(ZERO, left), needed, enough: addQuantities(needed, taken) };
    }
  }
  return undefined;
}

/** The Pods that a rollout starts before it has stopped as many. */
export interface RolloutSurge {
  readonly pods: number;
  /** Of all of these Pods together, by the name of the resource. */
  readonly requests: ReadonlyMap<string, Quantity>;
  readonly limits: ReadonlyMap<string, Quantity>;
  /** The names of the quotas that count them; undefined where nobody knows the quotas. */
  readonly quotas: readonly string[] | undefined;
  /** What is missing for the first one of them. */
  readonly shortage: QuotaShortage | undefined;
  /** Whether the rollout never begins because of that: it stops no Pod before a new one is available. */
  readonly isStuck: boolean;
}

/** @returns undefined for a rollout that never has more Pods than replicas */
export function surgeOf(
  { pod, workload, kubernetesMinor }: Pick<Subject, 'pod' | 'workload' | 'kubernetesMinor'>,
  { replicas, mostPods, leastAvailable }: Rollout,
  resourceQuotas: Known<readonly ResourceQuota[]>,
): RolloutSurge | undefined {
  const pods = mostPods - replicas;
  if (pods === 0) return undefined;
  const { spec } = pod;
  const counting = resourceQuotas.isKnown ? resourceQuotas.value.filter((quota) => countsPodsOf(spec, quota, kubernetesMinor)) : undefined;
  const shortage =
    counting && quotaShortageOf({ pod, kubernetesMinor }, { replicas, currentReplicas: workload?.currentReplicas }, counting);
  return {
    pods,
    requests: ofAll(podUsage(spec, 'requests'), pods),
    limits: ofAll(podUsage(spec, 'limits'), pods),
    quotas: counting?.map(({ name }) => name),
    shortage,
    isStuck: shortage !== undefined && leastAvailable === replicas,
  };
}

function ofAll(amounts: ReadonlyMap<string, Quantity>, pods: number): Map<string, Quantity> {
  return new Map([...amounts].map(([resource, amount]) => [resource, times(amount, pods)]));
}

function times(amount: Quantity, count: number): Quantity {
  return { ...amount, nano: amount.nano * BigInt(count) };
}
