/**
 * What the eviction API answers at the moment, as far as the status of the Pod and the count of its budget tell. Mirrors kubernetes
 * `pkg/registry/core/pod/storage/eviction.go` (`Create`, `canIgnorePDB`, `checkAndDecrement`); the same in 1.36.3 and 1.37.2.
 */
import type { PodStatus } from './pod-status.ts';
import type { BudgetCount, PodDisruptionBudget } from './surroundings.ts';

/**
 * - `over`: it has ended. kubectl asks for nothing before it deletes such a Pod.
 * - `pending`, `deleted`: it has not started on its node, or is on its way out.
 */
export const PODS_NOW = ['over', 'pending', 'deleted', 'unready', 'ready'] as const;
export type PodNow = (typeof PODS_NOW)[number];

/** @returns undefined where no API server has stored the Pod */
export function podNowOf(status: Pick<PodStatus, 'phase' | 'isDeleted' | 'conditions'> | undefined): PodNow | undefined {
  if (status === undefined || status.phase === '') return undefined;
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return 'over';
  if (status.isDeleted) return 'deleted';
  if (status.phase === 'Pending') return 'pending';
  return status.conditions.some(({ type, isTrue }) => type === 'Ready' && isTrue) ? 'ready' : 'unready';
}

/** Whether budgets have no say: the Pod serves nobody. */
export function passesOverBudgets(pod: PodNow | undefined): boolean {
  return pod === 'over' || pod === 'pending' || pod === 'deleted';
}

export interface EvictionsNow {
  /** Undefined for a Pod that is not stored yet, as for those that a template makes. */
  readonly pod: PodNow | undefined;
  /** Whether the Pod would be evicted; undefined without one, and where it is not known. */
  readonly isEvicted: boolean | undefined;
  /** What the budget has counted; undefined where it is not asked, and where nobody knows. */
  readonly count: BudgetCount | undefined;
  /** Whether Pods that are not ready are evicted; undefined where it is not known. */
  readonly evictsUnready: boolean | undefined;
}

/**
 * @param budgets that select the Pod
 * @returns undefined where there is nothing to tell beyond what is true at all times
 */
export function evictionsNowOf(pod: PodNow | undefined, budgets: readonly PodDisruptionBudget[]): EvictionsNow | undefined {
  const [budget, second] = budgets;
  if (budget === undefined) return undefined;
  if (passesOverBudgets(pod)) return { pod, isEvicted: true, count: undefined, evictsUnready: undefined };
  if (second !== undefined) return undefined;
  const { count } = budget;
  const evictsUnready = evictsUnreadyBy(budget);
  if (count === undefined && evictsUnready === undefined) return undefined;
  const allows = count && count.allowed > 0;
  return { pod, isEvicted: pod === 'unready' ? evictsUnready : pod === 'ready' ? allows : undefined, count, evictsUnready };
}

/** With `IfHealthyBudget`, one that does not need any ready Pod counts as one that has too few, and is asked as for a Pod that is ready. */
function evictsUnreadyBy({ allowsUnhealthy, count }: PodDisruptionBudget): boolean | undefined {
  if (allowsUnhealthy) return true;
  if (count === undefined) return undefined;
  const { healthy, desired, allowed } = count;
  return (desired > 0 && healthy >= desired) || allowed > 0;
}
