/**
 * The fingerprint of a finding. It stays the same when lines move and objects change their order, so the next report
 * recognizes the finding.
 */
import { createHash } from 'node:crypto';
import type { CheckFinding, CheckResult } from './check.ts';

/**
 * @param path of the file, as the report names it
 * @returns 64 hexadecimal digits; equal for findings that nothing but their order tells apart
 */
export function fingerprintOf(path: string, { kind, namespace, name }: CheckResult, { identity }: CheckFinding): string {
  return createHash('sha256')
    .update(JSON.stringify([path, kind, namespace, name, identity]))
    .digest('hex');
}

/** Numbers what is equal, so that nothing is lost where a consumer keeps one of each. */
export class Distinct {
  readonly #seen = new Map<string, number>();

  /** The text itself the first time, then with a number behind it. */
  of(text: string): string {
    const count = (this.#seen.get(text) ?? 0) + 1;
    this.#seen.set(text, count);
    return count === 1 ? text : `${text} #${count}`;
  }
}
