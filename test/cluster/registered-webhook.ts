/** podgrace's server on loopback, registered at the cluster's API server for one namespace: the real calls, no Service. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { DecisionRecord } from '../../src/admission/record.ts';
import type { Policy } from '../../src/core/policy.ts';
import { NOTHING_KNOWN } from '../../src/core/surroundings.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { makeCertificates } from '../../src/pki/make-certificates.ts';
import type { SurroundingsOf } from '../../src/server/judge-review.ts';
import { RunningServer } from '../../src/server/running-server.ts';
import { eventually, send } from './cluster.ts';

export type Phase = 'mutate' | 'validate';

export interface RegisteredWebhook {
  /** The policy from the next request on. */
  usePolicy(policy: Policy): void;
  /** What was decided since the last call of this. */
  takeRecords(): DecisionRecord[];
}

/** What the API server is told to send. */
export const RULES = [
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
  /** Which of the two webhooks are registered. */
  readonly phases?: readonly Phase[];
  /** Fields of both webhooks that differ from the usual: failurePolicy, timeoutSeconds, rules. */
  readonly webhook?: JsonObject;
}

export interface ServerRegistration extends Registration {
  /** Where the API server finds it, if something stands before the server. */
  readonly port?: number;
}

/** Serves and registers; both end with the test. */
export async function registerWebhook(
  t: Test,
  api: KubeApi,
  { policy, surroundings, ...registration }: Registration & { readonly policy: Policy; readonly surroundings?: SurroundingsOf },
): Promise<RegisteredWebhook> {
  const server = await serveOnLoopback(t, policy, surroundings === undefined ? {} : { surroundings });
  await registerServer(t, api, server, registration);
  return server;
}

/** A serving pair for loopback, and the authority that the API server has to trust. */
export interface LoopbackPair {
  readonly certPem: string;
  readonly keyPem: string;
  readonly caPem: string;
}

export async function makeLoopbackPair(): Promise<LoopbackPair> {
  const folder = mkdtempSync(join(tmpdir(), 'podgrace-cluster-test-'));
  const names = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };
  await makeCertificates(
    folder,
    { authorityName: 'test', authorityValidDays: 1, validDays: 1, now: new Date(), ...names },
    { overwrite: true },
  );
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const pair = { certPem: read('tls.crt'), keyPem: read('tls.key'), caPem: read('ca.crt') };
  rmSync(folder, { recursive: true });
  return pair;
}

export interface LoopbackServer extends RegisteredWebhook {
  readonly port: number;
  readonly pair: LoopbackPair;
}

export interface LoopbackOptions {
  /** Nothing is known where it is left out. */
  readonly surroundings?: SurroundingsOf;
  /** As `--client-ca` has it. */
  readonly clientAuthorityPem?: string;
}

export async function serveOnLoopback(
  t: Test,
  policy: Policy,
  { surroundings = () => NOTHING_KNOWN, clientAuthorityPem }: LoopbackOptions = {},
): Promise<LoopbackServer> {
  const pair = await makeLoopbackPair();
  let current = policy;
  let records: DecisionRecord[] = [];
  const server = await RunningServer.start(
    {
      policy: () => current,
      surroundings,
      record: (record) => records.push(record),
      wantImages: () => undefined,
      recordUnreadable: () => undefined,
      recordEvicted: () => undefined,
      recordFailure: (error) => {
        t.fail(`the server failed: ${error.message}`);
      },
      readiness: () => [],
      metrics: () => Promise.resolve(''),
      metricsContentType: 'text/plain',
    },
    pair,
    { host: '127.0.0.1', port: 0, opsPort: 0 },
    { clientAuthorityPem },
  );
  t.teardown(() => server.stop(0));
  return {
    port: server.port,
    pair,
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

/** Registers a server that runs, and waits until the API server calls it. */
export async function registerServer(
  t: Test,
  api: KubeApi,
  server: LoopbackServer,
  { namespace, port = server.port, phases = ['mutate', 'validate'], webhook = {} }: ServerRegistration,
): Promise<void> {
  for (const phase of phases) {
    await createConfiguration(
      t,
      api,
      { phase, name: `${phase}-${namespace}`, namespace },
      {
        name: `${phase}.podgrace.dev`,
        timeoutSeconds: 5,
        clientConfig: clientConfigOf(`https://127.0.0.1:${port}/${phase}`, server.pair),
        rules: RULES,
        ...(phase === 'mutate' && { reinvocationPolicy: 'IfNeeded' }),
        ...webhook,
      },
    );
  }
  await eventually('the API server calls the webhooks', async () => {
    server.takeRecords();
    const probe = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe' }, spec: { containers: [{ name: 'a', image: 'a' }] } };
    await send(api, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, query: { dryRun: 'All' }, body: probe });
    // The API server reads configurations asynchronously, each kind by itself.
    return server.takeRecords().length >= phases.length;
  });
}

export function clientConfigOf(url: string, { caPem }: LoopbackPair): JsonObject {
  return { url, caBundle: Buffer.from(caPem).toString('base64') };
}

export interface Configuration {
  readonly phase: Phase;
  /** The API server calls mutating webhooks by the order of these. */
  readonly name: string;
  readonly namespace: string;
}

/** A configuration with one webhook, for one namespace; gone with the test. */
export async function createConfiguration(
  t: Test,
  api: KubeApi,
  { phase, name, namespace }: Configuration,
  webhook: JsonObject,
): Promise<void> {
  const kind = phase === 'mutate' ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration';
  const path = `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s`;
  const complete = {
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    ...webhook,
  };
  await api.request({
    method: 'POST',
    path,
    body: { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, webhooks: [complete] },
  });
  t.teardown(() => send(api, { method: 'DELETE', path: `${path}/${name}` }));
}
