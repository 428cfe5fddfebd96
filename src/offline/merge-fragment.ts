/** The part of the second object that differs from the first, for people to paste into the first. */
import { equalJson, isObject, type JsonObject } from '../core/json.ts';
import { FieldPath } from '../core/path.ts';

export interface Fragment {
  /** Where it goes. */
  readonly at: FieldPath;
  /** Fields to set; elements of lists are told by their `name`; null for a field to take out. */
  readonly fields: JsonObject;
}

/**
 * As a strategic merge patch names it: of a list whose elements have names, the ones that changed; any other list as a whole.
 *
 * @param before and `after` with the API server's defaults
 * @param received without them: the fragment begins at the deepest place there that holds all of it
 * @returns undefined where they do not differ
 */
export function mergeFragment(before: object, after: object, received: JsonObject): Fragment | undefined {
  const fields = changedFields(before as JsonObject, after as JsonObject);
  return fields && narrowed({ at: FieldPath.ROOT, fields }, received);
}

/** Down to where more than one thing changes, or what changes is not there yet. */
function narrowed({ at, fields }: Fragment, object: JsonObject): Fragment {
  const [only, ...others] = Object.entries(fields);
  if (only === undefined || others.length > 0) return { at, fields };
  const [key, changed] = only;
  const there = Object.hasOwn(object, key) ? object[key] : undefined;
  if (isObject(changed) && isObject(there)) return narrowed({ at: at.field(key), fields: changed }, there);
  if (!isNamedList(changed) || changed.length !== 1 || !isNamedList(there)) return { at, fields };
  const { name, ...rest } = changed[0] ?? {};
  const index = there.findIndex((element) => element['name'] === name);
  const element = there[index];
  return element === undefined ? { at, fields } : narrowed({ at: at.field(key).at(index, { name }), fields: rest }, element);
}

function changedFields(before: JsonObject, after: JsonObject): JsonObject | undefined {
  const changed: [string, unknown][] = [];
  for (const [key, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (equalJson(old, value)) continue;
    changed.push([key, changedValue(old, value)]);
  }
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) changed.push([key, null]);
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

function changedValue(before: unknown, after: unknown): unknown {
  if (isObject(before) && isObject(after)) return changedFields(before, after) ?? {};
  if (!isNamedList(before) || !isNamedList(after)) return after;
  const old = new Map(before.map((element) => [element['name'], element]));
  const isOneLost = before.some(({ name }) => !after.some((element) => element['name'] === name));
  // A strategic merge keeps what it does not name.
  if (isOneLost) return after;
  return after.flatMap((element) => {
    const was = old.get(element['name']);
    const changed = was === undefined ? element : changedFields(was, element);
    return changed === undefined ? [] : [{ name: element['name'], ...changed }];
  });
}

function isNamedList(value: unknown): value is readonly JsonObject[] {
  if (!Array.isArray(value) || !value.every((element) => isObject(element) && typeof element['name'] === 'string')) return false;
  return new Set(value.map((element: JsonObject) => element['name'])).size === value.length;
}
