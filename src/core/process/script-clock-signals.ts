/**
 * Signals that a script sends to its own shell: `kill $$`, `kill 0`, and `pkill -f app`, whose pattern the words of the shell hold too.
 * As measured with dash 0.5.12, busybox ash 1.35 and bash 5.2 (`test/core/process/measured/`).
 */
import { programName, type Argv } from './argv.ts';
import { OWN_NUMBER } from './own-number.ts';
import { join, NO_WAY, on, type Clock, type Place, type Ways } from './script-ways.ts';
import { nameOfSignal } from './server-stop.ts';
import { literalOf, onlyCommandOf, type Word } from './shell-syntax.ts';

/** Signals at which each of the shells ends (signal(7)); SIGQUIT is ignored by bash. */
const ENDING: ReadonlySet<string> = new Set(
  ['TERM', '15', 'KILL', '9', 'HUP', '1', 'INT', '2', 'USR1', '10', 'USR2', '12', 'ABRT', '6', 'PIPE', '13', 'ALRM', '14'], //
);
/** It stops there, and nobody has it go on (signal(7)). */
const STOPPING: ReadonlySet<string> = new Set(['STOP', '19']);
/** Those of which it takes no notice. */
const IGNORED: ReadonlySet<string> = new Set(['0', 'CHLD', '17', 'CONT', '18', 'WINCH', '28', 'URG', '23', 'L']);

/** Whether the shell ends; `stops` and `may stop` where it only stays where it is. */
type EndOfShell = 'certainly' | 'maybe' | 'stops' | 'may stop' | 'no';

/**
 * Whether a command ends the shell that runs it.
 *
 * @param argv undefined for a word that is not known
 */
export function endOfShellBy(argv: Argv): EndOfShell {
  const [program = '', ...args] = argv;
  switch (programName(program)) {
    case 'kill':
      return endByKill(args);
    case 'pkill':
    case 'killall':
      return endByName(programName(program), args);
    case 'xargs':
      return args.some((word) => word !== undefined && /^(?:kill|pkill|killall|skill)$/.test(programName(word))) ? possibleEnd(args) : 'no';
    default:
      return possibleEndOfCaller(args);
  }
}

/** `sh -c "kill $$"`, with the number of the outer shell; `sh -c 'kill $PPID'`, `sh -c 'kill 0'`. */
const SIGNALS_ITS_CALLER = /\bkill\b(?:(?!\bkill\b).){0,64}?(?:\0\$\$|\$\{?PPID|\s0(?=\s*(?:$|[;&|)\n])))/;

function possibleEndOfCaller(args: Argv): EndOfShell {
  const text = args.find((word) => word !== undefined && SIGNALS_ITS_CALLER.test(word));
  if (text === undefined) return 'no';
  return possibleEnd(text.split(/[\s;&|]+/));
}

/** What a signal does that may go to the shell. */
function possibleEnd(args: Argv): 'maybe' | 'may stop' {
  return args.some((word, index) => isStop(word, args[index - 1])) ? 'may stop' : 'maybe';
}

/** `-STOP`, `-19`, `--signal=SIGSTOP`, `-s STOP` */
function isStop(word: string | undefined, before: string | undefined): boolean {
  if (word === undefined) return false;
  const isOption = word.startsWith('-') || /^(?:-[sn]|--signal)$/.test(before ?? '');
  return isOption && STOPPING.has(nameOfSignal(word.replace(/^-(?:-signal=)?/, '')));
}

/** The ways after a command that may have ended its shell; in a child, the shell is another process, which ends beside it. */
export function afterSignal(end: EndOfShell, clock: Clock, { isChild }: Place): Ways {
  if (end === 'no') return on(clock);
  if (end === 'stops') return { ...(isChild ? on({ ...clock, isOpen: true }) : NO_WAY), stuck: clock };
  if (end === 'may stop') return { ...on(isChild ? { ...clock, isOpen: true } : clock), stuck: clock };
  if (isChild) return on({ ...clock, shellSignalledAt: clock.min });
  const ended = { ...NO_WAY, ended: { ...clock, succeeded: false } };
  // An action of a trap runs, or none does.
  if (clock.hasTraps) return join(on({ ...clock, isOpen: true }), ended);
  return end === 'certainly' ? ended : join(on(clock), ended);
}

/** The ways after a piece of which a child has sent a signal to the shell. */
export function withEndBySignal(ways: Ways, { isChild }: Place): Ways {
  const { on: now } = ways;
  if (isChild || now?.shellSignalledAt === undefined) return ways;
  const after = { ...now, shellSignalledAt: undefined };
  const ended = {
    ...after,
    min: Math.min(after.min, now.shellSignalledAt),
    holdersLeast: 0,
    isOpen: after.isOpen || after.hasTraps,
    succeeded: false,
  };
  return join({ ...ways, on: after }, { ...NO_WAY, ended });
}

function endByKill(args: Argv): EndOfShell {
  let at = 0;
  let signal: string | undefined = 'TERM';
  const word = args[0] ?? '';
  if (word === '-s' || word === '-n') {
    signal = args[1];
    at = 2;
  } else if (word.startsWith('-') && word !== '--') {
    signal = word.slice(1);
    at = 1;
  }
  const targets = args.slice(at).filter((target) => target !== '--');
  if (!targets.some((target) => target === '0' || target === OWN_NUMBER || target === `-${OWN_NUMBER}`)) return 'no';
  // dash knows no `-n`, and no `--` behind a signal.
  if (signal === undefined || word === '-n' || (at > 0 && args[at] === '--')) return 'maybe';
  if (IGNORED.has(nameOfSignal(signal))) return 'no';
  if (STOPPING.has(signal.toUpperCase())) return 'stops';
  // A name with `SIG` is none to dash and to a bash that is `sh`.
  return ENDING.has(signal.toUpperCase()) ? 'certainly' : 'maybe';
}

/** `pkill -f app`: the line of the shell holds the pattern, unless it is one that does not match itself: `[a]pp`. */
function endByName(name: string, args: Argv): 'maybe' | 'may stop' | 'no' {
  if (name === 'pkill' && namesOwnSession(args)) return 'maybe';
  const options = args.filter((word) => word?.startsWith('-') === true);
  if (options.some((word) => word !== undefined && IGNORED.has(nameOfSignal(word.replace(/^-(?:-signal=)?/, ''))))) return 'no';
  const pattern = args.at(-1);
  if (pattern !== undefined && /^(?:da|ba|a)?sh$/.test(pattern)) return possibleEnd(args);
  const looksAtLines = name === 'pkill' && options.some((word) => word !== undefined && /^-[a-z]*f|^--full$/.test(word));
  return looksAtLines && pattern?.includes('[') !== true ? possibleEnd(args) : 'no';
}

/** `pkill -s 0`, `pkill -g 0`: 0 is its own session or group, which is that of the hook (pkill(1)); of another number nobody knows. */
function namesOwnSession(args: Argv): boolean {
  return args.some((word, index) => {
    const before = args[index - 1] ?? '';
    return /^(?:-[sg]|--session|--pgroup)$/.test(before)
      ? word === undefined || word === '0'
      : /^(?:-[sg]|--(?:session|pgroup)=)0$/.test(word ?? '');
  });
}

/** What `kill` does to the shell where one of its words may name it. */
export function possibleEndByKill([, ...args]: Argv): EndOfShell {
  return possibleEnd(args);
}

export function namesKill([name]: readonly Word[]): boolean {
  return name !== undefined && literalOf(name) === 'kill';
}

/**
 * `kill $(pgrep -f app)`: the line of the shell holds the pattern, as with `pkill -f`. `P=$(pgrep -f app); kill $P` does the same by a
 * variable, and `$BASHPID` of bash is its own number.
 */
export function mayNameTheShell({ parts }: Word, { knowsLines, variables }: Clock): boolean {
  return parts.some((part) => {
    if (part.kind === 'parameter') return part.name === 'BASHPID' || (knowsLines && variables.get(part.name) === undefined);
    if (part.kind !== 'substitution') return false;
    return knowsLines || listsLines(onlyCommandOf(part.script)?.words.map(literalOf) ?? []);
  });
}

/** Whether a command may find the shell itself by the words that it was started with: `pgrep -f app`, `ps aux`. */
export function listsLines([program, ...args]: Argv): boolean {
  if (program === undefined) return false;
  const name = programName(program);
  return name === 'ps' || (name === 'pgrep' && endByName('pkill', args) !== 'no');
}
