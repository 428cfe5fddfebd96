/** Files that have no end, and the programs that read a file up to its end. */
import { programName, type Argv } from './argv.ts';
import { literalOf, type Redirection } from './shell-syntax.ts';

/** mem(4), random(4) and full(4): who reads them never comes to an end. */
const ENDLESS = /^\/dev\/(?:zero|full|u?random)$/;
/** Nothing is behind them where the container has no standard input; what opens the terminal of a session without one fails (tty(4)). */
const INPUT = /^(?:-|\/dev\/(?:stdin|tty|fd\/0))$/;

/**
 * Programs that read a whole file, or up to a limit that is one of their words: `od -N 16`. `head` and a `q` of `sed` end after
 * some lines, and `sort`, `uniq` and `tail` end when their memory does.
 */
const READERS: ReadonlyMap<string, RegExp | undefined> = new Map<string, RegExp | undefined>([
  ...['cat', 'wc', 'cut', 'tr', 'tee', 'base64', 'md5sum', 'sha1sum', 'sha256sum', 'sha512sum', 'cksum', 'strings'].map(
    (name) => [name, undefined] as const,
  ),
  ['sed', /[qQ]/],
  ['od', /^-[a-zA-Z]*N|^--read-bytes/],
]);

/** `wc /dev/zero`, `cat /dev/urandom`: it reads for ever, and does nothing about signals. */
export function readsForEver([program = '', ...args]: Argv): boolean {
  const name = programName(program);
  if (!READERS.has(name) || !args.some((word) => word !== undefined && ENDLESS.test(word))) return false;
  const limit = READERS.get(name);
  return limit === undefined || !args.some((word) => word !== undefined && limit.test(word));
}

/** `grep x /dev/urandom`: that of GNU ends at the first match in what is no text, and that of busybox reads on. */
export function mayReadForEver([program = '', ...args]: Argv): boolean {
  return GREP.test(programName(program)) && args.some((word) => word !== undefined && ENDLESS.test(word));
}

const GREP = /^[ef]?grep$/;

/** A command whose standard input has no end, as if it named that file itself: `wc </dev/zero`. */
export function withEndlessInput(argv: Argv): Argv {
  return READERS.has(programName(argv[0] ?? '')) || GREP.test(programName(argv[0] ?? '')) ? [...argv, '/dev/zero'] : argv;
}

/**
 * Whether redirections make standard input one without an end.
 *
 * @param before whether it is that without them
 */
export function makeInputEndless(redirections: readonly Redirection[], before: boolean): boolean {
  let isEndless = before;
  for (const { operator, descriptor = '0', target } of redirections)
    if (operator.startsWith('<') && descriptor === '0') isEndless = operator === '<' && ENDLESS.test(literalOf(target) ?? '');
  return isEndless;
}

/** Whether a command writes without an end, and so ends by SIGPIPE as soon as nobody reads it any more: `cat /dev/urandom | head -c 20`, `yes | app`. */
export function writesForEver(argv: Argv): boolean {
  return programName(argv[0] ?? '') === 'yes' || mayReadForEver(argv) || (WRITERS.test(programName(argv[0] ?? '')) && readsForEver(argv));
}

/** The others write when they have read everything, if at all. */
const WRITERS = /^(?:cat|base64|od|cut|strings|tr|tee|sed)$/;

/** Whether a word stands for standard input, or for the terminal. */
export function isInput(word: string | undefined): boolean {
  return word !== undefined && INPUT.test(word);
}
