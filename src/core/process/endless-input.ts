/** Files that have no end, and the programs that read a file up to its end. */
import { programName, type Argv } from './argv.ts';

/** mem(4), random(4) and full(4): who reads them never comes to an end. */
const ENDLESS = /^\/dev\/(?:zero|full|u?random)$/;
/** Nothing is behind them where the container has no standard input; what opens the terminal of a session without one fails (tty(4)). */
const INPUT = /^(?:-|\/dev\/(?:stdin|tty|fd\/0))$/;

/**
 * Programs that read a whole file, or up to a limit that is one of their words: `od -N 16`, `grep -m 1`. `head` and a `q` of `sed` end after
 * some lines, and `sort`, `uniq` and `tail` end when their memory does.
 */
const READERS: ReadonlyMap<string, RegExp | undefined> = new Map<string, RegExp | undefined>([
  ...['cat', 'wc', 'cut', 'base64', 'md5sum', 'sha1sum', 'sha256sum', 'sha512sum', 'cksum', 'strings'].map(
    (name) => [name, undefined] as const,
  ),
  ['od', /^-[a-zA-Z]*N|^--read-bytes/],
  ...['grep', 'egrep', 'fgrep'].map((name) => [name, /^-[a-zA-Z]*[mqlL]|^--(?:max-count|quiet|silent|files)/] as const),
]);

/** `wc /dev/zero`, `grep x /dev/urandom`: it reads for ever, and does nothing about signals. */
export function readsForEver([program = '', ...args]: Argv): boolean {
  const name = programName(program);
  if (!READERS.has(name) || !args.some((word) => word !== undefined && ENDLESS.test(word))) return false;
  const limit = READERS.get(name);
  return limit === undefined || !args.some((word) => word !== undefined && limit.test(word));
}

/** Whether a command writes without an end, and so ends by SIGPIPE as soon as nobody reads it any more: `cat /dev/urandom | head -c 20`, `yes | app`. */
export function writesForEver(argv: Argv): boolean {
  return programName(argv[0] ?? '') === 'yes' || (WRITERS.test(programName(argv[0] ?? '')) && readsForEver(argv));
}

/** The others write when they have read everything, if at all. */
const WRITERS = /^(?:cat|base64|od|cut|strings)$/;

/** Whether a word stands for standard input, or for the terminal. */
export function isInput(word: string | undefined): boolean {
  return word !== undefined && INPUT.test(word);
}
