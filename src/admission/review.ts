/**
 * AdmissionReview v1 off the wire: what kube-apiserver sends, checked by hand.
 *
 * Only the envelope is checked; the object stays the JSON that it is, because patches are made against exactly what was
 * sent. Types: k8s.io/api `admission/v1/types.go`.
 */
import { isObject, type JsonObject } from '../core/json.ts';
import { OPERATIONS, type Operation, type ReviewOrigin, type Submission } from './submission.ts';

export const ADMISSION_API_VERSION = 'admission.k8s.io/v1';
/** API servers send 36 characters, a UUID. It goes back in the answer, and so it is bounded. */
const MAX_UID_LENGTH = 100_000;

/** A submission on its way through an API server, with what an answer needs. */
export interface AdmissionRequest extends Submission {
  readonly uid: string;
  /** The plural name, `pods`; empty where a recorded review leaves it out. */
  readonly resource: string;
  readonly dryRun: boolean;
  readonly origin: ReviewOrigin;
}

/** A body that is no readable AdmissionReview; the HTTP answer is a 400, which the API server's failurePolicy decides on. */
export class UnreadableReviewError extends Error {
  override readonly name = 'UnreadableReviewError';
  /** The field of the review that is wrong, `request.uid`; empty for the body as a whole. */
  readonly field: string;

  constructor(field: string, message: string) {
    super(field === '' ? message : `${field} ${message}`);
    this.field = field;
  }
}

/**
 * @param body parsed JSON of any kind
 * @throws {UnreadableReviewError} naming the field and what was expected
 */
export function decodeReview(body: unknown): AdmissionRequest {
  if (!isObject(body)) throw new UnreadableReviewError('', 'the body must be an AdmissionReview object');
  expect(body['kind'] === 'AdmissionReview', 'kind', "must be 'AdmissionReview'");
  expect(
    body['apiVersion'] === ADMISSION_API_VERSION,
    'apiVersion',
    `must be '${ADMISSION_API_VERSION}', the only version that podgrace speaks`,
  );
  const request = body['request'];
  if (!isObject(request)) throw new UnreadableReviewError('request', 'must be an object');
  const { uid, operation } = request;
  if (typeof uid !== 'string' || uid === '') throw new UnreadableReviewError('request.uid', 'must be a string that is not empty');
  expect(uid.length <= MAX_UID_LENGTH, 'request.uid', `must have at most ${MAX_UID_LENGTH} characters, but has ${uid.length}`);
  if (!isOperation(operation)) throw new UnreadableReviewError('request.operation', `must be one of ${OPERATIONS.join(', ')}`);
  const kind = objectOrEmpty(request, 'kind');
  const gracePeriodSeconds = operation === 'DELETE' ? gracePeriodIn(request['options']) : undefined;
  return {
    uid,
    operation,
    kind: {
      group: text(kind, 'group', 'request.kind'),
      version: text(kind, 'version', 'request.kind'),
      kind: text(kind, 'kind', 'request.kind'),
    },
    resource: text(objectOrEmpty(request, 'resource'), 'resource', 'request.resource'),
    subResource: text(request, 'subResource'),
    name: text(request, 'name'),
    namespace: text(request, 'namespace'),
    origin: { from: 'review', username: text(objectOrEmpty(request, 'userInfo'), 'username', 'request.userInfo') },
    object: request['object'] ?? null,
    oldObject: request['oldObject'] ?? null,
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    dryRun: request['dryRun'] === true,
  };
}

/** Of `DeleteOptions` (apimachinery `meta/v1/types.go`). What is no number is as good as not said: deletions are not held up. */
function gracePeriodIn(options: unknown): number | undefined {
  const seconds = isObject(options) ? options['gracePeriodSeconds'] : undefined;
  return typeof seconds === 'number' ? seconds : undefined;
}

function isOperation(value: unknown): value is Operation {
  return (OPERATIONS as readonly unknown[]).includes(value);
}

function expect(condition: boolean, field: string, message: string): void {
  if (!condition) throw new UnreadableReviewError(field, message);
}

function objectOrEmpty(parent: JsonObject, key: string): JsonObject {
  const value = parent[key];
  if (value == null) return {};
  if (!isObject(value)) throw new UnreadableReviewError(`request.${key}`, 'must be an object');
  return value;
}

function text(parent: JsonObject, key: string, field = 'request'): string {
  const value = parent[key];
  if (value == null) return '';
  if (typeof value !== 'string') throw new UnreadableReviewError(`${field}.${key}`, 'must be a string');
  return value;
}
