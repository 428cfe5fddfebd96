/**
 * Redirections that fail, so that their command does not run: to a file in a folder that is not there, or from a file that is not.
 * Nobody knows which files an image has. As measured with dash 0.5.12, busybox ash 1.35 and bash 5.2 (`test/core/process/measured/`).
 */
import { makeInputEndless } from './endless-input.ts';
import { programOfExec, type BuiltinPlace } from './script-walk-builtins.ts';
import type { Outcome, Path } from './script-path.ts';
import { literalOf, type Command, type Redirection, type SimpleCommand, type Statement, type Word } from './shell-syntax.ts';
import { isPosixBash, type ShellFlavour } from './shells.ts';
import type { TrappingShell } from './script-traps.ts';

/** Whether the standard input of a command has no end. */
export function inputIsEndless(redirections: readonly Redirection[], path: Path, position: Pick<BuiltinPlace, 'hasEndlessInput'>): boolean {
  return makeInputEndless(redirections, position.hasEndlessInput || path.hasEndlessInput);
}

const OF_FILES: ReadonlySet<string> = new Set(['<', '>', '>>', '>|', '<>', '&>', '&>>']);

/** Devices, the output of the container, and /tmp are there in nearly every image. */
const THERE = /^\/dev\/(?:null|zero|full|u?random|std(?:in|out|err)|fd\/\d+)$|^\/proc\/(?:\d+|self)\/fd\/\d+$/;
const WRITABLE = /^\/tmp\/[^/]+$/;

/** Whether a redirection may fail: of most files, nobody knows whether an image has them. */
export function mayBeRefused({ operator, target }: Redirection): boolean {
  const file = literalOf(target) ?? '';
  return (
    OF_FILES.has(operator) &&
    !target.parts.some(({ kind }) => kind === 'process') &&
    !THERE.test(file) &&
    !(operator !== '<' && WRITABLE.test(file))
  );
}

/** Whether a redirection of the only command of a statement may fail. */
export function hasFailingRedirection({ first: { commands }, rest }: Statement): boolean {
  const [command, more] = commands;
  return command !== undefined && more === undefined && rest.length === 0 && command.redirections.some(mayBeRefused);
}

/** Special builtins: POSIX shells end where a redirection of one fails (POSIX XCU 2.8.1). */
export const SPECIAL: ReadonlySet<string> = new Set(
  ': . break continue eval exec exit export readonly return set shift times trap unset'.split(' '),
);

/** The files of redirections that the shell itself expands: bash leaves those of a program to the child that runs it, and goes on if that ends. */
export function targetsOfShell({ words, redirections }: SimpleCommand, flavour: ShellFlavour): readonly Word[] {
  const [first] = words;
  const isProgram = first !== undefined && !SPECIAL.has(literalOf(first) ?? '');
  return flavour.endsWith('bash') && isProgram ? [] : redirections.map(({ target }) => target);
}

/**
 * The paths after a command, with the one on which a redirection of it has failed; where the shell ends at that, the container ends before
 * anybody stops it.
 *
 * @param outcome of the command
 * @param before the path before it
 */
export function withFailedRedirection(outcome: Outcome, command: Command, before: Path, shell: TrappingShell): Outcome {
  if (!command.redirections.some(mayBeRefused)) return outcome;
  if (command.kind === 'simple' && endsShell(command, shell)) return outcome;
  const { open, left } = outcome;
  // What is over soon leaves nothing behind but its status.
  if (open.length > 0 && open.every(({ moment }) => moment === before.moment))
    return { open: open.map((path) => (path.succeeded === true ? { ...path, succeeded: undefined } : path)), left };
  return { open: [...open, { ...before, succeeded: false }], left };
}

function endsShell({ words }: Extract<Command, { kind: 'simple' }>, shell: TrappingShell): boolean {
  const argv = words.map(literalOf);
  const name = argv[0] ?? '';
  if (shell.flavour.endsWith('bash') && !isPosixBash(shell)) return name === 'exec' && programOfExec(argv).length === 0;
  return SPECIAL.has(name);
}
