/** Which words of a `curl` are options, their values and addresses (curl(1)). */
import type { Argv } from './argv.ts';

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

interface Option {
  readonly name: string;
  /** Undefined where nobody knows. */
  readonly takesWord: boolean | undefined;
  /** The value that stands in the same word. */
  readonly attached: string;
}

/** The option that a word is, or the last of several letters; undefined for an address. */
export function curlOption(word: string): Option | undefined {
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

/** @returns undefined where an option is not known: the word after it may be its value, or an address */
export function addressesOfCurl(args: Argv): readonly string[] | undefined {
  const addresses: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === undefined) return undefined;
    const option = curlOption(word);
    if (option === undefined) {
      addresses.push(word);
      continue;
    }
    const { name, takesWord, attached } = option;
    if (takesWord === undefined) return undefined;
    const value = takesWord && attached === '' ? args[++at] : attached;
    if (name === '--url' && value !== undefined) addresses.push(value);
  }
  return addresses;
}
