/** The traps of a shell: which are set, and whether their action ends it. */
import type { Argv } from './programs.ts';
import { parseShell } from './shell-parser.ts';
import { literalOf, type Command, type Script } from './shell-syntax.ts';
import { MAX_CALLS, type Functions } from './shell-values.ts';
import type { ShellFlavour } from './shells.ts';
import type { StepBudget } from './step-budget.ts';

export interface Traps {
  /** What happens at the stop signal: undefined without a trap, 'ignored', or the action. */
  readonly stop: 'ignored' | 'unknown' | { readonly action: string } | undefined;
  readonly exit: boolean;
  /** Some signal has an action that is not empty: shells no longer become their last command. */
  readonly hasAction: boolean;
  /** A trap was taken back, after which versions differ. */
  readonly isReset: boolean;
}
export const NO_TRAPS: Traps = { stop: undefined, exit: false, hasAction: false, isReset: false };

export interface TrappingShell {
  readonly flavour: ShellFlavour;
  /** The stop signal without `SIG`: `TERM`. */
  readonly signal: string;
}

/** signal(7), as `trap 'exit 0' 15` has them. */
const SIGNAL_NUMBERS: ReadonlyMap<string, string> = new Map([
  ['HUP', '1'],
  ['INT', '2'],
  ['QUIT', '3'],
  ['USR1', '10'],
  ['USR2', '12'],
  ['TERM', '15'],
  ['WINCH', '28'],
]);

/**
 * The traps after `trap ARGS`.
 *
 * @returns undefined where it only says which there are
 */
export function withTrap(traps: Traps, args: Argv, shell: TrappingShell): Traps | undefined {
  const words = args[0] === '--' ? args.slice(1) : args;
  const [action, ...signals] = words;
  if (words.length === 0 || action === '-p' || action === '-l') return undefined;
  if (words.length === 1) {
    // `trap TERM` takes the trap back, `trap 'action'` is an error.
    return { ...traps, isReset: true };
  }
  let after = traps;
  for (const signal of signals) after = withSignal(after, action, signal, shell);
  return after;
}

function withSignal(traps: Traps, action: string | undefined, signal: string | undefined, shell: TrappingShell): Traps {
  if (signal === undefined) return { ...traps, stop: 'unknown', hasAction: true };
  const name = signal.toUpperCase();
  // dash does not know the names with SIG: it complains and goes on.
  if (name.startsWith('SIG') && shell.flavour === 'dash') return traps;
  const isStop = name === shell.signal || name === `SIG${shell.signal}` || name === SIGNAL_NUMBERS.get(shell.signal);
  const isExit = name === 'EXIT' || name === '0';
  if (action === '-') return { ...traps, ...(isStop ? { stop: undefined } : {}), ...(isExit ? { exit: false } : {}), isReset: true };
  if (action === '') return isStop ? { ...traps, stop: 'ignored' } : traps;
  const stop = action === undefined ? ('unknown' as const) : { action };
  return { ...traps, ...(isStop ? { stop } : {}), ...(isExit ? { exit: true } : {}), hasAction: true };
}

export function isSameTraps(a: Traps, b: Traps): boolean {
  if (a === b) return true;
  const isSameStop = a.stop === b.stop || (typeof a.stop === 'object' && typeof b.stop === 'object' && a.stop.action === b.stop.action);
  return isSameStop && a.exit === b.exit && a.hasAction === b.hasAction && a.isReset === b.isReset;
}

/** Whether a trap's action ends the shell: certainly, certainly not, or nobody knows. */
export function endsShell(action: string, functions: Functions, budget: StepBudget): boolean | undefined {
  budget.spendOnText(action);
  const script = parseShell(action);
  return script.problem === undefined ? exitsIn(script, functions, 0, budget) : undefined;
}

function exitsIn(script: Script, functions: Functions, calls: number, budget: StepBudget): boolean | undefined {
  let answer: boolean | undefined = false;
  for (const { statements } of script.lines) {
    for (const { first, rest, isBackground } of statements) {
      budget.spend();
      if (isBackground) continue;
      for (const [index, { commands }] of [first, ...rest.map(({ pipeline }) => pipeline)].entries()) {
        const own = commands.length === 1 ? commandExits(commands[0], functions, calls, budget) : false;
        // What stands behind `&&` and `||` may not run.
        if (own === true && index === 0) return true;
        if (own !== false) answer = undefined;
      }
    }
  }
  return answer;
}

function commandExits(command: Command | undefined, functions: Functions, calls: number, budget: StepBudget): boolean | undefined {
  if (command === undefined || command.kind === 'test' || command.kind === 'function' || command.kind === 'subshell') return false;
  if (command.kind === 'group') return exitsIn(command.body, functions, calls, budget);
  if (command.kind !== 'simple') return undefined;
  const [word] = command.words;
  if (word === undefined) return false;
  const name = literalOf(word);
  if (name === undefined) return undefined;
  if (name === 'exit' || name === 'exec') return true;
  const body = functions.get(name);
  if (body !== undefined) return calls > MAX_CALLS ? undefined : commandExits(body, functions, calls + 1, budget);
  return ['.', 'source', 'eval', 'return', 'break'].includes(name) ? undefined : false;
}
