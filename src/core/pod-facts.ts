/** What follows from a Pod and is asked more than once: each is computed when it is first asked for, and once. */
import { diskBoundOf, memoryBoundOf, memoryVolumesOf, requestedPageSizesOf } from './empty-dir.ts';
import { dataPlaceOf, type DataPlace } from './node-data.ts';
import { containersOf, type Container, type ContainerKind, type ContainerReference, type Pod } from './pod.ts';
import type { Quantity } from './quantity.ts';
import { volumeUsesOf, type VolumeUse } from './volume-use.ts';

/**
 * Counts work in steps (a container, a volume, a mount looked at), so that it can be bounded.
 *
 * @throws {OutOfTimeError} where there is no time left
 */
export type Spend = (steps: number) => void;

/** The facts about one state of a Pod: a repair makes another one of it. */
export class PodFacts {
  readonly #pod: Pod;
  readonly #spend: Spend;
  readonly #byKinds = new Map<readonly ContainerKind[], readonly ContainerReference[]>();
  #containers: readonly ContainerReference[] | undefined;
  #volumeUses: ReadonlyMap<string, VolumeUse> | undefined;
  #memoryBounds: Map<VolumeUse, Quantity | undefined> | undefined;
  #pageSizes: ReadonlySet<string> | undefined;
  #diskBound: { readonly amount: Quantity | undefined } | undefined;
  #dataPlace: DataPlace | undefined;

  /** @param spend what is told of the work; nobody by default */
  constructor(pod: Pod, spend: Spend = () => undefined) {
    this.#pod = pod;
    this.#spend = spend;
  }

  /** Every container in start order. */
  get containers(): readonly ContainerReference[] {
    if (this.#containers === undefined) {
      this.#containers = containersOf(this.#pod.spec);
      this.#spend(this.#containers.length);
    }
    return this.#containers;
  }

  /** @param kinds the same list every time: `meta.appliesTo.containers` */
  containersOf(kinds: readonly ContainerKind[]): readonly ContainerReference[] {
    let references = this.#byKinds.get(kinds);
    if (references === undefined) {
      const { containers } = this;
      const isOfKinds = ({ kind }: ContainerReference): boolean => kinds.includes(kind);
      references = containers.every(isOfKinds) ? containers : containers.filter(isOfKinds);
      this.#byKinds.set(kinds, references);
    }
    return references;
  }

  /** The use of every volume that some container mounts, by the volume's name. */
  get volumeUses(): ReadonlyMap<string, VolumeUse> {
    if (this.#volumeUses === undefined) {
      this.#volumeUses = volumeUsesOf(this.#pod.spec, this.containers);
      this.#spendMounts();
    }
    return this.#volumeUses;
  }

  /** How much a memory-backed volume can hold (`memoryBoundOf`). */
  memoryBoundOf(use: VolumeUse): Quantity | undefined {
    this.#memoryBounds ??= new Map();
    if (this.#memoryBounds.has(use)) return this.#memoryBounds.get(use);
    this.#spend(use.writers.length);
    const bound = memoryBoundOf(this.#pod.spec, use);
    this.#memoryBounds.set(use, bound);
    return bound;
  }

  /** How much the Pod may keep on the node's disk (`diskBoundOf`). */
  get diskBound(): Quantity | undefined {
    if (this.#diskBound === undefined) {
      this.#spend(this.containers.length);
      this.#diskBound = { amount: diskBoundOf(this.#pod.spec) };
    }
    return this.#diskBound.amount;
  }

  /** What the memory-backed volumes with a size limit may hold together that a container writes to. */
  memoryVolumesOf(container: Container): Quantity | undefined {
    this.#spend(container.volumeMounts?.length ?? 0);
    return memoryVolumesOf(this.#pod.spec, container);
  }

  /** The page sizes of the huge pages that the Pod asks for. */
  get pageSizes(): ReadonlySet<string> {
    if (this.#pageSizes === undefined) {
      this.#spend(this.containers.length);
      this.#pageSizes = requestedPageSizesOf(this.#pod.spec);
    }
    return this.#pageSizes;
  }

  /** Where the Pod keeps data that is there after it has gone (`dataPlaceOf`). */
  get dataPlace(): DataPlace {
    if (this.#dataPlace === undefined) {
      this.#spend(this.#pod.spec.volumes?.length ?? 0);
      this.#dataPlace = dataPlaceOf(this.#pod.spec, this.volumeUses);
    }
    return this.#dataPlace;
  }

  #spendMounts(): void {
    for (const { container } of this.containers) if (container.volumeMounts != null) this.#spend(container.volumeMounts.length);
  }
}
