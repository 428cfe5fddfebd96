/**
 * Makes the JSON value of a YAML document.
 *
 * Follows `decode.go` of go.yaml.in/yaml/v2 v2.4.2 for a target of `interface{}` (Apache-2.0, licenses/go-yaml), and behind it
 * `convertToJSONableObject` of sigs.k8s.io/yaml v1.6.0 (MIT, licenses/sigs-yaml). What may surprise: of equal keys the last wins, and `<<` replaces what stands before
 * it. An alias is a copy, as there are no references in JSON.
 */
import type { EventTape } from './event-tape.ts';
import { MAX_DEPTH, parseFirstDocument, type Properties, type YamlListener } from './parser.ts';
import { isMergeKey, scalarKey, scalarValue } from './scalars.ts';
import type { Scalar } from './tokens.ts';
import { YamlProblem } from './yaml-problem.ts';

/**
 * @param text one document, without control characters
 * @param tape gets what the parser tells of it
 * @returns a JSON value; null for an empty document
 * @throws {YamlProblem}
 */
export function constructDocument(text: string, tape?: EventTape): unknown {
  const construction = new Construction();
  if (tape === undefined) parseFirstDocument(text, construction);
  else
    tape.record(construction, (listener) => {
      parseFirstDocument(text, listener);
    });
  return construction.value;
}

interface ScalarText {
  readonly text: string;
  readonly isPlain: boolean;
  readonly tag: string | undefined;
}

/** A node that aliases may copy. */
interface Anchored {
  /** Undefined until a collection ends: it cannot hold itself. */
  node: { readonly scalar: ScalarText } | { readonly collection: object } | undefined;
  /** What a copy costs. */
  nodeCount: number;
  /** Levels of collections: 0 for a scalar. */
  height: number;
}

/** A collection whose end is still to come. */
interface Frame {
  readonly parent: Frame | undefined;
  readonly offset: number;
  readonly collection: object;
  /** The same for a sequence; undefined for a mapping. */
  readonly list: unknown[] | undefined;
  /** In a mapping, what the next value belongs to; undefined where a key is next. */
  key: string | undefined;
  /** In a mapping, whether the next value is merged into it; in a sequence, whether its elements are, into what is around. */
  isMerging: boolean;
  readonly depth: number;
  deepest: number;
  readonly anchored: Anchored | undefined;
  readonly nodesBefore: number;
}

class Construction implements YamlListener {
  value: unknown = null;
  #frame: Frame | undefined;
  readonly #anchors = new Map<string, Anchored>();
  /** Nodes so far, the document's own included; and those of them that came from aliases. */
  #nodeCount = 1;
  #aliasedCount = 0;

  scalar({ offset, text, isPlain }: Scalar, { anchor, tag }: Properties): void {
    this.#nodeCount += 1;
    if (anchor !== undefined) this.#anchors.set(anchor, { node: { scalar: { text, isPlain, tag } }, nodeCount: 1, height: 0 });
    const frame = this.#frame;
    if (frame === undefined || !isAtKey(frame)) this.#place(scalarValue(text, isPlain, tag, offset), offset);
    else if (isMergeKey(text, isPlain, tag)) frame.isMerging = true;
    else frame.key = scalarKey(text, isPlain, tag, offset);
  }

  alias(offset: number, anchor: string): void {
    const anchored = this.#anchors.get(anchor);
    if (anchored === undefined)
      throw new YamlProblem(`*${anchor} must come after its anchor &${anchor}, but there is none before it`, offset);
    const { node, nodeCount, height } = anchored;
    if (node === undefined) throw new YamlProblem(`*${anchor} must not stand within &${anchor}, its own anchor`, offset);
    this.#nodeCount += 1 + nodeCount;
    this.#aliasedCount += nodeCount;
    if (isExcessive(this.#aliasedCount, this.#nodeCount))
      throw new YamlProblem('aliases (*) must not make up so much of the document', offset);
    const frame = this.#frame;
    if (frame !== undefined) {
      frame.deepest = Math.max(frame.deepest, frame.depth + height);
      if (frame.deepest > MAX_DEPTH) throw new YamlProblem(`must not be nested deeper than ${MAX_DEPTH} levels`, offset);
    }
    if ('collection' in node) {
      this.#place(copy(node.collection), offset, !Array.isArray(node.collection));
    } else {
      const { text, isPlain, tag } = node.scalar;
      if (frame !== undefined && isAtKey(frame)) frame.key = scalarKey(text, isPlain, tag, offset);
      else this.#place(scalarValue(text, isPlain, tag, offset), offset);
    }
  }

  startSequence(offset: number, { anchor }: Properties): void {
    const around = this.#frame;
    if (around?.isMerging === true && around.list !== undefined) throw wantMap(offset);
    const list: unknown[] = [];
    this.#start(offset, list, anchor, around?.isMerging === true);
  }

  startMapping(offset: number, { anchor }: Properties): void {
    this.#start(offset, {}, anchor, false);
  }

  end(): void {
    const frame = this.#frame;
    if (frame === undefined) throw new Error('the parser ended a collection that it had not started');
    const { parent, collection, list, anchored } = frame;
    if (anchored !== undefined) {
      anchored.node = { collection };
      anchored.nodeCount = this.#nodeCount - frame.nodesBefore;
      anchored.height = frame.deepest - frame.depth + 1;
    }
    this.#frame = parent;
    if (parent !== undefined) parent.deepest = Math.max(parent.deepest, frame.deepest);
    if (parent === undefined || list === undefined || !frame.isMerging) {
      this.#place(collection, frame.offset, list === undefined);
    } else {
      // The first of several mappings counts most, so it goes last.
      for (let index = list.length - 1; index >= 0; index--) assignAll(parent.collection, list[index] as object);
      parent.isMerging = false;
    }
  }

  #start(offset: number, collection: unknown[] | Record<string, unknown>, anchor: string | undefined, isMerging: boolean): void {
    const parent = this.#frame;
    if (parent !== undefined && isAtKey(parent)) throw invalidKey(offset);
    const depth = parent === undefined ? 1 : parent.depth + 1;
    const anchored = anchor === undefined ? undefined : { node: undefined, nodeCount: 0, height: 0 };
    if (anchor !== undefined && anchored !== undefined) this.#anchors.set(anchor, anchored);
    const nodesBefore = this.#nodeCount;
    const list = Array.isArray(collection) ? collection : undefined;
    this.#frame = { parent, offset, collection, list, key: undefined, isMerging, depth, deepest: depth, anchored, nodesBefore };
    this.#nodeCount += 1;
  }

  /** Puts a finished value where it belongs. */
  #place(value: unknown, offset: number, isMapping = false): void {
    const frame = this.#frame;
    if (frame === undefined) {
      this.value = value;
    } else if (frame.isMerging && !isMapping) {
      throw wantMap(offset);
    } else if (frame.list !== undefined) {
      frame.list.push(value);
    } else if (frame.isMerging) {
      assignAll(frame.collection, value as object);
      frame.isMerging = false;
    } else if (frame.key !== undefined) {
      setKey(frame.collection, frame.key, value);
      frame.key = undefined;
    } else {
      throw invalidKey(offset);
    }
  }
}

function isAtKey(frame: Frame): boolean {
  return frame.key === undefined && frame.list === undefined && !frame.isMerging;
}

function wantMap(offset: number): YamlProblem {
  return new YamlProblem('<< must have an object or a list of objects as its value', offset);
}

function invalidKey(offset: number): YamlProblem {
  return new YamlProblem('a key must not be an object or a list', offset);
}

/** A key `__proto__` becomes an own property, where an assignment would set the prototype. */
function setKey(target: object, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  else (target as Record<string, unknown>)[key] = value;
}

function assignAll(target: object, source: object): void {
  for (const [key, value] of Object.entries(source)) setKey(target, key, value);
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  const result = {};
  for (const [key, element] of Object.entries(value)) setKey(result, key, copy(element));
  return result;
}

/**
 * Upstream's bound on what aliases expand to (`allowedAliasRatio`): 99 % of a small document, sinking to 10 % of a large one,
 * so that they never add more than some 400,000 nodes.
 */
const RATIO_RANGE_LOW = 400_000;
const RATIO_RANGE_HIGH = 4_000_000;

function isExcessive(aliasedCount: number, nodeCount: number): boolean {
  if (aliasedCount <= 100 || nodeCount <= 1000) return false;
  const progress = (nodeCount - RATIO_RANGE_LOW) / (RATIO_RANGE_HIGH - RATIO_RANGE_LOW);
  return aliasedCount / nodeCount > 0.99 - 0.89 * Math.min(Math.max(progress, 0), 1);
}
