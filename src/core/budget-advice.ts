/** A budget that allows no eviction, in the words of a finding, and what helps. */
import type { CountedPods } from './budgeted-pods.ts';
import { allowsNothingByItself, replicasToAllowOne } from './disruption.ts';
import { listed } from './shortened.ts';
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
export function orMoreReplicas(budget: PodDisruptionBudget, { replicas, barePods }: CountedPods): string {
  const needed = allowsNothingByItself(budget) ? undefined : replicasToAllowOne(budget, replicas, barePods);
  return needed === undefined ? '' : `, or at least ${counted(needed, 'replica')}`;
}

/** The other way out for a budget that keeps all Pods. Bare Pods alone need no budget; replicas that an autoscaler decides nobody can set. */
export function otherwiseFor(
  budget: PodDisruptionBudget,
  { replicas, barePods, isSomeScaled }: CountedPods & { readonly isSomeScaled: boolean },
): string {
  if (replicas === 0) return ', or remove the budget';
  if (isSomeScaled) return '';
  const orReplicas = orMoreReplicas(budget, { replicas: 0, barePods });
  return orReplicas === '' || barePods === 0 ? orReplicas : `${orReplicas} besides ${counted(barePods, 'Pod')} without a controller`;
}

/** `1 Pod`, `2 Pods`. */
export function counted(count: number, what: 'replica' | 'Pod'): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

/** `Deployment web and 2 more`. */
export function namesOf(workloads: readonly KnownWorkload[]): string {
  const names = workloads.map(({ kind, name }) => `${kind} ${name}`);
  return listed(names, 1);
}
