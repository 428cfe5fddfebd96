/** Loops of a script that is followed: each is gone through once. */
import type { Argv } from './argv.ts';
import { isSameButFollowed, momentOf } from './script-moment.ts';
import { eachPath, inLoop, joined, only, roundOf, waited, withWait, type Outcome, type Path } from './script-path.ts';
import type { BuiltinPlace } from './script-walk-builtins.ts';
import { parseShell } from './shell-parser.ts';
import { literalOf, type Command, type ForLoop, type Loop, type Script, type WordPart } from './shell-syntax.ts';
import { withValue } from './shell-values.ts';
import type { StepBudget } from './step-budget.ts';
import { isOpenWait } from './waiting-loop.ts';

/** Where a command stands. */
export interface Position extends BuiltinPlace {
  /** Standard input comes from a pipe. */
  readonly isFed: boolean;
  /** The command may be the last of all, so that the shell may become it. */
  readonly isTail: boolean;
  /** Where somebody asks whether it succeeds, that is a list: `app && tail`. */
  readonly isListed: boolean;
}

/** Where a script of its own begins. */
export const CHILD: Position = {
  isTail: false,
  calls: 0,
  isFed: false,
  hasEndlessInput: false,
  isInFunction: false,
  isInLoop: false,
  loops: 0,
  isTested: false,
  isListed: false,
};

/** Where the commands of a loop stand. */
export function inLoopOf(position: Position): Position {
  return { ...position, isTail: false, isInLoop: true, loops: position.loops + 1 };
}

/** Follows what stands in a loop. */
export interface LoopRunner {
  readonly budget: StepBudget;
  script(script: Script, path: Path, position: Position): Outcome;
  /**
   * A path on which the loop goes round for ever.
   *
   * @param mayLeave whether the loop waits for something, and may be left then in a way that ends the shell
   */
  stays(path: Path, mayLeave: boolean): void;
}

/** How a loop is entered. */
export interface LoopEntry {
  readonly path: Path;
  /** Of the commands of the loop. */
  readonly position: Position;
}

/** `while` and `until` */
export function loopOutcome(loop: Loop, { path: start, position }: LoopEntry, runner: LoopRunner): Outcome {
  const { kind, condition, body } = loop;
  const asked = roundOf(runner.script(condition, { ...start, succeeded: undefined }, { ...position, isTested: true, isListed: false }));
  const goesOn = kind === 'while';
  const taken = asked.again.filter(({ succeeded }) => succeeded !== !goesOn);
  const past = asked.again.filter(({ succeeded }) => succeeded !== goesOn);
  const once = roundOf(eachPath(taken, runner.budget, (path) => inLoop(runner.script(body, path, position), path)));
  const waits = taken.length > 0 && isOpenWait(loop);
  const moment = once.again.find((path) => path.moment !== undefined)?.moment;
  const after = (path: Path): Path => (waits ? withWait(path, path.moment ?? moment) : path);
  // The status of a loop is that of the last command of its body, and 0 without one (POSIX XCU 2.9.4).
  const status = endsWithSuccess(body) ? true : undefined;
  const succeeds = (path: Path): Path => ({ ...path, succeeded: true });
  const behind: Path[] = [...past.map(succeeds), ...once.behind.map((path) => succeeds(after(path))), ...asked.behind];
  // Where the condition always holds, the loop is where the container lives.
  const isForEver = taken.length === asked.again.length && taken.every(({ succeeded }) => succeeded === goesOn);
  // `while true; do check && break; sleep 1; done`: it only waits for what lets it out.
  const isLeft = waits && once.behind.length + once.rest.length > 0;
  // What took long before the loop, such as a migration, is over.
  const isIdle = ({ moment }: Path): boolean => moment?.isIdle === true || isSameButFollowed(moment, start.moment);
  const isOnlyWait = (path: Path): boolean => isLeft && isIdle(path) && !hasIdleTrap(path, runner.budget);
  for (const path of once.again) {
    if (isForEver && !isOnlyWait(path)) runner.stays(path, waits);
    else if (isForEver) continue;
    else behind.push({ ...after(path), succeeded: status });
  }
  return joined([{ open: [], left: [...asked.rest, ...once.rest.map(after)] }], behind);
}

/** Commands of which nobody expects that they fail. */
const SUCCEEDS: ReadonlySet<string> = new Set(['sleep', 'echo', 'printf', ':', 'true', 'date']);

/** Whether the action of the trap for the stop signal ends nothing and changes nothing that a loop could look at: `echo stopping`. */
function hasIdleTrap({ traps: { stop } }: Path, budget: StepBudget): boolean {
  if (stop === undefined || stop === 'ignored' || stop === 'unknown') return false;
  budget.spendOnText(stop.action);
  const { lines, problem } = parseShell(stop.action);
  const commands = lines.flatMap(({ statements }) =>
    statements.flatMap(({ first, rest }) => [first, ...rest.map(({ pipeline }) => pipeline)]),
  );
  return problem === undefined && commands.flatMap((each) => each.commands).every(isIdleCommand);
}

function isIdleCommand(command: Command): boolean {
  if (command.kind !== 'simple' || command.assignments.length > 0 || command.redirections.length > 0) return false;
  // What `$(touch /run/stop)` changes, the loop may look at.
  if (command.words.some(({ parts }) => parts.some(changesSomething))) return false;
  return command.words[0] !== undefined && SUCCEEDS.has(literalOf(command.words[0]) ?? '');
}

/** A substitution runs whatever it holds, `${A:=b}` and `$((A = 1))` set a variable. */
function changesSomething(part: WordPart): boolean {
  if (part.kind === 'parameter') return part.operator.endsWith('=') || part.argument?.parts.some(changesSomething) === true;
  return part.kind !== 'text';
}

function endsWithSuccess({ lines }: Script): boolean {
  const last = lines.at(-1)?.statements.at(-1);
  const [command, more] = last?.first.commands ?? [];
  if (last === undefined || last.rest.length > 0 || command?.kind !== 'simple' || more !== undefined) return false;
  return command.words[0] !== undefined && SUCCEEDS.has(literalOf(command.words[0]) ?? '');
}

/**
 * A loop that ends by itself.
 *
 * @param further the paths on which it is not gone through
 */
export function onceOutcome(body: Script, { path, position }: LoopEntry, further: readonly Path[], runner: LoopRunner): Outcome {
  const { again, behind, rest } = roundOf(inLoop(runner.script(body, path, position), path));
  return behindLoop([...again, ...behind, ...further], rest);
}

/** `select` without a terminal: at the end of its input it runs nothing. */
export function selectOutcome(path: Path, { isFed }: Position): Outcome {
  return only(isFed ? waited(path, { ...momentOf('foreground', path.traps), unknown: 'input' }) : path);
}

/** What goes on behind a loop, and what leaves its function. */
function behindLoop(paths: readonly Path[], left: readonly Path[]): Outcome {
  return joined(
    [{ open: [], left }],
    paths.map((path) => ({ ...path, succeeded: undefined })),
  );
}

/** How many signals a loop names at most that sets traps for them. */
const MOST_TRAPS = 16;

/** Whether a loop over some values does nothing but to set traps: `for S in TERM INT; do trap 'exit 0' $S; done`. */
function setsTraps({ lines }: Script, values: Argv): boolean {
  if (values.length > MOST_TRAPS) return false;
  return lines.every(({ statements }) =>
    statements.every(({ first: { commands }, rest, isBackground }) => {
      const [command, more] = commands;
      const word = command?.kind === 'simple' ? command.words[0] : undefined;
      return !isBackground && rest.length === 0 && more === undefined && word !== undefined && literalOf(word) === 'trap';
    }),
  );
}

/** `for A in …`, with its values; undefined for each that is not known. */
export function forOutcome(command: ForLoop, values: Argv, entry: LoopEntry, runner: LoopRunner): Outcome {
  const { path } = entry;
  if (values.length === 0) return only(path);
  if (setsTraps(command.body, values)) return eachValueOutcome(command, values, entry, runner);
  const variables = withValue(path.variables, command.variable, values.length === 1 ? values[0] : undefined);
  const isSure = values.some((value) => value !== undefined);
  return onceOutcome(command.body, { ...entry, path: { ...path, variables } }, isSure ? [] : [path], runner);
}

/** A loop that is gone through for each of its values. */
function eachValueOutcome({ body, variable }: ForLoop, values: Argv, { path, position }: LoopEntry, runner: LoopRunner): Outcome {
  let outcome: Outcome = only(path);
  for (const value of values) {
    outcome = eachPath(outcome.open, runner.budget, (from) =>
      runner.script(body, { ...from, variables: withValue(from.variables, variable, value) }, position),
    );
  }
  return outcome;
}
