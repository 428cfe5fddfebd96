/** Reads how a document is laid out, from the events of the parser. */
import { parseJson } from '../json-events.ts';
import { isJson as isJsonText } from '../json-text.ts';
import { parseFirstDocument, type Properties, type YamlListener } from '../parser.ts';
import { isMergeKey, scalarKey } from '../scalars.ts';
import type { Scalar } from '../tokens.ts';
import {
  behindProperties,
  nextMark,
  type Layout,
  type LayoutEntry,
  type LayoutNode,
  type LayoutScalar,
  type ScalarStyle,
} from './layout.ts';

/** @param text one document, JSON or YAML, that `parseDocument` reads, with line ends as the parser gets them */
export function layoutOf(text: string): Layout {
  const builder = new LayoutBuilder(text);
  const isJson = isJsonText(text);
  if (isJson) parseJson(text, builder);
  else parseFirstDocument(text, builder);
  return { root: builder.root, text, isJson };
}

interface Key {
  readonly key: string | undefined;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly isSimple: boolean;
}

interface Frame {
  readonly parent: Frame | undefined;
  readonly offset: number;
  readonly isFlow: boolean;
  readonly isPair: boolean;
  readonly properties: Properties;
  /** Undefined in a sequence. */
  readonly entries: LayoutEntry[] | undefined;
  readonly items: LayoutNode[];
  key: Key | undefined;
}

class LayoutBuilder implements YamlListener {
  root: LayoutNode = { kind: 'scalar', style: 'absent', start: 0, end: 0 };
  readonly #text: string;
  #frame: Frame | undefined;
  readonly #anchored = new Map<string, LayoutNode>();
  /** What scalars with an anchor would be as keys. */
  readonly #keys = new Map<string, () => string>();

  constructor(text: string) {
    this.#text = text;
  }

  scalar({ offset, text, isPlain, end }: Scalar, properties: Properties): void {
    const { anchor, tag } = properties;
    const toKey = (): string => scalarKey(text, isPlain, tag, offset);
    const style = styleOf(this.#text.charAt(offset), isPlain, offset === end);
    if (anchor !== undefined) this.#keys.set(anchor, toKey);
    const frame = this.#frame;
    if (frame?.entries !== undefined && frame.key === undefined) {
      const isSimple = anchor === undefined && tag === undefined && style !== 'absent' && style !== 'block';
      const key = isMergeKey(text, isPlain, tag) ? undefined : toKey();
      frame.key = { key, keyStart: offset, keyEnd: end, isSimple: isSimple && !this.#isMarked(frame, offset) };
      return;
    }
    const place =
      style === 'absent' && (anchor ?? tag) !== undefined
        ? this.#absentBehindProperties(offset)
        : { start: offset, end: this.#endOfScalar(offset, end, style) };
    const node: LayoutScalar = { kind: 'scalar', style, ...place, ...placed(properties) };
    if (anchor !== undefined) this.#anchored.set(anchor, node);
    this.#place(node);
  }

  alias(offset: number, anchor: string): void {
    const end = offset + 1 + anchor.length;
    const anchored = this.#anchored.get(anchor);
    if (anchored !== undefined) anchored.isShared = true;
    const frame = this.#frame;
    if (frame?.entries !== undefined && frame.key === undefined)
      frame.key = { key: this.#keys.get(anchor)?.() ?? '', keyStart: offset, keyEnd: end, isSimple: false };
    else this.#place({ kind: 'alias', start: offset, end, anchor });
  }

  startSequence(offset: number, properties: Properties): void {
    this.#start(offset, undefined, properties, this.#text.charAt(offset) === '[');
  }

  startMapping(offset: number, properties: Properties): void {
    this.#start(offset, [], properties, this.#text.charAt(offset) === '{');
  }

  end(offset: number): void {
    const frame = this.#frame;
    if (frame === undefined) throw new Error('the parser ended a collection that it had not started');
    const { isFlow, isPair, entries, items, properties } = frame;
    const last = entries === undefined ? items.at(-1) : entries.at(-1)?.value;
    const end = isFlow && !isPair ? offset + 1 : Math.max(last?.end ?? 0, entries?.at(-1)?.keyEnd ?? 0, frame.offset);
    const shape = { start: frame.offset, end, isFlow, ...placed(properties) };
    const node: LayoutNode = entries === undefined ? { kind: 'sequence', ...shape, items } : { kind: 'mapping', ...shape, isPair, entries };
    // Aliases come after the end: no node holds itself.
    if (properties.anchor !== undefined) this.#anchored.set(properties.anchor, node);
    this.#frame = frame.parent;
    this.#place(node);
  }

  #start(offset: number, entries: LayoutEntry[] | undefined, properties: Properties, isBracket: boolean): void {
    const parent = this.#frame;
    const isFlow = isBracket || parent?.isFlow === true;
    this.#frame = { parent, offset, isFlow, isPair: isFlow && !isBracket, properties, entries, items: [], key: undefined };
  }

  #place(node: LayoutNode): void {
    const frame = this.#frame;
    if (frame === undefined) {
      this.root = node;
    } else if (frame.entries === undefined) {
      frame.items.push(node);
    } else if (frame.key !== undefined) {
      frame.entries.push({ ...frame.key, value: node });
      frame.key = undefined;
    }
  }

  /** Whether a `?` stands before a key. */
  #isMarked({ entries, offset }: Frame, keyStart: number): boolean {
    const last = entries?.at(-1);
    const from = last === undefined ? offset : Math.max(last.value.end, last.keyEnd);
    return this.#text.slice(from, keyStart).replace(/#.*/g, '').includes('?');
  }

  /** Begins, as every other node, behind its anchor and its tag. */
  #absentBehindProperties(offset: number): { readonly start: number; readonly end: number } {
    const start = behindProperties(this.#text, offset);
    return { start, end: start };
  }

  /** Lines that follow a block without being part of its value are not part of it. */
  #endOfScalar(start: number, end: number, style: ScalarStyle): number {
    if (style === 'absent') {
      // The reader tells the place of the `:` or `-` that it misses a value behind.
      const mark = nextMark(this.#text, start);
      return ':-'.includes(this.#text.charAt(mark)) ? mark + 1 : start;
    }
    if (style !== 'block') return end;
    const block = this.#text.slice(start, end);
    const isKept = /^[|>][0-9]?\+/.test(block);
    const length = isKept ? block.lastIndexOf('\n') : block.trimEnd().length;
    return start + Math.max(length, 1);
  }
}

function placed({ anchor, anchorOffset, tag }: Properties): Pick<LayoutNode, 'anchor' | 'anchorStart' | 'hasTag'> {
  return { anchor, anchorStart: anchorOffset, hasTag: tag !== undefined };
}

function styleOf(first: string, isPlain: boolean, isEmpty: boolean): ScalarStyle {
  if (isPlain) return isEmpty ? 'absent' : 'plain';
  if (first === "'") return 'single';
  return first === '"' ? 'double' : 'block';
}
