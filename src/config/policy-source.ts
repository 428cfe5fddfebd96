/**
 * The policy in force: a preset, or a file that is read again whenever it changes.
 *
 * A wrong file never takes effect. The old policy stays in force, and the corrected file takes effect without a restart.
 */
import type { Catalogue } from '../core/catalogue.ts';
import type { Policy } from '../core/policy.ts';
import { followFiles, type FollowedFiles } from '../files/followed-files.ts';
import { readNamedFile } from '../files/small-file.ts';
import { reasonOf } from '../files/system-error.ts';
import { readPolicy } from './policy-file.ts';
import { PolicyError } from './policy-problem.ts';

/** A policy is a few kilobytes; what is larger was not meant to be one. */
export const MAX_POLICY_BYTES = 1024 * 1024;

export interface PolicySourceListener {
  readonly onLoaded: (policy: Policy) => void;
  /** Called once for each content that is refused, with every problem in the error's message. */
  readonly onRefused: (error: Error) => void;
  /** The file's directory cannot be watched; changes are noticed at the intervals alone. */
  readonly onUnwatched: (directory: string, cause: Error) => void;
}

export interface PolicySource {
  readonly current: Policy;
  /** Why the file as it is now was refused; undefined while the policy in force is the file's. */
  readonly refusal: Error | undefined;
  close(): void;
}

/** A policy that never changes. */
export function fixedPolicy(policy: Policy): PolicySource {
  return { current: policy, refusal: undefined, close: () => undefined };
}

/** A policy in a file, read again whenever the file changes. */
export class PolicyFile implements PolicySource {
  readonly #file: string;
  readonly #catalogue: Catalogue;
  readonly #ownNamespace: string | undefined;
  #content: string;
  #current: Policy;
  #refusal: Error | undefined;
  #watch: FollowedFiles | undefined;

  private constructor(file: string, catalogue: Catalogue, ownNamespace: string | undefined, content: string) {
    this.#file = file;
    this.#catalogue = catalogue;
    this.#ownNamespace = ownNamespace;
    this.#content = content;
    this.#current = this.#read(content);
  }

  /**
   * @param ownNamespace of the server; left alone, whatever the file says
   * @throws {PolicyError} for a wrong policy, {Error} for a file that cannot be read; both name the file
   */
  static async open(file: string, catalogue: Catalogue, ownNamespace?: string): Promise<PolicyFile> {
    return new PolicyFile(file, catalogue, ownNamespace, await readPolicyText(file));
  }

  #read(content: string): Policy {
    return readPolicy(content, this.#file, { catalogue: this.#catalogue, nowMs: Date.now(), ownNamespace: this.#ownNamespace });
  }

  get current(): Policy {
    return this.#current;
  }

  get refusal(): Error | undefined {
    return this.#refusal;
  }

  /** @param pollMs how often the file is read although nothing said that it changed */
  watch(pollMs: number, listener: PolicySourceListener): void {
    this.#watch = followFiles([this.#file], pollMs, () => this.#readAgain(listener), listener.onUnwatched);
  }

  /** Nothing is told after this; `current` stays what it is. */
  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  async #readAgain({ onLoaded, onRefused }: PolicySourceListener): Promise<void> {
    try {
      const content = await readPolicyText(this.#file);
      if (this.#watch === undefined) return;
      if (content === this.#content && !(this.#refusal instanceof UnreadableFileError)) return;
      this.#content = content;
      this.#current = this.#read(content);
      this.#refusal = undefined;
    } catch (error) {
      if (this.#watch === undefined) return;
      const refusal = error instanceof Error ? error : new Error(String(error));
      const isKnown = this.#refusal?.message === refusal.message;
      this.#refusal = refusal;
      if (!isKnown) onRefused(refusal);
      return;
    }
    onLoaded(this.#current);
  }
}

/** The message names the file. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
}

/**
 * The text of a policy file, unread.
 *
 * @throws {UnreadableFileError}
 */
export async function readPolicyText(file: string): Promise<string> {
  try {
    return decodeUtf8(await readNamedFile(file, MAX_POLICY_BYTES));
  } catch (error) {
    throw new UnreadableFileError(`${file} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

/** @throws {Error} */
export function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error('it is not UTF-8 text', { cause });
  }
}

export { PolicyError };
