/** Somebody else's mutating webhook: adds a label and a sidecar to each new Pod of one namespace. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { makeCertificates } from '../../src/pki/make-certificates.ts';
import { eventually, send } from './cluster.ts';

export interface Injector {
  readonly namespace: string;
  /** One that is accepted, to see whether the webhook is called. */
  readonly pod: JsonObject;
  /** Whether the API server calls it before podgrace's webhook or after it. */
  readonly order?: 'first' | 'last';
}

/** Serves and registers it; both end with the test. */
export async function registerInjector(t: Test, api: KubeApi, { namespace, pod, order = 'first' }: Injector): Promise<void> {
  const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
  const name = `${order === 'first' ? 'aaa' : 'zzz'}-injector-${namespace}`;
  const webhook = {
    name: 'injector.example.com',
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    clientConfig: await serve(t),
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
  };
  await api.request({
    method: 'POST',
    path,
    body: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name },
      webhooks: [webhook],
    },
  });
  t.teardown(() => send(api, { method: 'DELETE', path: `${path}/${name}` }));
  await eventually('the API server calls the injector', async () => {
    const { body } = await send(api, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, query: { dryRun: 'All' }, body: pod });
    return JSON.stringify(body['spec'] ?? '').includes('"injected"');
  });
}

/** @returns the `clientConfig` of a webhook that is served until the test ends */
async function serve(t: Test): Promise<JsonObject> {
  const folder = mkdtempSync(join(tmpdir(), 'podgrace-injector-'));
  const names = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };
  await makeCertificates(
    folder,
    { authorityName: 'injector', authorityValidDays: 1, validDays: 1, now: new Date(), ...names },
    { overwrite: true },
  );
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const server = createServer({ cert: read('tls.crt'), key: read('tls.key') }, (request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      const { request: review } = JSON.parse(Buffer.concat(chunks).toString()) as { request: { uid: string } };
      response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answerTo(review.uid) }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(read('ca.crt')).toString('base64') };
}

const SIDECAR = {
  name: 'injected',
  image: 'registry.example/sidecar:1',
  resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '16Mi' } },
};

const PATCH = [
  { op: 'add', path: '/metadata/labels', value: { injected: 'yes' } },
  { op: 'add', path: '/spec/containers/0', value: SIDECAR },
];

function answerTo(uid: string): JsonObject {
  return { uid, allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(PATCH)).toString('base64') };
}
