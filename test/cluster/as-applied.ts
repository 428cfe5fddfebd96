/** An object as `kubectl apply` sends it: its annotation alone tells the cluster what a file spells out. */
import type { JsonObject } from '../../src/core/json.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export function asApplied<T extends JsonObject>(object: T): T {
  const metadata = object['metadata'] as JsonObject;
  const { [LAST_APPLIED]: _, ...annotations } = (metadata['annotations'] ?? {}) as JsonObject;
  const text = JSON.stringify({ ...object, metadata: { ...metadata, annotations } });
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: text } } };
}
