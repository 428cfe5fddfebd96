/** What a redirection that fails makes of a script while its time is added up. */
import { isOwnHost } from './asked-host.ts';
import { mayBeRefused, SPECIAL } from './script-walk-redirections.ts';
import { literalOf, type Command, type Redirection, type SimpleCommand, type Word } from './shell-syntax.ts';
import type { ShellFlavour } from './shells.ts';

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

/**
 * Whether the shell may wait for another host when it opens a file: bash connects where one has such a name as `/dev/tcp/db/5432`
 * (bash(1), REDIRECTION). What filters its packets holds that up until the kernel gives up (`tcp_syn_retries`: 127 seconds).
 *
 * @param value of a word, as far as it is known
 */
export function mayWaitForHost(target: Word, value: string | undefined, flavour: ShellFlavour | undefined): boolean {
  if (flavour?.endsWith('bash') === false) return false;
  const path = value ?? target.parts.map((part) => (part.kind === 'text' ? part.text : UNKNOWN)).join('');
  const [, protocol, host] = /^\/dev\/(tcp|udp)\/([^/]+)\/[^/]+$/.exec(path) ?? [];
  if (host === undefined || isOwnHost(host)) return false;
  // A datagram is sent at once, if no name has to be looked up.
  return protocol === 'tcp' || !/^[\d.]+$|:/.test(host);
}

/** Stands for what is not known of a path. */
const UNKNOWN = '\0';
