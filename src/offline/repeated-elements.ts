/**
 * Elements of a list that have the same merge key. `kubectl apply` cannot tell them from each other, and the API server takes each change
 * of one of them for a change of the first. Mirrors `CreateThreeWayMergePatch` and `StrategicMergePatch` of k8s.io/apimachinery
 * (`pkg/util/strategicpatch/patch.go`).
 */
import { equalJson, isObject, memberOf, type JsonObject } from '../core/json.ts';
import { asObject } from '../core/json-reading.ts';

/** The elements of one key. */
export interface Versions {
  readonly live: readonly unknown[];
  readonly last: readonly unknown[];
  /** One or more. */
  readonly file: readonly unknown[];
}

/**
 * kubectl compares the last elements of two lists, then those before them, and so on: its sort turns equal elements round. That holds in
 * lists of up to 12 elements; in a longer one, `sort.Sort` of Go leaves equal elements in another order.
 *
 * What the file changes becomes part of the first element of the patch that takes a field away, so that a change wins over this one and
 * not over the next. One element too few deletes all that are there, with what the file changes in them; only an element of the patch
 * that takes a field away is made anew.
 */
export function mergedRepeated({ live, last, file }: Versions, key: string): readonly unknown[] {
  const pairs = file.map((_, index) => {
    const fromEnd = (version: readonly unknown[]): JsonObject => asObject(version.at(-1 - index));
    return { live: fromEnd(live), last: fromEnd(last), file: fromEnd(file) };
  });
  const changes = pairs.map((pair) => changesOf(pair.live, pair.file));
  const [deletion, ...deletions] = pairs.map((pair) => deletionsOf(pair.last, pair.file)).filter((patch) => !isEmpty(patch));
  const isDeleted = last.length > file.length;
  if (isDeleted && deletion === undefined) return [];
  const first = isDeleted ? { [key]: memberOf(asObject(file[0]), key) } : (live[0] ?? file[0]);
  const patches = [changes.reduce(combined, deletion ?? {}), ...deletions].filter((patch) => !isEmpty(patch));
  const patched = patches.reduce((element, patch) => combined(asObject(element), patch), first);
  return [withoutNulls(patched), ...(isDeleted ? [] : live.slice(1))];
}

function isEmpty(object: JsonObject): boolean {
  return Object.keys(object).length === 0;
}

/** @returns a merge patch; empty where the live object has all that the file says */
function changesOf(live: JsonObject, file: JsonObject): JsonObject {
  const changes: [string, unknown][] = [];
  for (const [key, value] of Object.entries(file)) {
    const there = memberOf(live, key);
    const change = isObject(there) && isObject(value) ? changesOf(there, value) : value;
    const isSame = change === value ? equalJson(there, value) : isEmpty(asObject(change));
    if (!isSame) changes.push([key, change]);
  }
  return Object.fromEntries(changes);
}

/** @returns a merge patch; empty where the file has all fields of the last apply */
function deletionsOf(last: JsonObject, file: JsonObject): JsonObject {
  const deletions: [string, unknown][] = [];
  for (const [key, value] of Object.entries(last)) {
    const after = memberOf(file, key);
    const deletion = isObject(value) && isObject(after) ? deletionsOf(value, after) : {};
    if (!Object.hasOwn(file, key)) deletions.push([key, null]);
    else if (!isEmpty(deletion)) deletions.push([key, deletion]);
  }
  return Object.fromEntries(deletions);
}

/** An object in place of null loses it: what was there before stays beside it. */
function combined(object: JsonObject, patch: JsonObject): JsonObject {
  const members = new Map(Object.entries(object));
  for (const [key, change] of Object.entries(patch)) {
    const there = members.get(key);
    members.set(key, isObject(there) && isObject(change) ? combined(there, change) : change);
  }
  return Object.fromEntries(members);
}

function withoutNulls(value: unknown): unknown {
  if (!isObject(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([key, member]) => [key, withoutNulls(member)]));
}
