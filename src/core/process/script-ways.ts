/** The time that has passed in a script, on each of the ways on which a piece of it may continue or end. */
import type { Argv } from './argv.ts';
import { eitherConstants, NO_CONSTANTS, type Constants } from './script-clock-constants.ts';
import { BOTH_HELD, eitherOutputs, type Outputs } from './script-clock-outputs.ts';
import {
  commonFunctions,
  commonVariables,
  isSameArgv,
  NO_FUNCTIONS,
  NO_VARIABLES,
  type Functions,
  type Variables,
} from './shell-values.ts';
import { eitherStop, type Timing } from './timing.ts';

/** One moment of the script. */
export interface Clock {
  /** Seconds since the script began: the least and the most that they may be; the least is -Infinity where it cannot be told. */
  readonly min: number;
  readonly max: number;
  /** Something ran whose length is not known. */
  readonly isOpen: boolean;
  /** When the script first tells the server to stop; undefined where it has not. */
  readonly stop: Timing['stop'];
  /** When what runs in the background has ended: at the latest, and at the earliest. */
  readonly jobsEnd: number;
  readonly jobsLeast: number;
  /** When the first of it may have ended; Infinity where nothing runs. */
  readonly firstJobEnd: number;
  /** A signal was sent that may have ended some of it. */
  readonly hasSignalled: boolean;
  readonly areJobsOpen: boolean;
  /** The same of those that keep standard output open, for which whoever started the script waits. */
  readonly holdersEnd: number;
  readonly holdersLeast: number;
  readonly areHoldersOpen: boolean;
  /** What the kubelet reads of the script's own outputs. */
  readonly outputs: Outputs;
  /** When a child of the script's shell may have sent it a signal; undefined where none has. */
  readonly shellSignalledAt: number | undefined;
  /** The script handles or ignores some signal. */
  readonly hasTraps: boolean;
  readonly succeeded: boolean | undefined;
  readonly variables: Variables;
  /** `$0`, `$1`, …; undefined where it is not known how many there are. */
  readonly parameters: Argv | undefined;
  readonly functions: Functions;
  /** A command that fails ends the script (`set -e`); undefined where nobody knows. */
  readonly exitsOnError: boolean | undefined;
  /** A variable that is not set may end it (`set -u`). */
  readonly endsAtUnset: boolean;
  /** `unset` may have taken away a variable that each script has from the start: `unset HOME`. */
  readonly lacksStart: boolean;
  /** Variables that nobody may change any more (`readonly`). */
  readonly constants: Constants;
  /** It has looked at the lines by which processes were started, where it finds its own: `pgrep -f`, `ps`. */
  readonly knowsLines: boolean;
  /** `exec >file` has turned its outputs away on some way. */
  readonly leavesOutputs: boolean;
  /** For `broken` and `next`: how many loops are left. */
  readonly levels: number;
}

export const START: Clock = {
  min: 0,
  max: 0,
  isOpen: false,
  stop: undefined,
  jobsEnd: 0,
  jobsLeast: 0,
  firstJobEnd: Number.POSITIVE_INFINITY,
  hasSignalled: false,
  areJobsOpen: false,
  holdersEnd: 0,
  holdersLeast: 0,
  areHoldersOpen: false,
  outputs: BOTH_HELD,
  shellSignalledAt: undefined,
  hasTraps: false,
  succeeded: true,
  variables: NO_VARIABLES,
  parameters: [],
  exitsOnError: false,
  endsAtUnset: false,
  lacksStart: false,
  constants: NO_CONSTANTS,
  knowsLines: false,
  leavesOutputs: false,
  functions: NO_FUNCTIONS,
  levels: 1,
};

/** The clock after a signal that may have ended what runs in the background. */
export function withJobsSignalled(clock: Clock): Clock {
  return { ...clock, jobsLeast: 0, firstJobEnd: 0, holdersLeast: 0, hasSignalled: true };
}

/** Where a command stands. */
export interface Place {
  readonly calls: number;
  /** A child of the script's shell runs it: a subshell, a pipe or a job. */
  readonly isChild: boolean;
  /** How deep functions and `eval` are in each other. */
  readonly depth: number;
  /** Somebody asks whether it succeeds, so that `set -e` does not count. */
  readonly isTested: boolean;
  /** How many loops it is in, within its function or subshell. */
  readonly loops: number;
  /** What parts it from further loops. */
  readonly beyond: 'subshell' | 'function' | undefined;
}

/** The ways that a piece may take, each with the clock at its end; undefined for one that it does not. */
export interface Ways {
  /** It goes on behind the piece. */
  readonly on: Clock | undefined;
  /** `exit`, `exec`: the shell is over. */
  readonly ended: Clock | undefined;
  /** `break` */
  readonly broken: Clock | undefined;
  /** `continue` */
  readonly next: Clock | undefined;
  /** `return` */
  readonly returned: Clock | undefined;
  /** It is there for ever. */
  readonly stuck: Clock | undefined;
}

export const NO_WAY: Ways = { on: undefined, ended: undefined, broken: undefined, next: undefined, returned: undefined, stuck: undefined };

/** The script goes on here, and nowhere else. */
export function on(clock: Clock): Ways {
  return { ...NO_WAY, on: clock };
}

/** The shell ends at what it does not know. */
export function refused(clock: Clock | undefined): Ways {
  return { ...NO_WAY, ended: clock && { ...clock, succeeded: false } };
}

/** The ways that do not go on behind the piece. */
export function without(ways: Ways): Ways {
  const { ended, broken, next, returned, stuck } = ways;
  const hasOthers = (ended ?? broken ?? next ?? returned ?? stuck) !== undefined;
  return hasOthers ? { ...ways, on: undefined } : NO_WAY;
}

/** One piece or another. */
export function join(a: Ways, b: Ways): Ways {
  if (a === NO_WAY) return b;
  if (b === NO_WAY) return a;
  return {
    on: either(a.on, b.on),
    ended: either(a.ended, b.ended),
    broken: either(a.broken, b.broken),
    next: either(a.next, b.next),
    returned: either(a.returned, b.returned),
    stuck: either(a.stuck, b.stuck),
  };
}

/** The same ways with something else in the clock at the end of each. */
export function withEach({ on: goesOn, ended, broken, next, returned, stuck }: Ways, change: (clock: Clock) => Clock): Ways {
  const changed = (clock: Clock | undefined): Clock | undefined => clock && change(clock);
  return {
    on: changed(goesOn),
    ended: changed(ended),
    broken: changed(broken),
    next: changed(next),
    returned: changed(returned),
    stuck: changed(stuck),
  };
}

/** All that ends, in whatever way; undefined where nothing does. */
export function mergedOf({ on: goesOn, ended, broken, next, returned }: Ways): Clock | undefined {
  return either(goesOn, either(either(ended, returned), either(broken, next)));
}

/** The ways out of what goes round nobody knows how often. */
export function opened(ways: Ways): Ways {
  return { ...withEach(ways, (clock) => ({ ...clock, isOpen: true })), stuck: ways.stuck };
}

/** What may be the case after one of two ways. */
export function either(a: Clock, b: Clock | undefined): Clock;
export function either(a: Clock | undefined, b: Clock | undefined): Clock | undefined;
export function either(a: Clock | undefined, b: Clock | undefined): Clock | undefined {
  if (a === undefined || b === undefined || a === b) return a ?? b;
  const isSameLevel = a.levels === b.levels;
  return {
    min: isSameLevel ? Math.min(a.min, b.min) : Number.NEGATIVE_INFINITY,
    max: Math.max(a.max, b.max),
    isOpen: a.isOpen || b.isOpen || !isSameLevel,
    stop: eitherStop(a.stop, b.stop),
    jobsEnd: Math.max(a.jobsEnd, b.jobsEnd),
    jobsLeast: Math.min(a.jobsLeast, b.jobsLeast),
    firstJobEnd: Math.min(a.firstJobEnd, b.firstJobEnd),
    hasSignalled: a.hasSignalled || b.hasSignalled,
    areJobsOpen: a.areJobsOpen || b.areJobsOpen,
    holdersEnd: Math.max(a.holdersEnd, b.holdersEnd),
    holdersLeast: Math.min(a.holdersLeast, b.holdersLeast),
    areHoldersOpen: a.areHoldersOpen || b.areHoldersOpen,
    outputs: eitherOutputs(a.outputs, b.outputs),
    shellSignalledAt: a.shellSignalledAt ?? b.shellSignalledAt,
    hasTraps: a.hasTraps || b.hasTraps,
    succeeded: a.succeeded === b.succeeded ? a.succeeded : undefined,
    variables: commonVariables(a.variables, b.variables),
    parameters: isSameArgv(a.parameters, b.parameters) ? a.parameters : undefined,
    exitsOnError: a.exitsOnError === b.exitsOnError ? a.exitsOnError : undefined,
    endsAtUnset: a.endsAtUnset || b.endsAtUnset,
    lacksStart: a.lacksStart || b.lacksStart,
    constants: eitherConstants(a.constants, b.constants),
    knowsLines: a.knowsLines || b.knowsLines,
    leavesOutputs: a.leavesOutputs || b.leavesOutputs,
    // What only one of them has defined is a program of the image on the other.
    functions: commonFunctions(a.functions, b.functions),
    levels: Math.min(a.levels, b.levels),
  };
}
