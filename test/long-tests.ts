/**
 * How much the tests try. `npm test` draws a twentieth of the cases of each property and reads a sixteenth of the corpus;
 * `npm run test:long`, which CI runs, draws and reads all. The tests are the same.
 */

export const IS_LONG = process.env['PODGRACE_LONG_TESTS'] === '1';

/** For tap's option `skip`: of a test that takes seconds and seldom tells of anything that no other test does. */
export const ONLY_LONG: string | false = IS_LONG ? false : 'one of the long tests: npm run test:long';

/** Fewer cases than that show next to nothing. */
const FEWEST = 20;

/**
 * For `numRuns` of fast-check.
 *
 * @param inLong how many cases the long tests draw
 * @param inShort how many `npm test` draws: given where one case takes as long as hundreds of others
 */
export function runs(inLong: number, inShort = Math.max(Math.ceil(inLong / 20), Math.min(inLong, FEWEST))): number {
  return IS_LONG ? inLong : inShort;
}

/**
 * Whether a document of the corpus is read. The names are hashes, so that a sample is of all sorts; it is the same each time.
 *
 * @param file `manifests/0ce56e28338c.yaml`, `w-00329a7af0e8.json`
 */
export function isSampled(file: string): boolean {
  return IS_LONG || /(?:^|\/)(?:\w-)?0[^/]*$/.test(file);
}

/**
 * How many documents must be there, so that a test which compares them proves something.
 *
 * @param inLong of the whole corpus; of a sample a third of its share is enough
 */
export function atLeast(inLong: number): number {
  return IS_LONG ? inLong : Math.max(1, Math.floor(inLong / 48));
}
