/** Sets of fields as managedFields has them (FieldsV1): the tree of what one field manager sent. */
import { isObject, type JsonObject } from './json.ts';
import type { ElementKeys, FieldPath } from './path.ts';

/**
 * Whether a set holds a place.
 *
 * @param fields of one entry of managedFields, whatever the sender wrote there
 * @param path with the keys of the elements that it goes through
 * @returns `listed` where the set names it; `within` where it names a list or map that holds it as a whole
 */
export function placeInFieldSet(fields: unknown, path: FieldPath): 'listed' | 'within' | undefined {
  const found = descend(fields, path);
  return found === WITHIN ? 'within' : found && 'listed';
}

const WITHIN = Symbol('within');

function descend(fields: unknown, path: FieldPath): JsonObject | typeof WITHIN | undefined {
  if (path.parent === undefined) return isObject(fields) ? fields : undefined;
  const above = descend(fields, path.parent);
  if (above === undefined || above === WITHIN) return above;
  if (path.depth > 1 && isEmpty(above)) return WITHIN;
  const below = typeof path.step === 'string' ? own(above, `f:${path.step}`) : path.keys && own(above, keyOf(path.keys));
  return isObject(below) ? below : undefined;
}

/** `k:{"name":"web"}` is the element whose keys have these values, sorted by their names. */
function keyOf(keys: ElementKeys): string {
  const names = Object.keys(keys);
  return `k:${JSON.stringify(names.length === 1 ? keys : Object.fromEntries(names.sort().map((name) => [name, keys[name]])))}`;
}

function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isEmpty(object: JsonObject): boolean {
  for (const _ in object) return false;
  return true;
}
