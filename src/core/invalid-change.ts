/**
 * What the API server accepts in no object of a kind, as far as a change of a few fields makes it so: then deleting the object does not
 * help. Mirrors kubernetes `pkg/apis/apps/validation` (ValidatePodTemplateSpecForReplicaSet, ValidateRollingUpdateDeployment,
 * ValidateRollingUpdateDaemonSet, ValidateDeploymentSpec) and `pkg/apis/batch/validation` (validateJobTemplateSpec), read at 1.36.3.
 */
import { isObject, type JsonObject } from './json.ts';
import { asNumber, asObject } from './json-reading.ts';

/** Kinds whose Pods their controller keeps running. */
const RUNNING: ReadonlySet<unknown> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']);

/**
 * @param steps of a field that changes, from the root of the object
 * @param stored the object with the change
 */
export function isInvalid(steps: readonly unknown[], stored: JsonObject): boolean {
  const { kind } = stored;
  const spec = asObject(stored['spec']);
  const [, field] = steps;
  if (RUNNING.has(kind) && field === 'template') return isInvalidTemplate(steps.slice(2), spec);
  if (kind === 'CronJob' && steps.at(-1) === 'restartPolicy') return restartPolicyOf(jobSpecOf(spec)) === 'Always';
  if (kind === 'DaemonSet') return field === 'updateStrategy' && isNeitherOrBoth(asObject(spec['updateStrategy']));
  if (kind !== 'Deployment') return false;
  if (field === 'strategy') return standsStill(asObject(spec['strategy']));
  const isDeadline = field === 'minReadySeconds' || field === 'progressDeadlineSeconds';
  return isDeadline && asNumber(spec['progressDeadlineSeconds']) <= asNumber(spec['minReadySeconds']);
}

/** @param steps below the template */
function isInvalidTemplate([part, field, ...below]: readonly unknown[], spec: JsonObject): boolean {
  if (part === 'spec' && field === 'restartPolicy') return restartPolicyOf(spec) !== 'Always';
  if (part === 'spec' && field === 'activeDeadlineSeconds') return podSpecOf(spec)['activeDeadlineSeconds'] != null;
  return part === 'metadata' && (field === undefined || field === 'labels') && isUnselected(below[0], spec);
}

/** @param key of a label; undefined for all of them */
function isUnselected(key: unknown, { selector, template }: JsonObject): boolean {
  const { matchLabels } = asObject(selector);
  const labels = asObject(asObject(asObject(template)['metadata'])['labels']);
  return Object.entries(asObject(matchLabels)).some(([name, value]) => (key === undefined || key === name) && labels[name] !== value);
}

/** Whether no Pod may be missing, and none too many. */
function standsStill({ type, rollingUpdate }: JsonObject): boolean {
  if (type !== 'RollingUpdate' || !isObject(rollingUpdate)) return false;
  return isZero(rollingUpdate['maxSurge']) && isZero(rollingUpdate['maxUnavailable']);
}

/** Of a DaemonSet, one of the two is 0 and the other is not (ValidateRollingUpdateDaemonSet). */
function isNeitherOrBoth({ type, rollingUpdate }: JsonObject): boolean {
  if (type !== 'RollingUpdate' || !isObject(rollingUpdate)) return false;
  return isZero(rollingUpdate['maxSurge']) === isZero(rollingUpdate['maxUnavailable']);
}

function isZero(value: unknown): boolean {
  return value === 0 || (typeof value === 'string' && /^0+%?$/.test(value));
}

function jobSpecOf({ jobTemplate }: JsonObject): JsonObject {
  return asObject(asObject(jobTemplate)['spec']);
}

function restartPolicyOf(spec: JsonObject): unknown {
  return podSpecOf(spec)['restartPolicy'];
}

function podSpecOf({ template }: JsonObject): JsonObject {
  return asObject(asObject(template)['spec']);
}
