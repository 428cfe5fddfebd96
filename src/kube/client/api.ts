/**
 * The Kubernetes API as raw JSON.
 *
 * Where it is and who asks comes from outside (`kubeconfig.ts`, `in-cluster.ts`). The typed calls of client-node are not used:
 * they drop fields that their types do not know, turn timestamps into Dates and hide the `Warning` headers that admission
 * answers with.
 */
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { messageOf } from '../../core/error-message.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { asObjects, asText, metadataOf } from '../../core/json-reading.ts';
import { bodyOf, linesOf, LongAnswerError, readWhole, warningsOf } from './answer-text.ts';
import { ApiClock } from './api-clock.ts';
import { hintOf } from './unreachable-hint.ts';

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root: `/api/v1/namespaces/default/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** What a PATCH is; an apply patch is server-side apply. */
  readonly patchType?:
    | 'application/json-patch+json'
    | 'application/merge-patch+json'
    | 'application/strategic-merge-patch+json'
    | 'application/apply-patch+yaml';
  /** Gives up when it is aborted. */
  readonly signal?: AbortSignal;
  /** An answer with more than that is given up (`LongAnswerError`); no bound where it is left out. */
  readonly maxBytes?: number;
}

/** What a watch says of an object: `object` is a bookmark's, an error's Status, or the object as it is now. */
export interface WatchEvent {
  readonly type: string;
  readonly object: JsonObject;
}

/** One page of a list; `resourceVersion` is that of the whole list. */
export interface ListPage {
  readonly items: readonly JsonObject[];
  readonly resourceVersion: string;
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

/** Nothing has come through an open watch for so long that nobody may be there any more. */
export class SilentWatchError extends Error {
  override readonly name = 'SilentWatchError';
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
const PAGE_SIZE = 500;

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
    for await (const page of this.pages(path, { query })) for (const item of page.items) items.push(item);
    return items;
  }

  /**
   * The pages of a collection, each asked for when the one before has been dealt with.
   *
   * @param maxBytes of one page: where a page has more, fewer items are asked for at a time
   * @throws {LongAnswerError} where a single item is longer than that
   */
  async *pages(path: string, { query, maxBytes, signal }: PagesOptions = {}): AsyncGenerator<ListPage, void, undefined> {
    let limit = PAGE_SIZE;
    let next: string | undefined;
    while (next !== '') {
      let body: JsonObject;
      try {
        const asked = { ...query, limit: String(limit), ...(next !== undefined && { continue: next }) };
        ({ body } = await this.request({ method: 'GET', path, query: asked, ...(maxBytes && { maxBytes }), ...(signal && { signal }) }));
      } catch (error) {
        if (!(error instanceof LongAnswerError) || limit === 1) throw error;
        limit = Math.ceil(limit / 8);
        continue;
      }
      const metadata = metadataOf(body);
      const items = asObjects(body['items']);
      yield { items, resourceVersion: asText(metadata['resourceVersion']) };
      next = asText(metadata['continue']);
    }
  }

  /**
   * What changes in a collection from a version on, until the API server ends it (`timeoutSeconds` in the query).
   *
   * @param silentMs how long the other side may say nothing before the connection is given up
   * @param onOpen called when the API server has agreed to watch
   * @throws {KubeStatusError} where it refuses, {KubeUnreachableError} where the connection breaks, {SilentWatchError} where an
   *   open one is silent, {LongAnswerError}
   */
  async *watch(
    path: string,
    query: Readonly<Record<string, string>>,
    { signal, silentMs, maxEventBytes, onOpen }: WatchOptions,
  ): AsyncGenerator<WatchEvent, void, undefined> {
    const { url, options } = await this.#prepare({ method: 'GET', path, query: { ...query, watch: 'true' }, signal });
    const call = startCall(url, { ...options, agent: false, timeout: silentMs });
    let opened: IncomingMessage | undefined;
    call.on('timeout', () => {
      const silence = new SilentWatchError(`${this.server} has said nothing for ${silentMs / 1000} s`);
      if (opened === undefined) call.destroy(silence);
      else opened.destroy(silence);
    });
    try {
      const response = await responseTo(call);
      this.clock.hear(response.headers.date);
      const code = response.statusCode ?? 0;
      if (code >= 400) {
        const text = await readWhole(response, path, maxEventBytes);
        throw new KubeStatusError({ code, body: bodyOf(text), warnings: [] });
      }
      opened = response;
      onOpen();
      for await (const line of linesOf(response, path, maxEventBytes)) {
        const { type, object } = bodyOf(line);
        if (typeof type !== 'string' || !isObject(object)) throw new Error(`it sent no event of a watch: ${line.slice(0, 100)}`);
        yield { type, object };
      }
    } catch (error) {
      if (error instanceof KubeStatusError || error instanceof LongAnswerError) throw error;
      if (error instanceof SilentWatchError && opened !== undefined) throw error;
      throw this.#unreachable(error as NodeJS.ErrnoException);
    } finally {
      call.destroy();
    }
  }

  /** The answer whatever its code is; a text that is no JSON object is its `message`. */
  ask(path: string, query: Readonly<Record<string, string>> = {}): Promise<KubeAnswer> {
    return this.#send({ method: 'GET', path, query });
  }

  async #send(request: KubeRequest): Promise<KubeAnswer> {
    const { url, options, payload } = await this.#prepare(request);
    try {
      const call = startCall(url, { ...options, timeout: TIMEOUT_MS });
      call.on('timeout', () => call.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      const response = await responseTo(call, payload);
      this.clock.hear(response.headers.date);
      const text = await readWhole(response, request.path, request.maxBytes);
      return { code: response.statusCode ?? 0, body: bodyOf(text), warnings: warningsOf(response.headersDistinct['warning'] ?? []) };
    } catch (error) {
      if (error instanceof LongAnswerError) throw error;
      throw this.#unreachable(error as NodeJS.ErrnoException);
    }
  }

  async #prepare({ method, path, query, body, patchType, signal }: KubeRequest): Promise<PreparedRequest> {
    const url = new URL(this.#access.server);
    url.pathname = url.pathname.replace(/\/$/, '') + path;
    url.search = new URLSearchParams(query).toString();
    const options: RequestOptions = { method, ...(signal && { signal }) };
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
    return { url, options, payload };
  }

  #unreachable(error: NodeJS.ErrnoException): KubeUnreachableError {
    return new KubeUnreachableError(`${this.server} does not answer: ${hintOf(error)}`, { cause: error });
  }
}

interface PagesOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

interface WatchOptions {
  readonly signal: AbortSignal;
  readonly silentMs: number;
  /** Of one event. */
  readonly maxEventBytes: number;
  readonly onOpen: () => void;
}

interface PreparedRequest {
  readonly url: URL;
  readonly options: RequestOptions;
  readonly payload: string | undefined;
}

function startCall(url: URL, options: RequestOptions): ClientRequest {
  return (url.protocol === 'http:' ? httpRequest : httpsRequest)(url, options);
}

/** Sends a request, and waits for the head of its answer. */
function responseTo(call: ClientRequest, payload?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    call.on('response', resolve);
    call.on('error', reject);
    call.end(payload);
  });
}
