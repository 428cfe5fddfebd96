/**
 * Certificates that podgrace makes for itself. They are stored in a Secret, published in the webhook configurations,
 * renewed by the replica that holds the Lease, and served by all replicas.
 *
 * Serving does not depend on the API server: a pair that was read once stays in memory. A replica changes to a new pair
 * only when the published bundles verify it, and every API server has had time to read these bundles. So no call meets a
 * certificate that is not trusted yet.
 */
import type { JsonObject } from '../../core/json.ts';
import { nextRotationStep, takeRotationStep, type RotationRules, type RotationState, type RotationStep } from '../../pki/rotation.ts';
import { lapseOfPair, readPairIfSound, type ServingPair } from '../../pki/serving-pair.ts';
import { KubeStatusError, type KubeApi } from '../client/api.ts';
import { readCertificateState, secretIsKeptBy, unknownRequest, withCertificateState } from '../client/certificate-secret.ts';
import { Lease } from './lease.ts';
import { poll, type Poll } from '../../files/poll.ts';
import { PublishedTrust, type TrustVerdict } from './published-trust.ts';
import { publishBundle, readPublishedBundles } from '../client/webhook-configurations.ts';

export interface ManagedCertificatesOptions {
  readonly namespace: string;
  readonly secretName: string;
  readonly leaseName: string;
  /** The name that both webhook configurations have. */
  readonly configurationName: string;
  /** Who holds the Lease, unlike any other process. */
  readonly identity: string;
  readonly rules: RotationRules;
  readonly timing?: Partial<ManagedCertificatesTiming>;
}

export interface ManagedCertificatesTiming {
  readonly leaseSeconds: number;
  /** Between two looks while something is to be done, or not right. */
  readonly busyIntervalMs: number;
  readonly idleIntervalMs: number;
}

export interface ManagedCertificatesListener {
  readonly onChange: (pair: ServingPair) => void;
  /** Once for each failure that differs from the one before. */
  readonly onError: (error: Error) => void;
  readonly onWarning: (warning: Error) => void;
  /** A step of a renewal was taken by this replica; `reason` where there is more to say than its name. */
  readonly onStep: (step: string, reason?: string) => void;
}

export type CertificateApi = Pick<KubeApi, 'request' | 'clock'>;

/** client-go's default for a lease; it is renewed at every look, three times before it runs out. */
const TIMING: ManagedCertificatesTiming = { leaseSeconds: 15, busyIntervalMs: 1_000, idleIntervalMs: 5_000 };
/** Certificates begin 5 minutes early for clocks that are behind (`authority.ts`); a quarter of that is worth a word. */
const CLOCK_TOLERANCE_MS = 75_000;
/** For letting the Lease go at the end; it runs out by itself if that is not enough. */
const RELEASE_TIMEOUT_MS = 2_000;

export class ManagedCertificates {
  readonly #api: CertificateApi;
  readonly #options: ManagedCertificatesOptions;
  readonly #timing: ManagedCertificatesTiming;
  readonly #lease: Lease;
  readonly #secretPath: string;
  readonly #trust: PublishedTrust;
  #current: ServingPair | undefined;
  #lastError: Error | undefined;
  #isClockOff = false;
  #poll: Poll | undefined;

  constructor(api: CertificateApi, options: ManagedCertificatesOptions) {
    const { namespace, secretName, leaseName, identity } = options;
    this.#api = api;
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#trust = new PublishedTrust(api.clock);
    this.#secretPath = `/api/v1/namespaces/${namespace}/secrets/${secretName}`;
    this.#lease = new Lease(api, { namespace, name: leaseName, identity, durationSeconds: this.#timing.leaseSeconds });
  }

  /** The pair to serve; undefined until one was made. */
  get current(): ServingPair | undefined {
    return this.#current;
  }

  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Whether the API server would trust what is served, by the bundles that it was last seen to have. */
  get verdict(): TrustVerdict {
    return this.#current === undefined ? { problem: 'there is no certificate yet' } : this.#trust.judge(this.#current);
  }

  /** When the authority expires that vouches for what is served. */
  get authorityNotAfter(): Date | undefined {
    return this.#current && this.#trust.authorityNotAfter(this.#current);
  }

  /** Looks after everything from now on; keeps no process alive. */
  watch(listener: ManagedCertificatesListener): void {
    const { busyIntervalMs, idleIntervalMs } = this.#timing;
    this.#poll = poll(async (signal) => ((await this.look(listener, signal)) ? busyIntervalMs : idleIntervalMs));
  }

  async close(): Promise<void> {
    await this.#poll?.close();
    try {
      await this.#lease.release(AbortSignal.timeout(RELEASE_TIMEOUT_MS));
    } catch (error) {
      // Nobody is left to act on it, and the others take over when the Lease runs out.
      this.#lastError = error instanceof Error ? error : new Error(String(error));
    }
  }

  /**
   * Looks once: takes what others have made, and, where this replica holds the Lease, takes the next step of a renewal.
   *
   * @returns whether something is going on, so that the next look should come soon
   */
  async look(listener: ManagedCertificatesListener, signal?: AbortSignal): Promise<boolean> {
    try {
      const isBusy = await this.#lookOrThrow(listener, signal);
      this.#lastError = undefined;
      return isBusy || this.verdict.problem !== undefined;
    } catch (error) {
      if (signal?.aborted === true) return false;
      const failure = error instanceof Error ? error : new Error(String(error));
      // A write on what somebody else has changed meanwhile is decided anew from how things are.
      if (failure instanceof KubeStatusError && failure.code === 409) return true;
      const isNew = this.#lastError?.message !== failure.message;
      this.#lastError = failure;
      if (isNew) listener.onError(failure);
      return this.#current === undefined;
    }
  }

  async #lookOrThrow(listener: ManagedCertificatesListener, signal: AbortSignal | undefined): Promise<boolean> {
    // In this order: what is published is decided on by a state that is at least as new as the configurations, and a write to
    // those is refused where they have changed since. So a replica that slept in between undoes nothing.
    this.#trust.observe(await readPublishedBundles(this.#api, this.#options.configurationName, signal));
    const secret = (await this.#api.request({ method: 'GET', path: this.#secretPath, ...(signal && { signal }) })).body;
    this.#tellOfClock(listener);
    const state = readCertificateState(secret);
    this.#takeLeaf(state, listener);
    if (!(await this.#lease.tryToHold(signal))) return state.next !== undefined;
    return this.#takeStep(state, secret, listener, signal);
  }

  /** Serves the stored leaf where that loses nothing. */
  #takeLeaf({ leaf }: RotationState, listener: ManagedCertificatesListener): void {
    const pair = leaf && readPairIfSound(leaf);
    // A damaged leaf is replaced by the holder of the Lease; until then the old one is served.
    if (pair === undefined || pair.fingerprint256 === this.#current?.fingerprint256) return;
    if (lapseOfPair(pair, this.#api.clock.now) !== undefined || !this.#mayReplaceCurrent(pair)) return;
    this.#current = pair;
    listener.onChange(pair);
  }

  #mayReplaceCurrent(pair: ServingPair): boolean {
    // What nobody trusts is still better than nothing: the bundle may be on its way.
    if (this.#current === undefined || !this.#trust.isBelieved(this.#current)) return true;
    return this.#trust.losesNobody(this.#current, pair, this.#options.rules.settleMs);
  }

  /** One step of the renewal, if one is due. @returns whether a renewal is under way */
  async #takeStep(
    state: RotationState,
    secret: JsonObject,
    listener: ManagedCertificatesListener,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const { rules, namespace, secretName } = this.#options;
    const { now } = this.#api.clock;
    const secretNamed = `Secret ${namespace}/${secretName}`;
    const keeper = secretIsKeptBy(secret);
    if (keeper !== undefined) {
      throw new Error(`${secretNamed} ${keeper}: name another Secret for podgrace's certificates, or serve from the files of this one`);
    }
    const published = this.#trust.bundles.map(({ bundlePem }) => bundlePem);
    const view = { published, isSettled: this.#trust.hasSettled(rules.settleMs), served: this.#current };
    const step = nextRotationStep(state, view, rules, now);
    if (step.step === 'publish') {
      await this.#publish(step, listener, signal);
    } else if (step.step !== 'none') {
      const next = await takeRotationStep(state, step, rules, now);
      const body = withCertificateState(secret, next);
      await this.#api.request({ method: 'PUT', path: this.#secretPath, body, ...(signal && { signal }) });
      listener.onStep(step.step);
    }
    const unknown = unknownRequest(secret);
    if (unknown !== undefined) throw new Error(`${secretNamed}: ${unknown}`);
    return step.step !== 'none' || state.next !== undefined;
  }

  async #publish(
    { bundlePem }: Extract<RotationStep, { step: 'publish' }>,
    listener: ManagedCertificatesListener,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { configurationName } = this.#options;
    const { bundles } = this.#trust;
    const injected = bundles.find(({ injectedBy }) => injectedBy !== undefined);
    if (injected !== undefined) {
      const { kind, injectedBy = '' } = injected;
      throw new Error(
        `${kind} ${configurationName}: another tool keeps the caBundle (annotation ${injectedBy}): remove the annotation, or serve that tool's certificate from files`,
      );
    }
    await publishBundle(this.#api, { name: configurationName, published: bundles, bundlePem }, signal);
    const others = [...new Set(bundles.flatMap(({ writtenBy }) => writtenBy ?? []))];
    listener.onStep('publish', others.length === 0 ? undefined : `the caBundle was written by ${others.join(', ')}`);
  }

  /** Once for as long as it lasts. */
  #tellOfClock({ onWarning }: ManagedCertificatesListener): void {
    const { aheadMs } = this.#api.clock;
    const isOff = Math.abs(aheadMs) > CLOCK_TOLERANCE_MS;
    if (isOff && !this.#isClockOff) {
      const seconds = Math.round(Math.abs(aheadMs) / 1000);
      onWarning(
        new Error(
          `the clock of this machine is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the API server's, by which certificates are made and judged`,
        ),
      );
    }
    this.#isClockOff = isOff;
  }
}
