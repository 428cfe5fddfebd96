/** Errors of calls to the system. */
import { lstatSync } from 'node:fs';
import { getSystemErrorMessage } from 'node:util';

/** `ENOENT`, `EPIPE` and the like, also of Node.js itself; undefined for any other error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What the system says of a failed call, without the path, which the message names before: `permission denied`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  // Node.js puts U+FFFD in the place of bytes that are no UTF-8, and so asks for another name.
  if (code === 'ENOENT' && 'path' in error && String(error.path).includes('\ufffd'))
    return 'no such file or directory; podgrace cannot open a file whose name is not UTF-8: rename it';
  // Whoever looks for the file sees its name.
  if (code === 'ENOENT' && 'path' in error && isLink(String(error.path)))
    return 'it is a symbolic link, and what it leads to does not exist';
  // The system says `illegal operation on a directory`, which does not say what is wrong.
  if (code === 'EISDIR') return 'it is a folder';
  return 'errno' in error && typeof error.errno === 'number' ? getSystemErrorMessage(error.errno) : error.message;
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
