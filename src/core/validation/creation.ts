/**
 * What the API server does not accept of a Pod or a workload that is created, beside what it never accepts: its name, and the selector of
 * its Pods, which later stay as they are. Mirrors k8s.io/apimachinery `pkg/api/validation/objectmeta.go` (ValidateObjectMetaAccessor) and
 * kubernetes `pkg/apis/apps/validation`, read at 1.36.3.
 */
import { isObject, type JsonObject } from '../json.ts';
import { asObject, asObjects, asText, metadataOf } from '../json-reading.ts';
import type { KubernetesMinor } from '../kubernetes-version.ts';
import { FieldPath } from '../path.ts';
import { eachInvalid, invalid, required, type InvalidPlace } from './invalid-place.ts';
import { problemsOfLabel, problemsOfSubdomain } from './names.ts';
import { mismatch } from './workload-spec.ts';

const METADATA = FieldPath.of('metadata');
const SELECTOR = FieldPath.of('spec', 'selector');

/** @param stored as `storedObject` makes it */
export function invalidNameOf(stored: JsonObject, minor: KubernetesMinor): InvalidPlace[] {
  const { name, generateName } = metadataOf(stored);
  const problemsOf = stored['kind'] === 'StatefulSet' && minor >= NAMES_AS_LABELS ? problemsOfLabel : problemsOfSubdomain;
  const [field, ofGenerated] = [METADATA.field('name'), METADATA.field('generateName')];
  const [text, beginning] = [asText(name), asText(generateName)];
  // What the API server adds to it is in the name as well, and nobody knows it before.
  if (beginning !== '') return eachInvalid(ofGenerated, beginning, problemsOf(withoutEnd(beginning)));
  return text === '' ? [required(field, 'name or generateName is required')] : eachInvalid(field, text, problemsOf(text));
}

/** Of a StatefulSet; before, a name with dots was accepted. */
const NAMES_AS_LABELS: KubernetesMinor = 36;

/** maskTrailingDash: the API server puts more behind it. */
function withoutEnd(beginning: string): string {
  return beginning.length > 1 && beginning.endsWith('-') ? `${beginning.slice(0, -2)}a` : beginning;
}

/** CronJobs: the names of their Jobs are 11 characters longer. */
export function longNameOf({ kind, metadata }: JsonObject): InvalidPlace[] {
  const name = asText(asObject(metadata)['name']);
  return kind === 'CronJob' && name.length > 52 ? [invalid(METADATA.field('name'), name, 'must be no more than 52 characters')] : [];
}

/** In a message of ReplicaSets, the API server speaks of a Deployment. */
const SELECTING: ReadonlyMap<unknown, string> = new Map([
  ['Deployment', 'deployment'],
  ['ReplicaSet', 'deployment'],
  ['StatefulSet', 'statefulset'],
  ['DaemonSet', 'daemonset'],
]);

/** A workload that selects no Pods, or all of them. */
export function invalidSelectorOf({ kind, spec }: JsonObject): InvalidPlace[] {
  const called = SELECTING.get(kind);
  if (called === undefined) return [];
  const { selector, template } = asObject(spec);
  if (!isObject(selector)) return [...(kind === 'DaemonSet' ? [] : [required(SELECTOR)]), mismatch(template, FieldPath.of('spec'), [])];
  const isEmpty = Object.keys(asObject(selector['matchLabels'])).length + asObjects(selector['matchExpressions']).length === 0;
  return isEmpty ? [invalid(SELECTOR, selector, `empty selector is invalid for ${called}`)] : [];
}
