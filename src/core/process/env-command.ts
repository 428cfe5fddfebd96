/** What env(1) of coreutils makes of its own words: the words in one word, and the signals that it holds back. */
import type { Argv } from './argv.ts';
import { SIGNAL_NUMBERS } from './script-traps.ts';

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

/**
 * The words that `env -S` makes of a text (env(1)): quotes hold blanks, `\_` is one, `#` before a word begins a comment, and `\c` ends the
 * text. Undefined where it expands a variable, ends within a quote or has an escape that env refuses.
 */
function wordsOfSplit(text: string): string[] | undefined {
  const [kept = ''] = text.split(/\\c|(?<=^|\s)#/, 1);
  const words: string[] = [];
  for (const [word] of kept
    .replace(/\\_(?=(?:[^"]*"[^"]*")*[^"]*$)/g, ' ')
    .matchAll(/(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+|['"\\]/gs)) {
    if (word.includes('${') || /^['"\\]$/.test(word)) return undefined;
    words.push(
      word.replace(
        /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs,
        (_, ...[single, double, escaped]: (string | undefined)[]) =>
          single ?? double?.replace(/\\(.)/gs, (_, letter: string) => (letter === '_' ? ' ' : letter)) ?? escaped ?? '',
      ),
    );
  }
  return words;
}
