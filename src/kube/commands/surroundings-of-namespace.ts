/**
 * The objects around the workloads of one namespace, read from the API once. Commands use this, because they end before
 * the objects change.
 */
import { entryOf } from '../../core/map-entry.ts';
import type { PodReference } from '../../core/pod-references.ts';
import type { Policy } from '../../core/policy.ts';
import type { Known, KnownWorkloads, Surrounding, Surroundings } from '../../core/surroundings.ts';
import { NOTHING_KNOWN, SURROUNDING_NAMES } from '../../core/surroundings.ts';
import { namespaceOf } from '../../core/surrounding-object.ts';
import { KubeStatusError, type KubeApi } from '../client/api.ts';
import {
  API_SURROUNDINGS,
  collectionPathOf,
  SURROUNDING_RESOURCES,
  type ApiSurrounding,
  type SurroundingResource,
} from '../client/surrounding-resources.ts';
import { NamedObjects } from './named-objects.ts';
import { readWorkloads } from './workloads-of-namespace.ts';

/** What of a policy says what is read. */
export type Readers = Pick<Policy, 'needs' | 'kinds' | 'kubernetesMinor'>;

/** Reads each namespace once, when it is first asked for. */
export class SurroundingsOfNamespaces {
  readonly #api: Pick<KubeApi, 'find' | 'list' | 'pages' | 'request'>;
  readonly #readers: Readers;
  readonly #onUnknown: (reason: string) => void;
  readonly #known = new Map<string, Promise<Surroundings>>();
  readonly #workloads = new Map<string, Promise<Known<KnownWorkloads>>>();
  readonly #named: NamedObjects;
  readonly #told = new Set<string>();

  /**
   * @param readers whose needs are read; the rest stays unknown
   * @param onUnknown told once about each thing that may not be read
   */
  constructor(api: Pick<KubeApi, 'find' | 'list' | 'pages' | 'request'>, readers: Readers, onUnknown: (reason: string) => void) {
    this.#api = api;
    this.#readers = readers;
    this.#onUnknown = onUnknown;
    this.#named = new NamedObjects(api);
  }

  /** What a server knows: unknown, with the API server's words, is what the user may not read. @throws {KubeUnreachableError} where nothing answers */
  around(namespace: string): Promise<Surroundings> {
    return entryOf(this.#known, namespace, () => this.#read(namespace));
  }

  /** For a budget or an autoscaler: with the workloads of the namespace. @throws as `around` */
  async aroundCompanion(namespace: string): Promise<Surroundings> {
    return this.#withWorkloads(namespace, await this.around(namespace));
  }

  /** For Pods that name other objects: with those that are there. @throws as `around` */
  async aroundPods(namespace: string, references: readonly PodReference[]): Promise<Surroundings> {
    const { needs } = this.#readers;
    const asked = references.filter(({ to }) => needs.has(to));
    const inventories = await this.#named.among(namespace, asked);
    for (const known of Object.values(inventories)) if (!known.isKnown) this.#tell(known.reason);
    return { ...(await this.around(namespace)), ...inventories };
  }

  /** For a workload: with what its Pods name, and with the other workloads, which may be under its budgets or behind its Services. @throws as `around` */
  async aroundWorkload(namespace: string, references: readonly PodReference[]): Promise<Surroundings> {
    const surroundings = await this.aroundPods(namespace, references);
    const { services, podDisruptionBudgets } = surroundings;
    const isShared = [services, podDisruptionBudgets].some((known) => known.isKnown && known.value.length > 0);
    return isShared ? this.#withWorkloads(namespace, surroundings) : surroundings;
  }

  async #withWorkloads(namespace: string, surroundings: Surroundings): Promise<Surroundings> {
    if (!this.#readers.needs.has('workloads')) return surroundings;
    return { ...surroundings, workloads: await entryOf(this.#workloads, namespace, () => this.#readWorkloads(namespace)) };
  }

  async #read(namespace: string): Promise<Surroundings> {
    const { needs } = this.#readers;
    const wanted = API_SURROUNDINGS.filter((surrounding) => needs.has(surrounding));
    const found = await Promise.all(
      wanted.map(
        async (surrounding) => [surrounding, await orUnknown(surrounding, () => readOne(this.#api, namespace, surrounding))] as const,
      ),
    );
    for (const [, known] of found) if (!known.isKnown) this.#tell(known.reason);
    return { ...NOTHING_KNOWN, ...Object.fromEntries(found) };
  }

  async #readWorkloads(namespace: string): Promise<Known<KnownWorkloads>> {
    const { kinds, kubernetesMinor } = this.#readers;
    const known = await orUnknown('workloads', () => readWorkloads(this.#api, namespace, kinds, kubernetesMinor));
    if (!known.isKnown) this.#tell(known.reason);
    return known;
  }

  #tell(reason: string): void {
    if (this.#told.has(reason)) return;
    this.#told.add(reason);
    this.#onUnknown(reason);
  }
}

async function readOne(api: Pick<KubeApi, 'list' | 'request'>, namespace: string, surrounding: ApiSurrounding): Promise<unknown> {
  if (surrounding === 'namespace') {
    const path = `${collectionPathOf(SURROUNDING_RESOURCES.namespace)}/${encodeURIComponent(namespace)}`;
    return namespaceOf((await api.request({ method: 'GET', path })).body);
  }
  const resource: SurroundingResource<unknown> = SURROUNDING_RESOURCES[surrounding];
  const objects = await api.list(collectionPathOf(resource, namespace));
  return objects.map((object) => resource.read(object)).filter((value) => value !== undefined);
}

async function orUnknown<T>(surrounding: Surrounding, read: () => Promise<T>): Promise<Known<T>> {
  try {
    return { isKnown: true, value: await read() };
  } catch (error) {
    if (!(error instanceof KubeStatusError)) throw error;
    return { isKnown: false, reason: `podgrace cannot read ${SURROUNDING_NAMES[surrounding]}: ${error.message}` };
  }
}
