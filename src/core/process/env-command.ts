/** What env(1) of coreutils makes of its own words: the words in one word, and the signals that it holds back. */
import type { Argv } from './argv.ts';
import { SIGNAL_NUMBERS } from './script-traps.ts';
import { MAX_SCRIPT_LENGTH } from './step-budget.ts';

/** `env --block-signal=TERM app`, `env --ignore-signal app`: without a list, all signals (env(1) of coreutils). */
export function heldBackBy(own: Argv, signal: string): 'blocked' | 'ignored' | 'default' | undefined {
  let heldBack: ReturnType<typeof heldBackBy>;
  for (const word of own) {
    const [, manner, list] = /^--(block|ignore|default)-signal(?:=(.*))?$/.exec(word ?? '') ?? [];
    const names = list?.split(',').map((name) => name.toUpperCase().replace(/^SIG/, ''));
    if (manner === undefined || names?.every((name) => name !== signal && name !== SIGNAL_NUMBERS.get(signal)) === true) continue;
    if (manner === 'block') heldBack = 'blocked';
    else if (heldBack !== 'blocked') heldBack = manner === 'ignore' ? 'ignored' : 'default';
  }
  return heldBack;
}

/** `env -S 'app --flag'`, `env --split-string=…`: the words of one word. */
export function splitOf(argv: Argv): Argv | undefined {
  const at = argv.findIndex((word) => word !== undefined && (/^-[a-zA-Z]*S/.test(word) || word.startsWith('--split-string')));
  if (at < 0) return undefined;
  const word = argv[at] ?? '';
  const attached = word.startsWith('--') ? word.slice('--split-string'.length).replace(/^=/, '') : word.slice(word.indexOf('S') + 1);
  const text = attached === '' ? argv[at + 1] : attached;
  if (text === undefined) return undefined;
  const words = wordsOfSplit(text);
  if (words === undefined) return [...argv.slice(0, at), undefined];
  return [...argv.slice(0, at), ...words, ...argv.slice(attached === '' ? at + 2 : at + 1)];
}

/** What a letter after a backslash stands for (env(1)). */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ...Array.from('"#$\'\\', (letter) => [letter, letter] as const),
  ...(['f\f', 'n\n', 'r\r', 't\t', 'v\v'] as const).map((pair) => [pair.charAt(0), pair.charAt(1)] as const),
]);
/** Blanks, what stands in quotes, one escape, letters that stand for themselves, and what no quote ends. */
const TOKEN = /\s+|'((?:[^'\\]|\\[^])*)'|"((?:[^"\\]|\\[^])*)"|\\[^]|[^\s'"\\]+|[^]/g;

/**
 * The words that `env -S` makes of a text (`build_argv` in `src/env.c` of coreutils): quotes hold blanks, `\_` is one, `#` before a word begins
 * a comment, and `\c` ends the text. Each letter is read once.
 *
 * @returns undefined where it expands a variable, ends within a quote, has an escape that env refuses, or is longer than what is read
 */
function wordsOfSplit(text: string): string[] | undefined {
  if (text.length > MAX_SCRIPT_LENGTH) return undefined;
  const words: string[] = [];
  let word: string | undefined;
  for (const [token, single, double] of text.matchAll(TOKEN)) {
    if (token === '\\c' || (word === undefined && token.startsWith('#'))) break;
    if (token === '\\_' || token.trim() === '') {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    const meant = single === undefined ? unescaped(double ?? token) : single.replaceAll(/\\([\\'])/g, '$1');
    if (meant === undefined || (double === undefined && /^["'\\]$/.test(token))) return undefined;
    word = (word ?? '') + meant;
  }
  return word === undefined ? words : [...words, word];
}

const ESCAPE_OR_VARIABLE = /\\([^])|\$/g;

/** @returns undefined where an escape is none, or where a variable is expanded */
function unescaped(text: string): string | undefined {
  for (const [, letter = ''] of text.matchAll(ESCAPE_OR_VARIABLE)) if (letter !== '_' && !ESCAPES.has(letter)) return undefined;
  return text.replaceAll(ESCAPE_OR_VARIABLE, (_, letter: string) => ESCAPES.get(letter) ?? ' ');
}
