/** The differences between two versions of one object, value by value, at paths that people can read. */
import { equalJson, isObject, memberOf, type JsonObject } from '../../core/json.ts';
import { FieldPath, type ElementKeys, type Step } from '../../core/path.ts';
import { compareQuantities, parseQuantity } from '../../core/quantity.ts';

export interface Change {
  /** `spec.containers[web].livenessProbe.timeoutSeconds`. */
  readonly path: string;
  /** Elements have the place that they have in the version after the change, where they are there. */
  readonly place: FieldPath;
  /** Undefined where there was nothing. */
  readonly from: unknown;
  /** Undefined where there is nothing any more. */
  readonly to: unknown;
  /** Of a value within something that was not there at all: where that begins, and the whole of it. */
  readonly added: { readonly path: string; readonly place: FieldPath; readonly value: unknown } | undefined;
}

/**
 * Elements of lists are matched by what Kubernetes merges them by, so that one that was put before them changes nothing;
 * lists of plain values are one value. Null, '' and what is empty count as not there, and quantities by their size
 * (`1000m` is `1`), as for the API server.
 */
export function changesBetween(before: object, after: object): Change[] {
  return [...compare(before, after, FieldPath.ROOT, undefined)];
}

function* compare(before: unknown, after: unknown, place: FieldPath, within: Change['added']): Generator<Change> {
  if (equalJson(before, after) || (isNothing(before) && isNothing(after))) return;
  const isAdded = isNothing(before) && within === undefined && place.depth > 0;
  const added = isAdded ? { path: printPath(place), place, value: after } : within;
  const parts = membersOfBoth(before, after, place) ?? elementsOfBoth(before, after, place);
  if (parts === undefined) {
    if (!isSameQuantity(before, after, place)) yield { path: printPath(place), place, from: before, to: after, added };
    return;
  }
  for (const part of parts) yield* compare(part.before, part.after, part.place, added);
}

interface Part {
  readonly before: unknown;
  readonly after: unknown;
  readonly place: FieldPath;
}

/** @returns undefined unless there is an object, and nothing else */
function membersOfBoth(before: unknown, after: unknown, place: FieldPath): readonly Part[] | undefined {
  const isMap = (value: unknown): boolean => value === undefined || isObject(value);
  if (!isMap(before) || !isMap(after) || (before === undefined && after === undefined)) return undefined;
  const [from, to] = [before ?? {}, after ?? {}] as [JsonObject, JsonObject];
  const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
  return Array.from(keys, (key) => ({
    before: memberOf(from, key) ?? undefined,
    after: memberOf(to, key) ?? undefined,
    place: place.field(key),
  }));
}

/** @returns undefined unless there is a list of objects that can be told apart, and nothing else */
function elementsOfBoth(before: unknown, after: unknown, place: FieldPath): readonly Part[] | undefined {
  const [from, to] = [elementsOf(before, place), elementsOf(after, place)];
  if (from === undefined || to === undefined || from.size + to.size === 0) return undefined;
  const labels = new Set([...from.keys(), ...to.keys()]);
  return Array.from(labels, (label) => {
    const { index, keys } = to.get(label) ?? from.get(label) ?? NOWHERE;
    return { before: from.get(label)?.element, after: to.get(label)?.element, place: place.at(index, keys) };
  });
}

/** What the API server drops when it stores an object. */
function isNothing(value: unknown): boolean {
  return value == null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** By the name of the list, the fields that tell its elements apart (`patchMergeKey`, `listMapKey` in k8s.io/api). */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  ports: ['containerPort', 'port', 'protocol'],
  tolerations: ['key', 'effect'],
  ownerReferences: ['uid'],
  conditions: ['type'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  hostAliases: ['ip'],
};
const DEFAULT_KEYS = ['name'];

interface PlacedElement {
  readonly element: unknown;
  readonly index: number;
  readonly keys: ElementKeys;
}

const NOWHERE: PlacedElement = { element: undefined, index: 0, keys: {} };

/** @returns undefined for what is no list of objects that can be told apart; else the elements by their labels */
function elementsOf(list: unknown, place: FieldPath): Map<string, PlacedElement> | undefined {
  if (list === undefined) return new Map();
  if (!Array.isArray(list) || !list.every(isObject)) return undefined;
  const names = KEYS[place.step] ?? DEFAULT_KEYS;
  const elements = new Map<string, PlacedElement>();
  for (const [index, element] of list.entries()) {
    const keys = Object.fromEntries(names.flatMap((name) => (isNothing(element[name]) ? [] : [[name, element[name]]])));
    const label = labelOf(keys);
    if (elements.has(label)) return undefined;
    elements.set(label, { element, index, keys });
  }
  return elements;
}

/** What people call an element: `web`, `80`, `53/UDP`. */
function labelOf(keys: ElementKeys): string {
  return Object.entries(keys)
    .flatMap(([name, value]) => (isDefaultProtocol(name, value) ? [] : [String(value)]))
    .join('/');
}

/** A port without a protocol is one of TCP. */
function isDefaultProtocol(key: string, value: unknown): boolean {
  return key === 'protocol' && value === 'TCP';
}

const QUANTITY_PARENTS: ReadonlySet<Step | undefined> = new Set(['requests', 'limits', 'capacity', 'allocatable', 'overhead', 'hard']);
const QUANTITY_FIELDS: ReadonlySet<Step> = new Set(['sizeLimit', 'divisor']);

function isSameQuantity(before: unknown, after: unknown, { step, parent }: FieldPath): boolean {
  if (!QUANTITY_PARENTS.has(parent?.step) && !QUANTITY_FIELDS.has(step)) return false;
  const [a, b] = [before, after].map((value) =>
    typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined,
  );
  return a !== undefined && b !== undefined && compareQuantities(a, b) === 0;
}

/** Elements by what they are called, keys that are no plain words in quotes: a dry run is read by people. */
function printPath({ parent, step, keys, depth }: FieldPath): string {
  if (parent === undefined) return '';
  const before = printPath(parent);
  if (typeof step === 'number') return `${before}[${labelOf(keys ?? {})}]`;
  if (!/^[A-Za-z_]\w*$/.test(step)) return `${before}["${step}"]`;
  return depth === 1 ? step : `${before}.${step}`;
}

/** What stands at the path of a change in another version of the object. */
export function valueAt(object: JsonObject, { parent, step, keys }: FieldPath): unknown {
  if (parent === undefined) return object;
  const holder = valueAt(object, parent);
  if (typeof step === 'string') return isObject(holder) ? (memberOf(holder, step) ?? undefined) : undefined;
  return elementsOf(holder, parent)?.get(labelOf(keys ?? {}))?.element;
}
