/**
 * emptyDir volumes: where their content lies, and what bounds it.
 *
 * Mirrors kubernetes `pkg/volume/emptydir/empty_dir.go` and `pkg/kubelet/eviction/eviction_manager.go`
 * (`emptyDirLimitEviction`, `podEphemeralStorageLimitEviction`), read at 1.36.3.
 */
import { containersOf, type Container, type EmptyDir, type Maybe, type PodSpec, type ResourceList, type Volume } from './pod.ts';
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  minQuantity,
  parseQuantity,
  scaleQuantity,
  subtractQuantities,
  type Quantity,
} from './quantity.ts';
import { aggregateResource, positiveAmountOf, readAmount } from './resources.ts';
import type { VolumeUse } from './volume-use.ts';

export type EmptyDirMedium = 'disk' | 'memory' | 'huge-pages' | 'unknown';

/**
 * The API server takes any text for the medium. What the kubelet does not know it cannot mount (`SetUpAt`: "unknown storage
 * medium"), so the Pod never starts.
 */
export function mediumOf({ medium }: EmptyDir): EmptyDirMedium {
  if (!medium) return 'disk';
  if (medium === 'Memory') return 'memory';
  if (medium === 'HugePages') return 'huge-pages';
  // `v1helper.IsHugePageMedium` looks at the beginning alone, and the page size of a mount is parsed later.
  if (!medium.startsWith(SIZED_MEDIUM)) return 'unknown';
  const size = parseQuantity(medium.slice(SIZED_MEDIUM.length));
  return size !== undefined && size.nano > 0n ? 'huge-pages' : 'unknown';
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
export function memoryBoundOf({ resources: ofPod }: PodSpec, { writers }: Pick<VolumeUse, 'writers'>): Quantity | undefined {
  const podLimit = positiveAmountOf(ofPod?.limits, 'memory');
  let sum: Quantity | undefined;
  for (const { resources } of writers) {
    const limit = positiveAmountOf(resources?.limits, 'memory') ?? podLimit;
    if (limit === undefined) return undefined;
    sum = sum === undefined ? limit : addQuantities(sum, limit);
  }
  const bound = sum === undefined || podLimit === undefined ? sum : minQuantity(sum, podLimit);
  // `0.1Gi` is no whole number of bytes: the kernel and the file system get the next one (`Quantity.Value`).
  return bound && scaleQuantity(bound, 1, 'unit');
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
  const sum = aggregateResource(spec, 'limits', 'ephemeral-storage');
  return sum && inWholeBytes(sum);
}

/** One byte more than the whole ones in `0.1Gi` is more than the limit, and the Pod is evicted. */
function inWholeBytes(limit: Quantity): Quantity {
  const above = scaleQuantity(limit, 1, 'unit');
  return compareQuantities(above, limit) > 0 ? subtractQuantities(above, ONE_BYTE) : limit;
}

const ONE_BYTE: Quantity = { nano: 1_000_000_000n, format: 'BinarySI' };

/**
 * What the memory-backed volumes with a size limit may hold together that a container writes to: it counts as the container's
 * memory.
 *
 * @param named the volumes of the Pod (`volumesByName`)
 */
export function memoryVolumesOf(named: ReadonlyMap<string, Volume>, { volumeMounts }: Container): Quantity | undefined {
  if (named.size === 0 || volumeMounts == null) return undefined;
  let sum: Quantity | undefined;
  for (const written of new Set(volumeMounts.map(({ name, readOnly }) => (readOnly === true ? undefined : name)))) {
    const emptyDir = written === undefined ? undefined : named.get(written)?.emptyDir;
    if (emptyDir == null || mediumOf(emptyDir) !== 'memory') continue;
    const sizeLimit = sizeLimitOf(emptyDir);
    if (sizeLimit !== undefined) sum = sum === undefined ? sizeLimit : addQuantities(sum, sizeLimit);
  }
  return sum;
}

/** Of two with one name the first counts: the API server refuses them later. */
export function volumesByName(volumes: readonly Volume[]): ReadonlyMap<string, Volume> {
  const named = new Map<string, Volume>();
  for (const volume of volumes) if (!named.has(volume.name)) named.set(volume.name, volume);
  return named;
}

/** The page sizes of the huge pages that some container, or the Pod as a whole, asks for: as written, by their canonical texts. */
export function requestedPageSizesOf(spec: PodSpec): ReadonlyMap<string, string> {
  const sizes = new Map<string, string>();
  const collect = (list: Maybe<ResourceList>): void => {
    for (const resource in list) {
      if (!resource.startsWith(HUGE_PAGES)) continue;
      const text = resource.slice(HUGE_PAGES.length);
      const size = parseQuantity(text);
      if (size !== undefined) sizes.set(canonicalText(size), text);
    }
  };
  collect(spec.resources?.requests);
  collect(spec.resources?.limits);
  for (const { container } of containersOf(spec)) {
    collect(container.resources?.requests);
    collect(container.resources?.limits);
  }
  return sizes;
}

/**
 * How the kubelet finds the page size of a volume of huge pages: for `HugePages` the only one that the Pod asks for, and for
 * `HugePages-2Mi` that one (`getPageSizeMountOption`). Without it, and where `HugePages` may be several, the volume is not mounted.
 */
export function pageSizeOf(pageSizes: ReadonlyMap<string, string>, { medium }: EmptyDir): 'found' | 'not requested' | 'one of several' {
  const size = medium?.startsWith(SIZED_MEDIUM) === true ? medium.slice(SIZED_MEDIUM.length) : '';
  if (size === '') return pageSizes.size > 1 ? 'one of several' : pageSizes.size === 1 ? 'found' : 'not requested';
  const wanted = parseQuantity(size);
  return wanted !== undefined && pageSizes.has(canonicalText(wanted)) ? 'found' : 'not requested';
}

/** What a medium that the kubelet does not know was meant to be, as words of advice. */
export function meantMedium(medium: string): string {
  if (/^(mem|ram|tmpfs|shm)/i.test(medium)) return '`medium: Memory`';
  if (!/^huge/i.test(medium)) return 'no `medium` for the disk of the node, or `medium: Memory`';
  const { number, unit = '' } = /^huge-?pages-(?<number>\d{1,9})(?<unit>[kmg])i?b?$/i.exec(medium)?.groups ?? {};
  if (number !== undefined) return `\`medium: HugePages-${number}${unit.toUpperCase()}i\``;
  return `\`medium: HugePages${/^huge-?pages-\w/i.test(medium) ? '-2Mi' : ''}\``;
}

/** @returns the page size that a medium names, as the resource of huge pages is called: 2Mi for `HugePages-2048Ki` */
export function pageSizeNamedBy({ medium }: EmptyDir): string | undefined {
  const size = medium?.startsWith(SIZED_MEDIUM) === true ? parseQuantity(medium.slice(SIZED_MEDIUM.length)) : undefined;
  return size === undefined ? undefined : formatQuantity(size);
}

const HUGE_PAGES = 'hugepages-';
const SIZED_MEDIUM = 'HugePages-';

/** The same for equal amounts: 2Mi and 2048Ki. */
function canonicalText({ nano, tens }: Quantity): string {
  return formatQuantity({ nano, ...(tens !== undefined && { tens }), format: 'DecimalExponent' });
}

function hasStorageLimit(containers: readonly Container[]): boolean {
  return containers.some(({ resources }) => resources?.limits?.['ephemeral-storage'] != null);
}
