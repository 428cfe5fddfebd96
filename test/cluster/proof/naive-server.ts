/**
 * An admission webhook as one writes it in an hour: Fastify with its defaults, closed at SIGTERM, a Deployment without
 * preStop and probes of a sort, behind the same kind of registration as podgrace's.
 */
import type { Test } from 'tap';
import type { JsonObject } from '../../../src/core/json.ts';
import type { KubeApi } from '../../../src/kube/client/api.ts';
import { createAuthority, issueServingPair } from '../../../src/pki/authority.ts';
import { eventually, kubectl, makeNamespace, send } from '../cluster.ts';

const PORT = 8443;

/** Runs in podgrace's image, which has Node and Fastify. */
const PROGRAM = `
import { readFileSync } from 'node:fs';
import fastify from '/podgrace/node_modules/fastify/fastify.js';
const app = fastify({ https: { cert: readFileSync('/tls/tls.crt'), key: readFileSync('/tls/tls.key') } });
const answer = (request) => ({
  apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: request.body.request.uid, allowed: true },
});
app.post('/mutate', answer);
app.post('/validate', answer);
app.get('/ready', () => 'ok');
process.on('SIGTERM', () => app.close().then(() => process.exit(0)));
await app.listen({ host: '0.0.0.0', port: ${PORT} });
`;

export interface NaiveServer {
  readonly namespace: string;
}

/** @param judged the namespace whose Pods are sent to it */
export async function deployNaiveServer(t: Test, api: KubeApi, image: string, judged: string): Promise<NaiveServer> {
  const namespace = await makeNamespace(t, api);
  const now = new Date();
  const authority = await createAuthority({ commonName: 'naive', validDays: 1, now });
  const pair = await issueServingPair(authority, { dnsNames: [`naive.${namespace}.svc`], validDays: 1, now });
  await applied([
    secret(namespace, pair),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'naive', namespace }, data: { 'server.mjs': PROGRAM } },
    service(namespace),
    deployment(namespace, image),
  ]);
  const rollout = await kubectl(['rollout', 'status', 'deployment/naive', '-n', namespace, '--timeout=120s']);
  if (rollout.code !== 0) throw new Error(rollout.stderr);
  const caBundle = Buffer.from(authority.certPem).toString('base64');
  const configurations = ['mutate', 'validate'].map((phase) => configuration(phase, namespace, judged, caBundle));
  t.teardown(() => kubectl(['delete', '--ignore-not-found', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: configurations }));
  await applied(configurations);
  await eventually('the naive server answers', async () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe' }, spec: { containers: [{ name: 'probe', image: 'probe' }] } };
    const answer = await send(api, {
      method: 'POST',
      path: `/api/v1/namespaces/${judged}/pods`,
      query: { dryRun: 'All' },
      body: pod,
    });
    return answer.code === 201;
  });
  return { namespace };
}

async function applied(items: readonly JsonObject[]): Promise<void> {
  const { code, stderr } = await kubectl(['apply', '--server-side', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  if (code !== 0) throw new Error(stderr);
}

function secret(namespace: string, { certPem, keyPem }: { readonly certPem: string; readonly keyPem: string }): JsonObject {
  const stringData = { 'tls.crt': certPem, 'tls.key': keyPem };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'naive', namespace }, stringData };
}

function service(namespace: string): JsonObject {
  const ports = [{ port: 443, targetPort: PORT, protocol: 'TCP' }];
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'naive', namespace }, spec: { selector: { app: 'naive' }, ports } };
}

function deployment(namespace: string, image: string): JsonObject {
  const labels = { app: 'naive' };
  const container = {
    name: 'naive',
    image,
    command: ['/nodejs/bin/node', '/program/server.mjs'],
    ports: [{ containerPort: PORT }],
    readinessProbe: { httpGet: { path: '/ready', port: PORT, scheme: 'HTTPS' }, periodSeconds: 1 },
    volumeMounts: [
      { name: 'program', mountPath: '/program' },
      { name: 'tls', mountPath: '/tls' },
    ],
  };
  const spec = {
    containers: [container],
    volumes: [
      { name: 'program', configMap: { name: 'naive' } },
      { name: 'tls', secret: { secretName: 'naive' } },
    ],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'type', operator: 'NotIn', values: ['kwok'] }] }],
        },
      },
    },
  };
  const template = { metadata: { labels }, spec };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'naive', namespace },
    spec: { replicas: 3, selector: { matchLabels: labels }, template },
  };
}

function configuration(phase: string, namespace: string, judged: string, caBundle: string): JsonObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: phase === 'mutate' ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration',
    metadata: { name: namespace },
    webhooks: [
      {
        name: `${phase}.naive.test`,
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 5,
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': judged } },
        clientConfig: { service: { namespace, name: 'naive', path: `/${phase}` }, caBundle },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
    ],
  };
}
