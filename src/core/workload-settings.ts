/** From a workload of a file to the literal values of its variables, for rules that compare workloads (`WorkloadSettings`). */
import { isObject, type JsonObject } from './json.ts';
import { asObject, asObjects, metadataOf } from './json-reading.ts';
import type { WorkloadSettings } from './surroundings.ts';
import { BUILT_IN_KINDS, groupOf, templatesIn } from './workload.ts';

/** Longer names and values are no settings that somebody writes several times. */
const LONGEST = 256;

/**
 * @returns undefined for an object that is no workload, for one without a name, for one that another object owns or that Helm has
 *   rendered, whose values may come from one place, and where it has no literal value
 */
export function workloadSettingsOf(object: JsonObject): WorkloadSettings | undefined {
  const { apiVersion, kind, metadata } = object;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isObject(metadata)) return undefined;
  const { name } = metadata;
  const known = BUILT_IN_KINDS.find((candidate) => candidate.kind === kind && candidate.group === groupOf(apiVersion));
  if (known === undefined || typeof name !== 'string' || metadata['ownerReferences'] != null || isRenderedByHelm(object)) return undefined;
  const values = new Set<string>();
  for (const { template } of templatesIn(object, known)) {
    const spec = asObject(template['spec']);
    for (const container of [...asObjects(spec['containers']), ...asObjects(spec['initContainers'])])
      for (const variable of asObjects(container['env'])) {
        const { name: of, value } = variable;
        if (typeof of === 'string' && typeof value === 'string' && of.length <= LONGEST && value.length <= LONGEST && value !== '')
          values.add(settingOf(of, value));
      }
  }
  return values.size === 0 ? undefined : { kind, name, settings: [...values] };
}

/** A variable with its value, as `WorkloadSettings` has it. */
export function settingOf(name: string, value: string): string {
  return `${name}=${value}`;
}

/** By the labels that charts give by Helm's conventions, of today and before (https://helm.sh/docs/chart_best_practices/labels/). */
export function isRenderedByHelm(object: JsonObject): boolean {
  const labels = asObject(metadataOf(object)['labels']);
  return 'helm.sh/chart' in labels || labels['app.kubernetes.io/managed-by'] === 'Helm' || labels['heritage'] === 'Helm';
}
