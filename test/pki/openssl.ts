/** The openssl command line, as a second opinion that shares no code with the project's certificates. */
import { spawnSync } from 'node:child_process';

/** Why tests that need openssl are skipped; false where it is there. */
export const withoutOpenssl: string | false =
  spawnSync('openssl', ['version']).status === 0
    ? false
    : 'SKIPPED: there is no openssl on this machine to check certificates independently';

export interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

export function openssl(...args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  return { ok: status === 0, output: stdout + stderr };
}
