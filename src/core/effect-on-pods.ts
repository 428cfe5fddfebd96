/**
 * What an object that has no Pods of its own does with those of others: a budget, an autoscaler, a Service, a quota, a LimitRange. As
 * values; nothing is judged here.
 */
import { lastingOf, mostPodsOf, uncountedOf, workloadsSelectedBy, type CountedPods } from './budgeted-pods.ts';
import { allowedDisruptionsOf, boundOf, isCountedByScale } from './disruption.ts';
import type { JsonObject } from './json.ts';
import { formatQuantity, parseQuantity, subtractQuantities, ZERO } from './quantity.ts';
import { countedBudgetOf, surroundingObjectOf } from './surrounding-object.ts';
import {
  autoscalerOf,
  isScaledBy,
  selects,
  startsFromNone,
  type Autoscaler,
  type BudgetCount,
  type KnownWorkload,
  type LimitRange,
  type PodDisruptionBudget,
  type ResourceQuota,
  type Service,
  type Surroundings,
} from './surroundings.ts';
import { Work } from './work.ts';

export interface AffectedWorkloads {
  /** Whether nobody else makes Pods there. */
  readonly isComplete: boolean;
  readonly workloads: readonly KnownWorkload[];
}

export interface BudgetEffect {
  /** `minAvailable 2` */
  readonly bound: string;
  /** For the fewest Pods of the workloads that it selects, and the most, where an autoscaler decides; empty where nobody knows. */
  readonly evictions: readonly AllowedEvictions[];
  /** What keeps the controller from counting, so that no eviction is allowed. */
  readonly uncounted: KnownWorkload | undefined;
  /** Undefined outside of a cluster. */
  readonly count: BudgetCount | undefined;
}

export interface AllowedEvictions {
  readonly pods: number;
  /** At a time, while all of the Pods are ready. */
  readonly allowed: number;
}

export interface QuotaAmount {
  readonly resource: string;
  readonly hard: string;
  /** Undefined outside of a cluster, as what is left. */
  readonly used: string | undefined;
  readonly left: string | undefined;
}

export type EffectOnPods = {
  /** Whose Pods it concerns; undefined where nobody knows the workloads. */
  readonly affected: AffectedWorkloads | undefined;
} & (
  | { readonly by: 'budget'; readonly budget: BudgetEffect }
  | { readonly by: 'autoscaler'; readonly autoscaler: Autoscaler }
  | { readonly by: 'service'; readonly service: Service }
  | { readonly by: 'quota'; readonly quota: ResourceQuota; readonly amounts: readonly QuotaAmount[] }
  | { readonly by: 'limitRange'; readonly limitRange: LimitRange }
);

/** @returns undefined for an object of another kind */
export function effectOnPodsOf(object: JsonObject, surroundings: Surroundings): EffectOnPods | undefined {
  const found = surroundingObjectOf(object);
  switch (found?.surrounding) {
    case undefined:
      return undefined;
    case 'podDisruptionBudgets':
      return budgetEffect(countedBudgetOf(object) ?? found.value, surroundings);
    case 'autoscalers':
      return { by: 'autoscaler', autoscaler: found.value, affected: affectedIn(surroundings, (other) => isScaledBy(other, found.value)) };
    case 'services':
      return {
        by: 'service',
        service: found.value,
        affected: affectedIn(surroundings, ({ labels }) => selects(found.value.selector, labels)),
      };
    case 'resourceQuotas':
      return { by: 'quota', quota: found.value, amounts: amountsIn(found.value), affected: affectedIn(surroundings, () => true) };
    case 'limitRanges':
      return { by: 'limitRange', limitRange: found.value, affected: affectedIn(surroundings, () => true) };
  }
}

function affectedIn({ workloads }: Surroundings, isAffected: (workload: KnownWorkload) => boolean): AffectedWorkloads | undefined {
  if (!workloads.isKnown) return undefined;
  const { isComplete, workloads: all } = workloads.value;
  return { isComplete, workloads: all.filter(isAffected) };
}

function budgetEffect(budget: PodDisruptionBudget, surroundings: Surroundings): EffectOnPods {
  const work = Work.UNBOUNDED;
  const { count } = budget;
  const selected = workloadsSelectedBy(budget, surroundings, work);
  const counting = lastingOf(selected);
  const uncounted = isCountedByScale(budget) ? uncountedOf(counting, surroundings, work) : undefined;
  const most = selected.length === 0 || uncounted !== undefined ? undefined : mostPodsOf(counting, surroundings, work);
  const evictions = most === undefined ? [] : evictionsFor(budget, fewestReplicasIn(counting, surroundings), most);
  const effect: BudgetEffect = { bound: boundOf(budget), evictions, uncounted, count };
  const isSelected = new Set(selected);
  return { by: 'budget', budget: effect, affected: affectedIn(surroundings, (workload) => isSelected.has(workload)) };
}

function evictionsFor(budget: PodDisruptionBudget, fewest: number, { replicas, barePods }: CountedPods): AllowedEvictions[] {
  return [...new Set([Math.min(fewest, replicas), replicas])].map((count) => {
    const pods = count + barePods;
    return { pods, allowed: Math.min(pods, Math.max(0, allowedDisruptionsOf(budget, count, barePods))) };
  });
}

/** Those that autoscalers leave. */
function fewestReplicasIn(counting: readonly KnownWorkload[], { autoscalers }: Surroundings): number {
  const all = autoscalers.isKnown ? autoscalers.value : [];
  const fewest = ({ replicas = 0, ...workload }: KnownWorkload): number => {
    const autoscaler = autoscalerOf(workload, all);
    return autoscaler === undefined || (replicas === 0 && !startsFromNone(autoscaler)) ? replicas : autoscaler.minReplicas;
  };
  return counting.reduce((sum, workload) => sum + (workload.kind === 'Pod' ? 0 : fewest(workload)), 0);
}

function amountsIn({ hard, used }: ResourceQuota): QuotaAmount[] {
  // A quota that nobody has counted yet says nothing of what is used.
  const isCounted = Object.keys(used).length > 0;
  return Object.entries(hard).map(([resource, most]) => {
    const [limit, taken] = [parseQuantity(most), parseQuantity(used[resource] ?? 0)];
    const isKnown = isCounted && limit !== undefined && taken !== undefined;
    const rest = isKnown ? subtractQuantities(limit, taken) : undefined;
    return {
      resource,
      hard: String(most),
      used: isKnown ? String(used[resource] ?? 0) : undefined,
      left: rest && formatQuantity(rest.nano < 0n ? ZERO : rest),
    };
  });
}
