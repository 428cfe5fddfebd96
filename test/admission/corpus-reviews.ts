/** The recorded reviews of the corpus: real ones, and odd ones on purpose. Read from the sibling folder, never copied. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSampled } from '../long-tests.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = resolve(ROOT, process.env['PODGRACE_CORPUS'] ?? '../shared/corpus', 'reviews');

/** Why a test is skipped, or false where the corpus is there; for tap's option `skip`. */
export const NO_REVIEWS: string | false = existsSync(FOLDER) ? false : `no corpus at ${FOLDER}; set PODGRACE_CORPUS to its folder`;

export interface RecordedReview {
  readonly file: string;
  readonly text: string;
}

/** By name; a sample but in the long tests. */
export function recordedReviews(): RecordedReview[] {
  if (NO_REVIEWS !== false) return [];
  return readdirSync(FOLDER)
    .filter(isSampled)
    .sort()
    .map((file) => ({ file, text: readFileSync(join(FOLDER, file), 'utf8') }));
}
