/**
 * Requests to registries, within bounds: bytes, seconds, redirects. Names of images come from whoever writes manifests, so only
 * HTTPS is spoken, but for registries on this machine, and no credentials go to another host than the one that they are for.
 */
import { reasonOf } from '../files/system-error.ts';
import type { Bounds } from './bounds.ts';
import { UnknownImageError } from './unknown-image.ts';

export interface WebRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly accept?: string;
  /** Sent to the origin of `url` alone, wherever the answer redirects to. */
  readonly authorization?: string | undefined;
  /** A form. */
  readonly body?: URLSearchParams;
}

export interface WebAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Only of an answer below 300. */
  readonly body: Uint8Array;
}

/** It was not the registry's answer that failed, but the way there: the next request fails as well. */
export class UnreachableError extends UnknownImageError {
  constructor(message: string) {
    super(message, 0);
  }
}

const MOST_REDIRECTS = 5;

/** The requests of one run, which share what they may read and how long they may take. */
export class Web {
  readonly #bounds: Bounds;
  /** Each ends all requests. */
  readonly #ends: readonly AbortSignal[];
  readonly #end: AbortSignal;
  #bytesLeft: number;

  /** @param signal gives up when it is aborted */
  constructor(bounds: Bounds, signal?: AbortSignal) {
    this.#bounds = bounds;
    this.#bytesLeft = bounds.totalBytes;
    const end = AbortSignal.timeout(bounds.totalMs);
    this.#ends = signal === undefined ? [end] : [end, signal];
    this.#end = AbortSignal.any([...this.#ends]);
  }

  get isOver(): boolean {
    return this.#end.aborted;
  }

  /** Resolves after some time, or at the end of all. */
  async wait(milliseconds: number): Promise<void> {
    if (this.#end.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#end.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#end.addEventListener('abort', done);
    });
  }

  /** @throws {UnknownImageError} where there is no answer, or one that is not read */
  async send(request: WebRequest): Promise<WebAnswer> {
    const { origin } = request.url;
    let { url } = request;
    for (let redirects = 0; ; redirects++) {
      refusePlainText(url, request.url);
      refusePassword(url, request.url);
      const answer = await this.#sendOnce({ ...request, url, authorization: url.origin === origin ? request.authorization : undefined });
      const location = answer.headers.get('location');
      // A form may hold a secret, and is sent nowhere else.
      if (answer.status < 300 || answer.status >= 400 || location === null || request.method === 'POST') return answer;
      if (redirects === MOST_REDIRECTS) throw new UnknownImageError(`${request.url.host} redirects more than ${MOST_REDIRECTS} times`);
      if (!URL.canParse(location, url.href)) throw new UnknownImageError(`${url.host} redirects to what is no address`);
      url = new URL(location, url);
    }
  }

  async #sendOnce({ method, url, accept, authorization, body }: WebRequest): Promise<WebAnswer> {
    const { requestMs } = this.#bounds;
    const headers = {
      'user-agent': 'podgrace',
      ...(accept !== undefined && { accept }),
      ...(authorization !== undefined && { authorization }),
    };
    const timeout = AbortSignal.timeout(requestMs);
    // Of all of them at once: Node.js 24.21 keeps some 130 bytes for ever of each signal that `any` makes of one that `any` has made.
    try {
      const response = await fetch(url.href, {
        ...{ method, headers, redirect: 'manual', signal: AbortSignal.any([timeout, ...this.#ends]) },
        ...(body !== undefined && { body }),
      });
      // An error may be as long as it likes.
      if (!response.ok) await response.body?.cancel();
      return { status: response.status, headers: response.headers, body: response.ok ? await this.#read(response, url) : NOTHING };
    } catch (error) {
      if (error instanceof UnknownImageError) throw error;
      if (this.#end.aborted) throw new UnknownImageError('there is no time left for more images', 0);
      if (timeout.aborted) throw new UnreachableError(`${url.host} does not answer within ${requestMs / 1000} s`);
      throw new UnreachableError(`${url.host} cannot be reached: ${causeOf(error)}`);
    }
  }

  async #read(response: Response, { host }: URL): Promise<Uint8Array> {
    const { answerBytes, totalBytes } = this.#bounds;
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of response.body ?? []) {
      const bytes = part as Uint8Array;
      length += bytes.length;
      this.#bytesLeft -= bytes.length;
      if (length > answerBytes) throw new UnknownImageError(`${host} answers with more than ${answerBytes} bytes`);
      if (this.#bytesLeft < 0) throw new UnknownImageError(`registries have answered with more than ${totalBytes} bytes in all`);
      parts.push(bytes);
    }
    return Buffer.concat(parts, length);
  }
}

const NOTHING = new Uint8Array();

/** Plain HTTP is for a registry on this machine, as container runtimes have it, and no redirect leads there from elsewhere. */
function refusePlainText({ protocol, hostname, host }: URL, first: URL): void {
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname) && isLoopback(first.hostname))) return;
  throw new UnknownImageError(`${first.host} wants ${host || 'something'} to be asked without HTTPS`);
}

/** `fetch` refuses it too, with a message that has the password in it. */
function refusePassword({ username, password, host }: URL, first: URL): void {
  if (username === '' && password === '') return;
  throw new UnknownImageError(`${first.host} wants ${host} to be asked with a password in the address`);
}

/** The machine that podgrace runs on. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** `fetch` tells all that goes wrong on the way as `fetch failed`, and what it was as its cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return reasonOf(cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause);
}
