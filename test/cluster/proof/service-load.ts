/** Clients of a Service: each request on a connection of its own, so that kube-proxy chooses an endpoint for each. */
import { get } from 'node:http';

/** A request that has had no answer by then is lost. */
const TIMEOUT_MS = 5_000;

export interface Tally {
  answered: number;
  /** By what happened: `ECONNREFUSED`, `HTTP 503`. */
  readonly lost: Map<string, number>;
}

export class ServiceLoad {
  readonly tally: Tally = { answered: 0, lost: new Map() };
  readonly #clients: Promise<void>[];
  #stopped = false;

  /**
   * @param pauseMs between the answer to a client and its next request
   */
  constructor(url: string, { clients, pauseMs }: { readonly clients: number; readonly pauseMs: number }) {
    this.#clients = Array.from({ length: clients }, () => this.#ask(url, pauseMs));
  }

  get sent(): number {
    return this.tally.answered + this.lost;
  }

  get lost(): number {
    return [...this.tally.lost.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Lets the requests that are under way end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  async #ask(url: string, pauseMs: number): Promise<void> {
    while (!this.#stopped) {
      const problem = await problemOf(url);
      if (problem === undefined) this.tally.answered += 1;
      else this.tally.lost.set(problem, (this.tally.lost.get(problem) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

/** @returns undefined for a whole answer with code 200 */
export function problemOf(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      resolve(error.code ?? error.message);
    };
    const request = get(url, { agent: false, timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      response.on('error', fail);
      response.on('end', () => {
        resolve(response.statusCode === 200 ? undefined : `HTTP ${response.statusCode ?? 0}`);
      });
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', fail);
  });
}
