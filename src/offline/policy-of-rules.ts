/** A policy that repairs by the named rules only. Its settings for all other rules are ignored. */
import { kubernetesMinorOf, type OverrideDocument, type Policy, type PolicyDocument } from '../core/policy.ts';
import { mergeSetting } from '../core/rule-setting.ts';
import type { OptionProblem } from '../core/rule.ts';

export interface RuleProblem extends OptionProblem {
  readonly rule: string;
}

/**
 * @param ids of rules with a repair; theirs is applied also where the policy only says what it would be, or nothing, or has the rule off
 * @returns the policy, and what its options of these rules lack for a repair
 */
export function policyOfRules(
  policy: Policy,
  ids: readonly string[],
): { readonly policy: Policy; readonly problems: readonly RuleProblem[] } {
  const repairing = policy.rules.filter((rule) => rule.mutate !== undefined);
  const rules: OverrideDocument['rules'] = Object.fromEntries(
    repairing.map(({ meta }) => [meta.id, { mutation: ids.includes(meta.id) ? 'apply' : 'off' }]),
  );
  const { document } = policy.source;
  const problems = repairing
    .filter(({ meta }) => ids.includes(meta.id))
    .flatMap(({ meta }) => problemsOf(meta, document).map((problem) => ({ rule: meta.id, ...problem })));
  return { policy: policy.withRulesOn(ids).withOverrides([{ rules }]), problems };
}

function problemsOf(meta: Policy['rules'][number]['meta'], { spec }: PolicyDocument): readonly OptionProblem[] {
  const minor = kubernetesMinorOf(spec);
  const { options } = mergeSetting(meta, spec.preset, [spec.rules?.[meta.id]]);
  return minor === undefined ? [] : (meta.checkOptions?.(options, 'apply', minor) ?? []);
}
