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

/** k8s.io/apimachinery `intstr.GetScaledValueFromIntOrPercent`, rounded up. */
function podsOf(value: number | string, expected: number): number {
  return typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * expected) / 100);
}
