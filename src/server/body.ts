/**
 * From the bytes of a request to JSON, with a bound on the work.
 *
 * `JSON.parse` takes a quarter of a second for 6.6 MB of `[]` and half a second for 3 million levels, and nothing can
 * interrupt it. A pass over the bytes finds both in a few milliseconds; a short body cannot hold
 * enough of either, so only long ones are scanned.
 */
import { MAX_DEPTH } from '../core/json.ts';

/** A Pod of 1.5 MB (etcd's limit) made of small containers has some 100,000 objects; two of them fit. */
export const MAX_CONTAINERS = 300_000;

/** The worst body of this size takes `JSON.parse` 2 ms; nearly every review is shorter, and is not scanned. */
const SCANNED_FROM_BYTES = 64 * 1024;

/** A body that is refused before it is parsed, or that is no JSON. */
export class UnreadableBodyError extends Error {
  override readonly name = 'UnreadableBodyError';
}

/**
 * @param body the whole body, UTF-8
 * @returns the parsed value; a key `__proto__` is an own property like any other, no prototype is touched
 * @throws {UnreadableBodyError} for an empty body, too many levels or containers, or what is no JSON
 */
export function parseBody(body: Buffer): unknown {
  if (body.length === 0) throw new UnreadableBodyError('the body must not be empty');
  if (body.length > SCANNED_FROM_BYTES) refuseCostly(body);
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (error) {
    throw new UnreadableBodyError(`the body must be JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function refuseCostly(body: Buffer): void {
  let depth = 0;
  let containers = 0;
  for (let at = 0; at < body.length; at++) {
    const step = STEPS[body[at] ?? 0];
    if (step === NOTHING) continue;
    if (step === STRING) {
      at = endOfString(body, at);
    } else if (step === CLOSE) {
      depth -= 1;
    } else {
      depth += 1;
      containers += 1;
      if (depth > MAX_DEPTH) throw new UnreadableBodyError(`the body must not be nested deeper than ${MAX_DEPTH} levels`);
      if (containers > MAX_CONTAINERS)
        throw new UnreadableBodyError(`the body must not hold more than ${MAX_CONTAINERS} objects and lists`);
    }
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What each byte means outside of strings; one look instead of five comparisons. */
const NOTHING = 0;
const OPEN = 1;
const CLOSE = 2;
const STRING = 3;
const STEPS = new Uint8Array(256);
STEPS[QUOTE] = STRING;
for (const character of '{[') STEPS[character.charCodeAt(0)] = OPEN;
for (const character of '}]') STEPS[character.charCodeAt(0)] = CLOSE;

/** Most strings are short: a call of the native `indexOf` costs more than looking at their bytes. For long ones it is faster. */
const LOOKED_AT_BYTES = 64;

/** Where a string ends that opens at `open`: at the quote, or with the body. */
function endOfString(body: Buffer, open: number): number {
  let at = open + 1;
  const end = Math.min(at + LOOKED_AT_BYTES, body.length);
  for (; at < end; at++) {
    const byte = body[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at += 1;
  }
  for (at = body.indexOf(QUOTE, at); at >= 0; at = body.indexOf(QUOTE, at + 1)) {
    let backslashes = 0;
    while (body[at - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return body.length;
}
