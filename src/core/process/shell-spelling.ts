/** How a command is spelled that means what its words say: as words where that is enough, and else as the line of a shell. */
import { withoutBusybox } from './argv.ts';
import { parseShell } from './shell-parser.ts';
import { isShell, readShellStart } from './shells.ts';

/** Words that a shell takes for operators, and nobody for anything else. */
const SURE_OPERATORS: ReadonlySet<string> = new Set(['&&', '||', '>>', '<<', '2>', '2>>', '2>&1', '1>&2', '>&2', '&>']);
/** Words that may be operators, or a separator or pattern that a program is given. */
const OPERATORS: ReadonlySet<string> = new Set(['|', ';', '&', '>', '<']);
/** `>/dev/null`, `2>/tmp/log` */
const REDIRECTION = /^\d?>>?\/\S+$/;

/** Whether a word can only be meant as an operator of a shell: `&&`, `2>/tmp/log`. */
export function isSureOperator(word: string): boolean {
  return SURE_OPERATORS.has(word) || REDIRECTION.test(word);
}

/** Whether a word is an operator to a shell, though a program may be given it as a separator or a pattern. */
export function mayBeOperator(word: string): boolean {
  return OPERATORS.has(word);
}

/** Words that only a shell knows. */
export const BUILTINS: ReadonlySet<string> = new Set(
  'exit source . : export set trap exec eval if for while until case { ( ! [[ cd wait unset umask ulimit local return alias'.split(' '),
);

/** More of a command than anybody reads; to take 100 kB apart would take 20 ms. */
const LONGEST_SPELLED = 4_096;

/**
 * A line that somebody gave as one word, as the command that it means.
 *
 * @param whole read up to its first 4096 characters
 */
function spellingOf(whole: string): readonly string[] {
  const line = whole.slice(0, LONGEST_SPELLED);
  const words = line.trim().split(/\s+/);
  const start = readShellStart(words.slice(1));
  // `["/bin/sh -c sleep 10"]`
  if (isShell(words) && start.takesScript) {
    const at = words.findIndex((word, index) => index > 0 && word.startsWith('-') && word.includes('c'));
    return [...words.slice(0, at + 1), unquoted(words.slice(at + 1).join(' '))];
  }
  return /[;&|<>$"'`\\*?(){}]/.test(line) ? ['sh', '-c', line.trim()] : words;
}

/** What a shell replaces, with brackets of its own. */
const REPLACED = /\$\{[^}]*\}|\$\([^)]*\)/g;
/** What is longer is data, in which nobody has a shell replace anything. */
const LONGEST_ARGUMENT = 512;
/** `["if", "[", "-f", "/x", "];", …]`: the words of the grammar may hold any sign. */
const GRAMMAR: ReadonlySet<string> = new Set(['if', 'for', 'while', 'until', 'case', '{', '(', '!', '[[']);

/**
 * The line of a shell that is meant by pieces of it: `["sleep 10;", "nginx -s quit"]`, `["psql", "-c", "select 1; select 2"]`.
 *
 * A piece with blanks is one argument, unless it stands behind an operator, or behind a whole command and no option.
 */
export function lineOf(pieces: readonly string[]): string {
  const [first = ''] = pieces;
  const isGrammar = GRAMMAR.has(first);
  const isKill = /^(?:\S*\/)?kill$/.test(first);
  let line = first;
  let before = first;
  /** What stands since the last operator is a command with arguments, in one piece. */
  let isWhole = HAS_BLANKS.test(first);
  for (const piece of pieces.slice(1)) {
    const follows = /[;&|]\s*$/.test(before);
    const isNext = !follows && isWhole && /^[\w./][\w./-]*\s/.test(piece) && !/(?:^|\s)-\S*$/.test(before);
    const isRaw = follows || isNext || isOperator(piece) || (isGrammar && /^\S+$/.test(piece)) || (isKill && SUBSTITUTED.test(piece));
    line += `${isNext ? ';' : ''} ${isRaw ? piece : argumentOf(piece)}`;
    if (follows || isNext || isOperator(piece)) isWhole = HAS_BLANKS.test(piece);
    before = piece;
  }
  return line;
}

const HAS_BLANKS = /\S\s+\S/;
/** A word that is all of it a substitution, which may become several: `$(pidof nginx)`. */
export const SUBSTITUTED = /^(?:\$\([^()]*\)|`[^`]*`)$/;

function isOperator(word: string): boolean {
  return isSureOperator(word) || mayBeOperator(word);
}

/** A word as an argument in the line of a shell: what its author has not quoted is quoted where the shell would take it apart. */
function argumentOf(word: string): string {
  if (word.length > LONGEST_ARGUMENT) return quoted(word);
  if (/^(["']).*\1$/s.test(word)) return word;
  const isPlain = word !== '' && !/\s|\S&\w/.test(word) && !/[(){}]/.test(word.replaceAll(REPLACED, ''));
  if (isPlain) return word;
  return /\$[\w({]/.test(word) ? quotedVariable(word) : quoted(word);
}

/** `["nginx -g", "daemon off;"]`, `["sleep 10", "&&", "app"]`: what a first word with blanks begins. */
export function lineSpelling([first = '', ...others]: readonly string[]): readonly string[] {
  const spelling = spellingOf(first);
  if (others.length === 0) return asCommand(spelling, first);
  const line = lineOf([first, ...others]);
  const isPlain = line === [first, ...others.map(quoted)].join(' ') && !others.some((word) => isSureOperator(word) || mayBeOperator(word));
  return isPlain && spelling[0] !== 'sh' ? asCommand([...spelling, ...others], line) : asCommand(spellingOf(line), line);
}

/** What begins with a word that only a shell knows, or with an assignment, is no command without one. */
function asCommand(spelling: readonly string[], line: string): readonly string[] {
  const [program = ''] = spelling;
  return BUILTINS.has(program) || isShellAssignment(program) ? inShell(line.trim()) : spelling;
}

/** The words of a command that runs a line. Every shell knows `.`, and dash no `source`. */
export function inShell(line: string): readonly string[] {
  return ['sh', '-c', line.replace(/^source /, '. ')];
}

/** `A=b`: nobody gives a program such a name. */
export function isShellAssignment(word: string): boolean {
  return /^[A-Za-z_]\w*=/.test(word);
}

/** Without the quotes around the whole text, where a shell would replace nothing in it. */
export function unquoted(text: string): string {
  return /^'[^']*'$|^"[^"$`\\]*"$/.test(text) ? text.slice(1, -1) : text;
}

/** A word for the line of a shell: operators stay, and what a shell would take apart or replace is quoted. */
export function quoted(word: string): string {
  if (mayBeOperator(word) || isSureOperator(word) || /^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A word in which a shell is to replace variables: `$(NAME)`, which only the kubelet replaces, becomes `${NAME}`. */
export function quotedVariable(word: string): string {
  return `"${word.replace(/\$\(([A-Za-z_]\w*)\)/g, '${$1}').replaceAll('"', '\\"')}"`;
}

/** Whether a shell would refuse a spelling: of `["sh", "&&", "app"]` the first command is missing, and nobody knows which it was. */
export function isRefusedByShell(spelling: readonly string[]): boolean {
  if (!isShell(spelling)) return false;
  const { script } = readShellStart(withoutBusybox(spelling).slice(1));
  return script !== undefined && script.length <= LONGEST_SPELLED && parseShell(script).problem !== undefined;
}
