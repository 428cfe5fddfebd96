/** From the bytes of a request to JSON, with a bound on the work (`core/bounded-json.ts`). */
import { CostlyJsonError } from '../core/bounded-json.ts';
import { messageOf } from '../core/error-message.ts';
import { parseReviewText } from './review-text.ts';

/** A body that is refused before it is parsed, or that is no JSON. */
export class UnreadableBodyError extends Error {
  override readonly name = 'UnreadableBodyError';
}

/**
 * @param body the whole body, UTF-8
 * @returns the parsed value, managedFields set aside (`parseReviewText`); a key `__proto__` is an own property like any other, no prototype is
 *   touched
 * @throws {UnreadableBodyError} for an empty body, one that is too costly to parse, or what is no JSON
 */
export function parseBody(body: Buffer): unknown {
  if (body.length === 0) throw new UnreadableBodyError('the body must not be empty');
  try {
    return parseReviewText(body.toString('utf8'));
  } catch (error) {
    const reason = messageOf(error);
    throw new UnreadableBodyError(error instanceof CostlyJsonError ? `the body ${reason}` : `the body must be JSON: ${reason}`, {
      cause: error,
    });
  }
}

/** What is judged between two other requests takes a few milliseconds at the most. */
export const LARGE_FROM_BYTES = 32 * 1024;
/** Whatever a body of this size holds is judged within some milliseconds. An ordinary Pod's review is shorter. */
const SHORT_UP_TO_BYTES = 6 * 1024;
/** A Deployment's update with all its managed fields has some 300 in 20 kB. */
const LARGE_FROM_BRACKETS = 1_000;

/** Whether a body is to be judged before others that come with it. */
export function isShort(body: Buffer): boolean {
  return body.length <= SHORT_UP_TO_BYTES;
}

/** Whether a body is to be judged apart from others: it is long, or made of many small parts. */
export function isLarge(body: Buffer): boolean {
  if (isShort(body)) return false;
  return body.length > LARGE_FROM_BYTES || countBrackets(body) > LARGE_FROM_BRACKETS;
}

/** The objects and lists, and what looks like one in texts. */
function countBrackets(body: Buffer): number {
  let count = 0;
  for (let at = 0; at < body.length; at++) if (body[at] === OBJECT || body[at] === LIST) count += 1;
  return count;
}

const OBJECT = 0x7b;
const LIST = 0x5b;
