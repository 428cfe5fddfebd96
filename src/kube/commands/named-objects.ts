/**
 * The objects that Pods name, asked for one by one with the rights of whoever runs the command: no list of all Secrets is read, and
 * what the API says is not there is missing (docs/adr/0049).
 */
import type { JsonObject } from '../../core/json.ts';
import { asObject } from '../../core/json-reading.ts';
import { inventoryObjectOf, isOfCluster } from '../../core/inventory-object.ts';
import { isLocalClass, isVolumeOfTwoPods } from '../../core/local-claim.ts';
import type { PodReference } from '../../core/pod-references.ts';
import {
  INVENTORIES,
  SURROUNDING_NAMES,
  type Inventory,
  type InventoryName,
  type Known,
  type NamedObject,
} from '../../core/surroundings.ts';
import { KubeStatusError, type KubeApi } from '../client/api.ts';

interface NamedResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

const RESOURCES: Readonly<Record<InventoryName, NamedResource>> = {
  configMaps: { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' },
  secrets: { apiVersion: 'v1', kind: 'Secret', plural: 'secrets' },
  claims: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims' },
  serviceAccounts: { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts' },
  priorityClasses: { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', plural: 'priorityclasses' },
  runtimeClasses: { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', plural: 'runtimeclasses' },
  resourceClaims: { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', plural: 'resourceclaims' },
  resourceClaimTemplates: { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaimTemplate', plural: 'resourceclaimtemplates' },
};

/** Asks for each object once. */
export class NamedObjects {
  readonly #api: Pick<KubeApi, 'find'>;
  readonly #found = new Map<string, NamedObject | undefined>();
  /** Why objects of a kind in a namespace may not be read. */
  readonly #refused = new Map<string, string>();

  constructor(api: Pick<KubeApi, 'find'>) {
    this.#api = api;
  }

  /**
   * @returns for each kind that is named: which of the names are there, and no others; unknown, with the API server's words, where it
   *   refuses to say so of one of them
   * @throws {KubeUnreachableError} where nothing answers
   */
  async among(namespace: string, references: readonly PodReference[]): Promise<Partial<Record<InventoryName, Known<Inventory>>>> {
    const known: Partial<Record<InventoryName, Known<Inventory>>> = {};
    for (const inventory of INVENTORIES) {
      const names = new Set(references.flatMap(({ to, name }) => (to === inventory ? [name] : [])));
      if (names.size > 0) known[inventory] = await this.#inventoryOf(inventory, isOfCluster(inventory) ? '' : namespace, names);
    }
    return known;
  }

  async #inventoryOf(inventory: InventoryName, namespace: string, names: ReadonlySet<string>): Promise<Known<Inventory>> {
    const place = `${inventory}/${namespace}`;
    const objects: NamedObject[] = [];
    try {
      for (const name of names) {
        const refusal = this.#refused.get(place);
        if (refusal !== undefined) return { isKnown: false, reason: refusal };
        const object = await this.#find(inventory, namespace, name);
        if (object !== undefined) objects.push(object);
      }
    } catch (error) {
      if (!(error instanceof KubeStatusError)) throw error;
      const reason = `podgrace cannot read ${SURROUNDING_NAMES[inventory]}: ${error.message}`;
      this.#refused.set(place, reason);
      return { isKnown: false, reason };
    }
    return { isKnown: true, value: { isComplete: true, objects } };
  }

  async #find(inventory: InventoryName, namespace: string, name: string): Promise<NamedObject | undefined> {
    // No object has such a name, and the path would be another one.
    if (!OBJECT_NAME.test(name)) return undefined;
    const { apiVersion, kind, plural } = RESOURCES[inventory];
    const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
    const path = `${root}${namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`}/${plural}/${name}`;
    if (!this.#found.has(path)) {
      const object = await this.#api.find(path);
      // Of a Secret the names of its keys are kept, and no value.
      const value = object && inventoryObjectOf({ ...object, apiVersion, kind }, true)?.value;
      const asksVolume = inventory === 'claims' && object !== undefined && value?.isForTwoPods === undefined;
      const isForTwoPods = asksVolume && (await this.#isForTwoPods(object));
      this.#found.set(path, value && isForTwoPods ? { ...value, isForTwoPods } : value);
    }
    return this.#found.get(path);
  }

  /** Volumes and classes are of the cluster: few may read them, and without that right the claim alone decides. */
  async #isForTwoPods(claim: JsonObject): Promise<boolean> {
    const volume = volumeOf(claim);
    if (volume === undefined) return false;
    try {
      const object = await this.#api.find(volume.path);
      return object !== undefined && volume.isForTwoPods(object);
    } catch (error) {
      if (error instanceof KubeStatusError) return false;
      throw error;
    }
  }
}

interface VolumeOfClaim {
  readonly path: string;
  readonly isForTwoPods: (object: JsonObject) => boolean;
}

/** What says more of a claim than itself: its volume, or its class while it has none. */
function volumeOf(claim: JsonObject): VolumeOfClaim | undefined {
  const { volumeName, storageClassName } = asObject(claim['spec']);
  if (typeof volumeName === 'string' && OBJECT_NAME.test(volumeName))
    return { path: `/api/v1/persistentvolumes/${volumeName}`, isForTwoPods: isVolumeOfTwoPods };
  if (typeof storageClassName !== 'string' || !OBJECT_NAME.test(storageClassName)) return undefined;
  return { path: `/apis/storage.k8s.io/v1/storageclasses/${storageClassName}`, isForTwoPods: isLocalClass };
}

/** The characters of a name in DNS, which names of all these kinds are (`IsDNS1123Subdomain`). */
const OBJECT_NAME = /^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/;
