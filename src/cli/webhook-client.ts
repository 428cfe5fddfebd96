/** Sends AdmissionReviews to a running webhook as kube-apiserver does: `/mutate`, the patch applied, then `/validate`. */
import { Agent, request as httpsRequest } from 'node:https';
import { patchedObject } from '../admission/admit.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { PatchOperation } from '../core/json-patch.ts';
import { UsageError } from './exit-code.ts';
import type { RemoteAnswer } from './replay.ts';

/** What the webhook answered that is no answer to a review. */
export class WebhookCallError extends Error {
  override readonly name = 'WebhookCallError';
}

/** As long as the API server may wait at most. */
const TIMEOUT_MS = 30_000;

export class WebhookClient {
  readonly #base: URL;
  readonly #agent: Agent;

  /**
   * @param url of the webhook, `https://localhost:8443`; `/mutate` and `/validate` are appended
   * @param caPem the bundle that the webhook's certificate must verify against; the system's roots where it is left out
   * @throws {UsageError} for a text that is no https URL
   */
  constructor(url: string, caPem: string | undefined) {
    if (!URL.canParse(url) || new URL(url).protocol !== 'https:') throw new UsageError(`--url must be an https URL, is '${url}'`);
    this.#base = new URL(url.endsWith('/') ? url : `${url}/`);
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1, ...(caPem !== undefined && { ca: caPem }) });
  }

  /**
   * @param review a whole AdmissionReview
   * @throws {WebhookCallError} where the webhook does not answer, or not with an AdmissionReview for this request
   */
  async admit(review: JsonObject): Promise<RemoteAnswer> {
    const request = review['request'] as JsonObject;
    const mutation = await this.#call('mutate', review);
    const patch = patchOf(mutation);
    const patched = patch.length === 0 ? review : { ...review, request: { ...request, object: patchedObject(request['object'], patch) } };
    const validation = await this.#call('validate', patched);
    const status = isObject(validation['status']) ? validation['status'] : {};
    return {
      allowed: validation['allowed'] === true,
      message: validation['allowed'] === true ? null : typeof status['message'] === 'string' ? status['message'] : '',
      warnings: Array.isArray(validation['warnings']) ? validation['warnings'].map(String) : [],
      patch,
    };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #call(path: 'mutate' | 'validate', review: JsonObject): Promise<JsonObject> {
    const url = new URL(`${path}?timeout=30s`, this.#base);
    const { code, text } = await this.#post(url, JSON.stringify(review));
    if (code !== 200) throw new WebhookCallError(`${url.href} answered ${code}: ${text.slice(0, 500)}`);
    const answer = parse(text);
    const response = isObject(answer) ? answer['response'] : undefined;
    const uid = (review['request'] as JsonObject)['uid'];
    if (!isObject(response) || response['uid'] !== uid)
      throw new WebhookCallError(`${url.href} answered no AdmissionReview for uid ${String(uid)}`);
    return response;
  }

  #post(url: URL, body: string): Promise<{ code: number; text: string }> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const call = httpsRequest(url, { method: 'POST', agent: this.#agent, headers, timeout: TIMEOUT_MS }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
        });
        response.on('error', fail);
      });
      const fail = (error: Error): void => {
        reject(new WebhookCallError(`${url.href}: ${error.message}`, { cause: error }));
      };
      call.on('timeout', () => call.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      call.on('error', fail);
      call.end(body);
    });
  }
}

function patchOf(response: JsonObject): PatchOperation[] {
  const { patch } = response;
  if (typeof patch !== 'string') return [];
  const operations = parse(Buffer.from(patch, 'base64').toString('utf8'));
  if (!Array.isArray(operations)) throw new WebhookCallError('the webhook answered a patch that is no list of operations');
  return operations as PatchOperation[];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WebhookCallError(`the webhook answered something that is no JSON: ${text.slice(0, 200)}`, { cause: error });
  }
}
