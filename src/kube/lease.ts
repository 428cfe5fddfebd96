/**
 * Which replica does what only one should do: a coordination.k8s.io Lease, held and renewed.
 *
 * A Lease is no fence: for a moment two replicas may believe that they hold it. Whatever is done under it must be harmless
 * when done twice (writes carry the resourceVersion that they were decided on). Timing as client-go's leader election:
 * the lease runs out by the observer's own clock, from when it last saw it change, so that clocks need not agree.
 */
import type { JsonObject } from '../core/json.ts';
import { isObject } from '../core/json.ts';
import { KubeStatusError, type KubeApi } from './api.ts';

export interface LeaseOptions {
  readonly namespace: string;
  readonly name: string;
  /** Who we are: the Pod's name. */
  readonly identity: string;
  /** How long a holder that is silent keeps it. */
  readonly durationSeconds: number;
}

export class Lease {
  readonly #api: KubeApi;
  readonly #options: LeaseOptions;
  readonly #path: string;
  /** What was seen last, and when: `renewTime` and holder as one text. */
  #seen = '';
  #seenAtMs = 0;

  constructor(api: KubeApi, options: LeaseOptions) {
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
  async tryToHold(nowMs: number): Promise<boolean> {
    const { body } = await this.#api.request({ method: 'GET', path: this.#path });
    const spec = isObject(body['spec']) ? body['spec'] : {};
    const holder = typeof spec['holderIdentity'] === 'string' ? spec['holderIdentity'] : '';
    const seen = `${holder} ${String(spec['renewTime'])}`;
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#seenAtMs = nowMs;
    }
    const isOurs = holder === this.#options.identity;
    const hasRunOut = nowMs - this.#seenAtMs >= this.#options.durationSeconds * 1000;
    if (!isOurs && holder !== '' && !hasRunOut) return false;
    return this.#write(body, spec, isOurs, nowMs);
  }

  /** Lets go, so that another replica need not wait; for the end of the process. Fails silently: it runs out by itself. */
  async release(nowMs: number): Promise<void> {
    try {
      const { body } = await this.#api.request({ method: 'GET', path: this.#path });
      const spec = isObject(body['spec']) ? body['spec'] : {};
      if (spec['holderIdentity'] !== this.#options.identity) return;
      await this.#api.request({
        method: 'PUT',
        path: this.#path,
        body: { ...body, spec: { ...spec, holderIdentity: '', renewTime: microTime(nowMs) } },
      });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
  }

  async #write(lease: JsonObject, spec: JsonObject, isOurs: boolean, nowMs: number): Promise<boolean> {
    const renewTime = microTime(nowMs);
    const transitions = typeof spec['leaseTransitions'] === 'number' ? spec['leaseTransitions'] : 0;
    const next = {
      ...spec,
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: this.#options.durationSeconds,
      renewTime,
      ...(!isOurs && { acquireTime: renewTime, leaseTransitions: transitions + 1 }),
    };
    try {
      await this.#api.request({ method: 'PUT', path: this.#path, body: { ...lease, spec: next } });
      return true;
    } catch (error) {
      // Somebody was quicker.
      if (error instanceof KubeStatusError && error.code === 409) return false;
      throw error;
    }
  }
}

/** metav1.MicroTime: RFC 3339 with six decimals. */
function microTime(nowMs: number): string {
  return new Date(nowMs).toISOString().replace('Z', '000Z');
}
