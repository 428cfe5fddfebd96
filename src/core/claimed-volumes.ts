/**
 * The volumes of a StatefulSet's template as its Pods have them: a claim template replaces the volume of its name, whatever that was.
 * Mirrors kubernetes `pkg/controller/statefulset/stateful_set_utils.go`, `updateStorage`.
 */
import type { JsonObject } from './json.ts';
import { asObject, asObjects } from './json-reading.ts';
import type { Pod, Volume } from './pod.ts';
import { groupOf } from './workload.ts';

/** By their names. */
export interface ClaimTemplates {
  readonly all: ReadonlySet<string>;
  /** Those whose volumes several nodes can mount at once. */
  readonly shared: ReadonlySet<string>;
}

/** @returns those of a StatefulSet; none of anything else */
export function claimTemplatesOf({ apiVersion, kind, spec }: JsonObject): ClaimTemplates {
  if (kind !== 'StatefulSet' || typeof apiVersion !== 'string' || groupOf(apiVersion) !== 'apps') return NONE;
  const all = new Set<string>();
  const shared = new Set<string>();
  for (const { metadata, spec: claim } of asObjects(asObject(spec)['volumeClaimTemplates'])) {
    const { name } = asObject(metadata);
    if (typeof name !== 'string') continue;
    all.add(name);
    const { accessModes } = asObject(claim);
    if (Array.isArray(accessModes) && accessModes.some((mode) => SHARED.has(mode))) shared.add(name);
  }
  return { all, shared };
}

const NONE: ClaimTemplates = { all: new Set(), shared: new Set() };

/** A volume has all modes that its claim asks for (k8s.io/api `core/v1/types.go`, `PersistentVolumeAccessMode`). */
const SHARED: ReadonlySet<unknown> = new Set(['ReadWriteMany', 'ReadOnlyMany']);

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
