/**
 * Which updates are judged: those that change the spec of the Pods that an object asks for, or anything else that the rules in
 * force read (`meta.reads`). The conditions of the shipped webhooks are made of the same list (`src/dev/webhook-conditions.ts`).
 */
import { equalJson, isObject, type JsonObject } from './json.ts';
import { entryOf } from './map-entry.ts';
import { ANY } from './path.ts';
import type { Rule } from './rule.ts';
import type { Work } from './work.ts';
import { nameOfKind, templatesIn, type WorkloadKind } from './workload.ts';

/** From an object or a Pod down to a member: `['metadata', 'annotations', 'podgrace.dev/drain-seconds']`. */
export type Place = readonly string[];

/** What rules read besides the spec of Pods. */
export interface ReadPlaces {
  /** In each Pod that is there. */
  readonly ofPods: readonly Place[];
  /** In each template. */
  readonly ofTemplates: readonly Place[];
  /** In the workload itself, by its group and kind: `apps/Deployment`. */
  readonly ofWorkloads: ReadonlyMap<string, readonly Place[]>;
}

/** What rules read, besides the spec of Pods, which is compared as a whole: a new image is worth a look whoever reads it. */
export function placesReadBy(rules: readonly Rule[]): ReadPlaces {
  const ofPods = new Places();
  const ofTemplates = new Places();
  const ofWorkloads = new Map<string, Places>();
  for (const { meta, reads } of rules) {
    if (meta.about === 'deletion') continue;
    for (const { steps } of reads) {
      const place = untilAny(steps);
      if (meta.about !== 'workload') {
        if (place[0] === 'spec' || isOfOwners(place)) continue;
        ofTemplates.add(place);
        if (!isOfLabels(place)) ofPods.add(place);
        continue;
      }
      if (isInSpecOfPods(place)) continue;
      for (const kind of meta.kinds ?? []) entryOf(ofWorkloads, kind, () => new Places()).add(place);
    }
  }
  return {
    ofPods: ofPods.all,
    ofTemplates: ofTemplates.all,
    ofWorkloads: new Map([...ofWorkloads].map(([kind, places]) => [kind, places.all])),
  };
}

/** Where the workloads of Kubernetes have the spec of their Pods. */
const SPECS_OF_PODS: readonly Place[] = [
  ['spec', 'template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
];

function isInSpecOfPods(place: Place): boolean {
  return SPECS_OF_PODS.some((spec) => spec.every((step, index) => place[index] === step));
}

/**
 * Controllers adopt Pods and release them. A refusal, or a podgrace that does not answer, would keep them from it, so that this alone
 * is never judged. A template has no owner.
 */
function isOfOwners(place: Place): boolean {
  return place[0] === 'metadata' && place[1] === 'ownerReferences';
}

/** Operators label the Pod that leads, and nothing may keep them from it. The labels of a template are those of Pods to come. */
function isOfLabels(place: Place): boolean {
  return place[0] === 'metadata' && place[1] === 'labels';
}

/** Each once, in the order in which they came. */
class Places {
  readonly #places = new Map<string, Place>();

  add(place: Place): void {
    this.#places.set(JSON.stringify(place), place);
  }

  get all(): readonly Place[] {
    return [...this.#places.values()];
  }
}

/** Where any element or entry is read, all of them are compared. */
function untilAny(steps: readonly (string | typeof ANY)[]): Place {
  const place: string[] = [];
  for (const step of steps) {
    if (step === ANY) break;
    place.push(step);
  }
  return place;
}

/** An object as it is sent, and as it was. */
export interface Versions {
  readonly object: unknown;
  readonly oldObject: unknown;
}

/**
 * Whether rules see the same in two versions of an object, whatever else is different. Cheap beside reading them, and the usual
 * answer: most updates are of a status, a label or the number of replicas.
 *
 * @throws {OutOfTimeError} where there is no time left
 */
export function isSameToRules(
  { object, oldObject: before }: Versions,
  templates: readonly WorkloadKind[],
  places: ReadPlaces,
  work?: Work,
): boolean {
  if (!isObject(object) || !isObject(before)) return false;
  let compared = 0;
  for (const workloadKind of templates) {
    const [found, foundBefore] = [templatesIn(object, workloadKind, work), templatesIn(before, workloadKind, work)];
    if (found.length !== foundBefore.length) return false;
    for (const [index, { root, template }] of found.entries()) {
      const other = foundBefore[index];
      if (other?.root.pointer !== root.pointer) return false;
      if (!equalJson(template['spec'] ?? template, other.template['spec'] ?? other.template, work)) return false;
      const ofTemplate = workloadKind.templatePath.length === 0 ? places.ofPods : places.ofTemplates;
      if (!areEqualIn(template, other.template, ofTemplate, work)) return false;
      compared += 1;
    }
    const ofWorkload = places.ofWorkloads.get(nameOfKind(workloadKind));
    if (ofWorkload !== undefined && !areEqualIn(object, before, ofWorkload, work)) return false;
  }
  return compared > 0;
}

function areEqualIn(object: JsonObject, before: JsonObject, places: readonly Place[], work: Work | undefined): boolean {
  for (const place of places) if (!equalJson(valueAt(object, place), valueAt(before, place), work)) return false;
  return true;
}

/** Null where there is nothing: both mean the same to the API server. */
function valueAt(object: unknown, place: Place): unknown {
  let value = object;
  for (const step of place) {
    if (!isObject(value) || !Object.hasOwn(value, step)) return null;
    value = value[step];
  }
  return value;
}
