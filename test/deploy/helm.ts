/** Helm as users have it: from the PATH, or built from its Go module by `test/deploy/build-helm`. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';

const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'podgrace-test');

const PROGRAM = builtHelm() ?? 'helm';

function builtHelm(): string | undefined {
  if (!existsSync(CACHE)) return undefined;
  const folder = readdirSync(CACHE).find((name) => name.startsWith('helm-') && existsSync(join(CACHE, name, 'helm')));
  return folder === undefined ? undefined : join(CACHE, folder, 'helm');
}

/** Why there is no helm, or false where there is one; for tap's option `skip`. */
export function skipWithoutHelm(): string | false {
  const { status } = spawnSync(PROGRAM, ['version'], { stdio: 'ignore' });
  return status === 0 ? false : 'no helm on the PATH; test/deploy/build-helm builds one';
}

/** A PATH on which helm is found. */
export function pathWithHelm(): string {
  const path = process.env['PATH'] ?? '';
  return isAbsolute(PROGRAM) ? `${dirname(PROGRAM)}${delimiter}${path}` : path;
}

export interface HelmRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * @param input for `--values -`
 * @param cwd the folder that paths in `args` start from
 */
export function helm(args: readonly string[], input: string, cwd: string): HelmRun {
  const { status, stdout, stderr, error } = spawnSync(PROGRAM, args, { input, cwd, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return { code: status ?? -1, stdout, stderr };
}
