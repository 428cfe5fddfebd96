/**
 * The admission request that an event of the API server's audit log tells of.
 *
 * Types: k8s.io/apiserver v0.36.3 `pkg/apis/audit/v1/types.go`. A request leaves one event for each stage. Only that of
 * stage ResponseComplete, or Panic in its place, can hold the object: RequestReceived is written before the body is read,
 * ResponseStarted only for watches and the like (`pkg/endpoints/filters/audit.go`). So no request counts twice, and none has
 * to be remembered; not by its auditID either, which a client may choose as it likes.
 *
 * The object is as sent, with the defaults of its API version (seen on 1.36.3). What the log lacks: what admission added to
 * it, and the old object of an UPDATE. The answer to the deletion of a Pod holds the Pod as the deletion left it, marked with the
 * grace period that it got (`ReturnDeletedObject` in `pkg/registry/core/pod/storage`; seen on 1.36.3).
 */
import { JUDGED_SUBRESOURCES } from '../../admission/scope.ts';
import { ADMISSION_API_VERSION } from '../../admission/review.ts';
import type { Operation } from '../../admission/submission.ts';
import { companionKindOf } from '../../core/companion.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { asObject, asText } from '../../core/json-reading.ts';
import { BUILT_IN_KINDS, type WorkloadKinds } from '../../core/workload.ts';
import { hintAboutKind } from '../unlisted-kind.ts';

export type AuditedRequest =
  /** An AdmissionReview whose uid is the auditID. */
  | { readonly review: JsonObject }
  /** Why a request cannot be judged again from what the log has of it. */
  | { readonly skipped: string };

/** Whether an object of a log is an event of the API server's audit log. */
export function isAuditEvent({ apiVersion, kind }: JsonObject): boolean {
  return apiVersion === 'audit.k8s.io/v1' && kind === 'Event';
}

/** What of a policy says which requests of an audit log are judged. */
export interface JudgedRequests {
  /** The webhook is asked about no others. */
  readonly kinds: WorkloadKinds;
  /** Whether a rule is about deletions. */
  readonly judgesDeletions: boolean;
}

/** @returns undefined for an event that is not the last of its request */
export function requestOfAuditEvent(event: JsonObject, { kinds, judgesDeletions }: JudgedRequests): AuditedRequest | undefined {
  const { stage, verb, objectRef: reference, requestObject: object } = event;
  if (!FINAL_STAGES.includes(stage)) return undefined;
  if (verb === 'delete' && isObject(reference))
    return judgesDeletions ? deletionOf(event, reference) : { skipped: 'no rule of the policy is about deletions' };
  const operation = OPERATION_BY_VERB.get(verb);
  if (operation === undefined || !isObject(reference)) return { skipped: 'the request creates and changes no object' };
  const subresource = asText(reference['subresource']);
  if (subresource !== '' && !JUDGED_SUBRESOURCES.has(subresource))
    return { skipped: 'the request is for a subresource that the webhook is not asked about, such as status' };
  if (!isAboutWorkload(object, reference, kinds)) return { skipped: reasonForKind(object, reference, kinds) };
  if (!isObject(object)) return { skipped: object == null ? reasonForNoObject(event) : PATCH };
  if (verb === 'patch' && !isCreatedByApply(event, object)) return { skipped: PATCH };
  const kind = asText(object['kind']);
  if (kind === '') return { skipped: 'the request object has no kind' };
  const groupVersion = groupVersionOf(object, reference);
  if (companionKindOf(groupVersion.group, kind) !== undefined && hasController(object))
    return { skipped: 'the webhook is not asked about a budget or an autoscaler that a controller makes' };
  return reviewOf(event, reference, {
    kind: { ...groupVersion, kind },
    operation: verb === 'patch' ? 'CREATE' : operation,
    object,
    oldObject: null,
  });
}

function reviewOf(
  event: JsonObject,
  reference: JsonObject,
  parts: { readonly operation: Operation; readonly [part: string]: unknown },
): AuditedRequest {
  const request = {
    uid: event['auditID'],
    resource: { group: asText(reference['apiGroup']), version: asText(reference['apiVersion']), resource: asText(reference['resource']) },
    subResource: asText(reference['subresource']),
    name: asText(reference['name']),
    namespace: asText(reference['namespace']),
    // Admission sees the user that was impersonated.
    userInfo: event['impersonatedUser'] ?? event['user'],
    dryRun: isDryRun(asText(event['requestURI'])),
    ...parts,
  };
  return { review: { apiVersion: ADMISSION_API_VERSION, kind: 'AdmissionReview', request } };
}

/** As the match condition of the webhook has it (docs/adr/0060): KEDA makes a HorizontalPodAutoscaler of a ScaledObject. */
function hasController({ metadata }: JsonObject): boolean {
  const owners = isObject(metadata) ? metadata['ownerReferences'] : undefined;
  return Array.isArray(owners) && owners.some((owner) => isObject(owner) && owner['controller'] === true);
}

/** The answer does not tell whether the Pod was already being deleted with grace period 0. It is taken for one that was not. */
function deletionOf(event: JsonObject, reference: JsonObject): AuditedRequest {
  const { resource, apiGroup, subresource } = reference;
  if (resource !== 'pods' || asText(apiGroup) !== '' || asText(subresource) !== '')
    return { skipped: 'the webhook is asked about no deletion but that of a Pod' };
  const { level, responseObject: pod } = event;
  if (level !== 'RequestResponse')
    return { skipped: 'the audit policy kept no response, which holds the deleted Pod: its level must be RequestResponse' };
  const metadata = isObject(pod) && pod['kind'] === 'Pod' ? pod['metadata'] : undefined;
  if (!isObject(pod) || !isObject(metadata)) return { skipped: 'the answer holds no Pod: the deletion was refused, or the Pod was gone' };
  const { deletionGracePeriodSeconds: gracePeriodSeconds, deletionTimestamp: _marked, ...before } = metadata;
  return reviewOf(event, reference, {
    kind: { group: '', version: 'v1', kind: 'Pod' },
    operation: 'DELETE',
    object: null,
    oldObject: { ...pod, metadata: before },
    options: { apiVersion: 'meta.k8s.io/v1', kind: 'DeleteOptions', gracePeriodSeconds },
  });
}

const FINAL_STAGES: readonly unknown[] = ['ResponseComplete', 'Panic'];

const OPERATION_BY_VERB: ReadonlyMap<unknown, Operation> = new Map([
  ['create', 'CREATE'],
  ['update', 'UPDATE'],
  ['patch', 'UPDATE'],
]);

/** Where the log has no object, only the plural name of its kind is known; then the kinds of Kubernetes itself count. */
function isAboutWorkload(object: unknown, { apiGroup, apiVersion, resource }: JsonObject, kinds: WorkloadKinds): boolean {
  const group = asText(apiGroup);
  const kind = asText(asObject(object)['kind']);
  if (kind !== '' && companionKindOf(group, kind) !== undefined) return true;
  if (kind !== '') return kinds.templates(group === '' ? asText(apiVersion) : `${group}/${asText(apiVersion)}`, kind).length > 0;
  return BUILT_IN_KINDS.some((known) => known.group === group && `${known.kind.toLowerCase()}s` === asText(resource));
}

function reasonForKind(object: unknown, reference: JsonObject, kinds: WorkloadKinds): string {
  const kind = asText(asObject(object)['kind']);
  const hint = isObject(object) && kind !== '' ? hintAboutKind({ ...groupVersionOf(object, reference), kind }, object, kinds) : undefined;
  return hint === undefined ? 'the request is about neither a Pod nor a workload that podgrace knows' : `${kind} ${hint}`;
}

const PATCH = 'the log holds the patch, not the object that it makes';

function reasonForNoObject({ level }: JsonObject): string {
  return level === 'Metadata'
    ? 'the audit policy kept no request object: its level must be Request or RequestResponse'
    : 'the request has no object that the API server could read';
}

/**
 * Whether a patch made the object: then it is a server-side apply, whose body is the whole object. Applied to an object that
 * exists, the body is only what the applier owns, and nobody knows the rest.
 */
function isCreatedByApply({ responseStatus: status }: JsonObject, { apiVersion, kind }: JsonObject): boolean {
  return isObject(status) && status['code'] === 201 && asText(apiVersion) !== '' && asText(kind) !== '';
}

function groupVersionOf(object: JsonObject, reference: JsonObject): { readonly group: string; readonly version: string } {
  const [first = '', second] = asText(object['apiVersion']).split('/');
  if (first === '') return { group: asText(reference['apiGroup']), version: asText(reference['apiVersion']) };
  return second === undefined ? { group: '', version: first } : { group: first, version: second };
}

function isDryRun(requestUri: string): boolean {
  const query = requestUri.indexOf('?');
  return query >= 0 && new URLSearchParams(requestUri.slice(query + 1)).getAll('dryRun').includes('All');
}
