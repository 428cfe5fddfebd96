/** Sets of fields as managedFields has them (FieldsV1): the tree of what one field manager sent. */
import { isObject, memberOf, type JsonObject } from './json.ts';
import { entryOf } from './map-entry.ts';
import type { ElementKeys, FieldPath } from './path.ts';

/** metav1.ManagedFieldsEntry; `fieldsV1` is the tree of `f:` and `k:` keys that its manager set. */
export interface ManagedFieldsEntry {
  manager?: string | null | undefined;
  operation?: string | null | undefined;
  subresource?: string | null | undefined;
  fieldsV1?: JsonObject | null | undefined;
}

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

/**
 * The sets of several managers, asked as one. Each level of many sets is indexed when it is first asked about, so any number of
 * questions costs no more than the sets are long. Of a few sets, each is asked.
 */
export class FieldSets {
  readonly #sets: readonly JsonObject[];
  readonly #below = new Map<string, FieldSets>();
  #indexed: ReadonlyMap<string, readonly JsonObject[]> | undefined;

  /** @param sets the `fieldsV1` of entries of managedFields, whatever the senders wrote there */
  constructor(sets: readonly unknown[]) {
    this.#sets = sets.filter(isObject);
  }

  /** Whether one of the sets names a place. */
  lists(path: FieldPath): boolean {
    return this.#at(path).#sets.length > 0;
  }

  #at(path: FieldPath): FieldSets {
    if (path.parent === undefined) return this;
    const key = keyOfStep(path);
    return key === undefined ? NO_SETS : this.#at(path.parent).#belowKey(key);
  }

  #belowKey(key: string): FieldSets {
    if (this.#sets.length === 0) return this;
    return entryOf(this.#below, key, () => {
      const areFew = this.#sets.length <= MOST_ASKED_EACH;
      return new FieldSets(areFew ? this.#sets.map((set) => memberOf(set, key)) : (this.#index.get(key) ?? []));
    });
  }

  get #index(): ReadonlyMap<string, readonly JsonObject[]> {
    if (this.#indexed !== undefined) return this.#indexed;
    const indexed = new Map<string, JsonObject[]>();
    for (const set of this.#sets) {
      for (const key in set) {
        const value = memberOf(set, key);
        if (isObject(value)) entryOf(indexed, key, () => []).push(value);
      }
    }
    return (this.#indexed = indexed);
  }
}

/** An API server keeps ten managers that update (`DefaultMaxUpdateManagers`, structured-merge-diff), and few others apply. */
const MOST_ASKED_EACH = 16;

const NO_SETS = new FieldSets([]);

const WITHIN = Symbol('within');

function descend(fields: unknown, path: FieldPath): JsonObject | typeof WITHIN | undefined {
  if (path.parent === undefined) return isObject(fields) ? fields : undefined;
  const above = descend(fields, path.parent);
  if (above === undefined || above === WITHIN) return above;
  if (path.depth > 1 && isEmpty(above)) return WITHIN;
  const key = keyOfStep(path);
  const below = key === undefined ? undefined : memberOf(above, key);
  return isObject(below) ? below : undefined;
}

/** @returns undefined for an element of which nobody knows what tells it apart */
function keyOfStep({ step, keys }: FieldPath): string | undefined {
  return typeof step === 'string' ? `f:${step}` : keys && keyOf(keys);
}

/** `k:{"name":"web"}` is the element whose keys have these values, sorted by their names. */
function keyOf(keys: ElementKeys): string {
  const names = Object.keys(keys);
  return `k:${JSON.stringify(names.length === 1 ? keys : Object.fromEntries(names.sort().map((name) => [name, keys[name]])))}`;
}

function isEmpty(object: JsonObject): boolean {
  for (const _ in object) return false;
  return true;
}
