/** The layout of a JSON text, which is not YAML in every detail (`\/`, surrogate pairs, keys of any length). */
import type { Layout, LayoutEntry, LayoutNode } from './layout.ts';

/** @param text a JSON value that `JSON.parse` reads, of at most `MAX_DEPTH` levels */
export function jsonLayout(text: string): Layout {
  return { root: new JsonLayoutReader(text).node(), text, isJson: true };
}

const BLANKS = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const BARE_WORD = /[-+.0-9A-Za-z]+/y;

class JsonLayoutReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  node(): LayoutNode {
    this.#skip(BLANKS);
    const start = this.#at;
    if (this.#take('{')) return { kind: 'mapping', start, isFlow: true, isPair: false, entries: this.#entries(), end: this.#at };
    if (this.#take('[')) return { kind: 'sequence', start, isFlow: true, items: this.#items(), end: this.#at };
    const isString = this.#text.startsWith('"', start);
    this.#skip(isString ? STRING : BARE_WORD);
    return { kind: 'scalar', style: isString ? 'double' : 'plain', start, end: this.#at };
  }

  #entries(): LayoutEntry[] {
    const entries: LayoutEntry[] = [];
    while (!this.#take('}')) {
      this.#take(',');
      this.#skip(BLANKS);
      const keyStart = this.#at;
      this.#skip(STRING);
      const keyEnd = this.#at;
      // eslint-disable-next-line no-restricted-properties -- one text
      const key = JSON.parse(this.#text.slice(keyStart, keyEnd)) as string;
      this.#take(':');
      entries.push({ key, keyStart, keyEnd, isSimple: true, value: this.node() });
    }
    return entries;
  }

  #items(): LayoutNode[] {
    const items: LayoutNode[] = [];
    while (!this.#take(']')) {
      this.#take(',');
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
