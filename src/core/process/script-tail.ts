/**
 * Which command a shell becomes, as the last of a script, instead of waiting for it.
 *
 * That was measured for each shell (`shells.ts`). The rules are those of bash 5.2 `should_suppress_fork` and
 * `can_optimize_connection` (builtins/evalstring.c) and of busybox ash `evaltree` with EV_EXIT (shell/ash.c), as far as the
 * measurements confirm them.
 */
import type { Command, Pipeline, Script, SimpleCommand, Statement, Word } from './shell-syntax.ts';
import { isPosixBash, type ShellFlavour } from './shells.ts';

/** Whether the end of a script may be the end of the shell: nothing is left to read. */
export function isTailScript({ afterLast }: Script, flavour: ShellFlavour): boolean {
  return flavour === 'ash' ? afterLast === 'nothing' : afterLast !== 'more';
}

/**
 * Whether a shell looks at the last statement of a line as one that it may become.
 *
 * @param index of that statement
 */
export function isTailStatement(statements: readonly Statement[], index: number, flavour: ShellFlavour): boolean {
  if (flavour === 'ash') return true;
  if (flavour === 'dash') return false;
  if (index === 0) return true;
  return flavour === 'bash' && statements[index]?.rest.length === 0 && statements[index - 1]?.isBackground === false;
}

/** Whether a shell may become a command although it is redirected. */
export function isTailCommand({ redirections }: SimpleCommand, flavour: ShellFlavour): boolean {
  return redirections.length === 0 || flavour === 'ash';
}

/** Whether a shell may become what stands last in a compound command; of those that are redirected, only in a subshell. */
export function hasTail({ kind, redirections }: Command, flavour: ShellFlavour): boolean {
  return flavour === 'ash' && (redirections.length === 0 || kind === 'subshell');
}

/** To bash as `sh`, `time` before an option is a program (bash(1), POSIX mode). */
export function asRun(pipeline: Pipeline, shell: { readonly flavour: ShellFlavour; readonly program: string }): Pipeline {
  const [command, ...others] = pipeline.commands;
  if (pipeline.hasTimeOption !== true || command?.kind !== 'simple' || !isPosixBash(shell)) return pipeline;
  return { ...pipeline, isTimed: false, commands: [{ ...command, words: [plain('time'), plain('-p'), ...command.words] }, ...others] };
}

function plain(text: string): Word {
  return { parts: [{ kind: 'text', text, isQuoted: false }] };
}
