/** The place of a path in a document, found on the tape of its reading: without an outline of all of its nodes. */
import type { EventTape } from './event-tape.ts';
import { endOfScalar, isOpenBracket, type FoundNode, type Outline, type OutlineEntry } from './outline.ts';
import { isMergeKey, scalarKey } from './scalars.ts';

/** An entry of a mapping, by its two events. */
interface TapedEntry {
  readonly key: number;
  readonly value: number;
}

/** Steps for each event of a tape, before an outline is made: that takes as long as 5 to 15 steps for each. */
const STEPS_PER_EVENT = 16;

/** For documents without anchors, aliases and tags, as nearly all are. */
export class TapedTree {
  readonly #text: string;
  readonly #tape: EventTape;
  /** A step passes an entry or an item: many paths into a long list would take too many. */
  #stepsLeft: number;

  /** @param text what the offsets of the tape are in */
  constructor(text: string, tape: EventTape) {
    this.#text = text;
    this.#tape = tape;
    this.#stepsLeft = STEPS_PER_EVENT * tape.length;
  }

  /** @returns undefined where an outline knows more, as a `<<` stands on the way, and for every path once an outline is cheaper */
  find(path: readonly (string | number)[]): FoundNode | undefined {
    if (this.#stepsLeft <= 0) return undefined;
    const tape = this.#tape;
    let event = 0;
    let entry: TapedEntry | undefined;
    for (const part of path) {
      if (tape.isMapping(event)) {
        const below = this.#entryOf(event, String(part));
        if (below === 'merged') return undefined;
        if (below === undefined) return this.#found(event, entry, false);
        entry = below;
        event = below.value;
      } else {
        const item = typeof part === 'number' && tape.isSequence(event) ? this.#itemOf(event, part) : undefined;
        if (item === undefined) return this.#found(event, entry, false);
        entry = undefined;
        event = item;
      }
    }
    return this.#found(event, entry, true);
  }

  /** The last of those with a key. */
  #entryOf(mapping: number, wanted: string): TapedEntry | 'merged' | undefined {
    let found: TapedEntry | undefined;
    for (let key = mapping + 1, last = this.#tape.lastOf(mapping); key < last;) {
      this.#stepsLeft -= 1;
      const text = this.#tape.textOf(key);
      const isPlain = this.#tape.isPlainScalar(key);
      if (isMergeKey(text, isPlain, undefined)) return 'merged';
      const value = key + 1;
      if (scalarKey(text, isPlain, undefined, 0) === wanted) found = { key, value };
      key = this.#tape.lastOf(value) + 1;
    }
    return found;
  }

  #itemOf(sequence: number, index: number): number | undefined {
    let item = sequence + 1;
    const last = this.#tape.lastOf(sequence);
    for (let left = index; item < last; left--) {
      this.#stepsLeft -= 1;
      if (left === 0) return item;
      item = this.#tape.lastOf(item) + 1;
    }
    return undefined;
  }

  #found(event: number, entry: TapedEntry | undefined, isWhole: boolean): FoundNode | undefined {
    const node = this.#nodeAt(event);
    const found = entry && this.#placedEntry(entry, node);
    if (isWhole || entry !== undefined || !this.#tape.isMapping(event)) return { node, entry: found, isWhole };
    // What does not exist points at the first key of the element that it is missed in.
    const first = event + 1;
    if (first >= this.#tape.lastOf(event)) return { node, entry: found, isWhole };
    const key = scalarKey(this.#tape.textOf(first), this.#tape.isPlainScalar(first), undefined, 0);
    const head = this.#entryOf(event, key);
    if (head === 'merged' || head === undefined) return undefined;
    const entries = new Map([[key, this.#placedEntry(head, this.#nodeAt(head.value))]]);
    return { node: { ...node, entries }, entry: found, isWhole };
  }

  #placedEntry({ key }: TapedEntry, value: Outline): OutlineEntry {
    return { keyOffset: this.#tape.offsetOf(key), keyEnd: this.#endOf(key), value };
  }

  #nodeAt(event: number): Outline {
    return { offset: this.#tape.offsetOf(event), end: this.#endOf(this.#tape.lastOf(event)) };
  }

  /** Behind the last character of a scalar, or of a collection by the event that ends it. */
  #endOf(event: number): number {
    const tape = this.#tape;
    // A block ends with the last node in it.
    for (let last = event; last >= 0; last--) {
      const start = tape.startOf(last);
      if (start === undefined) return endOfScalar(this.#text, tape.offsetOf(last), tape.endOf(last));
      if (isOpenBracket(this.#text.charAt(tape.offsetOf(start)))) return tape.offsetOf(last) + 1;
    }
    return 0;
  }
}
