/**
 * What a change of an object does in a cluster: which Pods it replaces, what it changes in place, and what the API server refuses.
 *
 * Both versions are compared as they are stored, so that a default that somebody writes down changes nothing. Mirrors kubernetes
 * `pkg/apis/apps/validation` (ValidateDeploymentUpdate, ValidateStatefulSetUpdate, ValidateDaemonSetUpdate) and what the controllers
 * compare, the Pod template; read at 1.36.3.
 */
import { REFUSING, type Change, type ChangeEffect } from './change-effect.ts';
import { effectInJob } from './job-update.ts';
import { isObject, memberOf, type JsonObject } from './json.ts';
import { asNumber, asObject } from './json-reading.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';
import { FieldPath } from './path.ts';
import { effectInPod } from './pod-update.ts';
import { compareQuantities, parseQuantity } from './quantity.ts';
import { readWorkload, rolloutOf } from './rollout.ts';
import { storedObject } from './stored-object.ts';
import { invalidPlacesOfUpdate } from './validation/invalid-object.ts';
import { PlacesByField } from './validation/places-by-field.ts';
import { Work } from './work.ts';
import { isOfKubernetes } from './workload.ts';

export interface FieldChange {
  readonly path: FieldPath;
  /** Undefined where the field is not there. */
  readonly from: unknown;
  readonly to: unknown;
  readonly effect: ChangeEffect;
  /** What the API server says of a change that is invalid. */
  readonly reason: string | undefined;
}

/** How the Pods of a workload are replaced. */
export interface Replacement {
  /** Undefined for a DaemonSet: one for each of its nodes. */
  readonly pods: number | undefined;
  /** How many may be missing or too many at a time; undefined for a percentage of the nodes. */
  readonly atOnce: number | undefined;
  /** How often Pods have to become ready, one after another, at least; undefined for a DaemonSet. */
  readonly steps: number | undefined;
  /** How long a Pod has to be ready before it counts. */
  readonly minReadySeconds: number;
}

export interface WorkloadChange {
  /** In the order of the fields; empty where both are stored alike. */
  readonly fields: readonly FieldChange[];
  /** Undefined where no Pod is replaced, such as of 0 replicas, or the API server refuses the change. */
  readonly replacement: Replacement | undefined;
  /** Whether a StatefulSet deletes the claims of the Pods that it gives up (`persistentVolumeClaimRetentionPolicy.whenScaled`). */
  readonly deletesClaims: boolean;
  /** What the API server says of fields that are invalid and do not change: it refuses the whole update. Empty where nothing changes. */
  readonly invalid: readonly string[];
}

/**
 * @param before a Pod or a workload whose types `readPodShape` has found right
 * @param after of the same kind
 * @param work counts what is looked at of fields that change or are invalid
 */
export function workloadChange(before: JsonObject, after: JsonObject, minor: KubernetesMinor, work = Work.UNBOUNDED): WorkloadChange {
  const [old, stored] = [storedObject(before, minor), storedObject(after, minor)];
  const fields: FieldChange[] = [];
  const places = new PlacesByField(invalidPlacesOfUpdate(old, stored, minor), work);
  collect(old, stored, FieldPath.ROOT, (path, from, to) => {
    const effect = effectOf(path, { old, stored, from, to, minor });
    if (effect === undefined) return;
    const told = places.tellAt(path);
    const reason = effect === 'refused' || told.length === 0 ? undefined : told.map(({ message }) => message).join('; ');
    fields.push({ path, from, to, effect: reason === undefined ? effect : 'invalid', reason });
  });
  const invalid = fields.length === 0 ? [] : places.untold.map(({ message }) => message);
  const isRefused = invalid.length > 0 || fields.some(({ effect }) => REFUSING.has(effect));
  const replaces = !isRefused && fields.some(({ effect }) => effect === 'replaces');
  return {
    fields,
    replacement: replaces ? replacementOf(old, stored, minor) : undefined,
    deletesClaims: !isRefused && fields.some((field) => givesUpPods(field)) && deletesClaimsOf(stored),
    invalid,
  };
}

function givesUpPods({ effect, from, to }: FieldChange): boolean {
  return effect === 'renumbers' || (effect === 'scales' && asNumber(to) < asNumber(from));
}

function deletesClaimsOf({ kind, spec }: JsonObject): boolean {
  if (kind !== 'StatefulSet' || !isObject(spec)) return false;
  const { persistentVolumeClaimRetentionPolicy: retention, volumeClaimTemplates: claims } = spec;
  return Array.isArray(claims) && claims.length > 0 && isObject(retention) && retention['whenScaled'] === 'Delete';
}

// Differences

type Tell = (path: FieldPath, from: unknown, to: unknown) => void;

function collect(from: unknown, to: unknown, path: FieldPath, tell: Tell): void {
  if (isSame(from, to, path)) return;
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length) {
    for (const [index, element] of to.entries()) collect(from[index], element, path.at(index, nameOf(element)), tell);
  } else if (isObject(from) && isObject(to)) {
    for (const key of new Set([...Object.keys(from), ...Object.keys(to)]))
      collect(memberOf(from, key), memberOf(to, key), MAPS.has(path.step) ? path.key(key) : path.field(key), tell);
  } else {
    tell(path, from ?? undefined, to ?? undefined);
  }
}

/** Their keys are chosen by users. */
const MAPS: ReadonlySet<unknown> = new Set(['labels', 'annotations', 'matchLabels', 'nodeSelector']);

function nameOf(element: unknown): { readonly name: string } | undefined {
  return isObject(element) && typeof element['name'] === 'string' ? { name: element['name'] } : undefined;
}

/** Fields that are no pointers in Go, and no texts: absent is the same as false and 0. */
const ZEROED: ReadonlySet<unknown> = new Set(
  'hostNetwork hostPID hostIPC stdin stdinOnce tty readOnly paused optional initialDelaySeconds minReadySeconds hostPort'.split(' '),
);
const AMOUNTS: ReadonlySet<unknown> = new Set(['requests', 'limits']);

function isSame(from: unknown, to: unknown, path: FieldPath): boolean {
  if (from === to || (isNothing(from, path) && isNothing(to, path))) return true;
  if (!AMOUNTS.has(path.parent?.step)) return false;
  const [a, b] = [amountOf(from), amountOf(to)];
  return a !== undefined && b !== undefined && compareQuantities(a, b) === 0;
}

function amountOf(value: unknown): ReturnType<typeof parseQuantity> {
  return typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined;
}

function isNothing(value: unknown, path: FieldPath): boolean {
  if (value == null || value === '') return true;
  if (value === false || value === 0) return ZEROED.has(path.step);
  return Array.isArray(value) && value.length === 0;
}

// Effects

/** What users write into the metadata of an object that is there. */
const OF_USERS: ReadonlySet<unknown> = new Set(['labels', 'annotations', 'finalizers', 'ownerReferences']);

/** @returns undefined for what the API server writes itself */
function effectOf(path: FieldPath, change: Change): ChangeEffect | undefined {
  const [part, ...below] = path.steps;
  if (part === 'metadata') return OF_USERS.has(below[0]) ? 'metadata' : undefined;
  if (part !== 'spec') return undefined;
  const { apiVersion, kind } = change.stored;
  return (isOfKubernetes(apiVersion, kind) ? EFFECT_BY_KIND.get(kind)?.(below, change) : undefined) ?? 'settings';
}

/** @param steps below `spec` */
type EffectInKind = (steps: readonly unknown[], change: Change) => ChangeEffect;

const EFFECT_BY_KIND: ReadonlyMap<unknown, EffectInKind> = new Map<string, EffectInKind>([
  ['Deployment', effectInDeployment],
  ['DaemonSet', effectInDaemonSet],
  ['StatefulSet', effectInStatefulSet],
  ['ReplicaSet', ([field]) => (field === 'selector' ? 'refused' : effectInReplicas([field]))],
  ['ReplicationController', effectInReplicas],
  ['Job', effectInJob],
  ['CronJob', ([field]) => (field === 'jobTemplate' ? 'new Pods' : 'settings')],
  ['Pod', effectInPod],
]);

function effectInDeployment([field]: readonly unknown[], { stored }: Change): ChangeEffect {
  const isPaused = specOf(stored)['paused'] === true;
  switch (field) {
    case 'selector':
      return 'refused';
    case 'paused':
      return isPaused ? 'settings' : 'releases';
    case 'template':
      return isPaused ? 'held' : 'replaces';
    default:
      return scalesOrSets(field);
  }
}

function effectInDaemonSet([field]: readonly unknown[], { old, stored }: Change): ChangeEffect {
  if (field === 'selector') return 'refused';
  return field === 'template' ? replacesUnlessOnDelete(specOf(stored)) : effectOfStrategy(field, specOf(old), specOf(stored));
}

function effectInStatefulSet([field]: readonly unknown[], { old, stored }: Change): ChangeEffect {
  const spec = specOf(stored);
  if (FIXED_IN_STATEFUL_SETS.has(field)) return 'refused';
  if (field === 'ordinals') return 'renumbers';
  if (field === 'updateStrategy' && isRefusedStrategy(spec)) return 'refused';
  if (field === 'template') return isHeldByPartition(spec) ? 'held' : replacesUnlessOnDelete(spec);
  return effectOfStrategy(field, specOf(old), spec);
}

function effectInReplicas([field]: readonly unknown[]): ChangeEffect {
  return field === 'template' ? 'new Pods' : scalesOrSets(field);
}

const FIXED_IN_STATEFUL_SETS: ReadonlySet<unknown> = new Set(['selector', 'serviceName', 'podManagementPolicy', 'volumeClaimTemplates']);

function scalesOrSets(field: unknown): ChangeEffect {
  return field === 'replicas' ? 'scales' : 'settings';
}

function replacesUnlessOnDelete(stored: JsonObject): ChangeEffect {
  return isOnDelete(stored) ? 'new Pods' : 'replaces';
}

/** Of a DaemonSet or a StatefulSet: what was held back until now comes with another strategy, or with a smaller partition. */
function effectOfStrategy(field: unknown, old: JsonObject, stored: JsonObject): ChangeEffect {
  if (field !== 'updateStrategy') return scalesOrSets(field);
  const isReleased = isOnDelete(old) ? !isOnDelete(stored) : !isOnDelete(stored) && partitionOf(stored) < partitionOf(old);
  return isReleased ? 'releases' : 'settings';
}

/** ValidateStatefulSetSpec; the field of a DaemonSet may stay. */
function isRefusedStrategy(stored: JsonObject): boolean {
  return isOnDelete(stored) && asObject(stored['updateStrategy'])['rollingUpdate'] != null;
}

function isOnDelete({ updateStrategy }: JsonObject): boolean {
  return asObject(updateStrategy)['type'] === 'OnDelete';
}

function partitionOf({ updateStrategy }: JsonObject): number {
  return asNumber(asObject(asObject(updateStrategy)['rollingUpdate'])['partition']);
}

/** Without a partition nothing is held back, also of 0 replicas. */
function isHeldByPartition(stored: JsonObject): boolean {
  const partition = partitionOf(stored);
  return partition > 0 && partition >= asNumber(stored['replicas']);
}

function specOf({ spec }: JsonObject): JsonObject {
  return asObject(spec);
}

// Replacement

/** Pods that a larger number of replicas adds have no predecessor, and those that a smaller one takes away no successor. */
function replacementOf(old: JsonObject, stored: JsonObject, minor: KubernetesMinor): Replacement | undefined {
  const kind = String(stored['kind']);
  const rollout = rolloutOf(readWorkload(stored, { group: 'apps', kind }, minor).workload ?? NO_WORKLOAD);
  if (rollout !== undefined) {
    const { replicas, replaced, atOnce, isOrdered, minReadySeconds } = rollout;
    const added = Math.max(0, replicas - asNumber(specOf(old)['replicas']));
    const pods = Math.max(0, replaced - added);
    if (pods === 0) return undefined;
    return { pods, atOnce: Math.min(atOnce, pods), steps: isOrdered ? pods : Math.ceil(pods / atOnce), minReadySeconds };
  }
  const { updateStrategy, minReadySeconds } = specOf(stored);
  const { rollingUpdate } = asObject(updateStrategy);
  const { maxUnavailable, maxSurge } = asObject(rollingUpdate);
  const isShare = [maxUnavailable, maxSurge].some((value) => typeof value === 'string' && Number.parseInt(value, 10) > 0);
  const atOnce = isShare ? undefined : Math.max(1, asNumber(maxUnavailable) + asNumber(maxSurge));
  return { pods: undefined, atOnce, steps: undefined, minReadySeconds: asNumber(minReadySeconds) };
}

const NO_WORKLOAD = { replicas: undefined, strategy: undefined };
