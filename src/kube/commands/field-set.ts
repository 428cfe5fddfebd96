/**
 * A set of fields in the format of managedFields (FieldsV1): the fields that a field manager sent, with the API server's
 * defaults.
 */
import { isObject, type JsonObject } from '../../core/json.ts';
import { metadataOf } from '../../core/json-reading.ts';

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
