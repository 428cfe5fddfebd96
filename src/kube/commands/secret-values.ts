/** Hides the values of Secrets in output, as `kubectl diff` does, because reports are stored in the logs of pipelines. */
import { isObject, type JsonObject } from '../../core/json.ts';
import { PathPattern, type FieldPath } from '../../core/path.ts';
import type { Change } from './object-changes.ts';

/** With the annotation in which client-side `kubectl apply` keeps the whole manifest. */
const SECRET_FIELDS = ['data', 'stringData', 'metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]'].map(
  (text) => new PathPattern(text),
);

/** @returns the changes, and of those that are within a Secret's data only which keys they are about */
export function maskSecretValues<T extends Change>({ apiVersion, kind }: JsonObject, changes: readonly T[]): readonly T[] {
  if (apiVersion !== 'v1' || kind !== 'Secret') return changes;
  return changes.map((change) => {
    const { place, from, to, added } = change;
    return {
      ...change,
      from: masked(from, place, 'before'),
      to: masked(to, place, 'after'),
      added: added && { ...added, value: masked(added.value, added.place, 'after') },
    };
  });
}

/** A value with its fields, at any depth, without those that are secret. */
function masked(value: unknown, place: FieldPath, when: 'before' | 'after'): unknown {
  if (value === undefined) return undefined;
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, masked(inner, place.field(key), when)]));
  return SECRET_FIELDS.some((pattern) => pattern.covers(place)) ? `*** (${when})` : value;
}
