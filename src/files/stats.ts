/** What the system knows of a path, without an error where it knows nothing. */
import { statSync, type Stats } from 'node:fs';

/** @returns undefined for what is not there, and for what cannot be looked at: whoever opens it is told why */
export function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
