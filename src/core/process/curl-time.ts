/** How long `curl` takes at most, where its options bound it (curl(1); measured with 7.88.1). */
import type { Argv } from './argv.ts';
import { secondsOf } from './seconds.ts';

/** Short options that take a word of their own. */
const SHORT_WITH_WORD = 'AbcCdDeEFHKmoPQrtTuUwxXyYz';
const LONG_WITH_WORD = longOptions(
  'max-time connect-timeout request data data-raw data-binary data-urlencode json header output url user user-agent write-out',
  'cacert cert key resolve connect-to unix-socket proxy noproxy referer form cookie',
);
const LONG_ALONE = longOptions(
  'silent show-error fail fail-early fail-with-body insecure location compressed head include get verbose no-progress-meter',
  'http1.0 http1.1 http2 http2-prior-knowledge ipv4 ipv6 no-buffer no-keepalive tlsv1.2 tlsv1.3',
);

function longOptions(...names: readonly string[]): ReadonlySet<string> {
  return new Set(names.flatMap((line) => line.split(' ')).map((name) => `--${name}`));
}

/**
 * The bound of one request: `curl -sf -m 10 http://localhost:8080/drain`, `--max-time 10`.
 *
 * @param args what follows the name of the program
 * @returns undefined where nothing is known to bound it: without the option, for several addresses, and with options that may repeat it
 */
export function longestOfCurl(args: Argv): number | undefined {
  let limit: number | undefined;
  let addresses = 0;
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    // A value that is not known may be any option.
    if (word === undefined) return undefined;
    const option = optionIn(word);
    if (option === undefined) {
      // `{a,b}` and `[1-9]` stand for several.
      if (word === '' || /[[{]/.test(word)) return undefined;
      addresses += 1;
      continue;
    }
    const { name, takesWord, attached } = option;
    if (takesWord === undefined || name === '-K' || name === '-:') return undefined;
    if (takesWord && attached === '') at += 1;
    if (name === '--url') addresses += 1;
    if (name === '-m' || name === '--max-time') limit = secondsOf(attached || (args[at] ?? ''));
  }
  // 0 is no bound.
  return addresses === 1 && limit !== 0 ? limit : undefined;
}

interface Option {
  readonly name: string;
  /** Undefined where nobody knows. */
  readonly takesWord: boolean | undefined;
  /** The value that stands in the same word. */
  readonly attached: string;
}

/** The option that a word is, or the last of several letters; undefined for an address. */
function optionIn(word: string): Option | undefined {
  if (!word.startsWith('-') || word === '-') return undefined;
  if (word.startsWith('--')) {
    const takesWord = LONG_WITH_WORD.has(word) ? true : LONG_ALONE.has(word) ? false : undefined;
    return { name: word, takesWord, attached: '' };
  }
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at);
    if (SHORT_WITH_WORD.includes(letter)) return { name: `-${letter}`, takesWord: true, attached: word.slice(at + 1) };
    if (letter === ':') return { name: '-:', takesWord: false, attached: '' };
  }
  return { name: word, takesWord: false, attached: '' };
}
