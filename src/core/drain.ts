/**
 * What a drain of its nodes does with the Pods of a workload: whether they are evicted, how many at a time, and how long that takes at
 * least. Mirrors kubernetes `pkg/registry/core/pod/storage/eviction.go` and `pkg/controller/disruption` (`countHealthyPods`), and
 * `pkg/drain` of kubectl; the same in 1.36.3 and 1.37.2.
 */
import { budgetsThatSelect } from './budgeted-pods.ts';
import { allowedDisruptionsOf, allowsNothingByItself, countsByScale, isCountedByScale } from './disruption.ts';
import { evictionsNowOf, type EvictionsNow, type PodNow } from './evictions-now.ts';
import { fewestReplicasOf } from './fewest-replicas.ts';
import type { PodTimelines, StopTimeline } from './pod-timelines.ts';
import { othersUnder } from './shared-budget.ts';
import type { Subject } from './subject.ts';
import { autoscalerOf, type PodDisruptionBudget, type Surroundings } from './surroundings.ts';
import { Work } from './work.ts';
import { groupOf } from './workload.ts';

/**
 * - `stays`: drains leave the Pods of a DaemonSet where they are.
 * - `unprotected`: no budget selects the Pods, so nothing holds an eviction back.
 * - `paced`: a budget lets so many be evicted at a time.
 * - `blocked`: a budget lets none be evicted, and drains wait for ever.
 * - `refused`: several budgets select the Pods, and each eviction fails.
 * - `unknown`: a budget selects the Pods, and how many of them there are is not known.
 */
export const DRAIN_VERDICTS = ['stays', 'unprotected', 'paced', 'blocked', 'refused', 'unknown'] as const;
export type DrainVerdict = (typeof DRAIN_VERDICTS)[number];

export interface Drain {
  readonly verdict: DrainVerdict;
  /** The Pods of the workload, the fewest that its autoscaler leaves; undefined where the object does not say how many. */
  readonly pods: number | undefined;
  /** The autoscaler that decides about that number. */
  readonly scaledBy: string | undefined;
  /** Those that select the Pods. */
  readonly budgets: readonly PodDisruptionBudget[];
  /** How many Pods may be gone at a time at most, while all are ready; undefined where nobody knows. */
  readonly atOnce: number | undefined;
  /** How often a new Pod has to become ready before the next one may be evicted, at least, until all have been evicted. */
  readonly waits: number | undefined;
  /** From the first eviction until the last of the Pods is gone, at the earliest; undefined where that is never, or not known. */
  readonly leastSeconds: number | undefined;
  /** Undefined where nothing else is known at the moment. */
  readonly now: EvictionsNow | undefined;
  /** Volumes without which kubectl drains only if it is told to lose them (`--delete-emptydir-data`). */
  readonly emptyDirs: readonly string[];
  /**
   * Whether kubectl drains only with `--force`, because no controller makes the Pod again. Of the controllers that Pods name, kubectl
   * looks up DaemonSets alone (`daemonSetFilter`).
   */
  readonly needsForce: boolean;
}

export interface StoredPod {
  readonly now?: PodNow | undefined;
  /** Whether the cluster does not have the controller that the Pod names. */
  readonly isOwnerGone?: boolean;
}

/**
 * @param stored of a Pod that an API server has
 * @returns undefined where nobody knows the budgets, where a workload asks for no Pod, and for what no drain touches (static Pods)
 */
export function drainOf(
  subject: Subject,
  timelines: Pick<PodTimelines, 'stop' | 'readySeconds'>,
  surroundings: Surroundings,
  { now, isOwnerGone = false }: StoredPod = {},
): Drain | undefined {
  const { podDisruptionBudgets } = surroundings;
  const counted = podsOf(subject, surroundings);
  if (!podDisruptionBudgets.isKnown || subject.workloadClass === 'static' || counted.pods === 0) return undefined;
  const { metadata, spec } = subject.pod;
  const isOver = now === 'over';
  const budgets = isOver ? [] : budgetsThatSelect(metadata.labels, podDisruptionBudgets.value, Work.UNBOUNDED);
  const isOfSet = isOfDaemonSet(subject);
  const stays = !isOver && isOfSet && !isOwnerGone;
  const evictions = stays ? STAYS : evictionsOf(subject, counted.pods, budgets, surroundings);
  const isLost = !stays && !isOver;
  return {
    ...evictions,
    ...counted,
    budgets,
    leastSeconds: leastSecondsOf(evictions, timelines, subject),
    now: stays ? undefined : evictionsNowOf(now, budgets),
    emptyDirs: isLost ? (spec.volumes ?? []).filter(({ emptyDir }) => emptyDir != null).map(({ name }) => name) : [],
    needsForce: isLost && (isOfSet || (subject.kind === 'Pod' && subject.owner === undefined)),
  };
}

/** A Pod that somebody owns is one of a number that it does not tell, and so are those of a workload that another one scales. */
function podsOf(subject: Subject, surroundings: Surroundings): Pick<Drain, 'pods' | 'scaledBy'> {
  if (subject.owner !== undefined) return { pods: undefined, scaledBy: undefined };
  if (subject.kind === 'Pod') return { pods: 1, scaledBy: undefined };
  const { autoscalers } = surroundings;
  const scaledBy = autoscalers.isKnown ? autoscalerOf(subject, autoscalers.value)?.name : undefined;
  return { pods: fewestReplicasOf(subject, surroundings), scaledBy };
}

type Evictions = Pick<Drain, 'verdict' | 'atOnce' | 'waits'>;

const STAYS: Evictions = { verdict: 'stays', atOnce: 0, waits: undefined };

function evictionsOf(
  subject: Subject,
  pods: number | undefined,
  budgets: readonly PodDisruptionBudget[],
  surroundings: Surroundings,
): Evictions {
  const [budget, second] = budgets;
  if (budget === undefined) return { verdict: 'unprotected', atOnce: pods, waits: 0 };
  if (second !== undefined) return { verdict: 'refused', atOnce: 0, waits: undefined };
  const atOnce = allowedOf(budget, subject, pods, surroundings);
  if (atOnce === undefined) return { verdict: 'unknown', atOnce, waits: undefined };
  if (atOnce === 0) return { verdict: 'blocked', atOnce, waits: undefined };
  return { verdict: 'paced', atOnce, waits: pods === undefined ? undefined : Math.ceil(pods / atOnce) - 1 };
}

/** Of the group apps (`isControllerRefDaemonSet`): kubectl evicts the Pods of any other DaemonSet, such as OpenKruise's. */
function isOfDaemonSet({ apiVersion, kind, owner }: Subject): boolean {
  const maker = kind === 'Pod' ? owner : { apiVersion, kind };
  return maker?.kind === 'DaemonSet' && groupOf(maker.apiVersion) === 'apps';
}

/** No more than there are; what autoscalers add to others under the same budget can only allow more. */
function allowedOf(
  budget: PodDisruptionBudget,
  subject: Subject,
  pods: number | undefined,
  surroundings: Surroundings,
): number | undefined {
  const { kind } = subject;
  const others = othersUnder(budget, subject, surroundings, Work.UNBOUNDED);
  const isBare = kind === 'Pod' && subject.owner === undefined;
  // Pods without a controller are healthy and not expected: while they are there, such a budget lets as many be evicted.
  const hasBare = others.barePods > 0 || (isBare && surroundings.workloads.isKnown);
  if (allowsNothingByItself(budget) && !hasBare) return 0;
  if (isCountedByScale(budget) && (others.uncounted !== undefined || (!isBare && subject.isTemplate && !countsByScale(kind)))) return 0;
  if (pods === undefined || (isBare && !surroundings.workloads.isKnown)) return undefined;
  const allowed = isBare
    ? allowedDisruptionsOf(budget, others.replicas, others.barePods + pods)
    : allowedDisruptionsOf(budget, others.replicas + pods, others.barePods);
  return Math.min(allowed, pods);
}

/**
 * The next Pod is evicted when another one is ready: a ReplicaSet makes that as soon as the old one is deleted, a StatefulSet once the
 * old one is gone. `minReadySeconds` does not count. kubectl asks again every 5 s, which is not counted.
 */
function leastSecondsOf(
  { verdict, waits }: Evictions,
  { stop, readySeconds }: Pick<PodTimelines, 'stop' | 'readySeconds'>,
  { kind }: Subject,
): number | undefined {
  if (waits === undefined || (verdict !== 'paced' && verdict !== 'unprotected')) return undefined;
  const stopSeconds = leastStopSeconds(stop);
  const wait = readySeconds + (kind === 'StatefulSet' ? stopSeconds : 0);
  const seconds = stopSeconds + (waits === 0 ? 0 : waits * wait);
  return Number.isFinite(seconds) ? seconds : undefined;
}

/** What handles its stop signal is taken to end at once. */
function leastStopSeconds({ containers, isPidOneElsewhere }: StopTimeline): number {
  return containers.reduce((latest, { hook, stopSignalSeconds, killSeconds, verdict }) => {
    const swallows = !isPidOneElsewhere && verdict.fate === 'swallows';
    const signalled = stopSignalSeconds ?? Math.min(hook?.duration.seconds ?? 0, killSeconds);
    return Math.max(latest, swallows ? killSeconds : signalled);
  }, 0);
}
