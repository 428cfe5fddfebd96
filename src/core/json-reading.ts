/**
 * Reads JSON of which nobody knows whether it has the right types, as answers of an API server and files: what has another type counts
 * as not set.
 */
import { isObject, type JsonObject } from './json.ts';

const NOTHING: JsonObject = Object.freeze({});

/** @returns an empty object for what is none */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : NOTHING;
}

/** @returns the objects of a list; none for what is no list */
export function asObjects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** @returns an empty text for what is none */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** @returns 0 for what is no number */
export function asNumber(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** The `metadata` of an object of the API. */
export function metadataOf({ metadata }: JsonObject): JsonObject {
  return asObject(metadata);
}
