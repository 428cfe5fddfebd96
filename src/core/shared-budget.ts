/** What a budget counts besides one workload: others that share its Pods' labels, as a canary does, and Pods without a controller. */
import { countsByScale, isCountedByScale, MOST_REPLICAS } from './disruption.ts';
import type { Workload } from './rollout.ts';
import {
  isScaledBy,
  othersThan,
  selectsPods,
  startsFromNone,
  type KnownWorkload,
  type PodDisruptionBudget,
  type Surroundings,
} from './surroundings.ts';
import type { Work } from './work.ts';

/** The workload that is not counted. */
interface Itself extends Pick<KnownWorkload, 'kind' | 'name'> {
  readonly workload?: Pick<Workload, 'currentReplicas'> | undefined;
}

export interface UnderSameBudget {
  /** At the most, where autoscalers decide; `MOST_REPLICAS` where nobody knows. */
  readonly replicas: number;
  /** Pods without a controller. */
  readonly barePods: number;
  /** What keeps the controller from counting replicas at all. */
  readonly uncounted: KnownWorkload | undefined;
}

/** Where nobody knows the other workloads, those that the budget has counted; nothing where it has counted none yet. */
export function othersUnder(
  budget: PodDisruptionBudget,
  { kind, name, workload: own }: Itself,
  { workloads, autoscalers }: Pick<Surroundings, 'workloads' | 'autoscalers'>,
  work: Pick<Work, 'each'>,
): UnderSameBudget {
  let [replicas, barePods] = [0, 0];
  let uncounted: KnownWorkload | undefined;
  if (!workloads.isKnown) return { replicas: countedBeside(budget, own), barePods, uncounted };
  const byScale = isCountedByScale(budget);
  const isItself = (other: KnownWorkload): boolean => other.name === name && other.kind === kind;
  for (const other of othersThan(isItself, work.each(workloads.value.workloads))) {
    if (other.runsOnce || !selectsPods(budget.selector, other.labels)) continue;
    if (other.kind === 'Pod') barePods += 1;
    else if (!byScale || countsByScale(other.kind)) replicas += mostReplicasOfOther(other, autoscalers, work);
    else uncounted ??= other;
  }
  return { replicas, barePods, uncounted };
}

/**
 * The Pods that a budget counts besides those that a workload has at the moment. On an update, the API server has both counts; some of them
 * may be without a controller, or over.
 */
function countedBeside({ count }: PodDisruptionBudget, own: Itself['workload']): number {
  const ownPods = own?.currentReplicas ?? 0;
  // Those that are counted may be its own all the same: of the workload that it takes the place of, or replicas that are only asked for yet.
  return count === undefined || ownPods === 0 ? 0 : Math.max(0, count.expected - ownPods);
}

/** Of kinds whose replicas nobody knows, there may be any number: a percentage of Infinity would be none. */
function mostReplicasOfOther(other: KnownWorkload, autoscalers: Surroundings['autoscalers'], work: Pick<Work, 'each'>): number {
  if (other.hasEnded === true) return 0;
  if (other.replicas === undefined) return MOST_REPLICAS;
  const { replicas } = other;
  let most = replicas;
  if (!autoscalers.isKnown) return most;
  for (const autoscaler of work.each(autoscalers.value))
    if (isScaledBy(other, autoscaler) && (replicas > 0 || startsFromNone(autoscaler))) most = Math.max(most, autoscaler.maxReplicas);
  return most;
}
