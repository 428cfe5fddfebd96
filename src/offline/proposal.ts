/** What the repair of one rule would set in an object: for people who mend the file themselves. */
import { readSubmission } from '../admission/decision.ts';
import type { Submission } from '../admission/submission.ts';
import { mutate } from '../core/evaluate.ts';
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
  #subjects: readonly Subject[] | undefined;

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
    this.#subjects ??= subjectsOf(this.#submission, this.#policy);
    return this.#subjects.flatMap((subject) => {
      const before = mutate(new Evaluation(repairing.before, subject, { nowMs: this.#nowMs }));
      const after = mutate(new Evaluation(repairing.with, subject, { nowMs: this.#nowMs }));
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

interface Repairing {
  /** Repairs by the rules before the one, as the policy lets them. */
  readonly before: Policy;
  /** The same, and by the one. */
  readonly with: Policy;
}

/** The policies that the proposals of a policy are made by; each makes the settings of its rules once. */
const REPAIRING = new WeakMap<Policy, Map<string, Repairing>>();

function policiesFor(policy: Policy, id: string): Repairing {
  const known = REPAIRING.get(policy) ?? new Map<string, Repairing>();
  REPAIRING.set(policy, known);
  let repairing = known.get(id);
  if (repairing === undefined) {
    const index = policy.rules.findIndex(({ meta }) => meta.id === id);
    const later = policy.rules.slice(index).map(({ meta }): [string, { mutation: 'off' }] => [meta.id, { mutation: 'off' }]);
    const before = policy.withOverrides([{ rules: Object.fromEntries(later) }]);
    repairing = { before, with: before.withOverrides([{ rules: { [id]: { mutation: 'apply' } } }]) };
    known.set(id, repairing);
  }
  return repairing;
}
