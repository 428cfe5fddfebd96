/**
 * What a `sh -c` script does, as far as it matters for the life of a container: which commands it runs, whether it execs
 * the last one, traps signals, loops, or leaves commands in the background.
 *
 * A reader of the common cases, not a shell: words, quotes, comments, operators, redirections and the reserved words that
 * open and close groups. What it does not understand it calls `complex`, and callers then say that they do not know.
 */

export interface ShellScript {
  readonly commands: readonly ShellCommand[];
  /** `trap` is among the commands: the author handles signals. */
  readonly traps: boolean;
  /** A `while` or `until` that the script waits for: how long that runs cannot be read off the text. */
  readonly loops: boolean;
  /** Something that this reader does not follow: here-documents, functions, `for`, `case`, substitutions that run commands. */
  readonly complex: boolean;
}

export interface ShellCommand {
  /** Words with their quotes removed, redirections left out; a word with a `$` keeps it. */
  readonly words: readonly string[];
  /** What ends the command, or the group that it ends. */
  readonly operator: ShellOperator;
  /** The command, its list or a group around it ends with `&`: the script goes on without waiting for it. */
  readonly background: boolean;
}

export type ShellOperator = '' | ';' | '&&' | '||' | '|' | '&';

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh']);

/** Options of bash that take a word of their own. */
const LONG_OPTIONS_WITH_WORD: ReadonlySet<string> = new Set(['--rcfile', '--init-file']);

/** The name of a program without its folder. */
export function programName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * The script of a command such as `["/bin/sh", "-ec", "a; b"]`, `["bash", "-o", "pipefail", "-c", "…"]` or
 * `["busybox", "sh", "-c", "…"]`: with `-c` among the options, the first word that is none.
 *
 * @param argv command and args of a container or a hook
 * @returns undefined where the command is no shell, or one that runs a file or reads its input
 */
export function shellScriptOf(argv: readonly string[]): string | undefined {
  let at = programName(argv[0] ?? '') === 'busybox' ? 1 : 0;
  if (!SHELLS.has(programName(argv[at] ?? ''))) return undefined;
  let takesScript = false;
  for (at += 1; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--' || word === '-') {
      at += 1;
      break;
    }
    if (LONG_OPTIONS_WITH_WORD.has(word)) at += 1;
    if (word.startsWith('--')) continue;
    if (!/^[-+]/.test(word)) break;
    // `-o pipefail` and `+O extglob` take a word of their own; in `-euxo pipefail -c` and `-oc pipefail` too.
    if (/[oO]/.test(word)) at += 1;
    if (word.startsWith('-') && word.includes('c')) takesScript = true;
  }
  return takesScript ? argv[at] : undefined;
}

/** Whether a command starts a shell, directly or through busybox, with or without a script. */
export function isShell(argv: readonly string[]): boolean {
  return SHELLS.has(programName(argv[programName(argv[0] ?? '') === 'busybox' ? 1 : 0] ?? ''));
}

/** Words that may stand before a command without being it, and without opening a group. */
const CONNECTORS: ReadonlySet<string> = new Set(['then', 'else', 'elif', 'do', '!', 'time']);
/** What closes a group, by what opens it. */
const CLOSER_OF: ReadonlyMap<string, string> = new Map([
  ['if', 'fi'],
  ['while', 'done'],
  ['until', 'done'],
  ['for', 'done'],
  ['case', 'esac'],
  ['{', '}'],
  ['(', ')'],
]);
const CLOSERS: ReadonlySet<string> = new Set(CLOSER_OF.values());
const COMPLEX_WORDS: ReadonlySet<string> = new Set(['for', 'case', 'select', 'function', 'coproc', 'eval', 'source', '.']);
/** What follows these up to the next operator is no command: `for i in 1 2 3`, `case $1 in a`. */
const HEADERS: ReadonlySet<string> = new Set(['for', 'case']);

/** Reads a script. Linear in its length; never throws. */
export function readShellScript(script: string): ShellScript {
  const { pieces, complex } = split(script);
  const reader = new GroupReader();
  for (const piece of pieces) reader.read(piece);
  return reader.finish(complex);
}

/** A command as `split` finds it, or one parenthesis, which needs no operator around it. */
interface Piece {
  readonly words: readonly string[];
  operator: ShellOperator;
}

interface Group {
  readonly opener: string;
  /** The first command in it. */
  readonly from: number;
  /** Where the list of `&&` and `||` began that the group stands in. */
  readonly listFrom: number;
}

/** Follows groups and lists over the commands, to see what `&` puts into the background. */
class GroupReader {
  readonly #commands: { words: readonly string[]; operator: ShellOperator; background: boolean }[] = [];
  /** By command: how many backgrounded lists begin there, less those that ended before it. */
  readonly #backgroundChange: number[] = [];
  readonly #open: Group[] = [];
  /** The first commands of `while` and `until` loops. */
  readonly #loops: number[] = [];
  #listFrom = 0;
  #complex = false;

  read({ words, operator }: Piece): void {
    let first = 0;
    while (first < words.length && this.#isSyntax(words[first] ?? '', operator)) first += 1;
    const own = first === 0 ? words : words.slice(first);
    if (own.length > 0 && !HEADERS.has(words[first - 1] ?? '')) {
      if (COMPLEX_WORDS.has(own[0] ?? '')) this.#complex = true;
      this.#commands.push({ words: own, operator, background: false });
    }
    this.#endWith(operator);
  }

  finish(complex: boolean): ShellScript {
    let backgroundLists = 0;
    for (const [index, command] of this.#commands.entries()) {
      backgroundLists += this.#backgroundChange[index] ?? 0;
      command.background = backgroundLists > 0;
    }
    const waits = this.#commands.some(({ words, background }) => words[0] === 'wait' && !background);
    return {
      commands: this.#commands,
      traps: this.#commands.some(({ words }) => words[0] === 'trap'),
      loops: this.#loops.some((from) => waits || this.#commands[from]?.background !== true),
      complex: complex || this.#complex || this.#open.length > 0,
    };
  }

  /** Whether a word at the start of a command is part of the grammar and not the command. */
  #isSyntax(word: string, operator: ShellOperator): boolean {
    if (CONNECTORS.has(word) || /^\w+=/.test(word)) return true;
    if (CLOSERS.has(word)) {
      this.#close(word, operator);
      return true;
    }
    if (!CLOSER_OF.has(word)) return false;
    this.#open.push({ opener: word, from: this.#commands.length, listFrom: this.#listFrom });
    this.#listFrom = this.#commands.length;
    if (word === 'while' || word === 'until') this.#loops.push(this.#commands.length);
    if (COMPLEX_WORDS.has(word)) this.#complex = true;
    return true;
  }

  #close(word: string, operator: ShellOperator): void {
    const group = this.#open.at(-1);
    if (group === undefined || CLOSER_OF.get(group.opener) !== word) {
      // In `case` a parenthesis closes a pattern.
      this.#complex = true;
      return;
    }
    this.#open.pop();
    this.#listFrom = group.listFrom;
    const last = this.#commands.at(-1);
    if (last === undefined || this.#commands.length === group.from) return;
    last.operator = operator;
    // Which commands of two groups run at the same time, the list of commands cannot say.
    const isPiped = operator === '|' || this.#commands[group.from - 1]?.operator === '|';
    if (isPiped && this.#commands.length - group.from > 1) this.#complex = true;
  }

  #endWith(operator: ShellOperator): void {
    if (operator !== ';' && operator !== '&') return;
    const end = this.#commands.length;
    if (operator === '&') {
      this.#backgroundChange[this.#listFrom] = (this.#backgroundChange[this.#listFrom] ?? 0) + 1;
      this.#backgroundChange[end] = (this.#backgroundChange[end] ?? 0) - 1;
    }
    this.#listFrom = end;
  }
}

/** Splits into commands at operators outside quotes, and at parentheses. */
function split(script: string): { pieces: Piece[]; complex: boolean } {
  const pieces: Piece[] = [];
  let words: string[] = [];
  let word = '';
  let inWord = false;
  /** The next word is where a redirection goes. */
  let redirects = false;
  let complex = false;
  const endWord = (): void => {
    if (inWord && !redirects) words.push(word);
    if (inWord) redirects = false;
    word = '';
    inWord = false;
  };
  const endCommand = (operator: ShellOperator): void => {
    endWord();
    redirects = false;
    const last = pieces.at(-1);
    if (words.length > 0) pieces.push({ words, operator });
    else if (last?.operator === '') last.operator = operator;
    words = [];
  };
  for (let at = 0; at < script.length; at++) {
    const character = script.charAt(at);
    const next = script.charAt(at + 1);
    if (character === "'" || character === '"') {
      const end = closingQuote(script, at);
      const quoted = script.slice(at + 1, end);
      // An unclosed quote, a substitution, or the escapes of `$'…'`.
      if (end === script.length || script.charAt(at - 1) === '$' || (character === '"' && /`|\$\(/.test(quoted))) complex = true;
      word += character === '"' ? quoted.replace(/\\([$`"\\]|\n)/g, (_, escaped: string) => (escaped === '\n' ? '' : escaped)) : quoted;
      inWord = true;
      at = end;
    } else if (character === '\\') {
      // A backslash before a line break joins the lines.
      if (next !== '\n') {
        word += next;
        inWord = true;
      }
      at += 1;
    } else if (character === '#' && !inWord) {
      const end = script.indexOf('\n', at);
      at = end < 0 ? script.length : end - 1;
    } else if (character === '<' || character === '>' || (character === '&' && next === '>')) {
      // `2>&1`: digits that touch the operator are no word of the command.
      if (inWord && /^\d+$/.test(word)) inWord = false;
      endWord();
      const end = endOfRedirection(script, at);
      const operator = script.slice(at, end);
      // Here-documents, process substitutions, and `&>`, which sh reads as `&` and bash as a redirection.
      if (operator.startsWith('<<') || operator.startsWith('&') || script.charAt(end) === '(') complex = true;
      redirects = true;
      at = end - 1;
    } else if (character === ';' || character === '\n') {
      endCommand(';');
    } else if (character === '&' || character === '|') {
      const twice = next === character;
      endCommand(twice ? (character === '&' ? '&&' : '||') : character);
      if (twice) at += 1;
    } else if (character === '(' || character === ')') {
      // `f()`, `f ()`, `list=(…)`, `$(…)`
      if (character === '(' && (inWord || !mayStartCommand(words.at(-1)))) complex = true;
      endCommand('');
      pieces.push({ words: [character], operator: '' });
    } else if (character === ' ' || character === '\t' || character === '\r') {
      endWord();
    } else {
      if (character === '`') complex = true;
      word += character;
      inWord = true;
    }
  }
  endCommand('');
  return { pieces, complex };
}

/** Whether a command can follow a word: none, or one of the grammar. */
function mayStartCommand(before: string | undefined): boolean {
  return before === undefined || CONNECTORS.has(before) || CLOSER_OF.has(before);
}

/** Where the operator of a redirection ends: `>`, `>>`, `>|`, `>&`, `<&`, `<>`, `&>>`, `<<-`. */
function endOfRedirection(script: string, from: number): number {
  let at = from + 1;
  while (at < from + 3 && /[<>&|]/.test(script.charAt(at))) at += 1;
  return at;
}

function closingQuote(script: string, open: number): number {
  const quote = script.charAt(open);
  for (let at = open + 1; at < script.length; at++) {
    if (quote === '"' && script.charAt(at) === '\\') at += 1;
    else if (script.charAt(at) === quote) return at;
  }
  return script.length;
}
