/** Which line of a document a field stands on, for messages that name it. */
import { jsonOutline } from './json-outline.ts';
import { isJson } from './json-text.ts';
import { normalizeLineEnds } from './kubernetes-yaml.ts';
import { yamlOutline, type Outline } from './outline.ts';

/** Keys and indices from the root of a document down: `['spec', 'containers', 0, 'image']`. */
export type DocumentPath = readonly (string | number)[];

/**
 * The line of the deepest part of a path that exists, so that a missing field points at its parent. For a field that is its
 * key's line. What an alias or `<<` brings stands where its anchor is.
 */
export type LineOf = (path: DocumentPath) => number;

/**
 * Reads a document once, to answer for any number of paths.
 *
 * @param text one that `parseDocument` reads
 * @returns gives lines within the text, from 1
 */
export function positionsIn(text: string): LineOf {
  const lines = normalizeLineEnds(text);
  const outline = isJson(lines) ? jsonOutline(lines) : yamlOutline(lines);
  const lineStarts = startsOfLines(lines);
  return (path) => lineAt(lineStarts, offsetOf(outline, path));
}

/** The same for a single path. */
export function lineOfPath(text: string, path: DocumentPath): number {
  return positionsIn(text)(path);
}

function offsetOf(outline: Outline, path: DocumentPath): number {
  let node = outline;
  let { offset } = outline;
  for (const part of path) {
    const entry = node.entries?.get(String(part));
    const value = entry?.value ?? (typeof part === 'number' ? node.items?.[part] : undefined);
    if (value === undefined) break;
    offset = entry?.keyOffset ?? value.offset;
    node = value;
  }
  return offset;
}

function startsOfLines(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}

/** How many lines begin at or before an offset, by bisection. */
function lineAt(lineStarts: readonly number[], offset: number): number {
  let low = 0;
  let high = lineStarts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lineStarts[middle] ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
