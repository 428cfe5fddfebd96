/**
 * What a cluster has after `kubectl apply`: the strategic merge of a file into the object that is there. What the file does not name
 * stays, unless the last apply has named it. The lists are those of k8s.io/api with a `patchMergeKey`, as far as Pods have them.
 */
import { parseBoundedJson } from '../core/bounded-json.ts';
import { equalJson, isObject, memberOf, type JsonObject } from '../core/json.ts';
import { asObject, metadataOf } from '../core/json-reading.ts';
import type { KubernetesMinor } from '../core/kubernetes-version.ts';
import { FieldPath } from '../core/path.ts';
import { storedObject } from '../core/stored-object.ts';
import { groupOf } from '../core/workload.ts';
import { mergedRepeated, type Versions } from './repeated-elements.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** What tells the elements of a list from each other; the elements themselves where it is empty. Other lists are replaced as a whole. */
const MERGE_KEYS: ReadonlyMap<string, string> = new Map([
  ['containers', 'name'],
  ['initContainers', 'name'],
  ['ephemeralContainers', 'name'],
  ['volumes', 'name'],
  ['env', 'name'],
  ['imagePullSecrets', 'name'],
  ['resourceClaims', 'name'],
  ['schedulingGates', 'name'],
  ['ports', 'containerPort'],
  ['volumeMounts', 'mountPath'],
  ['volumeDevices', 'devicePath'],
  ['topologySpreadConstraints', 'topologyKey'],
  ['hostAliases', 'ip'],
  ['ownerReferences', 'uid'],
  ['finalizers', ''],
]);

/** Objects that are of one form or another: what the file does not name goes (`patchStrategy: retainKeys`). */
const ONE_OF: ReadonlySet<string> = new Set(['strategy', 'volumes']);

export interface Applied {
  readonly object: JsonObject;
  readonly misapplied: readonly MisappliedList[];
}

/** A list of which kubectl takes several elements for one, so that not all that the file says is stored. */
export interface MisappliedList {
  readonly path: FieldPath;
  /** The field that those elements have in common. */
  readonly key: string;
  /** Whether what is stored in its place is known: not of a list that is too long. */
  readonly isKnown: boolean;
}

/**
 * Go sorts so many elements in their order (`maxInsertion` of `pdqsort`). Of a longer list the order of equal keys is another one, in which
 * kubectl takes away and changes other elements, or makes a patch that the API server refuses (seen with kubectl 1.36.3).
 */
const SORTED_IN_ORDER = 12;

/** @returns what is stored of a file that is applied after an older version of itself; defaults of that one stay, too, as in a cluster */
export function appliedAfter(older: JsonObject, file: JsonObject, minor: KubernetesMinor): Applied {
  const live = storedObject(older, minor);
  // What was read from a cluster says itself what was applied.
  const isFromCluster = typeof asObject(metadataOf(older)['annotations'])[LAST_APPLIED] === 'string';
  return isFromCluster ? appliedOnto(live, file) : appliedTo(live, older, file);
}

/** @returns a new object that may share parts with both */
export function appliedOnto(live: JsonObject, file: JsonObject): Applied {
  // kubectl notes annotations down even where the file has none.
  const { annotations = {}, ...metadata } = metadataOf(file);
  return appliedTo(live, lastApplied(live), { ...file, metadata: { ...metadata, annotations } });
}

function appliedTo(live: JsonObject, last: JsonObject, file: JsonObject): Applied {
  // The kinds of CustomResourceDefinitions are patched without knowledge of their lists.
  const mergesLists = !groupOf(String(file['apiVersion'])).includes('.');
  const misapplied: MisappliedList[] = [];
  return { object: merged(live, last, file, { path: FieldPath.ROOT, mergesLists, misapplied }), misapplied };
}

function lastApplied(live: JsonObject): JsonObject {
  const noted = asObject(metadataOf(live)['annotations'])[LAST_APPLIED];
  if (typeof noted !== 'string') return {};
  try {
    return asObject(parseBoundedJson(noted));
  } catch {
    return {};
  }
}

interface Place {
  /** Of the object or the list. */
  readonly path: FieldPath;
  readonly mergesLists: boolean;
  /** Filled while lists are merged. */
  readonly misapplied: MisappliedList[];
}

/** The name of the field that holds the object, or the list of it. */
function fieldOf({ step, parent }: FieldPath): string {
  return typeof step === 'string' ? step : String(parent?.step);
}

function merged(live: JsonObject, last: JsonObject, file: JsonObject, place: Place): JsonObject {
  const kept = place.mergesLists && ONE_OF.has(fieldOf(place.path)) ? {} : live;
  const keys = new Set([...Object.keys(kept), ...Object.keys(file)]);
  const members: [string, unknown][] = [];
  for (const key of keys) {
    if (!Object.hasOwn(file, key)) {
      if (!Object.hasOwn(last, key)) members.push([key, live[key]]);
    } else if (file[key] !== null) {
      const at = { ...place, path: place.path.field(key) };
      members.push([key, mergedValue(memberOf(live, key), memberOf(last, key), file[key], at)]);
    }
  }
  return Object.fromEntries(members);
}

function mergedValue(live: unknown, last: unknown, file: unknown, place: Place): unknown {
  if (isObject(live) && isObject(file)) return merged(live, asObject(last), file, place);
  // An API server stores no empty list.
  if (!Array.isArray(live) || live.length === 0 || !Array.isArray(file) || !place.mergesLists) return file;
  const key = MERGE_KEYS.get(fieldOf(place.path));
  return key === undefined ? file : mergedList(live, Array.isArray(last) ? last : [], file, { ...place, key });
}

type ListPlace = Place & { readonly key: string };

/** The elements of the file in their order, and then those that nobody has applied. */
function mergedList(live: readonly unknown[], last: readonly unknown[], file: readonly unknown[], place: ListPlace): unknown[] {
  const idOf = (element: unknown): unknown => (place.key !== '' && isObject(element) ? memberOf(element, place.key) : element);
  const [liveById, lastById, fileById] = [Map.groupBy(live, idOf), Map.groupBy(last, idOf), Map.groupBy(file, idOf)];
  const isInOrder = [live, ...(last.length === 0 ? [] : [last])].every((list) => equalJson(list.map(idOf), file.map(idOf)));
  const isRepeated = fileById.size < file.length || lastById.size < last.length;
  if (isRepeated && isInOrder && changesNothing(live, last, file, place)) return [...live];
  const isKnown = !isRepeated || Math.max(live.length, last.length, file.length) <= SORTED_IN_ORDER;
  if (!isKnown) place.misapplied.push({ path: place.path, key: place.key, isKnown });
  const own = [...fileById].flatMap(([id, named]) => {
    const versions = { live: liveById.get(id) ?? [], last: lastById.get(id) ?? [], file: named };
    return mergedElements(versions, { ...place, path: place.path.at(file.indexOf(named[0])) });
  });
  const others = [...liveById].filter(([id]) => !fileById.has(id) && !lastById.has(id));
  return [...own, ...others.flatMap(([, elements]) => elements)];
}

/**
 * Of a list in which no element changes, and all keys stand in their order, kubectl sends nothing (`diffLists`). Else elements with the
 * same key end up beside each other.
 */
function changesNothing(live: readonly unknown[], last: readonly unknown[], file: readonly unknown[], place: ListPlace): boolean {
  const alone = { ...place, misapplied: [] };
  return file.every((element, index) => equalJson(live[index], mergedValue(live[index], last[index], element, alone)));
}

/** Elements with one id, of which most lists have one. */
function mergedElements(versions: Versions, { key, ...place }: ListPlace): readonly unknown[] {
  const { live, last, file } = versions;
  if (file.length === 1 && live.length <= 1 && last.length <= 1) return [mergedValue(live[0], last[0], file[0], place)];
  const stored = mergedRepeated(versions, key);
  const list = { path: place.path.parent ?? place.path, key, isKnown: true };
  const alone = { ...place, misapplied: [] };
  const isAsFile = file.every((element, index) => equalJson(stored[index], mergedValue(live[index], last[index], element, alone)));
  if (!isAsFile && place.misapplied.at(-1)?.path.text !== list.path.text) place.misapplied.push(list);
  return stored;
}
