/**
 * Shapes of fields: whether a value has the type that podgrace reads, what is wrong with it, and what of it can be read.
 */
import { DeferredManagedFields } from './deferred-managed-fields.ts';
import { isObject, setKey, type JsonObject } from './json.ts';
import type { FieldPath } from './path.ts';
import { parseQuantity } from './quantity.ts';
import { inWords, ShapeProblems, shortJson, type ShapeProblem } from './shape-problem.ts';
import { Work } from './work.ts';

/**
 * So many fields of an object may be unknown and are kept: those of other versions. No type of Kubernetes has half as many. With more, the
 * known ones alone are read, as every copy would cost what nobody asks for: a Pod of 2 MB can be three probes of 60,000 fields.
 */
const MAX_UNKNOWN_FIELDS = 100;

const NONE: readonly ShapeProblem[] = [];

/** What can be read of a value, and what is wrong with the rest. */
export interface ShapeReading {
  /** The value itself where it fits. */
  readonly readable: unknown;
  /** The first 20, and one of the whole value that says how many more there are. */
  readonly problems: readonly ShapeProblem[];
}

/** @throws {OutOfTimeError} where there is no time left */
export function readShape(shape: Shape, value: unknown, path: FieldPath, work: Work = Work.UNBOUNDED): ShapeReading {
  if (shape.fits(value, work)) return { readable: value, problems: NONE };
  const problems = new ShapeProblems(work);
  shape.explain(value, path, problems);
  return { readable: shape.readable(value, work) ?? shape.empty, problems: problems.listed(path) };
}

/**
 * `fits` is the usual way and allocates nothing; `explain` runs only once something is known to be wrong. All three count what an object
 * can have any number of: elements of lists, entries of maps, and fields that are not known.
 */
export interface Shape {
  /** Of the shapes that nearly all fields have: no call of `fits` is needed then. */
  readonly primitive?: Primitive | undefined;
  /** Whether it can be read as it is: the types are right, and no object has too many unknown fields. */
  fits(value: unknown, work: Work): boolean;
  explain(value: unknown, path: FieldPath, into: ShapeProblems): void;
  /** What can be read of a value, the value itself where it fits; undefined for nothing. */
  readable(value: unknown, work: Work): unknown;
  /** What stands for nothing where there has to be something. */
  readonly empty: unknown;
}

/** Numbers, because V8 compares `typeof` with a text that it knows beforehand in one instruction, and with any other by a call. */
const NO_PRIMITIVE = 0;
const STRING = 1;
const BOOLEAN = 2;
const INT32 = 3;
const STRING_OR_NULL = 4;
type Primitive = typeof STRING | typeof BOOLEAN | typeof INT32 | typeof STRING_OR_NULL;

function fitsPrimitive(value: unknown, primitive: Primitive): boolean {
  switch (primitive) {
    case STRING:
      return typeof value === 'string';
    case BOOLEAN:
      return typeof value === 'boolean';
    case INT32:
      return isInt32(value);
    case STRING_OR_NULL:
      return typeof value === 'string' || value === null;
  }
}

function isInt32(value: unknown): boolean {
  return typeof value === 'number' && value === (value | 0);
}

/** A shape for single values: `name` completes "must be …". */
export function scalar(name: string, fits: (value: unknown) => boolean, empty: unknown): Shape {
  return {
    fits,
    empty,
    readable: (value) => (fits(value) ? value : undefined),
    explain(value, path, into) {
      if (!fits(value)) into.add(path, () => `must be ${name}, but is ${inWords(value)}`);
    },
  };
}

export const string: Shape = { ...scalar('a string', (value) => typeof value === 'string', ''), primitive: STRING };
/** An element of a list of strings: the API server reads null as an empty text. */
export const argument: Shape = {
  ...scalar('a string', (value) => typeof value === 'string' || value === null, ''),
  primitive: STRING_OR_NULL,
};
export const boolean: Shape = { ...scalar('true or false', (value) => typeof value === 'boolean', false), primitive: BOOLEAN };
export const integer = scalar('an integer', Number.isInteger, 0);
export const int32: Shape = { ...scalar('an integer of 32 bits', isInt32, 0), primitive: INT32 };
export const port = scalar('a port number or name', (value) => Number.isInteger(value) || typeof value === 'string', 0);
export const anything = scalar('an object', isObject, {});
export const quantity: Shape = {
  fits: isQuantity,
  readable: (value) => (isQuantity(value) ? value : undefined),
  empty: '0',
  explain(value, path, into) {
    if (isQuantity(value)) return;
    const readable = typeof value === 'string' || typeof value === 'number';
    into.add(
      path,
      () => `must be a quantity${readable ? ' such as 500m or 1Gi' : ''}, but is ${readable ? shortJson(value) : inWords(value)}`,
    );
  },
};

function isQuantity(value: unknown): boolean {
  return (typeof value === 'string' || typeof value === 'number') && parseQuantity(value) !== undefined;
}

interface Member {
  readonly key: string;
  readonly shape: Shape;
  readonly primitive: Primitive | typeof NO_PRIMITIVE;
  readonly isRequired: boolean;
}

/** Optional fields may be null: the API server reads that as absent. */
export function object(required: Record<string, Shape>, optional: Record<string, Shape> = {}): Shape {
  const must = Object.entries(required);
  const may = Object.entries(optional);
  const members = new Map<string, Member>(
    [...must, ...may].map(([key, shape]) => [
      key,
      { key, shape, primitive: shape.primitive ?? NO_PRIMITIVE, isRequired: Object.hasOwn(required, key) },
    ]),
  );
  // Most objects of a type have the keys of the last one in its order: they are compared before they are looked up.
  const last: Member[] = [...members.values()];
  // Objects have fewer keys than their types: what is there is looked up, not what could be.
  const fits = (value: unknown, work: Work): boolean => {
    if (!isObject(value)) return false;
    let missing = must.length;
    let unknown = 0;
    let index = 0;
    for (const key in value) {
      let member = last[index];
      if (member?.key !== key) {
        member = members.get(key);
        if (member === undefined) {
          unknown += 1;
          if (unknown > MAX_UNKNOWN_FIELDS) return false;
          continue;
        }
        if (index < last.length) last[index] = member;
      }
      index += 1;
      const content = value[key];
      if (member.isRequired) missing -= 1;
      else if (content == null) continue;
      const { primitive } = member;
      if (!(primitive === NO_PRIMITIVE ? member.shape.fits(content, work) : fitsPrimitive(content, primitive))) return false;
    }
    return missing === 0;
  };
  const empty: object = Object.freeze(Object.fromEntries(must.map(([key, shape]) => [key, shape.empty])));
  const read: ReadMember = (key, content, work) => {
    const member = members.get(key);
    return member === undefined || content == null ? content : member.shape.readable(content, work);
  };
  return {
    fits,
    empty,
    readable(value, work) {
      if (!isObject(value)) return undefined;
      if (!hasMembers(value)) return empty;
      const readable = withReadableMembers(withFewUnknown(value, members, work), read, work);
      return withAll(must, readable, value);
    },
    explain(value, path, into) {
      if (!isObject(value)) {
        into.add(path, () => `must be an object, but is ${inWords(value)}`);
        return;
      }
      const placeOf = (key: string): FieldPath => (into.isFull ? path : path.field(key));
      for (const [key, shape] of must) shape.explain(value[key], placeOf(key), into);
      for (const [key, shape] of may) if (value[key] != null) shape.explain(value[key], placeOf(key), into);
    },
  };
}

/**
 * With all that there has to be.
 *
 * @param readable what can be read of a value: a copy, or the value itself, which is not changed
 */
function withAll(must: readonly (readonly [string, Shape])[], readable: JsonObject, value: JsonObject): JsonObject {
  let whole: Record<string, unknown> | undefined;
  for (const one of must) {
    const key = one[0];
    if (readable[key] != null) continue;
    whole ??= readable === value ? { ...value } : readable;
    whole[key] = one[1].empty;
  }
  return whole ?? readable;
}

/** @returns the object itself where it has few unknown fields, else a new one of those that are known */
function withFewUnknown(value: JsonObject, known: ReadonlyMap<string, Member>, work: Work): JsonObject {
  let unknown = 0;
  const few: Record<string, unknown> = {};
  for (const key in value) {
    if (known.has(key)) few[key] = value[key];
    else work.spendAt(unknown++);
  }
  return unknown <= MAX_UNKNOWN_FIELDS ? value : few;
}

function hasMembers(value: JsonObject): boolean {
  for (const _ in value) return true;
  return false;
}

/** @returns undefined for what is to be left out */
type ReadMember = (key: string, content: unknown, work: Work) => unknown;

/**
 * In one pass: an object can hold hundreds of thousands of keys, and as many objects.
 *
 * @returns the object itself where every member stays as it is
 */
function withReadableMembers(value: JsonObject, read: ReadMember, work: Work): JsonObject {
  let copy: Record<string, unknown> | undefined;
  let index = 0;
  for (const key in value) {
    work.spendAt(index++);
    const content = value[key];
    const readable = read(key, content, work);
    if (copy === undefined && readable === content) continue;
    copy ??= membersBefore(key, value);
    if (readable !== undefined) setKey(copy, key, readable);
  }
  return copy ?? value;
}

function membersBefore(end: string, value: JsonObject): Record<string, unknown> {
  const copy = {};
  for (const key in value) {
    if (key === end) break;
    setKey(copy, key, value[key]);
  }
  return copy;
}

/** A list whose elements all have one shape. */
export function list(element: Shape): Shape {
  const primitive = element.primitive ?? NO_PRIMITIVE;
  const fits = (value: unknown, work: Work): boolean => {
    if (!Array.isArray(value)) return false;
    for (let index = 0; index < value.length; index++) {
      work.spendAt(index);
      if (!(primitive === NO_PRIMITIVE ? element.fits(value[index], work) : fitsPrimitive(value[index], primitive))) return false;
    }
    return true;
  };
  return {
    fits,
    empty: Object.freeze([]),
    // Elements keep their places: nothing may be said of another one.
    readable(value: unknown, work: Work): unknown {
      if (!Array.isArray(value)) return undefined;
      const { length } = value;
      let copy: unknown[] | undefined;
      for (let index = 0; index < length; index++) {
        work.spendAt(index);
        const member: unknown = value[index];
        const readable = element.readable(member, work);
        if (copy === undefined && readable === member) continue;
        copy ??= value.slice(0, index);
        copy.push(readable === undefined ? element.empty : readable);
      }
      return copy ?? (value as unknown[]);
    },
    explain(value, path, into) {
      if (!Array.isArray(value)) into.add(path, () => `must be a list, but is ${inWords(value)}`);
      else
        for (const [index, member] of value.entries()) {
          into.work.spendAt(index);
          element.explain(member, into.isFull ? path : path.at(index, nameIn(member)), into);
        }
    },
  };
}

/** Elements may be null: the API server reads `cpu: null` as 0 and `label: null` as an empty text. */
export function map(element: Shape): Shape {
  const primitive = element.primitive ?? NO_PRIMITIVE;
  const fits = (value: unknown, work: Work): boolean => {
    if (!isObject(value)) return false;
    let index = 0;
    for (const key in value) {
      work.spendAt(index++);
      const content = value[key];
      if (content !== null && !(primitive === NO_PRIMITIVE ? element.fits(content, work) : fitsPrimitive(content, primitive))) return false;
    }
    return true;
  };
  const read: ReadMember = (_key, member, work) => (member === null ? null : element.readable(member, work));
  return {
    fits,
    empty: Object.freeze({}),
    readable: (value, work) => (isObject(value) ? withReadableMembers(value, read, work) : undefined),
    explain(value, path, into) {
      if (!isObject(value)) {
        into.add(path, () => `must be a map, but is ${inWords(value)}`);
        return;
      }
      let index = 0;
      for (const key in value) {
        into.work.spendAt(index++);
        const member = value[key];
        if (member !== null) element.explain(member, into.isFull ? path : path.key(key.slice(0, LONGEST_KEY)), into);
      }
    },
  };
}

/** An element that may be null: the API server reads it as an object without fields. */
export function orNull(shape: Shape): Shape {
  return {
    fits: (value, work) => value === null || shape.fits(value, work),
    empty: shape.empty,
    readable: (value, work) => (value === null ? null : shape.readable(value, work)),
    explain(value, path, into) {
      if (value !== null) shape.explain(value, path, into);
    },
  };
}

/** What cannot be read is there all the same: a volume without a source would be an emptyDir. */
export function present(shape: Shape): Shape {
  return { ...shape, readable: (value, work) => shape.readable(value, work) ?? shape.empty };
}

/** What a server has set aside is evidence for who asks; it is no field that a rule reads. */
export function parsedOrNot(shape: Shape): Shape {
  const isDeferred = (value: unknown): boolean => value instanceof DeferredManagedFields;
  return {
    fits: (value, work) => isDeferred(value) || shape.fits(value, work),
    empty: shape.empty,
    readable: (value, work) => (isDeferred(value) ? value : shape.readable(value, work)),
    explain(value, path, into) {
      if (!isDeferred(value)) shape.explain(value, path, into);
    },
  };
}

/** So that a problem is found again when the element has moved. */
function nameIn(member: unknown): { name: string } | undefined {
  return isObject(member) && typeof member['name'] === 'string' ? { name: member['name'] } : undefined;
}

/** A prefix of 253 characters, a slash and a name of 63 (`IsQualifiedName`): what is longer is no key that the API server takes. */
const LONGEST_KEY = 317;
