/** Real manifests as their authors wrote them; what kubectl makes of them is in the corpus too. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSampled } from '../long-tests.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The folder of the files, one document each. */
const ORIGINALS = resolve(ROOT, process.env['PODGRACE_CORPUS'] ?? '../shared/corpus', 'yaml');

/** From a file's name in the corpus, `manifests/0ce56e28338c.yaml`, to its text. */
export function readOriginals(): Map<string, string> {
  return new Map(
    readdirSync(ORIGINALS)
      .filter(isSampled)
      .map((file) => [`manifests/${file}`, readFileSync(resolve(ORIGINALS, file), 'utf8')]),
  );
}
