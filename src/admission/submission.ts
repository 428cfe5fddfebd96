/** The object that is judged, and its origin. What the origin proves decides which fields of the object are believed. */
import type { Deletion } from '../core/deletion.ts';
import { isObject } from '../core/json.ts';
import type { OwnerReference } from '../core/pod.ts';
import type { Trust } from '../core/subject.ts';
import { groupOf, type WorkloadKinds } from '../core/workload.ts';
import { isSentByKubelet, isSentByPerson, isSentByWorkloadController } from './senders.ts';

export const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** `apps/v1`, as an object has it. */
export function apiVersionOf({ group, version }: GroupVersionKind): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `review`: an API server sent it on, and says for whom. */
export interface ReviewOrigin {
  readonly from: 'review';
  /** Set by the API server's authentication; empty where a recorded review leaves it out. */
  readonly username: string;
}

/**
 * - `file`: somebody's text; no API server has seen it, and nobody in particular sends it.
 * - `live`: it is stored in the cluster, and so are the owners, which were looked up.
 */
export type Origin = ReviewOrigin | { readonly from: 'file' } | { readonly from: 'live'; readonly owners: readonly OwnerName[] };

export type OwnerName = Pick<OwnerReference, 'apiVersion' | 'kind' | 'name'>;

export interface Submission {
  readonly operation: Operation;
  readonly kind: GroupVersionKind;
  readonly subResource: string;
  /** Empty for a CREATE with generateName. */
  readonly name: string;
  readonly namespace: string;
  /** Null on DELETE, and whatever the sender sent. */
  readonly object: unknown;
  readonly oldObject: unknown;
  /** Of a DELETE: `options.gracePeriodSeconds`, which the API server fills in; undefined where a recorded review leaves it out. */
  readonly gracePeriodSeconds?: number | undefined;
  readonly origin: Origin;
}

/**
 * What the origin of a submission proves.
 *
 * @param kinds of the policy, which may know who creates Pods for owners of a kind
 */
export function trustIn(submission: SubmittedKind, kinds: WorkloadKinds): Trust {
  const isNew = submission.operation === 'CREATE' && submission.origin.from === 'review';
  return { ...trustInSender(submission, kinds), isNew };
}

type SubmittedKind = Pick<Submission, 'origin' | 'kind'> & Partial<Pick<Submission, 'operation'>>;

function trustInSender({ origin, kind }: SubmittedKind, kinds: WorkloadKinds): Trust {
  switch (origin.from) {
    case 'file':
      return TRUST_IN_FILES;
    case 'live':
      return trustInLive(origin.owners);
    case 'review':
      if (isSentByWorkloadController(origin.username, kind.kind)) return TRUST_IN_CONTROLLERS;
      if (isSentByKubelet(origin.username)) return TRUST_IN_KUBELETS;
      return { ...TRUST_IN_USERS, provesOwner: (owner) => kinds.isSender(owner, origin.username) };
  }
}

const always = (): boolean => true;
const never = (): boolean => false;
const TRUST_IN_USERS: Trust = { isAdmitted: true, isNew: false, isMadeForAdmitted: false, provesOwner: never, provesMirror: never };
const TRUST_IN_KUBELETS: Trust = { ...TRUST_IN_USERS, provesMirror: always };
const TRUST_IN_CONTROLLERS: Trust = { ...TRUST_IN_USERS, isMadeForAdmitted: true, provesOwner: always };
/** What a file says of itself is all there is, but nobody is asked for an owner. */
const TRUST_IN_FILES: Trust = { ...TRUST_IN_USERS, isAdmitted: false, provesMirror: always };

/** A mirror Pod is controlled by its node. */
function trustInLive(owners: readonly OwnerName[]): Trust {
  const provesOwner = (owner: OwnerName): boolean => owners.some((found) => isSame(found, owner));
  return { ...TRUST_IN_USERS, provesOwner, provesMirror: (owner) => owner?.kind === 'Node' && provesOwner(owner) };
}

/** The version of an owner may have changed since; its group is part of its name. */
function isSame(a: OwnerName, b: OwnerName): boolean {
  return a.kind === b.kind && a.name === b.name && groupOf(a.apiVersion) === groupOf(b.apiVersion);
}

/** Of an object that is stored, and has been since somebody could write its owner: a false owner only makes its own deletion harder. */
export const TRUST_IN_DELETED: Trust = { ...TRUST_IN_USERS, provesOwner: always, provesMirror: always };

/** How a Pod is deleted; undefined where something else happens, or where the request does not say enough. */
export function deletionIn({ operation, kind, subResource, oldObject, gracePeriodSeconds, origin }: Submission): Deletion | undefined {
  const isPod = kind.group === '' && kind.kind === 'Pod' && subResource === '';
  if (operation !== 'DELETE' || !isPod || gracePeriodSeconds === undefined || origin.from !== 'review') return undefined;
  const [metadata, status] = isObject(oldObject) ? [oldObject['metadata'], oldObject['status']] : [];
  const hasEnded = isObject(status) && (status['phase'] === 'Succeeded' || status['phase'] === 'Failed');
  const isOver = hasEnded || (isObject(metadata) && metadata['deletionGracePeriodSeconds'] === 0);
  return { gracePeriodSeconds, isByPerson: isSentByPerson(origin.username), isOver };
}

/** Whether a kubelet sends it: its Pods run already. */
export function isFromKubelet({ origin }: Pick<Submission, 'origin'>): boolean {
  return origin.from === 'review' && isSentByKubelet(origin.username);
}

/** The name of what a submission is about; `name` is empty for generated names, and where many are deleted at once. */
export function nameOf({ name, object, oldObject, operation }: Submission): string {
  const named = operation === 'DELETE' ? oldObject : object;
  if (name !== '' || !isObject(named)) return name;
  const metadata = named['metadata'];
  if (!isObject(metadata)) return '';
  const chosen = metadata['name'] ?? metadata['generateName'];
  return typeof chosen === 'string' ? chosen : '';
}
