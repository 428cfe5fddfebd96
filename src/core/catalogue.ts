/** The rules in the order in which they mutate. */
import type { Rule } from './rule.ts';

/** All rules that there are; ids are unique. */
export class Catalogue {
  readonly rules: readonly Rule[];
  readonly #byId: ReadonlyMap<string, Rule>;

  /**
   * @param rules in any order; each comes out after the rules that its `meta.after` names, else sorted by id
   * @throws {Error} for an id that is there twice, a rule that does not say which of two findings is worse, or an `after` that is unknown or goes in a circle
   */
  constructor(rules: readonly Rule[]) {
    const sorted = [...rules].sort((a, b) => (a.meta.id < b.meta.id ? -1 : 1));
    this.#byId = new Map(sorted.map((rule) => [rule.meta.id, rule]));
    for (const rule of sorted) {
      const { id, docs } = rule.meta;
      if (this.#byId.get(id) !== rule) throw new Error(`two rules have the id ${id}`);
      if (docs.worse.trim() === '') throw new Error(`${id} does not say which of two findings is worse (meta.docs.worse)`);
    }
    const placed = new Set<Rule>();
    const place = (rule: Rule, waiting: readonly string[]): void => {
      if (placed.has(rule)) return;
      const { id, after = [] } = rule.meta;
      if (waiting.includes(id)) throw new Error(`rules wait for each other: ${[...waiting, id].join(', ')}`);
      for (const earlierId of after) {
        const earlier = this.#byId.get(earlierId);
        if (earlier === undefined) throw new Error(`${id} comes after ${earlierId}, which is no rule`);
        place(earlier, [...waiting, id]);
      }
      placed.add(rule);
    };
    for (const rule of sorted) place(rule, []);
    this.rules = [...placed];
  }

  /** @returns undefined where no rule has the id */
  get(id: string): Rule | undefined {
    return this.#byId.get(id);
  }
}
