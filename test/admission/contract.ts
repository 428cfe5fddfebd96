/**
 * What kube-apiserver demands of an answer, as a function: every answer in the tests goes through it.
 *
 * A port of `VerifyAdmissionResponse` (apiserver `pkg/admission/plugin/webhook/request/admissionreview.go`), and of what
 * happens to an answer after that: decoding, `errors/statuserror.go`, the patch in `mutating/dispatcher.go`, audit
 * annotation keys (`pkg/admission/attributes.go` checkKeyFormat), warnings (`pkg/endpoints/filters/warning.go`,
 * apimachinery `NewWarningHeader`). Where the API server would drop, cut or raise something, this is a violation too.
 */
import { applyPatch } from 'rfc6902';
import type { PatchOperation } from '../../src/core/json-patch.ts';

export type Phase = 'validate' | 'mutate';

/** What podgrace was asked, as far as an answer depends on it. */
export interface AskedReview {
  readonly request: { readonly uid: string; readonly operation: string; readonly object?: unknown };
}

export interface VerifiedAnswer {
  readonly allowed: boolean;
  readonly status: VerifiedStatus | undefined;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
  readonly patch: readonly PatchOperation[];
  /** The request's object with the patch applied, as the API server would go on with it. */
  readonly object: unknown;
}

export interface VerifiedStatus {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details: {
    readonly name: string;
    readonly group: string;
    readonly kind: string;
    readonly causes: readonly { readonly reason: string; readonly message: string; readonly field: string }[];
  };
}

class ContractViolation extends Error {
  override readonly name = 'ContractViolation';
}

/**
 * @param text the body of the HTTP answer
 * @throws {ContractViolation} for an answer that the API server would not take exactly as it is
 */
export function verifyAnswer(phase: Phase, { request }: AskedReview, text: string): VerifiedAnswer {
  const review = decode(text);
  const response = review['response'];
  demand(isRecord(response), 'webhook response was absent');
  only(review, ['apiVersion', 'kind', 'response']);
  only(response, ['uid', 'allowed', 'status', 'patch', 'patchType', 'auditAnnotations', 'warnings']);
  demand(response['uid'] === request.uid, `expected response.uid=${request.uid}, got ${String(response['uid'])}`);
  demand(
    review['apiVersion'] === 'admission.k8s.io/v1' && review['kind'] === 'AdmissionReview',
    'expected a response of admission.k8s.io/v1, Kind=AdmissionReview',
  );
  const { allowed } = response;
  demand(typeof allowed === 'boolean', 'response.allowed must be a boolean');
  const patch = verifyPatch(phase, request, response);
  return {
    allowed,
    status: verifyStatus(allowed, response['status']),
    warnings: verifyWarnings(response['warnings']),
    auditAnnotations: verifyAnnotations(response['auditAnnotations']),
    patch,
    object: patch.length === 0 ? request.object : patched(request.object, patch),
  };
}

function verifyPatch(phase: Phase, { operation, object }: AskedReview['request'], response: Fields): PatchOperation[] {
  const { patch, patchType } = response;
  if (phase === 'validate') {
    demand(patch === undefined, 'validating webhook may not return response.patch');
    demand(patchType === undefined, 'validating webhook may not return response.patchType');
    return [];
  }
  demand(patch === undefined || patchType !== undefined, 'webhook returned response.patch but not response.patchType');
  demand(patch !== undefined || patchType === undefined, 'webhook returned response.patchType but not response.patch');
  if (patch === undefined) return [];
  demand(patchType === 'JSONPatch', `unsupported patch type ${String(patchType)}`);
  demand(response['allowed'] === true, 'a denial needs no patch');
  demand(operation === 'CREATE', `a patch on ${operation} would meet immutable fields, or no object`);
  demand(isRecord(object), 'webhook attempted to modify the object, which is not supported for this operation');
  const operations = decode(bytesOf(patch));
  demand(Array.isArray(operations) && operations.length > 0, 'an empty patch changes nothing');
  return operations as PatchOperation[];
}

/** A patch that does not apply is an internal error: the request is refused whatever the failurePolicy. */
function patched(object: unknown, patch: readonly PatchOperation[]): unknown {
  const target = structuredClone(object);
  const errors = applyPatch(target, [...patch] as Parameters<typeof applyPatch>[1]);
  for (const error of errors) demand(error === null, `the patch does not apply: ${String(error)}`);
  return target;
}

/** Go decodes `[]byte` from standard base64 with padding and refuses anything else. */
function bytesOf(patch: unknown): string {
  demand(typeof patch === 'string' && patch !== '', 'response.patch must be a string that is not empty');
  const bytes = Buffer.from(patch, 'base64');
  demand(bytes.toString('base64') === patch, 'response.patch must be standard base64 with padding');
  return bytes.toString('utf8');
}

/** `ToStatusErr` raises codes below 400 and says "without explanation" where there is neither message nor reason. */
function verifyStatus(allowed: boolean, status: unknown): VerifiedStatus | undefined {
  if (allowed) {
    demand(status === undefined, 'the status of what is allowed is not looked at');
    return undefined;
  }
  demand(isRecord(status), 'a denial must have a status');
  only(status, ['code', 'reason', 'message', 'details']);
  const { code, reason, message, details } = status;
  demand(Number.isInteger(code) && (code as number) >= 400 && (code as number) < 500, 'status.code must be 4xx');
  demand(reason === 'Forbidden', 'status.reason must be one that metav1 knows for the code');
  demand(typeof message === 'string' && message !== '', 'status.message must be set');
  demand(!message.startsWith('admission webhook'), 'the API server itself says which webhook denied the request');
  demand(isRecord(details) && Array.isArray(details['causes']), 'status.details.causes must be a list');
  only(details, ['name', 'group', 'kind', 'causes']);
  for (const key of ['name', 'group', 'kind']) demand(typeof details[key] === 'string', `status.details.${key} must be a string`);
  demand(details['causes'].length > 0, 'a denial must have a cause');
  for (const cause of details['causes'] as unknown[]) {
    demand(isRecord(cause), 'a cause must be an object');
    only(cause, ['reason', 'message', 'field']);
    for (const key of ['reason', 'message', 'field']) demand(typeof cause[key] === 'string', `cause.${key} must be a string`);
    demand(cause['reason'] !== '' && cause['message'] !== '', 'a cause must say what it is');
  }
  return status as unknown as VerifiedStatus;
}

/** `truncateItemRunes` and `truncateAtTotalRunes`: beyond them the API server cuts and drops without a word. */
const MAX_WARNING_RUNES = 256;
const MAX_TOTAL_RUNES = 4096;

function verifyWarnings(warnings: unknown): string[] {
  if (warnings === undefined) return [];
  demand(Array.isArray(warnings) && warnings.length > 0, 'response.warnings must be a list, or absent');
  let total = 0;
  for (const warning of warnings as unknown[]) {
    demand(typeof warning === 'string' && warning !== '', 'a warning must be a string that is not empty');
    demand(warning.isWellFormed(), 'a warning must be valid UTF-8');
    demand(!/\p{Cc}/u.test(warning), 'a warning with control characters is dropped');
    const runes = Array.from(warning).length;
    demand(runes <= MAX_WARNING_RUNES, `a warning of ${runes} runes may be cut`);
    total += runes;
  }
  demand(total < MAX_TOTAL_RUNES, `warnings of ${total} runes are cut and dropped`);
  demand(new Set(warnings).size === warnings.length, 'the second of two equal warnings is dropped');
  return warnings as string[];
}

/** The API server stores `<webhook name>/<key>` where that is a qualified name, and drops it otherwise. */
function verifyAnnotations(annotations: unknown): Record<string, string> {
  if (annotations === undefined) return {};
  demand(isRecord(annotations), 'response.auditAnnotations must be a map');
  for (const [key, value] of Object.entries(annotations)) {
    demand(key.length <= 63 && /^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(key), `${key} is no name of an audit annotation`);
    demand(typeof value === 'string', `the audit annotation ${key} must be a string`);
    demand(!/\p{Cc}/u.test(value) && value.isWellFormed(), `the audit annotation ${key} must be one line of text`);
  }
  return annotations as Record<string, string>;
}

type Fields = Readonly<Record<string, unknown>>;

function decode(text: string): Fields {
  try {
    return JSON.parse(text) as Fields;
  } catch {
    throw new ContractViolation(`not JSON: ${text.slice(0, 200)}`);
  }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Strict decoding would warn of fields that the type does not have. */
function only(object: Fields, keys: readonly string[]): void {
  for (const key of Object.keys(object)) demand(keys.includes(key), `unknown field ${key}`);
}

function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ContractViolation(message);
}
