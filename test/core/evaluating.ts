/** The evaluation, and rules alone, asked about one Pod at a time. */
import * as evaluate from '../../src/core/evaluate.ts';
import { Evaluation, type Circumstances } from '../../src/core/evaluation.ts';
import type { Finding } from '../../src/core/finding.ts';
import { PodFacts } from '../../src/core/pod-facts.ts';
import type { Pod } from '../../src/core/pod.ts';
import type { Policy } from '../../src/core/policy.ts';
import { RuleContext, type Rule } from '../../src/core/rule.ts';
import type { Subject } from '../../src/core/subject.ts';

export function validate(policy: Policy, subject: Subject, circumstances: Circumstances, pod?: Pod): Finding[] {
  return evaluate.validate(new Evaluation(policy, subject, circumstances), pod);
}

export function mutate(policy: Policy, subject: Subject, circumstances: Circumstances): evaluate.Mutation {
  return evaluate.mutate(new Evaluation(policy, subject, circumstances));
}

export function suggest(policy: Policy, subject: Subject, circumstances: Circumstances, applied: evaluate.Mutation): evaluate.Mutation {
  return evaluate.suggest(new Evaluation(policy, subject, circumstances), applied);
}

export function repairedFindings(
  policy: Policy,
  subject: Subject,
  circumstances: Circumstances,
  before: Pod,
  mutation: evaluate.Mutation,
): Finding[] {
  return evaluate.repairedFindings(new Evaluation(policy, subject, circumstances), before, mutation);
}

/** What a rule is asked with about a Pod as it is now, nobody exempt. */
export function contextOf(rule: Rule, pod: Pod, options: unknown, subject: Subject): RuleContext<unknown> {
  const facts = new PodFacts(pod);
  return new RuleContext(options, subject, facts, facts.containersOf(rule.meta.appliesTo.containers));
}
