/** The words of a shell script: quotes, parameters and substitutions (POSIX XCU 2.2 and 2.6, and those of bash). */
import { ENDS_WORD, isNameCharacter, Unreadable, type ShellCursor } from './shell-cursor.ts';
import type { Script, Word, WordPart } from './shell-syntax.ts';

/** Reads the scripts that stand in words. */
export interface ScriptsInWords {
  /** At the first character in the parentheses of `$(…)` or `<(…)`: reads up to and with the closing one. */
  substituted(): Script;
  /** @param text what stands between backquotes, less one layer of backslashes */
  backquoted(text: string): Script;
}

interface MutableWord {
  parts: WordPart[];
}

export class WordReader {
  readonly #cursor: ShellCursor;
  readonly #scripts: ScriptsInWords;
  readonly #hasProcesses: boolean;

  /** @param hasProcesses whether `<(…)` is a word; to dash it is an error */
  constructor(cursor: ShellCursor, hasProcesses: boolean, scripts: ScriptsInWords) {
    this.#cursor = cursor;
    this.#hasProcesses = hasProcesses;
    this.#scripts = scripts;
  }

  /** @returns undefined where an operator, a line break or the end stands */
  word(): Word | undefined {
    const word: MutableWord = { parts: [] };
    const from = this.#cursor.at;
    this.#wordParts(word, ENDS_WORD, false);
    return this.#cursor.at === from ? undefined : word;
  }

  /** Parts of a word up to a character that ends it. */
  #wordParts(word: MutableWord, ends: ReadonlySet<string>, isQuoted: boolean): void {
    while (!this.#cursor.isAtEnd()) {
      if (ends === ENDS_WORD && this.#isAtProcess()) {
        this.#process(word);
        continue;
      }
      this.#plainText(word, ends, isQuoted);
      const character = this.#cursor.peek();
      if (character === '' || ends.has(character)) return;
      if (character === '\\') this.#escape(word, isQuoted);
      else if (character === "'") this.#singleQuoted(word);
      else if (character === '"') this.#doubleQuoted(word);
      else this.#expansion(word, isQuoted);
    }
  }

  /** Text as it stands, up to what ends the word, a quote, a backslash or an expansion. */
  #plainText(word: MutableWord, ends: ReadonlySet<string>, isQuoted: boolean): void {
    const from = this.#cursor.at;
    for (; !this.#cursor.isAtEnd(); this.#cursor.at += 1) {
      const character = this.#cursor.peek();
      if (ends.has(character) || character === '\\' || character === '$' || character === '`' || character === '"') break;
      if (character === "'" && !isQuoted) break;
    }
    if (this.#cursor.at > from) word.parts.push({ kind: 'text', text: this.#cursor.text.slice(from, this.#cursor.at), isQuoted });
  }

  /** `<(…)` where a word or a part of it begins. */
  #isAtProcess(): boolean {
    return this.#cursor.peek(1) === '(' && (this.#cursor.peek() === '<' || this.#cursor.peek() === '>');
  }

  #process(word: MutableWord): void {
    if (!this.#hasProcesses) throw new Unreadable("'(' is not expected");
    this.#cursor.at += 2;
    word.parts.push({ kind: 'process', script: this.#scripts.substituted(), isQuoted: false });
  }

  #escape(word: MutableWord, isQuoted: boolean): void {
    const next = this.#cursor.peek(1);
    this.#cursor.at += 2;
    if (next === '\n') return;
    // Within double quotes a backslash stays before what it takes nothing from.
    const keeps = isQuoted && !'$`"\\'.includes(next || 'x');
    word.parts.push({ kind: 'text', text: keeps || next === '' ? `\\${next}` : next, isQuoted: true });
  }

  #singleQuoted(word: MutableWord): void {
    const end = this.#cursor.text.indexOf("'", this.#cursor.at + 1);
    if (end < 0) throw new Unreadable("a closing ' is missing");
    word.parts.push({ kind: 'text', text: this.#cursor.text.slice(this.#cursor.at + 1, end), isQuoted: true });
    this.#cursor.at = end + 1;
  }

  #doubleQuoted(word: MutableWord): void {
    this.#cursor.nested(() => {
      this.#cursor.at += 1;
      const before = word.parts.length;
      this.#wordParts(word, ENDS_QUOTE, true);
      if (this.#cursor.peek() !== '"') throw new Unreadable('a closing " is missing');
      if (word.parts.length === before) word.parts.push({ kind: 'text', text: '', isQuoted: true });
      this.#cursor.at += 1;
    });
  }

  /** At `$` or a backquote. */
  #expansion(word: MutableWord, isQuoted: boolean): void {
    if (this.#cursor.peek() === '`') {
      this.#backquoted(word, isQuoted);
      return;
    }
    const next = this.#cursor.peek(1);
    if (next === '(') {
      const end = this.#cursor.peek(2) === '(' ? this.#cursor.endOfArithmetic(this.#cursor.at + 3) : undefined;
      if (end !== undefined) {
        word.parts.push({ kind: 'arithmetic', text: this.#cursor.text.slice(this.#cursor.at + 3, end), isQuoted });
        this.#cursor.at = end + 2;
        return;
      }
      this.#cursor.at += 2;
      word.parts.push({ kind: 'substitution', script: this.#scripts.substituted(), isQuoted });
    } else if (next === '{') {
      this.#cursor.nested(() => {
        this.#bracedParameter(word, isQuoted);
      });
    } else if (next === "'" && !isQuoted) {
      this.#ansiQuoted(word);
    } else if (next === '"' && !isQuoted) {
      this.#cursor.at += 1;
    } else {
      this.#plainParameter(word, isQuoted);
    }
  }

  #plainParameter(word: MutableWord, isQuoted: boolean): void {
    let end = this.#cursor.at + 1;
    if (SPECIAL_PARAMETERS.has(this.#cursor.text.charAt(end))) end += 1;
    else while (isNameCharacter(this.#cursor.text.charCodeAt(end), end > this.#cursor.at + 1)) end += 1;
    const name = this.#cursor.text.slice(this.#cursor.at + 1, end);
    this.#cursor.at = end;
    if (name === '') word.parts.push({ kind: 'text', text: '$', isQuoted });
    else word.parts.push({ kind: 'parameter', name, operator: '', argument: undefined, isQuoted });
  }

  /** `${name}`, `${#name}`, `${name:-word}`, `${name[1]}`. */
  #bracedParameter(word: MutableWord, isQuoted: boolean): void {
    let at = this.#cursor.at + 2;
    const from = at;
    const isIndirect = this.#cursor.text.charAt(at) === '!' && isNameCharacter(this.#cursor.text.charCodeAt(at + 1), true);
    if (SPECIAL_PARAMETERS.has(this.#cursor.text.charAt(at)) && this.#cursor.text.charAt(at) !== '#' && !isIndirect) at += 1;
    else {
      if ('#!'.includes(this.#cursor.text.charAt(at) || ' ')) at += 1;
      while (isNameCharacter(this.#cursor.text.charCodeAt(at), true)) at += 1;
    }
    const name = this.#cursor.text.slice(from, at);
    this.#cursor.at = at;
    while (!this.#cursor.isAtEnd() && ':-=?+#%/^,@*[]!~'.includes(this.#cursor.peek()) && this.#cursor.at - at < 2) this.#cursor.at += 1;
    const operator = this.#cursor.text.slice(at, this.#cursor.at);
    const argument: MutableWord = { parts: [] };
    this.#wordParts(argument, ENDS_BRACE, isQuoted);
    if (this.#cursor.peek() !== '}') throw new Unreadable("a closing '}' is missing");
    this.#cursor.at += 1;
    word.parts.push({ kind: 'parameter', name, operator, argument: operator === '' ? undefined : argument, isQuoted });
  }

  /** The text between backquotes loses one layer of backslashes and is a script of its own. */
  #backquoted(word: MutableWord, isQuoted: boolean): void {
    let inner = '';
    let at = this.#cursor.at + 1;
    let from = at;
    for (; this.#cursor.text.charAt(at) !== '`'; at++) {
      if (at >= this.#cursor.text.length) throw new Unreadable('a closing ` is missing');
      if (this.#cursor.text.charAt(at) !== '\\') continue;
      const next = this.#cursor.text.charAt(at + 1);
      if (next === '`' || next === '\\' || next === '$' || (next === '"' && isQuoted)) {
        inner += this.#cursor.text.slice(from, at);
        from = at + 1;
      }
      at += 1;
    }
    inner += this.#cursor.text.slice(from, at);
    this.#cursor.at = at + 1;
    const script = this.#scripts.backquoted(inner);
    if (script.problem !== undefined) throw new Unreadable(script.problem);
    word.parts.push({ kind: 'substitution', script, isQuoted });
  }

  /** `$'a\tb'`; which character an escape stands for does not matter here, where it ends does. */
  #ansiQuoted(word: MutableWord): void {
    let at = this.#cursor.at + 2;
    let text = '';
    for (; this.#cursor.text.charAt(at) !== "'"; at++) {
      if (at >= this.#cursor.text.length) throw new Unreadable("a closing ' is missing");
      if (this.#cursor.text.charAt(at) === '\\') {
        at += 1;
        text += ANSI_ESCAPES.get(this.#cursor.text.charAt(at)) ?? this.#cursor.text.charAt(at);
      } else text += this.#cursor.text.charAt(at);
    }
    word.parts.push({ kind: 'text', text, isQuoted: true });
    this.#cursor.at = at + 1;
  }
}

const ENDS_QUOTE: ReadonlySet<string> = new Set(['"']);
const ENDS_BRACE: ReadonlySet<string> = new Set(['}']);
const SPECIAL_PARAMETERS: ReadonlySet<string> = new Set('@ * # ? - $ ! 0 1 2 3 4 5 6 7 8 9'.split(' '));
const ANSI_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
]);
