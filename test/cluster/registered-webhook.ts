/** podgrace's server on loopback, registered at the cluster's API server for one namespace: the real calls, no Service. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { DecisionRecord } from '../../src/admission/record.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { KubeApi } from '../../src/kube/api.ts';
import { makeCertificates } from '../../src/pki/make-certificates.ts';
import { RunningServer } from '../../src/server/running-server.ts';
import { eventually, send } from './cluster.ts';

export interface RegisteredWebhook {
  /** The policy from the next request on. */
  usePolicy(policy: Policy): void;
  /** What was decided since the last call of this. */
  takeRecords(): DecisionRecord[];
}

const RULES = [
  {
    apiGroups: ['', 'apps', 'batch'],
    apiVersions: ['*'],
    operations: ['CREATE', 'UPDATE'],
    resources: [
      ...['pods', 'pods/ephemeralcontainers', 'pods/resize', 'podtemplates', 'replicationcontrollers'],
      ...['deployments', 'replicasets', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs'],
    ],
  },
];

export interface Registration {
  readonly namespace: string;
  readonly policy: Policy;
  /** Which of the two webhooks are registered. */
  readonly phases?: readonly ('mutate' | 'validate')[];
}

/** Serves and registers; both end with the test. */
export async function registerWebhook(
  t: Test,
  api: KubeApi,
  { namespace, policy, phases = ['mutate', 'validate'] }: Registration,
): Promise<RegisteredWebhook> {
  const folder = mkdtempSync(join(tmpdir(), 'podgrace-cluster-test-'));
  const names = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };
  await makeCertificates(
    folder,
    { authorityName: 'test', authorityValidDays: 1, validDays: 1, now: new Date(), ...names },
    { overwrite: true },
  );
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  let current = policy;
  let records: DecisionRecord[] = [];
  const server = await RunningServer.start(
    {
      policy: () => current,
      record: (record) => records.push(record),
      recordUnreadable: () => undefined,
      recordFailure: (error) => {
        t.fail(`the server failed: ${error.message}`);
      },
      readiness: () => [],
      metrics: () => Promise.resolve(''),
      metricsContentType: 'text/plain',
    },
    { certPem: read('tls.crt'), keyPem: read('tls.key') },
    { host: '127.0.0.1', port: 0, opsPort: 0 },
  );
  t.teardown(() => server.stop(0));

  const caBundle = Buffer.from(read('ca.crt')).toString('base64');
  for (const phase of phases) {
    const kind = phase === 'mutate' ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration';
    const path = `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s`;
    const name = `${phase}-${namespace}`;
    const webhook = {
      name: `${phase}.podgrace.dev`,
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
      timeoutSeconds: 5,
      matchPolicy: 'Equivalent',
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      clientConfig: { url: `https://127.0.0.1:${server.port}/${phase}`, caBundle },
      rules: RULES,
      ...(phase === 'mutate' && { reinvocationPolicy: 'IfNeeded' }),
    };
    await api.request({
      method: 'POST',
      path,
      body: { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, webhooks: [webhook] },
    });
    t.teardown(() => send(api, { method: 'DELETE', path: `${path}/${name}` }));
  }
  await eventually('the API server calls the webhooks', async () => {
    records = [];
    const probe = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe' }, spec: { containers: [{ name: 'a', image: 'a' }] } };
    await send(api, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, query: { dryRun: 'All' }, body: probe });
    // The API server reads configurations asynchronously, each kind by itself.
    return records.length >= phases.length;
  });
  records = [];
  return {
    usePolicy: (next) => {
      current = next;
    },
    takeRecords: () => {
      const taken = records;
      records = [];
      return taken;
    },
  };
}
