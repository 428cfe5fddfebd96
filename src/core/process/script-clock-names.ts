/**
 * Variables at which a shell ends while the time of a script is added up: those that are not set after `set -u`, and those that are set again
 * after `readonly`. As measured with dash 0.5.12, busybox ash 1.35 and bash 5.2 as `sh` (`test/core/process/measured/`).
 */
import type { Argv } from './argv.ts';
import { mayBeConstant, withNames, type Constants } from './script-clock-constants.ts';
import { withEach, type Clock, type Ways } from './script-ways.ts';
import { literalOf, type SimpleCommand, type Word, type WordPart } from './shell-syntax.ts';
import { stepsOfCopy, withValue } from './shell-values.ts';
import type { StepBudget } from './step-budget.ts';

/**
 * Those that a container or each of its shells has from the start (POSIX XCU 2.5.3; the kubelet sets HOSTNAME, the runtime PATH and HOME).
 * Only bash has UID and SECONDS, and dash has neither RANDOM nor LINENO.
 */
const SET_AT_START: ReadonlySet<string> = new Set('PATH HOME HOSTNAME PWD PPID IFS OPTIND PS4'.split(' '));

/** Whether `unset` may take away what each script has from the start. */
export function mayUnsetStart(names: Argv): boolean {
  return names.some((name) => name === undefined || SET_AT_START.has(name));
}

/** `${A:-b}`, `${A+b}`, `${A=b}`: with any of these nobody asks for a value. */
const HAS_OTHER = /^:?[-+=?]/;

/** Whether the expansion of some words may end the shell: at a variable that is not set (`set -u`), or at one that is there for good. */
export function mayEndAtWords(words: readonly Word[], clock: Clock): boolean {
  const { endsAtUnset, constants } = clock;
  if (endsAtUnset && words.some(({ parts }) => parts.some((part) => asksUnset(part, clock)))) return true;
  return constants?.size !== 0 && words.some((word) => setsConstant(word, constants));
}

/** The same of a test or a sum. In a sum names stand for their values, also without a `$`, but for what it sets: `x = 1`. */
export function mayEndAtUnsetIn({ text, isSum }: { readonly text: string; readonly isSum: boolean }, clock: Clock): boolean {
  if (!clock.endsAtUnset) return false;
  if (isSum) for (const [name] of text.matchAll(/(?<![\w$])[A-Za-z_]\w*(?!\w|\s*=(?!=))/g)) if (mayBeUnset(name, clock)) return true;
  for (const [, name = ''] of text.matchAll(/\$\{?#?(\w+)\}?(?!:?[-+=])/g)) if (mayBeUnset(name, clock)) return true;
  return false;
}

function asksUnset(part: WordPart, clock: Clock): boolean {
  if (part.kind === 'arithmetic') {
    for (const [name] of part.text.matchAll(/\b[A-Za-z_]\w*/g)) if (mayBeUnset(name, clock)) return true;
    return false;
  }
  if (part.kind !== 'parameter') return false;
  if (part.argument?.parts.some((inner) => asksUnset(inner, clock)) === true) return true;
  return !HAS_OTHER.test(part.operator) && mayBeUnset(part.name.replace(/^#(?=.)/, ''), clock);
}

function mayBeUnset(name: string, { variables, parameters, lacksStart }: Clock): boolean {
  if (/^\d+$/.test(name)) return name !== '0' && (parameters === undefined || Number(name) >= parameters.length);
  return /^[A-Za-z_]\w*$/.test(name) && !variables.has(name) && (lacksStart || !SET_AT_START.has(name));
}

/** Builtins whose words name variables that they set, or that they set where `=` follows. */
const SETS: ReadonlySet<string> = new Set(['local', 'unset', 'read', 'getopts']);
const SETS_BY_EQUALS: ReadonlySet<string> = new Set(['export', 'readonly', 'declare', 'typeset']);

const SETS_DEFAULT = /^:?=/;

/** The variables that words set where they have no value: `${A:=b}`. */
function namesOfDefaults(words: readonly Word[]): readonly string[] {
  return words.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.kind === 'parameter' && SETS_DEFAULT.test(part.operator) ? [part.name] : [])),
  );
}

/** The clock after words that may have set variables: which value these have, nobody knows where they had none. */
export function withDefaults(words: readonly Word[], clock: Clock, budget: StepBudget): Clock {
  let { variables } = clock;
  for (const name of namesOfDefaults(words)) {
    if (variables.get(name) !== undefined && variables.get(name) !== '') continue;
    budget.spend(stepsOfCopy(variables));
    variables = withValue(variables, name, undefined);
  }
  return variables === clock.variables ? clock : { ...clock, variables };
}

/** `${A:=b}`, `$((A = 1))`, also inside of `${B:-…}`; of a sum that sets something, each name may be what it sets. */
function setsConstant({ parts }: Word, constants: Constants): boolean {
  return parts.some((part) => {
    if (part.kind === 'arithmetic')
      return /(?<![=!<>])=(?!=)|<<=|>>=|\+\+|--/.test(part.text) && namesIn(part.text).some((name) => mayBeConstant(constants, name));
    if (part.kind !== 'parameter') return false;
    if (SETS_DEFAULT.test(part.operator) && mayBeConstant(constants, part.name)) return true;
    return part.argument !== undefined && setsConstant(part.argument, constants);
  });
}

function namesIn(sum: string): readonly string[] {
  return sum.match(/\b[A-Za-z_]\w*/g) ?? [];
}

/** Whether a command sets a variable again that is there for good, other than by what its words expand to. */
export function mayEndAtConstant({ assignments, words }: SimpleCommand, { constants }: Clock): boolean {
  if (constants?.size === 0) return false;
  if (assignments.some(({ name }) => mayBeConstant(constants, name))) return true;
  const [first, ...others] = words;
  const builtin = (first && literalOf(first)) ?? '';
  const asksEquals = SETS_BY_EQUALS.has(builtin);
  if (!asksEquals && !SETS.has(builtin)) return false;
  return others.some(
    ({ parts: [part] }) => part?.kind === 'text' && (!asksEquals || part.text.includes('=')) && mayBeConstant(constants, nameIn(part.text)),
  );
}

/** The ways behind a command that may make variables stay as they are: `readonly A=b`, `declare -r A`. */
export function withConstants(argv: Argv, ways: Ways, budget: StepBudget): Ways {
  const start = argv.findIndex((word) => word !== 'command' && word !== 'builtin');
  const [name, ...words] = start > 0 ? argv.slice(start) : argv;
  const isConstant =
    name === 'readonly' || (/^(?:declare|typeset|local|export)$/.test(name ?? '') && words.some((word) => /^-[a-zA-Z]*r/.test(word ?? '')));
  if (!isConstant) return ways;
  const names = words.filter((word) => word?.startsWith('-') !== true).map((word) => word && nameIn(word));
  return withEach(ways, (clock) => {
    const constants = withNames(clock.constants, names);
    if (constants === clock.constants) return clock;
    if (constants !== undefined) budget.spend(stepsOfCopy(constants));
    return { ...clock, constants };
  });
}

function nameIn(word: string): string {
  return /^[^=+]*/.exec(word)?.[0] ?? '';
}
