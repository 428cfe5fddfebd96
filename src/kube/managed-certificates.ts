/**
 * Certificates that podgrace makes for itself: kept in a Secret, published in the webhook configurations, renewed by
 * whichever replica holds the Lease, and served by all of them.
 *
 * Serving depends on none of that: what was read once stays in memory. A replica takes a new pair only when the bundle that
 * is published verifies it, so that no call meets a certificate that the API server does not trust.
 */
import { nextRotationStep, takeRotationStep, trustBundle, type RotationRules, type RotationState } from '../pki/rotation.ts';
import { parseServingPair, ServingPairError, type ServingPair } from '../pki/serving-pair.ts';
import { KubeStatusError, type KubeApi } from './api.ts';
import { readCertificateState, withCertificateState } from './certificate-secret.ts';
import { Lease } from './lease.ts';
import { distrustOf } from './published-trust.ts';
import { publishBundle, readPublishedBundles, type PublishedBundle } from './webhook-configurations.ts';

export interface ManagedCertificatesOptions {
  readonly namespace: string;
  readonly secretName: string;
  readonly leaseName: string;
  /** The name that both webhook configurations have. */
  readonly configurationName: string;
  /** Who holds the Lease: the Pod's name. */
  readonly identity: string;
  readonly rules: RotationRules;
}

export interface ManagedCertificatesListener {
  readonly onChange: (pair: ServingPair) => void;
  /** Once for each failure that differs from the one before. */
  readonly onError: (error: Error) => void;
  /** A step of a renewal was taken by this replica. */
  readonly onStep: (step: string) => void;
}

/** client-go's defaults: a lease of 15 s, looked after every 2 s while something is to be done. */
const LEASE_SECONDS = 15;
const BUSY_INTERVAL_MS = 1_000;
const IDLE_INTERVAL_MS = 5_000;

export class ManagedCertificates {
  readonly #api: KubeApi;
  readonly #options: ManagedCertificatesOptions;
  readonly #lease: Lease;
  readonly #secretPath: string;
  #current: ServingPair | undefined;
  #published: readonly PublishedBundle[] = [];
  #lastError: Error | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(api: KubeApi, options: ManagedCertificatesOptions) {
    this.#api = api;
    this.#options = options;
    this.#secretPath = `/api/v1/namespaces/${options.namespace}/secrets/${options.secretName}`;
    this.#lease = new Lease(api, {
      namespace: options.namespace,
      name: options.leaseName,
      identity: options.identity,
      durationSeconds: LEASE_SECONDS,
    });
  }

  /** The pair to serve; undefined until one was made and published. */
  get current(): ServingPair | undefined {
    return this.#current;
  }

  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Why the API server would not trust what is served, by the bundles that it was last seen to have. */
  get distrust(): string | undefined {
    return this.#current === undefined ? 'there is no certificate yet' : distrustOf(this.#current, this.#published, new Date());
  }

  /** Looks after everything from now on; keeps no process alive. */
  watch(listener: ManagedCertificatesListener): void {
    const look = async (): Promise<void> => {
      const isBusy = await this.#look(listener);
      if (this.#closed) return;
      this.#timer = setTimeout(() => void look(), isBusy ? BUSY_INTERVAL_MS : IDLE_INTERVAL_MS).unref();
    };
    void look();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#lease.release(Date.now());
  }

  /** @returns whether something is going on, so that the next look should come soon */
  async #look(listener: ManagedCertificatesListener): Promise<boolean> {
    try {
      const secret = (await this.#api.request({ method: 'GET', path: this.#secretPath })).body;
      this.#published = await readPublishedBundles(this.#api, this.#options.configurationName);
      const state = readCertificateState(secret);
      this.#takeLeaf(state, listener);
      const isHolder = await this.#lease.tryToHold(Date.now());
      const isBusy = isHolder && (await this.#takeStep(state, secret, listener));
      this.#lastError = undefined;
      return isBusy || this.#current === undefined || this.distrust !== undefined;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      // A write on what somebody else has changed meanwhile is decided anew from how things are.
      if (failure instanceof KubeStatusError && failure.code === 409) return true;
      const isNew = this.#lastError?.message !== failure.message;
      this.#lastError = failure;
      if (isNew) listener.onError(failure);
      return this.#current === undefined;
    }
  }

  /** Serves the stored leaf once every bundle that is published verifies it. */
  #takeLeaf({ leaf }: RotationState, listener: ManagedCertificatesListener): void {
    if (leaf === undefined) return;
    const pair = parse(leaf.certPem, leaf.keyPem);
    if (pair === undefined || pair.fingerprint256 === this.#current?.fingerprint256) return;
    const now = new Date();
    if (pair.notAfter <= now || pair.notBefore > now) return;
    const isTrusted = distrustOf(pair, this.#published, now) === undefined;
    // What nobody trusts is still better than nothing: the bundle may be on its way.
    if (!isTrusted && this.#current !== undefined && this.distrust === undefined) return;
    this.#current = pair;
    listener.onChange(pair);
  }

  /** One step of the renewal, if one is due. @returns whether one was taken */
  async #takeStep(
    state: RotationState,
    secret: Parameters<typeof withCertificateState>[0],
    listener: ManagedCertificatesListener,
  ): Promise<boolean> {
    const now = new Date();
    const { rules, configurationName } = this.#options;
    const step = nextRotationStep(
      state,
      this.#published.map(({ bundlePem }) => bundlePem),
      rules,
      now,
    );
    if (step.step === 'none') return state.next !== undefined;
    if (step.step === 'publish') {
      await publishBundle(this.#api, configurationName, this.#published, trustBundle(state, now));
    } else {
      const next = await takeRotationStep(state, step, rules, now);
      await this.#api.request({ method: 'PUT', path: this.#secretPath, body: withCertificateState(secret, next) });
    }
    listener.onStep(step.step);
    return true;
  }
}

/** A damaged leaf is replaced by the holder of the Lease; until then the old one is served. */
function parse(certPem: string, keyPem: string): ServingPair | undefined {
  try {
    return parseServingPair(certPem, keyPem);
  } catch (error) {
    if (error instanceof ServingPairError) return undefined;
    throw error;
  }
}
