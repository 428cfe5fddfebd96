/** Where the nodes of a document stand: its tree without its values. */
import type { EventTape } from './event-tape.ts';
import { parseJson } from './json-events.ts';
import { isJson } from './json-text.ts';
import { parseFirstDocument, type Properties, type YamlListener } from './parser.ts';
import { isMergeKey, scalarKey } from './scalars.ts';
import type { Scalar } from './tokens.ts';

export interface Outline {
  /** Where the node begins, in UTF-16 code units, behind its anchor and tag. */
  readonly offset: number;
  /** Behind its last character. */
  readonly end: number;
  /** Of an object: where each key stands, and its value. */
  readonly entries?: ReadonlyMap<string, OutlineEntry>;
  /** Of a list. */
  readonly items?: readonly Outline[];
}

export interface OutlineEntry {
  readonly keyOffset: number;
  readonly keyEnd: number;
  readonly value: Outline;
}

/** Where a path leads. */
export interface FoundNode {
  /** Of the deepest part of the path that exists. */
  readonly node: Outline;
  /** Of a field, its place in the object around. */
  readonly entry: OutlineEntry | undefined;
  /** Whether all of the path exists. */
  readonly isWhole: boolean;
}

/**
 * @param text one document, JSON or YAML, that `parseDocument` reads; keys count as there, so that of equal ones the last is
 *   found, and what comes through an alias or `<<` stands where its anchor is
 * @param tape of the same text, where it has been read before
 */
export function outlineOf(text: string, tape?: EventTape): Outline {
  const builder = new OutlineBuilder(text);
  if (isJson(text)) parseJson(text, builder);
  else if (tape?.isEmpty === false) tape.replay(builder);
  else parseFirstDocument(text, builder);
  return builder.root;
}

interface Frame {
  readonly parent: Frame | undefined;
  readonly offset: number;
  readonly entries: Map<string, OutlineEntry> | undefined;
  readonly items: Outline[];
  readonly anchor: string | undefined;
  key: { readonly text: string; readonly offset: number; readonly end: number } | undefined;
  isMerging: boolean;
}

class OutlineBuilder implements YamlListener {
  root: Outline = { offset: 0, end: 0 };
  readonly #text: string;
  #frame: Frame | undefined;
  /** Behind the last character of what was read last. */
  #lastEnd = 0;
  readonly #nodes = new Map<string, Outline>();
  /** What scalars with an anchor would be as keys, for aliases that stand for one. */
  readonly #keys = new Map<string, () => string>();

  /** @param text what the offsets are in */
  constructor(text: string) {
    this.#text = text;
  }

  scalar({ offset, text, isPlain, end: scannedEnd }: Scalar, { anchor, tag }: Properties): void {
    const end = endOfScalar(this.#text, offset, scannedEnd);
    this.#lastEnd = end;
    const frame = this.#frame;
    const toKey = (): string => scalarKey(text, isPlain, tag, offset);
    if (anchor !== undefined) {
      this.#nodes.set(anchor, { offset, end });
      this.#keys.set(anchor, toKey);
    }
    if (frame === undefined || !isAtKey(frame)) this.#place({ offset, end });
    else if (isMergeKey(text, isPlain, tag)) frame.isMerging = true;
    else frame.key = { text: toKey(), offset, end };
  }

  alias(offset: number, anchor: string): void {
    const end = offset + 1 + anchor.length;
    this.#lastEnd = end;
    const frame = this.#frame;
    if (frame !== undefined && isAtKey(frame)) frame.key = { text: this.#keys.get(anchor)?.() ?? '', offset, end };
    else this.#place(this.#nodes.get(anchor) ?? { offset, end });
  }

  startSequence(offset: number, properties: Properties): void {
    this.#start(offset, undefined, properties);
  }

  startMapping(offset: number, properties: Properties): void {
    this.#start(offset, new Map(), properties);
  }

  end(closing: number): void {
    const frame = this.#frame;
    if (frame === undefined) throw new Error('the parser ended a collection that it had not started');
    const { offset, entries, items } = frame;
    if (isOpenBracket(this.#text.charAt(offset))) this.#lastEnd = closing + 1;
    const end = this.#lastEnd;
    const node: Outline = entries === undefined ? { offset, end, items } : { offset, end, entries };
    if (frame.anchor !== undefined) this.#nodes.set(frame.anchor, node);
    this.#frame = frame.parent;
    this.#place(node);
  }

  #start(offset: number, entries: Map<string, OutlineEntry> | undefined, { anchor }: Properties): void {
    this.#frame = { parent: this.#frame, offset, entries, items: [], anchor, key: undefined, isMerging: false };
  }

  #place(node: Outline): void {
    const frame = this.#frame;
    if (frame === undefined) {
      this.root = node;
    } else if (frame.entries === undefined) {
      frame.items.push(node);
    } else if (frame.key !== undefined) {
      frame.entries.set(frame.key.text, { keyOffset: frame.key.offset, keyEnd: frame.key.end, value: node });
      frame.key = undefined;
    } else {
      // Of several mappings the first counts most, so it goes last.
      for (const source of node.items === undefined ? [node] : [...node.items].reverse())
        for (const [key, entry] of source.entries ?? []) frame.entries.set(key, entry);
      frame.isMerging = false;
    }
  }
}

/** A block's end is where the next line begins; one that is not written has its indicator or its properties alone. */
export function endOfScalar(text: string, offset: number, end: number): number {
  if (end > offset) return offset + text.slice(offset, end).trimEnd().length;
  return EMPTY_SCALAR.has(text.charAt(offset)) ? offset + 1 : offset;
}

/** What an empty scalar stands at, where that is part of it and not of what comes next. */
const EMPTY_SCALAR: ReadonlySet<string> = new Set([':', '-', '?']);

/** What begins a list or a map in flow style. */
export function isOpenBracket(character: string): boolean {
  return character === '[' || character === '{';
}

function isAtKey(frame: Frame): boolean {
  return frame.entries !== undefined && frame.key === undefined && !frame.isMerging;
}
