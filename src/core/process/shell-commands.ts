/** The commands of a shell script, simple and compound (POSIX XCU 2.9.1, 2.9.4 and 2.9.5), and what bash adds to them. */
import { AssignmentReader } from './shell-assignments.ts';
import { Unreadable, type ShellCursor } from './shell-cursor.ts';
import { CLOSERS, isProgramNameIn } from './shell-keywords.ts';
import type { RedirectionReader } from './shell-redirections.ts';
import type { Assignment, Command, IfBranch, Redirection, Script, ShellDialect, SimpleCommand, Word } from './shell-syntax.ts';
import type { WordReader } from './shell-words.ts';

/** Builtins that declare variables. */
const DECLARES: ReadonlySet<string> = new Set(['declare', 'typeset', 'local', 'export', 'readonly']);

/**
 * `((1))`, `((i))`, `((i++))`, `(( i < 3 ))`: to a shell without `((`, a program in two subshells of which there is none, and not
 * `((app) | cat)`. `((i==0))` is an assignment to such a shell, and succeeds, as `((true))` does.
 */
const SUM = /^\s*(?:\d|(?!true\s*$)[A-Za-z_]\w*(?:\s*$|\+\+|--|\s*(?:!=|[-+*/%]=|[<>]=?\s*[\w$])|\s+==?\s))/;

const FAILS: SimpleCommand = {
  kind: 'simple',
  assignments: [],
  words: [{ parts: [{ kind: 'text', text: 'false', isQuoted: false }] }],
  redirections: [],
};

/** Reads the lists that stand in compound commands. */
export interface ListReader {
  /** A list that a closing word or `)` ends, which stays unread. */
  body(): Script;
}

/** What reads the parts of commands. */
interface CommandParts {
  readonly words: WordReader;
  readonly redirections: RedirectionReader;
  readonly lists: ListReader;
}

export class CommandReader {
  readonly #cursor: ShellCursor;
  readonly #words: WordReader;
  readonly #redirections: RedirectionReader;
  readonly #assignments: AssignmentReader;
  readonly #lists: ListReader;
  readonly #dialect: ShellDialect;

  constructor(cursor: ShellCursor, { words, redirections, lists }: CommandParts, dialect: ShellDialect) {
    this.#cursor = cursor;
    this.#words = words;
    this.#redirections = redirections;
    this.#assignments = new AssignmentReader(cursor, words, dialect);
    this.#lists = lists;
    this.#dialect = dialect;
  }

  /** Whether a command may begin here; where not, the list is at its end. */
  mayStart(): boolean {
    const character = this.#cursor.peek();
    if (character === '' || character === ')' || character === '\n' || character === ';' || character === '|') return false;
    if (character === '&' && !this.#redirections.isAtBoth()) return false;
    return !CLOSERS.has(this.#cursor.peekPlainWord());
  }

  /** @throws Unreadable where no command begins */
  command(): Command {
    if (!this.mayStart()) {
      const found = this.#cursor.isAtEnd() ? 'the end' : `'${this.#cursor.peekPlainWord() || this.#cursor.peek()}'`;
      throw new Unreadable(`a command is expected where ${found} stands`);
    }
    if (this.#cursor.peek() === '(') return this.#parenthesis();
    const word = this.#cursor.peekPlainWord();
    if (isProgramNameIn(this.#dialect, word)) return this.#simpleOrFunction();
    switch (word) {
      case '{':
        return this.#cursor.nested(() => this.#group());
      case 'if':
        return this.#cursor.nested(() => this.#if());
      case 'while':
      case 'until':
        return this.#cursor.nested(() => this.#loop(word));
      case 'for':
      case 'select':
        return this.#cursor.nested(() => this.#for(word));
      case 'case':
        return this.#cursor.nested(() => this.#case());
      case 'function':
        return this.#cursor.nested(() => this.#functionWord());
      case 'coproc':
        return this.#cursor.nested(() => this.#coprocess());
      case '[[':
        return this.#test();
      default:
        return this.#simpleOrFunction();
    }
  }

  #parenthesis(): Command {
    const end = this.#cursor.peek(1) === '(' ? this.#cursor.endOfArithmetic(this.#cursor.at + 2) : undefined;
    const text = end === undefined ? '' : this.#cursor.text.slice(this.#cursor.at + 2, end);
    if (end !== undefined && (this.#dialect === 'bash' || SUM.test(text))) {
      this.#cursor.at = end + 2;
      const redirections = this.#redirections.read();
      return this.#dialect === 'bash' ? { kind: 'test', text, isSum: true, redirections } : { ...FAILS, redirections };
    }
    return this.#cursor.nested(() => {
      this.#cursor.at += 1;
      const body = this.#filledBody();
      this.#cursor.expect(')');
      return { kind: 'subshell', body, redirections: this.#redirections.read() };
    });
  }

  #group(): Command {
    return { kind: 'group', body: this.#bracedBody(), redirections: this.#redirections.read() };
  }

  #bracedBody(): Script {
    this.#cursor.at += 1;
    const body = this.#filledBody();
    this.#cursor.expect('}');
    return body;
  }

  #coprocess(): Command {
    this.#cursor.at += 'coproc'.length;
    this.#cursor.skipBlanks();
    return { kind: 'coprocess', body: this.command(), redirections: [] };
  }

  #if(): Command {
    const branches: IfBranch[] = [];
    let otherwise: Script | undefined;
    this.#cursor.at += 2;
    for (;;) {
      const condition = this.#filledBody();
      this.#cursor.expect('then');
      branches.push({ condition, body: this.#filledBody() });
      this.#cursor.skipLineBreaks();
      if (this.#cursor.peekPlainWord() !== 'elif') break;
      this.#cursor.at += 4;
    }
    if (this.#cursor.peekPlainWord() === 'else') {
      this.#cursor.at += 4;
      otherwise = this.#filledBody();
    }
    this.#cursor.expect('fi');
    return { kind: 'if', branches, otherwise, redirections: this.#redirections.read() };
  }

  #loop(kind: 'while' | 'until'): Command {
    this.#cursor.at += kind.length;
    const condition = this.#filledBody();
    const body = this.#loopBody();
    return { kind, condition, body, redirections: this.#redirections.read() };
  }

  #loopBody(): Script {
    this.#cursor.skipBlanks();
    // bash takes braces too: `for i in a; { b; }`
    if (this.#cursor.peekPlainWord() === '{') return this.#bracedBody();
    this.#cursor.expect('do');
    const body = this.#filledBody();
    this.#cursor.expect('done');
    return body;
  }

  #for(opener: string): Command {
    this.#cursor.at += opener.length;
    this.#cursor.skipBlanks();
    if (this.#cursor.startsWith('((') && this.#dialect === 'bash') {
      const end = this.#cursor.endOfArithmetic(this.#cursor.at + 2);
      if (end === undefined) throw new Unreadable("'))' is missing");
      const header = this.#cursor.text.slice(this.#cursor.at + 2, end);
      this.#cursor.at = end + 2;
      this.#skipSeparator();
      return { kind: 'other loop', header, body: this.#loopBody(), redirections: this.#redirections.read() };
    }
    const variable = this.#cursor.peekPlainWord();
    if (variable === '') throw new Unreadable(`a name is expected after '${opener}'`);
    this.#cursor.at += variable.length;
    this.#cursor.skipLineBreaks();
    let words: Word[] | undefined;
    if (this.#cursor.peekPlainWord() === 'in') {
      this.#cursor.at += 2;
      words = this.#wordsUpToSeparator();
    }
    this.#skipSeparator();
    const body = this.#loopBody();
    const redirections = this.#redirections.read();
    return opener === 'for'
      ? { kind: 'for', variable, words, body, redirections }
      : { kind: 'other loop', header: undefined, body, redirections };
  }

  #wordsUpToSeparator(): Word[] {
    const words: Word[] = [];
    for (;;) {
      this.#cursor.skipBlanks();
      const word = this.#words.word();
      if (word === undefined) return words;
      words.push(word);
    }
  }

  #skipSeparator(): void {
    this.#cursor.skipBlanks();
    if (this.#cursor.peek() === ';') this.#cursor.at += 1;
    this.#cursor.skipLineBreaks();
  }

  #case(): Command {
    this.#cursor.at += 4;
    this.#cursor.skipBlanks();
    const subject = this.#words.word();
    if (subject === undefined) throw new Unreadable("a word is expected after 'case'");
    this.#cursor.expect('in');
    const items: { patterns: Word[]; body: Script }[] = [];
    for (;;) {
      this.#cursor.skipLineBreaks();
      if (this.#cursor.peekPlainWord() === 'esac') break;
      if (this.#cursor.peek() === '(') this.#cursor.at += 1;
      const patterns: Word[] = [];
      for (;;) {
        this.#cursor.skipBlanks();
        const pattern = this.#words.word();
        if (pattern === undefined) throw new Unreadable("a pattern or 'esac' is missing");
        patterns.push(pattern);
        this.#cursor.skipBlanks();
        if (this.#cursor.peek() !== '|') break;
        this.#cursor.at += 1;
      }
      if (this.#cursor.peek() !== ')') throw new Unreadable("')' is missing after a pattern");
      this.#cursor.at += 1;
      const body = this.#lists.body();
      items.push({ patterns, body });
      this.#cursor.skipLineBreaks();
      const terminator = (this.#dialect === 'bash' ? [';;&', ';;', ';&'] : [';;']).find((text) => this.#cursor.startsWith(text));
      if (terminator === undefined) break;
      this.#cursor.at += terminator.length;
    }
    this.#cursor.expect('esac');
    return { kind: 'case', subject, items, redirections: this.#redirections.read() };
  }

  #functionWord(): Command {
    this.#cursor.at += 'function'.length;
    this.#cursor.skipBlanks();
    const name = this.#cursor.peekPlainWord();
    if (name === '') throw new Unreadable("a name is expected after 'function'");
    this.#cursor.at += name.length;
    this.#cursor.skipBlanks();
    if (this.#cursor.peek() === '(') this.#emptyParentheses();
    this.#cursor.skipLineBreaks();
    return { kind: 'function', name, body: this.command(), redirections: [] };
  }

  #emptyParentheses(): void {
    this.#cursor.at += 1;
    this.#cursor.skipBlanks();
    if (this.#cursor.peek() !== ')') throw new Unreadable("')' is missing");
    this.#cursor.at += 1;
  }

  /** `[[ … ]]`: what stands in it is no command, whatever it looks like. */
  #test(): Command {
    const from = this.#cursor.at;
    this.#cursor.at += 2;
    while (!this.#cursor.isAtEnd()) {
      this.#cursor.skipBlanks();
      if (this.#cursor.startsWith(']]')) {
        this.#cursor.at += 2;
        const text = this.#cursor.text.slice(from + 2, this.#cursor.at - 2);
        return { kind: 'test', text, isSum: false, redirections: this.#redirections.read() };
      }
      const isParenthesis = this.#cursor.peek() === '(' || this.#cursor.peek() === ')';
      if (isParenthesis && this.#dialect !== 'bash') throw new Unreadable("'(' is not expected");
      if (this.#cursor.peek() === '\n') this.#cursor.at += 1;
      else if (this.#words.word() === undefined) this.#cursor.at += 1;
    }
    throw new Unreadable("']]' is missing");
  }

  #simpleOrFunction(): Command {
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    let takesLists = false;
    for (;;) {
      this.#cursor.skipBlanks();
      const redirection = this.#redirections.readOne();
      if (redirection !== undefined) {
        redirections.push(redirection);
        continue;
      }
      if (words.length === 0) {
        const assignment = this.#assignments.read();
        if (assignment !== undefined) {
          assignments.push(assignment);
          continue;
        }
      }
      const list = takesLists ? this.#assignments.listArgument() : undefined;
      if (list !== undefined) {
        words.push(list);
        continue;
      }
      const word = this.#words.word();
      if (word === undefined) {
        if (this.#cursor.peek() !== '(') break;
        const name = words.length === 1 && assignments.length === 0 ? plainText(words[0]) : undefined;
        if (name === undefined) throw new Unreadable("'(' is not expected");
        this.#emptyParentheses();
        this.#cursor.skipLineBreaks();
        return this.#cursor.nested(() => ({ kind: 'function', name, body: this.command(), redirections: [] }));
      }
      words.push(word);
      takesLists ||= this.#dialect === 'bash' && DECLARES.has(plainText(word) ?? '');
    }
    return { kind: 'simple', assignments, words, redirections };
  }

  /** A list that must not be empty. */
  #filledBody(): Script {
    const body = this.#lists.body();
    if (body.lines.length === 0) throw new Unreadable('a command is missing');
    return body;
  }
}

/** The text of a word without quotes and expansions; undefined where it has some. */
function plainText(word: Word | undefined): string | undefined {
  const [part, more] = word?.parts ?? [];
  return part?.kind === 'text' && !part.isQuoted && more === undefined ? part.text : undefined;
}
