/** Builtins of a shell that run no other command: what they change on a way through a script. */
import type { Argv } from './argv.ts';
import { failsAtOptions } from './endless-read.ts';
import { afterDisown, afterWait, endedJob, isProcessNumber, OWN_NUMBER } from './script-jobs.ts';
import { tested } from './script-clock-words.ts';
import { ignoresByItself, momentOf, type SignalledShell } from './script-moment.ts';
import { left, only, type Outcome, type Path } from './script-path.ts';
import { endsShell, knowsSignals, SIGNAL_NUMBERS, withTrap, type TrappingShell, type Traps } from './script-traps.ts';
import { isProgramNameIn } from './shell-keywords.ts';
import { failsAtName, lacksBuiltin, refusesBuiltin } from './shell-differences.ts';
import { withoutList } from './shell-lists.ts';
import { isSwitched, NO_VARIABLES, parametersOfSet, shifted, withDeclared, withValue } from './shell-values.ts';
import { dialectOf, isPosixBash } from './shells.ts';

/** Where a builtin stands. */
export interface BuiltinPlace {
  /** How deep functions and `eval` are in each other. */
  readonly calls: number;
  /** What stands here runs again and again. */
  readonly isInLoop: boolean;
  /** How many loops `break` can leave here: those of the same function. */
  readonly loops: number;
  readonly isInFunction: boolean;
  /** Somebody asks whether it succeeds, so that `set -e` does not count. */
  readonly isTested: boolean;
  /** Standard input has no end: that of a pipe, or of a redirection. */
  readonly hasEndlessInput: boolean;
}

/** What comes of a builtin: `ends` where the shell is over, `refused` where it ends unless `command` stands before it (POSIX XCU 2.8.1, command). */
type AfterBuiltin = Outcome | 'ends' | 'refused';

/** A builtin where it is called. */
interface BuiltinCall {
  readonly name: string;
  /** The words behind its name; undefined where a value is not known. */
  readonly args: Argv;
  readonly path: Path;
  readonly place: BuiltinPlace;
  readonly shell: SignalledShell;
}

/**
 * The path after a builtin.
 *
 * @param argv its name and words; undefined where a value is not known
 * @returns undefined for a program, and for what runs another command (`exec`, `eval`, `command`)
 */
export function afterBuiltin(argv: Argv, path: Path, place: BuiltinPlace, shell: SignalledShell): AfterBuiltin | undefined {
  const { flavour } = shell;
  const [name = '', ...args] = argv;
  if (lacksBuiltin(flavour, name) || isProgramNameIn(dialectOf(flavour), name)) return only({ ...path, succeeded: false });
  if (refusesBuiltin(flavour, argv)) return 'refused';
  if (failsAtName(flavour, argv)) return only({ ...path, succeeded: false });
  return BUILTINS.get(name)?.({ name, args, path, place, shell });
}

/** What a builtin does; undefined where it counts as a program. */
type Builtin = (call: BuiltinCall) => AfterBuiltin | undefined;

const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [':', afterTrue],
  ['true', afterTrue],
  ['false', ({ path }) => only({ ...path, succeeded: false })],
  ['.', afterSource],
  ['source', afterSource],
  ['trap', afterTrap],
  ['set', ({ args, path, place }) => only(withSet(args, path, place))],
  ['shift', afterShift],
  ['fg', afterForeground],
  [
    'kill',
    ({ args, path, place, shell }) => (place.isInLoop ? undefined : afterEndOfJob(args, path, shell)) ?? afterKill(args, path, shell),
  ],
  ['[', afterTest],
  ['test', afterTest],
  ['wait', afterWaiting],
  ['disown', ({ args, path }) => only(afterDisown(args, path))],
  ['exit', () => 'ends'],
  ['return', afterReturn],
  ['break', ({ args, path, place }) => left(path, 'broken', args[0], place.loops)],
  ['continue', ({ args, path, place }) => left(path, 'next', args[0], place.loops)],
  ['local', afterLocal],
  ['export', afterDeclaration],
  ['readonly', afterDeclaration],
  ['declare', afterDeclaration],
  ['typeset', afterDeclaration],
  ['read', afterRead],
  ['unset', afterForgetting],
  ['mapfile', afterReadingLines],
  ['readarray', afterReadingLines],
]);

/** Of the variables that are named, nothing is known any more. */
function afterForgetting({ args, path }: BuiltinCall): Outcome {
  let { variables } = path;
  for (const name of args)
    if (name !== undefined && variables.has(name)) variables = withValue(withoutList(variables, name), name, undefined);
  return only({ ...path, variables, succeeded: true });
}

/** Reads its input into a list, to its end. Other shells have no such builtin. */
function afterReadingLines(call: BuiltinCall): Outcome | undefined {
  return call.shell.flavour.endsWith('bash') ? afterForgetting(call) : undefined;
}

function afterTrue({ path }: BuiltinCall): Outcome {
  return only({ ...path, succeeded: true });
}

function afterSource({ path }: BuiltinCall): Outcome {
  return only({ ...path, isOpaque: true, succeeded: undefined });
}

function afterTrap({ args, path, place, shell }: BuiltinCall): AfterBuiltin {
  // Only bash lists them by an option, and sets its own handlers then.
  if (/^-[lp]/.test(args[0] ?? '') && !shell.flavour.endsWith('bash')) return 'refused';
  const traps = withTrap(path.traps, args, shell);
  return traps === undefined ? afterUsageError(path, place, shell) : only({ ...path, traps, succeeded: knowsSignals(args, shell) });
}

function afterShift({ args, path, shell: { flavour } }: BuiltinCall): AfterBuiltin {
  const parameters = shifted(path.parameters, args.length > 0 ? args[0] : '1');
  if (parameters !== undefined) return only({ ...path, parameters, succeeded: true });
  if (!areKnown(path.parameters, args)) return only({ ...path, parameters: [path.parameters[0], undefined], succeeded: undefined });
  // Where fewer are left, dash ends, and the others leave them as they are; at what is no number ash ends as well.
  const isNumber = /^\d*$/.test(args[0] ?? '');
  return flavour === 'dash' || (flavour === 'ash' && !isNumber) ? 'refused' : only({ ...path, succeeded: false });
}

function afterForeground({ args, path, shell }: BuiltinCall): Outcome {
  // `fg $!`: it takes the number of a job, and not that of a process.
  if (args[0] !== undefined && isProcessNumber(args[0])) return only({ ...path, succeeded: false });
  // Without a terminal only bash has jobs to bring back, and only after `set -m`.
  if (!shell.hasInput && (!shell.flavour.endsWith('bash') || !path.isMonitored)) return only({ ...path, succeeded: false });
  return only({ ...path, moment: { ...momentOf('foreground', path.traps), obstacle: 'background' }, succeeded: undefined });
}

function afterTest({ name, args, path, place, shell }: BuiltinCall): Outcome {
  // What a loop, a trap or another file changes is another value by then.
  if (place.isInLoop || path.traps.hasAction || path.isOpaque) return only({ ...path, succeeded: undefined });
  return only({ ...path, succeeded: tested(name === '[' ? args.slice(0, -1) : args, shell.flavour) });
}

function afterWaiting({ args, path, place, shell: { flavour } }: BuiltinCall): Outcome {
  // dash knows no option of it, and goes on.
  if (flavour === 'dash' && args[0]?.startsWith('-') === true && args[0] !== '--') return only({ ...path, succeeded: false });
  return only(afterWait(args, path, place));
}

function afterReturn({ args, path, place, shell }: BuiltinCall): AfterBuiltin {
  // bash alone complains where there is no function to return from.
  if (!place.isInFunction && shell.flavour.endsWith('bash')) return afterUsageError(path, place, shell);
  return { open: [], left: [{ ...path, flow: 'returned', succeeded: statusAt(args, path) }] };
}

/** Whether `return` or `exit` with such words reports success; undefined where that is not known. */
export function statusAt(args: Argv, { succeeded }: Pick<Path, 'succeeded'>): boolean | undefined {
  const [status] = args;
  if (args.length === 0) return succeeded;
  return status !== undefined && /^\d{1,3}$/.test(status) ? Number(status) % 256 === 0 : undefined;
}

function afterLocal(call: BuiltinCall): AfterBuiltin {
  const { path, place, shell } = call;
  if (place.isInFunction) return afterDeclaration(call);
  // Outside a function, dash and ash end at it, and bash complains.
  return shell.flavour.endsWith('bash') ? only({ ...path, succeeded: false }) : 'refused';
}

function afterDeclaration({ args, path }: BuiltinCall): Outcome {
  return only({ ...path, variables: withDeclared(path.variables, args), succeeded: true });
}

function afterRead({ name, args, path, place, shell }: BuiltinCall): Outcome {
  if (failsAtOptions([name, ...args], shell.flavour)) return only({ ...path, succeeded: false });
  const isTimed = shell.flavour.endsWith('bash') && args.some((word, index) => isTimeout(word, args[index + 1]));
  const traps: Traps = isTimed ? { ...path.traps, isTimed: true } : path.traps;
  return only({ ...path, traps, variables: NO_VARIABLES, succeeded: place.hasEndlessInput && !isTimed ? true : undefined });
}

/**
 * `kill $$`, `kill -TERM 1`: the shell runs its trap at once. Without one nothing happens to PID 1, and behind an init the default action
 * ends it.
 *
 * @returns undefined where nothing happens to the shell
 */
function afterKill(args: Argv, path: Path, shell: SignalledShell): Outcome | 'ends' | undefined {
  const isOfShell = args.at(-1) === (shell.behind === undefined ? '1' : OWN_NUMBER);
  if (!isOfShell) return undefined;
  const name = signalOfKill(args);
  const isStop = name === shell.signal || name === SIGNAL_NUMBERS.get(shell.signal);
  return isStop ? afterOwnStop(path, shell) : afterOtherSignal(name, path, shell);
}

/** Signals that end a job in the background: a shell lets it ignore INT and QUIT (POSIX XCU 2.11). */
const ENDS_JOB: ReadonlySet<string | undefined> = new Set(['TERM', '15', 'KILL', '9']);

/**
 * `kill -s TERM "$pid"`: a server that was started to set something up ends, and a wait for it is over soon.
 *
 * @returns undefined where that is not the only job, or where the shell may know no such signal
 */
function afterEndOfJob(args: Argv, path: Path, shell: SignalledShell): Outcome | undefined {
  const target = args.at(-1);
  const signal = args.slice(0, -1);
  const isPlain =
    signal.length === 0 || (signal.length === 1 && /^-\w+$/.test(signal[0] ?? '')) || (signal.length === 2 && signal[0] === '-s');
  if (!isPlain || path.jobs !== 1 || target === undefined) return undefined;
  if (!ENDS_JOB.has(signalOfKill(args))) return undefined;
  // To dash, and to bash as `sh`, a name with SIG is none.
  if (signal.some((word) => word !== undefined && /SIG/i.test(word)) && (shell.flavour === 'dash' || isPosixBash(shell))) return undefined;
  const after = endedJob(path, target);
  return after && only(after);
}

/** The name, without `SIG`, or the number; undefined where it is not known. */
function signalOfKill(args: Argv): string | undefined {
  const [first = ''] = args;
  const named = first === '-s' ? args[1] : first.startsWith('-') ? first.slice(1) : 'TERM';
  return named?.toUpperCase().replace(/^SIG/, '');
}

/** The shell sends itself the stop signal. */
function afterOwnStop(path: Path, shell: SignalledShell): Outcome | 'ends' | undefined {
  const { stop } = path.traps;
  if (stop === 'ignored') return undefined;
  if (stop === undefined) return shell.behind === undefined || ignoresByItself(shell) ? undefined : 'ends';
  const exits = stop === 'unknown' ? undefined : endsShell(stop.action, path.functions, shell.budget);
  if (exits === true) return 'ends';
  return exits === false ? undefined : only({ ...path, isOpaque: true, succeeded: undefined });
}

/** The shell sends itself another signal. PID 1 gets none that it does not handle, and 0 only asks whether there is a process. */
function afterOtherSignal(name: string | undefined, path: Path, { behind }: SignalledShell): Outcome | 'ends' | undefined {
  if (behind === undefined || name === '0') return undefined;
  // Nobody can handle KILL; whether there is a trap for another signal is not followed.
  return name === 'KILL' || name === '9' ? 'ends' : only({ ...path, isOpaque: true, succeeded: undefined });
}

/** What `exec -a name -- program x` starts: the words behind its options; empty where it only redirects. */
export function programOfExec(argv: Argv): Argv {
  let at = 1;
  for (; at < argv.length; at++) {
    const word = argv[at];
    if (word === '--') return argv.slice(at + 1);
    if (word?.startsWith('-') !== true || word === '-') break;
    if (word.endsWith('a')) at += 1;
  }
  return argv.slice(at);
}

/** What `command -p app x` runs: the words from its name on; undefined for `command -v app`, which only looks it up. */
export function behindCommand(argv: Argv): Argv | undefined {
  const from = argv.findIndex((word, index) => index > 0 && word?.startsWith('-') !== true);
  const onlyLooks = argv.slice(1, Math.max(from, 1)).some((word) => /[vV]/.test(word ?? ''));
  return onlyLooks || from < 0 ? undefined : argv.slice(from);
}

/** `set -- a b`, `set -eo pipefail` */
function withSet(args: Argv, path: Path, { isInLoop }: BuiltinPlace): Path {
  const words = parametersOfSet(args);
  const exitsOnError = isSwitched(args, 'e', 'errexit') ?? path.exitsOnError;
  const isMonitored = isSwitched(args, 'm', 'monitor') ?? path.isMonitored;
  return {
    ...path,
    exitsOnError,
    endsAtUnset: isSwitched(args, 'u', 'nounset') ?? path.endsAtUnset,
    isMonitored,
    succeeded: true,
    // The next round may add to them: `for A in x y; do set -- "$@" $A; done`.
    ...(words !== undefined && { parameters: [path.parameters[0], ...words, ...(isInLoop ? [undefined] : [])] }),
  };
}

/** A special builtin is used in a wrong way: bash as `sh` ends there, unless somebody asks whether it succeeds. */
function afterUsageError(path: Path, { isTested }: BuiltinPlace, shell: TrappingShell): Outcome | 'refused' {
  return isPosixBash(shell) && !isTested ? 'refused' : only({ ...path, succeeded: false });
}

/** `read -t 5`; with 0 it only looks whether there is something to read. */
function isTimeout(word: string | undefined, next: string | undefined): boolean {
  const [, attached] = /^-[a-su-zA-Z]*t(.*)$/.exec(word ?? '') ?? [];
  return attached !== undefined && (attached || next) !== '0';
}

/** Whether each value is, also how many parameters there are. */
function areKnown(parameters: Argv, args: Argv): boolean {
  return !parameters.includes(undefined) && !args.includes(undefined);
}
