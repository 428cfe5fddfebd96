/** From an object of a file or of the API to what rules may know of the objects that Pods name (`Inventory`). */
import { isObject, type JsonObject } from './json.ts';
import { asObject, asObjects, asText, metadataOf } from './json-reading.ts';
import { isLocalClaim } from './local-claim.ts';
import { amountsOf } from './surrounding-object.ts';
import type { InventoryName, NamedObject } from './surroundings.ts';
import { groupOf } from './workload.ts';

/**
 * Objects of well-known controllers that make a Secret, and where they name it; it has their own name otherwise. That of a SealedSecret
 * always has (`Unseal` in bitnami-labs/sealed-secrets), whatever its template says.
 */
const MAKERS_OF_SECRETS: ReadonlyMap<string, readonly string[]> = new Map([
  ['external-secrets.io/ExternalSecret', ['spec', 'target', 'name']],
  ['bitnami.com/SealedSecret', ['metadata', 'name']],
  ['cert-manager.io/Certificate', ['spec', 'secretName']],
]);

const KINDS: ReadonlyMap<string, InventoryName> = new Map([
  ['/ConfigMap', 'configMaps'],
  ['/Secret', 'secrets'],
  ['/PersistentVolumeClaim', 'claims'],
  ['/ServiceAccount', 'serviceAccounts'],
  ['scheduling.k8s.io/PriorityClass', 'priorityClasses'],
  ['node.k8s.io/RuntimeClass', 'runtimeClasses'],
  ['resource.k8s.io/ResourceClaim', 'resourceClaims'],
  ['resource.k8s.io/ResourceClaimTemplate', 'resourceClaimTemplates'],
]);

/**
 * @param isStored whether a cluster has it; what a file says of its state is dropped when it is created
 * @returns undefined for an object of any other kind, and for one without a name
 */
export function inventoryObjectOf(
  object: JsonObject,
  isStored = false,
): { readonly inventory: InventoryName; readonly value: NamedObject } | undefined {
  const { apiVersion, kind, metadata } = object;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isObject(metadata)) return undefined;
  const kindName = `${groupOf(apiVersion)}/${kind}`;
  const inventory = KINDS.get(kindName);
  const made = MAKERS_OF_SECRETS.get(kindName);
  if (made !== undefined) return secretMadeBy(object, made);
  const { name } = metadata;
  if (inventory === undefined || typeof name !== 'string') return undefined;
  return { inventory, value: { name, keys: keysOf(object), ...moreOf(inventory, object), ...(isStored && unusableOf(inventory, object)) } };
}

function moreOf(inventory: InventoryName, object: JsonObject): Partial<NamedObject> {
  switch (inventory) {
    case 'runtimeClasses':
      return { overhead: overheadOf(object) };
    case 'claims':
      return { ...modesOf(object), ...(isLocalClaim(object) && { isForTwoPods: true }) };
    default:
      return {};
  }
}

/** What the scheduler refuses (`podHasPVCs` in `volumebinding/volume_binding.go`, `foreachPodResourceClaim` in `dynamicresources.go`; the same in 1.36 and 1.37). */
function unusableOf(inventory: InventoryName, { metadata, status }: JsonObject): Pick<NamedObject, 'unusable'> {
  if (inventory !== 'claims' && inventory !== 'resourceClaims') return {};
  if (asObject(metadata)['deletionTimestamp'] != null) return { unusable: 'deleted' };
  return asObject(status)['phase'] === 'Lost' ? { unusable: 'lost' } : {};
}

/**
 * The claims that a StatefulSet makes, each once for all of its Pods: an autoscaler may add some (`getPersistentVolumeClaimName` in
 * `pkg/controller/statefulset/stateful_set_utils.go`).
 */
export function claimsMadeBy(object: JsonObject): readonly NamedObject[] {
  if (object['kind'] !== 'StatefulSet' || groupOf(asText(object['apiVersion'])) !== 'apps') return NOTHING;
  const set = asText(metadataOf(object)['name']);
  if (set === '') return NOTHING;
  return asObjects(asObject(object['spec'])['volumeClaimTemplates']).map((claim) => ({
    name: `${asText(metadataOf(claim)['name'])}-${set}-${ANY_NUMBER}`,
  }));
}

const NOTHING: readonly never[] = [];
/** No object has it in its name. */
const ANY_NUMBER = '*';

/** Whether it stands for objects whose names end with a number: the claims of a StatefulSet. */
export function standsForMany({ name }: NamedObject): boolean {
  return name.endsWith(ANY_NUMBER);
}

/** The one with that name, or the one that stands for it. */
export function objectNamed(name: string, objects: ReadonlyMap<string, NamedObject>): NamedObject | undefined {
  const numberAt = name.lastIndexOf('-') + 1;
  return objects.get(name) ?? (/^\d+$/.test(name.slice(numberAt)) ? objects.get(name.slice(0, numberAt) + ANY_NUMBER) : undefined);
}

/** Which keys it has, its controller knows. */
function secretMadeBy(maker: JsonObject, place: readonly string[]): ReturnType<typeof inventoryObjectOf> {
  let at: unknown = maker;
  for (const step of place) at = asObject(at)[step];
  const name = asText(at) || asText(metadataOf(maker)['name']);
  return name === '' ? undefined : { inventory: 'secrets', value: { name, keys: undefined } };
}

/** @returns undefined for a class without */
function overheadOf({ overhead }: JsonObject): NamedObject['overhead'] {
  return isObject(overhead) && isObject(overhead['podFixed']) ? amountsOf(overhead['podFixed']) : undefined;
}

function modesOf({ spec }: JsonObject): Pick<NamedObject, 'accessModes'> {
  const { accessModes } = asObject(spec);
  return Array.isArray(accessModes) && accessModes.length > 0 ? { accessModes: accessModes.map(asText) } : {};
}

/** The members that hold the data of a ConfigMap or a Secret. */
const DATA = ['data', 'binaryData', 'stringData'] as const;

/**
 * @returns undefined where nobody can tell: an object without data is there to be filled by somebody else unless it is immutable, and a token's keys come
 *   from a controller (`pkg/controller/serviceaccount/tokens_controller.go`)
 */
function keysOf(object: JsonObject): readonly string[] | undefined {
  if (object['type'] === 'kubernetes.io/service-account-token') return undefined;
  const keys = DATA.flatMap((member) => (isObject(object[member]) ? Object.keys(object[member]) : []));
  return keys.length === 0 && object['immutable'] !== true ? undefined : keys;
}

/** The same object in two places: a key counts that one of them has, and of all else the first counts. */
export function withKeysOfBoth({ keys, ...object }: NamedObject, other: NamedObject): NamedObject {
  return { ...object, keys: keys === undefined || other.keys === undefined ? undefined : [...new Set([...keys, ...other.keys])] };
}

/** Classes are of the cluster, whatever namespace their file has. */
export function isOfCluster(inventory: InventoryName): boolean {
  return inventory === 'priorityClasses' || inventory === 'runtimeClasses';
}
