/** Where JSON values end in a text that holds several, and how deep they go; without parsing them. */
import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, DOUBLE_QUOTE, OPEN_BRACE, OPEN_BRACKET } from './characters.ts';

export interface JsonExtent {
  /** The offset after the value. */
  readonly end: number;
  /** Objects and lists within one another; 0 for a scalar. */
  readonly depth: number;
}

/**
 * One pass over the characters; strings are skipped by native `indexOf`.
 *
 * @param start where the value begins
 * @returns undefined where the value does not end; whether it is valid is for `JSON.parse` to say
 */
export function jsonExtent(text: string, start: number): JsonExtent | undefined {
  let depth = 0;
  let deepest = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOUBLE_QUOTE) {
      at = closingQuote(text, at);
      if (at < 0) return undefined;
      if (depth === 0) return { end: at + 1, depth: 0 };
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
      if (depth <= 0) return { end: at + 1, depth: deepest };
    } else if (depth === 0) {
      BARE_WORD.lastIndex = at;
      return BARE_WORD.test(text) ? { end: BARE_WORD.lastIndex, depth: 0 } : undefined;
    }
  }
  return undefined;
}

/** Whether a text is JSON, and not only YAML in braces. */
export function isJson(text: string): boolean {
  if (!/^[ \t\r\n]*\{/.test(text)) return false;
  try {
    // eslint-disable-next-line no-restricted-properties -- a file of the caller's own
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Whether a parsed value holds a number that JSON text can spell but no double can hold (`1e400`). */
export function holdsInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsInfinity);
}

const BARE_WORD = /[-+.0-9A-Za-z]+/y;

function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}
