/** Hides the values of Secrets in output, as `kubectl diff` does, because reports are stored in the logs of pipelines. */
import { isObject } from '../../core/json.ts';
import type { Change } from './object-changes.ts';

/** With the annotation in which client-side `kubectl apply` keeps the whole manifest. */
const SECRET_FIELDS = /^(?:data|stringData)\b|^metadata\.annotations(?:$|\["kubectl\.kubernetes\.io\/last-applied-configuration"\])/;

/** @returns the changes, and of those that are within a Secret's data only which keys they are about */
export function maskSecretValues<T extends Pick<Change, 'path' | 'from' | 'to'>>(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  changes: readonly T[],
): readonly T[] {
  if (apiVersion !== 'v1' || kind !== 'Secret') return changes;
  return changes.map((change) =>
    SECRET_FIELDS.test(change.path) ? { ...change, from: masked(change.from, 'before'), to: masked(change.to, 'after') } : change,
  );
}

function masked(value: unknown, when: 'before' | 'after'): unknown {
  if (value === undefined) return undefined;
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, masked(inner, when)]));
  return `*** (${when})`;
}
