/**
 * The fields of a review before the object: user, operation and kind. They are enough for an answer if the object is not read.
 *
 * The API server writes the fields in the order of their Go structs (k8s.io/api `admission/v1` AdmissionRequest): `uid`, `kind`,
 * `operation` and `userInfo` stand before `object` and `oldObject`.
 */
import { decodeReview, UnreadableReviewError, type AdmissionRequest } from '../admission/review.ts';
import { CostlyJsonError, parseBoundedJson } from '../core/bounded-json.ts';

/** A user with hundreds of groups fits. */
export const REVIEW_HEAD_BYTES = 64 * 1024;

/**
 * @param head at least the first `REVIEW_HEAD_BYTES` of the body, or all of it
 * @returns the request without its objects; undefined where the head holds no readable request
 */
export function readReviewHead(head: Buffer): AdmissionRequest | undefined {
  const text = head.toString('utf8', 0, Math.min(head.length, REVIEW_HEAD_BYTES));
  const end = startOfObject(text);
  if (end === undefined) return undefined;
  try {
    return decodeReview(parseBoundedJson(`${text.slice(0, end)}"object":null}}`));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof CostlyJsonError || error instanceof UnreadableReviewError) return undefined;
    throw error;
  }
}

/** The levels around the members of `request`. */
const REQUEST_DEPTH = 2;

/** Where the member `object` or `oldObject` of the request begins. */
function startOfObject(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{' || character === '[') {
      depth += 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
    } else if (character === '"') {
      if (depth === REQUEST_DEPTH && (text.startsWith('"object":', at) || text.startsWith('"oldObject":', at))) return at;
      for (at += 1; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at += 1;
    }
  }
  return undefined;
}
