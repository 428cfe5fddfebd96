/** How long `curl` takes at most, where its options bound it (curl(1); measured with 7.88.1). */
import type { Argv } from './argv.ts';
import { curlOption } from './curl-words.ts';
import { secondsOf } from './seconds.ts';

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
    const option = curlOption(word);
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
