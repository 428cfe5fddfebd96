/**
 * Chooses the one replica that does the work that only one replica should do. The replica holds and renews a
 * coordination.k8s.io Lease.
 *
 * A Lease does not exclude others completely: for a moment two replicas may believe that they hold it. So all work under
 * the Lease must be harmless when it is done twice (each write carries the resourceVersion that it is based on). The
 * timing is that of client-go's leader election. A replica measures by its own clock how long the Lease has not changed,
 * so clocks need not agree.
 */
import type { JsonObject } from '../../core/json.ts';
import { asObject } from '../../core/json-reading.ts';
import { KubeStatusError, type KubeApi } from '../client/api.ts';

export interface LeaseOptions {
  readonly namespace: string;
  readonly name: string;
  /** Who we are, unlike any other process: a Pod's name alone stays the same when its container is started again. */
  readonly identity: string;
  /** How long a holder that is silent keeps it. */
  readonly durationSeconds: number;
}

export type LeaseApi = Pick<KubeApi, 'request' | 'clock'>;

export class Lease {
  readonly #api: LeaseApi;
  readonly #options: LeaseOptions;
  readonly #path: string;
  /** What was seen last, `renewTime` and holder as one text, and when. */
  #seen: { readonly text: string; readonly atMs: number } | undefined;

  constructor(api: LeaseApi, options: LeaseOptions) {
    this.#api = api;
    this.#options = options;
    this.#path = `/apis/coordination.k8s.io/v1/namespaces/${options.namespace}/leases/${options.name}`;
  }

  /**
   * Takes the lease, or renews it, if it is to be had.
   *
   * @returns whether it is ours now
   * @throws {KubeUnreachableError | KubeStatusError} where the API server does not answer, or there is no such Lease
   */
  async tryToHold(signal?: AbortSignal): Promise<boolean> {
    const { lease, spec, holder } = await this.#read(signal);
    const nowMs = this.#api.clock.monotonicMs;
    const text = `${holder} ${String(spec['renewTime'])}`;
    if (text !== this.#seen?.text) this.#seen = { text, atMs: nowMs };
    const isOurs = holder === this.#options.identity;
    const hasRunOut = nowMs - this.#seen.atMs >= this.#options.durationSeconds * 1000;
    if (!isOurs && holder !== '' && !hasRunOut) return false;
    const renewTime = this.#microTime();
    const transitions = typeof spec['leaseTransitions'] === 'number' ? spec['leaseTransitions'] : 0;
    return this.#write(
      lease,
      {
        ...spec,
        holderIdentity: this.#options.identity,
        leaseDurationSeconds: this.#options.durationSeconds,
        renewTime,
        ...(!isOurs && { acquireTime: renewTime, leaseTransitions: transitions + 1 }),
      },
      signal,
    );
  }

  /** Lets go, so that another replica need not wait; for the end of the process. Throws as `tryToHold` does. */
  async release(signal?: AbortSignal): Promise<void> {
    const { lease, spec, holder } = await this.#read(signal);
    if (holder === this.#options.identity) {
      await this.#write(lease, { ...spec, holderIdentity: '', renewTime: this.#microTime() }, signal);
    }
  }

  async #read(signal: AbortSignal | undefined): Promise<{ lease: JsonObject; spec: JsonObject; holder: string }> {
    const { body: lease } = await this.#api.request({ method: 'GET', path: this.#path, ...(signal && { signal }) });
    const spec = asObject(lease['spec']);
    return { lease, spec, holder: typeof spec['holderIdentity'] === 'string' ? spec['holderIdentity'] : '' };
  }

  /** @returns false where somebody was quicker */
  async #write(lease: JsonObject, spec: JsonObject, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      await this.#api.request({ method: 'PUT', path: this.#path, body: { ...lease, spec }, ...(signal && { signal }) });
      return true;
    } catch (error) {
      if (error instanceof KubeStatusError && error.code === 409) return false;
      throw error;
    }
  }

  /** metav1.MicroTime: RFC 3339 with six decimals. */
  #microTime(): string {
    return this.#api.clock.now.toISOString().replace('Z', '000Z');
  }
}
