/** What the words of a script stand for while it is followed. */
import type { Path } from './script-path.ts';
import { literalOf, type Redirection, type SimpleCommand, type Word, type WordPart } from './shell-syntax.ts';
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

/** Whether a word that is not known may stand for `exec`: `${VAR:-exec}`, `$EXEC`, `$(echo exec)`. */
export function speaksOfExec(word: Word | undefined): boolean {
  return word?.parts.some((part) => partSpeaksOfExec(part)) === true;
}

function partSpeaksOfExec(part: WordPart): boolean {
  if (part.kind === 'parameter') return !part.isQuoted && (/exec/i.test(part.name) || part.argument?.parts.some(isExec) === true);
  if (part.kind !== 'substitution' || part.isQuoted) return false;
  return part.script.lines.some(({ statements }) =>
    statements.some(({ first: { commands } }) =>
      commands.some((command) => command.kind === 'simple' && command.words.some(({ parts }) => parts.some(isExec))),
    ),
  );
}

function isExec(part: WordPart): boolean {
  return part.kind === 'text' && /^exec\b/.test(part.text);
}

export function isOfFile({ operator, target }: Redirection): boolean {
  return operator === '<' && literalOf(target) !== '/dev/null';
}
