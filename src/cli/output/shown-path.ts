import { relative } from 'node:path';

/** @returns the shorter path, where the file is below the working directory */
export function shownPath(file: string): string {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') ? file : short;
}
