/** What a shell waits for when the stop signal comes, and what it then does with the signal. */
import { endsByItself, isSoon, type Obstacle, type Possibility } from './possibility.ts';
import { programName, withoutBusybox, type Argv } from './argv.ts';
import { mayReadForEver } from './endless-input.ts';
import { isIdle, secondsUntilEnd } from './program-length.ts';
import { ignoresSignal, isWithoutHandler, keepsIgnoring } from './programs.ts';
import { tellingOfAction } from './script-kill.ts';
import { endsShell, isSameTraps, type Traps, type TrappingShell } from './script-traps.ts';
import type { Functions, Variables } from './shell-values.ts';
import { secondsOfAction, tellsAnybody, type ActionPlace } from './script-trap-length.ts';
import type { StepBudget } from './step-budget.ts';

/** What the shell waits for. */
export interface Moment {
  /** - `foreground`: a command; `jobs`: the builtin `wait`, which a trap interrupts; `busy`: the shell itself works. */
  readonly kind: 'foreground' | 'jobs' | 'busy';
  /** How long it takes, where that is known. */
  readonly seconds: number | undefined;
  /** The traps that were set then. */
  readonly traps: Traps;
  /** 1 for a sleep that ends, 2 for what may run for ever; the later of the highest is what the container is there for. */
  readonly rank: 1 | 2;
  readonly isSleep: boolean;
  /** It is a sleep or another wait for nothing, and nothing else ran for long before it. */
  readonly isIdle: boolean;
  readonly obstacle: Obstacle | undefined;
  /** What the program does with SIGTERM where it is not PID 1: ignores it by itself, or only where its shell did. */
  readonly ignores?: 'by itself' | 'as its shell';
  /** - `variable`: a text that the script evaluates, which may be `exec app`; `input`: how long it runs depends on what it reads. */
  readonly unknown?: 'variable' | 'input';
  /** It is in a loop, which may go round again. */
  readonly isRepeated: boolean;
  /** For `jobs`: the script waits for them again where a trap has interrupted it. */
  readonly waitsAgain?: 'certainly' | 'maybe';
  /** Behind it stands what takes a while, and runs where a trap has interrupted the wait and does not end the shell. */
  readonly isFollowed?: true;
  /** Something else that takes a while stands before it: it starts only where that is over. */
  readonly follows?: true;
  /** For `jobs`: another is started behind it. */
  readonly startsMore?: true;
  /** Who asks whether it succeeds: `if app`, or only what stands behind it in a list, `app && tail`. */
  readonly isAsked?: 'condition' | 'list';
  /** It is a `wait` that fails where a trap interrupts it, and ends the script after `set -e`. */
  readonly failsAtSignal?: true;
}

/** A moment that may last for ever. */
export function momentOf(kind: Moment['kind'], traps: Traps): Moment {
  const obstacle = kind === 'jobs' ? 'background' : kind === 'busy' ? 'loop' : undefined;
  return { kind, seconds: undefined, traps, rank: 2, isSleep: false, isIdle: false, obstacle, isRepeated: false };
}

/**
 * A program that the shell waits for.
 *
 * @param isRepeated whether it stands in a loop
 */
export function foregroundOf(argv: Argv, traps: Traps, isRepeated = false): Moment {
  const command = withoutBusybox(argv);
  const isSleep = programName(command[0] ?? '') === 'sleep';
  const seconds = secondsUntilEnd(command);
  const obstacle = isWithoutHandler(command) ? 'no handler' : undefined;
  const ignores = ignoresSignal(command) ? 'by itself' : keepsIgnoring(command) ? 'as its shell' : undefined;
  return {
    kind: 'foreground',
    seconds,
    traps,
    rank: seconds === undefined ? 2 : 1,
    isSleep,
    isIdle: isIdle(command),
    obstacle,
    isRepeated,
    ...(ignores !== undefined && { ignores }),
    ...(mayReadForEver(command) && { unknown: 'input' }),
  };
}

/** Whether the shell is done with it before long, so that nothing is left to be stopped. */
export function isOverSoon({ seconds, isRepeated }: Moment): boolean {
  return isSoon(seconds) && !isRepeated;
}

/** Whether the stop signal does the same in both. */
export function isSameMoment(a: Moment | undefined, b: Moment | undefined): boolean {
  if (a === b || a === undefined || b === undefined) return a === b;
  return (
    a.kind === b.kind &&
    a.seconds === b.seconds &&
    a.rank === b.rank &&
    a.isSleep === b.isSleep &&
    a.isIdle === b.isIdle &&
    a.obstacle === b.obstacle &&
    a.ignores === b.ignores &&
    a.unknown === b.unknown &&
    a.isRepeated === b.isRepeated &&
    a.waitsAgain === b.waitsAgain &&
    a.isFollowed === b.isFollowed &&
    a.follows === b.follows &&
    a.startsMore === b.startsMore &&
    a.isAsked === b.isAsked &&
    a.failsAtSignal === b.failsAtSignal &&
    isSameTraps(a.traps, b.traps)
  );
}

/** Whether it is the one that was there before, and in a loop something shorter came behind it. */
export function isSameButFollowed(moment: Moment | undefined, before: Moment | undefined): boolean {
  if (moment === undefined || before === undefined) return false;
  const { isFollowed: _, ...own } = moment;
  const { isFollowed } = before;
  return isSameMoment({ ...own, obstacle: before.obstacle, ...(isFollowed !== undefined && { isFollowed }) }, before);
}

export interface SignalledShell extends TrappingShell {
  /** Who else hears of the signal; undefined for PID 1. */
  readonly behind?: InitManner | undefined;
  /** The shell was started with `-i`. */
  readonly isInteractive: boolean;
  /** Standard input stays open. */
  readonly hasInput: boolean;
  readonly budget: StepBudget;
}

/** Whom an init tells: - `child`: what it started; `group`: all of its process group, so also what its shell waits for. */
export type InitManner = 'child' | 'group';

/** Signals that bash catches to run what was left for its end (`terminating_signals` in sig.c). */
const ENDS_BASH: ReadonlySet<string> = new Set(['HUP', 'INT', 'TERM', 'USR1', 'USR2']);

/** An interactive shell ignores SIGTERM itself, and takes the default action for what it starts (POSIX XCU sh, ASYNCHRONOUS EVENTS). */
export function ignoresByItself({ isInteractive, signal }: SignalledShell): boolean {
  return isInteractive && signal === 'TERM';
}

/** What of a way through a script (`Path`) matters when the stop signal comes in one of its moments. */
interface SignalledPath {
  /** Something on it is not known, and with `hasUnknownWait` how long it waits. */
  readonly isOpaque: boolean;
  readonly hasUnknownWait?: true;
  readonly functions: Functions;
  readonly variables: Variables;
  /** It goes on for ever in a loop. */
  readonly loops: boolean;
  /** Something that may run for long is in the background. */
  readonly hasJobs: boolean;
  /** Of that, something may be told to end. */
  readonly runsServer?: true;
  /** A command that fails ends the script (`set -e`), and so the action of a trap. */
  readonly exitsOnError: boolean;
}

/** What a shell that lives on does where what it waits for gets the signal as well: it goes on as soon as that has ended. */
function atSignalOfGroup(moment: Moment, path: SignalledPath, shell: SignalledShell): Possibility {
  const { stop } = moment.traps;
  if (stop === undefined) return ofGroupWithoutTrap(moment, path, shell);
  return stop === 'ignored' ? ofGroupThatIgnores(moment, path, shell) : ofGroupWithAction(moment, stop, path, shell);
}

function ofGroupWithoutTrap({ kind, ignores }: Moment, { loops }: SignalledPath, shell: SignalledShell): Possibility {
  const { program: pidOne, hasInput } = shell;
  // With a terminal, its jobs are groups of their own.
  if (hasInput) return { fate: 'unknown', pidOne, cause: 'trap' };
  const isDeaf = kind === 'foreground' && ignores === 'by itself';
  return loops || kind === 'busy' || isDeaf ? { fate: 'swallows', pidOne, cause: 'ignores' } : { fate: 'ends', pidOne, cause: 'trap' };
}

function ofGroupThatIgnores({ kind, ignores }: Moment, { loops }: SignalledPath, { program: pidOne }: SignalledShell): Possibility {
  if (loops || kind === 'busy' || ignores !== undefined) return { fate: 'swallows', pidOne, cause: 'trap goes on' };
  return { fate: kind === 'jobs' ? 'unknown' : 'ends', pidOne, cause: 'trap' };
}

function ofGroupWithAction(moment: Moment, stop: StopAction, path: SignalledPath, shell: SignalledShell): Possibility {
  const { kind, ignores, isFollowed, follows, traps } = moment;
  const { program: pidOne, budget } = shell;
  const { functions, variables, loops } = path;
  if (kind === 'foreground' && ignores === 'by itself') return { fate: 'waits', pidOne, cause: 'late trap' };
  const exits = exitsAfter(stop, path, shell);
  const seconds = secondsOfEnd(stop, traps.exitAction, { functions, variables, tellsJobs: true, budget, shell });
  if (seconds === Infinity) return { fate: 'swallows', pidOne, cause: 'long trap' };
  // What stands behind the wait starts only then, and has not heard of the signal.
  if (exits !== true && (isFollowed === true || follows === true)) return { fate: 'unknown', pidOne, cause: 'trap' };
  return endOrRound(exits, loops, endAfter(seconds, pidOne));
}

/** Behind the action of a trap: the end, or where the shell lives on in a loop, its next round. @param exits undefined where nobody knows */
function endOrRound(exits: boolean | undefined, loops: boolean, end: Possibility): Possibility {
  const { pidOne } = end;
  if (exits === true || !loops) return end;
  return exits === false ? { fate: 'swallows', pidOne, cause: 'trap goes on' } : { fate: 'unknown', pidOne, cause: 'trap' };
}

/** Of the trap for the signal and of the one for the end; undefined where nobody knows. */
function secondsOfEnd(stop: StopAction, exitAction: string | undefined, place: ActionPlace): number | undefined {
  const atSignal = stop === 'unknown' ? 0 : secondsOfAction(stop.action, place);
  const atEnd = exitAction === undefined ? 0 : secondsOfAction(exitAction, place);
  return atSignal === undefined || atEnd === undefined ? undefined : atSignal + atEnd;
}

/** The end behind a trap that takes so long; undefined where it becomes a program of which nobody knows. */
function endAfter(seconds: number | undefined, pidOne: string): Possibility {
  if (seconds === undefined) return { fate: 'unknown', pidOne, cause: 'trap' };
  return isSoon(seconds) ? { fate: 'ends', pidOne, cause: 'trap' } : { fate: 'waits', pidOne, cause: 'long trap', seconds };
}

/** Why nobody knows what the shell does: another file has a part of its script, or how long it waits is not known. */
export function causeOfUnknown({ hasUnknownWait }: { readonly hasUnknownWait?: true | undefined }): 'trap' | 'file' {
  return hasUnknownWait === true ? 'trap' : 'file';
}

/** A trap comes after the command in the foreground. */
function isWaiting({ kind }: Moment): boolean {
  return kind === 'foreground';
}

/** What the shell does with the stop signal in a moment that it lives in. */
export function atSignal(moment: Moment, path: SignalledPath, signalled: SignalledShell): readonly Possibility[] {
  const shell: SignalledShell = { ...signalled, ...(path.exitsOnError && { endsAtFailure: true }) };
  const { program: pidOne, behind } = shell;
  const { stop, mayBeNone } = moment.traps;
  if (moment.unknown !== undefined) return [{ fate: 'unknown', pidOne, cause: moment.unknown === 'variable' ? 'variable' : 'file' }];
  // Where it is not PID 1, the default action ends it.
  if (behind !== undefined && stop === undefined && !ignoresByItself(shell)) return [{ fate: 'ends', pidOne, cause: 'untold' }];
  if (behind === 'group') return [atSignalOfGroup(moment, path, shell)];
  if (stop === undefined || stop === 'ignored') return [withoutAction(moment, path, shell)];
  if (mayBeNone === true) return [{ fate: 'unknown', pidOne, cause: 'trap' }];
  return isWaiting(moment) ? afterForeground(moment, stop, path, shell) : [interrupted(moment, stop, path, shell)];
}

/** The shell has no trap for the signal, or ignores it. */
function withoutAction(
  moment: Moment,
  { isOpaque, hasUnknownWait, functions, variables, loops, hasJobs }: SignalledPath,
  shell: SignalledShell,
): Possibility {
  const { program: pidOne, flavour, signal } = shell;
  const { stop, exit, exitAction, isTimed } = moment.traps;
  if (isOverSoon(moment) && !loops) return endsByItself(pidOne, moment.seconds);
  if (isOpaque && !isWaiting(moment)) return { fate: 'unknown', pidOne, cause: causeOfUnknown({ hasUnknownWait }) };
  // bash with a trap for EXIT has a handler for what would end it, and ends at once.
  const isHandled = (exit || isTimed === true) && flavour.endsWith('bash') && ENDS_BASH.has(signal);
  if (stop === undefined && isHandled && !ignoresByItself(shell)) {
    return atHandledEnd(exitAction, { functions, variables, hasJobs }, shell);
  }
  return { fate: 'swallows', pidOne, cause: causeOfSilence(stop, shell) };
}

/** bash ends at the signal, with its trap for the end. */
function atHandledEnd(
  action: string | undefined,
  { functions, variables, hasJobs }: Pick<SignalledPath, 'functions' | 'variables' | 'hasJobs'>,
  shell: SignalledShell,
): Possibility {
  const { program: pidOne, budget } = shell;
  if (action === undefined) return { fate: 'ends', pidOne, cause: 'untold' };
  const seconds = secondsOfAction(action, { functions, variables, tellsJobs: !hasJobs, budget, shell });
  // A shell that tells itself is over at once, and what it becomes may be a server.
  const isCertain = endsShell(action, functions, budget) !== undefined;
  if (isCertain && seconds === Infinity) return { fate: 'swallows', pidOne, cause: 'long trap' };
  if (isSoon(isCertain ? (seconds ?? 0) : seconds)) {
    const tells = tellingOfAction(action, { functions, variables }, budget, shell) !== 'no';
    return { fate: 'ends', pidOne, cause: tells ? 'trap' : 'untold' };
  }
  return endAfter(isCertain ? seconds : undefined, pidOne);
}

/** Why a shell without an action for the signal goes on. */
function causeOfSilence(stop: Traps['stop'], { behind, isDeaf }: SignalledShell): 'trap goes on' | 'shell' | 'ignores' {
  if (stop === 'ignored') return isDeaf === true ? 'ignores' : 'trap goes on';
  return behind === undefined ? 'shell' : 'ignores';
}

/** What a trap for the signal does: `unknown` where nobody knows. */
type StopAction = 'unknown' | { readonly action: string };

/** Whether the action ends the shell; undefined where nobody knows. */
function exitsAfter(stop: StopAction, { functions }: SignalledPath, { budget }: SignalledShell): boolean | undefined {
  return stop === 'unknown' ? undefined : endsShell(stop.action, functions, budget);
}

/** The action runs once the command in the foreground is over. */
function afterForeground(moment: Moment, stop: StopAction, path: SignalledPath, shell: SignalledShell): readonly Possibility[] {
  const { program: pidOne, flavour } = shell;
  if (exitsAfter(stop, path, shell) === false && path.loops) return [{ fate: 'swallows', pidOne, cause: 'trap goes on' }];
  const { seconds } = moment;
  const late: Possibility = { fate: 'waits', pidOne, cause: 'late trap', ...(seconds !== undefined && { seconds }) };
  // Since 1.36, busybox may have a `sleep` of its own in the shell, which a signal interrupts.
  if (moment.isSleep && flavour === 'ash') return [late, { fate: 'ends', pidOne, cause: 'trap', interruptsSleep: true }];
  return [late];
}

/** The signal interrupts what the shell waits for or does, and the action runs at once. */
function interrupted(moment: Moment, stop: StopAction, path: SignalledPath, shell: SignalledShell): Possibility {
  const { program: pidOne, budget } = shell;
  const { functions, variables, loops, hasJobs } = path;
  const seconds = secondsOfEnd(stop, moment.traps.exitAction, { functions, variables, tellsJobs: !hasJobs, budget, shell });
  if (seconds === Infinity) return { fate: 'swallows', pidOne, cause: 'long trap' };
  const exits = moment.failsAtSignal === true || exitsAfter(stop, path, shell);
  const { waitsAgain } = moment;
  const telling = stop === 'unknown' ? 'no' : tellingOfAction(stop.action, { functions, variables }, budget, shell);
  if (exits !== true && !loops && waitsAgain !== undefined && telling !== 'certainly') {
    // What it waits for has not heard of the signal, and runs on; a signal that jobs ignore unless they handle it, they may have heard.
    return waitsAgain === 'certainly' && exits === false && telling === 'no'
      ? { fate: 'swallows', pidOne, cause: 'trap goes on' }
      : { fate: 'unknown', pidOne, cause: 'trap' };
  }
  // What stands behind it runs, and in a loop the next round.
  if (exits !== true && moment.isFollowed === true && !(exits === false && loops)) return { fate: 'unknown', pidOne, cause: 'trap' };
  const end = endOrRound(exits, loops, endAfter(seconds, pidOne));
  const isUntold = exits === true && !loops && end.fate === 'ends' && path.runsServer === true && tellsNobody(moment, stop, path, shell);
  return isUntold ? { ...end, cause: 'untold' } : end;
}

/** Whether the traps end the shell without a signal to what it has started, which is killed then. */
function tellsNobody({ traps }: Moment, stop: StopAction, path: SignalledPath, shell: SignalledShell): boolean {
  const { functions, variables, isOpaque } = path;
  if (stop === 'unknown' || isOpaque || (traps.exit && traps.exitAction === undefined)) return false;
  const place: ActionPlace = { functions, variables, tellsJobs: false, budget: shell.budget, shell };
  return [stop.action, traps.exitAction ?? ''].every((action) => !tellsAnybody(action, place));
}
