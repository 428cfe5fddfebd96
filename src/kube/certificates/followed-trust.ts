/** Follows the caBundles of webhook configurations that others maintain (cert-manager's cainjector, people). */
import type { KubeApi } from '../client/api.ts';
import { poll, type Poll } from '../../files/poll.ts';
import { PublishedTrust, type TrustVerdict } from './published-trust.ts';
import type { ServingPair } from '../../pki/serving-pair.ts';
import { readPublishedBundles } from '../client/webhook-configurations.ts';

const INTERVAL_MS = 5_000;
/** Until the first answer, on which readiness waits. */
const FIRST_INTERVAL_MS = 1_000;

export interface FollowedTrustOptions {
  /** The name that both webhook configurations have. */
  readonly configurationName: string;
  readonly intervalMs?: number;
}

export class FollowedTrust {
  readonly trust: PublishedTrust;
  readonly #api: Pick<KubeApi, 'request' | 'clock'>;
  readonly #options: FollowedTrustOptions;
  #lastError: Error | undefined;
  #hasRead = false;
  /** The pair in use has changed since the bundles were read, and nothing was held against the old one. */
  #hasChanged = false;
  #poll: Poll | undefined;

  constructor(api: Pick<KubeApi, 'request' | 'clock'>, options: FollowedTrustOptions) {
    this.#api = api;
    this.#options = options;
    this.trust = new PublishedTrust(api.clock);
  }

  /** By the clock of the API server, who judges certificates. */
  get now(): Date {
    return this.#api.clock.now;
  }

  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Keeps no process alive. @param onError once for each failure that differs from the one before */
  watch(onError: (error: Error) => void): void {
    const { intervalMs = INTERVAL_MS } = this.#options;
    this.#poll = poll(async (signal) => {
      await this.#look(onError, signal);
      return this.#hasRead ? intervalMs : Math.min(intervalMs, FIRST_INTERVAL_MS);
    });
  }

  /** The pair in use is about to change: the bundles are read again at once, as they may have changed with it. */
  expectChange(from: ServingPair): void {
    this.#hasChanged ||= this.trust.judge(from).problem === undefined;
    this.#poll?.wake();
  }

  /** What is wrong by bundles that were read before the pair changed is held against it once they have been read again. */
  judge(pair: ServingPair): TrustVerdict {
    const verdict = this.trust.judge(pair);
    return this.#hasChanged && verdict.problem !== undefined ? { note: verdict.problem } : verdict;
  }

  async close(): Promise<void> {
    await this.#poll?.close();
  }

  async #look(onError: (error: Error) => void, signal: AbortSignal): Promise<void> {
    const hadChanged = this.#hasChanged;
    try {
      this.trust.observe(await readPublishedBundles(this.#api, this.#options.configurationName, signal));
      this.#hasRead = true;
      if (hadChanged) this.#hasChanged = false;
      this.#lastError = undefined;
    } catch (error) {
      if (signal.aborted) return;
      const failure = error instanceof Error ? error : new Error(String(error));
      const isNew = failure.message !== this.#lastError?.message;
      this.#lastError = failure;
      if (isNew) onError(failure);
    }
  }
}
