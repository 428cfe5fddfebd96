/** The text of a review as JSON, its managedFields set aside until somebody asks for them. */
import { randomUUID } from 'node:crypto';
import { endOfString, parseBoundedJson } from '../core/bounded-json.ts';
import { DeferredManagedFields } from '../core/deferred-managed-fields.ts';
import { isObject } from '../core/json.ts';
import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACKET, QUOTE } from '../core/json-characters.ts';

/**
 * As `parseBoundedJson`, but `metadata.managedFields` of `request.object` and `request.oldObject` are `DeferredManagedFields`
 * where they are lists. Nobody checks the content of such a list until a rule asks for it.
 *
 * @throws {CostlyJsonError} for what is more than any review holds
 * @throws {SyntaxError} for what is no JSON
 */
export function parseReviewText(text: string): unknown {
  const shortened = withoutManagedFields(text);
  if (shortened === undefined) return parseBoundedJson(text);
  try {
    const review = parseBoundedJson(shortened.text);
    if (putBack(review, shortened.lists) === shortened.lists.length) return review;
  } catch (error) {
    // The whole text is parsed below: its error names the right place.
    if (!(error instanceof SyntaxError)) throw error;
  }
  return parseBoundedJson(text);
}

/** What is looked for begins with a letter that few texts have: V8 compares the rest at each place where the first letter is. */
const KEY_END = 'Fields":';
const KEY_START = '"managed';

/** `object` and `oldObject` have one list each; a text with more of them is parsed as it is. */
const MAX_LISTS = 2;

/** Stands for a list in the shortened text. Nobody outside this process knows it, so no text holds it by itself. */
const STAND_IN = randomUUID();

interface Shortened {
  readonly text: string;
  /** What was cut out, in the order in which it stood. */
  readonly lists: readonly string[];
}

function withoutManagedFields(text: string): Shortened | undefined {
  let place = text.indexOf(`${KEY_END}[`);
  if (place < 0) return undefined;
  const lists: string[] = [];
  let kept = '';
  let from = 0;
  for (; place >= 0; place = text.indexOf(`${KEY_END}[`, Math.max(from, place + 1))) {
    const quote = place - KEY_START.length;
    // Another key.
    if (!text.startsWith(KEY_START, quote)) continue;
    // After a backslash the quote belongs to a text.
    if (lists.length === MAX_LISTS || text.charCodeAt(quote - 1) === BACKSLASH) return undefined;
    const start = place + KEY_END.length;
    const end = endOfListOfObjects(text, start) ?? endOfList(text, start);
    if (end === undefined) return undefined;
    kept += `${text.slice(from, start)}"${STAND_IN}${lists.length}"`;
    lists.push(text.slice(start, end));
    from = end;
  }
  return lists.length === 0 ? undefined : { text: kept + text.slice(from), lists };
}

/**
 * As `endOfList`, for a list with no bracket in it, as nearly all managedFields are: found without a look at each character. A key
 * follows such a list, in its own object or in the next one. So the bracket is in no text, as the quote of that key would end the text,
 * and no letter follows a text.
 *
 * @returns undefined for other lists, too
 */
function endOfListOfObjects(text: string, open: number): number | undefined {
  const close = text.indexOf(']', open);
  const inner = text.indexOf('[', open + 1);
  if (close < 0 || (inner >= 0 && inner < close)) return undefined;
  const comma = text.charCodeAt(close + 1) === CLOSE_BRACE ? close + 2 : close + 1;
  const isBeforeKey = text.charCodeAt(comma) === COMMA && text.charCodeAt(comma + 1) === QUOTE && isLetter(text.charCodeAt(comma + 2));
  return isBeforeKey ? close + 1 : undefined;
}

function isLetter(code: number): boolean {
  return code >= SMALL_A && code <= SMALL_Z;
}

/** @returns the place behind the bracket that closes the one at `open` */
function endOfList(text: string, open: number): number | undefined {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const start = at;
      at = text.indexOf('"', start + 1);
      if (at < 0) return undefined;
      if (text.charCodeAt(at - 1) === BACKSLASH) at = endOfString(text, start);
    } else if (code === OPEN_BRACKET) {
      depth += 1;
    } else if (code === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

const SMALL_A = 0x61;
const SMALL_Z = 0x7a;

/** @returns how many lists have found their place */
function putBack(review: unknown, lists: readonly string[]): number {
  const request = isObject(review) ? review['request'] : undefined;
  if (!isObject(request)) return 0;
  return putBackIn(request['object'], lists) + putBackIn(request['oldObject'], lists);
}

function putBackIn(object: unknown, lists: readonly string[]): number {
  const metadata = isObject(object) ? object['metadata'] : undefined;
  const standIn = isObject(metadata) ? metadata['managedFields'] : undefined;
  if (!isObject(metadata) || typeof standIn !== 'string' || !standIn.startsWith(STAND_IN)) return 0;
  const list = lists[Number(standIn.slice(STAND_IN.length))];
  if (list === undefined) return 0;
  (metadata as Record<string, unknown>)['managedFields'] = new DeferredManagedFields(list);
  return 1;
}
