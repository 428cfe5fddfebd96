/** Which Pods a PodDisruptionBudget selects and counts, of the workloads that are known around it. */
import { countsByScale } from './disruption.ts';
import type { Maybe } from './pod.ts';
import {
  autoscalerOf,
  selectsPods,
  startsFromNone,
  type Autoscaler,
  type KnownWorkload,
  type PodDisruptionBudget,
  type Surroundings,
} from './surroundings.ts';
import type { Work } from './work.ts';

/** A workload whose labels or name are compared takes a fraction of what a container takes. */
export const COMPARED_PER_STEP = 16;

/** All workloads whose Pods the budget selects; none where nobody knows the workloads. */
export function workloadsSelectedBy({ selector }: PodDisruptionBudget, { workloads }: Surroundings, work: Work): readonly KnownWorkload[] {
  return workloads.isKnown ? [...work.each(workloads.value.workloads)].filter(({ labels }) => selectsPods(selector, labels)) : [];
}

/** The budgets that select Pods with these labels. */
export function budgetsThatSelect(
  labels: Maybe<Readonly<Record<string, string>>>,
  budgets: readonly PodDisruptionBudget[],
  work: Pick<Work, 'each'>,
): readonly PodDisruptionBudget[] {
  const found: PodDisruptionBudget[] = [];
  for (const budget of work.each(budgets)) if (selectsPods(budget.selector, labels ?? {})) found.push(budget);
  return found;
}

/** Pods that run once are over before a drain waits for them; they count where nothing else does. */
export function lastingOf(selected: readonly KnownWorkload[]): readonly KnownWorkload[] {
  const lasting = selected.filter(({ runsOnce }) => !runsOnce);
  return lasting.length === 0 ? selected : lasting;
}

/**
 * What keeps the controller from counting; Pods without a controller are passed over where there are replicas, or may be some that
 * nobody knows of.
 *
 * @param counting what the budget counts (`lastingOf`)
 */
export function uncountedOf(counting: readonly KnownWorkload[], surroundings: Surroundings, work: Work): KnownWorkload | undefined {
  const uncounted = counting.filter(({ kind }) => !countsByScale(kind));
  const hasReplicas = counting.some((workload) => countsByScale(workload.kind) && mostReplicasOf(workload, surroundings, work) !== 0);
  return uncounted.find(({ kind }) => kind !== 'Pod') ?? (hasReplicas || !knowsAllWorkloads(surroundings) ? undefined : uncounted[0]);
}

/** Whether no workload is there that nobody knows of. */
export function knowsAllWorkloads({ workloads }: Pick<Surroundings, 'workloads'>): boolean {
  return workloads.isKnown && workloads.value.isComplete;
}

export interface CountedPods {
  /** At the most, where an autoscaler decides. */
  readonly replicas: number;
  /** Pods without a controller. */
  readonly barePods: number;
}

export interface PodsOfWorkloads extends CountedPods {
  /** The workloads that have Pods at all. */
  readonly present: readonly KnownWorkload[];
}

/**
 * The most Pods that all these workloads have together.
 *
 * @returns undefined where nobody knows how many a workload has
 */
export function mostPodsOf(counting: readonly KnownWorkload[], surroundings: Surroundings, work: Work): PodsOfWorkloads | undefined {
  let [replicas, barePods] = [0, 0];
  const present: KnownWorkload[] = [];
  for (const workload of counting) {
    const most = workload.kind === 'Pod' ? 1 : mostReplicasOf(workload, surroundings, work);
    if (most === undefined) return undefined;
    if (most > 0) present.push(workload);
    if (workload.kind === 'Pod') barePods += 1;
    else replicas += most;
  }
  return { replicas, barePods, present };
}

/** Of a workload that is scaled, the fewest replicas are a matter of its autoscaler (message `autoscalerTooLow` of the rule). */
function mostReplicasOf(workload: KnownWorkload, surroundings: Surroundings, work: Work): number | undefined {
  const { replicas, hasEnded = false } = workload;
  if (hasEnded) return 0;
  if (replicas === undefined) return undefined;
  const autoscaler = countedScalerOf(workload, surroundings, work);
  if (replicas === 0 && (autoscaler === undefined || !startsFromNone(autoscaler))) return 0;
  return Math.max(1, autoscaler?.maxReplicas ?? replicas);
}

/** Whether an autoscaler decides how many replicas one of many workloads has. */
export function isAnyScaled(workloads: readonly KnownWorkload[], surroundings: Surroundings, work: Work): boolean {
  return workloads.some((workload) => countedScalerOf(workload, surroundings, work) !== undefined);
}

/** For one of many workloads. */
function countedScalerOf(workload: KnownWorkload, { autoscalers }: Surroundings, work: Work): Autoscaler | undefined {
  if (!autoscalers.isKnown) return undefined;
  work.spend(Math.ceil(autoscalers.value.length / COMPARED_PER_STEP));
  return autoscalerOf(workload, autoscalers.value);
}
