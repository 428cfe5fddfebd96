/**
 * The objects around the workloads of one namespace, read from the API once. Commands use this, because they end before
 * the objects change.
 */
import type { Known, Surrounding, Surroundings } from '../../core/surroundings.ts';
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

/**
 * @param needs what is asked for; the rest stays unknown
 * @returns unknown, with the API server's words, what the user may not read
 * @throws {KubeUnreachableError} where nothing answers
 */
export async function readSurroundings(
  api: Pick<KubeApi, 'list' | 'request'>,
  namespace: string,
  needs: ReadonlySet<Surrounding>,
): Promise<Surroundings> {
  const wanted = API_SURROUNDINGS.filter((surrounding) => needs.has(surrounding));
  const known = await Promise.all(
    wanted.map(async (surrounding) => [surrounding, await orUnknown(surrounding, () => readOne(api, namespace, surrounding))] as const),
  );
  return { ...NOTHING_KNOWN, ...Object.fromEntries(known) };
}

/** Reads each namespace once, when it is first asked for. */
export class SurroundingsOfNamespaces {
  readonly #api: Pick<KubeApi, 'list' | 'request'>;
  readonly #needs: ReadonlySet<Surrounding>;
  readonly #onUnknown: (reason: string) => void;
  readonly #known = new Map<string, Promise<Surroundings>>();

  /**
   * @param needs what is read; the rest stays unknown
   * @param onUnknown told once about each thing that may not be read
   */
  constructor(api: Pick<KubeApi, 'list' | 'request'>, needs: ReadonlySet<Surrounding>, onUnknown: (reason: string) => void) {
    this.#api = api;
    this.#needs = needs;
    this.#onUnknown = onUnknown;
  }

  /** @throws {KubeUnreachableError} where nothing answers */
  around(namespace: string): Promise<Surroundings> {
    let known = this.#known.get(namespace);
    if (known === undefined) this.#known.set(namespace, (known = this.#read(namespace)));
    return known;
  }

  async #read(namespace: string): Promise<Surroundings> {
    const surroundings = await readSurroundings(this.#api, namespace, this.#needs);
    for (const surrounding of API_SURROUNDINGS) {
      const known = surroundings[surrounding];
      if (this.#needs.has(surrounding) && !known.isKnown) this.#onUnknown(known.reason);
    }
    return surroundings;
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

async function orUnknown(surrounding: ApiSurrounding, read: () => Promise<unknown>): Promise<Known<unknown>> {
  try {
    return { isKnown: true, value: await read() };
  } catch (error) {
    if (!(error instanceof KubeStatusError)) throw error;
    return { isKnown: false, reason: `podgrace cannot read ${SURROUNDING_NAMES[surrounding]}: ${error.message}` };
  }
}
