/** Renewals under load: the API server calls webhooks all the while, and no call may fail. Clocks run fast; all else is real. */
import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Test } from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { NOTHING_KNOWN } from '../../src/core/surroundings.ts';
import { connectByKubeconfig } from '../../src/kube/client/kubeconfig.ts';
import { readCertificateState, withCertificateState } from '../../src/kube/client/certificate-secret.ts';
import { ManagedCertificates } from '../../src/kube/certificates/managed-certificates.ts';
import { createAuthority, issueServingPair } from '../../src/pki/authority.ts';
import type { RotationRules, RotationState } from '../../src/pki/rotation.ts';
import { RunningServer } from '../../src/server/running-server.ts';
import {
  annotate,
  bundlesOf,
  installCertificates,
  overwriteBundle,
  SECRET,
  type CertificateInstallation,
} from './certificate-installation.ts';
import { clusterTest, connect, eventually, send } from './cluster.ts';

/** One machine's API server reads its configurations within milliseconds, and a busy one within some seconds. */
const RULES: Omit<RotationRules, 'dnsNames'> = {
  authorityValidDays: 30,
  authorityRenewDays: 10,
  leafValidDays: 10,
  leafRenewDays: 3,
  settleMs: 5_000,
  overlapMs: 10_000,
};
const TIMING = { leaseSeconds: 3, busyIntervalMs: 100, idleIntervalMs: 300 };
const DAY_MS = 86_400_000;

interface Replica {
  readonly certificates: ManagedCertificates;
  readonly server: RunningServer;
  readonly errors: string[];
  isStopped: boolean;
}

async function startReplica(
  t: Test,
  { namespace, name, kubeconfig }: CertificateInstallation,
  identity: string,
  leaseName = SECRET,
): Promise<Replica> {
  const api = connectByKubeconfig({ kubeconfig });
  // By its Service where the configurations name that, on loopback where they are made to name a URL.
  const rules = { ...RULES, dnsNames: ['localhost', `podgrace.${namespace}.svc`] };
  const options = { namespace, secretName: SECRET, leaseName, configurationName: name, identity, rules, timing: TIMING };
  const certificates = new ManagedCertificates(api, options);
  const server = await RunningServer.start(
    {
      policy: () => presetPolicy('baseline'),
      surroundings: () => NOTHING_KNOWN,
      record: () => undefined,
      wantImages: () => undefined,
      recordUnreadable: () => undefined,
      recordEvicted: () => undefined,
      recordFailure: (error) => {
        t.fail(error.message);
      },
      readiness: () => [],
      metrics: () => Promise.resolve(''),
      metricsContentType: 'text/plain',
    },
    undefined,
    { host: '127.0.0.1', port: 0, opsPort: 0 },
  );
  const replica: Replica = { certificates, server, errors: [], isStopped: false };
  certificates.watch({
    onChange: (pair) => {
      server.useCertificate(pair);
    },
    onError: ({ message }) => replica.errors.push(message),
    onWarning: ({ message }) => replica.errors.push(message),
    onStep: () => undefined,
  });
  t.teardown(async () => {
    await certificates.close();
    await server.stop(0);
  });
  return replica;
}

const isReady = ({ certificates, isStopped }: Replica): boolean => !isStopped && certificates.verdict.problem === undefined;

/** What a Service is: each connection goes to the next replica that is ready. */
async function startBalancer(t: Test, replicas: readonly Replica[]): Promise<number> {
  let turn = 0;
  const balancer = createServer((client) => {
    const ready = replicas.filter(isReady);
    const target = ready[turn++ % Math.max(1, ready.length)];
    if (target === undefined) {
      client.destroy();
      return;
    }
    const server = connectTcp(target.server.port, '127.0.0.1');
    client.pipe(server).pipe(client);
    for (const [one, other] of [[client, server] as const, [server, client] as const]) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  balancer.listen(0, '127.0.0.1');
  await once(balancer, 'listening');
  t.teardown(() => balancer.close());
  return (balancer.address() as AddressInfo).port;
}

interface Load {
  calls: number;
  handshakes: number;
  readonly failures: string[];
  stop: () => Promise<void>;
}

/** Pods that are created in a dry run by ten clients, and handshakes with each replica that is ready as the API server makes them. */
function startLoad(t: Test, installation: CertificateInstallation, replicas: readonly Replica[]): Load {
  const { api, namespace } = installation;
  let isOn = true;
  const load: Load = { calls: 0, handshakes: 0, failures: [], stop: () => Promise.resolve() };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'load-' }, spec: { containers: [{ name: 'a', image: 'a' }] } };
  const create = async (): Promise<void> => {
    while (isOn) {
      const { code, body } = await send(api, {
        method: 'POST',
        path: `/api/v1/namespaces/${namespace}/pods`,
        query: { dryRun: 'All' },
        body: pod,
      });
      load.calls++;
      if (code !== 201) load.failures.push(String(body['message']));
    }
  };
  const shakeHands = async (): Promise<void> => {
    while (isOn) {
      const [ca = ''] = await bundlesOf(installation);
      for (const { server } of replicas.filter(isReady)) {
        const socket = connectTls({ host: '127.0.0.1', port: server.port, servername: 'localhost', ca });
        await once(socket, 'secureConnect').catch((error: unknown) => load.failures.push(`handshake: ${String(error)}`));
        socket.destroy();
        load.handshakes++;
      }
    }
  };
  const workers = [...Array.from({ length: 10 }, create), shakeHands()];
  load.stop = async () => {
    isOn = false;
    await Promise.all(workers);
  };
  t.teardown(() => load.stop());
  return load;
}

async function stateOf({ api, secretPath }: CertificateInstallation): Promise<RotationState> {
  return readCertificateState((await api.find(secretPath)) ?? {});
}

/** Every replica serves what is stored, one authority is published, and nothing of a renewal is left. */
async function hasCalmedDown(installation: CertificateInstallation, replicas: readonly Replica[]): Promise<boolean> {
  const { authority, leaf, next, retired } = await stateOf(installation);
  const bundles = await bundlesOf(installation);
  const isServed = replicas
    .filter(({ isStopped }) => !isStopped)
    .every(({ certificates }) => certificates.current?.certPem === leaf?.certPem);
  return next === undefined && retired.length === 0 && bundles.length === 1 && bundles[0] === authority?.certPem && isServed;
}

async function renewedFrom(installation: CertificateInstallation, replicas: readonly Replica[], old: RotationState): Promise<void> {
  await eventually('another pair is stored', async () => {
    const { leaf } = await stateOf(installation);
    return leaf !== undefined && leaf.certPem !== old.leaf?.certPem;
  });
  await eventually('all serve it, and nothing else is left', () => hasCalmedDown(installation, replicas));
}

clusterTest('no call fails while leaf and CA are renewed, the Secret is emptied, and the leader is lost', async (t) => {
  const replicas: Replica[] = [];
  const port = await startBalancer(t, replicas);
  const installation = await installCertificates(t, connect(), `https://localhost:${port}`);
  const { api, secretPath } = installation;
  for (const identity of ['a', 'b', 'c']) replicas.push(await startReplica(t, installation, identity));
  await eventually('all are ready', () => replicas.every(isReady));
  const probe = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe' }, spec: { containers: [{ name: 'a', image: 'a' }] } };
  const path = `/api/v1/namespaces/${installation.namespace}/pods`;
  await eventually(
    'calls succeed',
    async () => (await send(api, { method: 'POST', path, query: { dryRun: 'All' }, body: probe })).code === 201,
  );
  const load = startLoad(t, installation, replicas);

  let before = await stateOf(installation);
  await annotate(installation, { 'podgrace.dev/renew': 'leaf' });
  await renewedFrom(installation, replicas, before);
  t.equal((await stateOf(installation)).authority?.certPem, before.authority?.certPem, 'the CA stays when the leaf is renewed');

  before = await stateOf(installation);
  await annotate(installation, { 'podgrace.dev/renew': 'ca' });
  await renewedFrom(installation, replicas, before);
  t.not((await stateOf(installation)).authority?.certPem, before.authority?.certPem);

  before = await stateOf(installation);
  await api.request({ method: 'PATCH', path: secretPath, patchType: 'application/merge-patch+json', body: { data: null } });
  await renewedFrom(installation, replicas, before);

  // Set back to what was there before: a backup, or a tool with a copy of its own.
  const restored = before;
  before = await stateOf(installation);
  await api.request({ method: 'PUT', path: secretPath, body: withCertificateState((await api.find(secretPath)) ?? {}, restored) });
  await renewedFrom(installation, replicas, before);
  t.equal((await stateOf(installation)).leaf?.certPem, restored.leaf?.certPem, 'what was put there is used');

  before = await stateOf(installation);
  const leaseOf = async (): Promise<unknown> =>
    ((await api.find(installation.leasePath))?.['spec'] as { holderIdentity: string }).holderIdentity;
  const holder = await leaseOf();
  const lost = replicas[['a', 'b', 'c'].indexOf(String(holder))];
  if (lost !== undefined) lost.isStopped = true;
  await annotate(installation, { 'podgrace.dev/renew': 'ca' });
  await lost?.certificates.close();
  await renewedFrom(installation, replicas, before);
  t.not(await leaseOf(), holder, 'another replica took over');

  await load.stop();
  t.same(load.failures.slice(0, 5), [], `of ${load.calls} calls and ${load.handshakes} handshakes none failed`);
  t.comment(`${load.calls} calls through the API server, ${load.handshakes} handshakes, ${load.failures.length} failed`);
});

clusterTest('two leaders at once come to one end, and no call fails', async (t) => {
  const replicas: Replica[] = [];
  const port = await startBalancer(t, replicas);
  const api = connect();
  const installation = await installCertificates(t, api, `https://localhost:${port}`);
  // A Lease for each, and the right to it, so that both hold one all the time.
  const admin = { ...installation, kubeconfig: process.env['KUBECONFIG'] ?? '' };
  const leases = ['one', 'two'];
  for (const name of leases) {
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name } };
    await api.request({ method: 'POST', path: installation.leasePath.slice(0, installation.leasePath.lastIndexOf('/')), body: lease });
    replicas.push(await startReplica(t, admin, name, name));
  }
  await eventually('both are ready', () => replicas.every(isReady));
  await eventually('the API server has read it', () => hasCalmedDown(installation, replicas));
  const load = startLoad(t, installation, replicas);
  for (const what of ['ca', 'leaf', 'ca']) {
    const before = await stateOf(installation);
    await annotate(installation, { 'podgrace.dev/renew': what });
    await renewedFrom(installation, replicas, before);
  }
  await load.stop();
  t.same(load.failures.slice(0, 5), [], `of ${load.calls} calls and ${load.handshakes} handshakes none failed`);
  t.same(
    replicas.flatMap(({ errors }) => errors),
    [],
    'each took the conflicts with the other for what they are',
  );
});

clusterTest('a CA that has expired is replaced at once, whatever its leaf says', async (t) => {
  const installation = await installCertificates(t, connect());
  const { api, secretPath } = installation;
  const past = new Date(Date.now() - 40 * DAY_MS);
  const expired = await createAuthority({ commonName: 'podgrace-ca-of-old', validDays: 30, now: past });
  const valid = await createAuthority({ commonName: 'podgrace-ca-of-old', validDays: 365, now: past });
  // Signed when its issuer was valid, and longer than that: what issueServingPair itself never makes.
  const leaf = await issueServingPair(valid, { dnsNames: ['localhost'], validDays: 100, now: past });
  const secret = (await api.find(secretPath)) ?? {};
  await api.request({ method: 'PUT', path: secretPath, body: withCertificateState(secret, { authority: expired, leaf, retired: [] }) });
  for (const kind of ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] as const) {
    await overwriteBundle(installation, kind, expired.certPem);
  }
  const replica = await startReplica(t, installation, 'a');
  await eventually('it is ready', () => isReady(replica));
  t.not((await stateOf(installation)).authority?.certPem, expired.certPem);
  t.notOk((await bundlesOf(installation)).join('').includes(expired.certPem), 'what has expired is no longer published');
});
