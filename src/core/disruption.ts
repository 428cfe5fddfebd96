/** The number of Pods that a PodDisruptionBudget allows to be evicted. */
import type { PodDisruptionBudget } from './surroundings.ts';

/**
 * How many evictions a budget allows at once where every Pod is healthy. Mirrors kubernetes
 * `pkg/controller/disruption/disruption.go` (`getExpectedPodCount`, `updatePdbStatus`): percentages of both bounds round up. With
 * neither bound the controller expects no Pod at all, and allows no eviction.
 *
 * @param replicas of the workloads that the budget selects
 * @param barePods Pods without a controller that it selects; they are healthy, but only a number of Pods (`minAvailable: 2`) expects them
 */
export function allowedDisruptionsOf(budget: PodDisruptionBudget, replicas: number, barePods = 0): number {
  const { minAvailable, maxUnavailable } = budget;
  const expected = isCountedByScale(budget) ? replicas : replicas + barePods;
  if (expected === 0) return 0;
  const healthy = replicas + barePods;
  if (maxUnavailable != null) return healthy - Math.max(0, expected - podsOf(maxUnavailable, expected));
  return minAvailable == null ? 0 : Math.max(0, healthy - podsOf(minAvailable, expected));
}

/** What the budget keeps, in words: `maxUnavailable 1`. */
export function boundOf({ minAvailable, maxUnavailable }: PodDisruptionBudget): string {
  if (maxUnavailable != null) return `maxUnavailable ${maxUnavailable}`;
  return minAvailable == null ? NO_BOUND : `minAvailable ${minAvailable}`;
}

export const NO_BOUND = 'neither minAvailable nor maxUnavailable';

/** `replicas` is an int32. */
export const MOST_REPLICAS = 2 ** 31 - 1;

/**
 * How many replicas a workload needs so that the budget allows an eviction. More replicas never allow less.
 *
 * @param others replicas of other workloads that the budget selects
 * @returns undefined where no number is enough
 */
export function replicasToAllowOne(budget: PodDisruptionBudget, others = 0, barePods = 0): number | undefined {
  const isEnough = (replicas: number): boolean => allowedDisruptionsOf(budget, replicas + others, barePods) > 0;
  if (!isEnough(MOST_REPLICAS)) return undefined;
  let [tooFew, enough] = [0, MOST_REPLICAS];
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (isEnough(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

/** Of a number of Pods that have to be there, the replicas decide; half an object may get its bounds elsewhere. */
function isDecidedByItself({ minAvailable, maxUnavailable, selector }: PodDisruptionBudget): boolean {
  if (maxUnavailable == null && minAvailable == null) return selector != null;
  return maxUnavailable != null || typeof minAvailable !== 'number';
}

/** Whether no number of replicas, for which 1000 stands, makes the budget allow an eviction. */
export function allowsNothingByItself(budget: PodDisruptionBudget): boolean {
  return isDecidedByItself(budget) && allowedDisruptionsOf(budget, 1000) === 0;
}

/** Whether the budget is a percentage of the replicas, or says how many of them may be missing. */
export function isCountedByScale({ minAvailable, maxUnavailable }: PodDisruptionBudget): boolean {
  return maxUnavailable != null || typeof minAvailable === 'string';
}

/**
 * Whether the controller can tell how many Pods a workload asks for, which it needs to know for percentages and for `maxUnavailable`.
 * DaemonSets and Jobs have no subresource `scale`; the whole budget then fails to be computed, and allows nothing
 * (`getScaleController`, `failSafe`). A Pod without a controller counts for nothing, so that a budget for such Pods alone allows
 * nothing either.
 */
export function countsByScale(kind: string): boolean {
  return !UNCOUNTED.has(kind);
}

const UNCOUNTED: ReadonlySet<string> = new Set(['DaemonSet', 'Job', 'CronJob', 'Pod']);

/** k8s.io/apimachinery `intstr.GetScaledValueFromIntOrPercent`, rounded up. */
function podsOf(value: number | string, expected: number): number {
  return typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * expected) / 100);
}
