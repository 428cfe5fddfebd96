/** The evaluation, and rules alone, asked about one Pod at a time. */
import type { Deletion } from '../../src/core/deletion.ts';
import * as evaluate from '../../src/core/evaluate.ts';
import * as mutating from '../../src/core/mutation.ts';
import { Evaluation, type Circumstances } from '../../src/core/evaluation.ts';
import type { Finding } from '../../src/core/finding.ts';
import { PodFacts } from '../../src/core/pod-facts.ts';
import type { Pod } from '../../src/core/pod.ts';
import { ImageKnowledge } from '../../src/core/process/image-knowledge.ts';
import type { Policy } from '../../src/core/policy.ts';
import { RuleContext, type Rule } from '../../src/core/rule.ts';
import type { Subject } from '../../src/core/subject.ts';
import { NOTHING_KNOWN, type Surrounding, type Surroundings } from '../../src/core/surroundings.ts';

export function validate(policy: Policy, subject: Subject, circumstances: Circumstances, pod?: Pod): Finding[] {
  return evaluate.validate(new Evaluation(policy, subject, circumstances), pod);
}

export function mutate(policy: Policy, subject: Subject, circumstances: Circumstances): mutating.Mutation {
  return mutating.mutate(new Evaluation(policy, subject, circumstances));
}

export function suggest(policy: Policy, subject: Subject, circumstances: Circumstances, applied: mutating.Mutation): mutating.Mutation {
  return mutating.suggest(new Evaluation(policy, subject, circumstances), applied);
}

/** What the repairs of a subject's own Pod have ended. */
export function repairedFindings(policy: Policy, subject: Subject, circumstances: Circumstances, mutation: mutating.Mutation): Finding[] {
  return mutating.repairedFindings(new Evaluation(policy, subject, circumstances), subject.pod, mutation);
}

/** What a rule is asked about, besides the Pod as it is now. */
export interface AskedAbout {
  readonly subject: Subject;
  /** Of other objects, by the names of `Surroundings`. */
  readonly known?: Partial<Record<Surrounding, unknown>>;
  readonly deletion?: Deletion | undefined;
}

/** What a rule is asked with about a Pod as it is now, nobody exempt. */
export function contextOf(rule: Rule, pod: Pod, options: unknown, { subject, known = {}, deletion }: AskedAbout): RuleContext<unknown> {
  const surroundings = surroundingsFor(rule, known);
  const needsImages = rule.meta.needs?.includes('images') === true;
  const images = needsImages ? ImageKnowledge.BUILT_IN.with(surroundings.images) : ImageKnowledge.BUILT_IN;
  const facts = new PodFacts(pod, undefined, images);
  return new RuleContext(options, subject, { facts, kinds: rule.meta.appliesTo.containers }, { surroundings, deletion });
}

/** @throws {Error} as a rule asks about what `meta.needs` does not name */
export function surroundingsFor({ meta }: Rule, known: Partial<Record<Surrounding, unknown>>): Surroundings {
  return new Proxy(NOTHING_KNOWN, {
    get(nothing, name) {
      if (!Object.hasOwn(nothing, name)) return undefined;
      const surrounding = name as Surrounding;
      if (meta.needs?.includes(surrounding) !== true) throw new Error(`${meta.id} asks about ${surrounding}: name them in meta.needs`);
      return Object.hasOwn(known, surrounding) ? { isKnown: true, value: known[surrounding] } : nothing[surrounding];
    },
  });
}
