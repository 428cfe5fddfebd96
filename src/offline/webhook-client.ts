/** Sends AdmissionReviews to a running webhook as kube-apiserver does: `/mutate`, the patch applied, then `/validate`. */
import { once } from 'node:events';
import { Agent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { CostlyJsonError, parseBoundedJson } from '../core/bounded-json.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { PatchOperation } from '../core/json-patch.ts';
import { patchedObject } from './admit.ts';

/** What a webhook answered, after its own patch was applied as the API server does it. */
export interface RemoteAnswer {
  readonly allowed: boolean;
  readonly message: string | null;
  readonly warnings: readonly string[];
  readonly patch: readonly PatchOperation[];
}

/** What the webhook answered that is no answer to a review, or that it did not answer. */
export class WebhookCallError extends Error {
  override readonly name = 'WebhookCallError';
}

/** There is no webhook at a URL that podgrace could talk to. */
export class WebhookAddressError extends Error {
  override readonly name = 'WebhookAddressError';
  /** Whether somebody answers there whose certificate the trusted authorities do not vouch for. */
  readonly isUntrusted: boolean;

  constructor(message: string, { isUntrusted = false, ...options }: ErrorOptions & { readonly isUntrusted?: boolean } = {}) {
    super(message, options);
    this.isUntrusted = isUntrusted;
  }
}

export interface WebhookClientOptions {
  /** The bundle that the webhook's certificate must verify against; the system's roots where it is left out. */
  readonly caPem?: string;
  /** For each call, until the last byte of its answer. */
  readonly timeoutSeconds: number;
}

/** An answer holds a patch, at most; what is larger than any object that the API server takes is none. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export class WebhookClient {
  readonly #base: URL;
  readonly #agent: Agent;
  readonly #timeoutSeconds: number;

  private constructor(base: URL, { caPem, timeoutSeconds }: WebhookClientOptions) {
    this.#base = base;
    this.#timeoutSeconds = timeoutSeconds;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1, ...(caPem !== undefined && { ca: caPem }) });
  }

  /**
   * Makes sure that somebody answers there whose certificate verifies: otherwise each of the reviews would say so.
   *
   * @param url of the webhook, `https://localhost:8443`; `/mutate` and `/validate` are appended
   * @throws {WebhookAddressError} for a text that is no https URL, and where no TLS connection comes about
   */
  static async connect(url: string, options: WebhookClientOptions): Promise<WebhookClient> {
    const base = baseOf(url);
    const { hostname, port } = base;
    // An IPv6 address has brackets in a URL only.
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const { caPem, timeoutSeconds } = options;
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    try {
      // Wrong PEM throws at once.
      const socket = connect({
        host,
        port: Number(port || 443),
        servername: serverNameOf(host),
        ...(caPem !== undefined && { ca: caPem }),
      });
      try {
        await once(socket, 'secureConnect', { signal });
      } finally {
        socket.destroy();
      }
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      if (signal.aborted) throw new WebhookAddressError(`${url}: no TLS connection within ${timeoutSeconds} s`, { cause: error });
      throw new WebhookAddressError(`${url}: ${message}`, { isUntrusted: UNTRUSTED.test(code), cause: error });
    }
    return new WebhookClient(base, options);
  }

  /**
   * @param review a whole AdmissionReview
   * @throws {WebhookCallError} where the webhook does not answer, or not with an AdmissionReview for this request
   */
  async admit(review: JsonObject): Promise<RemoteAnswer> {
    const request = review['request'] as JsonObject;
    const patch = patchOf(await this.#call('mutate', review));
    const validation = await this.#call('validate', { ...review, request: { ...request, object: patched(request['object'], patch) } });
    const allowed = validation['allowed'] === true;
    const message = isObject(validation['status']) ? validation['status']['message'] : undefined;
    return {
      allowed,
      message: allowed ? null : typeof message === 'string' ? message : '',
      warnings: Array.isArray(validation['warnings']) ? validation['warnings'].map(String) : [],
      patch,
    };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #call(path: 'mutate' | 'validate', review: JsonObject): Promise<JsonObject> {
    const url = new URL(path, this.#base);
    url.searchParams.set('timeout', `${this.#timeoutSeconds}s`);
    const { code, text } = await this.#post(url, JSON.stringify(review));
    if (code !== 200) throw new WebhookCallError(`${url.href} answered ${code}: '${text.slice(0, 500)}'`);
    const answer = jsonOf(text);
    if (answer === undefined) throw new WebhookCallError(`${url.href} did not answer with JSON: '${text.slice(0, 200)}'`);
    const response = isObject(answer) ? answer['response'] : undefined;
    const uid = (review['request'] as JsonObject)['uid'];
    if (!isObject(response) || response['uid'] !== uid)
      throw new WebhookCallError(`${url.href} did not answer with an AdmissionReview for uid ${String(uid)}`);
    return response;
  }

  async #post(url: URL, body: string): Promise<{ code: number; text: string }> {
    const signal = AbortSignal.timeout(this.#timeoutSeconds * 1000);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    try {
      return await new Promise((resolve, reject) => {
        const call = httpsRequest(url, { method: 'POST', agent: this.#agent, headers, signal }, (response) => {
          const chunks: Buffer[] = [];
          let length = 0;
          response.on('data', (chunk: Buffer) => {
            length += chunk.length;
            chunks.push(chunk);
            if (length > MAX_ANSWER_BYTES) call.destroy(new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`));
          });
          response.on('end', () => {
            resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
          });
          response.on('error', reject);
        });
        call.on('error', reject);
        call.end(body);
      });
    } catch (error) {
      const reason = signal.aborted ? `no answer within ${this.#timeoutSeconds} s` : (error as Error).message;
      throw new WebhookCallError(`${url.href}: ${reason}`, { cause: error });
    }
  }
}

function baseOf(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base?.protocol !== 'https:' || base.search !== '' || base.hash !== '')
    throw new WebhookAddressError(`must be an https URL like https://localhost:8443, but is '${url}'`);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base;
}

/** TLS asks for names, never for addresses (RFC 6066). */
function serverNameOf(host: string): string {
  return isIP(host) === 0 ? host : '';
}

/** What OpenSSL says of a chain that does not lead to the bundle. */
const UNTRUSTED = /^(?:SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER))/;

function patchOf({ patch }: JsonObject): PatchOperation[] {
  if (patch == null) return [];
  const operations = typeof patch === 'string' ? jsonOf(Buffer.from(patch, 'base64').toString('utf8')) : undefined;
  if (!Array.isArray(operations) || !operations.every(isOperation))
    throw new WebhookCallError('the webhook answered with a patch that is not a list of operations in base64');
  return operations;
}

function isOperation(value: unknown): value is PatchOperation {
  return isObject(value) && typeof value['op'] === 'string' && typeof value['path'] === 'string';
}

function patched(object: unknown, patch: readonly PatchOperation[]): unknown {
  if (patch.length === 0) return object;
  try {
    return patchedObject(object, patch);
  } catch (error) {
    throw new WebhookCallError(`the webhook answered with a patch that does not apply: ${(error as Error).message}`, { cause: error });
  }
}

/** @returns undefined for a text that is no JSON */
function jsonOf(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof CostlyJsonError) return undefined;
    throw error;
  }
}
