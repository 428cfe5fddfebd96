/** Single mishaps, step by step; for all of them in any order see managed-certificates.property.test.ts. */
import t from 'tap';
import { readCertificateState, withCertificateState } from '../../../src/kube/client/certificate-secret.ts';
import { createAuthority, issueServingPair } from '../../../src/pki/authority.ts';
import { bundleOf, CONFIGURATION_PATHS, configurationWith, ModelCluster, SECRET_PATH } from './model-cluster.ts';
import { RULES, SimulatedReplica } from './simulated-replica.ts';

const HOUR_MS = 3_600_000;
const [VALIDATING = '', MUTATING = ''] = CONFIGURATION_PATHS;

interface Given {
  readonly cluster: ModelCluster;
  readonly a: SimulatedReplica;
  readonly b: SimulatedReplica;
  readonly rounds: (count: number) => Promise<void>;
}

/** Two replicas that have been ready for long; `a` holds the Lease. */
async function settled(skewMs = 0): Promise<Given> {
  const cluster = new ModelCluster(1, 0);
  for (const path of CONFIGURATION_PATHS) cluster.write(path, configurationWith(''));
  const [a, b] = [new SimulatedReplica(cluster, 'a', skewMs), new SimulatedReplica(cluster, 'b')];
  const rounds = async (count: number): Promise<void> => {
    for (let round = 0; round < count; round++) {
      cluster.advance(5_000);
      await a.run();
      await b.run();
    }
  };
  await rounds(20);
  return { cluster, a, b, rounds };
}

const stateIn = (cluster: ModelCluster): ReturnType<typeof readCertificateState> => readCertificateState(cluster.read(SECRET_PATH) ?? {});

void t.test('a bundle that is overwritten in one configuration keeps nobody from answering the calls of the other', async (t) => {
  const { cluster, a, b } = await settled();
  cluster.write(VALIDATING, configurationWith(''));
  await b.run();
  t.ok(b.isReady);
  t.match(b.certificates.verdict.note, 'ValidatingWebhookConfiguration validate.podgrace.dev: the CA bundle must hold a PEM certificate');
  cluster.write(MUTATING, configurationWith('garbage'));
  await b.run();
  t.notOk(b.isReady, 'now none succeeds');
  await a.run();
  await b.run();
  t.same(b.certificates.verdict, {});
  t.equal(bundleOf(cluster.read(MUTATING) ?? {}), stateIn(cluster).authority?.certPem);
});

void t.test('a replica that starts while a bundle is missing is not ready', async (t) => {
  const { cluster, b } = await settled();
  cluster.write(VALIDATING, configurationWith(''));
  b.restart();
  await b.run();
  t.match(b.certificates.verdict.problem, 'ValidatingWebhookConfiguration');
});

void t.test('a pair of another authority is not taken before its bundle has settled, whoever stored it', async (t) => {
  const { cluster, b } = await settled();
  const { current } = b.certificates;
  const now = new Date(cluster.nowMs);
  const authority = await createAuthority({ commonName: 'podgrace-ca-hasty', validDays: 30, now });
  const leaf = await issueServingPair(authority, { dnsNames: RULES.dnsNames, validDays: 20, now });
  const old = stateIn(cluster).authority?.certPem ?? '';
  cluster.write(SECRET_PATH, withCertificateState({}, { authority, leaf, retired: [] }));
  for (const path of CONFIGURATION_PATHS) cluster.write(path, configurationWith(old + authority.certPem));
  await b.run();
  t.equal(b.certificates.current, current, 'some API server may not have read it yet');
  cluster.advance(RULES.settleMs);
  await b.run();
  t.equal(b.certificates.current?.certPem, leaf.certPem);
});

void t.test('a leader that slept undoes nothing that was published meanwhile', async (t) => {
  const { cluster, a, b } = await settled();
  cluster.write(VALIDATING, configurationWith(''));
  // Reads the configurations and the Secret, and is about to write.
  await a.begin();
  for (let answers = 0; answers < 4; answers++) await a.answer();
  cluster.advance(HOUR_MS);
  await b.run();
  await b.run();
  const published = bundleOf(cluster.read(VALIDATING) ?? {});
  const foreign = `${published}# changed since\n`;
  cluster.write(VALIDATING, configurationWith(foreign));
  await a.run();
  t.equal(bundleOf(cluster.read(VALIDATING) ?? {}), foreign, 'its write was refused');
  t.same(a.errors, [], 'which is no error, but a reason to look again');
});

void t.test('while the API server is away for minutes everything is served on, and told once', async (t) => {
  const { cluster, a, b, rounds } = await settled();
  const { current } = b.certificates;
  a.isCutOff = b.isCutOff = true;
  await rounds(60);
  t.ok(a.isReady && b.isReady);
  t.equal(b.certificates.current, current);
  t.same(b.errors, ['the API server does not answer']);
  t.match(b.certificates.lastError, { message: 'the API server does not answer' });
  a.isCutOff = b.isCutOff = false;
  await rounds(10);
  t.equal(b.certificates.lastError, undefined);
  t.equal(stateIn(cluster).leaf?.certPem, current?.certPem, 'nothing was renewed for it');
});

void t.test('away from the start: not ready, and ready as soon as it answers', async (t) => {
  const { b } = await settled();
  b.restart();
  b.isCutOff = true;
  for (let look = 0; look < 5; look++) await b.run();
  t.equal(b.certificates.verdict.problem, 'there is no certificate yet');
  t.same(b.errors, ['the API server does not answer']);
  b.isCutOff = false;
  await b.run();
  t.ok(b.isReady);
});

for (const skewMs of [-400 * 24 * HOUR_MS, 400 * 24 * HOUR_MS]) {
  void t.test(`a leader whose clock is ${skewMs / HOUR_MS} h off makes certificates that are valid now, and says so`, async (t) => {
    const { cluster, a, b, rounds } = await settled(skewMs);
    t.ok(a.isReady && b.isReady);
    cluster.write(SECRET_PATH, { ...cluster.read(SECRET_PATH), metadata: { annotations: { 'podgrace.dev/renew': 'ca' } } });
    await rounds(20);
    t.ok(a.isReady && b.isReady);
    t.match(a.certificates.current?.chain[0].issuer, new Date(cluster.nowMs).getUTCFullYear().toString());
    t.match(a.warnings, [/^the clock of this machine is 34\d{6} s (ahead of|behind) the API server's/]);
    t.equal(a.warnings.length, 1);
    t.same(b.warnings, []);
  });
}

void t.test('a Secret of another tool is left alone and told of; what is in it is served', async (t) => {
  const { cluster, a, rounds } = await settled();
  const kept = {
    ...cluster.read(SECRET_PATH),
    metadata: { annotations: { 'cert-manager.io/certificate-name': 'x', 'podgrace.dev/renew': 'leaf' } },
  };
  cluster.write(SECRET_PATH, kept);
  await rounds(5);
  t.same(cluster.read(SECRET_PATH)?.['data'], (kept as { data?: unknown }).data);
  t.match(a.errors, [
    /^Secret podgrace-system\/certificates is kept by cert-manager .*: name another Secret for podgrace's certificates, or serve/,
  ]);
  t.ok(a.isReady);
});

void t.test('a request in words that nobody understands is told of, and hinders nothing', async (t) => {
  const { cluster, a, rounds } = await settled();
  const secret = cluster.read(SECRET_PATH);
  cluster.write(SECRET_PATH, { ...secret, data: {}, metadata: { annotations: { 'podgrace.dev/renew': 'all' } } });
  await rounds(30);
  t.match(a.errors, [/annotation podgrace.dev\/renew must be one of ca, leaf, but is "all"$/]);
  t.ok(stateIn(cluster).leaf, 'the emptied Secret was filled meanwhile');
});
