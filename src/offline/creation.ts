/** A manifest as what would be submitted to create it. */
import { isObject, type JsonObject } from '../core/json.ts';
import { groupOf } from '../core/workload.ts';
import type { Submission } from '../admission/submission.ts';

export interface Creation extends Submission {
  readonly object: JsonObject;
}

/**
 * @param object a Kubernetes object that no API server has seen
 * @param defaultNamespace for an object that names none, as kubectl's `--namespace`
 * @returns the submission, or what is wrong with the object
 */
export function creationOf(object: unknown, defaultNamespace: string): Creation | string {
  if (!isObject(object)) return 'must be a Kubernetes object, with apiVersion, kind and metadata';
  const { apiVersion, kind, metadata } = object;
  for (const [name, value] of Object.entries({ apiVersion, kind }))
    if (value && typeof value !== 'string') return `${name} must be a string`;
  if (typeof apiVersion !== 'string' || apiVersion === '') return 'apiVersion must be set';
  if (typeof kind !== 'string' || kind === '') return 'kind must be set';
  // One with items was taken apart.
  if (apiVersion === 'v1' && kind === 'List') return 'items must be a list of objects';
  const namespace = isObject(metadata) && typeof metadata['namespace'] === 'string' ? metadata['namespace'] : '';
  const group = groupOf(apiVersion);
  return {
    operation: 'CREATE',
    kind: { group, version: group === '' ? apiVersion : apiVersion.slice(group.length + 1), kind },
    subResource: '',
    name: '',
    namespace: namespace || defaultNamespace,
    object,
    oldObject: null,
    origin: { from: 'file' },
  };
}
