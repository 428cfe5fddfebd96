/**
 * `JSON.parse` with a bound on the work, for every text that somebody else wrote.
 *
 * `JSON.parse` takes a quarter of a second for 6.6 MB of `[]` and half a second for 3 million levels, and nothing can
 * interrupt it. A pass over the characters finds out in a few milliseconds what it would have to make; a short text
 * cannot hold enough of anything, so only long ones are looked at.
 */
import { MAX_DEPTH } from './json.ts';
import { BACKSLASH, QUOTE } from './json-characters.ts';

/**
 * What a text may ask for: 2 for each object and list, 4 for each key and each text, 4 more where it has an escape, 1 for
 * each comma. In these units `JSON.parse` takes up to 0.1 microseconds, most where every key is another one. An update
 * with two objects of 1.5 MB (etcd's limit) that has a key, a text and a comma every 25 bytes asks for 1,080,000.
 */
const MAX_JSON_WORK = 1_200_000;

const CONTAINER_WORK = 2;
const STRING_WORK = 4;
const ESCAPE_WORK = 4;
const COMMA_WORK = 1;

/** The worst text of this length takes `JSON.parse` 2 ms; nearly every review is shorter. */
const LOOKED_AT_FROM = 64 * 1024;

/** A text that is refused before it is parsed. The message starts with "must" and has no subject. */
export class CostlyJsonError extends Error {
  override readonly name = 'CostlyJsonError';
}

/**
 * @returns the parsed value; a key `__proto__` is an own property like any other, no prototype is touched
 * @throws {CostlyJsonError} for more than 1,000 levels or `MAX_JSON_WORK`
 * @throws {SyntaxError} for what is no JSON
 */
export function parseBoundedJson(text: string): unknown {
  if (text.length > LOOKED_AT_FROM) refuseCostly(text);
  // eslint-disable-next-line no-restricted-properties -- the guard itself
  return JSON.parse(text) as unknown;
}

function refuseCostly(text: string): void {
  let depth = 0;
  let work = 0;
  for (let at = 0; at < text.length; at++) {
    const step = STEPS[text.charCodeAt(at)];
    // Numbers, blanks and colons; what lies beyond the table can only stand in strings.
    if (step === undefined || step === NOTHING) continue;
    if (step === COMMA) {
      work += COMMA_WORK;
    } else if (step === STRING) {
      work += STRING_WORK;
      const open = at;
      at = text.indexOf('"', open + 1);
      if (at < 0) return;
      if (text.charCodeAt(at - 1) === BACKSLASH) {
        work += ESCAPE_WORK;
        at = endOfString(text, open);
      }
    } else if (step === OPEN) {
      depth += 1;
      work += CONTAINER_WORK;
      if (depth > MAX_DEPTH) throw new CostlyJsonError(`must not be nested deeper than ${MAX_DEPTH} levels`);
    } else {
      depth -= 1;
    }
    if (work > MAX_JSON_WORK) throw new CostlyJsonError('must not hold so many objects, lists and texts');
  }
}

/** Where a string ends that opens at `open`: at the first quote that no backslash escapes, or with the text. */
export function endOfString(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}

/** What each character means outside of strings; one look instead of six comparisons. */
const NOTHING = 0;
const OPEN = 1;
const CLOSE = 2;
const STRING = 3;
const COMMA = 4;
const STEPS = new Uint8Array(128);
for (const [characters, step] of [
  ['{[', OPEN],
  ['}]', CLOSE],
  ['"', STRING],
  [',', COMMA],
] as const) {
  for (const character of characters) STEPS[character.charCodeAt(0)] = step;
}
