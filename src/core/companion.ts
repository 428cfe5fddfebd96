/**
 * Companions: objects that have no Pods of their own and decide about those of others, PodDisruptionBudgets and autoscalers. They are
 * judged for themselves, with what is known of the workloads that they are about (docs/adr/0050).
 */
import { isObject, type JsonObject } from './json.ts';
import { FieldPath } from './path.ts';
import { budgetOf, autoscalerFrom, scaledObjectOf } from './surrounding-object.ts';
import type { Autoscaler, PodDisruptionBudget, Surroundings } from './surroundings.ts';
import { Work } from './work.ts';

export type Companion = BudgetCompanion | AutoscalerCompanion;

export interface BudgetCompanion {
  readonly type: 'budget';
  readonly budget: PodDisruptionBudget;
  /** With the default of the eviction API: `IfHealthyBudget`. */
  readonly unhealthyPodEvictionPolicy: string;
}

export interface AutoscalerCompanion {
  readonly type: 'autoscaler';
  readonly autoscaler: Autoscaler;
  /** Where its kind has the fewest and the most replicas, and the name of the workload. */
  readonly min: FieldPath;
  readonly max: FieldPath;
  readonly target: FieldPath;
}

/** What a rule is asked with besides the companion. */
export interface CompanionContext<Options> {
  readonly options: Options;
  readonly surroundings: Surroundings;
  /** Counts what the rule goes through (`each`). */
  readonly work: Work;
}

const SPEC = FieldPath.of('spec');

interface CompanionKind {
  readonly group: string;
  /** Group and kind: `policy/PodDisruptionBudget`. */
  readonly name: string;
  readonly read: (object: JsonObject, work: Work) => Companion | undefined;
}

/** By kind, of which no two groups have the same: asked about each request, before anything else is made of it. */
const KINDS: ReadonlyMap<string, CompanionKind> = new Map([
  ['PodDisruptionBudget', { group: 'policy', name: 'policy/PodDisruptionBudget', read: readBudget }],
  [
    'HorizontalPodAutoscaler',
    {
      group: 'autoscaling',
      name: 'autoscaling/HorizontalPodAutoscaler',
      read: (object: JsonObject, work: Work) => readAutoscaler(autoscalerFrom(object, work), 'minReplicas', 'maxReplicas'),
    },
  ],
  [
    'ScaledObject',
    {
      group: 'keda.sh',
      name: 'keda.sh/ScaledObject',
      read: (object: JsonObject, work: Work) => readAutoscaler(scaledObjectOf(object, work), 'minReplicaCount', 'maxReplicaCount'),
    },
  ],
]);

/** The kinds alone. */
export const COMPANION_KINDS: readonly string[] = [...KINDS.keys()];

/** The name of what may be a companion: group and kind; undefined for other kinds. */
export function companionKindOf(group: string, kind: string): string | undefined {
  const found = KINDS.get(kind);
  return found?.group === group ? found.name : undefined;
}

/**
 * @param name as `companionKindOf` has it
 * @param work counts what it may have any number of
 * @returns undefined for what the API server would not take for such an object
 */
export function readCompanion(name: string, object: unknown, work = Work.UNBOUNDED): Companion | undefined {
  return isObject(object) ? KINDS.get(name.slice(name.indexOf('/') + 1))?.read(object, work) : undefined;
}

function readBudget(object: JsonObject, work: Work): Companion | undefined {
  const budget = budgetOf(object, work);
  const { spec } = object;
  if (budget === undefined || !isObject(spec)) return undefined;
  // A bound that cannot be read is not the same as none.
  for (const bound of ['minAvailable', 'maxUnavailable'] as const) if (spec[bound] != null && budget[bound] === undefined) return undefined;
  const { unhealthyPodEvictionPolicy: policy } = spec;
  return { type: 'budget', budget, unhealthyPodEvictionPolicy: typeof policy === 'string' ? policy : 'IfHealthyBudget' };
}

function readAutoscaler(autoscaler: Autoscaler | undefined, min: string, max: string): Companion | undefined {
  if (autoscaler === undefined) return undefined;
  return { type: 'autoscaler', autoscaler, min: SPEC.field(min), max: SPEC.field(max), target: SPEC.field('scaleTargetRef', 'name') };
}
