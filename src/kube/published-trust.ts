/** Whether the API server would believe a certificate, by the caBundles that it was last seen to have. */
import { verifiesAgainst } from '../pki/ca-bundle.ts';
import type { ServingPair } from '../pki/serving-pair.ts';
import type { KubeApi } from './api.ts';
import { readPublishedBundles, type PublishedBundle } from './webhook-configurations.ts';

const INTERVAL_MS = 5_000;

/** @returns why not, by the first bundle that does not verify the pair; undefined where all do, or none is there */
export function distrustOf(pair: ServingPair, published: readonly PublishedBundle[], now: Date): string | undefined {
  for (const { kind, webhook, bundlePem } of published) {
    const verification = verifiesAgainst(pair, bundlePem, now);
    if (!verification.verified) return `${kind} ${webhook}: ${verification.reason}`;
  }
  return undefined;
}

/** Follows the bundles of configurations that others keep (cert-manager's cainjector, people). */
export class PublishedTrust {
  readonly #api: KubeApi;
  readonly #configurationName: string;
  #published: readonly PublishedBundle[] = [];
  #lastError: Error | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(api: KubeApi, configurationName: string) {
    this.#api = api;
    this.#configurationName = configurationName;
  }

  /** What was seen last stays in force while the API server is away. */
  distrust(pair: ServingPair): string | undefined {
    return distrustOf(pair, this.#published, new Date());
  }

  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Keeps no process alive. */
  watch(): void {
    const look = async (): Promise<void> => {
      try {
        this.#published = await readPublishedBundles(this.#api, this.#configurationName);
        this.#lastError = undefined;
      } catch (error) {
        this.#lastError = error instanceof Error ? error : new Error(String(error));
      }
    };
    this.#timer = setInterval(() => void look(), INTERVAL_MS).unref();
    void look();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
