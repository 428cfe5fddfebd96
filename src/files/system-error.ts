import { getSystemErrorMessage } from 'node:util';

/** What the system says of a failed call, without the path, which the message names before: `permission denied`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The system says `illegal operation on a directory`, which does not say what is wrong.
  if ('code' in error && error.code === 'EISDIR') return 'it is a folder';
  return 'errno' in error && typeof error.errno === 'number' ? getSystemErrorMessage(error.errno) : error.message;
}
