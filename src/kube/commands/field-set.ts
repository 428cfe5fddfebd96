/** A set of fields as managedFields has it (FieldsV1): what a field manager sent, with the defaults of the API server. */
import { parseBoundedJson } from '../../core/bounded-json.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { metadataOf } from '../client/discovery.ts';
import type { PathStep } from './object-changes.ts';

/** The fields of one manager, by what it did: `Apply` of server-side apply, `Update` of everything else. */
export function fieldsOf(object: JsonObject, manager: string, operation: 'Apply' | 'Update'): JsonObject {
  const { managedFields } = metadataOf(object);
  const entry = (Array.isArray(managedFields) ? managedFields : [])
    .filter(isObject)
    .find(
      (candidate) => candidate['manager'] === manager && candidate['operation'] === operation && candidate['subresource'] === undefined,
    );
  return isObject(entry?.['fieldsV1']) ? entry['fieldsV1'] : {};
}

/** Who did something to an object, of those who do so by server-side apply. */
export function appliersOf(object: JsonObject): string[] {
  const { managedFields } = metadataOf(object);
  return (Array.isArray(managedFields) ? managedFields : [])
    .filter(isObject)
    .filter(({ operation, subresource }) => operation === 'Apply' && subresource === undefined)
    .map(({ manager }) => String(manager));
}

/** Whether a field is in the set, or within one that is there as a whole (an atomic list). */
export function hasField(fields: JsonObject, steps: readonly PathStep[]): boolean {
  let at = fields;
  for (const step of steps) {
    const next = typeof step === 'string' ? at[`f:${step}`] : memberOf(at, step.element);
    if (!isObject(next)) return false;
    if (Object.keys(next).length === 0) return true;
    at = next;
  }
  return true;
}

/** `k:{"name":"web"}` is the element whose fields have these values. */
function memberOf(fields: JsonObject, element: unknown): unknown {
  if (!isObject(element)) return undefined;
  for (const [key, member] of Object.entries(fields)) {
    if (!key.startsWith('k:')) continue;
    const wanted = parseBoundedJson(key.slice(2)) as JsonObject;
    if (Object.entries(wanted).every(([name, value]) => element[name] === value)) return member;
  }
  return undefined;
}
