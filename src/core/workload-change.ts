/**
 * What a change of an object does in a cluster: which Pods it replaces, what it changes in place, and what the API server refuses.
 *
 * Both versions are compared as they are stored, so that a default that somebody writes down changes nothing. Mirrors kubernetes
 * `pkg/apis/{apps,batch,core}/validation` (ValidateDeploymentUpdate, ValidateStatefulSetUpdate, ValidateDaemonSetUpdate,
 * ValidateJobSpecUpdate, ValidatePodUpdate) and what the controllers compare, the Pod template; read at 1.36.3.
 */
import { isObject, type JsonObject } from './json.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';
import { FieldPath } from './path.ts';
import { compareQuantities, parseQuantity } from './quantity.ts';
import { rolloutBounds } from './rollout.ts';
import { storedObject } from './stored-object.ts';

/**
 * - `refused`: the API server does not let this field change.
 * - `replaces`: the controller replaces its Pods.
 * - `new Pods`: Pods that are made later have it; those that run keep what they have.
 * - `restarts`: the kubelet restarts the container in its Pod.
 * - `resize`: not by an ordinary update, but by one of the subresource `resize`.
 * - `scales`: the number of Pods changes.
 * - `settings`: how the controller works; no Pod changes.
 * - `metadata`: labels and annotations of the object alone.
 */
export type ChangeEffect = 'refused' | 'replaces' | 'new Pods' | 'restarts' | 'resize' | 'scales' | 'settings' | 'metadata';

export interface FieldChange {
  readonly path: FieldPath;
  /** Undefined where the field is not there. */
  readonly from: unknown;
  readonly to: unknown;
  readonly effect: ChangeEffect;
}

/** How the Pods of a workload are replaced. */
export interface Replacement {
  /** Undefined for a DaemonSet: one for each of its nodes. */
  readonly pods: number | undefined;
  /** How many may be missing or too many at a time. */
  readonly atOnce: number;
  /** How often Pods have to become ready, one after another, at least; undefined for a DaemonSet. */
  readonly steps: number | undefined;
  /** How long a Pod has to be ready before it counts. */
  readonly minReadySeconds: number;
}

export interface WorkloadChange {
  /** In the order of the fields; empty where both are stored alike. */
  readonly fields: readonly FieldChange[];
  /** Undefined where no Pod is replaced, or the API server refuses the change. */
  readonly replacement: Replacement | undefined;
}

/**
 * @param before a Pod or a workload whose types `checkPodShape` has found right
 * @param after of the same kind
 */
export function workloadChange(before: JsonObject, after: JsonObject, minor: KubernetesMinor): WorkloadChange {
  const [old, stored] = [storedObject(before, minor), storedObject(after, minor)];
  const fields: FieldChange[] = [];
  collect(old, stored, FieldPath.ROOT, (path, from, to) => {
    const effect = effectOf(path, { old, stored, from, to });
    if (effect !== undefined) fields.push({ path, from, to, effect });
  });
  const isRefused = fields.some(({ effect }) => effect === 'refused' || effect === 'resize');
  const replaces = !isRefused && fields.some(({ effect }) => effect === 'replaces');
  return { fields, replacement: replaces ? replacementOf(stored, minor) : undefined };
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

function memberOf(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

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

interface Change {
  readonly old: JsonObject;
  readonly stored: JsonObject;
  readonly from: unknown;
  readonly to: unknown;
}

/** @returns undefined for what the API server writes itself */
function effectOf(path: FieldPath, change: Change): ChangeEffect | undefined {
  const [part, ...below] = path.steps;
  if (part === 'metadata') return below[0] === 'labels' || below[0] === 'annotations' ? 'metadata' : undefined;
  if (part !== 'spec') return undefined;
  const [field] = below;
  const spec = isObject(change.old['spec']) ? change.old['spec'] : {};
  switch (change.stored['kind']) {
    case 'Deployment':
      return field === 'selector' ? 'refused' : field === 'template' ? 'replaces' : scalesOrSets(field);
    case 'DaemonSet':
      return field === 'selector' ? 'refused' : field === 'template' ? replacesUnlessOnDelete(change.stored) : 'settings';
    case 'StatefulSet':
      if (!OPEN_IN_STATEFUL_SETS.has(field)) return 'refused';
      return field === 'template' ? replacesUnlessOnDelete(change.stored) : scalesOrSets(field);
    case 'ReplicaSet':
      return field === 'selector' ? 'refused' : field === 'template' ? 'new Pods' : scalesOrSets(field);
    case 'ReplicationController':
      return field === 'template' ? 'new Pods' : scalesOrSets(field);
    case 'Job':
      return effectInJob(field, spec);
    case 'CronJob':
      return field === 'jobTemplate' ? 'new Pods' : 'settings';
    case 'Pod':
      return effectInPod(below, change);
    default:
      return 'settings';
  }
}

const OPEN_IN_STATEFUL_SETS: ReadonlySet<unknown> = new Set([
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]);

function scalesOrSets(field: unknown): ChangeEffect {
  return field === 'replicas' ? 'scales' : 'settings';
}

function replacesUnlessOnDelete({ spec }: JsonObject): ChangeEffect {
  const strategy = isObject(spec) ? spec['updateStrategy'] : undefined;
  return isObject(strategy) && strategy['type'] === 'OnDelete' ? 'new Pods' : 'replaces';
}

const FIXED_IN_JOBS: ReadonlySet<unknown> = new Set([
  'selector',
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
]);

function effectInJob(field: unknown, spec: JsonObject): ChangeEffect {
  if (FIXED_IN_JOBS.has(field)) return 'refused';
  // Of a suspended Job, node selector, tolerations and what else decides the node may change.
  if (field === 'template') return spec['suspend'] === true ? 'new Pods' : 'refused';
  if (field === 'completions') return spec['completionMode'] === 'Indexed' ? 'settings' : 'refused';
  return field === 'parallelism' ? 'scales' : 'settings';
}

function effectInPod([field, ...below]: readonly unknown[], { from, to }: Change): ChangeEffect {
  switch (field) {
    case 'containers':
    case 'initContainers':
      if (below.length === 2 && below[1] === 'image') return 'restarts';
      return below[1] === 'resources' && field === 'containers' ? 'resize' : 'refused';
    case 'activeDeadlineSeconds':
      return typeof to === 'number' && (typeof from !== 'number' || to < from) ? 'settings' : 'refused';
    case 'tolerations':
      return below.length === 0 && addsOnly(from, to) ? 'settings' : 'refused';
    case 'schedulingGates':
      return below.length === 0 && addsOnly(to, from) ? 'settings' : 'refused';
    case 'terminationGracePeriodSeconds':
      return typeof from === 'number' && from < 0 && to === 1 ? 'settings' : 'refused';
    default:
      return 'refused';
  }
}

/** Whether every element of the shorter list is in the longer one. */
function addsOnly(shorter: unknown, longer: unknown): boolean {
  const texts = new Set((Array.isArray(longer) ? longer : []).map((element) => JSON.stringify(element)));
  return (Array.isArray(shorter) ? shorter : []).every((element) => texts.has(JSON.stringify(element)));
}

// Replacement

function replacementOf({ kind, spec }: JsonObject, minor: KubernetesMinor): Replacement | undefined {
  if (!isObject(spec)) return undefined;
  const replicas = numberOf(spec['replicas']);
  const minReadySeconds = numberOf(spec['minReadySeconds']);
  switch (kind) {
    case 'Deployment': {
      const { type, rollingUpdate } = isObject(spec['strategy']) ? spec['strategy'] : {};
      if (type === 'Recreate' || !isObject(rollingUpdate))
        return { pods: replicas, atOnce: replicas, steps: replicas === 0 ? 0 : 1, minReadySeconds };
      const { surge, unavailable } = rolloutBounds(
        { maxSurge: boundOf(rollingUpdate['maxSurge']), maxUnavailable: boundOf(rollingUpdate['maxUnavailable']) },
        replicas,
      );
      const atOnce = Math.max(1, surge + unavailable);
      return { pods: replicas, atOnce, steps: Math.ceil(replicas / atOnce), minReadySeconds };
    }
    case 'StatefulSet': {
      const { rollingUpdate } = isObject(spec['updateStrategy']) ? spec['updateStrategy'] : {};
      const { partition, maxUnavailable } = isObject(rollingUpdate) ? rollingUpdate : {};
      const pods = Math.max(0, replicas - numberOf(partition));
      // Dropped before 1.37 (`dropStatefulSetDisabledFields`).
      const allowed = minor >= 37 ? boundOf(maxUnavailable) : 1;
      const { unavailable } = rolloutBounds({ maxSurge: 0, maxUnavailable: allowed }, replicas);
      const atOnce = Math.max(1, unavailable);
      return { pods, atOnce, steps: Math.ceil(pods / atOnce), minReadySeconds };
    }
    default: {
      const { rollingUpdate } = isObject(spec['updateStrategy']) ? spec['updateStrategy'] : {};
      const { maxUnavailable, maxSurge } = isObject(rollingUpdate) ? rollingUpdate : {};
      // Of a percentage it depends on the number of nodes; it is one at least.
      return { pods: undefined, atOnce: Math.max(1, numberOf(maxUnavailable) + numberOf(maxSurge)), steps: undefined, minReadySeconds };
    }
  }
}

function boundOf(value: unknown): number | string {
  return typeof value === 'number' || typeof value === 'string' ? value : 0;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
