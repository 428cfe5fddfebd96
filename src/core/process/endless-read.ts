/**
 * The builtin `read` at a file that has no end and no line in it. As measured with dash 0.5.12, busybox ash 1.35 and bash 5.2
 * (`test/core/process/measured/`).
 */
import type { Argv } from './argv.ts';
import { literalOf, type Redirection } from './shell-syntax.ts';
import type { ShellFlavour } from './shells.ts';

/** Options of `read` that take a word, in any shell. */
const WITH_WORD = /[adinNptu]/;
/** Those that a shell knows; it fails at any other, before it reads. */
const KNOWN: ReadonlyMap<ShellFlavour, string> = new Map([
  ['dash', 'pr'],
  ['ash', 'dnprstu'],
]);

/** Whether `read` fails at its options, and reads nothing. */
export function failsAtOptions([, ...args]: Argv, flavour: ShellFlavour): boolean {
  const known = KNOWN.get(flavour);
  const options = known === undefined ? undefined : optionsOf(args);
  return options !== undefined && [...options.keys()].some((letter) => known?.includes(letter) === false);
}

/**
 * `read x < /dev/zero`: no line of it ends. bash drops what it reads there, so that it does not come to a number of characters either
 * (`-n 1`); with a limit of time (`-t`), or with that character as the end of a line (`-d ''`), each shell comes to an end.
 */
export function readsForGood([name, ...args]: Argv, redirections: readonly Redirection[], flavour: ShellFlavour): boolean {
  const options = name === 'read' ? optionsOf(args) : undefined;
  if (options === undefined || failsAtOptions([name, ...args], flavour)) return false;
  const from = options.get('u') ?? '0';
  if (options.has('t') || options.get('d') === '' || !redirections.some((each) => isEndless(each, from))) return false;
  const count = options.get('n') ?? options.get('N');
  // ash counts what it reads, and takes 0 for no limit; bash is done with 0 at once.
  return count === undefined || /^0*$/.test(count) === (flavour === 'ash');
}

function isEndless({ operator, descriptor = '0', target }: Redirection, from: string): boolean {
  return operator === '<' && descriptor === from && /^\/dev\/(?:zero|full)$/.test(literalOf(target) ?? '');
}

/** The options by their letters, with the word of each that takes one; undefined where a word is not known. */
function optionsOf(args: Argv): ReadonlyMap<string, string> | undefined {
  const options = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === undefined) return undefined;
    if (word === '--' || !/^-./.test(word)) return options;
    const taking = word.slice(1).search(WITH_WORD);
    const letters = taking < 0 ? word.slice(1) : word.slice(1, taking + 1);
    for (const letter of letters) options.set(letter, '');
    if (taking < 0) continue;
    const attached = word.slice(taking + 2);
    const value = attached === '' ? args[++at] : attached;
    if (value === undefined) return undefined;
    options.set(word[taking + 1] ?? '', value);
  }
  return options;
}
