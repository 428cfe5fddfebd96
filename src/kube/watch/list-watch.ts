/**
 * The objects of one kind in the whole cluster, listed once and watched from then on, as client-go's reflector does it
 * (k8s.io/client-go `tools/cache/reflector.go`).
 *
 * What was known stays known while a connection is made again, and for a stated time after that it cannot be made. Nothing
 * here is asked during a request: whoever asks gets what is known at that moment.
 */
import type { JsonObject } from '../../core/json.ts';
import { asObject, asText, metadataOf } from '../../core/json-reading.ts';
import { KubeStatusError, KubeUnreachableError, SilentWatchError, type KubeApi } from '../client/api.ts';
import { KeptObjects, TooMuchToKeepError, type KeptBounds } from './kept-objects.ts';

export interface ListWatchOptions<T> {
  /** Of all objects of the kind: `/api/v1/services`. */
  readonly path: string;
  /** @returns undefined for what is passed over */
  readonly read: (object: JsonObject) => T | undefined;
  readonly timing?: Partial<ListWatchTiming>;
  readonly bounds?: Partial<KeptBounds>;
}

export interface ListWatchTiming {
  /** The API server ends a watch after this time or up to a quarter more, so that replicas do not all begin anew at once. */
  readonly watchSeconds: number;
  /** How long a watch may be silent before the connection is given up: nobody says so when an API server hangs. */
  readonly silentMs: number;
  /** How long what was known stays known after the connection is lost; an API server restarts in less. */
  readonly lostAfterMs: number;
  readonly firstBackoffMs: number;
  readonly longestBackoffMs: number;
  /** After a list with more objects than are kept: to read them all again soon costs the API server more than it helps. */
  readonly tooMuchBackoffMs: number;
}

const LIST_WATCH_TIMING: ListWatchTiming = {
  watchSeconds: 240,
  // The API server sends a bookmark each minute (`defaultBookmarkFrequency` in k8s.io/apiserver `pkg/storage/cacher`): here two are missing.
  silentMs: 135_000,
  lostAfterMs: 120_000,
  firstBackoffMs: 1_000,
  longestBackoffMs: 30_000,
  tooMuchBackoffMs: 300_000,
};

/** A few hundred bytes each: some 10 MB for 20,000 of them, and at most some tens for a kind. */
const BOUNDS: KeptBounds = { objects: 50_000, characters: 16 * 1024 * 1024 };

/** Of a page, which is 500 objects of mostly 2 kB. */
const MAX_PAGE_BYTES = 8 * 1024 * 1024;
/** etcd holds no object above 1.5 MiB (`--max-request-bytes`); JSON escapes some of it. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024;
/** A watch that ends sooner has not been one: a proxy, or an API server that is about to stop. */
const SHORTEST_WATCH_MS = 1_000;

/**
 * The end of the watch, and a first attempt to begin it again. An API server that was away may be back with an older state, of a backup of
 * etcd: it then begins to count at an earlier version, sends nothing until it has come to ours, and never says what is gone.
 */
const UNREACHED_TO_LIST_AGAIN = 2;

export interface ListWatchListener {
  /** Once for each failure that differs from the one before. */
  readonly onError: (error: Error) => void;
  /** The first list is complete, or the first after a failure that was told. */
  readonly onKnown: (objects: number) => void;
}

type ListWatchApi = Pick<KubeApi, 'pages' | 'watch'>;

export class ListWatch<T> {
  readonly #api: ListWatchApi;
  readonly #options: ListWatchOptions<T>;
  readonly #timing: ListWatchTiming;
  readonly #bounds: KeptBounds;
  readonly #listener: ListWatchListener;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  #objects: KeptObjects<T> | undefined;
  /** What the next watch begins after; undefined where everything has to be listed first. */
  #version: string | undefined;
  /** Since when the API server has not been heard of, on the clock of `performance.now()`. */
  #lostAtMs: number | undefined;
  #failure: Error | undefined;
  #failures = 0;
  /** Attempts to reach the API server that failed since a watch was open. */
  #unreached = 0;
  /** The listener has been told of the failure. */
  #isTold = false;

  /** Begins at once; keeps no process alive but by its open connection. */
  constructor(api: ListWatchApi, options: ListWatchOptions<T>, listener: ListWatchListener) {
    this.#api = api;
    this.#options = options;
    this.#timing = { ...LIST_WATCH_TIMING, ...options.timing };
    this.#bounds = { ...BOUNDS, ...options.bounds };
    this.#listener = listener;
    this.#ended = this.#run(this.#closing.signal);
  }

  /** What is known now; undefined before the first list is complete, and when the API server was lost for too long. */
  get objects(): KeptObjects<T> | undefined {
    const isLost = this.#lostAtMs !== undefined && performance.now() - this.#lostAtMs > this.#timing.lostAfterMs;
    return isLost ? undefined : this.#objects;
  }

  /** What went wrong last; undefined while all is well. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#ended;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const isClosed = (): boolean => signal.aborted;
    while (!isClosed()) {
      try {
        this.#version ??= await this.#list(signal);
        await this.#watch(this.#version, signal);
      } catch (error) {
        if (isClosed()) return;
        this.#fail(error instanceof Error ? error : new Error(String(error)));
        await pause(this.#backoffMs(error), signal);
      }
    }
  }

  /** @returns the version of the list */
  async #list(signal: AbortSignal): Promise<string> {
    const objects = new KeptObjects<T>(this.#bounds);
    let version = '';
    for await (const { items, resourceVersion } of this.#api.pages(this.#options.path, { maxBytes: MAX_PAGE_BYTES, signal })) {
      for (const item of items) this.#put(objects, item);
      version = resourceVersion;
    }
    const isFirst = this.#objects === undefined;
    this.#objects = objects;
    this.#heard(isFirst);
    return version;
  }

  /** Returns when the API server has ended the watch in its time. */
  async #watch(version: string, signal: AbortSignal): Promise<void> {
    const { watchSeconds, silentMs } = this.#timing;
    const seconds = Math.round(watchSeconds * (1 + Math.random() / 4));
    const openedMs = performance.now();
    const query = { resourceVersion: version, allowWatchBookmarks: 'true', timeoutSeconds: String(seconds) };
    let events = 0;
    const onOpen = (): void => {
      this.#unreached = 0;
      this.#heard();
    };
    const watching = { signal, silentMs, maxEventBytes: MAX_EVENT_BYTES, onOpen };
    for await (const { type, object } of this.#api.watch(this.#options.path, query, watching)) {
      this.#take(type, object);
      // It works: the next failure is a first one again.
      this.#failures = 0;
      events += 1;
    }
    if (events === 0 && performance.now() - openedMs < SHORTEST_WATCH_MS) throw new Error('the API server ended the watch at once');
    this.#failures = 0;
  }

  #take(type: string, object: JsonObject): void {
    if (type === 'ERROR') throw statusError(object);
    const objects = this.#objects;
    if (objects === undefined) throw new Error('a watch began before the list was complete');
    const { namespace, name, resourceVersion } = metadataOf(object);
    if (type === 'ADDED' || type === 'MODIFIED') this.#put(objects, object);
    else if (type === 'DELETED') objects.remove(asText(namespace), asText(name));
    else if (type !== 'BOOKMARK') throw new Error(`the API server sent an event of an unknown type: ${type}`);
    // A bookmark brings nothing but the version.
    if (typeof resourceVersion === 'string') this.#version = resourceVersion;
  }

  #put(objects: KeptObjects<T>, object: JsonObject): void {
    const { namespace, name } = metadataOf(object);
    const value = this.#options.read(object);
    if (value === undefined) objects.remove(asText(namespace), asText(name));
    else objects.put(asText(namespace), asText(name), value);
  }

  #heard(isFirst = false): void {
    const isNews = isFirst || this.#isTold;
    this.#lostAtMs = undefined;
    this.#failure = undefined;
    this.#isTold = false;
    if (isNews) this.#listener.onKnown(this.#objects?.size ?? 0);
  }

  #fail(error: Error): void {
    if (error instanceof KubeUnreachableError) this.#unreached += 1;
    // Once: where lists get through and watches do not, the next list would say nothing new.
    if (mustListAgain(error) || (error instanceof KubeUnreachableError && this.#unreached === UNREACHED_TO_LIST_AGAIN))
      this.#version = undefined;
    // Half of them is none of them: an object that is not there must not be taken for one that does not exist.
    if (error instanceof TooMuchToKeepError) this.#objects = undefined;
    this.#lostAtMs ??= performance.now();
    // Without a watch cache, an API server sends no bookmarks: as long as it lets itself be watched again, nothing is wrong.
    this.#failures = error instanceof SilentWatchError ? 1 : this.#failures + 1;
    const isNew = this.#failure?.message !== error.message || !this.#isTold;
    this.#failure = error;
    // A connection that ends early is mostly made again at once, and to be told to list again is part of watching.
    if (!isNew || (this.#failures === 1 && this.#objects !== undefined)) return;
    this.#isTold = true;
    this.#listener.onError(error);
  }

  /** Any time up to a bound that doubles, so that not all replicas come back at the same moment; never less than the API server asks for. */
  #backoffMs(error: unknown): number {
    const { firstBackoffMs, longestBackoffMs, tooMuchBackoffMs } = this.#timing;
    if (error instanceof TooMuchToKeepError) return tooMuchBackoffMs * (1 + Math.random());
    const bound = Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(this.#failures - 1, 20));
    const asked = error instanceof KubeStatusError ? Math.min(retryAfterMsOf(error), longestBackoffMs) : 0;
    return asked + Math.random() * bound;
  }
}

/** The version is too old (410), or is one that this API server has not seen yet: it may have been restored from a backup. */
function mustListAgain(error: Error): boolean {
  if (error instanceof KubeStatusError) return error.code !== 429 && error.code !== 503;
  return error instanceof TooMuchToKeepError;
}

/** An event of type ERROR has a Status, which says the same as an answer with its code. */
function statusError(status: JsonObject): KubeStatusError {
  const { code } = status;
  return new KubeStatusError({ code: typeof code === 'number' ? code : 500, body: status, warnings: [] });
}

function retryAfterMsOf({ status }: KubeStatusError): number {
  const details = asObject(status['details']);
  const seconds = details['retryAfterSeconds'];
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : 0;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms).unref();
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
