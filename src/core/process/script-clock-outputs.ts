/**
 * Whether a command keeps open what the kubelet reads, which waits until nobody holds it any more. As measured
 * (`test/core/process/measured/`).
 */
import { literalOf, type Command, type Redirection, type Statement } from './shell-syntax.ts';

/** Standard output and standard error, as far as they reach whoever started the script. */
export interface Outputs {
  readonly out: boolean;
  readonly error: boolean;
}

export const BOTH_HELD: Outputs = { out: true, error: true };

export function eitherOutputs(a: Outputs, b: Outputs): Outputs {
  return a === b ? a : { out: a.out || b.out, error: a.error || b.error };
}

/** The same outputs as before under another name. */
const SAME_OUTPUT = /^\/dev\/(?:stdout|stderr|fd\/[12])$|^\/proc\/self\/fd\/[12]$/;

/** The outputs of a command, by its redirections from left to right: after `2>&1 >file`, errors still go where the output went. */
export function outputsAfter(redirections: readonly Redirection[], before: Outputs): Outputs {
  let { out, error } = before;
  for (const { operator, descriptor = '1', target } of redirections) {
    if (operator.startsWith('<') && operator !== '<>') continue;
    const file = literalOf(target);
    if (operator.startsWith('&>')) {
      out = error = false;
      continue;
    }
    const goesOn = operator === '>&' ? (file === '1' ? out : file === '2' ? error : /^\d+$/.test(file ?? '')) : isSameOutput(file);
    if (operator === '>&' && file !== undefined && !/^(?:\d+|-)$/.test(file)) out = error = false;
    else if (descriptor === '1') out = goesOn;
    else if (descriptor === '2') error = goesOn;
  }
  return out === before.out && error === before.error ? before : { out, error };
}

function isSameOutput(file: string | undefined): boolean {
  return file !== undefined && SAME_OUTPUT.test(file);
}

/** `( exec >/dev/null 2>&1; … ) &`: nothing of it holds what the `exec` at its beginning leaves. */
function ofFirstExec(command: Command): readonly Redirection[] {
  if (command.kind !== 'group' && command.kind !== 'subshell') return [];
  const first = command.body.lines[0]?.statements[0];
  const [only, more] = first?.first.commands ?? [];
  if (first?.rest.length !== 0 || first.isBackground || more !== undefined || only?.kind !== 'simple') return [];
  return only.words.length === 1 && only.words[0] !== undefined && literalOf(only.words[0]) === 'exec' ? only.redirections : [];
}

/**
 * Whether a job is the call of a function with outputs of its own: `drain >/dev/null 2>&1 &`. dash and busybox ash keep those from before
 * until the function is over, to go back to them; bash does not.
 */
export function callsRedirected({ first: { commands }, rest }: Statement, functions: ReadonlyMap<string, unknown>): boolean {
  const [command, more] = commands;
  if (command?.kind !== 'simple' || more !== undefined || rest.length > 0 || command.redirections.length === 0) return false;
  return command.words[0] !== undefined && functions.has(literalOf(command.words[0]) ?? '');
}

/** Whether a job keeps open what whoever started the script reads. */
export function keepsOpen({ first, rest }: Statement, outputs: Outputs): boolean {
  const commands = [first, ...rest.map(({ pipeline }) => pipeline)].flatMap((pipeline) => pipeline.commands);
  return commands.some((command) => {
    const { out, error } = outputsAfter([...command.redirections, ...ofFirstExec(command)], outputs);
    return out || error;
  });
}
