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

/** @returns undefined where they do not differ */
function changedFields(before: JsonObject, after: JsonObject): JsonObject | undefined {
  const changed: [string, unknown][] = [];
  for (const key of Object.keys(after)) {
    const change = changeOf(Object.hasOwn(before, key) ? before[key] : undefined, after[key]);
    if (change !== undefined) changed.push([key, change]);
  }
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) changed.push([key, null]);
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

/** Compares and collects in one go: to compare each level before its parts would look at the innermost once for each level. */
function changeOf(before: unknown, after: unknown): unknown {
  if (before === after) return undefined;
  if (isObject(before) && isObject(after)) return changedFields(before, after);
  if (!isNamedList(before) || !isNamedList(after)) return equalJson(before, after) ? undefined : after;
  const old = new Map(before.map((element) => [element['name'], element]));
  const names = new Set(after.map(({ name }) => name));
  // A strategic merge keeps what it does not name.
  if (before.some(({ name }) => !names.has(name))) return after;
  const changed = after.flatMap((element) => {
    const was = old.get(element['name']);
    const fields = was === undefined ? element : changedFields(was, element);
    return fields === undefined ? [] : [{ name: element['name'], ...fields }];
  });
  const isAsBefore = changed.length === 0 && after.every(({ name }, index) => name === before[index]?.['name']);
  return isAsBefore ? undefined : changed;
}

function isNamedList(value: unknown): value is readonly JsonObject[] {
  if (!Array.isArray(value)) return false;
  const names = new Set<string>();
  for (const element of value as readonly unknown[]) {
    const name = isObject(element) ? element['name'] : undefined;
    if (typeof name !== 'string' || names.has(name)) return false;
    names.add(name);
  }
  return true;
}
