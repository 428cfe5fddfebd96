/** The nodes of a JSON text, told as the parser of YAML tells them. JSON is not YAML in every detail (`\/`, surrogate pairs, keys of any length). */
import { NO_PROPERTIES, type YamlListener } from './parser.ts';

/** @param text a JSON value that `JSON.parse` reads, of at most `MAX_DEPTH` levels */
export function parseJson(text: string, listener: YamlListener): void {
  new JsonReader(text, listener).node();
}

const BLANKS = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const BARE_WORD = /[-+.0-9A-Za-z]+/y;

class JsonReader {
  readonly #text: string;
  readonly #listener: YamlListener;
  #at = 0;

  constructor(text: string, listener: YamlListener) {
    this.#text = text;
    this.#listener = listener;
  }

  node(): void {
    this.#skip(BLANKS);
    const start = this.#at;
    if (this.#take('{')) {
      this.#listener.startMapping(start, NO_PROPERTIES);
      this.#entries();
    } else if (this.#take('[')) {
      this.#listener.startSequence(start, NO_PROPERTIES);
      this.#items();
    } else {
      this.#scalar();
    }
  }

  #entries(): void {
    while (!this.#take('}')) {
      this.#take(',');
      this.#skip(BLANKS);
      this.#scalar();
      this.#take(':');
      this.node();
    }
    this.#listener.end(this.#at - 1);
  }

  #items(): void {
    while (!this.#take(']')) {
      this.#take(',');
      this.node();
    }
    this.#listener.end(this.#at - 1);
  }

  #scalar(): void {
    const start = this.#at;
    const isString = this.#text.startsWith('"', start);
    this.#skip(isString ? STRING : BARE_WORD);
    const source = this.#text.slice(start, this.#at);
    // eslint-disable-next-line no-restricted-properties -- a part of a text that JSON.parse has read
    const text = isString ? (JSON.parse(source) as string) : source;
    this.#listener.scalar({ offset: start, text, isPlain: !isString, end: this.#at }, NO_PROPERTIES);
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
