/** What is different between two versions of one object, value by value, at paths that people can read. */
import { equalJson, isObject, type JsonObject } from '../../core/json.ts';
import { compareQuantities, parseQuantity } from '../../core/quantity.ts';

/** A field, or an element of a list with what tells it from the others. */
export type PathStep = string | { readonly label: string; readonly element: unknown };

export interface Change {
  /** `spec.containers[web].livenessProbe.timeoutSeconds`. */
  readonly path: string;
  readonly steps: readonly PathStep[];
  /** Undefined where there was nothing. */
  readonly from: unknown;
  /** Undefined where there is nothing any more. */
  readonly to: unknown;
  /** Of a value within something that was not there at all: where that begins, and the whole of it. */
  readonly added: { readonly path: string; readonly value: unknown } | undefined;
}

/**
 * Elements of lists are matched by what Kubernetes merges them by, so that one that was put before them changes nothing;
 * lists of plain values are one value. Null, '' and what is empty count as not there, and quantities by their size
 * (`1000m` is `1`), as for the API server.
 */
export function changesBetween(before: JsonObject, after: JsonObject): Change[] {
  return [...compare(before, after, { steps: [], added: undefined })];
}

interface Place {
  readonly steps: readonly PathStep[];
  readonly added: Change['added'];
}

function* compare(before: unknown, after: unknown, place: Place): Generator<Change> {
  if (equalJson(before, after) || (isNothing(before) && isNothing(after))) return;
  const at =
    isNothing(before) && place.added === undefined && place.steps.length > 0
      ? { ...place, added: { path: printPath(place.steps), value: after } }
      : place;
  const isMap = (value: unknown): boolean => value === undefined || isObject(value);
  if (isMap(before) && isMap(after) && (isObject(before) || isObject(after))) {
    const [from, to] = [before ?? {}, after ?? {}] as [JsonObject, JsonObject];
    for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
      yield* compare(own(from, key), own(to, key), { ...at, steps: [...at.steps, key] });
    }
    return;
  }
  const [from, to] = [elementsOf(before, at.steps), elementsOf(after, at.steps)];
  if (from !== undefined && to !== undefined && from.size + to.size > 0) {
    for (const label of new Set([...from.keys(), ...to.keys()])) {
      const step = { label, element: to.get(label) ?? from.get(label) };
      yield* compare(from.get(label), to.get(label), { ...at, steps: [...at.steps, step] });
    }
    return;
  }
  if (isSameQuantity(before, after, at.steps)) return;
  const { steps, added } = at;
  yield { path: printPath(steps), steps, from: before, to: after, added };
}

/** What the API server drops when it stores an object. */
function isNothing(value: unknown): boolean {
  return value == null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}

function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? (object[key] ?? undefined) : undefined;
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

/** @returns undefined for what is no list of objects that can be told apart */
function elementsOf(list: unknown, steps: readonly PathStep[]): Map<string, unknown> | undefined {
  if (list === undefined) return new Map();
  if (!Array.isArray(list) || !list.every(isObject)) return undefined;
  const field = steps.findLast((step) => typeof step === 'string') ?? '';
  const keys = KEYS[field] ?? DEFAULT_KEYS;
  const elements = new Map<string, unknown>();
  for (const element of list) {
    const label = keys
      .flatMap((key) => (isNothing(element[key]) || isDefaultProtocol(key, element[key]) ? [] : [String(element[key] as string | number)]))
      .join('/');
    if (elements.has(label)) return undefined;
    elements.set(label, element);
  }
  return elements;
}

/** A port without a protocol is one of TCP. */
function isDefaultProtocol(key: string, value: unknown): boolean {
  return key === 'protocol' && value === 'TCP';
}

const QUANTITY_PARENTS: ReadonlySet<PathStep> = new Set(['requests', 'limits', 'capacity', 'allocatable', 'overhead', 'hard']);
const QUANTITY_FIELDS: ReadonlySet<PathStep> = new Set(['sizeLimit', 'divisor']);

function isSameQuantity(before: unknown, after: unknown, steps: readonly PathStep[]): boolean {
  if (!QUANTITY_PARENTS.has(steps.at(-2) ?? '') && !QUANTITY_FIELDS.has(steps.at(-1) ?? '')) return false;
  const [a, b] = [before, after].map((value) =>
    typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined,
  );
  return a !== undefined && b !== undefined && compareQuantities(a, b) === 0;
}

function printPath(steps: readonly PathStep[]): string {
  return steps
    .map((step, index) => {
      if (typeof step !== 'string') return `[${step.label}]`;
      if (!/^[A-Za-z_]\w*$/.test(step)) return `["${step}"]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** What stands at the path of a change in another version of the object. */
export function valueAt(object: JsonObject, steps: readonly PathStep[]): unknown {
  let at: unknown = object;
  for (const [index, step] of steps.entries()) {
    if (typeof step === 'string') at = isObject(at) ? own(at, step) : undefined;
    else at = elementsOf(at, steps.slice(0, index))?.get(step.label);
    if (at === undefined) return undefined;
  }
  return at;
}
