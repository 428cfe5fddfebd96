/**
 * emptyDir volumes: where their content lies, and what bounds it.
 *
 * Mirrors kubernetes `pkg/volume/emptydir/empty_dir.go` and `pkg/kubelet/eviction/eviction_manager.go`
 * (`emptyDirLimitEviction`, `podEphemeralStorageLimitEviction`), read at 1.36.3.
 */
import { containersOf, type Container, type EmptyDir, type PodSpec } from './pod.ts';
import { maxQuantity, type Quantity } from './quantity.ts';
import { aggregateContainers, positiveAmountOf, readAmount } from './resources.ts';

export type EmptyDirMedium = 'disk' | 'memory' | 'huge-pages';

/** The API server takes any text for the medium; what the kubelet does not know lies on the node's disk. */
export function mediumOf({ medium }: EmptyDir): EmptyDirMedium {
  if (!medium) return 'disk';
  if (medium === 'Memory') return 'memory';
  return medium.startsWith('HugePages') ? 'huge-pages' : 'disk';
}

/** @returns undefined where the volume may grow without a limit; a size limit of 0 is none */
export function sizeLimitOf({ sizeLimit }: EmptyDir): Quantity | undefined {
  if (sizeLimit == null) return undefined;
  const amount = readAmount(sizeLimit);
  return amount.nano > 0n ? amount : undefined;
}

/**
 * How much a memory-backed volume can hold before the container that writes is OOM-killed: its pages count as memory of
 * the container, so the largest limit among those that mount it.
 *
 * @returns undefined where a container without a limit mounts it, or none does
 */
export function memoryBoundOf(spec: PodSpec, volumeName: string): Quantity | undefined {
  const podLimit = positiveAmountOf(spec.resources?.limits, 'memory');
  let largest: Quantity | undefined;
  for (const { kind, container } of containersOf(spec)) {
    if (kind === 'ephemeral' || !mounts(container, volumeName)) continue;
    const limit = positiveAmountOf(container.resources?.limits, 'memory') ?? podLimit;
    if (limit === undefined) return undefined;
    largest = largest === undefined ? limit : maxQuantity(largest, limit);
  }
  return largest;
}

/**
 * How much the Pod may keep on the node's disk, volumes, logs and all, before it is evicted: what the limits of its
 * containers for `ephemeral-storage` add up to.
 *
 * @returns undefined where no container has one
 */
export function diskBoundOf(spec: PodSpec): Quantity | undefined {
  // Adding up allocates; most Pods have no such limit.
  if (!hasStorageLimit(spec.containers) && !hasStorageLimit(spec.initContainers ?? [])) return undefined;
  return aggregateContainers(spec, 'limits').get('ephemeral-storage');
}

/** The largest size limit among the memory-backed volumes that a container mounts: what it needs at least as memory limit. */
export function largestMemoryVolumeOf({ volumes }: PodSpec, container: Container): Quantity | undefined {
  let largest: Quantity | undefined;
  for (const { name, emptyDir } of volumes ?? []) {
    if (emptyDir == null || mediumOf(emptyDir) !== 'memory' || !mounts(container, name)) continue;
    const sizeLimit = sizeLimitOf(emptyDir);
    if (sizeLimit !== undefined) largest = largest === undefined ? sizeLimit : maxQuantity(largest, sizeLimit);
  }
  return largest;
}

function mounts({ volumeMounts }: Container, volumeName: string): boolean {
  return volumeMounts?.some(({ name }) => name === volumeName) ?? false;
}

function hasStorageLimit(containers: readonly Container[]): boolean {
  return containers.some(({ resources }) => resources?.limits?.['ephemeral-storage'] != null);
}
