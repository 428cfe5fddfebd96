/** What the repair of one rule would set in an object: for people who mend the file themselves. */
import { readSubmission } from '../admission/decision.ts';
import type { Submission } from '../admission/submission.ts';
import { mutate, suggest, type Mutation } from '../core/evaluate.ts';
import { Evaluation } from '../core/evaluation.ts';
import type { FieldPath } from '../core/path.ts';
import type { Policy } from '../core/policy.ts';
import type { Subject } from '../core/subject.ts';
import { mergeFragment, type Fragment } from './merge-fragment.ts';

export interface Proposal extends Fragment {
  /** The place in the object that the fragment goes into: the deepest that holds all of it, and that is there. */
  readonly at: FieldPath;
}

/** Evaluates again what has been judged, once somebody asks: most reports show no proposal. */
export class Proposals {
  readonly #submission: Submission;
  readonly #policy: Policy;
  readonly #nowMs: number;
  #templates: readonly RepairedTemplate[] | undefined;

  constructor(submission: Submission, policy: Policy, nowMs: number) {
    this.#submission = submission;
    this.#policy = policy;
    this.#nowMs = nowMs;
  }

  /**
   * What a rule's repair would set, whether or not the policy lets it: on top of what the policy lets the rules before it repair.
   *
   * @param id of a rule
   * @returns for each template that it would change; empty where the rule has no repair, the repair lacks an option that only the
   *   author can give, or it would not help
   */
  of(id: string): readonly Proposal[] {
    const repairing =
      this.#policy.rules.find(({ meta }) => meta.id === id)?.mutate === undefined ? undefined : policiesFor(this.#policy, id);
    if (repairing === undefined) return [];
    this.#templates ??= subjectsOf(this.#submission, this.#policy).map(
      (subject) => new RepairedTemplate(subject, this.#policy, this.#nowMs),
    );
    return this.#templates.flatMap((template) => {
      const { subject } = template;
      const before = template.before(id, repairing.before);
      const after = suggest(new Evaluation(repairing.alone, subject, { nowMs: this.#nowMs }), before);
      if (!after.rules.includes(id)) return [];
      const fragment = mergeFragment(before.pod, after.pod, subject.received);
      return fragment === undefined ? [] : [{ ...fragment, at: fragment.at.within(subject.root) }];
    });
  }
}

function subjectsOf(submission: Submission, policy: Policy): Subject[] {
  const reading = readSubmission(submission, policy);
  return reading.outcome === 'subject' ? [reading.subject, ...reading.others] : [];
}

/** A template as the repairs of the policy leave it, rule by rule. */
class RepairedTemplate {
  readonly subject: Subject;
  readonly #policy: Policy;
  readonly #nowMs: number;
  /** By how many rules had repaired something until then: what comes between two of them changes nothing. */
  readonly #before = new Map<number, Mutation>();
  #all: Mutation | undefined;

  constructor(subject: Subject, policy: Policy, nowMs: number) {
    this.subject = subject;
    this.#policy = policy;
    this.#nowMs = nowMs;
  }

  /**
   * @param id of a rule
   * @param policy with the repairs of the rules before it alone
   */
  before(id: string, policy: Policy): Mutation {
    this.#all ??= this.#repaired(this.#policy);
    const earlier = this.#policy.rules.slice(
      0,
      this.#policy.rules.findIndex(({ meta }) => meta.id === id),
    );
    const repaired = this.#all.rules.filter((rule) => earlier.some(({ meta }) => meta.id === rule)).length;
    let before = this.#before.get(repaired);
    if (before === undefined) {
      before = repaired === this.#all.rules.length ? this.#all : this.#repaired(policy);
      this.#before.set(repaired, before);
    }
    return before;
  }

  #repaired(policy: Policy): Mutation {
    return mutate(new Evaluation(policy, this.subject, { nowMs: this.#nowMs }));
  }
}

interface Repairing {
  /** Repairs by the rules before the one, as the policy lets them. */
  readonly before: Policy;
  /** What the one would repair. */
  readonly alone: Policy;
}

/** The policies that the proposals of a policy are made by; each makes the settings of its rules once. */
const REPAIRING = new WeakMap<Policy, Map<string, Repairing>>();

function policiesFor(policy: Policy, id: string): Repairing {
  const known = REPAIRING.get(policy) ?? new Map<string, Repairing>();
  REPAIRING.set(policy, known);
  let repairing = known.get(id);
  if (repairing === undefined) {
    const index = policy.rules.findIndex(({ meta }) => meta.id === id);
    const before = withoutRepairs(policy, policy.rules.slice(index));
    const alone = withoutRepairs(policy, policy.rules).withOverrides([{ rules: { [id]: { mutation: 'would' } } }]);
    repairing = { before, alone };
    known.set(id, repairing);
  }
  return repairing;
}

function withoutRepairs(policy: Policy, rules: Policy['rules']): Policy {
  return policy.withOverrides([{ rules: Object.fromEntries(rules.map(({ meta }) => [meta.id, { mutation: 'off' }] as const)) }]);
}
