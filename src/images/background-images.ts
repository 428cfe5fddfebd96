/**
 * Asks registries about images in the background, for a server: whoever needs to know an image says so, goes on with what is known,
 * and knows more the next time. Each registry is asked on its own, one image after the other, and left alone for a while
 * when it has had enough or does not answer.
 */
import { setTimeout } from 'node:timers/promises';
import type { ImageConfiguration, Known } from '../core/surroundings.ts';
import { BOUNDS, type Bounds } from './bounds.ts';
import { ContentCache } from './content-cache.ts';
import { digestOfName, readConfiguration } from './image-configuration.ts';
import { ImageMemory, type ImageMemoryBounds } from './image-memory.ts';
import { imageNameOf, type ImageName } from './image-name.ts';
import type { Platform } from './platform.ts';
import type { RegistryCredentials } from './registry-credentials.ts';
import { Registry } from './registry.ts';
import { UnknownImageError } from './unknown-image.ts';
import { Web } from './web.ts';

export interface BackgroundBounds extends ImageMemoryBounds {
  /** Images of one registry that wait for their turn; more are passed over. */
  readonly waiting: number;
  /** Longer names of images are none that anybody pulls. */
  readonly nameCharacters: number;
  /** After this, a tag is asked for once more. */
  readonly freshMs: number;
  /** After this, an image is asked for once more that a registry does not have, or does not show. */
  readonly refusedMs: number;
  /** Between two images of one registry. */
  readonly paceMs: number;
  /** How long a registry is left alone that does not answer: doubled each time, up to the longest. */
  readonly firstBackoffMs: number;
  readonly longestBackoffMs: number;
  /** Of the requests for one image. */
  readonly web: Bounds;
}

const BACKGROUND_BOUNDS: BackgroundBounds = {
  // At most 4 MB: the thread for large reviews gets a copy of all.
  images: 1000,
  characters: 4096,
  // Rules of new Pods only are asked about an image that nobody could look up for a day.
  believedMs: 24 * 3_600_000,
  waiting: 250,
  // A repository has up to 255 characters, a tag 128, a digest 135 (distribution/reference).
  nameCharacters: 600,
  freshMs: 3_600_000,
  refusedMs: 600_000,
  paceMs: 1_000,
  firstBackoffMs: 60_000,
  // Docker Hub counts requests over six hours.
  longestBackoffMs: 3_600_000,
  web: { ...BOUNDS, totalMs: 60_000, totalBytes: 8 * 1024 * 1024 },
};

export type AskedOutcome = 'known' | 'unchanged' | 'unknown' | 'postponed';

export interface BackgroundListener {
  /** Once for each question. `postponed`: the registry is left alone for a while, and the image stays in the line. */
  readonly onAsked: (outcome: AskedOutcome) => void;
  /** A registry is left alone. */
  readonly onPaused: (registry: string, reason: string, forMs: number) => void;
  /** A bug of ours. */
  readonly onFailure: (error: unknown) => void;
}

export interface BackgroundQuestions {
  /** The registries that are asked, as images name them; no others are. */
  readonly registries: readonly string[];
  readonly platform: Platform;
  /** Asked for before each question, so that they can be renewed. */
  readonly credentials: () => Promise<RegistryCredentials>;
  readonly bounds?: Partial<BackgroundBounds>;
}

/** One registry and what is to be asked there. */
interface Line {
  readonly registry: string;
  readonly waiting: Map<string, ImageName>;
  /** Those that the registry did not answer for: asked again when no other waits. */
  readonly postponed: Map<string, ImageName>;
  /** Times in a row that it did not answer. */
  failures: number;
  /** Why it is left alone; undefined while it is not. */
  paused: string | undefined;
  work: Promise<void> | undefined;
}

export class BackgroundImages {
  readonly #questions: BackgroundQuestions;
  readonly #bounds: BackgroundBounds;
  readonly #listener: BackgroundListener;
  readonly #memory: ImageMemory;
  readonly #lines: ReadonlyMap<string, Line>;
  readonly #closing = new AbortController();

  /** Asks nothing until somebody wants to know an image. */
  constructor(questions: BackgroundQuestions, listener: BackgroundListener) {
    this.#questions = questions;
    this.#bounds = { ...BACKGROUND_BOUNDS, ...questions.bounds };
    this.#listener = listener;
    this.#memory = new ImageMemory(this.#bounds);
    const lineOf = (registry: string): Line => ({
      registry,
      waiting: new Map(),
      postponed: new Map(),
      failures: 0,
      paused: undefined,
      work: undefined,
    });
    this.#lines = new Map(questions.registries.map((registry) => [registry, lineOf(registry)]));
  }

  /** What is known at this moment, by the names of the images in Pods; of one that is missing, nothing is known yet. */
  get known(): ReadonlyMap<string, Known<ImageConfiguration>> {
    return this.#memory.all;
  }

  /** How many images there are of each state. */
  count(): Readonly<Record<'known' | 'unknown' | 'waiting', number>> {
    let waiting = 0;
    for (const line of this.#lines.values()) waiting += sizeOf(line);
    return { ...this.#memory.count(), waiting };
  }

  /** The registries that are left alone at this moment, each with its reason. */
  get paused(): readonly string[] {
    return Array.from(this.#lines.values(), ({ paused }) => paused).filter((reason) => reason !== undefined);
  }

  /** Says that these are needed, and returns at once. Those that are known well enough, or wait already, are not asked for again. */
  want(images: Iterable<string>): void {
    if (this.#closing.signal.aborted) return;
    for (const image of images) {
      if (image.length > this.#bounds.nameCharacters || this.#isKnownWell(image)) continue;
      const name = imageNameOf(image);
      const line = name && this.#lines.get(name.registry);
      if (name === undefined || line === undefined || line.waiting.has(image) || line.postponed.has(image)) continue;
      if (sizeOf(line) >= this.#bounds.waiting && !forgetOldest(line.postponed)) continue;
      line.waiting.set(image, name);
      line.work ??= this.#work(line);
    }
  }

  /** Ends what is being asked. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(Array.from(this.#lines.values(), ({ work }) => work ?? Promise.resolve()));
  }

  #isKnownWell(image: string): boolean {
    const kept = this.#memory.get(image);
    if (kept === undefined) return false;
    const { freshMs, refusedMs } = this.#bounds;
    return performance.now() - kept.answeredMs < (kept.known.isKnown ? freshMs : refusedMs);
  }

  async #work(line: Line): Promise<void> {
    const { signal } = this.#closing;
    for (let next = nextOf(line); next !== undefined; next = nextOf(line)) {
      const [image, name] = next;
      const pauseMs = await this.#ask(image, name, line);
      await setTimeout(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
      line.paused = undefined;
      if (signal.aborted) break;
    }
    line.work = undefined;
  }

  /** @returns how long the registry is to be left alone */
  async #ask(image: string, name: ImageName, line: Line): Promise<number> {
    const { platform, credentials } = this.#questions;
    const { web: bounds, paceMs } = this.#bounds;
    const { signal } = this.#closing;
    let outcome: AskedOutcome = 'unknown';
    const web = new Web(bounds, signal);
    try {
      const setup = { web, cache: new ContentCache(undefined), credentials: await credentials(), waitMs: paceMs };
      outcome = await this.#askAs(image, name, platform, new Registry(line.registry, setup));
      line.failures = 0;
    } catch (error) {
      if (signal.aborted) return 0;
      if (error instanceof UnknownImageError && error.retryAfterMs !== undefined) {
        const reason = web.isOver ? `${line.registry} takes more than ${bounds.totalMs / 1000} s for one image` : error.message;
        postpone(line, image, name);
        return this.#leaveAlone(line, reason, error.retryAfterMs);
      }
      line.failures = 0;
      this.#memory.put(image, { isKnown: false, reason: this.#reasonOf(error) });
    }
    line.waiting.delete(image);
    line.postponed.delete(image);
    this.#listener.onAsked(outcome);
    return paceMs;
  }

  /** What nobody has thought of makes one image unknown, and the server goes on. */
  #reasonOf(error: unknown): string {
    if (error instanceof UnknownImageError) return error.message;
    this.#listener.onFailure(error);
    return 'podgrace could not read what its registry answers';
  }

  async #askAs(image: string, name: ImageName, platform: Platform, registry: Registry): Promise<AskedOutcome> {
    const digest = await digestOfName(name, registry);
    const kept = this.#memory.get(image);
    if (kept?.known.isKnown === true && kept.digest === digest) {
      this.#memory.put(image, kept.known, digest);
      return 'unchanged';
    }
    const value = this.#memory.keptPartsOf(await readConfiguration({ ...name, digest }, platform, registry));
    this.#memory.put(image, { isKnown: true, value }, digest);
    return 'known';
  }

  /** @param askedMs how long the registry asks for */
  #leaveAlone(line: Line, reason: string, askedMs: number): number {
    const { firstBackoffMs, longestBackoffMs } = this.#bounds;
    const bound = Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(line.failures, 20));
    // Not all replicas come back at the same moment.
    const forMs = Math.max(Math.min(askedMs, longestBackoffMs), bound) * (1 + Math.random() / 4);
    line.failures += 1;
    line.paused = reason;
    this.#listener.onAsked('postponed');
    this.#listener.onPaused(line.registry, reason, forMs);
    return forMs;
  }
}

function sizeOf({ waiting, postponed }: Line): number {
  return waiting.size + postponed.size;
}

function nextOf({ waiting, postponed }: Line): [image: string, name: ImageName] | undefined {
  const [next] = waiting.size > 0 ? waiting : postponed;
  return next;
}

/** @returns whether there was one */
function forgetOldest(postponed: Map<string, ImageName>): boolean {
  const [oldest] = postponed.keys();
  return oldest !== undefined && postponed.delete(oldest);
}

/** The image waits behind all others: they may be answered. */
function postpone({ waiting, postponed }: Line, image: string, name: ImageName): void {
  // It may have made room for another one meanwhile.
  if (waiting.delete(image) || postponed.delete(image)) postponed.set(image, name);
}
