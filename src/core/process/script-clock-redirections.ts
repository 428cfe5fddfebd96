/** What a redirection that fails makes of a script while its time is added up. */
import { mayBeRefused, SPECIAL } from './script-walk-redirections.ts';
import { literalOf, type Command, type Redirection, type SimpleCommand } from './shell-syntax.ts';

/** Folders that are there in every image, and that whoever writes a redirection into one may write to. */
const USUAL_FOLDER = /^(?:\/(?:tmp|run|var\/(?:log|run|tmp)|dev\/shm)\/)?[^/]+$/;

/**
 * What becomes of a script at a command whose redirection fails: the command does not run, or the shell ends.
 *
 * @returns undefined where nobody expects it to fail
 */
export function failureOf(command: Command): 'command' | 'shell' | undefined {
  if (!command.redirections.some(mayNotOpen)) return undefined;
  return command.kind === 'simple' && isSpecial(command) ? 'shell' : 'command';
}

function mayNotOpen(redirection: Redirection): boolean {
  const { operator, target } = redirection;
  const file = literalOf(target);
  // A descriptor other than the first three is there only where the script opens it.
  if (/^[<>]&$/.test(operator)) return file !== undefined && /^(?:[3-9]|\d{2,})$/.test(file);
  if (file !== undefined && operator !== '<' && USUAL_FOLDER.test(file)) return false;
  return mayBeRefused(redirection);
}

/** Special builtins, at which POSIX shells end (POSIX XCU 2.8.1); an `exec` of a program ends the script in any case. */
function isSpecial({ words }: SimpleCommand): boolean {
  return SPECIAL.has((words[0] && literalOf(words[0])) ?? '');
}

/** Whether the redirections of a command are those of its shell from then on: of `exec`, which runs a program in its place or none. */
export function redirectsTheShell(command: Command): boolean {
  return command.kind === 'simple' && command.words[0] !== undefined && literalOf(command.words[0]) === 'exec';
}
