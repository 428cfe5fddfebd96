/** What the repair of one rule would set in an object: for people who mend the file themselves. */
import type { RepairedSubject } from '../admission/decision.ts';
import { repairedBy } from '../core/mutation.ts';
import type { Evaluation } from '../core/evaluation.ts';
import type { FieldPath } from '../core/path.ts';
import type { Pod } from '../core/pod.ts';
import type { Policy } from '../core/policy.ts';
import type { Subject } from '../core/subject.ts';
import { mergeFragments, type Fragment } from './merge-fragment.ts';

export interface Proposal extends Fragment {
  /** The place in the object that the fragment goes into: the deepest that holds all of it, and that is there. */
  readonly at: FieldPath;
}

/** Goes on with the evaluation by which the object was judged, once somebody asks: some reports show no proposal. */
export class Proposals {
  readonly #templates: readonly RepairedTemplate[];

  /** @param repaired each template of the object, or the Pod that it is */
  constructor(repaired: readonly RepairedSubject[]) {
    this.#templates = repaired.map((each) => new RepairedTemplate(each));
  }

  /**
   * What a rule's repair would set, whether or not the policy lets it: on top of what the policy lets other rules repair or propose, so
   * that all proposals for an object can be followed together. Where one of those takes care of what this rule finds, it is that one.
   *
   * @param id of a rule
   * @returns for each template that it would change; empty where the rule has no repair, the repair lacks an option that only the
   *   author can give, or it would not help
   */
  of(id: string): readonly Proposal[] {
    return this.#templates.flatMap((template) => {
      if (!template.hasRepair(id)) return [];
      const { subject } = template;
      const { before, after } = template.repairThatHelps(id);
      const fragments = before === after ? [] : mergeFragments(before, after, subject.received, template.atLast(id));
      return fragments.map((fragment) => ({ ...fragment, at: fragment.at.within(subject.root) }));
    });
  }
}

/** The Pod of a template before and after the repair by one rule: the same where it repairs nothing. */
interface RuleRepair {
  readonly before: Pod;
  readonly after: Pod;
}

/** A template, and what becomes of it as the repairs of the policy are made one after the other, and then those that it proposes. */
class RepairedTemplate {
  readonly #evaluation: Evaluation;
  /** The rules that the policy lets repair it, those alone that have repaired something, as they did so. */
  readonly #rules: readonly string[];
  /** By rule. */
  readonly #repairs: Map<string, RuleRepair>;

  constructor({ evaluation, repairs }: RepairedSubject) {
    this.#evaluation = evaluation;
    this.#rules = repairs.map(({ rule }) => rule);
    this.#repairs = new Map(repairs.map((repair) => [repair.rule, repair]));
  }

  get subject(): Subject {
    return this.#evaluation.subject;
  }

  hasRepair(id: string): boolean {
    return this.#evaluation.policy.rules.find(({ meta }) => meta.id === id)?.mutate !== undefined;
  }

  /** @returns the repair by the rule itself, or the one by a rule before it after which there is nothing left to repair */
  repairThatHelps(id: string): RuleRepair {
    const own = this.#repairBy(id);
    if (own.before !== own.after) return own;
    const others = this.#proposedBefore(id).map((other) => this.#repairBy(other));
    const helping = others.find(({ before, after }) => before !== after && this.#isRepaired(id, before) && !this.#isRepaired(id, after));
    return helping ?? own;
  }

  /**
   * The Pod with all repairs that the policy makes or proposes: the last of several that set one field is what all of them say, as with the
   * grace period that one rule raises for its hook and another one for the drain.
   *
   * @returns undefined where the policy lets the rule neither repair nor propose: then its repair comes after all others
   */
  atLast(id: string): Pod | undefined {
    const proposed = this.#proposed();
    if (!proposed.includes(id) && !this.#rules.includes(id)) return undefined;
    const last = proposed.at(-1) ?? this.#rules.at(-1);
    return last === undefined ? undefined : this.#repairBy(last).after;
  }

  /** @param id of a rule with a repair */
  #repairBy(id: string): RuleRepair {
    let repair = this.#repairs.get(id);
    if (repair === undefined) {
      const last = this.#proposedBefore(id).at(-1) ?? this.#rules.at(-1);
      const before = last === undefined ? this.subject.pod : this.#repairBy(last).after;
      repair = { before, after: repairedBy(id, this.#evaluation, before) };
      this.#repairs.set(id, repair);
    }
    return repair;
  }

  #isRepaired(id: string, pod: Pod): boolean {
    return repairedBy(id, this.#evaluation, pod) !== pod;
  }

  /** The rules before this one whose repairs the policy proposes, in the order in which the webhook makes them. */
  #proposedBefore(id: string): readonly string[] {
    const index = placeIn(this.#evaluation.policy, id);
    return this.#proposed().filter((rule) => placeIn(this.#evaluation.policy, rule) < index);
  }

  #proposed(): readonly string[] {
    return this.#evaluation.settings.suggesting.map(({ rule }) => rule.meta.id);
  }
}

function placeIn({ rules }: Policy, id: string): number {
  return rules.findIndex(({ meta }) => meta.id === id);
}
