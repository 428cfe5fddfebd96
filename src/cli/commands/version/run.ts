/** `podgrace version`: the version alone, for scripts. */
import { VERSION } from '../../../config/version.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';

export function version(_invocation: Invocation<unknown>, { stdout }: CliContext): Promise<ExitCode> {
  stdout.line(VERSION);
  return Promise.resolve(EXIT.clean);
}
