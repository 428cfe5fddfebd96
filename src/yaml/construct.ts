/**
 * Makes the JSON value of a YAML document.
 *
 * Mirrors `decode.go` of go.yaml.in/yaml/v2 v2.4.2 for a target of `interface{}`, and `convertToJSONableObject` of
 * sigs.k8s.io/yaml v1.6.0 behind it. What may surprise: of equal keys the last wins, and `<<` replaces what stands before
 * it. An alias is a copy, as there are no references in JSON.
 */
import { MAX_DEPTH, parseFirstDocument, type Properties, type YamlListener } from './parser.ts';
import { isMergeKey, scalarKey, scalarValue, type ScalarText } from './scalars.ts';
import { YamlProblem } from './yaml-problem.ts';

/**
 * @param text one document, without control characters
 * @returns a JSON value; null for an empty document
 * @throws {YamlProblem}
 */
export function constructDocument(text: string): unknown {
  const construction = new Construction();
  parseFirstDocument(text, construction);
  return construction.value;
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

/** A collection whose end is still to come: a list, or an object. */
interface Frame {
  readonly parent: Frame | undefined;
  readonly list: unknown[] | undefined;
  readonly object: object;
  /** In an object, what the next value belongs to; undefined where a key is next. */
  key: string | undefined;
  /** In an object, whether the next value is merged into it; in a list, whether all elements are, into what is around. */
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

  scalar(offset: number, text: string, isPlain: boolean, { anchor, tag }: Properties): void {
    const scalar: ScalarText = { text, isPlain, tag, offset };
    this.#nodeCount += 1;
    if (anchor !== undefined) this.#anchors.set(anchor, { node: { scalar }, nodeCount: 1, height: 0 });
    const frame = this.#frame;
    if (frame !== undefined && frame.list === undefined && frame.key === undefined && !frame.isMerging) {
      if (isMergeKey(scalar)) frame.isMerging = true;
      else frame.key = scalarKey(scalar);
    } else {
      this.#place(scalarValue(scalar), false, offset);
    }
  }

  alias(offset: number, anchor: string): void {
    const anchored = this.#anchors.get(anchor);
    if (anchored === undefined) throw new YamlProblem(`unknown anchor '${anchor}' referenced`, offset);
    const { node, nodeCount, height } = anchored;
    if (node === undefined) throw new YamlProblem(`anchor '${anchor}' value contains itself`, offset);
    this.#countAlias(nodeCount, offset);
    const frame = this.#frame;
    if (frame !== undefined) {
      frame.deepest = Math.max(frame.deepest, frame.depth + height);
      if (frame.deepest > MAX_DEPTH) throw new YamlProblem(`must not be nested deeper than ${MAX_DEPTH} levels`, offset);
    }
    if ('collection' in node) this.#place(copy(node.collection), !Array.isArray(node.collection), offset);
    else this.scalar(offset, node.scalar.text, node.scalar.isPlain, { anchor: undefined, tag: node.scalar.tag });
  }

  startSequence(offset: number, { anchor }: Properties): void {
    const isMerging = this.#frame?.list === undefined && this.#frame?.isMerging === true;
    if (!isMerging && this.#frame?.isMerging === true) throw wantMap(offset);
    const list: unknown[] = [];
    this.#start(list, list, isMerging, anchor, offset);
  }

  startMapping(offset: number, { anchor }: Properties): void {
    this.#start(undefined, {}, false, anchor, offset);
  }

  #start(list: unknown[] | undefined, object: object, isMerging: boolean, anchor: string | undefined, offset: number): void {
    const parent = this.#frame;
    if (parent !== undefined && isAtKey(parent)) throw new YamlProblem('invalid map key: an object or a list', offset);
    const depth = (parent?.depth ?? 0) + 1;
    const anchored = anchor === undefined ? undefined : { node: undefined, nodeCount: 0, height: 0 };
    if (anchor !== undefined && anchored !== undefined) this.#anchors.set(anchor, anchored);
    this.#frame = { parent, list, object, key: undefined, isMerging, depth, deepest: depth, anchored, nodesBefore: this.#nodeCount };
    this.#nodeCount += 1;
  }

  end(): void {
    const frame = this.#frame;
    if (frame === undefined) throw new Error('the parser ended a collection that it did not start');
    const { parent, list, object, anchored } = frame;
    if (anchored !== undefined) {
      anchored.node = { collection: object };
      anchored.nodeCount = this.#nodeCount - frame.nodesBefore;
      anchored.height = frame.deepest - frame.depth + 1;
    }
    this.#frame = parent;
    if (parent !== undefined) parent.deepest = Math.max(parent.deepest, frame.deepest);
    if (list !== undefined && frame.isMerging && parent !== undefined) {
      // The first of several counts most, so it goes last.
      for (const source of list.reverse()) assignAll(parent.object, source as object);
      parent.isMerging = false;
    } else {
      this.#place(object, list === undefined, 0);
    }
  }

  /** Puts a finished value where it belongs. */
  #place(value: unknown, isMapping: boolean, offset: number): void {
    const frame = this.#frame;
    if (frame === undefined) {
      this.value = value;
    } else if (frame.isMerging && !isMapping) {
      throw wantMap(offset);
    } else if (frame.list !== undefined) {
      frame.list.push(value);
    } else if (frame.isMerging) {
      assignAll(frame.object, value as object);
      frame.isMerging = false;
    } else if (frame.key !== undefined) {
      setKey(frame.object, frame.key, value);
      frame.key = undefined;
    } else {
      throw new YamlProblem('invalid map key: an object or a list', offset);
    }
  }

  #countAlias(nodeCount: number, offset: number): void {
    this.#nodeCount += nodeCount;
    this.#aliasedCount += nodeCount;
    const isExcessive = this.#aliasedCount > 100 && this.#nodeCount > 1000 && this.#aliasedCount / this.#nodeCount > allowedAliasRatio(this.#nodeCount);
    if (isExcessive) throw new YamlProblem('document contains excessive aliasing', offset);
  }
}
