/**
 * The volumes of a StatefulSet's template as its Pods have them: a claim template replaces the volume of its name, whatever that was.
 * Mirrors kubernetes `pkg/controller/statefulset/stateful_set_utils.go`, `updateStorage`.
 */
import type { JsonObject } from './json.ts';
import { asObject, asObjects } from './json-reading.ts';
import type { Pod, Volume } from './pod.ts';
import { groupOf } from './workload.ts';

/** @returns the names of the claim templates of a StatefulSet; none of anything else */
export function claimTemplatesOf({ apiVersion, kind, spec }: JsonObject): ReadonlySet<string> {
  if (kind !== 'StatefulSet' || typeof apiVersion !== 'string' || groupOf(apiVersion) !== 'apps') return NO_NAMES;
  const names = new Set<string>();
  for (const { metadata } of asObjects(asObject(spec)['volumeClaimTemplates'])) {
    const { name } = asObject(metadata);
    if (typeof name === 'string') names.add(name);
  }
  return names;
}

const NO_NAMES: ReadonlySet<string> = new Set();

/**
 * Each volume keeps its place, so that the places of the others are right. Which claim it is depends on the Pod.
 *
 * @returns the Pod itself where no volume is replaced
 */
export function withClaimedVolumes(pod: Pod, claims: ReadonlySet<string>): Pod {
  const { volumes } = pod.spec;
  if (claims.size === 0 || volumes?.some(({ name }) => claims.has(name)) !== true) return pod;
  const replaced = volumes.map((volume): Volume => (claims.has(volume.name) ? { name: volume.name, persistentVolumeClaim: {} } : volume));
  return { ...pod, spec: { ...pod.spec, volumes: replaced } };
}
