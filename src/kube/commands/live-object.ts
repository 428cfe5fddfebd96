/** An object of the cluster by the name that kubectl takes: `pod/web`, `deploy/web`, `deployments.apps/web`. */
import type { JsonObject } from '../../core/json.ts';
import { metadataOf } from '../../core/json-reading.ts';
import type { OwnerName } from '../../admission/submission.ts';
import { controllerOf, BUILT_IN_KINDS, type WorkloadKind } from '../../core/workload.ts';
import type { KubeApi } from '../client/api.ts';
import { Discovery, pathOf, placeObject, UnknownKindError } from '../client/discovery.ts';

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
};

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
  const { group, kind } = known;
  const apiVersion = group === '' ? 'v1' : `${group}/v1`;
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

const KIND_NAMES = [...new Set(BUILT_IN_KINDS.map(({ kind }) => kind.toLowerCase()))];

function kindNamed(type: string): WorkloadKind | undefined {
  const [word = ''] = type.toLowerCase().split('.');
  const name = Object.hasOwn(SHORT_NAMES, word) ? SHORT_NAMES[word] : word;
  return BUILT_IN_KINDS.find(({ kind }) => kind.toLowerCase() === name || `${kind.toLowerCase()}s` === name);
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
