/** A place in the text of a shell script: what is skipped between words, here-documents, and how deep the reader is. */

/** Groups, substitutions and quotes inside each other; far more than people write, far less than the stack holds. */
const MAX_DEPTH = 60;

/** Where the text stops making sense. */
export class Unreadable extends Error {}

/** A here-document that begins after the next line break. */
interface PendingDocument {
  readonly end: string;
  readonly stripsTabs: boolean;
}

export class ShellCursor {
  readonly text: string;
  /** In UTF-16 code units. */
  at = 0;
  #depth: number;
  #documents: PendingDocument[] = [];

  /** @param depth of what the text stands in */
  constructor(text: string, depth = 0) {
    this.text = text;
    this.#depth = depth;
  }

  peek(ahead = 0): string {
    return this.text.charAt(this.at + ahead);
  }

  isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  /** Blanks, joined lines and a comment; a carriage return is a character like any other. */
  skipBlanks(): void {
    for (;;) {
      const character = this.peek();
      if (character === ' ' || character === '\t') this.at += 1;
      else if (character === '\\' && this.peek(1) === '\n') this.at += 2;
      else break;
    }
    if (this.peek() !== '#') return;
    const end = this.text.indexOf('\n', this.at);
    this.at = end < 0 ? this.text.length : end;
  }

  /** One line break, and the here-documents that begin after it. */
  lineBreak(): void {
    this.at += 1;
    const documents = this.#documents;
    this.#documents = [];
    for (const document of documents) this.#skipDocument(document);
  }

  #skipDocument({ end, stripsTabs }: PendingDocument): void {
    while (!this.isAtEnd()) {
      const lineEnd = this.text.indexOf('\n', this.at);
      let from = this.at;
      const to = lineEnd < 0 ? this.text.length : lineEnd;
      this.at = Math.min(to + 1, this.text.length);
      while (stripsTabs && from < to && this.text.charAt(from) === '\t') from += 1;
      if (to - from === end.length && this.text.startsWith(end, from)) return;
    }
    // Shells warn at a document that does not end, and take it.
  }

  skipLineBreaks(): void {
    this.skipBlanks();
    while (this.peek() === '\n') {
      this.lineBreak();
      this.skipBlanks();
    }
  }

  /** Takes a word of the grammar, which may stand behind line breaks. @throws Unreadable where another stands */
  expect(word: string): void {
    this.skipLineBreaks();
    if (word === ')' ? this.peek() !== ')' : this.peekPlainWord() !== word) throw new Unreadable(`'${word}' is missing`);
    this.at += word.length;
  }

  /** Reads what is one level deeper. @throws Unreadable where that is too deep */
  nested<T>(read: () => T): T {
    if (this.#depth >= MAX_DEPTH) throw new Unreadable('it is nested too deeply');
    this.#depth += 1;
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** A here-document that begins after the next line break. */
  expectDocument(document: PendingDocument): void {
    this.#documents.push(document);
  }

  /** Reads what stands in parentheses: here-documents that were begun before it come after it. */
  apart<T>(read: () => T): T {
    const documents = this.#documents;
    this.#documents = [];
    const result = read();
    this.#documents = documents;
    return result;
  }

  /** @param text a script of its own that stands here, as between backquotes */
  inside(text: string): ShellCursor {
    return new ShellCursor(text, this.#depth);
  }

  /**
   * Where a character stands, not far from a place: names and subscripts are short, and looking further would be quadratic.
   */
  closeWithin(character: string, from: number): number | undefined {
    const at = this.text.slice(from, from + 64).indexOf(character);
    return at < 0 ? undefined : from + at;
  }

  /** The word at this place if nothing in it is quoted or expanded, else ''; for the words of the grammar. Moves nothing. */
  peekPlainWord(): string {
    let end = this.at;
    while (end < this.text.length && !ENDS_PLAIN_WORD.has(this.text.charAt(end))) end += 1;
    const next = this.text.charAt(end);
    return next === '' || ENDS_WORD.has(next) ? this.text.slice(this.at, end) : '';
  }

  /** Where `))` closes what `((` opened, at the same depth of parentheses; undefined where it is no arithmetic. */
  endOfArithmetic(from: number): number | undefined {
    let open = 0;
    for (let at = from; at < this.text.length; at++) {
      const character = this.text.charAt(at);
      if (character === '\\') at += 1;
      else if (character === '(') open += 1;
      else if (character === ')') {
        if (open === 0) return this.text.charAt(at + 1) === ')' ? at : undefined;
        open -= 1;
      }
    }
    throw new Unreadable("a closing ')' is missing");
  }
}

/** What ends a word outside quotes. */
export const ENDS_WORD: ReadonlySet<string> = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')']);
const ENDS_PLAIN_WORD: ReadonlySet<string> = new Set([...ENDS_WORD, '\\', "'", '"', '$', '`']);

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** @param isInside whether digits may stand here */
export function isNameCharacter(code: number, isInside: boolean): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || (isInside && isDigit(code));
}
