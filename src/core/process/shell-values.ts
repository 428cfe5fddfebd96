/** The values of a script's variables, words and functions, as far as the reader of the script knows them. */
import { nameMatcher } from '../glob.ts';
import type { EnvVar } from '../pod.ts';
import { programName, type Argv } from './argv.ts';
import { literalOf, type CaseCommand, type Command, type Script, type Word, type WordPart } from './shell-syntax.ts';
import type { StepBudget } from './step-budget.ts';

/** Known values are short: paths, names, numbers. What is longer is not known, so that none can be built up without end. */
const MAX_VALUE_LENGTH = 512;
/** How many variables, and functions, are remembered. */
const MAX_NAMES = 64;
/** How deep functions and `eval` are followed. */
export const MAX_CALLS = 6;

/** By their names; undefined where a value is not known. */
export type Variables = ReadonlyMap<string, string | undefined>;
export type Functions = ReadonlyMap<string, Command>;

export const NO_VARIABLES: Variables = new Map();
export const NO_FUNCTIONS: Functions = new Map();

/** @param value undefined where it is not known */
export function withValue(variables: Variables, name: string, value: string | undefined): Variables {
  return withValues(variables, [[name, value]]);
}

/** So many variables of the environment leave room for those of the script. */
const MAX_ENV_NAMES = 32;

/**
 * The variables of a container, of those that a command names; what it does not name it does not ask for. A value that comes from
 * elsewhere or holds another one, `$(NAME)`, is not known.
 */
export function variablesOfEnv(env: readonly EnvVar[], command: readonly string[]): Variables {
  const named = new Set(command.flatMap((word) => word.match(/\w+/g) ?? []));
  const variables = new Map<string, string | undefined>();
  for (const { name, value, valueFrom } of env) {
    if (!named.has(name) || (variables.size >= MAX_ENV_NAMES && !variables.has(name))) continue;
    variables.set(name, valueFrom == null && value?.includes('$(') !== true ? (value ?? '') : undefined);
  }
  return variables;
}

/** The variables after several assignments, in their order: copied once, and not where nothing changes. */
function withValues(variables: Variables, values: Iterable<readonly [name: string, value: string | undefined]>): Variables {
  let after: Map<string, string | undefined> | undefined;
  for (const [name, value] of values) {
    const before = after ?? variables;
    if (before.has(name) ? before.get(name) === value : before.size >= MAX_NAMES) continue;
    after ??= new Map(variables);
    after.set(name, value !== undefined && value.length > MAX_VALUE_LENGTH ? undefined : value);
  }
  return after ?? variables;
}

/** Each assignment copies the variables, and each join of ways compares them, as with constants: in steps of a budget. */
export function stepsOfCopy({ size }: { readonly size: number }): number {
  return size >> 2;
}

/** Stands for the value in `A="$B"` and `--a=$B` where only the name is known; no text of a script has it. */
export const UNKNOWN = '\0unknown';

/** Commands whose words set variables. */
const SETS_VARIABLES: ReadonlySet<string> = new Set(['export', 'readonly', 'local', 'declare', 'typeset', 'env']);

/**
 * The words of a command, in which `A="$B"` is known as far as its name goes where it sets a variable.
 *
 * @param fieldsOf what a word stands for; undefined where that is not known
 */
export function wordsThatSet(words: readonly Word[], fieldsOf: (word: Word) => (string | undefined)[]): (string | undefined)[] {
  const at = words[0] !== undefined && words[1] !== undefined && literalOf(words[0]) === 'exec' ? 1 : 0;
  const name = words[at] && literalOf(words[at]);
  let sets = name !== undefined && SETS_VARIABLES.has(programName(name));
  const isEnv = sets && programName(name ?? '') === 'env';
  return words.flatMap((word, index) => {
    const fields = fieldsOf(word);
    if (!sets || index <= at) return fields;
    const [part] = word.parts;
    const text = part?.kind === 'text' ? part.text : '';
    const equals = text.indexOf('=');
    // What comes after the program is no longer env's own.
    if (isEnv && equals <= 0 && !text.startsWith('-') && !isOptionOfEnv(words[index - 1])) sets = false;
    return sets && equals > 0 && fields.includes(undefined) ? [text.slice(0, equals + 1) + UNKNOWN] : fields;
  });
}

/** `env -u NAME`, `env -C FOLDER`: the next word is the option's. */
function isOptionOfEnv(word: Word | undefined): boolean {
  return word !== undefined && /^(?:-[uC]|--unset|--chdir)$/.test(literalOf(word) ?? '');
}

/** The variables after `export A=b`, `local A=b` and the like. */
export function withDeclared(variables: Variables, words: Argv): Variables {
  const values = words.flatMap<readonly [string, string | undefined]>((word) => {
    const equals = word?.indexOf('=') ?? -1;
    if (word === undefined || equals <= 0) return [];
    const value = word.slice(equals + 1);
    return [[word.slice(0, equals), value === UNKNOWN ? undefined : value]];
  });
  return withValues(variables, values);
}

/**
 * The variables behind the call of a function: what it makes its own by `local`, and by `declare` of bash, is as it was before.
 *
 * @throws TooMuch where nothing is left of the budget
 */
export function behindCall(body: Command, before: Variables, after: Variables, budget: StepBudget): Variables {
  if (before === after) return after;
  const own = localNamesOf(body);
  // Each of many calls compares them all, also of a function that returns before it comes to them.
  budget.spendOnList(own);
  const names = own.filter((name) => after.has(name) !== before.has(name) || after.get(name) !== before.get(name));
  if (names.length === 0) return after;
  const variables = new Map(after);
  for (const name of names) {
    if (before.has(name)) variables.set(name, before.get(name));
    else variables.delete(name);
  }
  return variables;
}

/** The variables that a function makes its own in any case: outside of its branches and loops. */
function localNamesOf(body: Command): readonly string[] {
  let names = LOCAL_NAMES.get(body);
  if (names === undefined) {
    names = [...new Set(readLocalNames(body))];
    LOCAL_NAMES.set(body, names);
  }
  return names;
}

/** A function may be called many times, and is read once. */
const LOCAL_NAMES = new WeakMap<Command, readonly string[]>();

function readLocalNames(body: Command): string[] {
  if (body.kind !== 'group') return [];
  return body.body.lines.flatMap(({ statements }) =>
    statements.flatMap(({ first: { commands } }) => {
      const [command, more] = commands;
      if (command?.kind !== 'simple' || more !== undefined) return [];
      const [name, ...words] = command.words.map(({ parts: [part] }) => (part?.kind === 'text' ? part.text : ''));
      if (!/^(?:local|declare|typeset)$/.test(name ?? '') || words.some((word) => /^-[a-zA-Z]*g/.test(word))) return [];
      return words.map((word) => /^[A-Za-z_]\w*/.exec(word)?.[0] ?? '').filter((word) => word !== '');
    }),
  );
}

/** Stands before each item in the text that a list is remembered as; no text of a script has it. */
export const BEFORE_ITEM = '\0,';

/** The items that two lists begin with, before one that is not known: `A=(app); if …; then A+=(--debug); fi`. */
function commonItems(a: string | undefined, b: string | undefined): string | undefined {
  if (a?.startsWith(BEFORE_ITEM) !== true || b?.startsWith(BEFORE_ITEM) !== true) return undefined;
  const others = b.split(BEFORE_ITEM);
  const items = a.split(BEFORE_ITEM);
  const end = items.findIndex((item, index) => item !== others[index]);
  return [...(end < 0 ? items : items.slice(0, end)), UNKNOWN].join(BEFORE_ITEM);
}

/** What is known of the variables after one of two ways. */
export function commonVariables(a: Variables, b: Variables): Variables {
  if (a === b) return a;
  let differs = a.size !== b.size;
  const common = new Map<string, string | undefined>();
  for (const [name, value] of a) {
    const isSame = b.has(name) && b.get(name) === value;
    if (!isSame) differs = true;
    // What is set on one of them only may not be set at all.
    if (b.has(name)) common.set(name, isSame ? value : commonItems(value, b.get(name)));
  }
  return differs ? common : a;
}

/** @returns undefined where no more functions are remembered */
export function withFunction(functions: Functions, name: string, body: Command): Functions | undefined {
  return functions.size >= MAX_NAMES ? undefined : new Map(functions).set(name, body);
}

/** The functions that are the same on both of two ways. */
export function commonFunctions(a: Functions, b: Functions): Functions {
  if (isSameFunctions(a, b)) return a;
  const common = new Map<string, Command>();
  for (const [name, body] of a) if (b.get(name) === body) common.set(name, body);
  return common;
}

/** Whether two ways through a script have defined the same functions. */
export function isSameFunctions(a: Functions, b: Functions): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [name, body] of a) if (b.get(name) !== body) return false;
  return true;
}

/** `$1`, `$name` */
export function parameterOf(name: string, parameters: Argv, variables: Variables): string | undefined {
  return /^\d+$/.test(name) ? parameters[Number(name)] : variables.get(name);
}

export function isSameArgv(a: Argv | undefined, b: Argv | undefined): boolean {
  if (a === b || a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((word, index) => word === b[index]);
}

/** The arguments after `shift`; undefined where a number is not known, or is more than there are. */
export function shifted([zero, ...words]: Argv, count: string | undefined): Argv | undefined {
  return /^\d{1,4}$/.test(count ?? '') && Number(count) <= words.length ? [zero, ...words.slice(Number(count))] : undefined;
}

/** Whether `set -e`, `set -euo pipefail`, `set -o errexit` or `set +e` switch an option on or off; undefined where they do not speak of it. */
export function isSwitched(
  args: Argv,
  letter: 'e' | 'm' | 'n' | 'u',
  longName: 'errexit' | 'monitor' | 'noexec' | 'nounset',
): boolean | undefined {
  let after: boolean | undefined;
  for (const [index, word] of args.entries()) {
    if (word === '--' || word === undefined) break;
    if (/^[-+]/.test(args[index - 1] ?? '') && word === longName) after = args[index - 1]?.startsWith('-');
    else if (/^[-+][a-zA-Z]+$/.test(word) && word.includes(letter)) after = word.startsWith('-');
  }
  return after;
}

/** The arguments that `set` gives the script: `set -- a b`, `set -e a b`; undefined where it only sets options. */
export function parametersOfSet(args: Argv): Argv | undefined {
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === '--') return args.slice(at + 1);
    if (word === '-') return at + 1 < args.length ? args.slice(at + 1) : undefined;
    if (word === undefined || !/^[-+]./.test(word)) return args.slice(at);
    if (word.endsWith('o')) at += 1;
  }
  return undefined;
}

/** Whether a word stands for the arguments one by one: `"$@"`, `$@`, `$*`. */
export function isAllParameters({ parts: [part, more] }: Word): boolean {
  if (part?.kind !== 'parameter' || more !== undefined || part.operator !== '') return false;
  return part.name === '@' || (part.name === '*' && !part.isQuoted);
}

/**
 * The text of a word as one.
 *
 * @param expand what stands for a part that is no text; undefined where it is not known
 */
export function valueOf(
  { parts }: Word,
  expand: (part: Exclude<WordPart, { readonly kind: 'text' }>) => string | undefined,
): string | undefined {
  let text = '';
  for (const part of parts) {
    if (part.kind === 'text') {
      text += part.text;
      continue;
    }
    const value = expand(part);
    if (value === undefined || text.length + value.length > MAX_VALUE_LENGTH) return undefined;
    text += value;
  }
  return text;
}

/** The fields of a value that no quotes hold together. */
export function fieldsOf(value: string): string[] {
  return value.split(/[ \t\n]+/).filter((text) => text !== '');
}

/**
 * The bodies of a `case` that may run.
 *
 * @param subject undefined where it is not known
 * @returns with `isCovered`, one of them runs
 */
export function caseBodies({ items }: CaseCommand, subject: string | undefined): { bodies: readonly Script[]; isCovered: boolean } {
  const bodies: Script[] = [];
  for (const { patterns, body } of items) {
    const matches = patterns.map((pattern) => isMatch(pattern, subject));
    if (matches.includes(true)) return { bodies: [...bodies, body], isCovered: true };
    if (matches.includes(undefined)) bodies.push(body);
  }
  return { bodies, isCovered: false };
}

/** @returns undefined where nobody knows */
function isMatch(pattern: Word, subject: string | undefined): boolean | undefined {
  const text = literalOf(pattern);
  if (text === undefined) return undefined;
  const has = (characters: RegExp, isQuoted: boolean): boolean =>
    pattern.parts.some((part) => part.kind === 'text' && part.isQuoted === isQuoted && characters.test(part.text));
  if (text === '*' && has(/\*/, false)) return true;
  if (subject === undefined) return undefined;
  if (!has(/[*?[]/, false)) return text === subject;
  return has(/[?[]/, false) || has(/\*/, true) ? undefined : nameMatcher(text)(subject);
}
