/** `podgrace complete`: prints the script for a shell. */
import type { Invocation } from '../../command.ts';
import { scriptFor, SHELLS } from '../../completion/scripts.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, UsageError, type ExitCode } from '../../exit-code.ts';

/** @throws {UsageError} for a shell that is not known */
export function complete({ words }: Invocation<unknown>, { stdout }: CliContext): Promise<ExitCode> {
  const shell = SHELLS.find((known) => known === words[0]);
  if (shell === undefined) throw new UsageError(`the shell must be one of ${SHELLS.join(', ')}`);
  stdout.write(scriptFor(shell));
  return Promise.resolve(EXIT.clean);
}
