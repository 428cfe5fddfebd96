/**
 * Real manifests and recorded reviews of all sorts, for tests that say what must hold for anything.
 *
 * They lie beside the repository, or where PODGRACE_CORPUS says; without them the tests that need them are skipped.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isObject, type JsonObject } from '../../src/core/json.ts';
import { isSampled } from '../long-tests.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CORPUS = resolve(ROOT, process.env['PODGRACE_CORPUS'] ?? '../shared/corpus');
const MANIFESTS = corpusPath('manifests.ndjson');

/** @param name `index.jsonl` */
export function corpusPath(name: string): string {
  return resolve(CORPUS, name);
}

export interface CorpusDocument {
  /** `manifests/0ce56e28338c.yaml` */
  readonly file: string;
  readonly doc: unknown;
}

/** Why a test is skipped, or false where the corpus is there; for tap's option `skip`. */
export function skipWithoutCorpus(): string | false {
  return existsSync(MANIFESTS) ? false : `no corpus at ${MANIFESTS}; set PODGRACE_CORPUS to its folder`;
}

/** The document that a line is about, which each names first: what is not in the sample need not be parsed. */
export function fileOf(line: string): string {
  return /^\{"file":"([^"]+)"/.exec(line)?.[1] ?? '';
}

/** Parsed as kubectl parses them; a sample but in the long tests. */
export function readManifests(): CorpusDocument[] {
  const lines = readFileSync(MANIFESTS, 'utf8').trimEnd().split('\n');
  return lines.filter((line) => isSampled(fileOf(line))).map((line) => JSON.parse(line) as CorpusDocument);
}

/** Running Pods with their status, as `kubectl get pod -o json` gives them. */
export function readRunningPods(): JsonObject[] {
  const folder = resolve(CORPUS, 'pods');
  const read = (name: string): unknown => JSON.parse(readFileSync(resolve(folder, name), 'utf8'));
  return readdirSync(folder).filter(isSampled).map(read).filter(isObject);
}

/** `object` and `oldObject` of the recorded reviews that have them; a sample but in the long tests. */
export function readReviewObjects(): CorpusDocument[] {
  const folder = resolve(CORPUS, 'reviews');
  return readdirSync(folder)
    .filter(isSampled)
    .flatMap((file) => {
      const { request } = JSON.parse(readFileSync(resolve(folder, file), 'utf8')) as { request?: Record<string, unknown> };
      return ['object', 'oldObject'].flatMap((part) => {
        const doc = request?.[part];
        return doc == null ? [] : [{ file: `reviews/${file} ${part}`, doc }];
      });
    });
}
