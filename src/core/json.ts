/**
 * JSON values as they are received, and two operations on a whole value: copy and compare.
 *
 * A key named `__proto__` is a legal key of a label map. `JSON.parse` makes it an own property, but a plain assignment
 * would set the prototype. So copies define the property.
 */
import type { Work } from './work.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, unknown>>;

/** An object, not a list and not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of a key of its own: `constructor` and `__proto__` are keys like any other. */
export function memberOf(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets an own property, also where the key is `__proto__`. */
export function setKey(target: object, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  else (target as Record<string, unknown>)[key] = value;
}

/**
 * Levels that are followed. Go's JSON reader accepts 10,000, the stack has room for a few thousand here; no field of a Pod
 * is deeper than a dozen.
 */
export const MAX_DEPTH = 1000;

/**
 * A deep copy of a JSON value; a seventh of the time of `structuredClone` on a Pod.
 *
 * @throws {RangeError} for more than `MAX_DEPTH` levels
 */
export function cloneJson<T>(value: T, depth = 0): T {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) throw new RangeError(`must not be nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    const copy = new Array<unknown>(value.length);
    for (let index = 0; index < value.length; index++) copy[index] = cloneJson<unknown>(value[index], depth + 1);
    return copy as T;
  }
  // V8 copies an object at once in less time than member by member.
  const copy = { ...value };
  for (const key in value) {
    const member: unknown = value[key];
    if (typeof member === 'object' && member !== null) setKey(copy, key, cloneJson(member, depth + 1));
  }
  return copy;
}

/**
 * Deep equality of JSON values; the order of keys does not count, the order of elements does. What differs only below
 * `MAX_DEPTH` levels, or might, counts as different.
 *
 * @param work counts each object and list
 */
export function equalJson(a: unknown, b: unknown, work?: Work, depth = 0): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || depth === MAX_DEPTH) return false;
  work?.spend(1);
  if (Array.isArray(a)) return Array.isArray(b) && areEqualLists(a, b, work, depth);
  if (Array.isArray(b)) return false;
  let count = 0;
  for (const key in a) {
    work?.spendAt(count);
    count += 1;
    if (!Object.hasOwn(b, key) || !equalJson((a as JsonObject)[key], (b as JsonObject)[key], work, depth + 1)) return false;
  }
  for (const _ in b) count -= 1;
  return count === 0;
}

function areEqualLists(a: readonly unknown[], b: readonly unknown[], work: Work | undefined, depth: number): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    work?.spendAt(index);
    if (!equalJson(a[index], b[index], work, depth + 1)) return false;
  }
  return true;
}
