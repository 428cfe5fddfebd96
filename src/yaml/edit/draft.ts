/** A JSON Patch taken into the layout of a document: what stays, what changes, what comes and goes, part by part. */
import { EditRefusal, type LayoutEntry, type LayoutMapping, type LayoutNode, type LayoutSequence } from './layout.ts';
import { isMapping } from '../mapping.ts';

/** RFC 6902, as far as patches of repairs go. */
export type EditOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

export type Draft = Kept | NewValue | MappingDraft | SequenceDraft;

/** As it was. */
export interface Kept {
  readonly kind: 'kept';
  readonly node: LayoutNode;
}

export interface NewValue {
  readonly kind: 'value';
  value: unknown;
  /** What it takes the place of; undefined for what is added. */
  readonly node: LayoutNode | undefined;
}

export interface MappingDraft {
  readonly kind: 'mapping';
  readonly node: LayoutMapping;
  /** In the order of the entries; undefined for what is removed. */
  readonly members: (Slot | undefined)[];
  readonly added: Map<string, Slot>;
}

export interface SequenceDraft {
  readonly kind: 'sequence';
  readonly node: LayoutSequence;
  readonly items: Slot[];
}

/** A place in a document, and what is to stand there. */
export interface Slot {
  draft: Draft;
  /** What the document has there. */
  readonly was: unknown;
}

/**
 * @param root where the patched object stands
 * @param was the object as the document has it
 * @throws {EditRefusal}
 */
export function draftOf(root: LayoutNode, was: unknown, operations: readonly EditOperation[]): Slot {
  const slot: Slot = { draft: { kind: 'kept', node: root }, was };
  for (const operation of operations) if (operation.op !== 'test') apply(slot, operation);
  return slot;
}

type Change = Exclude<EditOperation, { op: 'test' }> | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown };

function apply(root: Slot, operation: Change): void {
  const steps = operation.path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.pop();
  if (last === undefined) {
    if ('value' in operation) replace(root, operation.value);
    return;
  }
  let slot = root;
  for (const [index, step] of steps.entries()) {
    const { draft } = slot;
    if (draft.kind === 'value') {
      applyToValue(draft.value, [...steps.slice(index), last], operation);
      return;
    }
    slot = memberOf(slot, step);
  }
  if (slot.draft.kind === 'value') applyToValue(slot.draft.value, [last], operation);
  else applyToMember(slot, last, operation);
}

function applyToMember(slot: Slot, step: string, operation: Change): void {
  const draft = opened(slot);
  if (draft.kind === 'sequence') {
    const index = step === '-' ? draft.items.length : Number(step);
    if (!('value' in operation)) removed(draft.items.splice(index, 1)[0]);
    else if (operation.op === 'add') draft.items.splice(index, 0, added(operation.value));
    else replace(memberOf(slot, step), operation.value);
    return;
  }
  const place = placeOf(draft.node, step);
  refuseMerged(draft, place, slot.was, step);
  if (!('value' in operation)) {
    if (place === undefined) draft.added.delete(step);
    else {
      removed(draft.members[place]);
      draft.members[place] = undefined;
    }
  } else if (place === undefined) {
    draft.added.set(step, added(operation.value));
  } else {
    const entry = draft.node.entries[place];
    draft.members[place] ??= { draft: { kind: 'kept', node: entryValue(entry) }, was: ownMember(slot.was, step) };
    replace(draft.members[place], operation.value);
  }
}

function entryValue(entry: LayoutEntry | undefined): LayoutNode {
  if (entry === undefined) throw new Error('there is no such entry');
  return entry.value;
}

function added(value: unknown): Slot {
  return { draft: { kind: 'value', value: structuredClone(value), node: undefined }, was: undefined };
}

/** The slot of a member; makes drafts of what is on the way. */
function memberOf(slot: Slot, step: string): Slot {
  const draft = opened(slot);
  const place = draft.kind === 'mapping' ? placeOf(draft.node, step) : undefined;
  if (draft.kind === 'mapping') refuseMerged(draft, place, slot.was, step);
  const member = draft.kind === 'sequence' ? draft.items[Number(step)] : (draft.members[place ?? -1] ?? draft.added.get(step));
  if (member === undefined) throw new Error(`the patch names ${step}, which is not there`);
  return member;
}

/** What is within can be changed from now on. */
function opened(slot: Slot): MappingDraft | SequenceDraft {
  const { draft, was } = slot;
  if (draft.kind === 'mapping' || draft.kind === 'sequence') return draft;
  if (draft.kind === 'value') throw new Error('a value that is new has no layout');
  const { node } = draft;
  refuseShared(node);
  if (node.kind === 'mapping') {
    const members = node.entries.map((entry): Slot => ({
      draft: { kind: 'kept', node: entry.value },
      was: ownMember(was, entry.key ?? ''),
    }));
    slot.draft = { kind: 'mapping', node, members, added: new Map() };
    return slot.draft;
  }
  if (node.kind !== 'sequence') throw new Error('the patch goes into a scalar');
  const items = node.items.map((item, index): Slot => ({ draft: { kind: 'kept', node: item }, was: (was as readonly unknown[])[index] }));
  slot.draft = { kind: 'sequence', node, items };
  return slot.draft;
}

/** Of an entry with a key that is written once, in the mapping itself; undefined where there is none. */
function placeOf({ entries }: LayoutMapping, key: string): number | undefined {
  const places = entries.flatMap((entry, index) => (entry.key === key ? [index] : []));
  const [place, second] = places;
  const entry = entries[place ?? -1];
  if (second !== undefined) throw new EditRefusal(`${key} is written twice; remove one of the two`, entries[second]?.keyStart ?? 0);
  if (entry === undefined) return undefined;
  if (!entry.isSimple) throw new EditRefusal(`the key ${key} is written with ?, a tag, an anchor or an alias`, entry.keyStart);
  return place;
}

function removed(slot: Slot | undefined): void {
  if (slot?.draft.node !== undefined) refuseSharedWithin(slot.draft.node);
}

/** What goes may not hold an anchor for which aliases stand elsewhere. */
function refuseSharedWithin(node: LayoutNode): void {
  if (node.kind !== 'alias') refuseShared(node);
  if (node.kind === 'mapping') for (const { value } of node.entries) refuseSharedWithin(value);
  if (node.kind === 'sequence') for (const item of node.items) refuseSharedWithin(item);
}

/** What the object has though no entry of its own says so. */
function refuseMerged({ node, added }: MappingDraft, place: number | undefined, was: unknown, key: string): void {
  if (place === undefined && !added.has(key) && isMapping(was) && Object.hasOwn(was, key))
    throw new EditRefusal(`${key} comes from elsewhere in the document, through <<`, node.start);
}

function refuseShared(node: LayoutNode): void {
  if (node.kind === 'alias')
    throw new EditRefusal(`it is an alias (*${node.anchor ?? ''}), and what it stands for belongs to other fields as well`, node.start);
  if (node.isShared === true)
    throw new EditRefusal(
      `it is the anchor &${node.anchor ?? ''}, and aliases elsewhere in the document stand for it as well`,
      node.anchorStart ?? node.start,
    );
}

/** Helm, Go and Jinja, envsubst, ERB. */
const TEMPLATE = /\{\{|\$\{|<%/;

/** Puts a value in the place of another, and lets stay what is equal in both. */
function replace(slot: Slot, value: unknown): void {
  const { draft, was } = slot;
  if (draft.kind === 'value') {
    draft.value = structuredClone(value);
    return;
  }
  const { node } = draft;
  if (draft.kind === 'kept' && isEqual(was, value)) return;
  refuseShared(node);
  if (node.hasTag === true) throw new EditRefusal('it has a tag (!), which may not fit the new value', node.start);
  if (node.kind === 'scalar' && typeof was === 'string' && TEMPLATE.test(was))
    throw new EditRefusal('its value is filled in by a template', node.start);
  if (node.kind === 'mapping' && isMapping(was) && isMapping(value)) {
    slot.draft = { kind: 'kept', node };
    refineMapping(slot, node, was, value);
  } else if (node.kind === 'sequence' && Array.isArray(was) && Array.isArray(value)) {
    slot.draft = { kind: 'kept', node };
    refineSequence(slot, was, value);
  } else {
    refuseSharedWithin(node);
    slot.draft = { kind: 'value', value: structuredClone(value), node };
  }
}

function refineMapping(slot: Slot, node: LayoutMapping, was: Record<string, unknown>, value: Record<string, unknown>): void {
  const merged = node.entries.find(({ key }) => key === undefined);
  if (merged !== undefined) throw new EditRefusal('some of it comes from elsewhere, through <<', merged.keyStart);
  for (const key of Object.keys(was)) if (!Object.hasOwn(value, key)) applyToMember(slot, key, { op: 'remove', path: '' });
  for (const [key, member] of Object.entries(value))
    if (!Object.hasOwn(was, key) || !isEqual(was[key], member)) applyToMember(slot, key, { op: 'add', path: '', value: member });
}

/** What is equal at both ends stays; what is between is compared place by place, as far as there are as many. */
function refineSequence(slot: Slot, was: readonly unknown[], value: readonly unknown[]): void {
  const shorter = Math.min(was.length, value.length);
  let front = 0;
  while (front < shorter && isEqual(was[front], value[front])) front += 1;
  let back = 0;
  while (back < shorter - front && isEqual(was.at(-1 - back), value.at(-1 - back))) back += 1;
  const paired = shorter - front - back;
  for (let index = front; index < front + paired; index++) replace(memberOf(slot, String(index)), value[index]);
  for (let index = was.length - back - 1; index >= front + paired; index--) applyToMember(slot, String(index), { op: 'remove', path: '' });
  for (let index = front + paired; index < value.length - back; index++)
    applyToMember(slot, String(index), { op: 'add', path: '', value: value[index] });
}

function applyToValue(target: unknown, steps: readonly string[], operation: Change): void {
  let holder = target;
  for (const step of steps.slice(0, -1)) holder = (holder as Record<string, unknown>)[step];
  const last = steps.at(-1) ?? '';
  if (Array.isArray(holder)) {
    const index = last === '-' ? holder.length : Number(last);
    if ('value' in operation) holder.splice(index, operation.op === 'add' ? 0 : 1, structuredClone(operation.value));
    else holder.splice(index, 1);
  } else if ('value' in operation) {
    (holder as Record<string, unknown>)[last] = structuredClone(operation.value);
  } else {
    Reflect.deleteProperty(holder as object, last);
  }
}

function ownMember(was: unknown, key: string): unknown {
  return isMapping(was) && Object.hasOwn(was, key) ? was[key] : undefined;
}

/** Of JSON values, whatever the order of keys. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => isEqual(item, b[index]));
  if (!isMapping(a) || !isMapping(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]));
}

/** What a draft amounts to as JSON. */
export function valueOf(draft: Draft, was?: unknown): unknown {
  switch (draft.kind) {
    case 'kept':
      return was;
    case 'value':
      return draft.value;
    case 'mapping': {
      const entries = draft.node.entries.flatMap(({ key }, index): [string, unknown][] => {
        const member = draft.members[index];
        return key === undefined || member === undefined ? [] : [[key, valueOf(member.draft, member.was)]];
      });
      return Object.fromEntries([
        ...entries,
        ...[...draft.added].map(([key, slot]): [string, unknown] => [key, valueOf(slot.draft, slot.was)]),
      ]);
    }
    case 'sequence':
      return draft.items.map((slot) => valueOf(slot.draft, slot.was));
  }
}
