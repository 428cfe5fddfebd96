/** What may happen at the stop signal, one possibility at a time, and what follows from all of them together. */
import { entryOf } from '../map-entry.ts';

/** What becomes of a container whose PID 1 gets its stop signal. */
export type Fate =
  /** It ends: a handler, an init, or PID 1 runs no longer than its script. */
  | 'ends'
  /** The signal is lost: the container runs until SIGKILL. */
  | 'swallows'
  /** A trap that only runs when the command in the foreground has ended. */
  | 'waits'
  /** One of several, and the spec does not tell which. */
  | 'depends'
  | 'unknown';

/** One thing that may happen. */
export interface Possibility {
  readonly fate: Exclude<Fate, 'depends'>;
  /** The name of the program that is PID 1 when the signal comes; '' where it is not known, `sh or sleep` where it is one of them. */
  readonly pidOne: string;
  /** Why: what PID 1 is, or what is not known. */
  readonly cause: Cause;
  /** All that it runs is a sleep, or something that waits for nothing: the container is there to be entered, or to be left alone. */
  readonly isIdle?: true;
  /** Behind an init: the program that it started and that does not end, though it hears of the signal. */
  readonly child?: string;
  /** What keeps the shell from becoming its last command by `exec`; undefined where `exec` would do. */
  readonly obstacle?: Obstacle;
  /**
   * The name of the program that is PID 1 while the script still waits for something, for nobody knows how long: it loses the signal then.
   * Undefined where the script waits for nothing, or would end.
   */
  readonly waitsAs?: string;
  /** It ends only if `sleep` is a part of the shell, as in busybox from 1.36 on. */
  readonly interruptsSleep?: true;
  /**
   * For `waits`: seconds until the command in the foreground, or the trap, has ended; undefined where they are not known. For `ends by
   * itself`: the seconds until then, where they are known to be few.
   */
  readonly seconds?: number;
}

/** Why `exec` before the command that runs would not help. */
export type Obstacle = 'loop' | 'pipe' | 'subshell' | 'background' | 'no handler';

export type Cause =
  /** A program made to be PID 1. */
  | 'init'
  /** The program itself is PID 1, by exec form or by `exec`; whether it handles the signal is its own affair. */
  | 'application'
  /** A program that passes the signal on to what it started, and ends with it. */
  | 'forwards'
  /** An init that is told to pass nothing on: `dumb-init --rewrite 15:0`. */
  | 'dropped'
  /** A program without a handler. */
  | 'no handler'
  /** A program that starts another, waits for it and has no handler: flock, time, xargs. */
  | 'launcher'
  /** A shell that waits for a command, without a trap for the signal. */
  | 'shell'
  /** A shell whose trap runs at once. */
  | 'trap'
  /** A shell whose trap only runs after the command in the foreground. */
  | 'late trap'
  /** A shell whose trap runs at once, and takes long before it ends. */
  | 'long trap'
  /** A shell whose trap ignores the signal, or does its work and goes on. */
  | 'trap goes on'
  /** A program that ignores the signal by itself, whether it is PID 1 or not; behind an init also an interactive shell and `unshare --fork`. */
  | 'ignores'
  /** PID 1 ends at the signal, and what does the work is killed without having heard of it. */
  | 'untold'
  /** Nothing in the script runs for long: the container ends by itself. */
  | 'ends by itself'
  /** A script file, a sourced file or standard input. */
  | 'file'
  /** The name of the program is in a variable or comes out of a substitution. */
  | 'variable'
  /** npm and the like: the server runs in a shell of theirs, which may not pass the signal on. */
  | 'runner'
  /** What is behind the name differs between images: `/sbin/init`, `sudo`, a shell that nobody measured. */
  | 'differs'
  /** Code in the command line that stays and handles the signal in a way of its own. */
  | 'handler'
  /** The script cannot be read, or is too large or too deep to be followed. */
  | 'unreadable'
  /** No command: the image's entrypoint runs. */
  | 'image';

/** What happens at the stop signal, as far as command and image tell. */
export interface StopVerdict extends Omit<Possibility, 'fate'> {
  readonly fate: Fate;
  /** It is about what the image starts by ENTRYPOINT and CMD: the container has no command. */
  readonly isOfImage?: true;
  /** For the cause `image`: why its entrypoint is not known, without a full stop; undefined where nobody has asked. */
  readonly reason?: string;
  /** For `depends`: on what. */
  readonly on?: DependsOn;
}

/**
 * - `shell`: which program `sh` is; `shell version`: whether bash is 5.1 or newer; `branch`: which way the script takes.
 * - `program`: whether `timeout` is the one of coreutils or of busybox, `unshare` that of util-linux or of busybox.
 * - `sleep`: whether `sleep` is a part of the shell, so that a signal interrupts it.
 * - `stop signal`: whether the API server keeps `lifecycle.stopSignal`.
 */
export type DependsOn = 'shell' | 'shell version' | 'branch' | 'program' | 'sleep' | 'stop signal';

/** A trap that runs so soon after the signal is as good as one that runs at once. */
const SOON_SECONDS = 5;

/** Whether a container is gone soon after its stop signal, though its trap waits for the command in the foreground. */
export function endsSoon({ fate, seconds }: StopVerdict): boolean {
  return fate === 'waits' && isSoon(seconds);
}

/** @param seconds undefined where they are not known */
export function isSoon(seconds: number | undefined): seconds is number {
  return seconds !== undefined && seconds <= SOON_SECONDS;
}

/** A container that has ended before anybody could stop it, after so many seconds. */
export function endsByItself(pidOne: string, seconds = 0): Possibility {
  return { fate: 'ends', pidOne, cause: 'ends by itself', ...(seconds > 0 && { seconds }) };
}

/** A possibility under the assumption of one shell. */
export interface Assumed extends Possibility {
  /** The shell that was assumed to get here; '' where none was run. */
  readonly flavour: string;
  /** The programs of busybox were assumed on the way here, and not those of coreutils. */
  readonly isBusybox?: true;
}

const ENDS_BY_ITSELF: StopVerdict = { fate: 'ends', pidOne: '', cause: 'ends by itself' };

/** What all possibilities have in common; `depends` where they have not even the fate. A script may wait on any of its ways. */
export function joined(all: readonly Assumed[]): StopVerdict {
  const { waitsAs: _, ...verdict } = verdictOfAll(all);
  const waiting = all.find(({ waitsAs }) => waitsAs !== undefined);
  return waiting?.waitsAs === undefined ? verdict : { ...verdict, waitsAs: waiting.waitsAs };
}

function verdictOfAll(all: readonly Assumed[]): StopVerdict {
  const [only, more] = all;
  if (only !== undefined && more === undefined) return withoutAssumption(only);
  const possibilities = withoutEarlyEnds(all);
  if (possibilities.length === 0) return ENDS_BY_ITSELF;
  const fates = new Set(possibilities.map(({ fate }) => fate));
  const of = (fate: Fate): StopVerdict => verdictOf(possibilities.filter((possibility) => possibility.fate === fate));
  if (fates.has('unknown')) return of('unknown');
  if (fates.size === 1) return fates.has('ends') && isToldBySomeShells(possibilities) ? differing(possibilities) : verdictOf(possibilities);
  const late = of('waits');
  if (!fates.has('swallows') && endsSoon(late)) return late;
  // A trap that comes too late is the same to whoever waits for the end.
  if (!fates.has('ends')) return { ...of('swallows'), pidOne: pidOneOf(possibilities) };
  return { ...of(fates.has('swallows') ? 'swallows' : 'waits'), fate: 'depends', on: whatDecides(possibilities) };
}

/** A container that has ended by itself gets no signal: where a shell has other ways to go, those are the ones that count. */
function withoutEarlyEnds(possibilities: readonly Assumed[]): readonly Assumed[] {
  const lasting = new Set(possibilities.filter(({ cause }) => cause !== 'ends by itself').map(({ flavour }) => flavour));
  // What busybox refuses is no way of the script.
  return possibilities.filter(({ cause, flavour, isBusybox }) => cause !== 'ends by itself' || isBusybox === true || !lasting.has(flavour));
}

/** `trap 'kill $(jobs -p); exit' TERM`: dash lists no jobs there and tells nobody, and busybox and bash tell the server. */
function isToldBySomeShells(possibilities: readonly Assumed[]): boolean {
  const untold = new Set(possibilities.filter(({ cause }) => cause === 'untold').map(({ flavour }) => flavour));
  return untold.size > 0 && possibilities.some(({ cause, flavour }) => cause === 'trap' && !untold.has(flavour));
}

function differing(possibilities: readonly Assumed[]): StopVerdict {
  return { fate: 'unknown', cause: 'differs', pidOne: pidOneOf(possibilities) };
}

/** Of possibilities with one fate: what says most about it, and every program that may be PID 1. */
function verdictOf(possibilities: readonly Assumed[]): StopVerdict {
  const [first] = possibilities;
  // Where one way leads to the application itself, it is not certain that it is not told.
  const isTold = possibilities.some(({ cause }) => cause === 'application');
  const telling =
    (isTold ? undefined : possibilities.find(({ cause }) => cause === 'untold')) ??
    possibilities.find(({ cause }) => cause !== 'ends by itself' && cause !== 'untold') ??
    first;
  if (telling === undefined) return ENDS_BY_ITSELF;
  const { isIdle, seconds: _, ...verdict } = withoutAssumption(telling);
  const longest = possibilities.reduce<number | undefined>(
    (most, { seconds }) => (most === undefined || seconds === undefined ? undefined : Math.max(most, seconds)),
    0,
  );
  const areIdle = possibilities.every((possibility) => possibility.isIdle === true || possibility.cause === 'ends by itself');
  return {
    ...verdict,
    pidOne: pidOneOf(possibilities),
    ...(telling.seconds !== undefined && longest !== undefined && { seconds: longest }),
    ...(areIdle && isIdle === true && { isIdle }),
  };
}

/** The programs that may be PID 1 when the signal comes; what has ended gets none. */
function pidOneOf(possibilities: readonly Assumed[]): string {
  const lasting = possibilities.filter(({ cause }) => cause !== 'ends by itself');
  return [...new Set((lasting.length > 0 ? lasting : possibilities).map(({ pidOne }) => pidOne))].join(' or ');
}

function withoutAssumption({ flavour: _, isBusybox: __, interruptsSleep: ___, ...possibility }: Assumed): StopVerdict {
  return possibility;
}

/** Whether each shell would be certain of its own, so that only the choice of the shell decides. */
function whatDecides(possibilities: readonly Assumed[]): DependsOn {
  const ofCoreutils = possibilities.filter(({ isBusybox }) => isBusybox !== true);
  if (ofCoreutils.length < possibilities.length && new Set(ofCoreutils.map(({ fate }) => fate)).size === 1) return 'program';
  if (possibilities.every(({ fate, interruptsSleep }) => fate !== 'ends' || interruptsSleep === true)) return 'sleep';
  const fatesBy = new Map<string, Set<Fate>>();
  for (const { flavour, fate } of possibilities) entryOf(fatesBy, flavour, () => new Set()).add(fate);
  if ([...fatesBy.values()].some((fates) => fates.size > 1)) return 'branch';
  return [...fatesBy.keys()].every((flavour) => flavour.endsWith('bash')) ? 'shell version' : 'shell';
}

/** The names of the programs that may be PID 1, in backquotes: "`sh` or `sleep`". */
export function quotedPidOne({ pidOne }: StopVerdict): string {
  return quoted(pidOne);
}

/** The names of the programs that decide about the end, in backquotes: behind an init it is what that has started. */
export function quotedDecider({ child, pidOne }: StopVerdict): string {
  return quoted(child ?? pidOne);
}

function quoted(names: string): string {
  return names
    .split(' or ')
    .map((name) => `\`${name}\``)
    .join(' or ');
}
