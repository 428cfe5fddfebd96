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

/** More of a command than anybody reads; to take 100 kB apart would take 20 ms. */
const LONGEST_SPELLED = 4_096;

/**
 * A line that somebody gave as one word, as the command that it means.
 *
 * @param whole read up to its first 4096 characters
 */
export function spellingOf(whole: string): readonly string[] {
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
