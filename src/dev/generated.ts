/** A generated file: whether it is out of date, and how it is written. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeOf } from '../files/system-error.ts';

export interface Generated {
  /** From the root of the repository. */
  readonly path: string;
  readonly content: string;
}

export const ROOT = new URL('../../', import.meta.url);

/** The files that differ from what they should hold, a missing one included. */
export function outdated(files: readonly Generated[]): Generated[] {
  return files.filter(({ path, content }) => {
    try {
      return readFileSync(new URL(path, ROOT), 'utf8') !== content;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return true;
      throw error;
    }
  });
}

export function writeGenerated({ path, content }: Generated): void {
  const target = fileURLToPath(new URL(path, ROOT));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
}
