/** A place in a YAML text that moves forward, and knows where its line began: indentation is the column. */
import { CARRIAGE_RETURN, DASH, DOT, isBlankBreakOrEnd, isBreak, LINE_FEED } from './characters.ts';

export class Cursor {
  /** Ends with `END`. */
  readonly text: string;
  at = 0;
  lineStart = 0;

  /** @param text without NUL; a byte order mark at its start is skipped */
  constructor(text: string) {
    this.text = `${text}\0`;
    if (text.startsWith('\ufeff')) this.at = this.lineStart = 1;
  }

  get column(): number {
    return this.at - this.lineStart;
  }

  get code(): number {
    return this.text.charCodeAt(this.at);
  }

  get nextCode(): number {
    return this.text.charCodeAt(this.at + 1);
  }

  /** Whether `---` or `...` stands alone at the beginning of a line, here. */
  get isAtDocumentMark(): boolean {
    if (this.at !== this.lineStart) return false;
    const { text, at } = this;
    const code = text.charCodeAt(at);
    if (code !== DASH && code !== DOT) return false;
    return text.charCodeAt(at + 1) === code && text.charCodeAt(at + 2) === code && isBlankBreakOrEnd(text.charCodeAt(at + 3));
  }

  /** Past a line break; returns what it means inside a scalar. */
  readBreak(): string {
    const code = this.code;
    this.at += code === CARRIAGE_RETURN && this.text.charCodeAt(this.at + 1) === LINE_FEED ? 2 : 1;
    this.lineStart = this.at;
    return code === 0x2028 || code === 0x2029 ? String.fromCharCode(code) : '\n';
  }

  /** To the end of a comment's line. */
  skipToBreak(): void {
    const { text } = this;
    let at = this.at;
    for (let code = text.charCodeAt(at); code !== 0 && !isBreak(code); code = text.charCodeAt(at)) at += 1;
    this.at = at;
  }
}
