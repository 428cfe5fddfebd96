/** What the words of a script stand for while it is followed. */
import type { Path } from './script-path.ts';
import type { SimpleCommand, Word } from './shell-syntax.ts';
import { fieldsOf, isAllParameters, parameterOf, stepsOfCopy, valueOf, withValue } from './shell-values.ts';
import type { StepBudget } from './step-budget.ts';

export class WalkWords {
  readonly #budget: StepBudget;

  constructor(budget: StepBudget) {
    this.#budget = budget;
  }

  /** The words that a word becomes; undefined for each that is not known. */
  expand(word: Word, path: Path): (string | undefined)[] {
    if (isAllParameters(word)) {
      this.#budget.spend(path.parameters.length);
      return path.parameters.slice(1);
    }
    const value = this.value(word, path);
    const [part, more] = word.parts;
    const isSplit = value !== undefined && part?.kind === 'parameter' && more === undefined && !part.isQuoted;
    if (!isSplit) return [value];
    const fields = fieldsOf(value);
    this.#budget.spendOnList(fields);
    return fields;
  }

  /** @returns undefined where it is not known */
  value(word: Word, { variables, parameters }: Path): string | undefined {
    return valueOf(word, (part) =>
      part.kind === 'parameter' && part.operator === '' ? parameterOf(part.name, parameters, variables) : undefined,
    );
  }

  /** The path after `A=b C=d`. */
  assigned({ assignments }: SimpleCommand, path: Path): Path {
    let { variables } = path;
    this.#budget.spend(assignments.length * stepsOfCopy(variables));
    for (const { name, value } of assignments) variables = withValue(variables, name, value && this.value(value, path));
    return { ...path, variables, succeeded: undefined };
  }
}
