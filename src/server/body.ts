/**
 * From the bytes of a request to JSON, with a bound on the work.
 *
 * `JSON.parse` takes a quarter of a second for 6.6 MB of `[]` and half a second for 3 million levels, and nothing can
 * interrupt it. A pass over the bytes finds both in a few milliseconds (server-facts 3.2); a short body cannot hold
 * enough of either, so only long ones are scanned.
 */

/** Go's JSON reader, which read the object before, stops at 10,000 levels; ours recurse and are bounded well below. */
export const MAX_DEPTH = 1000;

/** A Pod of 1.5 MB (etcd's limit) made of small containers has some 100,000 objects; two of them fit. */
export const MAX_CONTAINERS = 300_000;

/** A body of this size has at most `size / 2` levels of `[]` that close again. */
const SCANNED_FROM_BYTES = 2 * MAX_DEPTH;

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
    const byte = body[at];
    if (byte === QUOTE) {
      at = endOfString(body, at);
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      containers += 1;
      if (depth > MAX_DEPTH) throw new UnreadableBodyError(`the body must not be nested deeper than ${MAX_DEPTH} levels`);
      if (containers > MAX_CONTAINERS)
        throw new UnreadableBodyError(`the body must not hold more than ${MAX_CONTAINERS} objects and lists`);
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
    }
  }
}

/** Native `indexOf` skips long strings (annotations, scripts) many times faster than a loop over their bytes. */
function endOfString(body: Buffer, open: number): number {
  for (let at = body.indexOf(QUOTE, open + 1); at >= 0; at = body.indexOf(QUOTE, at + 1)) {
    let backslashes = 0;
    while (body[at - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return body.length;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
