/** Stands between the API server and podgrace: sees every question and answer, and can keep an answer back or change it. */
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import type { AdmissionResponse } from '../../../src/admission/response.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { LoopbackServer } from '../registered-webhook.ts';

export interface Exchange {
  readonly path: '/mutate' | '/validate';
  /** Of the AdmissionReview as it was sent. */
  readonly questionBytes: number;
  readonly question: AdmissionQuestion;
  readonly answer: AdmissionResponse;
}

export interface AdmissionQuestion {
  readonly uid: string;
  readonly kind: { readonly version: string };
  readonly requestKind: { readonly version: string };
  readonly name?: string;
  readonly dryRun: boolean;
  readonly object: JsonObject;
}

export class Middleman {
  readonly exchanges: Exchange[] = [];
  /** How long answers are kept back. */
  delayMs = 0;
  /** What becomes of the answer on its way back. */
  alter: (response: AdmissionResponse) => AdmissionResponse = (response) => response;
  readonly #server: LoopbackServer;
  #port = 0;

  private constructor(server: LoopbackServer) {
    this.#server = server;
  }

  static async start(t: Test, server: LoopbackServer): Promise<Middleman> {
    const middleman = new Middleman(server);
    const { certPem: cert, keyPem: key } = server.pair;
    const listener = createServer({ cert, key }, (question, answer) => {
      const chunks: Buffer[] = [];
      question.on('data', (chunk: Buffer) => chunks.push(chunk));
      question.on('end', () => {
        middleman.#pass(question.url ?? '', Buffer.concat(chunks)).then(
          ({ code, body }) => answer.writeHead(code, { 'content-type': 'application/json' }).end(body),
          (error: unknown) => answer.destroy(error as Error),
        );
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    middleman.#port = (listener.address() as AddressInfo).port;
    t.teardown(() => {
      listener.closeAllConnections();
      listener.close();
    });
    return middleman;
  }

  get port(): number {
    return this.#port;
  }

  /** The exchanges with one of the two webhooks, oldest first. */
  with(path: Exchange['path']): Exchange[] {
    return this.exchanges.filter((exchange) => exchange.path === path);
  }

  async #pass(url: string, questionBody: Buffer): Promise<{ code: number; body: string }> {
    const { code, body } = await this.#ask(url, questionBody);
    if (code !== 200) return { code, body };
    const { request: question } = JSON.parse(questionBody.toString('utf8')) as { request: AdmissionQuestion };
    const answered = JSON.parse(body) as { response: AdmissionResponse };
    const path = url.startsWith('/mutate') ? '/mutate' : '/validate';
    this.exchanges.push({ path, questionBytes: questionBody.length, question, answer: answered.response });
    // Nobody waits for an answer that is kept back for longer than the test.
    await new Promise((resolve) => setTimeout(resolve, this.delayMs).unref());
    return { code, body: JSON.stringify({ ...answered, response: this.alter(answered.response) }) };
  }

  #ask(path: string, body: Buffer): Promise<{ code: number; body: string }> {
    return new Promise((resolve, reject) => {
      const { port, pair } = this.#server;
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      const call = request({ host: '127.0.0.1', port, path, method: 'POST', headers, ca: pair.caPem }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          resolve({ code: response.statusCode ?? 0, body: text });
        });
      });
      call.on('error', reject);
      call.end(body);
    });
  }
}
