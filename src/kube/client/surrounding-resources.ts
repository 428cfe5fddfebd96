/** The API resources of the objects that rules may know of, and how each is read. */
import type { JsonObject } from '../../core/json.ts';
import { autoscalerAround, countedBudgetOf, limitRangeOf, namespaceOf, quotaOf, serviceOf } from '../../core/surrounding-object.ts';
import type { InventoryName, Surroundings, Surrounding } from '../../core/surroundings.ts';

/** What is read from the API and watched there; images come from registries, and workloads and what Pods name are known from files alone. */
export type ApiSurrounding = Exclude<Surrounding, 'images' | 'workloads' | 'workloadSettings' | InventoryName>;

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
}

/** KEDA scales through a HorizontalPodAutoscaler that it makes. */
export const SURROUNDING_RESOURCES: { readonly [S in ApiSurrounding]: SurroundingResource<ReadAs<S>> } = {
  services: { group: '', version: 'v1', plural: 'services', read: serviceOf },
  podDisruptionBudgets: { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets', read: countedBudgetOf },
  autoscalers: { group: 'autoscaling', version: 'v2', plural: 'horizontalpodautoscalers', read: autoscalerAround },
  resourceQuotas: { group: '', version: 'v1', plural: 'resourcequotas', read: quotaOf },
  limitRanges: { group: '', version: 'v1', plural: 'limitranges', read: limitRangeOf },
  namespace: { group: '', version: 'v1', plural: 'namespaces', read: namespaceOf },
};

/** The surroundings that an API server is asked about. */
export const API_SURROUNDINGS = Object.keys(SURROUNDING_RESOURCES) as readonly ApiSurrounding[];

/** The path of all objects of the kind, or of those of one namespace: `/apis/policy/v1/namespaces/shop/poddisruptionbudgets`. */
export function collectionPathOf({ group, version, plural }: SurroundingResource<unknown>, namespace?: string): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

/** A rule of a ClusterRole. */
export interface Right {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const VERBS = ['list', 'watch'];

/** What a server must be allowed to watch for these needs, and nothing else: one rule for each group of the API. */
export function rightsToWatch(needs: ReadonlySet<Surrounding>): Right[] {
  const resources = API_SURROUNDINGS.filter((surrounding) => needs.has(surrounding)).map(
    (surrounding) => SURROUNDING_RESOURCES[surrounding],
  );
  const byGroup = [...Map.groupBy(resources, ({ group }) => group)].sort(([a], [b]) => (a < b ? -1 : 1));
  return byGroup.map(([group, ofGroup]) => ({
    apiGroups: [group],
    resources: ofGroup.map(({ plural }) => plural).sort(),
    verbs: VERBS,
  }));
}

/** Whether a rule of a ClusterRole is one of `rightsToWatch`. */
export function isRightToWatch({ verbs }: JsonObject): boolean {
  return Array.isArray(verbs) && verbs.length === VERBS.length && VERBS.every((verb) => verbs.includes(verb));
}
