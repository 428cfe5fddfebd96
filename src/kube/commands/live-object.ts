/** An object of the cluster by the name that kubectl takes: `pod/web`, `deploy/web`, `deployments.apps/web`. */
import type { JsonObject } from '../../core/json.ts';
import { metadataOf } from '../../core/json-reading.ts';
import type { OwnerName } from '../../admission/submission.ts';
import { controllerOf, BUILT_IN_KINDS } from '../../core/workload.ts';
import type { KubeApi } from '../client/api.ts';
import { Discovery, pathOf, placeObject, UnknownKindError } from '../client/discovery.ts';
import { SURROUNDING_RESOURCES } from '../client/surrounding-resources.ts';

export interface LiveObject {
  readonly object: JsonObject;
  /** Its controller, where that was found in the cluster. */
  readonly owners: readonly OwnerName[];
}

/** The short names of `kubectl api-resources`. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  po: 'pod',
  deploy: 'deployment',
  sts: 'statefulset',
  ds: 'daemonset',
  rs: 'replicaset',
  rc: 'replicationcontroller',
  cj: 'cronjob',
  svc: 'service',
  pdb: 'poddisruptionbudget',
  hpa: 'horizontalpodautoscaler',
  so: 'scaledobject',
  quota: 'resourcequota',
  limits: 'limitrange',
};

interface NamedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const { services, podDisruptionBudgets, autoscalers, resourceQuotas, limitRanges } = SURROUNDING_RESOURCES;

/** The kinds that concern the Pods of others. */
const KINDS_AROUND: readonly NamedKind[] = [
  { ...services, kind: 'Service' },
  { ...podDisruptionBudgets, kind: 'PodDisruptionBudget' },
  { ...autoscalers, kind: 'HorizontalPodAutoscaler' },
  { group: 'keda.sh', version: 'v1alpha1', kind: 'ScaledObject' },
  { ...resourceQuotas, kind: 'ResourceQuota' },
  { ...limitRanges, kind: 'LimitRange' },
];

const NAMED_KINDS: readonly NamedKind[] = [...BUILT_IN_KINDS.map(({ group, kind }) => ({ group, version: 'v1', kind })), ...KINDS_AROUND];

/** `pod/web`, as kubectl takes it; rules and fields have no slash. */
export function isObjectName(word: string): boolean {
  return /^[^/]+\/[^/]+$/.test(word);
}

/**
 * @returns the object, or why there is none
 * @throws {KubeStatusError | KubeUnreachableError} as the API server refuses
 */
export async function findLiveObject(api: KubeApi, word: string, namespace: string): Promise<LiveObject | string> {
  const [type = '', name = ''] = word.split('/');
  const known = kindNamed(type);
  if (known === undefined) return `${type} must be one of ${KIND_NAMES.join(', ')}`;
  const { group, version, kind } = known;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const discovery = new Discovery(api);
  const object = await find(api, discovery, { apiVersion, kind, name }, namespace);
  if (object === undefined) return `the namespace ${namespace} has no ${kind} ${name}`;
  const owner = controllerOf(metadataOf(object));
  return { object, owners: owner !== undefined && (await isThere(api, discovery, owner, namespace)) ? [owner] : [] };
}

/** Whether a word is the name of a kind, as kubectl takes it: `deploy`. */
export function isKindName(word: string): boolean {
  return kindNamed(word) !== undefined;
}

/** Whether objects of a kind, named as kubectl takes it, have no Pods of their own and concern those of others: `pdb/web`. */
export function concernsOthers(word: string): boolean {
  const known = kindNamed(word.split('/')[0] ?? '');
  return known !== undefined && KINDS_AROUND.includes(known);
}

const KIND_NAMES = [...new Set(NAMED_KINDS.map(({ kind }) => kind.toLowerCase()))];

function kindNamed(type: string): NamedKind | undefined {
  const [word = ''] = type.toLowerCase().split('.');
  const name = Object.hasOwn(SHORT_NAMES, word) ? SHORT_NAMES[word] : word;
  return NAMED_KINDS.find(({ kind }) => kind.toLowerCase() === name || `${kind.toLowerCase()}s` === name);
}

/** An owner of a kind that the cluster does not serve any more is not there. */
async function isThere(api: KubeApi, discovery: Discovery, owner: OwnerName, namespace: string): Promise<boolean> {
  try {
    return (await find(api, discovery, owner, namespace)) !== undefined;
  } catch (error) {
    if (error instanceof UnknownKindError) return false;
    throw error;
  }
}

/** The object of the cluster that a manifest would change; undefined where it would be new. */
export async function findByName(
  api: KubeApi,
  discovery: Discovery,
  object: JsonObject,
  namespace: string,
): Promise<JsonObject | undefined> {
  const placed = await placeObject(discovery, object, namespace);
  return placed.name === '' ? undefined : api.find(pathOf(placed));
}

async function find(api: KubeApi, discovery: Discovery, object: OwnerName, namespace: string): Promise<JsonObject | undefined> {
  const { apiVersion, kind, name } = object;
  return findByName(api, discovery, { apiVersion, kind, metadata: { name } }, namespace);
}
