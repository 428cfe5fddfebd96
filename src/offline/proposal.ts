/** What the repair of one rule would set in an object: for people who mend the file themselves. */
import type { RepairedSubject } from '../admission/decision.ts';
import { suggest } from '../core/evaluate.ts';
import { Evaluation, type Circumstances } from '../core/evaluation.ts';
import type { FieldPath } from '../core/path.ts';
import type { Pod } from '../core/pod.ts';
import type { Policy } from '../core/policy.ts';
import type { Subject } from '../core/subject.ts';
import { mergeFragment, type Fragment } from './merge-fragment.ts';

export interface Proposal extends Fragment {
  /** The place in the object that the fragment goes into: the deepest that holds all of it, and that is there. */
  readonly at: FieldPath;
}

/** Evaluates again what has been judged, once somebody asks: some reports show no proposal. */
export class Proposals {
  readonly #templates: readonly RepairedTemplate[];
  readonly #policy: Policy;

  /** @param repaired each template of the object, or the Pod that it is */
  constructor(repaired: readonly RepairedSubject[], policy: Policy, circumstances: Circumstances) {
    this.#templates = repaired.map((each) => new RepairedTemplate(each, policy, circumstances));
    this.#policy = policy;
  }

  /**
   * What a rule's repair would set, whether or not the policy lets it: on top of what the policy lets the rules before it repair.
   *
   * @param id of a rule
   * @returns for each template that it would change; empty where the rule has no repair, the repair lacks an option that only the
   *   author can give, or it would not help
   */
  of(id: string): readonly Proposal[] {
    if (this.#policy.rules.find(({ meta }) => meta.id === id)?.mutate === undefined) return [];
    return this.#templates.flatMap((template) => {
      const { subject } = template;
      const { before, after } = template.repairBy(id);
      const fragment = before === after ? undefined : mergeFragment(before, after, subject.received);
      return fragment === undefined ? [] : [{ ...fragment, at: fragment.at.within(subject.root) }];
    });
  }
}

/** The Pod of a template before and after the repair by one rule: the same where it repairs nothing. */
interface RuleRepair {
  readonly before: Pod;
  readonly after: Pod;
}

/** A template, and what becomes of it as the repairs of the policy are made one after the other. */
class RepairedTemplate {
  readonly subject: Subject;
  /** The rules that the policy lets repair it, those alone that have repaired something, as they did so. */
  readonly #rules: readonly string[];
  readonly #policy: Policy;
  readonly #circumstances: Circumstances;
  readonly #repairs = new Map<string, RuleRepair>();

  constructor({ subject, rules }: RepairedSubject, policy: Policy, circumstances: Circumstances) {
    this.subject = subject;
    this.#rules = rules;
    this.#policy = policy;
    this.#circumstances = circumstances;
  }

  /** @param id of a rule with a repair, on top of the repairs by the rules before it in the catalogue */
  repairBy(id: string): RuleRepair {
    let repair = this.#repairs.get(id);
    if (repair === undefined) {
      const last = this.#lastBefore(id);
      const before = last === undefined ? this.subject.pod : this.repairBy(last).after;
      const mutation = suggest(new Evaluation(policyFor(this.#policy, id), this.subject, this.#circumstances), { pod: before });
      repair = { before, after: mutation.rules.includes(id) ? mutation.pod : before };
      this.#repairs.set(id, repair);
    }
    return repair;
  }

  #lastBefore(id: string): string | undefined {
    const index = placeIn(this.#policy, id);
    return this.#rules.findLast((rule) => placeIn(this.#policy, rule) < index);
  }
}

function placeIn({ rules }: Policy, id: string): number {
  return rules.findIndex(({ meta }) => meta.id === id);
}

/** By a policy and a rule: the policy in which nothing but the rule would repair. Each makes the settings of its rules once. */
const REPAIRING = new WeakMap<Policy, Map<string, Policy>>();

function policyFor(policy: Policy, id: string): Policy {
  const known = REPAIRING.get(policy) ?? new Map<string, Policy>();
  REPAIRING.set(policy, known);
  let alone = known.get(id);
  if (alone === undefined) {
    const rules = Object.fromEntries(policy.rules.map(({ meta }) => [meta.id, { mutation: meta.id === id ? 'would' : 'off' }] as const));
    alone = policy.withOverrides([{ rules }]);
    known.set(id, alone);
  }
  return alone;
}
