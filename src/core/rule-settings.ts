/** The rules as a policy wants them for one kind of subject. */
import { DraftPlan } from './draft.ts';
import { PathPattern } from './path.ts';
import type { ContainerKind } from './pod.ts';
import type { Mode, MutationMode, Rule, RuleMeta } from './rule.ts';
import type { WorkloadClass } from './workload.ts';

/** One rule as the policy wants it for one kind of subject. */
export interface RuleSetting {
  readonly rule: Rule;
  /** As the rule's `meta` has them. Here they are found at once: each rule has a `meta` of a shape of its own, and every rule is asked of every Pod. */
  readonly id: string;
  readonly kinds: RuleMeta<unknown, string>['kinds'];
  readonly containers: readonly ContainerKind[];
  readonly mode: Mode;
  readonly mutation: MutationMode;
  readonly options: unknown;
  /** Whether the repair touches anything that the QoS class is made of; then the class is looked at before and after. */
  readonly mayChangeQos: boolean;
}

/** The rules for one kind of subject, by what they are asked for. */
export interface RuleSettings {
  /** Every rule that is not switched off and is for this workload class, in catalogue order, but those about deletions. */
  readonly validating: readonly RuleSetting[];
  /** The rules about deletions. */
  readonly deleting: readonly RuleSetting[];
  /** The rules that repair such a subject. */
  readonly applying: readonly RuleSetting[];
  /** The rules that say what they would repair. */
  readonly suggesting: readonly RuleSetting[];
  /** Those of them that have a repair, whether or not the policy wants it. */
  readonly repairing: readonly RuleSetting[];
  /** The copies of a Pod that `applying` and `suggesting` repair. */
  readonly applyingDraft: DraftPlan;
  readonly suggestingDraft: DraftPlan;
}

/** @param merged what the preset, the policy and its overrides say of the rule together */
export function ruleSettingOf(rule: Rule, { mode, mutation, options }: Pick<RuleSetting, 'mode' | 'mutation' | 'options'>): RuleSetting {
  const { id, kinds, appliesTo } = rule.meta;
  const mayChangeQos = rule.writes.some((written) => QOS_PATTERNS.some((pattern) => pattern.overlaps(written)));
  return { rule, id, kinds, containers: appliesTo.containers, mode, mutation, options, mayChangeQos };
}

/** What the QoS class is made of (`qos.ts`). */
const QOS_PATTERNS = ['spec.resources', 'spec.containers[*].resources', 'spec.initContainers[*].resources'].map(
  (text) => new PathPattern(text),
);

/** @param settings of the rules that are for this workload class, in catalogue order */
export function ruleSettingsOf(settings: readonly RuleSetting[], workloadClass: WorkloadClass): RuleSettings {
  const all = settings.filter(({ mode }) => mode !== 'off');
  // What an operator or the kubelet owns is not changed: they would change it back.
  const mayMutate = workloadClass !== 'operator' && workloadClass !== 'static';
  const repairing = mayMutate ? all.filter((setting) => setting.rule.mutate !== undefined) : [];
  const applying = repairing.filter(({ mutation }) => mutation === 'apply');
  const suggesting = repairing.filter(({ mutation }) => mutation === 'would');
  const [deleting, validating] = [all.filter(isAboutDeletions), all.filter((setting) => !isAboutDeletions(setting))];
  const [applyingDraft, suggestingDraft] = [draftPlanOf(applying), draftPlanOf(suggesting)];
  return { validating, deleting, repairing, applying, suggesting, applyingDraft, suggestingDraft };
}

function isAboutDeletions({ rule }: RuleSetting): boolean {
  return rule.meta.about === 'deletion';
}

function draftPlanOf(settings: readonly RuleSetting[]): DraftPlan {
  return new DraftPlan(settings.flatMap(({ rule }) => rule.writes));
}
