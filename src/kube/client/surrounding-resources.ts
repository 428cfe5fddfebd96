/** Where the objects are in the API that rules may know of, and what they are read as. */
import type { JsonObject } from '../../core/json.ts';
import { autoscalerFrom, budgetOf, limitRangeOf, namespaceOf, quotaOf, serviceOf } from '../../core/surrounding-object.ts';
import type { Surroundings, Surrounding } from '../../core/surroundings.ts';

/** What comes from the API; images come from registries. */
export type ApiSurrounding = Exclude<Surrounding, 'images'>;

type Element<T> = T extends readonly (infer E)[] ? E : T;

/** What one object of the kind is read as. */
export type ReadAs<S extends ApiSurrounding> = Element<Extract<Surroundings[S], { isKnown: true }>['value']>;

export interface SurroundingResource<T> {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** @returns undefined for what does not look like such an object */
  readonly read: (object: JsonObject) => T | undefined;
  /** Whether nothing but its metadata is read, so that nothing else has to be sent. */
  readonly isMetadataOnly?: boolean;
}

/** KEDA scales through a HorizontalPodAutoscaler of its own. */
export const SURROUNDING_RESOURCES: { readonly [S in ApiSurrounding]: SurroundingResource<ReadAs<S>> } = {
  services: { group: '', version: 'v1', plural: 'services', read: serviceOf },
  podDisruptionBudgets: { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets', read: budgetOf },
  autoscalers: { group: 'autoscaling', version: 'v2', plural: 'horizontalpodautoscalers', read: autoscalerFrom },
  resourceQuotas: { group: '', version: 'v1', plural: 'resourcequotas', read: quotaOf },
  limitRanges: { group: '', version: 'v1', plural: 'limitranges', read: limitRangeOf },
  namespace: { group: '', version: 'v1', plural: 'namespaces', read: namespaceOf, isMetadataOnly: true },
};

export const API_SURROUNDINGS = Object.keys(SURROUNDING_RESOURCES) as readonly ApiSurrounding[];

/** The path of all objects of the kind, or of those of one namespace: `/apis/policy/v1/namespaces/shop/poddisruptionbudgets`. */
export function collectionPathOf({ group, version, plural }: SurroundingResource<unknown>, namespace?: string): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}
