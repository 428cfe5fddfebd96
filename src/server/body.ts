/** From the bytes of a request to JSON, with a bound on the work (`core/bounded-json.ts`). */
import { CostlyJsonError, parseBoundedJson } from '../core/bounded-json.ts';

/** A body that is refused before it is parsed, or that is no JSON. */
export class UnreadableBodyError extends Error {
  override readonly name = 'UnreadableBodyError';
}

/**
 * @param body the whole body, UTF-8
 * @returns the parsed value; a key `__proto__` is an own property like any other, no prototype is touched
 * @throws {UnreadableBodyError} for an empty body, one that is too costly to parse, or what is no JSON
 */
export function parseBody(body: Buffer): unknown {
  if (body.length === 0) throw new UnreadableBodyError('the body must not be empty');
  try {
    return parseBoundedJson(body.toString('utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnreadableBodyError(error instanceof CostlyJsonError ? `the body ${reason}` : `the body must be JSON: ${reason}`, {
      cause: error,
    });
  }
}
