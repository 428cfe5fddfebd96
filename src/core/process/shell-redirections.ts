/** The redirections of a shell script (POSIX XCU 2.7, and `&>` and `{name}>` of bash), and the here-documents that they begin. */
import { isDigit, Unreadable, type ShellCursor } from './shell-cursor.ts';
import type { Redirection, ShellDialect } from './shell-syntax.ts';
import type { WordReader } from './shell-words.ts';

export class RedirectionReader {
  readonly #cursor: ShellCursor;
  readonly #words: WordReader;
  readonly #dialect: ShellDialect;

  constructor(cursor: ShellCursor, words: WordReader, dialect: ShellDialect) {
    this.#cursor = cursor;
    this.#words = words;
    this.#dialect = dialect;
  }

  /** Whether `&>` stands here; POSIX knows it as `&` and `>`. */
  isAtBoth(): boolean {
    return this.#dialect !== 'posix' && this.#cursor.startsWith('&>');
  }

  /** All that stand here, one after the other. */
  read(): Redirection[] {
    const redirections: Redirection[] = [];
    for (;;) {
      this.#cursor.skipBlanks();
      const redirection = this.readOne();
      if (redirection === undefined) return redirections;
      redirections.push(redirection);
    }
  }

  /** @returns undefined where none stands */
  readOne(): Redirection | undefined {
    let at = this.#cursor.at;
    while (isDigit(this.#cursor.text.charCodeAt(at))) at += 1;
    if (this.#cursor.text.charAt(at) === '{') {
      // `{name}>file` of bash
      const close = this.#cursor.closeWithin('}', at);
      if (close === undefined || !'<>'.includes(this.#cursor.text.charAt(close + 1) || ' ')) return undefined;
      at = close + 1;
    }
    const descriptor = this.#cursor.text.slice(this.#cursor.at, at) || undefined;
    const operator = this.#operator(at);
    if (operator === undefined) return undefined;
    this.#cursor.at = at + operator.length;
    this.#cursor.skipBlanks();
    const target = this.#words.word();
    if (target === undefined) throw new Unreadable(`a word is expected after '${operator}'`);
    if (operator === '<<' || operator === '<<-') {
      this.#cursor.expectDocument({
        end: target.parts.map((part) => ('text' in part ? part.text : '')).join(''),
        stripsTabs: operator === '<<-',
      });
    }
    return { operator, descriptor, target };
  }

  #operator(at: number): string | undefined {
    const first = this.#cursor.text.charAt(at);
    if (first === '&') {
      if (this.#dialect === 'posix' || at !== this.#cursor.at) return undefined;
      return (this.#dialect === 'bash' ? ['&>>', '&>'] : ['&>']).find((operator) => this.#cursor.text.startsWith(operator, at));
    }
    if (first !== '<' && first !== '>') return undefined;
    // `<(…)` is a word.
    if (this.#cursor.text.charAt(at + 1) === '(') return undefined;
    if (this.#dialect !== 'bash' && this.#cursor.text.startsWith('<<<', at)) throw new Unreadable("'<<<' is not expected");
    return ['<<<', '<<-', '<<', '<&', '<>', '>>', '>&', '>|', '<', '>'].find((operator) => this.#cursor.text.startsWith(operator, at));
  }
}
