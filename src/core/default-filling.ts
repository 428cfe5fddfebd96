/** How the defaulting of the API server writes into an object: into fields that are absent, and into those of an empty value. */
import { isObject } from './json.ts';

/** JSON that is written to. */
export type Mutable = Record<string, unknown>;
export type Fill = (object: Mutable) => void;

/** Null and absent are the same to the API server. */
export function setAbsent(object: Mutable, key: string, value: unknown): void {
  if (object[key] == null) object[key] = value;
}

/** For fields that are no pointers in Go: '' and 0 are as good as nothing. */
export function setEmpty(object: Mutable, key: string, value: unknown): void {
  if (!object[key]) object[key] = value;
}

/** The object at a key, made where it is absent. */
export function partOf(object: Mutable, key: string): Mutable {
  if (!isObject(object[key])) object[key] = {};
  return object[key] as Mutable;
}

/** Fills in an object; anything else stays as it is. */
export function ifObject(value: unknown, fill: Fill): void {
  if (isObject(value)) fill(value);
}

/** Fills in each object in a list. */
export function forEach(list: unknown, fill: Fill): void {
  if (Array.isArray(list)) for (const element of list) ifObject(element, fill);
}

/** Puts something else in the place of the object at a key, where there is one. */
export function replace(object: Mutable, key: string, change: (value: Mutable) => unknown): void {
  ifObject(object[key], (value) => {
    object[key] = change(value);
  });
}
