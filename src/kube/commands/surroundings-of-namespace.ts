/** What stands around the workloads of one namespace, asked of the API once: for commands, which end before it changes. */
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
