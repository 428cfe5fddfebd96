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
export function effectInPod([field, ...below]: readonly unknown[], change: Change): ChangeEffect {
  const { from, to } = change;
  const [old, stored] = [asObject(change.old['spec']), asObject(change.stored['spec'])];
  switch (field) {
    case 'containers':
    case 'initContainers': {
      if (below.length === 2 && below[1] === 'image') return 'restarts';
      const [index, part, ...amount] = below;
      if (part !== 'resources') return 'refused';
      const container = asObjects(stored[field])[Number(index)];
      const mayResize = field === 'containers' || container?.['restartPolicy'] === 'Always' || change.minor >= RESIZES_ALL_SINCE;
      return mayResize && isResize(amount, change) ? 'resize' : 'refused';
    }
    case 'resources':
      return change.minor >= RESIZES_ALL_SINCE && isResize(below, change) ? 'resize' : 'refused';
    case 'activeDeadlineSeconds':
      return typeof to === 'number' && (typeof from !== 'number' || to < from) ? 'settings' : 'refused';
    case 'tolerations':
      return hasAll(withoutSeconds(old[field]), withoutSeconds(stored[field])) ? 'settings' : 'refused';
    case 'schedulingGates':
      return hasAll(asObjects(stored[field]), asObjects(old[field])) ? 'settings' : 'refused';
    case 'nodeSelector':
      return isGated(old) && hasEntries(asObject(old[field]), asObject(stored[field])) ? 'settings' : 'refused';
    case 'affinity':
      return isGated(old) && isNarrowed(asObject(old[field]), asObject(stored[field])) ? 'settings' : 'refused';
    case 'terminationGracePeriodSeconds':
      return typeof from === 'number' && from < 0 && to === 1 ? 'settings' : 'refused';
    default:
      return 'refused';
  }
}

/** @param steps below `resources` */
function isResize([list, name]: readonly unknown[], { old, stored, from, to, minor }: Change): boolean {
  const [was, is] = [asObject(old['spec']), asObject(stored['spec'])];
  if (asObject(is['os'])['name'] === 'windows') return false;
  if (qosClassOf(was as unknown as QosSpec, minor) !== qosClassOf(is as unknown as QosSpec, minor)) return false;
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
