/** The assignments of a shell script (POSIX XCU 2.9.1), and the lists of bash. */
import { isNameCharacter, type ShellCursor } from './shell-cursor.ts';
import type { Assignment, ShellDialect, Word, WordPart } from './shell-syntax.ts';
import type { WordReader } from './shell-words.ts';

export class AssignmentReader {
  readonly #cursor: ShellCursor;
  readonly #words: WordReader;
  readonly #dialect: ShellDialect;

  constructor(cursor: ShellCursor, words: WordReader, dialect: ShellDialect) {
    this.#cursor = cursor;
    this.#words = words;
    this.#dialect = dialect;
  }

  /** `A=b`, `A+=b`, `A[0]=b`, `A=(b c)`. @returns undefined where none stands here; then nothing is read */
  read(): Assignment | undefined {
    let end = this.#cursor.at;
    while (isNameCharacter(this.#cursor.text.charCodeAt(end), end > this.#cursor.at)) end += 1;
    if (end === this.#cursor.at) return undefined;
    const name = this.#cursor.text.slice(this.#cursor.at, end);
    let isPlain = true;
    if (this.#cursor.text.charAt(end) === '[') {
      const close = this.#cursor.closeWithin(']', end);
      if (close === undefined) return undefined;
      end = close + 1;
      isPlain = false;
    }
    if (this.#cursor.text.charAt(end) === '+') {
      end += 1;
      isPlain = false;
    }
    if (this.#cursor.text.charAt(end) !== '=') return undefined;
    this.#cursor.at = end + 1;
    if (this.#cursor.peek() === '(' && this.#dialect === 'bash') {
      const appends = this.#cursor.text.charAt(end - 1) === '+';
      return { name, value: undefined, list: this.#list(), ...(appends && { appends }) };
    }
    const value = this.#words.word() ?? { parts: [] };
    return { name, value: isPlain ? value : undefined };
  }

  /** `declare -a A=(b c)`: bash reads a list behind a builtin that declares variables, as it does in an assignment. @returns undefined where none stands here */
  listArgument(): Word | undefined {
    const from = this.#cursor.at;
    let end = from;
    while (isNameCharacter(this.#cursor.text.charCodeAt(end), end > from)) end += 1;
    if (end === from || !/^\+?=\(/.test(this.#cursor.text.slice(end, end + 3))) return undefined;
    const assignment = this.read();
    if (assignment === undefined) return undefined;
    const list: WordPart = { kind: 'parameter', name: assignment.name, operator: '[@]', argument: undefined, isQuoted: true };
    return { parts: [{ kind: 'text', text: `${assignment.name}=`, isQuoted: false }, list] };
  }

  /** `(b c)` */
  #list(): Word[] {
    const list: Word[] = [];
    this.#cursor.at += 1;
    this.#cursor.nested(() => {
      for (;;) {
        this.#cursor.skipLineBreaks();
        const word = this.#words.word();
        if (word === undefined) break;
        list.push(word);
      }
    });
    this.#cursor.expect(')');
    return list;
  }
}
