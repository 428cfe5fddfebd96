import { getSystemErrorMessage } from 'node:util';

/** A file or folder that cannot be read as a whole; the others still are. */
export class InputError extends Error {
  override readonly name = 'InputError';
  /** As messages call it. */
  readonly file: string;

  constructor(file: string, message: string) {
    super(message);
    this.file = file;
  }
}

/** What the system says of a failed call, without the path, which the message names before: `permission denied`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'errno' in error && typeof error.errno === 'number' ? getSystemErrorMessage(error.errno) : error.message;
}
