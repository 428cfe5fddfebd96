/**
 * What a `sh -c` script does, as far as it matters for the life of a container: which commands it runs, whether it execs
 * the last one, traps signals, or loops.
 *
 * A reader of the common cases, not a shell: words, quotes, comments, operators and the reserved words that open loops.
 * What it does not understand it calls `complex`, and callers then say that they do not know.
 */

export interface ShellScript {
  readonly commands: readonly ShellCommand[];
  /** `trap` is among the commands: the author handles signals. */
  readonly traps: boolean;
  /** `while` or `until`: how long that runs cannot be read off the text. */
  readonly loops: boolean;
  /** Something that this reader does not follow: here-documents, functions, `case`, substitutions that run commands. */
  readonly complex: boolean;
}

export interface ShellCommand {
  /** Words with their quotes removed; a word with a `$` keeps it. */
  readonly words: readonly string[];
  /** What ends the command: `&` puts it in the background. */
  readonly operator: '' | ';' | '&&' | '||' | '|' | '&';
}

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh']);

/** The name of a program without its folder. */
export function programName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * The script of a command such as `["/bin/sh", "-ec", "a; b"]`, `["bash", "-o", "pipefail", "-c", "…"]` or
 * `["busybox", "sh", "-c", "…"]`.
 *
 * @param argv command and args of a container or a hook
 * @returns undefined where the command is no shell, or one that runs a file or reads its input
 */
export function shellScriptOf(argv: readonly string[]): string | undefined {
  let at = 0;
  if (programName(argv[0] ?? '') === 'busybox') at = 1;
  if (!SHELLS.has(programName(argv[at] ?? ''))) return undefined;
  for (at += 1; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (!/^[-+]/.test(word) || word === '--') return undefined;
    if (word.startsWith('--')) continue;
    // `-o pipefail` and `+O extglob` take a word of their own; in `-euxo pipefail -c` too.
    if (/[oO]$/.test(word)) at += 1;
    else if (word.startsWith('-') && word.includes('c')) return argv[at + 1];
  }
  return undefined;
}

export function isShell(argv: readonly string[]): boolean {
  return SHELLS.has(programName(argv[programName(argv[0] ?? '') === 'busybox' ? 1 : 0] ?? ''));
}

/** Words that may stand before a command without being it. */
const OPENERS: ReadonlySet<string> = new Set(['if', 'then', 'else', 'elif', 'do', '{', '(', '!', 'time']);
const CLOSERS: ReadonlySet<string> = new Set(['fi', 'done', '}', ')', 'esac']);
const COMPLEX_WORDS: ReadonlySet<string> = new Set(['case', 'select', 'function', 'coproc', 'eval', 'source', '.']);

/** Reads a script. Linear in its length; never throws. */
export function readShellScript(script: string): ShellScript {
  const { commands: raw, complex: hardSyntax } = split(script);
  let loops = false;
  let complex = hardSyntax;
  const commands: ShellCommand[] = [];
  for (const { words, operator } of raw) {
    let first = 0;
    while (first < words.length) {
      const word = words[first] ?? '';
      if (word === 'while' || word === 'until') loops = true;
      else if (!OPENERS.has(word) && !CLOSERS.has(word) && !/^\w+=/.test(word)) break;
      first += 1;
    }
    if (words[first] === 'for') {
      // Over a list of words it ends; what runs in it runs more than once.
      complex = true;
      continue;
    }
    const own = words.slice(first);
    if (own.length === 0) continue;
    if (COMPLEX_WORDS.has(own[0] ?? '') || own[0]?.endsWith('()') === true) complex = true;
    commands.push({ words: own, operator });
  }
  return { commands, loops, complex, traps: commands.some(({ words }) => words[0] === 'trap') };
}

/** Splits into commands at operators outside quotes. */
function split(script: string): { commands: ShellCommand[]; complex: boolean } {
  const commands: ShellCommand[] = [];
  let words: string[] = [];
  let word = '';
  let inWord = false;
  let complex = false;
  const endWord = (): void => {
    if (inWord) words.push(word);
    word = '';
    inWord = false;
  };
  const endCommand = (operator: ShellCommand['operator']): void => {
    endWord();
    if (words.length > 0) commands.push({ words, operator });
    words = [];
  };
  for (let at = 0; at < script.length; at++) {
    const character = script.charAt(at);
    const next = script.charAt(at + 1);
    if (character === "'" || character === '"') {
      const end = closingQuote(script, at);
      const quoted = script.slice(at + 1, end);
      if (character === '"' && /`|\$\(/.test(quoted)) complex = true;
      word += quoted;
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
    } else if (character === ';' || character === '\n') {
      endCommand(';');
    } else if (character === '&' && (next === '>' || /[<>]$/.test(word))) {
      word += character;
      inWord = true;
    } else if (character === '&' || character === '|') {
      const twice = next === character;
      endCommand(twice ? (character === '&' ? '&&' : '||') : character);
      if (twice) at += 1;
    } else if (character === '(' || character === ')') {
      if (character === '(' && inWord) complex = true;
      endWord();
      words.push(character);
    } else if (/\s/.test(character)) {
      endWord();
    } else {
      if (character === '`' || (character === '<' && next === '<')) complex = true;
      word += character;
      inWord = true;
    }
  }
  endCommand('');
  return { commands, complex };
}

function closingQuote(script: string, open: number): number {
  const quote = script.charAt(open);
  for (let at = open + 1; at < script.length; at++) {
    if (quote === '"' && script.charAt(at) === '\\') at += 1;
    else if (script.charAt(at) === quote) return at;
  }
  return script.length;
}
