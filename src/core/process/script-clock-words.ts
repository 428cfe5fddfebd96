/** What the words of a script stand for while its time is added up: values, sums, comparisons and sequences. */
import { assignmentIn, compare, evaluate } from './arithmetic.ts';
import { programName, type Argv } from './argv.ts';
import { holds } from './script-test.ts';
import { OWN_NUMBER } from './own-number.ts';
import type { Clock } from './script-ways.ts';
import { onlyCommandOf, type Command, type Script, type Word, type WordPart } from './shell-syntax.ts';
import type { ShellFlavour } from './shells.ts';
import { fieldsOf, isAllParameters, parameterOf, valueOf, withValue, wordsThatSet } from './shell-values.ts';
import type { StepBudget } from './step-budget.ts';

/** `$i -lt 10` and `"${i}" == 10`, in `[[ … ]]`. */
const COMPARISON = /^\s*"?(\$\w+|\$\{\w+\}|-?\w+)"?\s+(-lt|-le|-gt|-ge|-eq|-ne|==?|!=)\s+"?(\$\w+|\$\{\w+\}|-?\w+)"?\s*$/;

/** Any number of values that are not known. */
export const MANY: unique symbol = Symbol('any number of values');

const ONE_BRACE = /^([^{}]*)\{([^{}]+)\}([^{}]*)$/;

export class ClockWords {
  readonly #budget: StepBudget;
  readonly #expandsBraces: boolean;

  /** @param flavour of the shell; undefined for one that nobody measured, which expands what bash does */
  constructor(budget: StepBudget, flavour?: ShellFlavour) {
    this.#budget = budget;
    this.#expandsBraces = flavour !== 'dash' && flavour !== 'ash';
  }

  /** `((i < 10))`, `((i++))`, `[[ $i -lt 10 ]]`. */
  test(command: Extract<Command, { kind: 'test' }>, clock: Clock): Clock {
    const { text, isSum } = command;
    const lookup = (name: string): string | undefined => clock.variables.get(name);
    const [, left, operator, right] = COMPARISON.exec(text) ?? [];
    if (left !== undefined) {
      const [a, b] = [left, right ?? ''].map((word) => (word.startsWith('$') ? lookup(word.replace(/[${}]/g, '')) : word));
      return { ...clock, succeeded: tested([a, operator, b]) };
    }
    const change = isSum ? assignmentIn(text, lookup) : undefined;
    return change === undefined ? { ...clock, succeeded: holds(command, lookup) } : changed(clock, change);
  }

  /** The words of a command; undefined for each that is not known. */
  command(words: readonly Word[], clock: Clock): (string | undefined)[] {
    return wordsThatSet(words, (word) => this.valuesOf(word, clock).map((value) => (value === MANY ? undefined : value)));
  }

  /** The values of a word; `MANY` stands for any number of values that are not known. */
  valuesOf(word: Word, clock: Clock): (string | undefined | typeof MANY)[] {
    if (isAllParameters(word)) {
      this.#budget.spend(clock.parameters?.length ?? 1);
      return [...allOf(clock.parameters)];
    }
    const [part, more] = word.parts;
    const sequence = more === undefined && part?.kind === 'substitution' && !part.isQuoted ? this.#sequence(part.script, clock) : undefined;
    if (sequence !== undefined) return sequence;
    const value = this.value(word, clock);
    if (value === undefined)
      return [word.parts.every((each) => each.kind === 'text' || ('isQuoted' in each && each.isQuoted)) ? undefined : MANY];
    if (word.parts.every(({ kind }) => kind === 'text')) return this.#braces(word, value);
    if (!word.parts.some((each) => each.kind !== 'text' && !each.isQuoted)) return [value];
    // What parts the words of a value then, is not followed.
    if (clock.variables.has('IFS')) return [MANY];
    const fields = fieldsOf(value);
    this.#budget.spendOnList(fields);
    return fields;
  }

  /** `{1..10}`, `{0..10..2}` and `{a,b}` of bash, with what stands around them: `worker{1,2}`. */
  #braces({ parts }: Word, value: string): string[] {
    const [only, more] = parts;
    if (!this.#expandsBraces || more !== undefined || only?.kind !== 'text' || only.isQuoted) return [value];
    const [, before = '', inside, after = ''] = ONE_BRACE.exec(value) ?? [];
    if (inside === undefined) return [value];
    const [, first, last, by = '1'] = /^(-?\d{1,6})\.\.(-?\d{1,6})(?:\.\.-?(\d{1,6}))?$/.exec(inside) ?? [];
    if (first === undefined && !inside.includes(',')) return [value];
    const step = Math.max(1, Number(by));
    const values =
      first === undefined ? inside.split(',') : this.#range(Number(first), Number(last), Number(first) <= Number(last) ? step : -step);
    this.#budget.spend(values.length);
    return values.map((each) => `${before}${each}${after}`);
  }

  #range(first: number, last: number, step: number): string[] {
    if (step === 0) return [];
    const count = Math.max(0, Math.floor((last - first) / step) + 1);
    this.#budget.spend(count);
    return Array.from({ length: count }, (_, index) => String(first + index * step));
  }

  /** `$(seq 1 10)` */
  #sequence(script: Script, clock: Clock): string[] | undefined {
    const command = onlyCommandOf(script);
    if (command === undefined) return undefined;
    const words = command.words.map((word) => this.value(word, clock));
    if (programName(words[0] ?? '') !== 'seq') return undefined;
    const numbers = words.slice(1).map((text) => (text !== undefined && /^-?\d{1,6}$/.test(text) ? Number(text) : undefined));
    const [first, second, third] = numbers;
    if (numbers.length === 0 || numbers.length > 3 || numbers.includes(undefined)) return undefined;
    if (second === undefined) return this.#range(1, first ?? 0, 1);
    return third === undefined ? this.#range(first ?? 0, second, 1) : this.#range(first ?? 0, third, second);
  }

  value(word: Word, clock: Clock): string | undefined {
    return valueOf(word, (part) => {
      if (part.kind === 'parameter') return this.#parameter(part, clock);
      if (part.kind === 'arithmetic') return evaluate(part.text, (name) => clock.variables.get(name))?.toString();
      return part.kind === 'substitution' ? this.#printed(part.script, clock) : undefined;
    });
  }

  /** `$A`, and `${A:-5}` where it is known whether `A` has a value. */
  #parameter({ name, operator, argument }: Extract<WordPart, { kind: 'parameter' }>, clock: Clock): string | undefined {
    if (name === '$') return OWN_NUMBER;
    const { parameters, variables } = clock;
    const value = parameterOf(name, parameters ?? NO_PARAMETERS, variables);
    if (operator === '') return value;
    if (operator !== ':-' && operator !== '-') return undefined;
    const isMissing = parameters !== undefined && /^[1-9]\d*$/.test(name) && Number(name) >= parameters.length;
    if (!isMissing && (value !== '' || operator === '-')) return value;
    return argument === undefined ? '' : this.value(argument, clock);
  }

  /** `$(expr $i + 1)`, `$(echo 15)` */
  #printed(script: Script, clock: Clock): string | undefined {
    const command = onlyCommandOf(script);
    if (command === undefined) return undefined;
    const [program, ...words] = command.words.map((word) => this.value(word, clock));
    if (words.includes(undefined)) return undefined;
    if (program === 'expr') return evaluate(words.join(' '), () => undefined)?.toString();
    return program === 'echo' && words.every((word) => word !== undefined && /^\w+$/.test(word)) ? words.join(' ') : undefined;
  }
}

/** `[ "$i" -lt 10 ]`, `[ a = a ]`. */
export function tested(args: Argv, flavour?: ShellFlavour): boolean | undefined {
  const [left, operator, right, more] = args;
  if (args.length < 3) return args.includes(undefined) ? undefined : testedText(args);
  if (more !== undefined || left === undefined || operator === undefined || right === undefined) return undefined;
  // dash knows no `==`, complains and goes on.
  if (operator === '==' && flavour === 'dash') return false;
  if (operator === '=' || operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  const [a, b] = [left, right].map((text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : undefined));
  return a === undefined || b === undefined ? undefined : compare(a, operator, b);
}

/** `[ "$1" ]`, `[ -n "$1" ]`, `[ -z "$*" ]`; undefined for what asks for a file, a terminal or an option. */
function testedText([first = '', text]: Argv): boolean | undefined {
  if (text === undefined || first === '-n') return (text ?? first) !== '';
  if (first === '-z') return text === '';
  return first === '!' ? text === '' : undefined;
}

/** The clock after an assignment of a number. */
export function changed(clock: Clock, { name, value }: { readonly name: string; readonly value: number }): Clock {
  return { ...clock, variables: withValue(clock.variables, name, String(value)), succeeded: undefined };
}

const NO_PARAMETERS: Argv = [];

/** The arguments one by one. */
export function allOf(parameters: Argv | undefined): readonly (string | undefined | typeof MANY)[] {
  return parameters?.slice(1) ?? [MANY];
}

/** Whether a shell may end at the expansion of a word: `${NAME:?}` without a value, or a sum that has none, as `$((08))`. */
export function mayEndShell({ parts }: Word): boolean {
  return parts.some((part) => {
    if (part.kind === 'parameter') return /^:?\?/.test(part.operator);
    return part.kind === 'arithmetic' && !/[A-Za-z_$`]/.test(part.text) && evaluate(part.text, () => undefined) === undefined;
  });
}
