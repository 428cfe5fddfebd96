/** The number of Pods that a PodDisruptionBudget allows to be evicted. */
import type { PodDisruptionBudget } from './surroundings.ts';

/**
 * How many evictions a budget allows at once where every expected Pod is healthy. Mirrors kubernetes
 * `pkg/controller/disruption/disruption.go` (`getExpectedPodCount`, `updatePdbStatus`): percentages of both bounds round up. With
 * neither bound the controller expects no Pod at all, and allows no eviction.
 *
 * @param expected the replicas of the workloads that the budget selects
 */
export function allowedDisruptionsOf({ minAvailable, maxUnavailable }: PodDisruptionBudget, expected: number): number {
  if (maxUnavailable != null) return Math.min(podsOf(maxUnavailable, expected), expected);
  return minAvailable == null ? 0 : Math.max(0, expected - podsOf(minAvailable, expected));
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
