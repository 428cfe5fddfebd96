/**
 * The JSON Patch (RFC 6902) between a received object and its mutated draft.
 *
 * A patch that does not apply is a hard error for the user, even with `failurePolicy: Ignore` (k8s.io/apiserver
 * `webhook/mutating/dispatcher.go`), so this is made here and not by a general differ: it is linear in the size of the
 * object, names no path that the received object does not have, and where it must replace a whole list, a `test` states
 * which list it expects.
 */
import { equalJson, isObject, memberOf, type JsonObject } from './json.ts';
import { pointerOf, type Step } from './path.ts';

export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/**
 * Says what to do to `received` so that it holds what was changed between `base` and `draft`.
 *
 * The rules see objects with the API server's defaults filled in; the one that was received may lack them (a file, a
 * template). What differs between `base` and `draft` goes into the patch, with parents that `received` lacks; what only
 * defaulting filled in stays out of it.
 *
 * @param received the object as it came; the patch applies to this one
 * @param base `received` with defaults (the same reference where there was nothing to fill in); lists may be longer than
 *   the received ones, never reordered
 * @param draft a changed copy of `base`
 * @returns the operations in the order in which they apply; empty where nothing was changed
 */
export function createPatch(received: unknown, base: unknown, draft: unknown): PatchOperation[] {
  const patch: PatchOperation[] = [];
  if (isObject(received) && isObject(base) && isObject(draft)) patchObject(received, base, draft, { patch, path: [] });
  else if (!equalJson(base, draft)) patch.push({ op: 'replace', path: '', value: draft });
  return patch;
}

interface Output {
  readonly patch: PatchOperation[];
  /** Where we are; pushed and popped, so that a pointer is only spelled out for an operation. */
  readonly path: Step[];
}

function patchObject(received: JsonObject, base: JsonObject, draft: JsonObject, out: Output): void {
  let shared = 0;
  for (const key in draft) {
    const after = draft[key];
    // Own keys only: `base['constructor']` is there on every object. Equal values are own on both sides.
    if (base[key] === after) {
      shared += 1;
      continue;
    }
    const before = memberOf(base, key);
    if (before !== undefined) shared += 1;
    out.path.push(key);
    patchMember(received === base ? before : memberOf(received, key), before, after, out);
    out.path.pop();
  }
  for (const _ in base) shared -= 1;
  if (shared === 0) return;
  for (const key in base) if (!Object.hasOwn(draft, key) && Object.hasOwn(received, key)) emitAt(key, 'remove', undefined, out);
}

/** One member of an object or list: `received` is undefined where the received object has no such member. */
function patchMember(received: unknown, before: unknown, after: unknown, out: Output): void {
  if (before === after) return;
  if (isObject(before) && isObject(after) && isObject(received)) patchObject(received, before, after, out);
  else if (Array.isArray(before) && Array.isArray(after) && Array.isArray(received)) patchList(received, before, after, out);
  else if (!equalJson(before, after))
    emit(received === undefined ? 'add' : 'replace', received === undefined ? added(before, after) : after, out);
}

/** Of an object that was not received at all: without the members that are filled in anyway. */
function added(before: unknown, after: unknown): unknown {
  if (!isObject(before) || !isObject(after)) return after;
  const changed = Object.entries(after).filter(([key, value]) => !equalJson(memberOf(before, key), value));
  return Object.fromEntries(changed.map(([key, value]) => [key, added(memberOf(before, key), value)]));
}

/** Changes inside elements first, at their old places; then removals from the back; then additions from the front. */
function patchList(received: readonly unknown[], base: readonly unknown[], draft: readonly unknown[], out: Output): void {
  const lists = { received, base };
  if (received.length === base.length && standAtSamePlaces(base, draft)) {
    for (let index = 0; index < draft.length; index++) patchElement(index, lists, draft[index], out);
    return;
  }
  if (equalJson(base, draft)) return;
  const origins = isNamed(base) && isNamed(draft) ? originsByName(base, draft) : originsByEqualEnds(base, draft);
  if (origins === undefined) {
    emit('test', received, out);
    emit('replace', draft, out);
    return;
  }
  for (let index = 0; index < draft.length; index++) {
    const place = origins[index];
    if (place !== undefined && place < received.length) patchElement(place, lists, draft[index], out);
  }
  const kept = new Set(origins);
  for (let place = received.length - 1; place >= 0; place--) if (!kept.has(place)) emitAt(place, 'remove', undefined, out);
  for (let index = 0; index < draft.length; index++) {
    const place = origins[index];
    if (place === undefined || place >= received.length) emitAt(index, 'add', draft[index], out);
  }
}

/** The lists that a draft is compared with. */
interface Lists {
  readonly received: readonly unknown[];
  readonly base: readonly unknown[];
}

function patchElement(place: number, { received, base }: Lists, after: unknown, out: Output): void {
  if (base[place] === after) return;
  out.path.push(place);
  patchMember(received[place], base[place], after, out);
  out.path.pop();
}

/** The usual case, decided without building anything: no element came, went or moved. */
function standAtSamePlaces(base: readonly unknown[], draft: readonly unknown[]): boolean {
  if (base.length !== draft.length) return false;
  for (let index = 0; index < base.length; index++) if (nameOf(base[index]) !== nameOf(draft[index])) return false;
  return true;
}

/** For each element of the draft, the place that it had in the base; undefined for a new one. */
type Origins = readonly (number | undefined)[];

/** Containers and volumes are told apart by name: the same name is the same element. Undefined where the order changed. */
function originsByName(base: readonly unknown[], draft: readonly unknown[]): Origins | undefined {
  const places = new Map(base.map((element, place) => [nameOf(element), place]));
  const origins = draft.map((element) => places.get(nameOf(element)));
  let last = -1;
  for (const place of origins) {
    if (place === undefined) continue;
    if (place < last) return undefined;
    last = place;
  }
  return origins;
}

/** Whether all elements are objects with names of their own. */
function isNamed(list: readonly unknown[]): boolean {
  const names = new Set(list.map(nameOf));
  return names.size === list.length && !names.has(undefined);
}

function nameOf(element: unknown): string | undefined {
  const name = isObject(element) ? element['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

/**
 * Lists without names (tolerations, commands): what is equal at both ends stays; between the ends there may be only new
 * elements, only removed ones, or as many as before, which are then compared place by place.
 */
function originsByEqualEnds(base: readonly unknown[], draft: readonly unknown[]): Origins | undefined {
  const shorter = Math.min(base.length, draft.length);
  let front = 0;
  while (front < shorter && equalJson(base[front], draft[front])) front += 1;
  let back = 0;
  while (back < shorter - front && equalJson(base[base.length - 1 - back], draft[draft.length - 1 - back])) back += 1;
  const oldBetween = base.length - front - back;
  const newBetween = draft.length - front - back;
  if (oldBetween > 0 && newBetween > 0 && oldBetween !== newBetween) return undefined;
  return draft.map((_, index) => {
    if (index >= draft.length - back) return index - draft.length + base.length;
    return index < front || oldBetween === newBetween ? index : undefined;
  });
}

function emitAt(part: Step, op: 'add' | 'remove', value: unknown, out: Output): void {
  out.path.push(part);
  emit(op, value, out);
  out.path.pop();
}

function emit(op: PatchOperation['op'], value: unknown, out: Output): void {
  const path = pointerOf(out.path);
  out.patch.push(op === 'remove' ? { op, path } : { op, path, value });
}
