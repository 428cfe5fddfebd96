/**
 * Reads a shell script into a tree. It knows the grammar of POSIX sh (XCU 2.10) and what bash, busybox and ksh add to it:
 * lists and pipelines here, commands in `shell-commands.ts`, words in `shell-words.ts`, redirections in `shell-redirections.ts`.
 *
 * No package reads shell scripts synchronously, without Node built-ins and within bounds (docs/adr/0027-shell-grammar.md).
 * The parser looks at every character a bounded number of times. A script that is nested too deeply has a `problem`, and
 * nothing overflows the stack. The parser never throws.
 */
import { CommandReader } from './shell-commands.ts';
import { ShellCursor, Unreadable } from './shell-cursor.ts';
import { RedirectionReader } from './shell-redirections.ts';
import { WordReader } from './shell-words.ts';
import type { Command, Line, Pipeline, Script, ShellDialect, Statement } from './shell-syntax.ts';

/** Reads a script. Linear in its length. */
export function parseShell(text: string, dialect: ShellDialect = 'bash'): Script {
  return new Parser(new ShellCursor(text), dialect).script();
}

/** What not every shell reads alike; a text without any of it is read once for all. */
const HAS_BASHISMS = /&>|\|&|\[\[|(?<!\$)\(\(|=\(|[<>]\(|<<<|;&|!\s*(?:;|\n|$)|\b(?:function|coproc|select|time)\b/;

/** Whether not every shell may read a text alike. */
export function hasBashisms(text: string): boolean {
  return HAS_BASHISMS.test(text);
}

/**
 * Reads a script as one of the shells does: what bash reads and that one does not is an error there, and no shortcoming of the parser.
 */
export function parseShellAs(text: string, dialect: ShellDialect): Script {
  const script = parseShell(text, dialect);
  if (script.problem === undefined || dialect === 'bash' || parseShell(text).problem !== undefined) return script;
  return { lines: script.lines, afterLast: 'more', isRefused: true };
}

class Parser {
  readonly #cursor: ShellCursor;
  readonly #dialect: ShellDialect;
  readonly #words: WordReader;
  readonly #redirections: RedirectionReader;
  readonly #commands: CommandReader;

  constructor(cursor: ShellCursor, dialect: ShellDialect) {
    this.#cursor = cursor;
    this.#dialect = dialect;
    this.#words = new WordReader(cursor, dialect !== 'posix', {
      substituted: () => this.#substituted(),
      backquoted: (text) => cursor.nested(() => new Parser(cursor.inside(text), dialect).script()),
    });
    this.#redirections = new RedirectionReader(cursor, this.#words, dialect);
    const lists = { body: () => this.#body() };
    this.#commands = new CommandReader(cursor, { words: this.#words, redirections: this.#redirections, lists }, dialect);
  }

  /** The whole text. */
  script(): Script {
    const lines: Line[] = [];
    try {
      let afterLast: Script['afterLast'] = 'nothing';
      for (;;) {
        this.#cursor.skipLineBreaks();
        if (this.#cursor.isAtEnd()) break;
        const statements = this.#statements();
        this.#cursor.skipBlanks();
        if (!this.#cursor.isAtEnd() && this.#cursor.peek() !== '\n') throw new Unreadable(`'${this.#cursor.peek()}' is not expected`);
        // Of a line that cannot be read, a shell runs nothing.
        lines.push({ statements });
        if (this.#cursor.isAtEnd()) {
          afterLast = 'nothing';
          break;
        }
        this.#cursor.lineBreak();
        afterLast = this.#cursor.isAtEnd() ? 'line break' : 'more';
      }
      return { lines, afterLast };
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return { lines, afterLast: 'more', problem: error.message };
    }
  }

  /** Statements up to a line break, a closer or the end; in a body, line breaks separate them as `;` does. */
  #statements(): Statement[] {
    const statements: Statement[] = [];
    for (;;) {
      this.#cursor.skipBlanks();
      if (!this.#commands.mayStart()) return statements;
      const statement = this.#statement();
      statements.push(statement);
      this.#cursor.skipBlanks();
      if (statement.isBackground) continue;
      if (this.#cursor.peek() !== ';' || this.#cursor.peek(1) === ';' || this.#cursor.peek(1) === '&') return statements;
      this.#cursor.at += 1;
    }
  }

  /** A list that a closing word or `)` ends. */
  #body(): Script {
    return this.#cursor.nested(() => {
      const lines: Line[] = [];
      for (;;) {
        this.#cursor.skipLineBreaks();
        if (!this.#commands.mayStart()) break;
        lines.push({ statements: this.#statements() });
        this.#cursor.skipBlanks();
        if (this.#cursor.peek() !== '\n') break;
      }
      return { lines, afterLast: 'nothing' };
    });
  }

  /** The script of `$(…)` and `<(…)`, up to and with the closing parenthesis. */
  #substituted(): Script {
    const cursor = this.#cursor;
    return cursor.nested(() =>
      cursor.apart(() => {
        const script = this.#body();
        cursor.expect(')');
        return script;
      }),
    );
  }

  #statement(): Statement {
    const first = this.#pipeline();
    const rest: { operator: '&&' | '||'; pipeline: Pipeline }[] = [];
    for (;;) {
      this.#cursor.skipBlanks();
      const operator = this.#cursor.startsWith('&&') ? '&&' : this.#cursor.startsWith('||') ? '||' : undefined;
      if (operator === undefined) break;
      this.#cursor.at += 2;
      this.#cursor.skipLineBreaks();
      rest.push({ operator, pipeline: this.#pipeline() });
    }
    const isBackground = this.#cursor.peek() === '&' && !this.#redirections.isAtBoth();
    if (isBackground) this.#cursor.at += 1;
    return { first, rest, isBackground };
  }

  #pipeline(): Pipeline {
    let isNegated = false;
    let isTimed = false;
    let hasTimeOption = false;
    for (;;) {
      const word = this.#cursor.peekPlainWord();
      if (word === '!') isNegated = !isNegated;
      // Only bash has it in its grammar; elsewhere it is a program.
      else if (word === 'time' && this.#dialect === 'bash') isTimed = true;
      else if (word === '-p' && isTimed) hasTimeOption = true;
      else break;
      this.#cursor.at += word.length;
      this.#cursor.skipBlanks();
    }
    const commands: Command[] = [];
    // `!` and `time` may stand alone in bash, on a line or before `;`.
    if (
      (isTimed || (isNegated && this.#dialect === 'bash')) &&
      (this.#cursor.isAtEnd() || this.#cursor.peek() === ';' || this.#cursor.peek() === '\n')
    )
      return { commands, isNegated, isTimed };
    for (;;) {
      commands.push(this.#commands.command());
      this.#cursor.skipBlanks();
      if (this.#cursor.peek() !== '|' || this.#cursor.peek(1) === '|') break;
      this.#cursor.at += this.#cursor.peek(1) === '&' && this.#dialect === 'bash' ? 2 : 1;
      this.#cursor.skipLineBreaks();
    }
    return { commands, isNegated, isTimed, ...(hasTimeOption && { hasTimeOption }) };
  }
}
