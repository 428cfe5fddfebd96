/** Volumes in memory that fill the same memory: what one container alone writes to, and what all containers of a Pod write to. */
import { mediumOf, memoryBoundOf, sizeLimitOf } from './empty-dir.ts';
import { emptyDirOf, type Container, type PodSpec, type Volume } from './pod.ts';
import { addQuantities, compareQuantities, minQuantity, type Quantity } from './quantity.ts';
import type { VolumeUse } from './volume-use.ts';

/** A volume with `medium: Memory` that a container writes to. */
export interface MemoryVolume {
  readonly name: string;
  readonly use: VolumeUse;
  /** Undefined where it may grow without a limit. */
  readonly sizeLimit: Quantity | undefined;
  /** How much it can hold (`memoryBoundOf`). */
  readonly bound: Quantity | undefined;
}

/** What these volumes hold counts as memory of the same containers. */
export interface MemoryScope {
  /** In the order of the Pod, at least one. */
  readonly volumes: readonly MemoryVolume[];
  /** How much they can hold together; undefined where a container without a limit writes to one. */
  readonly bound: Quantity | undefined;
}

/** The scopes of a Pod. */
export interface MemoryScopes {
  /** For each container, the volumes that no other one writes to. */
  readonly alone: ReadonlyMap<Container, MemoryScope>;
  /** All volumes in memory; undefined where there is none. */
  readonly ofPod: MemoryScope | undefined;
}

/** @param uses of the volumes, by their names (`volumeUsesOf`) */
export function memoryScopesOf(spec: PodSpec, uses: ReadonlyMap<string, VolumeUse>): MemoryScopes {
  // Most Pods have none.
  if (spec.volumes?.some(({ emptyDir }) => emptyDir?.medium === 'Memory') !== true) return NO_SCOPES;
  const all: MemoryVolume[] = [];
  const alone = new Map<Container, { volumes: MemoryVolume[]; bound: Quantity | undefined }>();
  const writers = new Set<Container>();
  const seen = new Set<VolumeUse>();
  for (const volume of spec.volumes) {
    const use = uses.get(volume.name);
    const found = use === undefined || seen.has(use) ? undefined : memoryVolumeOf(spec, volume, use);
    if (found === undefined) continue;
    // Of two with one name the first counts: the API server refuses them later.
    seen.add(found.use);
    all.push(found);
    for (const writer of found.use.writers) writers.add(writer);
    const [writer, second] = found.use.writers;
    if (writer === undefined || second !== undefined) continue;
    const scope = alone.get(writer);
    if (scope === undefined) alone.set(writer, { volumes: [found], bound: found.bound });
    else scope.volumes.push(found);
  }
  if (all.length === 0) return NO_SCOPES;
  return { alone, ofPod: { volumes: all, bound: memoryBoundOf(spec, { writers: [...writers] }) } };
}

const NO_SCOPES: MemoryScopes = { alone: new Map(), ofPod: undefined };

function memoryVolumeOf(spec: PodSpec, volume: Volume, use: VolumeUse): MemoryVolume | undefined {
  const emptyDir = emptyDirOf(volume);
  if (emptyDir === undefined || use.writers.length === 0 || mediumOf(emptyDir) !== 'memory') return undefined;
  return { name: volume.name, use, sizeLimit: sizeLimitOf(emptyDir), bound: memoryBoundOf(spec, use) };
}

/** @returns undefined for a volume that counts for nothing */
export type LimitOf = (volume: MemoryVolume) => Quantity | undefined;

/**
 * What the volumes that one container alone writes to hold together once all are full. Each counts for what it can hold at most, so
 * that one that is too large by itself does not speak for the others.
 */
export function heldByWriter({ volumes }: MemoryScope, limitOf: LimitOf): Quantity | undefined {
  let sum: Quantity | undefined;
  for (const volume of volumes) sum = plus(sum, atMost(limitOf(volume), volume.bound));
  return sum;
}

/** The same for all volumes of the Pod, where the volumes of each container count for what that container may use at most. */
export function heldByPod({ alone, ofPod }: MemoryScopes, limitOf: LimitOf): Quantity | undefined {
  let sum: Quantity | undefined;
  for (const scope of alone.values()) sum = plus(sum, atMost(heldByWriter(scope, limitOf), scope.bound));
  for (const volume of ofPod?.volumes ?? []) {
    if (volume.use.writers.length > 1) sum = plus(sum, atMost(limitOf(volume), volume.bound));
  }
  return sum;
}

/** Whether what is held is more than the bound; not where one of them is not known. */
export function isAboveBound(held: Quantity | undefined, bound: Quantity | undefined): boolean {
  return held !== undefined && bound !== undefined && compareQuantities(held, bound) > 0;
}

/** A scope whose volumes are allowed to hold more together than their writers may use. */
export interface OverfullScope extends MemoryScope {
  /** The container that alone writes to them; undefined for all volumes of the Pod. */
  readonly writer: Container | undefined;
  /** What their size limits add up to: at least what they can hold, as one that is too large by itself is held to its own bound. */
  readonly sum: Quantity;
  readonly bound: Quantity;
}

/** The scopes of several volumes that are overfull: those of containers first, in the order of the Pod's volumes. */
export function overfullScopes(scopes: MemoryScopes): OverfullScope[] {
  const { alone, ofPod } = scopes;
  if (ofPod === undefined || ofPod.volumes.length === 1) return [];
  const found: OverfullScope[] = [];
  const add = (writer: Container | undefined, { volumes, bound }: MemoryScope, held: Quantity | undefined): void => {
    if (bound === undefined || !isAboveBound(held, bound)) return;
    const sum = volumes.flatMap(({ sizeLimit }) => sizeLimit ?? []).reduce((total, limit) => addQuantities(total, limit));
    found.push({ writer, volumes, sum, bound });
  };
  for (const [writer, scope] of alone) if (scope.volumes.length > 1) add(writer, scope, heldByWriter(scope, ownLimit));
  add(undefined, ofPod, heldByPod(scopes, ownLimit));
  return found;
}

const ownLimit: LimitOf = ({ sizeLimit }) => sizeLimit;

function plus(sum: Quantity | undefined, amount: Quantity | undefined): Quantity | undefined {
  return sum === undefined || amount === undefined ? (sum ?? amount) : addQuantities(sum, amount);
}

function atMost(amount: Quantity | undefined, bound: Quantity | undefined): Quantity | undefined {
  return amount === undefined || bound === undefined ? amount : minQuantity(amount, bound);
}
