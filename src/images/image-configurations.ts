/** The configurations of images, asked for within bounds, several at a time. */
import { entryOf } from '../core/map-entry.ts';
import { shortened } from '../core/shortened.ts';
import type { ImageConfiguration, Known } from '../core/surroundings.ts';
import { BOUNDS, type Bounds } from './bounds.ts';
import { ContentCache } from './content-cache.ts';
import { readConfiguration } from './image-configuration.ts';
import { imageNameOf } from './image-name.ts';
import type { Platform } from './platform.ts';
import { Registry, type RegistrySetup } from './registry.ts';
import { RegistryCredentials } from './registry-credentials.ts';
import { UnknownImageError } from './unknown-image.ts';
import { Web } from './web.ts';

export interface ImageQuestions {
  readonly platform: Platform;
  readonly credentials?: RegistryCredentials;
  /** The only registries that are asked, as images name them; all if not given. */
  readonly registries?: readonly string[];
  /** Where answers are kept; nowhere if not given. */
  readonly cacheFolder?: string | undefined;
  readonly bounds?: Bounds;
  /** Ends all questions when it is aborted. */
  readonly signal?: AbortSignal;
  /** Called for each image that has an answer. */
  readonly onAnswer?: () => void;
}

/** Asks about each image once; the bounds are those of all calls together. */
export class ImageConfigurations {
  readonly #questions: ImageQuestions;
  readonly #bounds: Bounds;
  readonly #known = new Map<string, Known<ImageConfiguration>>();
  readonly #registries = new Map<string, Registry>();
  #setup: RegistrySetup | undefined;

  constructor(questions: ImageQuestions) {
    this.#questions = questions;
    this.#bounds = questions.bounds ?? BOUNDS;
  }

  /**
   * Never throws for anything that a registry answers: what cannot be had is unknown, with the reason.
   *
   * @param images by their names in Pods
   * @returns all that is known by now
   */
  async read(images: Iterable<string>): Promise<ReadonlyMap<string, Known<ImageConfiguration>>> {
    const unasked = [...new Set(images)].filter((image) => !this.#known.has(image));
    if (unasked.length > 0) await this.#ask(unasked);
    return new Map(this.#known);
  }

  async #ask(images: readonly string[]): Promise<void> {
    const { images: most, atOnce, waitMs } = this.#bounds;
    const { cacheFolder, credentials = RegistryCredentials.NONE, signal, onAnswer } = this.#questions;
    // The time begins with the first question.
    const setup = (this.#setup ??= { web: new Web(this.#bounds, signal), cache: new ContentCache(cacheFolder), credentials, waitMs });
    const left = images.slice(0, Math.max(0, most - this.#known.size));
    for (const image of images.slice(left.length))
      this.#known.set(image, { isKnown: false, reason: `registries are asked about ${most} images at most` });
    const queue = left.values();
    const work = async (): Promise<void> => {
      for (const image of queue) {
        this.#known.set(image, await this.#orUnknown(image, setup));
        onAnswer?.();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    await setup.cache.prune();
  }

  async #orUnknown(image: string, setup: RegistrySetup): Promise<Known<ImageConfiguration>> {
    try {
      return { isKnown: true, value: await this.#readOne(image, setup) };
    } catch (error) {
      if (error instanceof UnknownImageError) return { isKnown: false, reason: error.message };
      throw error;
    }
  }

  async #readOne(image: string, setup: RegistrySetup): Promise<ImageConfiguration> {
    const { platform, registries } = this.#questions;
    const name = imageNameOf(image);
    if (name === undefined) throw new UnknownImageError('its name is none that a container runtime can read');
    if (registries?.includes(name.registry) === false)
      throw new UnknownImageError(`${shortened(name.registry)} is none of the registries that may be asked`);
    return readConfiguration(name, platform, this.#registryOf(name.registry, setup));
  }

  #registryOf(name: string, setup: RegistrySetup): Registry {
    return entryOf(this.#registries, name, () => new Registry(name, setup));
  }
}
