/** The traps of a shell: which are set, and whether their action ends it. */
import type { Argv } from './argv.ts';
import { isShort } from './program-length.ts';
import { parseShell } from './shell-parser.ts';
import { bodiesOf, literalOf, type Command, type Script, type Word } from './shell-syntax.ts';
import { MAX_CALLS, type Functions } from './shell-values.ts';
import { isPosixBash, type ShellFlavour } from './shells.ts';
import type { StepBudget } from './step-budget.ts';

export interface Traps {
  /** What happens at the stop signal: undefined without a trap, 'ignored', or the action. */
  readonly stop: 'ignored' | 'unknown' | { readonly action: string } | undefined;
  readonly exit: boolean;
  /** What runs at the end of the shell; undefined without a trap for that, or where it is not known. */
  readonly exitAction?: string | undefined;
  /** What runs where a command has failed; undefined without a trap for that, or where it is not known. */
  readonly errorAction?: string | undefined;
  /** Some signal has an action that is not empty: shells no longer become their last command. ash remembers one that was taken back. */
  readonly hasAction: boolean;
  /** The signals that have one. */
  readonly acting: readonly string[];
  /** A trap was taken back, after which versions differ. */
  readonly isReset: boolean;
  /** Which signal it is for, nobody knows. */
  readonly mayBeNone?: true;
  /**
   * bash has read with a timeout, or had a trap for its end, and has a handler since then for what would end it (`read -t`,
   * initialize_terminating_signals).
   */
  readonly isTimed?: true;
}
export const NO_TRAPS: Traps = { stop: undefined, exit: false, hasAction: false, acting: [], isReset: false };

export interface TrappingShell {
  readonly flavour: ShellFlavour;
  /** The stop signal without `SIG`: `TERM`. */
  readonly signal: string;
  /** The name of the program that runs the script. */
  readonly program: string;
  /** When the stop signal comes, a command that fails ends the shell (`set -e`). */
  readonly endsAtFailure?: true | undefined;
  /** Who started the shell has it ignore the stop signal: then it sets no trap for it (POSIX XCU trap). */
  readonly isDeaf?: boolean | undefined;
}

/** signal(7), as `trap 'exit 0' 15` has them. */
export const SIGNAL_NUMBERS: ReadonlyMap<string, string> = new Map([
  ['HUP', '1'],
  ['INT', '2'],
  ['QUIT', '3'],
  ['USR1', '10'],
  ['USR2', '12'],
  ['TERM', '15'],
  ['WINCH', '28'],
]);

/** Whether each signal that `trap ARGS` names is one to a shell; where one is not, the builtin fails. */
export function knowsSignals(args: Argv, shell: TrappingShell): boolean {
  const words = args[0] === '--' ? args.slice(1) : args;
  const signals = words.length === 1 || /^\d+$/.test(words[0] ?? '') ? words : words.slice(1);
  return signals.every((signal) => {
    if (signal === undefined || signal.startsWith('-')) return true;
    const name = signal.toUpperCase();
    if (shell.flavour === 'dash') return isSignal(name);
    const short = name.replace(/^SIG/, '');
    if (shell.flavour === 'ash' && REAL_TIME.test(short)) return false;
    return isSignal(short) || NO_SIGNALS_OF.get(shell.flavour)?.has(name) === true;
  });
}

/**
 * The traps after `trap ARGS`.
 *
 * @returns undefined where the shell complains of the words: there is an action, and no signal
 */
export function withTrap(traps: Traps, args: Argv, shell: TrappingShell): Traps | undefined {
  const words = args[0] === '--' ? args.slice(1) : args;
  const [action, ...signals] = words;
  // bash sets up the handlers for what would end it to list its traps (initialize_terminating_signals).
  if (words.length === 0 || action === '-p') return shell.flavour.endsWith('bash') ? { ...traps, isTimed: true } : traps;
  if (action === '-l') return traps;
  if (words.length === 1) return withOnlyWord(traps, action, shell);
  // A number as the first word is no action: each word is a signal whose trap is taken back (POSIX XCU trap).
  return /^\d+$/.test(action ?? '') ? withSignals(traps, '-', words, shell) : withSignals(traps, action, signals, shell);
}

/** The traps after `trap TERM`, or undefined where the shell complains of the word. */
function withOnlyWord(traps: Traps, word: string | undefined, shell: TrappingShell): Traps | undefined {
  if (word === undefined) return { ...traps, isReset: true };
  if (word === '-' && shell.flavour !== 'bash') return traps;
  if (takesBack(word, shell)) return withSignals(traps, '-', [word], shell);
  return word === '-' && !isPosixBash(shell) ? traps : undefined;
}

/** @param action `-` takes the traps back; undefined where it is not known */
function withSignals(traps: Traps, action: string | undefined, signals: Argv, shell: TrappingShell): Traps {
  let after = traps;
  for (const signal of signals) {
    // dash complains of a name that it does not know, and looks at no further one.
    if (shell.flavour === 'dash' && signal !== undefined && !isSignal(signal.toUpperCase())) break;
    after = withSignal(after, action, signal, shell);
  }
  return after;
}

/** Whether the only word of `trap` is a signal whose trap is taken back: `trap TERM`. bash as `sh` takes only a number for that. */
function takesBack(word: string, shell: TrappingShell): boolean {
  if (isPosixBash(shell)) return /^\d+$/.test(word);
  const name = word.toUpperCase();
  return isSignal(shell.flavour === 'dash' ? name : name.replace(/^SIG/, ''));
}

/** Names of signals without SIG, and numbers. */
function isSignal(name: string): boolean {
  return /^\d+$/.test(name) || SIGNALS.has(name) || REAL_TIME.test(name);
}

/** Real-time signals, which dash and bash know, and busybox ash does not. */
const REAL_TIME = /^RTM(?:IN(?:\+\d{1,2})?|AX(?:-\d{1,2})?)$/;

/** signal(7) on Linux, and what stands for the end of the shell. */
const SIGNALS: ReadonlySet<string> = new Set(
  (
    'EXIT HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ ' +
    'VTALRM PROF WINCH IO POLL PWR SYS'
  ).split(' '),
);

/** What shells take besides signals, for other moments of a script (bash(1), trap; of them busybox ash has ERR). */
const NO_SIGNALS_OF: ReadonlyMap<ShellFlavour, ReadonlySet<string>> = new Map([
  ['bash', new Set(['ERR', 'DEBUG', 'RETURN'])],
  ['old bash', new Set(['ERR', 'DEBUG', 'RETURN'])],
  ['ash', new Set(['ERR'])],
]);

function withSignal(traps: Traps, action: string | undefined, signal: string | undefined, shell: TrappingShell): Traps {
  if (signal === undefined) return { ...traps, stop: 'unknown', hasAction: true, mayBeNone: true };
  const name = signal.toUpperCase();
  // What bash calls DEBUG and RETURN is no signal, and what no shell knows changes nothing; ERR counts in bash and ash.
  if (!isSignal(name.replace(/^SIG/, '')) && name !== 'ERR') return traps;
  const isStop = name === shell.signal || name === `SIG${shell.signal}` || name === SIGNAL_NUMBERS.get(shell.signal);
  if (isStop && shell.isDeaf === true) return traps;
  const trapped = {
    name: plainName(name),
    isStop,
    isExit: name === 'EXIT' || name === '0',
    isError: name === 'ERR' && shell.flavour !== 'dash',
  };
  if (action === '-') return takenBack(traps, trapped, shell);
  if (action !== '') return withAction(traps, action, trapped, shell);
  const after = withoutAction(traps, trapped.name, shell);
  return isStop ? { ...after, stop: 'ignored' } : after;
}

interface TrappedSignal {
  /** Without SIG: `TERM`, also for `15`. */
  readonly name: string;
  readonly isStop: boolean;
  /** It stands for the end of the shell. */
  readonly isExit: boolean;
  /** It stands for a command that has failed. */
  readonly isError: boolean;
}

/** After `trap - TERM`. */
function takenBack(traps: Traps, { name, isStop, isExit, isError }: TrappedSignal, shell: TrappingShell): Traps {
  const after = withoutAction(traps, name, shell);
  const isReset = after.isReset || !shell.flavour.endsWith('bash') || !traps.acting.includes(name);
  return {
    ...after,
    ...(isStop && { stop: undefined }),
    ...(isExit && { exit: false, exitAction: undefined }),
    ...(isError && { errorAction: undefined }),
    isReset,
  };
}

/** @param action undefined where it is not known */
function withAction(
  traps: Traps,
  action: string | undefined,
  { name, isStop, isExit, isError }: TrappedSignal,
  shell: TrappingShell,
): Traps {
  const stop = action === undefined ? ('unknown' as const) : { action };
  if (isStop && traps.mayBeNone === true) {
    const { mayBeNone: _, ...others } = traps;
    return { ...others, stop, hasAction: true };
  }
  return {
    ...traps,
    ...(isStop && { stop }),
    ...(isExit && { exit: true, exitAction: action }),
    ...(isError && { errorAction: action }),
    ...(isExit && shell.flavour.endsWith('bash') && { isTimed: true }),
    hasAction: true,
    acting: traps.acting.includes(name) ? traps.acting : [...traps.acting, name],
  };
}

/** The traps without the action for a signal. Of the shells, bash alone looks again whether there is one left (any_signals_trapped in trap.c). */
function withoutAction(traps: Traps, name: string, { flavour }: TrappingShell): Traps {
  if (!traps.acting.includes(name)) return traps;
  const acting = traps.acting.filter((each) => each !== name);
  return { ...traps, acting, hasAction: flavour.endsWith('bash') && traps.mayBeNone !== true ? acting.length > 0 : traps.hasAction };
}

/** `TERM` for `SIGTERM` and `15`. */
function plainName(name: string): string {
  const plain = name.replace(/^SIG/, '');
  return plain === '0' ? 'EXIT' : (NAMES_BY_NUMBER.get(plain) ?? plain);
}

const NAMES_BY_NUMBER: ReadonlyMap<string, string> = new Map([...SIGNAL_NUMBERS].map(([name, number]) => [number, name]));

/** Whether they do the same at every signal. */
export function isSameTraps(a: Traps, b: Traps): boolean {
  if (a === b) return true;
  const isSameStop = a.stop === b.stop || (typeof a.stop === 'object' && typeof b.stop === 'object' && a.stop.action === b.stop.action);
  return (
    isSameStop &&
    a.exit === b.exit &&
    a.exitAction === b.exitAction &&
    a.errorAction === b.errorAction &&
    a.hasAction === b.hasAction &&
    a.acting.join() === b.acting.join() &&
    a.isReset === b.isReset &&
    a.isTimed === b.isTimed &&
    a.mayBeNone === b.mayBeNone
  );
}

/** Whether a trap's action ends the shell: certainly, certainly not, or nobody knows. */
export function endsShell(action: string, functions: Functions, budget: StepBudget): boolean | undefined {
  budget.spendOnText(action);
  const script = parseShell(action);
  return script.problem === undefined ? exitsIn(script, functions, 0, budget) : undefined;
}

function exitsIn(script: Script, functions: Functions, calls: number, budget: StepBudget): boolean | undefined {
  let answer: boolean | undefined = false;
  let mayBeOver = false;
  for (const { statements } of script.lines) {
    for (const { first, rest, isBackground } of statements) {
      budget.spend();
      if (isBackground) continue;
      for (const [index, { commands }] of [first, ...rest.map(({ pipeline }) => pipeline)].entries()) {
        const [command] = commands;
        if (commands.length > 1 || command === undefined) continue;
        // What stands behind `&&` and `||` may not run.
        const isCertain = index === 0 && !mayBeOver;
        if (isCertain && calls > 0 && isReturn(command)) return answer;
        const own = commandExits(command, functions, calls, budget);
        if (own === true && isCertain) return true;
        if (own !== false) answer = undefined;
        mayBeOver ||= calls > 0 && mayReturn(command, budget);
      }
    }
  }
  return answer;
}

function isReturn(command: Command): boolean {
  const [word] = command.kind === 'simple' ? command.words : [];
  return word !== undefined && literalOf(word) === 'return';
}

/** Whether a command may end the function that it stands in, before what comes behind it. */
function mayReturn(command: Command, budget: StepBudget): boolean {
  budget.spend();
  if (command.kind === 'subshell' || command.kind === 'function') return false;
  return isReturn(command) || bodiesOf(command).some((body) => hasReturn(body, budget));
}

function hasReturn({ lines }: Script, budget: StepBudget): boolean {
  return lines.some(({ statements }) =>
    statements.some(({ first, rest }) =>
      [first, ...rest.map(({ pipeline }) => pipeline)].some(({ commands }) => commands.some((command) => mayReturn(command, budget))),
    ),
  );
}

/** `kill 0`, `kill $$`: the shell is told as well, and what becomes of its trap then differs between shells. */
function isOfShell({ parts }: Word): boolean {
  const [part, more] = parts;
  if (part?.kind === 'parameter') return part.name === '$' && more === undefined;
  return part?.kind === 'text' && more === undefined && (part.text === '0' || part.text === '1' || part.text === '-1');
}

function commandExits(command: Command | undefined, functions: Functions, calls: number, budget: StepBudget): boolean | undefined {
  if (command === undefined || command.kind === 'test' || command.kind === 'function' || command.kind === 'subshell') return false;
  if (command.kind === 'group') return exitsIn(command.body, functions, calls, budget);
  if (command.kind === 'if') return ifExits(command, functions, calls, budget);
  if (command.kind !== 'simple') return undefined;
  const [word] = command.words;
  if (word === undefined) return false;
  const name = literalOf(word);
  if (name === undefined) return undefined;
  if (name === 'exit') return true;
  budget.spendOnWords(command.words);
  // What takes long runs in place of the shell then.
  if (name === 'exec') return isShort(command.words.slice(1).map(literalOf)) ? true : undefined;
  if (name === 'kill' && command.words.some(isOfShell)) return undefined;
  const body = functions.get(name);
  if (body !== undefined) return calls > MAX_CALLS ? undefined : commandExits(body, functions, calls + 1, budget);
  return ['.', 'source', 'eval', 'return', 'break'].includes(name) ? undefined : false;
}

/** Each branch may be taken, and none of them where there is no `else`. */
function ifExits(
  { branches, otherwise }: Extract<Command, { kind: 'if' }>,
  functions: Functions,
  calls: number,
  budget: StepBudget,
): boolean | undefined {
  const conditions = branches.map(({ condition }) => exitsIn(condition, functions, calls, budget));
  if (conditions.some((exits) => exits !== false)) return undefined;
  const bodies = branches.map(({ body }) => exitsIn(body, functions, calls, budget));
  const last = otherwise === undefined ? false : exitsIn(otherwise, functions, calls, budget);
  const hasJump = [...branches.map(({ body }) => body), ...(otherwise === undefined ? [] : [otherwise])].some((body) =>
    hasReturn(body, budget),
  );
  return !hasJump && bodies.every((exits) => exits === last) ? last : undefined;
}
