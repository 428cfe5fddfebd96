/**
 * The time of the API server, which judges the certificates. It is read from the `Date` header of its answers.
 *
 * A replica on a node whose clock is an hour off would make certificates that are not valid yet, or take valid ones for
 * expired. Between answers, and while the API server does not answer, the time advances by the monotonic clock, which
 * nobody can set.
 */

export interface LocalClock {
  /** Milliseconds since 1970, as this machine has it. */
  readonly wallMs: () => number;
  /** Milliseconds since some moment, never set back or forward. */
  readonly monotonicMs: () => number;
}

const THIS_MACHINE: LocalClock = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };

export class ApiClock {
  readonly #local: LocalClock;
  #heard: { readonly dateMs: number; readonly atMs: number } | undefined;

  constructor(local: LocalClock = THIS_MACHINE) {
    this.#local = local;
  }

  /** @param date the `Date` header of an answer, in whole seconds; what is no date is passed over */
  hear(date: string | undefined): void {
    const dateMs = date === undefined ? Number.NaN : Date.parse(date);
    if (!Number.isNaN(dateMs)) this.#heard = { dateMs, atMs: this.monotonicMs };
  }

  /** By the API server as of its last answer; by this machine until it has answered. */
  get now(): Date {
    if (this.#heard === undefined) return new Date(this.#local.wallMs());
    return new Date(this.#heard.dateMs + this.monotonicMs - this.#heard.atMs);
  }

  /** How far this machine's clock is ahead of the API server's, in milliseconds; 0 until that has answered. */
  get aheadMs(): number {
    return this.#heard === undefined ? 0 : this.#local.wallMs() - this.now.getTime();
  }

  /** For how long something has lasted: differences only. */
  get monotonicMs(): number {
    return this.#local.monotonicMs();
  }
}
