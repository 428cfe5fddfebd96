/** Offsets in a text as people count: lines and columns from 1. */

export interface Place {
  readonly line: number;
  /** In UTF-16 code units. */
  readonly column: number;
}

/** Answers for offsets in rising order cost one pass over the text altogether; others begin again at its start. */
export class TextPlaces {
  readonly #text: string;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
  }

  at(offset: number): Place {
    if (offset < this.#lineStart) {
      this.#line = 1;
      this.#lineStart = 0;
    }
    for (let end = this.#text.indexOf('\n', this.#lineStart); end >= 0 && end < offset; end = this.#text.indexOf('\n', end + 1)) {
      this.#line += 1;
      this.#lineStart = end + 1;
    }
    return { line: this.#line, column: offset - this.#lineStart + 1 };
  }
}
