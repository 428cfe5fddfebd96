/** Finds the path of each kind in the API. The API server is asked once for each group. */
import type { JsonObject } from '../../core/json.ts';
import { asObjects, asText, metadataOf } from '../../core/json-reading.ts';
import { groupOf } from '../../core/workload.ts';
import { KubeStatusError, type KubeApi } from './api.ts';

export interface ApiResource {
  /** The plural that paths have: `deployments`. */
  readonly plural: string;
  readonly isNamespaced: boolean;
}

/** An object whose kind the API server does not serve, or one without a kind, or a name. */
export class UnknownKindError extends Error {
  override readonly name = 'UnknownKindError';
}

export class Discovery {
  readonly #api: KubeApi;
  readonly #groups = new Map<string, Promise<ReadonlyMap<string, ApiResource>>>();

  constructor(api: KubeApi) {
    this.#api = api;
  }

  /** @throws {UnknownKindError} where the API server serves no such kind */
  async resourceOf(apiVersion: string, kind: string): Promise<ApiResource> {
    const group = this.#groups.get(apiVersion) ?? this.#load(apiVersion);
    this.#groups.set(apiVersion, group);
    const resource = (await group).get(kind);
    if (resource === undefined)
      throw new UnknownKindError(
        `the cluster serves no ${kind} of ${apiVersion}; is its CustomResourceDefinition installed, or the API version too old or too new?`,
      );
    return resource;
  }

  async #load(apiVersion: string): Promise<ReadonlyMap<string, ApiResource>> {
    try {
      const { body } = await this.#api.request({ method: 'GET', path: rootOf(apiVersion) });
      const resources = asObjects(body['resources']);
      return new Map(
        resources
          .filter(({ name }) => typeof name === 'string' && !name.includes('/'))
          .map(({ name, kind, namespaced }) => [String(kind), { plural: String(name), isNamespaced: namespaced === true }]),
      );
    } catch (error) {
      if (error instanceof KubeStatusError && error.code === 404) return new Map();
      throw error;
    }
  }
}

function rootOf(apiVersion: string): string {
  return groupOf(apiVersion) === '' ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
}

/** An object with the place that it has in the API. */
export interface PlacedObject {
  readonly object: JsonObject;
  readonly apiVersion: string;
  readonly kind: string;
  /** '' where the object leaves it to the API server (`generateName`). */
  readonly name: string;
  /** '' for an object of the whole cluster. */
  readonly namespace: string;
  /** Of its kind, in its namespace. */
  readonly collectionPath: string;
}

/**
 * @param defaultNamespace for objects that name none
 * @throws {UnknownKindError}
 */
export async function placeObject(discovery: Discovery, object: JsonObject, defaultNamespace: string): Promise<PlacedObject> {
  const { apiVersion, kind } = object;
  const metadata = metadataOf(object);
  if (typeof apiVersion !== 'string' || apiVersion === '') throw new UnknownKindError('apiVersion must be set');
  if (typeof kind !== 'string' || kind === '') throw new UnknownKindError('kind must be set');
  const { plural, isNamespaced } = await discovery.resourceOf(apiVersion, kind);
  const namespace = isNamespaced ? asText(metadata['namespace']) || defaultNamespace : '';
  const root = rootOf(apiVersion);
  const collectionPath = isNamespaced ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}` : `${root}/${plural}`;
  return { object, apiVersion, kind, name: asText(metadata['name']), namespace, collectionPath };
}

/** The path of an object on the API server. */
export function pathOf({ collectionPath, name }: PlacedObject): string {
  return `${collectionPath}/${encodeURIComponent(name)}`;
}

/** `Deployment podgrace-system/podgrace`. */
export function titleOf({ kind, namespace, name }: Pick<PlacedObject, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}
