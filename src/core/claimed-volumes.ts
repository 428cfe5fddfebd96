/**
 * The volumes of a StatefulSet's template as its Pods have them: a claim template replaces the volume of its name, whatever that was.
 * Mirrors kubernetes `pkg/controller/statefulset/stateful_set_utils.go`, `updateStorage`.
 */
import type { JsonObject } from './json.ts';
import { asObject } from './json-reading.ts';
import type { Pod, Volume } from './pod.ts';
import { Work } from './work.ts';
import { groupOf } from './workload.ts';

/** By their names. */
export interface ClaimTemplates {
  readonly all: ReadonlySet<string>;
  /** Those whose volumes several nodes can mount at once. */
  readonly shared: ReadonlySet<string>;
}

/**
 * @param work counts the templates and their access modes
 * @returns those of a StatefulSet; none of anything else
 */
export function claimTemplatesOf({ apiVersion, kind, spec }: JsonObject, work = Work.UNBOUNDED): ClaimTemplates {
  if (kind !== 'StatefulSet' || typeof apiVersion !== 'string' || groupOf(apiVersion) !== 'apps') return NONE;
  const all = new Set<string>();
  const shared = new Set<string>();
  for (const template of work.each(listIn(asObject(spec)['volumeClaimTemplates']))) {
    const { metadata, spec: claim } = asObject(template);
    const { name } = asObject(metadata);
    if (typeof name !== 'string') continue;
    all.add(name);
    for (const mode of work.each(listIn(asObject(claim)['accessModes']))) if (SHARED.has(mode)) shared.add(name);
  }
  return { all, shared };
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
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
