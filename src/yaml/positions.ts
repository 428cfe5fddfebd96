/** Where the fields of a document stand, for messages that name them. */
import type { EventTape } from './event-tape.ts';
import { normalizeLineEnds } from './kubernetes-yaml.ts';
import { outlineOf, type FoundNode, type Outline, type OutlineEntry } from './outline.ts';
import { TapedTree } from './taped-tree.ts';
import type { Place } from './text-places.ts';

/** Keys and indices from the root of a document down: `['spec', 'containers', 0, 'image']`. */
export type DocumentPath = readonly (string | number)[];

/** A part of a text. All four count from 1, columns in UTF-16 code units. */
export interface Region extends Place {
  /** The line of the last character. */
  readonly endLine: number;
  /** Of the character behind the last one. */
  readonly endColumn: number;
}

/**
 * Answers for any number of paths of one document, which it reads once. What an alias or `<<` brings stands where its anchor
 * is. Lines and columns are those of the text, from 1.
 */
export class Positions {
  readonly #text: string;
  readonly #tape: EventTape | undefined;
  readonly #tree: TapedTree | undefined;
  /** Of all nodes, made once a path asks for it that the tape cannot tell. */
  #outline: Outline | undefined;
  readonly #lineStarts: readonly number[];

  /**
   * @param text a document that `parseDocument` reads
   * @param tape of its reading
   */
  constructor(text: string, tape?: EventTape) {
    this.#text = normalizeLineEnds(text);
    this.#tape = tape;
    const isOnTape = tape?.isEmpty === false && tape.isPlainTree && !/^[ \t\r\n]*\{/.test(this.#text);
    this.#tree = isOnTape ? new TapedTree(this.#text, tape) : undefined;
    this.#lineStarts = startsOfLines(this.#text);
  }

  /** The line of the deepest part of a path that exists, so that a missing field points at its parent. For a field that is its key's line. */
  lineOf(path: DocumentPath): number {
    const { node, entry } = this.#find(path);
    return this.#lineAt(entry?.keyOffset ?? node.offset);
  }

  /**
   * The whole of what stands at a path: a field from its key to the end of its value, an element from its first character.
   * Where the path does not exist, the head of the deepest part that does: the key of a field, the first key of an element.
   */
  regionOf(path: DocumentPath): Region {
    const { node, entry, isWhole } = this.#find(path);
    if (entry === undefined) return this.#region(node.offset, isWhole ? node.end : this.#headEnd(node));
    const { keyOffset, keyEnd } = entry;
    // What an alias brings stands elsewhere: the key is what stands here.
    return this.#region(keyOffset, isWhole && node.offset >= keyEnd ? Math.max(node.end, keyEnd) : keyEnd);
  }

  /** @returns a line without its end; empty where the text has no such line */
  textOfLine(line: number): string {
    const start = this.#lineStarts[line - 1];
    if (start === undefined) return '';
    const end = this.#text.indexOf('\n', start);
    return end < 0 ? this.#text.slice(start) : this.#text.slice(start, end);
  }

  #find(path: DocumentPath): FoundNode {
    return this.#tree?.find(path) ?? findIn((this.#outline ??= outlineOf(this.#text, this.#tape)), path);
  }

  #headEnd({ offset, end, entries }: Outline): number {
    for (const { keyOffset, keyEnd } of entries?.values() ?? []) if (keyOffset >= offset && keyEnd <= end) return keyEnd;
    const lineEnd = this.#text.indexOf('\n', offset);
    return lineEnd < 0 ? end : Math.min(end, lineEnd);
  }

  #region(start: number, end: number): Region {
    const line = this.#lineAt(start);
    const endLine = this.#lineAt(Math.max(start, end - 1));
    return { line, column: start - this.#startOf(line) + 1, endLine, endColumn: Math.max(end, start) - this.#startOf(endLine) + 1 };
  }

  #startOf(line: number): number {
    return this.#lineStarts[line - 1] ?? 0;
  }

  /** How many lines begin at or before an offset, by bisection. */
  #lineAt(offset: number): number {
    const lineStarts = this.#lineStarts;
    let low = 0;
    let high = lineStarts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((lineStarts[middle] ?? Infinity) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function findIn(root: Outline, path: DocumentPath): FoundNode {
  let node = root;
  let entry: OutlineEntry | undefined;
  for (const part of path) {
    const below = node.entries?.get(String(part));
    const value = below?.value ?? (typeof part === 'number' ? node.items?.[part] : undefined);
    if (value === undefined) return { node, entry, isWhole: false };
    entry = below;
    node = value;
  }
  return { node, entry, isWhole: true };
}

/** The line of a single path. */
export function lineOfPath(text: string, path: DocumentPath): number {
  return new Positions(text).lineOf(path);
}

function startsOfLines(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}
