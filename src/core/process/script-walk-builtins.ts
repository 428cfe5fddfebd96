/** Builtins of a shell that run no other command: what they change on a way through a script. */
import type { Argv } from './argv.ts';
import { afterDisown, afterWait, OWN_NUMBER } from './script-jobs.ts';
import { tested } from './script-clock-words.ts';
import { ignoresByItself, momentOf, type SignalledShell } from './script-moment.ts';
import { left, only, type Outcome, type Path } from './script-path.ts';
import { endsShell, SIGNAL_NUMBERS, withTrap, type TrappingShell, type Traps } from './script-traps.ts';
import { isProgramNameIn } from './shell-commands.ts';
import { failsAtName, lacksBuiltin, refusesBuiltin } from './shell-differences.ts';
import { isSwitched, NO_VARIABLES, parametersOfSet, shifted, withDeclared } from './shell-values.ts';
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

/**
 * The path after a builtin.
 *
 * @param argv its name and words; undefined where a value is not known
 * @returns `ends` where the shell is over, `refused` where it ends unless `command` stands before it (POSIX XCU 2.8.1, command); undefined for a program, and for what runs another command (`exec`, `eval`, `command`)
 */
export function afterBuiltin(argv: Argv, path: Path, place: BuiltinPlace, shell: SignalledShell): Outcome | 'ends' | 'refused' | undefined {
  const { flavour } = shell;
  const [name = ''] = argv;
  if (lacksBuiltin(flavour, name) || isProgramNameIn(dialectOf(flavour), name)) return only({ ...path, succeeded: false });
  if (refusesBuiltin(flavour, argv)) return 'refused';
  if (failsAtName(flavour, argv)) return only({ ...path, succeeded: false });
  switch (name) {
    case ':':
    case 'true':
      return only({ ...path, succeeded: true });
    case 'false':
      return only({ ...path, succeeded: false });
    case '.':
    case 'source':
      return only({ ...path, isOpaque: true, succeeded: undefined });
    case 'trap': {
      // Only bash lists them by an option, and sets its own handlers then.
      if (/^-[lp]/.test(argv[1] ?? '') && !flavour.endsWith('bash')) return 'refused';
      const traps = withTrap(path.traps, argv.slice(1), shell);
      return traps === undefined ? afterUsageError(path, place, shell) : only({ ...path, traps, succeeded: true });
    }
    case 'set':
      return only(withSet(argv.slice(1), path));
    case 'shift': {
      const parameters = shifted(path.parameters, argv.length > 1 ? argv[1] : '1');
      if (parameters !== undefined) return only({ ...path, parameters, succeeded: true });
      if (!areKnown(path.parameters, argv)) return only({ ...path, parameters: [path.parameters[0], undefined], succeeded: undefined });
      // Where fewer are left, dash ends, and the others leave them as they are; at what is no number ash ends as well.
      const isNumber = /^\d*$/.test(argv[1] ?? '');
      return flavour === 'dash' || (flavour === 'ash' && !isNumber) ? 'refused' : only({ ...path, succeeded: false });
    }
    case 'fg':
      // Without a terminal only bash has jobs to bring back, and only after `set -m`.
      if (!shell.hasInput && (!flavour.endsWith('bash') || !path.isMonitored)) return only({ ...path, succeeded: false });
      return only({ ...path, moment: { ...momentOf('foreground', path.traps), obstacle: 'background' }, succeeded: undefined });
    case 'kill':
      return afterKill(argv.slice(1), path, shell);
    case '[':
    case 'test':
      // What a loop, a trap or another file changes is another value by then.
      if (place.isInLoop || path.traps.hasAction || path.isOpaque) return only({ ...path, succeeded: undefined });
      return only({ ...path, succeeded: tested(argv.slice(1, name === '[' ? -1 : undefined), flavour) });
    case 'wait':
      // dash knows no option of it, and goes on.
      if (flavour === 'dash' && argv[1]?.startsWith('-') === true && argv[1] !== '--') return only({ ...path, succeeded: false });
      return only(afterWait(argv.slice(1), path, place.isInLoop));
    case 'disown':
      return only(afterDisown(argv.slice(1), path));
    case 'exit':
      return 'ends';
    case 'return':
      // bash alone complains where there is no function to return from.
      if (!place.isInFunction && flavour.endsWith('bash')) return afterUsageError(path, place, shell);
      return { open: [], left: [{ ...path, flow: 'returned' }] };
    case 'break':
    case 'continue':
      return left(path, name === 'break' ? 'broken' : 'next', argv[1], place.loops);
    case 'local':
      // Outside a function, dash and ash end at it, and bash complains.
      if (!place.isInFunction) return flavour.endsWith('bash') ? only({ ...path, succeeded: false }) : 'refused';
      return only({ ...path, variables: withDeclared(path.variables, argv.slice(1)), succeeded: true });
    case 'export':
    case 'readonly':
    case 'declare':
    case 'typeset':
      return only({ ...path, variables: withDeclared(path.variables, argv.slice(1)), succeeded: true });
    case 'read': {
      const isTimed = flavour.endsWith('bash') && argv.some((word, index) => isTimeout(word, argv[index + 1]));
      const traps: Traps = isTimed ? { ...path.traps, isTimed: true } : path.traps;
      return only({ ...path, traps, variables: NO_VARIABLES, succeeded: place.hasEndlessInput && !isTimed ? true : undefined });
    }
    default:
      return undefined;
  }
}

/**
 * `kill $$`, `kill -TERM 1`: the shell runs its trap at once. Without one nothing happens to PID 1, and behind an init the default action
 * ends it.
 */
function afterKill(args: Argv, path: Path, shell: SignalledShell): Outcome | 'ends' | undefined {
  const { behind, signal, budget } = shell;
  const { stop } = path.traps;
  const [first = ''] = args;
  const named = first === '-s' ? args[1] : first.startsWith('-') ? first.slice(1) : 'TERM';
  const name = named?.toUpperCase().replace(/^SIG/, '');
  if (args.at(-1) !== (behind === undefined ? '1' : OWN_NUMBER)) return undefined;
  if (name !== signal && name !== SIGNAL_NUMBERS.get(signal)) {
    if (behind === undefined || name === '0') return undefined;
    // Nobody can handle KILL; whether there is a trap for another signal is not followed.
    return name === 'KILL' || name === '9' ? 'ends' : only({ ...path, isOpaque: true, succeeded: undefined });
  }
  if (stop === 'ignored' || (stop === undefined && (behind === undefined || ignoresByItself(shell)))) return undefined;
  if (stop === undefined) return 'ends';
  const exits = stop === 'unknown' ? undefined : endsShell(stop.action, path.functions, budget);
  if (exits === true) return 'ends';
  return exits === false ? undefined : only({ ...path, isOpaque: true, succeeded: undefined });
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

/** `set -- a b`, `set -eo pipefail` */
function withSet(args: Argv, path: Path): Path {
  const words = parametersOfSet(args);
  const exitsOnError = isSwitched(args, 'e', 'errexit') ?? path.exitsOnError;
  const isMonitored = isSwitched(args, 'm', 'monitor') ?? path.isMonitored;
  return {
    ...path,
    exitsOnError,
    isMonitored,
    succeeded: true,
    ...(words !== undefined && { parameters: [path.parameters[0], ...words] }),
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
function areKnown(parameters: Argv, argv: Argv): boolean {
  return !parameters.includes(undefined) && !argv.includes(undefined);
}
