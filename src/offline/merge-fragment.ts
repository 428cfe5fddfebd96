/** The part of the second object that differs from the first, for people to paste into the first. */
import { nameMadeUpFor } from '../core/custom-template.ts';
import { equalJson, isObject, type JsonObject } from '../core/json.ts';
import { asObject } from '../core/json-reading.ts';
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
 * @param received without them: a fragment begins at the deepest place there that holds all of it
 * @param atLast what becomes of `after`: a field that is changed once more gets its last value at once
 * @returns one, and one more for each container whose name is not in the file: it is told by its place; empty where they do not differ
 */
export function mergeFragments(before: object, after: object, received: JsonObject, atLast = after): readonly Fragment[] {
  const fields = changedFields(before as JsonObject, after as JsonObject, atLast as JsonObject);
  if (fields === undefined) return [];
  return apart(fields, received).map((each) => narrowed({ at: FieldPath.ROOT, fields: each }, received));
}

/** The containers whose names were made up, each by itself, before all the rest. */
function apart(fields: JsonObject, received: JsonObject): readonly JsonObject[] {
  const { spec } = fields;
  if (!isObject(spec)) return [fields];
  const alone: JsonObject[] = [];
  let rest = spec;
  for (const list of ['containers', 'initContainers']) {
    const changed = spec[list];
    const madeUp = namesMadeUpIn(asObject(received['spec'])[list]);
    if (!isNamedList(changed) || !changed.some(({ name }) => madeUp.has(name))) continue;
    for (const container of changed) if (madeUp.has(container['name'])) alone.push({ spec: { [list]: [container] } });
    const { [list]: _, ...others } = rest;
    const named = changed.filter(({ name }) => !madeUp.has(name));
    rest = named.length === 0 ? others : { ...others, [list]: named };
  }
  const { spec: _, ...others } = fields;
  const isAll = Object.keys(rest).length === 0 && Object.keys(others).length === 0;
  return isAll ? alone : [...alone, { ...others, ...(Object.keys(rest).length > 0 && { spec: rest }) }];
}

function namesMadeUpIn(containers: unknown): ReadonlySet<unknown> {
  if (!Array.isArray(containers)) return new Set();
  return new Set(
    containers.flatMap((container: unknown, index) => (asObject(container)['name'] === nameMadeUpFor(index) ? nameMadeUpFor(index) : [])),
  );
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
function changedFields(before: JsonObject, after: JsonObject, atLast: JsonObject): JsonObject | undefined {
  const changed: [string, unknown][] = [];
  for (const key of Object.keys(after)) {
    const change = changeOf(memberOf(before, key), after[key], memberOf(atLast, key));
    if (change !== undefined) changed.push([key, change]);
  }
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) changed.push([key, null]);
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

function memberOf(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Compares and collects in one go: to compare each level before its parts would look at the innermost once for each level. */
function changeOf(before: unknown, after: unknown, atLast: unknown): unknown {
  if (before === after) return undefined;
  if (isObject(before) && isObject(after)) return changedFields(before, after, isObject(atLast) ? atLast : after);
  if (!isNamedList(before) || !isNamedList(after)) return equalJson(before, after) ? undefined : valueAtLast(after, atLast);
  const old = byName(before);
  const last = isNamedList(atLast) ? byName(atLast) : undefined;
  const names = new Set(after.map(({ name }) => name));
  // A strategic merge keeps what it does not name.
  if (before.some(({ name }) => !names.has(name))) return valueAtLast(after, atLast);
  const changed = after.flatMap((element) => {
    const was = old.get(element['name']);
    const lastElement = last?.get(element['name']) ?? element;
    const fields = was === undefined ? (valueAtLast(element, lastElement) as JsonObject) : changedFields(was, element, lastElement);
    return fields === undefined ? [] : [{ name: element['name'], ...fields }];
  });
  const isAsBefore = changed.length === 0 && after.every(({ name }, index) => name === before[index]?.['name']);
  return isAsBefore ? undefined : changed;
}

/** What becomes of a value, without what is added to it later. */
function valueAtLast(after: unknown, atLast: unknown): unknown {
  if (after === atLast) return after;
  if (isObject(after)) {
    if (!isObject(atLast)) return after;
    return Object.fromEntries(Object.entries(after).map(([key, value]) => [key, valueAtLast(value, memberOf(atLast, key))]));
  }
  if (!isNamedList(after) || !isNamedList(atLast)) return atLast ?? after;
  const last = byName(atLast);
  return after.map((element) => valueAtLast(element, last.get(element['name'])));
}

function byName(list: readonly JsonObject[]): ReadonlyMap<unknown, JsonObject> {
  return new Map(list.map((element) => [element['name'], element]));
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
