/**
 * What stands around a workload in the files of a run: Services, PodDisruptionBudgets and autoscalers of its namespace, in its
 * folder. A folder that has one of them is taken for the whole of an application: what it does not have is not there. Of any other
 * folder nothing is known. The ConfigMaps, Secrets and other objects that Pods name are known where they are there, and nobody takes
 * them for all (docs/adr/0049). Of the other workloads of the folder, the literal values of their variables are known (docs/adr/0051).
 */
import { dirname } from 'node:path';
import { companionKindOf } from '../core/companion.ts';
import { DistinctKeys } from '../core/distinct-keys.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { Policy } from '../core/policy.ts';
import { knownWorkloadsOf } from '../core/known-workload.ts';
import { inOrderOfNames } from '../core/in-order-of-names.ts';
import { entryOf } from '../core/map-entry.ts';
import { typeOf } from '../core/subject.ts';
import { groupOf } from '../core/workload.ts';
import { claimsMadeBy, inventoryObjectOf, isOfCluster, standsForMany, withKeysOfBoth } from '../core/inventory-object.ts';
import { surroundingObjectOf, type SurroundingObject } from '../core/surrounding-object.ts';
import {
  INVENTORIES,
  keyOfSurrounding,
  NOTHING_KNOWN,
  type Autoscaler,
  type InventoryName,
  type Known,
  type KnownWorkload,
  type NamedObject,
  type Inventory,
  type LimitRange,
  type PodDisruptionBudget,
  type ResourceQuota,
  type Service,
  type Surroundings,
  type WorkloadSettings,
} from '../core/surroundings.ts';
import { isRenderedByHelm, workloadSettingsOf } from '../core/workload-settings.ts';
import { isKustomization } from './kustomization.ts';
import { isOwnKind } from './own-kinds.ts';

/** Whether a file may hold one of the objects that count; quick to ask. */
export function mayHoldSurroundings(file: string, text: string): boolean {
  return isKustomization(file) || COUNTING_KIND.test(text);
}

/** Whether a file may hold a workload with variables; quick to ask. */
export function mayHoldSettings(text: string): boolean {
  return /\benv\b/.test(text) && /\bvalue\b/.test(text);
}

const COUNTING_KIND =
  /\b(?:Service|PodDisruptionBudget|HorizontalPodAutoscaler|ScaledObject|LimitRange|ResourceQuota|ConfigMap|(?:External|Sealed)?Secret|Certificate|PersistentVolumeClaim|ServiceAccount|PriorityClass|RuntimeClass|ResourceClaim(?:Template)?)(?:List)?\b|\bvolumeClaimTemplates\b/;

/** By name, autoscalers also by kind: of two files with the same object, one for each environment, the last one counts. */
interface Around {
  readonly services: Map<string, Service>;
  readonly budgets: Map<string, PodDisruptionBudget>;
  readonly autoscalers: Map<string, Autoscaler>;
}

interface Limits {
  readonly limitRanges: Map<string, LimitRange>;
  readonly resourceQuotas: Map<string, ResourceQuota>;
}

type NamespaceLimit = Extract<SurroundingObject, { readonly surrounding: keyof Limits }>;

function knownOf(limits: Limits | undefined): Partial<Surroundings> {
  const known: { -readonly [S in keyof Limits]?: Surroundings[S] } = {};
  if (limits === undefined) return known;
  const { limitRanges, resourceQuotas } = limits;
  if (limitRanges.size > 0) known.limitRanges = { isKnown: true, value: inOrderOfNames(limitRanges) };
  if (resourceQuotas.size > 0) known.resourceQuotas = { isKnown: true, value: inOrderOfNames(resourceQuotas) };
  return known;
}

/** Collects what the files hold, then answers for each workload. */
export class SurroundingsOfFiles {
  readonly #places = new Map<string, Around>();
  /** What was answered since the last addition, by place. */
  readonly #surroundings = new Map<string, Surroundings>();
  readonly #inventories = new Map<string, Map<InventoryName, Map<string, NamedObject>>>();
  readonly #settings = new Map<string, Map<string, WorkloadSettings>>();
  /** Of a place, one list for all its workloads. */
  readonly #settingsLists = new Map<string, readonly WorkloadSettings[]>();
  /** Folders that kustomize renders: what it makes of their objects, and what it adds, the files do not tell. */
  readonly #kustomized = new Set<string>();
  readonly #limits = new Map<string, Limits>();
  /** Folders with budgets and autoscalers, which are judged by the workloads, or with a Service, behind which several may stand. */
  readonly #wantingWorkloads = new Set<string>();
  readonly #workloads = new Map<string, Map<string, KnownWorkload>>();
  /** Folders with objects of kinds that somebody else may make Pods of. */
  readonly #withForeignKinds = new Set<string>();
  readonly #rendered = new Set<string>();
  readonly #keys = new DistinctKeys();

  /**
   * @param value what a document holds, of any kind; what does not look like an object that counts is left out
   * @param defaultNamespace for an object that names none
   */
  add(file: string, value: unknown, defaultNamespace: string): void {
    this.#surroundings.clear();
    if (isKustomization(file)) this.#kustomized.add(dirname(file));
    if (!isObject(value)) return;
    const named = inventoryObjectOf(value);
    if (named !== undefined) {
      const place = isOfCluster(named.inventory) ? dirname(file) : placeOf(file, value, defaultNamespace);
      this.#addNamed(named.inventory, named.value, place);
    }
    for (const claim of claimsMadeBy(value)) this.#addNamed('claims', claim, placeOf(file, value, defaultNamespace));
    const { apiVersion, kind } = typeOf(value);
    if (companionKindOf(groupOf(apiVersion), kind) !== undefined) this.#wantingWorkloads.add(dirname(file));
    const settings = workloadSettingsOf(value);
    if (settings !== undefined) this.#addSettings(settings, placeOf(file, value, defaultNamespace));
    const found = surroundingObjectOf(value);
    if (found === undefined) return;
    const place = placeOf(file, value, defaultNamespace);
    if (found.surrounding === 'limitRanges' || found.surrounding === 'resourceQuotas') {
      this.#addLimit(found, place, value);
      return;
    }
    const around = this.#around(place);
    switch (found.surrounding) {
      case 'services':
        around.services.set(this.#keys.keyOf(value, found.value.name), found.value);
        this.#wantingWorkloads.add(dirname(file));
        break;
      case 'podDisruptionBudgets':
        around.budgets.set(this.#keys.keyOf(value, found.value.name), found.value);
        break;
      case 'autoscalers':
        around.autoscalers.set(this.#keys.keyOf(value, keyOfSurrounding(found.value)), found.value);
        break;
    }
  }

  /** Whether the workloads of a file are worth a look: budgets, autoscalers or Services stand in its folder. */
  wantsWorkloadsOf(file: string): boolean {
    return this.#wantingWorkloads.has(dirname(file)) && !this.#kustomized.has(dirname(file));
  }

  get wantsWorkloads(): boolean {
    return this.#wantingWorkloads.size > 0;
  }

  /** After everything was added: what a document holds, where it is a workload. */
  addWorkload(
    file: string,
    value: unknown,
    defaultNamespace: string,
    { kinds, kubernetesMinor }: Pick<Policy, 'kinds' | 'kubernetesMinor'>,
  ): void {
    if (!isObject(value) || !this.wantsWorkloadsOf(file)) return;
    this.#surroundings.clear();
    const { apiVersion, kind } = typeOf(value);
    if (apiVersion === '' || kind === '') return;
    if (kinds.templates(apiVersion, kind).length === 0) {
      const isForeign = !isOwnKind(groupOf(apiVersion), kind) && companionKindOf(groupOf(apiVersion), kind) === undefined;
      if (isForeign) this.#withForeignKinds.add(dirname(file));
      return;
    }
    const workloads = knownWorkloadsOf(value, kinds, kubernetesMinor);
    if (workloads === undefined) {
      this.#withForeignKinds.add(dirname(file));
      return;
    }
    const ofPlace = entryOf(this.#workloads, placeOf(file, value, defaultNamespace), () => new Map());
    for (const [index, workload] of workloads.entries())
      ofPlace.set(this.#keys.keyOf(value, `${kind}/${workload.name}/${index}`), workload);
  }

  /** A tool has rendered what is in the folder of a file: what stands in several of its objects may come from one value. */
  addRendered(file: string): void {
    this.#surroundings.clear();
    this.#rendered.add(dirname(file));
  }

  /** What is known around an object of a file. */
  around(file: string, value: unknown, defaultNamespace: string): Surroundings {
    const place = placeOf(file, value, defaultNamespace);
    const surroundings = entryOf(this.#surroundings, place, () => this.#collect(place, dirname(file)));
    if (!isObject(value) || !isRenderedByHelm(value)) return surroundings;
    return { ...surroundings, workloadSettings: { isKnown: true, value: NO_SETTINGS } };
  }

  #collect(place: string, folder: string): Surroundings {
    const around = this.#places.get(place);
    const inventories = this.#inventoriesAround(place, folder);
    const settings = this.#settingsAround(place, folder);
    const limits = this.#limits.get(place);
    const named = {
      ...NOTHING_KNOWN,
      ...inventories,
      ...knownOf(limits),
      ...(settings !== undefined && { workloadSettings: { isKnown: true as const, value: settings } }),
    };
    const isNothing = inventories === undefined && settings === undefined && limits === undefined;
    if (around === undefined) return isNothing ? NOTHING_KNOWN : named;
    const { services, budgets, autoscalers } = around;
    const workloads = this.#workloads.get(place);
    const isComplete = !this.#withForeignKinds.has(folder);
    return {
      ...named,
      services: { isKnown: true, value: inOrderOfNames(services) },
      podDisruptionBudgets: { isKnown: true, value: inOrderOfNames(budgets) },
      autoscalers: { isKnown: true, value: inOrderOfNames(autoscalers) },
      // A folder without workloads is no whole application.
      ...(workloads !== undefined && { workloads: { isKnown: true, value: { isComplete, workloads: inOrderOfNames(workloads) } } }),
    };
  }

  #addSettings(settings: WorkloadSettings, place: string): void {
    entryOf(this.#settings, place, () => new Map()).set(`${settings.kind}/${settings.name}`, settings);
    this.#settingsLists.delete(place);
  }

  /**
   * The settings of the workloads in a folder. Where a tool renders the folder, its values are patched or come from one place, so they are
   * not compared.
   *
   * @returns undefined if no file has any; an empty list for a folder that a tool renders
   */
  #settingsAround(place: string, folder: string): readonly WorkloadSettings[] | undefined {
    const settings = this.#settings.get(place);
    if (this.#kustomized.has(folder) || this.#rendered.has(folder)) return NO_SETTINGS;
    if (settings === undefined) return undefined;
    return entryOf(this.#settingsLists, place, () => inOrderOfNames(settings));
  }

  /** What a namespace limits mostly stands elsewhere: where it is here it counts, and where it is not nobody knows. */
  #addLimit(found: NamespaceLimit, place: string, object: JsonObject): void {
    const limits = entryOf(this.#limits, place, () => ({ limitRanges: new Map(), resourceQuotas: new Map() }));
    if (found.surrounding === 'limitRanges') limits.limitRanges.set(this.#keys.keyOf(object, found.value.name), found.value);
    else limits.resourceQuotas.set(this.#keys.keyOf(object, found.value.name), found.value);
  }

  #addNamed(inventory: InventoryName, object: NamedObject, place: string): void {
    const ofPlace = entryOf(this.#inventories, place, () => new Map<InventoryName, Map<string, NamedObject>>());
    const objects = entryOf(ofPlace, inventory, () => new Map<string, NamedObject>());
    const other = objects.get(object.name);
    // Two files with an object of one name are two environments: a key counts that one of them has.
    objects.set(object.name, other === undefined ? object : withKeysOfBoth(object, other));
  }

  /** @returns undefined where the folder has none of these objects, or is one that kustomize renders */
  #inventoriesAround(place: string, folder: string): Partial<Record<InventoryName, Known<Inventory>>> | undefined {
    if (this.#inventories.size === 0 || this.#kustomized.has(folder)) return undefined;
    const found: Partial<Record<InventoryName, Known<Inventory>>> = {};
    let hasAny = false;
    for (const inventory of INVENTORIES) {
      const objects = this.#inventories.get(isOfCluster(inventory) ? folder : place)?.get(inventory);
      hasAny ||= [...(objects?.values() ?? [])].some((object) => !standsForMany(object));
      found[inventory] = { isKnown: true, value: { isComplete: false, objects: [...(objects?.values() ?? [])] } };
    }
    return hasAny ? found : undefined;
  }

  #around(place: string): Around {
    return entryOf(this.#places, place, () => ({ services: new Map(), budgets: new Map(), autoscalers: new Map() }));
  }
}

const NO_SETTINGS: readonly WorkloadSettings[] = [];

/** A namespace in a folder; no name of a namespace has a slash. */
function placeOf(file: string, value: unknown, defaultNamespace: string): string {
  const metadata = isObject(value) ? value['metadata'] : undefined;
  const namespace = isObject(metadata) && typeof metadata['namespace'] === 'string' ? metadata['namespace'] : '';
  return `${dirname(file)}/${namespace || defaultNamespace}`;
}
