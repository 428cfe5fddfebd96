/**
 * What stands around workloads in the cluster, for the server: watched, as far as the rules of the policy ask about it, and
 * answered from memory.
 */
import { NOTHING_KNOWN, SURROUNDING_NAMES, type Known, type Surrounding, type Surroundings } from '../../core/surroundings.ts';
import type { KubeApi } from '../client/api.ts';
import {
  API_SURROUNDINGS,
  collectionPathOf,
  SURROUNDING_RESOURCES,
  type ApiSurrounding,
  type SurroundingResource,
} from '../client/surrounding-resources.ts';
import { ListWatch, type ListWatchTiming } from './list-watch.ts';

export interface WatchedSurroundingsListener {
  /** Once for each failure that differs from the one before: the API server does not answer, or refuses. */
  readonly onError: (surrounding: ApiSurrounding, error: Error) => void;
  /** All of them have been read, for the first time or again after a failure. */
  readonly onKnown: (surrounding: ApiSurrounding, objects: number) => void;
}

export interface WatchedKind {
  readonly surrounding: ApiSurrounding;
  /** In the cluster; undefined while they are unknown. */
  readonly objects: number | undefined;
  /** Why they are unknown; undefined where they are known. */
  readonly reason: string | undefined;
}

export class WatchedSurroundings {
  readonly #api: Pick<KubeApi, 'pages' | 'watch'>;
  readonly #listener: WatchedSurroundingsListener;
  readonly #timing: Partial<ListWatchTiming>;
  readonly #watches = new Map<ApiSurrounding, ListWatch<unknown>>();
  readonly #closed: Promise<void>[] = [];

  /** Nothing is watched until somebody needs it. */
  constructor(api: Pick<KubeApi, 'pages' | 'watch'>, listener: WatchedSurroundingsListener, timing: Partial<ListWatchTiming> = {}) {
    this.#api = api;
    this.#listener = listener;
    this.#timing = timing;
  }

  /** From now on these are watched, and nothing else. What was watched before and is still needed stays known. */
  need(needs: ReadonlySet<Surrounding>): void {
    for (const [surrounding, watch] of this.#watches) {
      if (needs.has(surrounding)) continue;
      this.#watches.delete(surrounding);
      this.#closed.push(watch.close());
    }
    for (const surrounding of API_SURROUNDINGS) {
      if (needs.has(surrounding) && !this.#watches.has(surrounding)) this.#watches.set(surrounding, this.#watch(surrounding));
    }
  }

  /** What is known at this moment around the workloads of a namespace. */
  around(namespace: string): Surroundings {
    if (this.#watches.size === 0) return NOTHING_KNOWN;
    const known: Partial<Record<ApiSurrounding, Known<unknown>>> = {};
    for (const [surrounding, watch] of this.#watches) known[surrounding] = knownIn(namespace, surrounding, watch);
    return { ...NOTHING_KNOWN, ...(known as Partial<Surroundings>) };
  }

  get kinds(): readonly WatchedKind[] {
    return Array.from(this.#watches, ([surrounding, watch]) => {
      const { objects } = watch;
      return { surrounding, objects: objects?.size, reason: objects === undefined ? reasonOf(surrounding, watch) : undefined };
    });
  }

  async close(): Promise<void> {
    this.need(new Set());
    await Promise.all(this.#closed);
  }

  #watch(surrounding: ApiSurrounding): ListWatch<unknown> {
    const resource: SurroundingResource<unknown> = SURROUNDING_RESOURCES[surrounding];
    return new ListWatch<unknown>(
      this.#api,
      { path: collectionPathOf(resource), read: resource.read, timing: this.#timing },
      {
        onError: (error) => {
          this.#listener.onError(surrounding, error);
        },
        onKnown: (objects) => {
          this.#listener.onKnown(surrounding, objects);
        },
      },
    );
  }
}

function knownIn(namespace: string, surrounding: ApiSurrounding, watch: ListWatch<unknown>): Known<unknown> {
  const { objects } = watch;
  if (objects === undefined) return { isKnown: false, reason: reasonOf(surrounding, watch) };
  if (surrounding !== 'namespace') return { isKnown: true, value: objects.of(namespace) };
  // An object of the cluster: its name is that of the namespace.
  const value = objects.get('', namespace);
  return value === undefined
    ? { isKnown: false, reason: `podgrace has not heard of the namespace ${namespace} yet` }
    : { isKnown: true, value };
}

function reasonOf(surrounding: ApiSurrounding, { failure }: ListWatch<unknown>): string {
  const name = SURROUNDING_NAMES[surrounding];
  return failure === undefined ? `podgrace has not read ${name} yet` : `podgrace cannot read ${name}: ${failure.message}`;
}
