/** Whether the API server trusts a certificate, according to the caBundles that were last read from the webhook configurations. */
import { verifiesAgainst, type Verification } from '../../pki/ca-bundle.ts';
import { lapseOfPair, missingNames, type ServingPair } from '../../pki/serving-pair.ts';
import type { KubeApi } from '../client/api.ts';
import type { PublishedBundle } from '../client/webhook-configurations.ts';

/** How ready a replica is to be called, as far as certificates go. */
export interface TrustVerdict {
  /** Why calls would fail; undefined where they would not. */
  readonly problem?: string;
  /** What should be mended although calls succeed. */
  readonly note?: string;
}

export class PublishedTrust {
  readonly #clock: KubeApi['clock'];
  #bundles: readonly PublishedBundle[] | undefined;
  #text = '';
  #unchangedSinceMs = 0;
  #observedAtMs = 0;
  #wasTrusted = false;

  constructor(clock: KubeApi['clock']) {
    this.#clock = clock;
  }

  /** What was seen last: it stays in force while the API server is away. */
  get bundles(): readonly PublishedBundle[] {
    return this.#bundles ?? [];
  }

  /** @param bundles as they were just read */
  observe(bundles: readonly PublishedBundle[]): void {
    this.#observedAtMs = this.#clock.monotonicMs;
    const text = JSON.stringify(bundles.map(({ kind, webhook, bundlePem }) => [kind, webhook, bundlePem]));
    if (this.#bundles === undefined || text !== this.#text) this.#unchangedSinceMs = this.#observedAtMs;
    this.#text = text;
    this.#bundles = bundles;
  }

  /**
   * Whether the bundles were seen as they are for so long that every API server goes by them: they are read by watch, by
   * each API server for itself.
   */
  hasSettled(settleMs: number): boolean {
    return this.#bundles !== undefined && this.#observedAtMs - this.#unchangedSinceMs >= settleMs;
  }

  /** Whether some calls succeed with this pair. Without configurations there are no calls. */
  isBelieved(pair: ServingPair): boolean {
    if (lapseOfPair(pair, this.#clock.now) !== undefined) return false;
    return this.bundles.length === 0 || this.bundles.some((bundle) => believes(bundle, pair, this.#clock.now).verified);
  }

  /**
   * Whether no call that succeeds with one pair fails with another, by any API server: either the same authority vouches
   * for both, or the bundles that vouch for the new one have settled.
   */
  losesNobody(from: ServingPair, to: ServingPair, settleMs: number): boolean {
    const hasSettled = this.hasSettled(settleMs);
    return this.bundles.every((bundle) => {
      const before = believes(bundle, from, this.#clock.now);
      const after = believes(bundle, to, this.#clock.now);
      if (!before.verified) return true;
      return after.verified && (hasSettled || after.authority.raw.equals(before.authority.raw));
    });
  }

  /**
   * A replica becomes ready when every bundle verifies its pair, and stays so while one of them does: to take it away would
   * fail the calls that still succeed, of a webhook that was there before one was added, for the sake of those that fail
   * anyway.
   */
  judge(pair: ServingPair): TrustVerdict {
    const lapse = lapseOfPair(pair, this.#clock.now);
    if (lapse !== undefined) return { problem: lapse.message };
    if (this.#bundles === undefined) return { problem: 'the caBundle of the webhook configurations has not been read yet' };
    const distrust = this.#distrust(pair);
    if (distrust === undefined) {
      this.#wasTrusted = true;
      return {};
    }
    return this.#wasTrusted && this.isBelieved(pair) ? { note: distrust } : { problem: distrust };
  }

  /** When the first authority that vouches for the pair expires; undefined where none does. */
  authorityNotAfter(pair: ServingPair): Date | undefined {
    const { now } = this.#clock;
    const ends = this.bundles.flatMap((bundle) => {
      const verification = believes(bundle, pair, now);
      return verification.verified ? [verification.authority.validToDate.getTime()] : [];
    });
    return ends.length === 0 ? undefined : new Date(ends.reduce((first, end) => Math.min(first, end)));
  }

  #distrust(pair: ServingPair): string | undefined {
    for (const bundle of this.bundles) {
      const verification = believes(bundle, pair, this.#clock.now);
      if (!verification.verified) return `${bundle.kind} ${bundle.webhook}: ${verification.reason}`;
    }
    return undefined;
  }
}

/** Whether the API server, when it calls this webhook, takes the pair for podgrace's: by its authority, and by its name. */
function believes({ bundlePem, serverName }: PublishedBundle, pair: ServingPair, now: Date): Verification {
  const verification = verifiesAgainst(pair, bundlePem, now);
  if (!verification.verified || serverName === undefined) return verification;
  return missingNames(pair, { dnsNames: [serverName] }).length === 0
    ? verification
    : { verified: false, reason: `the certificate must be good for '${serverName}', the name of the Service` };
}
