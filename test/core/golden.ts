/**
 * What a kube-apiserver 1.36.3 answered to thousands of real manifests, for tests to compare with.
 *
 * The corpus lies beside the repository, or where PODGRACE_CORPUS says; without it the tests that need it are skipped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { isSampled } from '../long-tests.ts';
import { fileOf } from './corpus.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CORPUS = process.env['PODGRACE_CORPUS'] ?? '../shared/corpus';

export interface GoldenAnswer {
  /** The document of the corpus: `manifests/0ce56e28338c.yaml`. */
  readonly file: string;
  readonly posted: { readonly apiVersion: string; readonly kind: string } & Readonly<Record<string, unknown>>;
  /** 201 accepted, 422 refused by validation, 400 could not be decoded. */
  readonly code: number;
  /** Only of what was refused. */
  readonly message?: string;
  /** Only of Pods that were accepted. */
  readonly qosClass?: string;
  /** What the server made of it, only where it was accepted. */
  readonly stored?: Readonly<Record<string, unknown>>;
}

/** Why a test is skipped, or false where the corpus is there; for tap's option `skip`. */
export function skipWithoutGolden(): string | false {
  return existsSync(pathOf('pods')) ? false : `no corpus at ${pathOf('pods')}; set PODGRACE_CORPUS to its folder`;
}

/** A sample but in the long tests. */
export function readGolden(name: 'pods' | 'workloads'): GoldenAnswer[] {
  const lines = gunzipSync(readFileSync(pathOf(name)))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  return lines.filter((line) => isSampled(fileOf(line))).map((line) => JSON.parse(line) as GoldenAnswer);
}

function pathOf(name: string): string {
  return resolve(ROOT, CORPUS, `golden/${name}.ndjson.gz`);
}
