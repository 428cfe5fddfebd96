/** One way through a script, and what of it matters for the moment in which the stop signal comes. */
import type { Argv } from './argv.ts';
import { isOverSoon, isSameMoment, momentOf, type Moment } from './script-moment.ts';
import { isSameTraps, NO_TRAPS, type Traps } from './script-traps.ts';
import type { FunctionDefinition } from './shell-syntax.ts';
import {
  commonVariables,
  isSameArgv,
  isSameFunctions,
  NO_FUNCTIONS,
  NO_VARIABLES,
  withFunction,
  type Functions,
  type Variables,
} from './shell-values.ts';
import { TooMuch, type StepBudget } from './step-budget.ts';

/** How many ways through a script are followed at once; further ones are an open question. */
const MAX_PATHS = 12;

/** One way through the script so far. */
export interface Path {
  /** `broken` and `next` by break and continue, `returned` by return. */
  readonly flow: 'on' | 'broken' | 'next' | 'returned';
  /** For `broken` and `next`: how many loops are left. */
  readonly levels: number;
  readonly moment: Moment | undefined;
  readonly traps: Traps;
  /** Something that may run for long is in the background. */
  readonly hasJobs: boolean;
  /** Something in the background may be told to end: no mere wait, and no program without a handler. */
  readonly runsServer?: true;
  /** How many of them there are, by which `%2` is counted; undefined where nobody knows. */
  readonly jobs: number | undefined;
  /** How long the rest of what is in the background takes, which is over before long; 0 where there is none. */
  readonly briefJobSeconds: number;
  readonly variables: Variables;
  /** `$0`, `$1`, …; undefined where a value is not known, or how many there are. */
  readonly parameters: Argv;
  readonly functions: Functions;
  /** The exit status of the last command, where it is known. */
  readonly succeeded: boolean | undefined;
  /** Something that is no mere waiting has run, or is running in the background. */
  readonly hasWorked: boolean;
  /** A command that fails ends the script (`set -e`). */
  readonly exitsOnError: boolean;
  /** The expansion of what is not set ends the script (`set -u`). */
  readonly endsAtUnset: boolean;
  /** Jobs have groups of their own, and can be brought back (`set -m`). */
  readonly isMonitored: boolean;
  /** A file was sourced, or a text evaluated that is not known: it may have set traps. */
  readonly isOpaque: boolean;
  /** busybox has refused the options of a program on it. */
  readonly isBusybox?: true;
  /** The shell itself reads what has no end: `exec </dev/zero`. */
  readonly hasEndlessInput: boolean;
  /** What the script waited for in a loop before this, for nobody knows how long. */
  readonly wait?: Moment;
  /** It waits for a program that does so: its own traps come after that. */
  readonly waitsForProgram?: true;
  /** `isOpaque` because of a wait that has no known end: for a job by its number, for the other end of a pipe. */
  readonly hasUnknownWait?: true;
}

/** Where paths stand after a piece of the script. */
export interface Outcome {
  readonly open: readonly Path[];
  /** Those that leave the loop, its round or the function. */
  readonly left: readonly Path[];
}

export const START: Path = {
  flow: 'on',
  levels: 1,
  moment: undefined,
  traps: NO_TRAPS,
  hasJobs: false,
  jobs: 0,
  briefJobSeconds: 0,
  variables: NO_VARIABLES,
  parameters: [],
  functions: NO_FUNCTIONS,
  succeeded: undefined,
  hasWorked: false,
  exitsOnError: false,
  endsAtUnset: false,
  isMonitored: false,
  isOpaque: false,
  hasEndlessInput: false,
};

/** The path after `name () { …; }`. With too many functions, nobody knows any more which command is one. */
export function withDefinition(path: Path, { name, body }: FunctionDefinition): Path {
  const functions = withFunction(path.functions, name, body);
  return functions === undefined ? { ...path, isOpaque: true } : { ...path, functions, succeeded: true };
}

/** The piece ends in one way, and the script goes on. */
export function only(path: Path): Outcome {
  return { open: [path], left: [] };
}

/** The path after the shell has waited for something; only what takes long is remembered. */
export function waited(path: Path, own: Moment | undefined): Path {
  if (own === undefined) return path;
  const hasWorked = path.hasWorked || !own.isIdle;
  if (path.moment !== undefined && path.moment.rank > own.rank) {
    const isFollowed = !isOverSoon(own);
    return { ...path, hasWorked, ...(isFollowed && { moment: { ...path.moment, isFollowed } }) };
  }
  return { ...path, hasWorked, moment: { ...own, kind: 'foreground', traps: path.traps, ...followsOf(path) } };
}

/** The path after it has waited in a loop, for nobody knows how long. */
export function withWait(path: Path, own = path.moment): Path {
  if (path.wait !== undefined) return path;
  return { ...path, wait: { ...(own ?? momentOf('busy', path.traps)), traps: path.traps, obstacle: 'loop', isRepeated: true } };
}

/** The path after it has waited for a child, or for a program, that waits in a loop itself. */
export function withWaitOfProgram(path: Path): Path {
  return { ...withWait(path), waitsForProgram: true };
}

/** Whether a moment that comes now stands behind another one that is not over soon. */
export function followsOf({ moment }: Pick<Path, 'moment'>): Pick<Moment, 'follows'> {
  return moment === undefined || isOverSoon(moment) ? {} : { follows: true };
}

/** What the body of a loop waits for cannot be replaced by `exec`: the loop would not go on. */
export function inLoop({ open, left }: Outcome, before: Path): Outcome {
  const mark = (path: Path): Path => {
    const { moment } = path;
    if (moment === undefined || moment === before.moment || moment.obstacle !== undefined) return path;
    return { ...path, moment: { ...moment, obstacle: 'loop' } };
  };
  return { open: open.map(mark), left: left.map(mark) };
}

/** What a child reports where each of its ways ends with the same status; undefined where they differ. */
export function statusOf({ open: [first, ...others], left }: Outcome): boolean | undefined {
  const isSame = left.length === 0 && others.every(({ succeeded }) => succeeded === first?.succeeded);
  return isSame ? first?.succeeded : undefined;
}

/** The path after `! command`. */
export function negated(path: Path): Path {
  return path.succeeded === undefined ? path : { ...path, succeeded: !path.succeeded };
}

/** A child inherits no traps but what is ignored, and its own moments are told apart from those before it. */
export function inChild({ wait: _, waitsForProgram: __, runsServer: ___, ...path }: Path): Path {
  return { ...path, moment: undefined, traps: NO_TRAPS, hasJobs: false, jobs: 0, briefJobSeconds: 0, hasEndlessInput: false };
}

/** Adds a path unless one is there that does not differ in what matters; what they know of variables is then what both know. */
function addPath(paths: Path[], path: Path): void {
  const index = paths.findIndex((other) => isSamePath(other, path));
  const same = paths[index];
  if (same === undefined) paths.push(path);
  else if (same.variables !== path.variables || same.wait !== path.wait) {
    const wait = same.wait ?? path.wait;
    paths[index] = { ...same, variables: commonVariables(same.variables, path.variables), ...(wait !== undefined && { wait }) };
  }
}

function isSamePath(a: Path, b: Path): boolean {
  return (
    a.flow === b.flow &&
    a.levels === b.levels &&
    a.succeeded === b.succeeded &&
    a.hasJobs === b.hasJobs &&
    a.runsServer === b.runsServer &&
    a.jobs === b.jobs &&
    a.briefJobSeconds === b.briefJobSeconds &&
    a.hasWorked === b.hasWorked &&
    a.exitsOnError === b.exitsOnError &&
    a.endsAtUnset === b.endsAtUnset &&
    a.isMonitored === b.isMonitored &&
    a.isOpaque === b.isOpaque &&
    a.hasUnknownWait === b.hasUnknownWait &&
    a.hasEndlessInput === b.hasEndlessInput &&
    a.isBusybox === b.isBusybox &&
    isSameMoment(a.moment, b.moment) &&
    isSameTraps(a.traps, b.traps) &&
    isSameArgv(a.parameters, b.parameters) &&
    isSameFunctions(a.functions, b.functions)
  );
}

/**
 * What becomes of a path at `break` and `continue`.
 *
 * @param count how many loops it is to leave; one without a number
 * @param loops how many there are; without any, the word does nothing
 */
export function left(path: Path, flow: 'broken' | 'next', count: string | undefined, loops: number): Outcome {
  if (loops === 0) return only(path);
  const levels = /^[1-9]\d{0,3}$/.test(count ?? '') ? Number(count) : 1;
  return { open: [], left: [{ ...path, flow, levels: Math.min(levels, loops) }] };
}

/** Runs a piece on every path, and joins paths that do not differ in what matters. */
export function eachPath(paths: readonly Path[], budget: StepBudget, run: (path: Path) => Outcome): Outcome {
  const open: Path[] = [];
  const left: Path[] = [];
  for (const path of paths) {
    budget.spend();
    const outcome = run(path);
    for (const result of outcome.open) addPath(open, result);
    for (const result of outcome.left) addPath(left, result);
  }
  if (open.length + left.length > MAX_PATHS) throw new TooMuch('the script has too many ways');
  return { open, left };
}

/** Where paths stand after one of several pieces, or after none on the further ones. */
export function joined(outcomes: readonly Outcome[], further: readonly Path[]): Outcome {
  const open: Path[] = [];
  const left: Path[] = [];
  for (const outcome of outcomes) {
    for (const path of outcome.open) addPath(open, path);
    for (const path of outcome.left) addPath(left, path);
    // Here, so that no path is compared with more than so many.
    if (open.length + left.length > MAX_PATHS) throw new TooMuch('the script has too many ways');
  }
  for (const path of further) addPath(open, path);
  return { open, left };
}

interface Round {
  /** These go round again. */
  readonly again: readonly Path[];
  /** These go on behind the loop. */
  readonly behind: readonly Path[];
  /** These leave more than the loop. */
  readonly rest: readonly Path[];
}

/** What comes of one round of a loop. */
export function roundOf(outcome: Outcome): Round {
  const again = [...outcome.open];
  const behind: Path[] = [];
  const rest: Path[] = [];
  for (const path of outcome.left) {
    if (path.flow === 'returned') rest.push(path);
    else if (path.levels > 1) rest.push({ ...path, levels: path.levels - 1 });
    else if (path.flow === 'next') again.push(goingOn(path));
    else behind.push(goingOn(path));
  }
  return { again, behind, rest };
}

/** The path where what it left is over: behind the loop, or behind the call of the function. */
export function goingOn(path: Path): Path {
  return path.flow === 'on' ? path : { ...path, flow: 'on', levels: 1 };
}

/** Where paths stand behind the call of a function, with the parameters of whoever called it: those that return go on. */
export function returnedTo(parameters: Argv, { open, left }: Outcome): Outcome {
  const back = (path: Path): Path => ({ ...path, parameters });
  const isReturned = ({ flow }: Path): boolean => flow === 'returned';
  return {
    open: [...open, ...left.filter(isReturned).map(goingOn)].map(back),
    left: left.filter((path) => !isReturned(path)).map(back),
  };
}
