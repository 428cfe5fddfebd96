/**
 * A set of fields in the format of managedFields (FieldsV1): the fields that a field manager sent, with the API server's
 * defaults.
 */
import type { JsonObject } from '../../core/json.ts';
import { asObject, asObjects, metadataOf } from '../../core/json-reading.ts';

/** The fields of one manager, by what it did: `Apply` of server-side apply, `Update` of everything else. */
export function fieldsOf(object: JsonObject, manager: string, operation: 'Apply' | 'Update'): JsonObject {
  return asObject(entriesOf(object, operation).find((entry) => entry['manager'] === manager)?.['fieldsV1']);
}

/** Who did something to an object, of those who do so by server-side apply. */
export function appliersOf(object: JsonObject): string[] {
  return entriesOf(object, 'Apply').map(({ manager }) => String(manager));
}

function entriesOf(object: JsonObject, operation: 'Apply' | 'Update'): JsonObject[] {
  return asObjects(metadataOf(object)['managedFields']).filter(
    (entry) => entry['operation'] === operation && entry['subresource'] === undefined,
  );
}
