/**
 * emptyDir volumes: where their content lies, and what bounds it.
 *
 * Mirrors kubernetes `pkg/volume/emptydir/empty_dir.go` and `pkg/kubelet/eviction/eviction_manager.go`
 * (`emptyDirLimitEviction`, `podEphemeralStorageLimitEviction`), read at 1.36.3.
 */
import {
  containersOf,
  type Container,
  type EmptyDir,
  type Maybe,
  type PodSpec,
  type ResourceList,
  type ResourceRequirements,
} from './pod.ts';
import { addQuantities, compareQuantities, minQuantity, parseQuantity, type Quantity } from './quantity.ts';
import { aggregateContainers, positiveAmountOf, readAmount } from './resources.ts';
import type { VolumeUse } from './volume-use.ts';

export type EmptyDirMedium = 'disk' | 'memory' | 'huge-pages' | 'unknown';

/**
 * The API server takes any text for the medium. What the kubelet does not know it cannot mount (`SetUpAt`: "unknown storage
 * medium"), so the Pod never starts.
 */
export function mediumOf({ medium }: EmptyDir): EmptyDirMedium {
  if (!medium) return 'disk';
  if (medium === 'Memory') return 'memory';
  return medium === 'HugePages' || medium.startsWith('HugePages-') ? 'huge-pages' : 'unknown';
}

/** @returns undefined where the volume may grow without a limit; a size limit of 0 is none */
export function sizeLimitOf({ sizeLimit }: EmptyDir): Quantity | undefined {
  if (sizeLimit == null) return undefined;
  const amount = readAmount(sizeLimit);
  return amount.nano > 0n ? amount : undefined;
}

/**
 * How much a memory-backed volume can hold: what is written counts as memory of the container that writes it, so what the
 * limits of its writers add up to, and never more than the memory of the Pod. The kubelet makes the file system as large as
 * the `sizeLimit`, or the memory of the Pod if that is less (`calculateEmptyDirMemorySize`): who exceeds it gets ENOSPC.
 *
 * @returns undefined where a container without a limit writes, or none does
 */
export function memoryBoundOf({ resources: ofPod }: PodSpec, { writers }: VolumeUse): Quantity | undefined {
  const podLimit = positiveAmountOf(ofPod?.limits, 'memory');
  let sum: Quantity | undefined;
  for (const { resources } of writers) {
    const limit = positiveAmountOf(resources?.limits, 'memory') ?? podLimit;
    if (limit === undefined) return undefined;
    sum = sum === undefined ? limit : addQuantities(sum, limit);
  }
  return sum === undefined || podLimit === undefined ? sum : minQuantity(sum, podLimit);
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

/** What the memory-backed volumes with a size limit may hold together that a container writes to: it counts as the container's memory. */
export function memoryVolumesOf({ volumes }: PodSpec, { volumeMounts }: Container): Quantity | undefined {
  if (volumes == null || volumeMounts == null) return undefined;
  const written = new Set<string>();
  for (const { name, readOnly } of volumeMounts) if (readOnly !== true) written.add(name);
  let sum: Quantity | undefined;
  for (const { name, emptyDir } of volumes) {
    if (emptyDir == null || mediumOf(emptyDir) !== 'memory' || !written.has(name)) continue;
    const sizeLimit = sizeLimitOf(emptyDir);
    if (sizeLimit !== undefined) sum = sum === undefined ? sizeLimit : addQuantities(sum, sizeLimit);
  }
  return sum;
}

/**
 * Whether the kubelet finds the page size of a volume of huge pages: some container, or the Pod as a whole, asks for huge
 * pages, and for `HugePages-2Mi` those of that size (`getPageSizeMountOption`). Without it the volume is not mounted.
 */
export function areHugePagesRequested(spec: PodSpec, { medium }: EmptyDir): boolean {
  const [, size] = /^HugePages-(.+)$/.exec(medium ?? '') ?? [];
  const wanted = size === undefined ? undefined : parseQuantity(size);
  const names = (list: Maybe<ResourceList>): boolean =>
    Object.keys(list ?? {}).some((resource) => {
      if (!resource.startsWith(HUGE_PAGES)) return false;
      const pageSize = parseQuantity(resource.slice(HUGE_PAGES.length));
      return size === undefined || (wanted !== undefined && pageSize !== undefined && compareQuantities(wanted, pageSize) === 0);
    });
  const asks = (resources: Maybe<ResourceRequirements>): boolean => names(resources?.requests) || names(resources?.limits);
  return asks(spec.resources) || containersOf(spec).some(({ container }) => asks(container.resources));
}

const HUGE_PAGES = 'hugepages-';

function hasStorageLimit(containers: readonly Container[]): boolean {
  return containers.some(({ resources }) => resources?.limits?.['ephemeral-storage'] != null);
}
