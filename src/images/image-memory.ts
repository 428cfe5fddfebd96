/** What registries have said of images, in memory: as many as are kept, and for as long as it is believed. */
import { BASE_NAME } from '../core/process/image-knowledge.ts';
import type { ImageConfiguration, Known } from '../core/surroundings.ts';
import { UnknownImageError } from './unknown-image.ts';

export interface ImageMemoryBounds {
  readonly images: number;
  /** Of a configuration, as JSON: a shell script in ENTRYPOINT has a few hundred. */
  readonly characters: number;
  /** How long an answer is believed that nobody could ask for again. */
  readonly believedMs: number;
}

export interface KeptImage {
  readonly known: Known<ImageConfiguration>;
  /** What its tag stood for; undefined where nothing is known. */
  readonly digest: string | undefined;
  /** On the clock of `performance.now()`. */
  readonly answeredMs: number;
}

export class ImageMemory {
  readonly #bounds: ImageMemoryBounds;
  /** By the name of the image in Pods; the oldest answer first. */
  readonly #kept = new Map<string, KeptImage>();
  /** Made when somebody asks, good until something changes. */
  #all: ReadonlyMap<string, Known<ImageConfiguration>> | undefined;

  constructor(bounds: ImageMemoryBounds) {
    this.#bounds = bounds;
  }

  /** All that is known at this moment. The map never changes: another one takes its place. */
  get all(): ReadonlyMap<string, Known<ImageConfiguration>> {
    this.#forgetOld();
    return (this.#all ??= new Map(Array.from(this.#kept, ([image, { known }]) => [image, known])));
  }

  get(image: string): KeptImage | undefined {
    this.#forgetOld();
    return this.#kept.get(image);
  }

  /** How many images are known, and of how many it is known why they are not. */
  count(): { readonly known: number; readonly unknown: number } {
    let known = 0;
    for (const each of this.all.values()) if (each.isKnown) known += 1;
    return { known, unknown: this.all.size - known };
  }

  /** Of more than are kept, the one whose answer is oldest is forgotten. */
  put(image: string, known: KeptImage['known'], digest?: string): void {
    const before = this.#kept.get(image);
    this.#kept.delete(image);
    this.#kept.set(image, { known, digest, answeredMs: performance.now() });
    if (before?.known !== known) this.#all = undefined;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#bounds.images && oldest !== undefined) this.#forget(oldest);
  }

  /** The parts that rules read. @throws {UnknownImageError} where they are longer than is kept */
  keptPartsOf({ entrypoint, cmd, user, stopSignal, labels }: ImageConfiguration): ImageConfiguration {
    const base = Object.hasOwn(labels, BASE_NAME) ? labels[BASE_NAME] : undefined;
    const kept = { entrypoint, cmd, user, stopSignal, labels: base === undefined ? {} : { [BASE_NAME]: base } };
    const { characters } = this.#bounds;
    if (JSON.stringify(kept).length > characters)
      throw new UnknownImageError(`its configuration has more than ${characters} characters, and no more are kept`);
    return kept;
  }

  #forgetOld(): void {
    const since = performance.now() - this.#bounds.believedMs;
    for (const [image, { answeredMs }] of this.#kept) {
      if (answeredMs >= since) return;
      this.#forget(image);
    }
  }

  #forget(image: string): void {
    this.#kept.delete(image);
    this.#all = undefined;
  }
}
