/** How long the action of a trap takes, where it holds the shell up: sleeps, what never ends, and a wait for what nobody has told to end. */
import { withoutBusybox, type Argv } from './argv.ts';
import { isShort, neverEnds, secondsUntilEnd } from './program-length.ts';
import { listsNoJobs, namesIn, namesPipe, tellingOf, type Telling } from './script-kill.ts';
import type { TrappingShell } from './script-traps.ts';
import { parseShell } from './shell-parser.ts';
import {
  bodiesOf,
  literalOf,
  onlyCommandOf,
  type Command,
  type ForLoop,
  type Loop,
  type Pipeline,
  type Script,
  type SimpleCommand,
  type Word,
} from './shell-syntax.ts';
import { MAX_CALLS, type Functions, type Variables } from './shell-values.ts';
import type { ShellFlavour } from './shells.ts';
import type { StepBudget } from './step-budget.ts';

type Over = 'shell' | 'function' | 'maybe shell' | 'maybe function';

/** A piece of the action. */
interface Length {
  /** Infinity where it never ends. */
  readonly seconds: number;
  /** Whether something has told what runs in the background to end. */
  readonly isTold: Telling;
  /** Whom it has told, where it has told some by their names: `$P`. */
  readonly told?: ReadonlySet<string>;
  /** What comes behind it does not run: the shell is over, or the function; or it may not run. */
  readonly over: Over | undefined;
}

const NONE: Length = { seconds: 0, isTold: 'no', over: undefined };

/** @param tellsJobs what runs in the background has the signal as well, or nothing runs there */
export interface ActionPlace {
  readonly functions: Functions;
  readonly variables: Variables;
  readonly tellsJobs: boolean;
  readonly budget: StepBudget;
  readonly shell: TrappingShell;
}

/**
 * How many seconds an action takes at least, as far as that is known; Infinity where it never ends, undefined where it becomes a program of
 * which nobody knows, or waits for what it may have told.
 */
export function secondsOfAction(action: string, place: ActionPlace): number | undefined {
  place.budget.spendOnText(action);
  const script = parseShell(action);
  if (script.problem !== undefined) return 0;
  const { seconds } = lengthOf(script, { ...NONE, isTold: place.tellsJobs ? 'certainly' : 'no' }, place, 0);
  return Number.isNaN(seconds) ? undefined : seconds;
}

/** Whether an action tells anybody to end, by a signal or by a program of which nobody knows. */
export function tellsAnybody(action: string, place: ActionPlace): boolean {
  place.budget.spendOnText(action);
  const script = parseShell(action);
  return script.problem !== undefined || lengthOf(script, NONE, place, 0).isTold !== 'no';
}

function lengthOf({ lines }: Script, before: Length, place: ActionPlace, calls: number): Length {
  let length = before;
  for (const { statements } of lines) {
    for (const { first, rest, isBackground } of statements) {
      place.budget.spend();
      if (isBackground || isOver(length)) continue;
      const before = length;
      length = after(before, first, place, calls);
      if (before.over !== undefined) length = afterOptional(before, length);
      let isReached = succeeds(first, place);
      for (const { operator, pipeline } of rest) {
        place.budget.spend();
        const further = after(length, pipeline, place, calls);
        isReached &&= operator === '&&';
        length = isReached && length.over === undefined ? further : afterOptional(length, further);
        isReached &&= succeeds(pipeline, place);
      }
    }
  }
  return length;
}

/** What may be over after one of two ways. */
function eitherOver(a: Over | undefined, b: Over | undefined): Over | undefined {
  if (a === undefined && b === undefined) return undefined;
  return [a, b].some((over) => over === 'shell' || over === 'maybe shell') ? 'maybe shell' : 'maybe function';
}

function isOver({ over }: Length): boolean {
  return over === 'shell' || over === 'function';
}

function after(before: Length, { commands: [command, more] }: Pipeline, place: ActionPlace, calls: number): Length {
  // What a pipe does nobody follows here.
  if (command === undefined || more !== undefined || isOver(before)) return maybeTold(before);
  if (command.kind === 'simple') return afterSimple(before, command, place, calls);
  if (command.kind === 'group') return lengthOf(command.body, before, place, calls);
  if (command.kind === 'while' && isTrue(command.condition) && !leaves(command.body, place.budget)) return { ...before, seconds: Infinity };
  if (command.kind === 'while' || command.kind === 'until') return afterWaitLoop(before, command);
  if (command.kind === 'if')
    return afterIf(
      before,
      [...command.branches.map(({ body }) => body), ...(command.otherwise === undefined ? [] : [command.otherwise])],
      place,
      calls,
    );
  if (command.kind === 'for') return afterFor(before, command, place, calls);
  return command.kind === 'function' || command.kind === 'test' ? before : maybeTold(before);
}

/**
 * `while kill -0 $P; do sleep 1; done`, `until ! kill -0 $P; …`, `while pgrep app; …`: it waits for the end of a process. Whether there is
 * one by that name, nobody knows.
 */
function afterWaitLoop(before: Length, { condition }: Loop): Length {
  const command = condition.lines[0]?.statements[0]?.first.commands[0];
  const [name, option] = command?.kind === 'simple' ? command.words.slice(0, 2).map(literalOf) : [];
  if (name === 'kill' && option === '-0') return waitedFor(before);
  return name === 'pgrep' || name === 'pidof' ? waitedFor(maybeTold(before)) : maybeTold(before);
}

/** `for i in 1 2 3`, `for i in $(seq 30)`: the length of one round, as often as there are words. */
function afterFor(before: Length, { words = [], body }: ForLoop, place: ActionPlace, calls: number): Length {
  const { budget, shell } = place;
  budget.spendOnWords(words);
  if (words.length > 0 && words.every((word) => listsNoJobs(word, shell.flavour))) return before;
  const rounds = words.reduce((sum, word) => sum + countOf(word, shell.flavour), 0);
  const after = maybeTold(before);
  if (rounds === 0 || leaves(body, budget)) return after;
  const { seconds } = lengthOf(body, { ...after, seconds: 0 }, place, calls);
  return { ...after, seconds: before.seconds + seconds * rounds };
}

/** How many values a word stands for, as far as that is certain: `a`, `$(seq 1 30)`, and `{1..30}` in bash. */
function countOf(word: Word, flavour: ShellFlavour): number {
  const text = literalOf(word);
  if (text !== undefined) {
    const [, first, last] = /^\{(\d{1,4})\.\.(\d{1,4})\}$/.exec(text) ?? [];
    return first === undefined || !flavour.endsWith('bash') ? 1 : Math.abs(Number(last) - Number(first)) + 1;
  }
  const [part, more] = word.parts;
  if (part?.kind !== 'substitution' || more !== undefined) return 0;
  const [name, ...numbers] = onlyCommandOf(part.script)?.words.map(literalOf) ?? [];
  if (name !== 'seq' || numbers.length > 2 || !numbers.every((number) => /^\d{1,4}$/.test(number ?? ''))) return 0;
  const [first, last] = numbers.length === 1 ? [1, Number(numbers[0])] : numbers.map(Number);
  return Math.max(0, (last ?? 0) - (first ?? 1) + 1);
}

/** Of branches, each may be taken; one that may never end makes the whole unknown. */
function afterIf(before: Length, bodies: readonly Script[], place: ActionPlace, calls: number): Length {
  const lengths = bodies.map((body) => lengthOf(body, before, place, calls));
  const isTold = lengths.some((length) => length.isTold === 'certainly')
    ? 'certainly'
    : lengths.some((length) => length.isTold === 'maybe')
      ? 'maybe'
      : before.isTold;
  const seconds = lengths.every((length) => Number.isFinite(length.seconds)) ? before.seconds : NaN;
  return { seconds, isTold, over: lengths.reduce((over, length) => eitherOver(over, length.over), before.over) };
}

/** What stands behind `&&` and `||` may not run; where it may never end, the whole is not known. */
function afterOptional(before: Length, further: Length): Length {
  return {
    isTold: further.isTold,
    seconds: Number.isFinite(further.seconds) ? before.seconds : NaN,
    over: eitherOver(before.over, further.over),
  };
}

/** Whether what stands behind `&&` certainly runs. */
function succeeds({ commands: [command, more], isNegated }: Pipeline, { functions }: ActionPlace): boolean {
  if (command?.kind !== 'simple' || more !== undefined || isNegated || command.redirections.length > 0) return false;
  const argv = command.words.map(literalOf);
  const name = argv[0] ?? '';
  if (functions.has(name)) return false;
  return ['true', ':', 'echo', 'printf', 'date'].includes(name) || secondsUntilEnd(withoutBusybox(argv)) !== undefined;
}

function maybeTold(before: Length): Length {
  return before.isTold === 'no' ? { ...before, isTold: 'maybe' } : before;
}

function afterSimple(before: Length, command: SimpleCommand, place: ActionPlace, calls: number): Length {
  const { words } = command;
  place.budget.spendOnWords(words);
  if (words.length === 0) return before;
  const argv = words.map(literalOf);
  const [name] = argv;
  if (name === undefined) return maybeTold(before);
  const body = place.functions.get(name);
  if (body !== undefined) return calls > MAX_CALLS ? maybeTold(before) : afterBody(before, body, place, calls + 1);
  return AFTER_BUILTIN.get(name)?.(before, words) ?? afterProgram(before, command, argv, place);
}

/** Behind the builtins that end the action, or wait. */
const AFTER_BUILTIN: ReadonlyMap<string, (before: Length, words: readonly Word[]) => Length> = new Map([
  ['exit', (before) => ({ ...before, over: 'shell' })],
  ['return', (before) => ({ ...before, over: 'function' })],
  ['exec', afterExec],
  ['wait', afterWait],
]);

function afterExec(before: Length, [, ...words]: readonly Word[]): Length {
  if (words.length === 0) return before;
  return { ...before, seconds: before.seconds + secondsOf(words.map(literalOf)), over: 'shell' };
}

function afterWait(before: Length, words: readonly Word[]): Length {
  const { told, isTold } = before;
  const [, option] = words;
  if (option !== undefined && literalOf(option) === '-n') return before;
  const isOfOthers = told !== undefined && option !== undefined && !namesIn(words).every((name) => told.has(name));
  return isOfOthers && isTold === 'certainly' ? { ...before, seconds: NaN } : waitedFor(before);
}

/** @param argv the words of the command; undefined where one is not known */
function afterProgram(before: Length, command: SimpleCommand, argv: Argv, place: ActionPlace): Length {
  const seconds = secondsUntilEnd(withoutBusybox(argv));
  if (seconds !== undefined) return { ...before, seconds: before.seconds + seconds };
  if (neverEnds(argv)) return { ...before, seconds: Infinity };
  const telling = tellingOf(command, place.variables, place.shell);
  // A program without any words is what starts a server; how long it takes, nobody knows.
  if (argv.length === 1 && telling === 'maybe' && !isShort(argv)) return { ...maybeTold(before), seconds: NaN };
  if (telling !== 'certainly') return telling === 'maybe' ? maybeTold(before) : before;
  const ofPipe = namesPipe(command.words, place.variables);
  if (ofPipe !== 'no') return ofPipe === 'maybe' ? { ...before, isTold: 'maybe' } : before;
  return isOfNobody(command.words, place.variables) ? maybeTold(before) : toldBy(before, command, place.budget);
}

/** The length of a wait for what may have been told to end. */
function waitedFor(before: Length): Length {
  if (before.isTold === 'certainly') return before;
  return { ...before, seconds: before.isTold === 'maybe' ? NaN : Infinity };
}

/** `kill $P` tells one of those in the background, and `kill 0`, `kill $(jobs -p)` and `pkill app` all of them. */
function toldBy({ told: before, ...length }: Length, { words }: SimpleCommand, budget: StepBudget): Length {
  const names = namesIn(words);
  // Copied for each command.
  budget.spend(before?.size ?? 0);
  const isOfAll = length.isTold === 'certainly' && before === undefined;
  const told: Length = { ...length, isTold: 'certainly' };
  return names.length === 0 || isOfAll ? told : { ...told, told: new Set([...(before ?? []), ...names]) };
}

/** Whether a command names only variables that the script has not set when the signal comes: `kill $PID` without `PID=$!`. */
function isOfNobody(words: readonly Word[], variables: Variables): boolean {
  const names = namesIn(words);
  return names.length > 0 && names.every((name) => /^[A-Za-z_]/.test(name) && !variables.has(name));
}

function afterBody(before: Length, body: Command, place: ActionPlace, calls: number): Length {
  if (body.kind !== 'group') return maybeTold(before);
  const length = lengthOf(body.body, before, place, calls);
  return length.over === 'function' || length.over === 'maybe function' ? { ...length, over: before.over } : length;
}

/** Of what the shell becomes; NaN where nobody knows. */
function secondsOf(argv: Argv): number {
  if (neverEnds(argv)) return Infinity;
  return secondsUntilEnd(withoutBusybox(argv)) ?? (isShort(argv) ? 0 : NaN);
}

function isTrue({ lines }: Script): boolean {
  const [line] = lines;
  const [statement] = line?.statements ?? [];
  const [command] = statement?.first.commands ?? [];
  const word = command?.kind === 'simple' ? command.words[0] : undefined;
  return lines.length === 1 && line?.statements.length === 1 && ['true', ':'].includes((word && literalOf(word)) ?? '');
}

/** Whether a command may end the loop around it, whatever it is called in. */
function leaves({ lines }: Script, budget: StepBudget): boolean {
  return lines.some(({ statements }) =>
    statements.some(({ first, rest }) =>
      [first, ...rest.map(({ pipeline }) => pipeline)].some(({ commands }) =>
        commands.some((command) => {
          budget.spend();
          if (command.kind !== 'simple') return bodiesOf(command).some((body) => leaves(body, budget));
          const [word] = command.words;
          const name = word === undefined ? '' : literalOf(word);
          return name === undefined || !['sleep', 'true', ':', 'echo', 'printf', 'date', ''].includes(name);
        }),
      ),
    ),
  );
}
