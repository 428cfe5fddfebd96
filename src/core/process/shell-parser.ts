/**
 * Reads a shell script into a tree: the grammar of POSIX sh (XCU 2.10) and what bash, busybox and ksh add to it.
 *
 * By hand and not by a package, because none is synchronous, without Node built-ins, bounded and right at once; see
 * docs/adr. Every character is looked at a bounded number of times, and what is nested deeper than `MAX_DEPTH` is a problem
 * of the script, not of the stack. Never throws.
 */
import type {
  Assignment,
  Command,
  IfBranch,
  Line,
  Pipeline,
  Redirection,
  Script,
  SimpleCommand,
  Statement,
  Word,
  WordPart,
} from './shell-syntax.ts';

export interface ParserOptions {
  /** Whether `&>` redirects, as in bash and busybox; in POSIX sh (dash) it is `&` and `>`. */
  readonly redirectsBoth: boolean;
}

/** Groups, substitutions and quotes inside each other; far more than people write, far less than the stack holds. */
const MAX_DEPTH = 60;

/** Words of the grammar that end a list that stands before them, where a command could begin. */
const CLOSERS: ReadonlySet<string> = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}']);

const BOTH: ParserOptions = { redirectsBoth: true };

/** Reads a script. Linear in its length. */
export function parseShell(text: string, options: ParserOptions = BOTH): Script {
  const parser = new Parser(text, options, 0);
  return parser.script();
}

/** Where the text stops making sense; caught in `script`. */
class Unreadable extends Error {}

interface MutableWord {
  parts: WordPart[];
}
interface PendingDocument {
  readonly end: string;
  readonly stripsTabs: boolean;
}

class Parser {
  readonly #text: string;
  readonly #options: ParserOptions;
  #at = 0;
  #depth: number;
  #documents: PendingDocument[] = [];

  constructor(text: string, options: ParserOptions, depth: number) {
    this.#text = text;
    this.#options = options;
    this.#depth = depth;
  }

  /** The whole text. */
  script(): Script {
    const lines: Line[] = [];
    try {
      let afterLast: Script['afterLast'] = 'nothing';
      for (;;) {
        this.#skipLineBreaks();
        if (this.#isAtEnd()) break;
        const statements = this.#statements();
        lines.push({ statements });
        this.#skipBlanks();
        if (this.#isAtEnd()) {
          afterLast = 'nothing';
          break;
        }
        if (this.#peek() !== '\n') throw new Unreadable(`'${this.#peek()}' is not expected`);
        this.#lineBreak();
        afterLast = this.#isAtEnd() ? 'line break' : 'more';
      }
      return { lines, afterLast };
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return { lines, afterLast: 'more', problem: error.message };
    }
  }

  // Characters

  #peek(ahead = 0): string {
    return this.#text.charAt(this.#at + ahead);
  }

  #isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  #startsWith(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  /** Blanks, joined lines and a comment. */
  #skipBlanks(): void {
    for (;;) {
      const character = this.#peek();
      if (character === ' ' || character === '\t' || character === '\r') this.#at += 1;
      else if (character === '\\' && this.#peek(1) === '\n') this.#at += 2;
      else break;
    }
    if (this.#peek() !== '#') return;
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  /** One line break, and the here-documents that begin after it. */
  #lineBreak(): void {
    this.#at += 1;
    const documents = this.#documents;
    this.#documents = [];
    for (const document of documents) this.#skipDocument(document);
  }

  #skipDocument({ end, stripsTabs }: PendingDocument): void {
    while (!this.#isAtEnd()) {
      const lineEnd = this.#text.indexOf('\n', this.#at);
      let from = this.#at;
      const to = lineEnd < 0 ? this.#text.length : lineEnd;
      this.#at = Math.min(to + 1, this.#text.length);
      while (stripsTabs && from < to && this.#text.charAt(from) === '\t') from += 1;
      if (to - from === end.length && this.#text.startsWith(end, from)) return;
    }
    // Shells warn at a document that does not end, and take it.
  }

  #skipLineBreaks(): void {
    this.#skipBlanks();
    while (this.#peek() === '\n') {
      this.#lineBreak();
      this.#skipBlanks();
    }
  }

  #nested<T>(read: () => T): T {
    if (this.#depth >= MAX_DEPTH) throw new Unreadable('it is nested too deeply');
    this.#depth += 1;
    const result = read();
    this.#depth -= 1;
    return result;
  }

  // Lists

  /** Statements up to a line break, a closer or the end; in a body, line breaks separate them as `;` does. */
  #statements(): Statement[] {
    const statements: Statement[] = [];
    for (;;) {
      this.#skipBlanks();
      if (!this.#mayStartCommand()) return statements;
      const statement = this.#statement();
      statements.push(statement);
      this.#skipBlanks();
      if (statement.isBackground) continue;
      if (this.#peek() !== ';' || this.#peek(1) === ';' || this.#peek(1) === '&') return statements;
      this.#at += 1;
    }
  }

  /** A list that a closing word or `)` ends. */
  #body(): Script {
    return this.#nested(() => {
      const lines: Line[] = [];
      for (;;) {
        this.#skipLineBreaks();
        if (!this.#mayStartCommand()) break;
        lines.push({ statements: this.#statements() });
        this.#skipBlanks();
        if (this.#peek() !== '\n') break;
      }
      return { lines, afterLast: 'nothing' };
    });
  }

  /** A body that must not be empty. */
  #commands(): Script {
    const body = this.#body();
    if (body.lines.length === 0) throw new Unreadable('a command is missing');
    return body;
  }

  #mayStartCommand(): boolean {
    const character = this.#peek();
    if (character === '' || character === ')' || character === '\n' || character === ';') return false;
    if (character === '&' && !(this.#options.redirectsBoth && this.#peek(1) === '>')) return false;
    if (character === '|') return false;
    return !CLOSERS.has(this.#peekPlainWord());
  }

  #statement(): Statement {
    const first = this.#pipeline();
    const rest: { operator: '&&' | '||'; pipeline: Pipeline }[] = [];
    for (;;) {
      this.#skipBlanks();
      const operator = this.#startsWith('&&') ? '&&' : this.#startsWith('||') ? '||' : undefined;
      if (operator === undefined) break;
      this.#at += 2;
      this.#skipLineBreaks();
      rest.push({ operator, pipeline: this.#pipeline() });
    }
    const isBackground = this.#peek() === '&' && !(this.#options.redirectsBoth && this.#peek(1) === '>');
    if (isBackground) this.#at += 1;
    return { first, rest, isBackground };
  }

  #pipeline(): Pipeline {
    let isNegated = false;
    let isTimed = false;
    for (;;) {
      const word = this.#peekPlainWord();
      if (word === '!') isNegated = !isNegated;
      else if (word === 'time') isTimed = true;
      else if (!(word === '-p' && isTimed)) break;
      this.#at += word.length;
      this.#skipBlanks();
    }
    const commands: Command[] = [];
    // `!` and `time` may stand alone in bash, on a line or before `;`.
    if ((isNegated || isTimed) && (this.#isAtEnd() || this.#peek() === ';' || this.#peek() === '\n'))
      return { commands, isNegated, isTimed };
    for (;;) {
      commands.push(this.#command());
      this.#skipBlanks();
      if (this.#peek() !== '|' || this.#peek(1) === '|') break;
      this.#at += this.#peek(1) === '&' ? 2 : 1;
      this.#skipLineBreaks();
    }
    return { commands, isNegated, isTimed };
  }

  // Commands

  #command(): Command {
    if (!this.#mayStartCommand()) {
      const found = this.#isAtEnd() ? 'the end' : `'${this.#peekPlainWord() || this.#peek()}'`;
      throw new Unreadable(`a command is expected where ${found} stands`);
    }
    if (this.#peek() === '(') return this.#parenthesis();
    const word = this.#peekPlainWord();
    switch (word) {
      case '{':
        return this.#nested(() => {
          this.#at += 1;
          const body = this.#commands();
          this.#expect('}');
          return { kind: 'group', body, redirections: this.#redirections() };
        });
      case 'if':
        return this.#nested(() => this.#if());
      case 'while':
      case 'until':
        return this.#nested(() => {
          this.#at += word.length;
          const condition = this.#commands();
          const body = this.#loopBody();
          return { kind: word, condition, body, redirections: this.#redirections() };
        });
      case 'for':
      case 'select':
        return this.#nested(() => this.#for(word));
      case 'case':
        return this.#nested(() => this.#case());
      case 'function':
        return this.#nested(() => this.#functionWord());
      case 'coproc':
        return this.#nested(() => {
          this.#at += word.length;
          this.#skipBlanks();
          return { kind: 'coprocess', body: this.#command(), redirections: [] };
        });
      case '[[':
        return this.#test();
      default:
        return this.#simpleOrFunction();
    }
  }

  #expect(word: string): void {
    this.#skipLineBreaks();
    if (word === ')' ? this.#peek() !== ')' : this.#peekPlainWord() !== word) throw new Unreadable(`'${word}' is missing`);
    this.#at += word.length;
  }

  #parenthesis(): Command {
    if (this.#peek(1) === '(') {
      const end = this.#endOfArithmetic(this.#at + 2);
      if (end !== undefined) {
        const text = this.#text.slice(this.#at + 2, end);
        this.#at = end + 2;
        return { kind: 'test', text, redirections: this.#redirections() };
      }
    }
    return this.#nested(() => {
      this.#at += 1;
      const body = this.#commands();
      this.#expect(')');
      return { kind: 'subshell', body, redirections: this.#redirections() };
    });
  }

  #if(): Command {
    const branches: IfBranch[] = [];
    let otherwise: Script | undefined;
    this.#at += 2;
    for (;;) {
      const condition = this.#commands();
      this.#expect('then');
      branches.push({ condition, body: this.#commands() });
      this.#skipLineBreaks();
      if (this.#peekPlainWord() !== 'elif') break;
      this.#at += 4;
    }
    if (this.#peekPlainWord() === 'else') {
      this.#at += 4;
      otherwise = this.#commands();
    }
    this.#expect('fi');
    return { kind: 'if', branches, otherwise, redirections: this.#redirections() };
  }

  #loopBody(): Script {
    this.#skipBlanks();
    // bash takes braces too: `for i in a; { b; }`
    if (this.#peekPlainWord() === '{') {
      this.#at += 1;
      const body = this.#commands();
      this.#expect('}');
      return body;
    }
    this.#expect('do');
    const body = this.#commands();
    this.#expect('done');
    return body;
  }

  #for(opener: string): Command {
    this.#at += opener.length;
    this.#skipBlanks();
    if (this.#startsWith('((')) {
      const end = this.#endOfArithmetic(this.#at + 2);
      if (end === undefined) throw new Unreadable("'))' is missing");
      this.#at = end + 2;
      this.#skipSeparator();
      return { kind: 'other loop', body: this.#loopBody(), redirections: this.#redirections() };
    }
    const variable = this.#peekPlainWord();
    if (variable === '') throw new Unreadable(`a name is expected after '${opener}'`);
    this.#at += variable.length;
    this.#skipLineBreaks();
    let words: Word[] | undefined;
    if (this.#peekPlainWord() === 'in') {
      this.#at += 2;
      words = this.#wordsUpToSeparator();
    }
    this.#skipSeparator();
    const body = this.#loopBody();
    const redirections = this.#redirections();
    return opener === 'for' ? { kind: 'for', variable, words, body, redirections } : { kind: 'other loop', body, redirections };
  }

  #wordsUpToSeparator(): Word[] {
    const words: Word[] = [];
    for (;;) {
      this.#skipBlanks();
      const word = this.#word();
      if (word === undefined) return words;
      words.push(word);
    }
  }

  #skipSeparator(): void {
    this.#skipBlanks();
    if (this.#peek() === ';') this.#at += 1;
    this.#skipLineBreaks();
  }

  #case(): Command {
    this.#at += 4;
    this.#skipBlanks();
    const subject = this.#word();
    if (subject === undefined) throw new Unreadable("a word is expected after 'case'");
    this.#expect('in');
    const items: { patterns: Word[]; body: Script }[] = [];
    for (;;) {
      this.#skipLineBreaks();
      if (this.#peekPlainWord() === 'esac') break;
      if (this.#peek() === '(') this.#at += 1;
      const patterns: Word[] = [];
      for (;;) {
        this.#skipBlanks();
        const pattern = this.#word();
        if (pattern === undefined) throw new Unreadable("a pattern or 'esac' is missing");
        patterns.push(pattern);
        this.#skipBlanks();
        if (this.#peek() !== '|') break;
        this.#at += 1;
      }
      if (this.#peek() !== ')') throw new Unreadable("')' is missing after a pattern");
      this.#at += 1;
      const body = this.#body();
      items.push({ patterns, body });
      this.#skipLineBreaks();
      const terminator = [';;&', ';;', ';&'].find((text) => this.#startsWith(text));
      if (terminator === undefined) break;
      this.#at += terminator.length;
    }
    this.#expect('esac');
    return { kind: 'case', subject, items, redirections: this.#redirections() };
  }

  #functionWord(): Command {
    this.#at += 'function'.length;
    this.#skipBlanks();
    const name = this.#peekPlainWord();
    if (name === '') throw new Unreadable("a name is expected after 'function'");
    this.#at += name.length;
    this.#skipBlanks();
    if (this.#peek() === '(') this.#emptyParentheses();
    this.#skipLineBreaks();
    return { kind: 'function', name, body: this.#command(), redirections: [] };
  }

  #emptyParentheses(): void {
    this.#at += 1;
    this.#skipBlanks();
    if (this.#peek() !== ')') throw new Unreadable("')' is missing");
    this.#at += 1;
  }

  /** `[[ … ]]`: what stands in it is no command, whatever it looks like. */
  #test(): Command {
    const from = this.#at;
    this.#at += 2;
    while (!this.#isAtEnd()) {
      this.#skipBlanks();
      if (this.#startsWith(']]')) {
        this.#at += 2;
        return { kind: 'test', text: this.#text.slice(from + 2, this.#at - 2), redirections: this.#redirections() };
      }
      if (this.#peek() === '\n') this.#at += 1;
      else if (this.#word() === undefined) this.#at += 1;
    }
    throw new Unreadable("']]' is missing");
  }

  #simpleOrFunction(): Command {
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    for (;;) {
      this.#skipBlanks();
      const redirection = this.#redirection();
      if (redirection !== undefined) {
        redirections.push(redirection);
        continue;
      }
      if (words.length === 0) {
        const assignment = this.#assignment();
        if (assignment !== undefined) {
          assignments.push(assignment);
          continue;
        }
      }
      const word = this.#word();
      if (word === undefined) {
        if (this.#peek() !== '(') break;
        const name = words.length === 1 && assignments.length === 0 ? plainText(words[0]) : undefined;
        if (name === undefined) throw new Unreadable("'(' is not expected");
        this.#emptyParentheses();
        this.#skipLineBreaks();
        return this.#nested(() => ({ kind: 'function', name, body: this.#command(), redirections: [] }));
      }
      words.push(word);
    }
    const command: SimpleCommand = { kind: 'simple', assignments, words, redirections };
    return command;
  }

  /** `A=b`, `A+=b`, `A[0]=b`, `A=(b c)`. */
  #assignment(): Assignment | undefined {
    let end = this.#at;
    while (isNameCharacter(this.#text.charCodeAt(end), end > this.#at)) end += 1;
    if (end === this.#at) return undefined;
    const name = this.#text.slice(this.#at, end);
    let isPlain = true;
    if (this.#text.charAt(end) === '[') {
      const close = this.#closeWithin(']', end);
      if (close === undefined) return undefined;
      end = close + 1;
      isPlain = false;
    }
    if (this.#text.charAt(end) === '+') {
      end += 1;
      isPlain = false;
    }
    if (this.#text.charAt(end) !== '=') return undefined;
    this.#at = end + 1;
    if (this.#peek() === '(') {
      this.#at += 1;
      this.#nested(() => {
        for (;;) {
          this.#skipLineBreaks();
          if (this.#word() === undefined) break;
        }
      });
      this.#expect(')');
      return { name, value: undefined };
    }
    const value = this.#word() ?? { parts: [] };
    return { name, value: isPlain ? value : undefined };
  }

  /** Where a character stands, not far from here: names and subscripts are short, and looking further would be quadratic. */
  #closeWithin(character: string, from: number): number | undefined {
    const at = this.#text.slice(from, from + 64).indexOf(character);
    return at < 0 ? undefined : from + at;
  }

  #redirections(): Redirection[] {
    const redirections: Redirection[] = [];
    for (;;) {
      this.#skipBlanks();
      const redirection = this.#redirection();
      if (redirection === undefined) return redirections;
      redirections.push(redirection);
    }
  }

  #redirection(): Redirection | undefined {
    let at = this.#at;
    while (isDigit(this.#text.charCodeAt(at))) at += 1;
    if (this.#text.charAt(at) === '{') {
      // `{name}>file` of bash
      const close = this.#closeWithin('}', at);
      if (close === undefined || !'<>'.includes(this.#text.charAt(close + 1) || ' ')) return undefined;
      at = close + 1;
    }
    const descriptor = this.#text.slice(this.#at, at) || undefined;
    const operator = this.#redirectionOperator(at);
    if (operator === undefined) return undefined;
    this.#at = at + operator.length;
    this.#skipBlanks();
    const target = this.#word();
    if (target === undefined) throw new Unreadable(`a word is expected after '${operator}'`);
    if (operator === '<<' || operator === '<<-') {
      this.#documents.push({ end: target.parts.map((part) => ('text' in part ? part.text : '')).join(''), stripsTabs: operator === '<<-' });
    }
    return { operator, descriptor, target };
  }

  #redirectionOperator(at: number): string | undefined {
    const first = this.#text.charAt(at);
    if (first === '&') {
      if (!this.#options.redirectsBoth || at !== this.#at) return undefined;
      return ['&>>', '&>'].find((operator) => this.#text.startsWith(operator, at));
    }
    if (first !== '<' && first !== '>') return undefined;
    // `<(…)` is a word.
    if (this.#text.charAt(at + 1) === '(') return undefined;
    return ['<<<', '<<-', '<<', '<&', '<>', '>>', '>&', '>|', '<', '>'].find((operator) => this.#text.startsWith(operator, at));
  }

  // Words

  /** The word at this place if nothing in it is quoted or expanded, else ''; for the words of the grammar. Moves nothing. */
  #peekPlainWord(): string {
    let end = this.#at;
    while (end < this.#text.length && !ENDS_PLAIN_WORD.has(this.#text.charAt(end))) end += 1;
    const next = this.#text.charAt(end);
    return next === '' || ENDS_WORD.has(next) ? this.#text.slice(this.#at, end) : '';
  }

  /** @returns undefined where an operator, a line break or the end stands */
  #word(): Word | undefined {
    const word: MutableWord = { parts: [] };
    const from = this.#at;
    this.#wordParts(word, ENDS_WORD, false);
    return this.#at === from ? undefined : word;
  }

  /** Parts of a word up to a character that ends it. */
  #wordParts(word: MutableWord, ends: ReadonlySet<string>, isQuoted: boolean): void {
    let from = this.#at;
    const takeText = (to: number): void => {
      if (to > from) word.parts.push({ kind: 'text', text: this.#text.slice(from, to), isQuoted });
    };
    while (!this.#isAtEnd()) {
      const character = this.#peek();
      if ((character === '<' || character === '>') && this.#peek(1) === '(' && !isQuoted && from === this.#at && ends === ENDS_WORD) {
        this.#at += 2;
        word.parts.push({ kind: 'process', script: this.#substituted(), isQuoted: false });
        from = this.#at;
      } else if (ends.has(character)) {
        break;
      } else if (character === '\\') {
        takeText(this.#at);
        this.#escape(word, isQuoted);
        from = this.#at;
      } else if (character === "'" && !isQuoted) {
        takeText(this.#at);
        this.#singleQuoted(word);
        from = this.#at;
      } else if (character === '"' && !(isQuoted && ends === ENDS_QUOTE)) {
        takeText(this.#at);
        this.#doubleQuoted(word);
        from = this.#at;
      } else if (character === '$' || character === '`') {
        takeText(this.#at);
        this.#expansion(word, isQuoted);
        from = this.#at;
      } else {
        this.#at += 1;
      }
    }
    takeText(this.#at);
  }

  #escape(word: MutableWord, isQuoted: boolean): void {
    const next = this.#peek(1);
    this.#at += 2;
    if (next === '\n') return;
    // Within double quotes a backslash stays before what it takes nothing from.
    const keeps = isQuoted && !'$`"\\'.includes(next || 'x');
    word.parts.push({ kind: 'text', text: keeps || next === '' ? `\\${next}` : next, isQuoted: true });
  }

  #singleQuoted(word: MutableWord): void {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) throw new Unreadable("a closing ' is missing");
    word.parts.push({ kind: 'text', text: this.#text.slice(this.#at + 1, end), isQuoted: true });
    this.#at = end + 1;
  }

  #doubleQuoted(word: MutableWord): void {
    this.#nested(() => {
      this.#at += 1;
      const before = word.parts.length;
      this.#wordParts(word, ENDS_QUOTE, true);
      if (this.#peek() !== '"') throw new Unreadable('a closing " is missing');
      if (word.parts.length === before) word.parts.push({ kind: 'text', text: '', isQuoted: true });
      this.#at += 1;
    });
  }

  /** At `$` or a backquote. */
  #expansion(word: MutableWord, isQuoted: boolean): void {
    if (this.#peek() === '`') {
      this.#backquoted(word, isQuoted);
      return;
    }
    const next = this.#peek(1);
    if (next === '(') {
      const end = this.#peek(2) === '(' ? this.#endOfArithmetic(this.#at + 3) : undefined;
      if (end !== undefined) {
        word.parts.push({ kind: 'arithmetic', text: this.#text.slice(this.#at + 3, end), isQuoted });
        this.#at = end + 2;
        return;
      }
      this.#at += 2;
      word.parts.push({ kind: 'substitution', script: this.#substituted(), isQuoted });
    } else if (next === '{') {
      this.#nested(() => {
        this.#bracedParameter(word, isQuoted);
      });
    } else if (next === "'" && !isQuoted) {
      this.#ansiQuoted(word);
    } else if (next === '"' && !isQuoted) {
      this.#at += 1;
    } else {
      this.#plainParameter(word, isQuoted);
    }
  }

  #plainParameter(word: MutableWord, isQuoted: boolean): void {
    let end = this.#at + 1;
    if (SPECIAL_PARAMETERS.has(this.#text.charAt(end))) end += 1;
    else while (isNameCharacter(this.#text.charCodeAt(end), end > this.#at + 1)) end += 1;
    const name = this.#text.slice(this.#at + 1, end);
    this.#at = end;
    if (name === '') word.parts.push({ kind: 'text', text: '$', isQuoted });
    else word.parts.push({ kind: 'parameter', name, operator: '', argument: undefined, isQuoted });
  }

  /** `${name}`, `${#name}`, `${name:-word}`, `${name[1]}`. */
  #bracedParameter(word: MutableWord, isQuoted: boolean): void {
    let at = this.#at + 2;
    const from = at;
    if (SPECIAL_PARAMETERS.has(this.#text.charAt(at)) && this.#text.charAt(at) !== '#') at += 1;
    else {
      if ('#!'.includes(this.#text.charAt(at) || ' ')) at += 1;
      while (isNameCharacter(this.#text.charCodeAt(at), true)) at += 1;
    }
    const name = this.#text.slice(from, at);
    this.#at = at;
    while (!this.#isAtEnd() && ':-=?+#%/^,@*[]!'.includes(this.#peek()) && this.#at - at < 2) this.#at += 1;
    const operator = this.#text.slice(at, this.#at);
    const argument: MutableWord = { parts: [] };
    this.#wordParts(argument, ENDS_BRACE, isQuoted);
    if (this.#peek() !== '}') throw new Unreadable("a closing '}' is missing");
    this.#at += 1;
    word.parts.push({ kind: 'parameter', name, operator, argument: operator === '' ? undefined : argument, isQuoted });
  }

  #substituted(): Script {
    return this.#nested(() => {
      const documents = this.#documents;
      this.#documents = [];
      const script = this.#body();
      this.#expect(')');
      this.#documents = documents;
      return script;
    });
  }

  /** The text between backquotes loses one layer of backslashes and is a script of its own. */
  #backquoted(word: MutableWord, isQuoted: boolean): void {
    let inner = '';
    let at = this.#at + 1;
    let from = at;
    for (; this.#text.charAt(at) !== '`'; at++) {
      if (at >= this.#text.length) throw new Unreadable('a closing ` is missing');
      if (this.#text.charAt(at) !== '\\') continue;
      const next = this.#text.charAt(at + 1);
      if (next === '`' || next === '\\' || next === '$' || (next === '"' && isQuoted)) {
        inner += this.#text.slice(from, at);
        from = at + 1;
      }
      at += 1;
    }
    inner += this.#text.slice(from, at);
    this.#at = at + 1;
    const script = this.#nested(() => new Parser(inner, this.#options, this.#depth).script());
    if (script.problem !== undefined) throw new Unreadable(script.problem);
    word.parts.push({ kind: 'substitution', script, isQuoted });
  }

  /** `$'a\tb'`; which character an escape stands for does not matter here, where it ends does. */
  #ansiQuoted(word: MutableWord): void {
    let at = this.#at + 2;
    let text = '';
    for (; this.#text.charAt(at) !== "'"; at++) {
      if (at >= this.#text.length) throw new Unreadable("a closing ' is missing");
      if (this.#text.charAt(at) === '\\') {
        at += 1;
        text += ANSI_ESCAPES.get(this.#text.charAt(at)) ?? this.#text.charAt(at);
      } else text += this.#text.charAt(at);
    }
    word.parts.push({ kind: 'text', text, isQuoted: true });
    this.#at = at + 1;
  }

  /** Where `))` closes what `((` opened, at the same depth of parentheses; undefined where it is no arithmetic. */
  #endOfArithmetic(from: number): number | undefined {
    let open = 0;
    for (let at = from; at < this.#text.length; at++) {
      const character = this.#text.charAt(at);
      if (character === '\\') at += 1;
      else if (character === '(') open += 1;
      else if (character === ')') {
        if (open === 0) return this.#text.charAt(at + 1) === ')' ? at : undefined;
        open -= 1;
      }
    }
    throw new Unreadable("a closing ')' is missing");
  }
}

const ENDS_WORD: ReadonlySet<string> = new Set([' ', '\t', '\n', '\r', ';', '&', '|', '<', '>', '(', ')']);
const ENDS_PLAIN_WORD: ReadonlySet<string> = new Set([...ENDS_WORD, '\\', "'", '"', '$', '`']);
const ENDS_QUOTE: ReadonlySet<string> = new Set(['"']);
const ENDS_BRACE: ReadonlySet<string> = new Set(['}']);
const SPECIAL_PARAMETERS: ReadonlySet<string> = new Set('@ * # ? - $ ! 0 1 2 3 4 5 6 7 8 9'.split(' '));
const ANSI_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
]);

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** @param isInside whether digits may stand here */
function isNameCharacter(code: number, isInside: boolean): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || (isInside && isDigit(code));
}

/** The text of a word without quotes and expansions; undefined where it has some. */
function plainText(word: Word | undefined): string | undefined {
  const [part, more] = word?.parts ?? [];
  return part?.kind === 'text' && !part.isQuoted && more === undefined ? part.text : undefined;
}
