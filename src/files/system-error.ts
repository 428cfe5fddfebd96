import { getSystemErrorMessage } from 'node:util';

/** What the system says of a failed call, without the path, which the message names before: `permission denied`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'errno' in error && typeof error.errno === 'number' ? getSystemErrorMessage(error.errno) : error.message;
}
