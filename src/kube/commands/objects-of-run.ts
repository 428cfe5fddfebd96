/**
 * What the files of one run of `dry-run` hold, laid over what the API has: a dry run stores nothing, so a budget would not find the
 * workload that stands beside it.
 */
import { companionKindOf } from '../../core/companion.ts';
import { claimsMadeBy, inventoryObjectOf, isOfCluster, withKeysOfBoth } from '../../core/inventory-object.ts';
import { DistinctKeys } from '../../core/distinct-keys.ts';
import { inOrderOfNames } from '../../core/in-order-of-names.ts';
import { isObject } from '../../core/json.ts';
import { knownWorkloadsOf } from '../../core/known-workload.ts';
import { entryOf } from '../../core/map-entry.ts';
import { typeOf } from '../../core/subject.ts';
import { surroundingObjectOf, type SurroundingObject } from '../../core/surrounding-object.ts';
import {
  INVENTORIES,
  keyOfSurrounding,
  type Inventory,
  type InventoryName,
  type Known,
  type KnownWorkload,
  type NamedObject,
  type Surroundings,
} from '../../core/surroundings.ts';
import type { Policy } from '../../core/policy.ts';
import { groupOf } from '../../core/workload.ts';
import { isOwnKind } from '../../offline/own-kinds.ts';

/** What a namespace limits is left out: the API server goes by what it has stored. */
const LAID_OVER = ['services', 'podDisruptionBudgets', 'autoscalers'] as const;
type LaidOver = (typeof LAID_OVER)[number];

interface OfNamespace {
  readonly around: Map<LaidOver, Map<string, SurroundingObject['value']>>;
  readonly inventories: Map<InventoryName, Map<string, NamedObject>>;
  readonly workloads: Map<string, KnownWorkload>;
  /** Whether somebody may make Pods of objects that podgrace does not know. */
  hasForeignKinds: boolean;
}

export class ObjectsOfRun {
  readonly #namespaces = new Map<string, OfNamespace>();
  readonly #keys = new DistinctKeys();
  readonly #policy: Policy;
  readonly #defaultNamespace: string;

  /** @param defaultNamespace for an object that names none */
  constructor(policy: Policy, defaultNamespace: string) {
    this.#policy = policy;
    this.#defaultNamespace = defaultNamespace;
  }

  /** @param value what a document holds; what is no object that counts is left out */
  add(value: unknown): void {
    if (!isObject(value)) return;
    const of = this.#of(this.#namespaceOf(value));
    const around = surroundingObjectOf(value);
    if (around !== undefined && isLaidOver(around))
      entryOf(of.around, around.surrounding, () => new Map()).set(this.#keys.keyOf(value, keyOfSurrounding(around.value)), around.value);
    const named = inventoryObjectOf(value);
    if (named !== undefined) {
      const { inventories } = isOfCluster(named.inventory) ? this.#of('') : of;
      entryOf(inventories, named.inventory, () => new Map()).set(named.value.name, named.value);
    }
    for (const claim of claimsMadeBy(value)) entryOf(of.inventories, 'claims', () => new Map()).set(claim.name, claim);
    this.#addWorkload(value, of);
  }

  /** What will be around the objects of a namespace once everything has been applied. */
  over(namespace: string, surroundings: Surroundings): Surroundings {
    const of = this.#namespaces.get(namespace);
    const over: Partial<Record<LaidOver | InventoryName, Known<unknown>>> = {};
    for (const surrounding of LAID_OVER) {
      const ofRun = of?.around.get(surrounding);
      const known = surroundings[surrounding];
      if (ofRun === undefined || !known.isKnown) continue;
      const byName = new Map<string, unknown>(known.value.map((live) => [keyOfSurrounding(live), live]));
      for (const [name, object] of ofRun) byName.set(name, object);
      over[surrounding] = { isKnown: true, value: inOrderOfNames(byName) };
    }
    for (const inventory of INVENTORIES) {
      const ofRun = this.#namespaces.get(isOfCluster(inventory) ? '' : namespace)?.inventories.get(inventory);
      const known = surroundings[inventory];
      if (ofRun !== undefined && known.isKnown) over[inventory] = { isKnown: true, value: inventoryWith(ofRun, known.value) };
    }
    return { ...surroundings, ...(over as Partial<Surroundings>), ...(of !== undefined && workloadsOver(of, surroundings)) };
  }

  /** Whether an object that Pods may name is among the files. */
  creates(inventory: InventoryName, name: string, namespace: string): boolean {
    return (
      this.#namespaces
        .get(isOfCluster(inventory) ? '' : namespace)
        ?.inventories.get(inventory)
        ?.has(name) === true
    );
  }

  #addWorkload(value: Record<string, unknown>, of: OfNamespace): void {
    const { kinds, kubernetesMinor } = this.#policy;
    const { apiVersion, kind } = typeOf(value);
    if (apiVersion === '' || kind === '') return;
    const group = groupOf(apiVersion);
    if (kinds.templates(apiVersion, kind).length === 0) {
      of.hasForeignKinds ||= !isOwnKind(group, kind) && companionKindOf(group, kind) === undefined;
      return;
    }
    const workloads = knownWorkloadsOf(value, kinds, kubernetesMinor);
    of.hasForeignKinds ||= workloads === undefined;
    for (const [index, workload] of (workloads ?? []).entries())
      of.workloads.set(this.#keys.keyOf(value, `${keyOf(workload)}/${index}`), workload);
  }

  #namespaceOf({ metadata }: Record<string, unknown>): string {
    const namespace = isObject(metadata) ? metadata['namespace'] : undefined;
    return typeof namespace === 'string' && namespace !== '' ? namespace : this.#defaultNamespace;
  }

  #of(namespace: string): OfNamespace {
    return entryOf(this.#namespaces, namespace, () => ({
      around: new Map(),
      inventories: new Map(),
      workloads: new Map(),
      hasForeignKinds: false,
    }));
  }
}

function isLaidOver(found: SurroundingObject): found is Extract<SurroundingObject, { readonly surrounding: LaidOver }> {
  return (LAID_OVER as readonly string[]).includes(found.surrounding);
}

function workloadsOver({ workloads, hasForeignKinds }: OfNamespace, surroundings: Surroundings): Pick<Surroundings, 'workloads'> {
  const known = surroundings.workloads;
  if (!known.isKnown) return { workloads: known };
  const keys = new Set([...workloads.values()].map(keyOf));
  const others = known.value.workloads.filter((workload) => !keys.has(keyOf(workload)));
  const all = new Map([
    ...workloads,
    ...others.map((workload, index): [string, KnownWorkload] => [`${keyOf(workload)}/${index}`, workload]),
  ]);
  const isComplete = known.value.isComplete && !hasForeignKinds;
  return { workloads: { isKnown: true, value: { isComplete, workloads: inOrderOfNames(all) } } };
}

function inventoryWith(ofRun: ReadonlyMap<string, NamedObject>, { isComplete, objects }: Inventory): Inventory {
  const byName = new Map(objects.map((object) => [object.name, object]));
  for (const object of ofRun.values()) {
    const live = byName.get(object.name);
    byName.set(object.name, live === undefined ? object : appliedOver(object, live));
  }
  return { isComplete, objects: [...byName.values()] };
}

/** Keys that others manage stay as they are, and nothing that is applied stops a deletion or finds a lost volume again. */
function appliedOver(object: NamedObject, live: NamedObject): NamedObject {
  const { unusable } = live;
  return { ...withKeysOfBoth(object, live), ...(unusable !== undefined && { unusable }) };
}

function keyOf({ apiVersion, kind, name }: KnownWorkload): string {
  return `${groupOf(apiVersion)}/${kind}/${name}`;
}
