/**
 * What may change in a Pod that is there. Mirrors kubernetes `pkg/apis/core/validation/validation.go` (ValidatePodUpdate,
 * ValidatePodResize; read at 1.36.3).
 */
import type { Change, ChangeEffect } from './change-effect.ts';
import { equalJson, isObject, type JsonObject } from './json.ts';
import { asObject, asObjects } from './json-reading.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';
import { QOS_RESOURCES, qosClassOf, type QosSpec } from './qos.ts';

/** The first version that resizes init containers that are no sidecars, and the resources of the Pod as a whole, by default. */
const RESIZES_ALL_SINCE: KubernetesMinor = 36;

/** @param steps below `spec` */
export function effectInPod(steps: readonly unknown[], change: Change): ChangeEffect {
  const [field, ...below] = steps;
  if (field === 'containers' || field === 'initContainers') return effectInContainers(field, below, change);
  if (field === 'resources') return change.minor >= RESIZES_ALL_SINCE && isResize(below, change) ? 'resize' : 'refused';
  const mayChange = typeof field === 'string' ? MAY_CHANGE.get(field) : undefined;
  return mayChange?.(change) === true ? 'settings' : 'refused';
}

/** @param steps below the list */
function effectInContainers(list: 'containers' | 'initContainers', steps: readonly unknown[], change: Change): ChangeEffect {
  if (steps.length === 2 && steps[1] === 'image') return 'restarts';
  const [index, part, ...amount] = steps;
  if (part !== 'resources') return 'refused';
  const container = asObjects(specAfter(change)[list])[Number(index)];
  const mayResize = list === 'containers' || container?.['restartPolicy'] === 'Always' || change.minor >= RESIZES_ALL_SINCE;
  return mayResize && isResize(amount, change) ? 'resize' : 'refused';
}

/** Whether a field of the spec may change as it does. */
const MAY_CHANGE: ReadonlyMap<string, (change: Change) => boolean> = new Map([
  ['activeDeadlineSeconds', ({ from, to }: Change) => typeof to === 'number' && (typeof from !== 'number' || to < from)],
  ['terminationGracePeriodSeconds', ({ from, to }: Change) => typeof from === 'number' && from < 0 && to === 1],
  [
    'tolerations',
    (change: Change) => hasAll(withoutSeconds(specBefore(change)['tolerations']), withoutSeconds(specAfter(change)['tolerations'])),
  ],
  [
    'schedulingGates',
    (change: Change) => hasAll(asObjects(specAfter(change)['schedulingGates']), asObjects(specBefore(change)['schedulingGates'])),
  ],
  [
    'nodeSelector',
    (change: Change) =>
      isGated(specBefore(change)) && hasEntries(asObject(specBefore(change)['nodeSelector']), asObject(specAfter(change)['nodeSelector'])),
  ],
  [
    'affinity',
    (change: Change) =>
      isGated(specBefore(change)) && isNarrowed(asObject(specBefore(change)['affinity']), asObject(specAfter(change)['affinity'])),
  ],
]);

function specBefore({ old }: Change): JsonObject {
  return asObject(old['spec']);
}

function specAfter({ stored }: Change): JsonObject {
  return asObject(stored['spec']);
}

/** @param steps below `resources` */
function isResize([list, name]: readonly unknown[], change: Change): boolean {
  const { from, to, minor } = change;
  if (asObject(specAfter(change)['os'])['name'] === 'windows') return false;
  if (qosClassOf(change.old['spec'] as QosSpec, minor) !== qosClassOf(change.stored['spec'] as QosSpec, minor)) return false;
  if (name !== undefined) return isAmount(name) && to !== undefined;
  if (list === 'requests' || list === 'limits') return areAmounts(from, to);
  if (list !== undefined) return false;
  const [before, after] = [asObject(from), asObject(to)];
  return ['requests', 'limits'].every((each) => areAmounts(before[each], after[each])) && equalJson(before['claims'], after['claims']);
}

/** Amounts come and change; none goes. */
function areAmounts(from: unknown, to: unknown): boolean {
  const [before, after] = [asObject(from), asObject(to)];
  return [...Object.keys(before), ...Object.keys(after)].every((name) => isAmount(name) && Object.hasOwn(after, name));
}

function isAmount(name: unknown): boolean {
  return QOS_RESOURCES.some((resource) => resource === name);
}

function isGated({ schedulingGates }: JsonObject): boolean {
  return asObjects(schedulingGates).length > 0;
}

function withoutSeconds(tolerations: unknown): JsonObject[] {
  return asObjects(tolerations).map((toleration) => ({ ...toleration, tolerationSeconds: undefined }));
}

function hasAll(parts: readonly unknown[], whole: readonly unknown[]): boolean {
  return parts.every((part) => whole.some((each) => equalJson(part, each)));
}

function hasEntries(parts: JsonObject, whole: JsonObject): boolean {
  return Object.entries(parts).every(([key, value]) => whole[key] === value);
}

/** Whether an affinity leaves out more nodes than another one, and is equal to it in all else. */
function isNarrowed({ nodeAffinity: was, ...others }: JsonObject, { nodeAffinity: is, ...now }: JsonObject): boolean {
  if (!equalJson(others, now)) return false;
  const [before, after] = [termsOf(was), termsOf(is)];
  if (before.length === 0) return true;
  return before.length === after.length && before.every((term, index) => isNarrowedTerm(term, after[index]));
}

function termsOf(nodeAffinity: unknown): readonly JsonObject[] {
  return asObjects(asObject(asObject(nodeAffinity)['requiredDuringSchedulingIgnoredDuringExecution'])['nodeSelectorTerms']);
}

/** A term without any requirement matches no node, and stays as it is. */
function isNarrowedTerm(was: JsonObject, is: JsonObject | undefined): boolean {
  if (!isObject(is)) return false;
  const parts = (['matchExpressions', 'matchFields'] as const).map((part) => [asObjects(was[part]), asObjects(is[part])] as const);
  if (parts.every(([before]) => before.length === 0)) return parts.every(([, after]) => after.length === 0);
  return parts.every(([before, after]) => hasAll(before, after));
}
