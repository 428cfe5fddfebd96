/**
 * The policy in the file `podgrace.yaml`, in the folder of a manifest or in a folder above it. Linters find their
 * configuration in the same way.
 */
import { existsSync, lstatSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Policy } from '../core/policy.ts';
import { readFoundFile } from '../files/small-file.ts';
import { reasonOf } from '../files/system-error.ts';
import { catalogue } from './catalogue.ts';
import { readPolicy } from './policy-file.ts';
import { decodeUtf8, MAX_POLICY_BYTES, UnreadableFileError } from './policy-source.ts';

/** What a policy file is called that applies to all below its folder. */
export const POLICY_FILE = 'podgrace.yaml';

export interface FoundPolicy {
  readonly policy: Policy;
  readonly file: string;
}

/** Looks into each folder once. */
export class PolicySearch {
  readonly #nowMs: number;
  readonly #byFolder = new Map<string, FoundPolicy | undefined>();

  /** @param nowMs milliseconds since 1970, for exemptions that would last too long */
  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  /**
   * Goes upwards from a folder until there is a `podgrace.yaml`; not beyond the root of a git repository.
   *
   * @returns undefined where there is none
   * @throws {PolicyError} for a wrong one, {UnreadableFileError} for one that cannot be read
   */
  in(folder: string): FoundPolicy | undefined {
    const absolute = resolve(folder);
    if (this.#byFolder.has(absolute)) return this.#byFolder.get(absolute);
    const file = join(absolute, POLICY_FILE);
    const parent = dirname(absolute);
    let found: FoundPolicy | undefined;
    if (isThere(file)) found = { file, policy: readPolicy(textOf(file), file, { catalogue, nowMs: this.#nowMs }) };
    else if (parent !== absolute && !existsSync(join(absolute, '.git'))) found = this.in(parent);
    this.#byFolder.set(absolute, found);
    return found;
  }
}

/** A link that leads nowhere is there: to go on upwards would judge by another policy than was meant. */
function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A folder that cannot be looked at: whoever reads what is in it is told why.
    return false;
  }
}

function textOf(file: string): string {
  try {
    return decodeUtf8(readFoundFile(file, MAX_POLICY_BYTES));
  } catch (error) {
    throw new UnreadableFileError(`${file} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}
