/**
 * The Kubernetes API as raw JSON.
 *
 * Where it is and who asks comes from outside (`kubeconfig.ts`, `in-cluster.ts`). The typed calls of client-node are not used:
 * they drop fields that their types do not know, turn timestamps into Dates and hide the `Warning` headers that admission
 * answers with.
 */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { isObject, type JsonObject } from '../../core/json.ts';
import { ApiClock } from './api-clock.ts';

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root: `/api/v1/namespaces/default/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** What a PATCH is; an apply patch is server-side apply. */
  readonly patchType?: 'application/json-patch+json' | 'application/merge-patch+json' | 'application/apply-patch+yaml';
  /** Gives up when it is aborted. */
  readonly signal?: AbortSignal;
}

export interface KubeAnswer {
  readonly code: number;
  readonly body: JsonObject;
  /** The texts of the `Warning: 299` headers. */
  readonly warnings: readonly string[];
}

/** The API server answered, and refused: `message`, `reason` and `code` are its own. */
export class KubeStatusError extends Error {
  override readonly name = 'KubeStatusError';
  readonly code: number;
  readonly reason: string;
  readonly status: JsonObject;
  readonly warnings: readonly string[];

  constructor({ code, body, warnings }: KubeAnswer) {
    super(typeof body['message'] === 'string' ? body['message'] : `the API server answered ${code}`);
    this.code = code;
    this.reason = typeof body['reason'] === 'string' ? body['reason'] : '';
    this.status = body;
    this.warnings = warnings;
  }
}

/** No answer: no kubeconfig, no connection, no valid certificate, no credentials; the message says what to do. */
export class KubeUnreachableError extends Error {
  override readonly name = 'KubeUnreachableError';
}

/** Where the API server is, and who asks. */
export interface ClusterAccess {
  readonly server: URL;
  /** For objects that name none. */
  readonly namespace: string;
  /** Adds what proves who asks, and which authority is believed, to the options of a request. */
  readonly authenticate: (options: RequestOptions) => Promise<void>;
}

/** Long enough for a dry run through slow webhooks: the API server itself gives up after 34 s (`requestTimeoutUpperBound`). */
const TIMEOUT_MS = 40_000;

/** As kubectl asks for it. */
const PAGE_SIZE = '500';

export class KubeApi {
  /** What time it is to the API server. */
  readonly clock = new ApiClock();
  readonly #access: ClusterAccess;

  constructor(access: ClusterAccess) {
    this.#access = access;
  }

  /** The namespace that kubectl takes for objects that name none. */
  get namespace(): string {
    return this.#access.namespace;
  }

  /** Where requests go, for messages. */
  get server(): string {
    return this.#access.server.origin;
  }

  /**
   * @returns the answer where the code is below 400
   * @throws {KubeStatusError} where the API server refuses, {KubeUnreachableError} where nothing answers
   */
  async request(request: KubeRequest): Promise<KubeAnswer> {
    const answer = await this.#send(request);
    if (answer.code >= 400) throw new KubeStatusError(answer);
    return answer;
  }

  /** The object at a path, or undefined where there is none. */
  async find(path: string): Promise<JsonObject | undefined> {
    try {
      return (await this.request({ method: 'GET', path })).body;
    } catch (error) {
      if (error instanceof KubeStatusError && error.code === 404) return undefined;
      throw error;
    }
  }

  /** Every item of a collection, page by page. */
  async list(path: string, query: Readonly<Record<string, string>> = {}): Promise<JsonObject[]> {
    const items: JsonObject[] = [];
    let next = '';
    do {
      const { body } = await this.request({
        method: 'GET',
        path,
        query: { ...query, limit: PAGE_SIZE, ...(next !== '' && { continue: next }) },
      });
      if (Array.isArray(body['items'])) for (const item of body['items']) if (isObject(item)) items.push(item);
      next = isObject(body['metadata']) && typeof body['metadata']['continue'] === 'string' ? body['metadata']['continue'] : '';
    } while (next !== '');
    return items;
  }

  /** The answer whatever its code is; a text that is no JSON object is its `message`. */
  ask(path: string, query: Readonly<Record<string, string>> = {}): Promise<KubeAnswer> {
    return this.#send({ method: 'GET', path, query });
  }

  async #send({ method, path, query, body, patchType, signal }: KubeRequest): Promise<KubeAnswer> {
    const url = new URL(this.#access.server);
    url.pathname = url.pathname.replace(/\/$/, '') + path;
    url.search = new URLSearchParams(query).toString();
    const options: RequestOptions = { method, timeout: TIMEOUT_MS, ...(signal && { signal }) };
    try {
      await this.#access.authenticate(options);
    } catch (error) {
      throw new KubeUnreachableError(`no credentials for ${this.server}: ${messageOf(error)}`, { cause: error });
    }
    const payload = body === undefined ? undefined : JSON.stringify(body);
    options.headers = {
      ...(options.headers as Record<string, string> | undefined),
      accept: 'application/json',
      'user-agent': 'podgrace',
      ...(payload !== undefined && {
        'content-type': patchType ?? 'application/json',
        'content-length': String(Buffer.byteLength(payload)),
      }),
    };
    return this.#exchange(url, options, payload);
  }

  #exchange(url: URL, options: RequestOptions, payload: string | undefined): Promise<KubeAnswer> {
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException): void => {
        reject(new KubeUnreachableError(`${this.server} does not answer: ${hintOf(error)}`, { cause: error }));
      };
      const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
      const call = send(url, options, (response) => {
        this.clock.hear(response.headers.date);
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ code: response.statusCode ?? 0, body: bodyOf(text), warnings: warningsOf(response.headersDistinct['warning'] ?? []) });
        });
      });
      call.on('timeout', () => call.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      call.on('error', fail);
      call.end(payload);
    });
  }
}

function bodyOf(text: string): JsonObject {
  try {
    // eslint-disable-next-line no-restricted-properties -- the API server that the kubeconfig trusts; a page of a list is larger than any review
    const body = JSON.parse(text) as unknown;
    return isObject(body) ? body : { message: text };
  } catch {
    // Proxies and /readyz answer in plain text; the text is the message.
    return { message: text };
  }
}

/** `299 - "text"`, quotes and backslashes inside escaped (RFC 9110 without its date). */
function warningsOf(headers: readonly string[]): string[] {
  return headers.flatMap((header) =>
    [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1')),
  );
}

function hintOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'the connection is refused; is the cluster up, and is this its address?';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name cannot be resolved; is this the address of the cluster?';
    case 'CERT_NOT_YET_VALID':
    case 'CERT_HAS_EXPIRED':
      return `its certificate is ${error.code === 'CERT_HAS_EXPIRED' ? 'no longer' : 'not yet'} valid; is the clock of this machine right?`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_SIGNATURE_FAILURE':
      return `its certificate does not verify (${error.code}); is the certificate-authority of the kubeconfig the cluster's?`;
    case 'EPROTO':
      return `it does not speak TLS (${error.message}); is this the address of an API server?`;
    default:
      return error.message;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
