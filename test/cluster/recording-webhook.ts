/** An HTTPS server on loopback that admits everything and remembers which webhook was called about what. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Test } from 'tap';
import { decodeReview, type AdmissionRequest } from '../../src/admission/review.ts';
import { makeLoopbackPair } from './registered-webhook.ts';

export interface RecordedCall {
  /** The path that was called, without its slash. */
  readonly webhook: string;
  readonly request: AdmissionRequest;
}

export interface RecordingWebhook {
  readonly calls: RecordedCall[];
  /** For `clientConfig` of the webhook with this name. */
  clientConfig(webhook: string): { readonly url: string; readonly caBundle: string };
}

/** Listens until the test ends. */
export async function recordWebhookCalls(t: Test): Promise<RecordingWebhook> {
  const { certPem, keyPem, caPem } = await makeLoopbackPair();
  const calls: RecordedCall[] = [];
  const server = createServer({ cert: certPem, key: keyPem }, (incoming, answer) => {
    void text(incoming).then((body) => {
      const request = decodeReview(JSON.parse(body));
      calls.push({ webhook: new URL(incoming.url ?? '', 'https://localhost').pathname.slice(1), request });
      const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: request.uid, allowed: true } };
      answer.setHeader('content-type', 'application/json').end(JSON.stringify(review));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const caBundle = Buffer.from(caPem).toString('base64');
  return { calls, clientConfig: (webhook) => ({ url: `https://127.0.0.1:${port}/${webhook}`, caBundle }) };
}
