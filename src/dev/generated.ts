/** A generated file, and how to tell that it is out of date. */
import { readFileSync } from 'node:fs';

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
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
      throw error;
    }
  });
}
