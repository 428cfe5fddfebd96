/**
 * What a cluster has after `kubectl apply`: the strategic merge of a file into the object that is there. What the file does not name
 * stays, unless the last apply has named it. The lists are those of k8s.io/api with a `patchMergeKey`, as far as Pods have them.
 */
import { parseBoundedJson } from '../core/bounded-json.ts';
import { isObject, memberOf, type JsonObject } from '../core/json.ts';
import { asObject, metadataOf } from '../core/json-reading.ts';
import type { KubernetesMinor } from '../core/kubernetes-version.ts';
import { storedObject } from '../core/stored-object.ts';
import { groupOf } from '../core/workload.ts';

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

/** @returns what is stored of a file that is applied after an older version of itself; defaults of that one stay, too, as in a cluster */
export function appliedAfter(older: JsonObject, file: JsonObject, minor: KubernetesMinor): JsonObject {
  const live = storedObject(older, minor);
  // What was read from a cluster says itself what was applied.
  const isFromCluster = typeof asObject(metadataOf(older)['annotations'])[LAST_APPLIED] === 'string';
  return isFromCluster ? appliedOnto(live, file) : appliedTo(live, older, file);
}

/** @returns a new object that may share parts with both */
export function appliedOnto(live: JsonObject, file: JsonObject): JsonObject {
  // kubectl notes annotations down even where the file has none.
  const { annotations = {}, ...metadata } = metadataOf(file);
  return appliedTo(live, lastApplied(live), { ...file, metadata: { ...metadata, annotations } });
}

function appliedTo(live: JsonObject, last: JsonObject, file: JsonObject): JsonObject {
  // The kinds of CustomResourceDefinitions are patched without knowledge of their lists.
  const mergesLists = !groupOf(String(file['apiVersion'])).includes('.');
  return merged(live, last, file, { field: '', mergesLists });
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
  /** The name of the field that holds the object, or the list of it. */
  readonly field: string;
  readonly mergesLists: boolean;
}

function merged(live: JsonObject, last: JsonObject, file: JsonObject, { field, mergesLists }: Place): JsonObject {
  const kept = mergesLists && ONE_OF.has(field) ? {} : live;
  const keys = new Set([...Object.keys(kept), ...Object.keys(file)]);
  const members: [string, unknown][] = [];
  for (const key of keys) {
    if (!Object.hasOwn(file, key)) {
      if (!Object.hasOwn(last, key)) members.push([key, live[key]]);
    } else if (file[key] !== null) {
      members.push([key, mergedValue(memberOf(live, key), memberOf(last, key), file[key], { field: key, mergesLists })]);
    }
  }
  return Object.fromEntries(members);
}

function mergedValue(live: unknown, last: unknown, file: unknown, place: Place): unknown {
  if (isObject(live) && isObject(file)) return merged(live, asObject(last), file, place);
  if (!Array.isArray(live) || !Array.isArray(file) || !place.mergesLists) return file;
  const key = MERGE_KEYS.get(place.field);
  return key === undefined ? file : mergedList(live, Array.isArray(last) ? last : [], file, { ...place, key });
}

/** The elements of the file in their order, and then those that nobody has applied. */
function mergedList(
  live: readonly unknown[],
  last: readonly unknown[],
  file: readonly unknown[],
  { key, ...place }: Place & { readonly key: string },
): unknown[] {
  const idOf = (element: unknown): unknown => (key !== '' && isObject(element) ? memberOf(element, key) : element);
  const find = (list: readonly unknown[], id: unknown): unknown => list.find((element) => idOf(element) === id);
  const ids = new Set([...file, ...last].map(idOf));
  const own = file.map((element) => mergedValue(find(live, idOf(element)), find(last, idOf(element)), element, place));
  return [...own, ...live.filter((element) => !ids.has(idOf(element)))];
}
