/**
 * What may change in a Job that is there. Mirrors kubernetes `pkg/apis/batch/validation/validation.go` (ValidateJobSpecUpdate) and
 * `pkg/registry/batch/job/strategy.go` (read at 1.36.3).
 */
import type { Change, ChangeEffect } from './change-effect.ts';
import { equalJson, type JsonObject } from './json.ts';
import { asNumber, asObject, asObjects } from './json-reading.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';

const FIXED: ReadonlySet<unknown> = new Set([
  'selector',
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
]);

/**
 * The first version in which a suspended Job may get other resources, and other directives also after it has run
 * (MutablePodResourcesForSuspendedJobs, MutableSchedulingDirectivesForSuspendedJobs).
 */
const CHANGES_MORE_SINCE: KubernetesMinor = 36;

/** @param steps below `spec` */
export function effectInJob([field, ...below]: readonly unknown[], change: Change): ChangeEffect {
  if (FIXED.has(field)) return 'refused';
  const stored = asObject(change.stored['spec']);
  switch (field) {
    case 'template':
      return mayChangeTemplate(below, change) ? 'new Pods' : 'refused';
    case 'completions':
      // An Indexed Job takes them together with its parallelism alone.
      return stored['completionMode'] === 'Indexed' && stored['completions'] === stored['parallelism'] ? 'settings' : 'refused';
    default:
      return field === 'parallelism' ? 'scales' : 'settings';
  }
}

/** Of a suspended Job without Pods, what decides the node may change, and what its Pods ask of it. */
function mayChangeTemplate([part, ...below]: readonly unknown[], { old, stored, minor }: Change): boolean {
  const { spec, status } = old;
  if (asObject(spec)['suspend'] !== true || !hasNoPods(asObject(status), minor)) return false;
  const [field, , third] = below;
  if (part === 'metadata') return field === 'labels' || field === 'annotations' || field === undefined;
  if (part !== 'spec') return false;
  if (field === 'nodeSelector' || field === 'tolerations' || field === 'schedulingGates') return true;
  if (field === 'affinity') return equalJson(affinityToPods(old), affinityToPods(stored));
  return (field === 'containers' || field === 'initContainers') && third === 'resources' && minor >= CHANGES_MORE_SINCE;
}

function affinityToPods({ spec }: JsonObject): JsonObject {
  const template = asObject(asObject(spec)['template']);
  return { ...asObject(asObject(template['spec'])['affinity']), nodeAffinity: undefined };
}

function hasNoPods({ startTime, active, conditions }: JsonObject, minor: KubernetesMinor): boolean {
  if (minor < CHANGES_MORE_SINCE) return startTime == null;
  const isSuspended = asObjects(conditions).some(({ type, status }) => type === 'Suspended' && status === 'True');
  return (startTime == null || isSuspended) && asNumber(active) === 0;
}
