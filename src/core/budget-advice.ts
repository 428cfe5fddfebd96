/** What helps where a budget allows no eviction, in the words of a fix. */
import { allowsNothingByItself, replicasToAllowOne } from './disruption.ts';
import type { KnownWorkload, PodDisruptionBudget } from './surroundings.ts';

/**
 * The bound to set instead.
 *
 * @param selected what the budget counts
 * @param uncounted what of it keeps the controller from counting replicas: then only a number of Pods works
 */
export function boundThatAllowsOne(selected: readonly KnownWorkload[], uncounted: KnownWorkload | undefined): string {
  if (uncounted === undefined) return '`maxUnavailable: 1`';
  if (uncounted.kind !== 'Pod') return '`minAvailable` to a number of Pods';
  return `\`minAvailable: ${selected.filter(({ kind }) => kind === 'Pod').length - 1}\``;
}

/** The other way out: more replicas; none where no number of them is enough. */
export function orMoreReplicas(budget: PodDisruptionBudget, { replicas, barePods }: { replicas: number; barePods: number }): string {
  const needed = allowsNothingByItself(budget) ? undefined : replicasToAllowOne(budget, replicas, barePods);
  return needed === undefined ? '' : `, or at least ${counted(needed, 'replica')}`;
}

/** `1 Pod`, `2 Pods`. */
export function counted(count: number, what: 'replica' | 'Pod'): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
