/** Where the nodes of a JSON text stand. It is not YAML in every detail (`\/`, surrogate pairs, keys of any length). */
import type { Outline, OutlineEntry } from './outline.ts';

/** @param text a JSON value that `JSON.parse` reads, of at most `MAX_DEPTH` levels */
export function jsonOutline(text: string): Outline {
  return new JsonReader(text).node();
}

const BLANKS = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const BARE_WORD = /[-+.0-9A-Za-z]+/y;

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  node(): Outline {
    this.#skip(BLANKS);
    const offset = this.#at;
    if (this.#take('{')) {
      const entries = this.#entries();
      return { offset, end: this.#at, entries };
    }
    if (this.#take('[')) {
      const items = this.#items();
      return { offset, end: this.#at, items };
    }
    this.#skip(this.#text.startsWith('"', offset) ? STRING : BARE_WORD);
    return { offset, end: this.#at };
  }

  #entries(): Map<string, OutlineEntry> {
    const entries = new Map<string, OutlineEntry>();
    for (let isFirst = true; !this.#take('}'); isFirst = false) {
      if (!isFirst) this.#take(',');
      this.#skip(BLANKS);
      const keyOffset = this.#at;
      this.#skip(STRING);
      // eslint-disable-next-line no-restricted-properties -- one text
      const key = JSON.parse(this.#text.slice(keyOffset, this.#at)) as string;
      const keyEnd = this.#at;
      this.#take(':');
      entries.set(key, { keyOffset, keyEnd, value: this.node() });
    }
    return entries;
  }

  #items(): Outline[] {
    const items: Outline[] = [];
    for (let isFirst = true; !this.#take(']'); isFirst = false) {
      if (!isFirst) this.#take(',');
      items.push(this.node());
    }
    return items;
  }

  /** Past blanks and, where it comes next, a character. */
  #take(character: string): boolean {
    this.#skip(BLANKS);
    if (!this.#text.startsWith(character, this.#at)) return false;
    this.#at += 1;
    return true;
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) throw new Error(`the text is no JSON at offset ${this.#at}`);
    this.#at = pattern.lastIndex;
  }
}
