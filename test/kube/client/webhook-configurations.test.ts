import t from 'tap';
import type { JsonObject } from '../../../src/core/json.ts';
import { KubeStatusError, type KubeAnswer, type KubeRequest } from '../../../src/kube/client/api.ts';
import { publishBundle, readPublishedBundles } from '../../../src/kube/client/webhook-configurations.ts';

/** Answers by the last part of the path; 404 where there is nothing. */
function answering(objects: Readonly<Record<string, JsonObject>>): { api: Parameters<typeof publishBundle>[0]; sent: KubeRequest[] } {
  const sent: KubeRequest[] = [];
  const request = (request: KubeRequest): Promise<KubeAnswer> => {
    sent.push(request);
    const body = Object.entries(objects).find(([kind]) => request.path.includes(`/${kind}`))?.[1];
    const missing = new KubeStatusError({ code: 404, body: { message: 'not found' }, warnings: [] });
    return body === undefined ? Promise.reject(missing) : Promise.resolve({ code: 200, body, warnings: [] });
  };
  return { api: { request }, sent };
}

const written = (manager: string, webhook: string): JsonObject => ({
  manager,
  operation: 'Update',
  fieldsV1: { 'f:webhooks': { [`k:{"name":"${webhook}"}`]: { 'f:clientConfig': { 'f:caBundle': {} } } } },
});
const base64 = (text: string): string => Buffer.from(text).toString('base64');

void t.test('every webhook of both configurations is read: its bundle, and who wrote it', async (t) => {
  const { api } = answering({
    validatingwebhookconfigurations: {
      metadata: {
        resourceVersion: '7',
        managedFields: [written('podgrace-certificates', 'a'), written('kubectl-edit', 'b'), { manager: 'helm' }],
      },
      webhooks: [
        { name: 'a', clientConfig: { caBundle: base64('PEM') } },
        { name: 'b', clientConfig: { service: { name: 'podgrace', namespace: 'n' } } },
      ],
    },
    mutatingwebhookconfigurations: {
      metadata: { resourceVersion: '8', annotations: { 'cert-manager.io/inject-ca-from': 'a/b' } },
      webhooks: [{ name: 'm' }],
    },
  });
  t.same(await readPublishedBundles(api, 'podgrace'), [
    { kind: 'ValidatingWebhookConfiguration', webhook: 'a', bundlePem: 'PEM', resourceVersion: '7' },
    {
      kind: 'ValidatingWebhookConfiguration',
      webhook: 'b',
      bundlePem: '',
      resourceVersion: '7',
      writtenBy: 'kubectl-edit',
      serverName: 'podgrace.n.svc',
    },
    {
      kind: 'MutatingWebhookConfiguration',
      webhook: 'm',
      bundlePem: '',
      resourceVersion: '8',
      injectedBy: 'cert-manager.io/inject-ca-from',
    },
  ]);
});

void t.test('a configuration that is not there has no bundles; any other refusal is told', async (t) => {
  t.same(await readPublishedBundles(answering({}).api, 'podgrace'), []);
  t.same(await readPublishedBundles(answering({ validatingwebhookconfigurations: {} }).api, 'podgrace'), []);
  const forbidden = new KubeStatusError({ code: 403, body: { message: 'forbidden' }, warnings: [] });
  await t.rejects(readPublishedBundles({ request: () => Promise.reject(forbidden) }, 'podgrace'), forbidden);
});

void t.test('publishing names each webhook by its place, and the version that was read', async (t) => {
  const { api, sent } = answering({ validatingwebhookconfigurations: {} });
  const bundle = { kind: 'ValidatingWebhookConfiguration' as const, bundlePem: '', resourceVersion: '7' };
  const published = [
    { ...bundle, webhook: 'a' },
    { ...bundle, webhook: 'b' },
  ];
  await publishBundle(api, { name: 'podgrace', published, bundlePem: 'PEM' });
  t.same(sent, [
    {
      method: 'PATCH',
      path: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/podgrace',
      query: { fieldManager: 'podgrace-certificates' },
      patchType: 'application/json-patch+json',
      body: [
        { op: 'replace', path: '/metadata/resourceVersion', value: '7' },
        { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: base64('PEM') },
        { op: 'add', path: '/webhooks/1/clientConfig/caBundle', value: base64('PEM') },
      ],
    },
  ]);
});
