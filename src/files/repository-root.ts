/** Finds the root folder of a git repository. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** @returns the folder with `.git` that holds a folder; undefined outside of a repository */
export function repositoryRoot(folder: string): string | undefined {
  let at = resolve(folder);
  while (!existsSync(join(at, '.git'))) {
    const parent = dirname(at);
    if (parent === at) return undefined;
    at = parent;
  }
  return at;
}
