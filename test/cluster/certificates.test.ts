/** `podgrace serve --tls-secret`: processes with the rights of the manifests, before a real API server. */
import { once } from 'node:events';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { Test } from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import { configurationPath, CONFIGURATION_KINDS, readPublishedBundles } from '../../src/kube/client/webhook-configurations.ts';
import { readCertificateState } from '../../src/kube/client/certificate-secret.ts';
import { verifiesAgainst } from '../../src/pki/ca-bundle.ts';
import { parseServingPair } from '../../src/pki/serving-pair.ts';
import { createAuthority, issueServingPair } from '../../src/pki/authority.ts';
import type { PemPair } from '../../src/pki/pem.ts';
import { ServeProcess } from '../serve/serve-process.ts';
import { writeSecretVolume } from '../files/secret-volume.ts';
import { getOps } from '../server/serving.ts';
import {
  annotate,
  bundlesOf,
  collectionOf,
  installCertificates,
  overwriteBundle,
  SECRET,
  type CertificateInstallation,
} from './certificate-installation.ts';
import { clusterTest, connect, eventually, kubectl, send } from './cluster.ts';

const PORTS = ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0', '--drain-seconds', '0'];

class Replica {
  readonly process: ServeProcess;
  readonly port: number;
  readonly opsPort: number;

  constructor(process: ServeProcess, { port, opsPort }: { readonly port: number; readonly opsPort: number }) {
    this.process = process;
    this.port = port;
    this.opsPort = opsPort;
  }

  static async start(t: Test, { namespace, name, kubeconfig }: CertificateInstallation): Promise<Replica> {
    const args = [...PORTS, '--namespace', namespace, '--tls-secret', SECRET, '--webhook-configuration', name];
    const process = new ServeProcess(t, args, [], { KUBECONFIG: kubeconfig });
    return new Replica(process, await process.ports());
  }

  async readyz(): Promise<string> {
    return (await getOps(this.opsPort, '/readyz')).text;
  }

  async isReady(): Promise<boolean> {
    return (await getOps(this.opsPort, '/readyz')).status === 200;
  }

  /** How many steps of a renewal it took. */
  get steps(): unknown[] {
    return this.process.log.filter(({ msg }) => msg === 'certificate renewal').map(({ step }) => step);
  }
}

/** The serial number that is served to who verifies by the bundle, as the API server does; undefined where that fails. */
async function servedSerial(port: number, namespace: string, ca: string): Promise<string | undefined> {
  const socket = connectTls({ host: '127.0.0.1', port, servername: `podgrace.${namespace}.svc`, ca });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate().serialNumber;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

async function storedSerial({ api, secretPath }: CertificateInstallation): Promise<string | undefined> {
  const { leaf } = readCertificateState((await api.find(secretPath)) ?? {});
  return leaf && parseServingPair(leaf.certPem, leaf.keyPem).serialNumber;
}

/** In every webhook of both configurations, and nothing else. */
async function isPublished(installation: CertificateInstallation, wanted: string): Promise<boolean> {
  const bundles = await bundlesOf(installation);
  return bundles.length === 1 && bundles[0] === wanted;
}

async function allReady(replicas: readonly Replica[]): Promise<boolean> {
  return (await Promise.all(replicas.map((replica) => replica.isReady()))).every(Boolean);
}

clusterTest('three processes share a certificate that one of them made; what is done to it is mended', async (t) => {
  const api = connect();
  const installation = await installCertificates(t, api);
  const { namespace, name, secretPath, leasePath } = installation;
  const replicas = await Promise.all([1, 2, 3].map(() => Replica.start(t, installation)));
  const serves = async (serial: string | undefined): Promise<boolean> => {
    const [bundle = ''] = await bundlesOf(installation);
    const served = await Promise.all(replicas.map(({ port }) => servedSerial(port, namespace, bundle)));
    return serial !== undefined && served.every((each) => each === serial);
  };
  const holder = async (): Promise<string> => {
    const { spec } = ((await api.find(leasePath)) ?? {}) as { spec?: { holderIdentity?: string } };
    return spec?.holderIdentity ?? '';
  };

  await t.test('the first start makes and publishes, and one replica did it', async (t) => {
    await eventually('all are ready', () => allReady(replicas));
    t.equal((await bundlesOf(installation)).length, 1, 'one bundle, in every webhook of both configurations');
    t.ok(await serves(await storedSerial(installation)), 'all serve what is stored, and the bundle verifies it');
    t.same(replicas.flatMap(({ steps }) => steps).sort(), ['make-authority', 'publish']);
    // What stands around workloads may still be listed, and makes nobody unready.
    const ready = /^\[\+\] policy\n\[\+\] certificate\n\[.\] surroundings.*\n\[\+\] serving\nready\n$/;
    for (const replica of replicas) t.match(await replica.readyz(), ready);
    const { text } = await getOps(replicas[0]?.opsPort ?? 0, '/metrics');
    const metric = (metricName: string): number => Number(new RegExp(`^${metricName} (\\S+)$`, 'm').exec(text)?.[1]);
    t.ok(metric('podgrace_certificate_expiry_timestamp_seconds') > Date.now() / 1000 + 89 * 86_400);
    t.ok(metric('podgrace_certificate_authority_expiry_timestamp_seconds') > Date.now() / 1000 + 1824 * 86_400);
  });

  await t.test('a caBundle that somebody overwrote is mended, and told of by name', async (t) => {
    const [wanted = ''] = await bundlesOf(installation);
    const { certPem } = await createAuthority({ commonName: 'foreign', validDays: 30, now: new Date() });
    await overwriteBundle(installation, 'ValidatingWebhookConfiguration', certPem);
    await eventually('the bundle is back', () => isPublished(installation, wanted));
    await eventually('it is told', () =>
      replicas.some(({ process }) => process.log.some(({ reason }) => reason === 'the caBundle was written by somebody')),
    );
    t.ok(await serves(await storedSerial(installation)));
    await eventually('all are ready', () => allReady(replicas));
  });

  await t.test('manifests that are applied again leave the caBundle alone, either way of applying', async (t) => {
    const [wanted = ''] = await bundlesOf(installation);
    const list = { apiVersion: 'v1', kind: 'List', items: installation.configurations };
    const generation = async (): Promise<unknown> =>
      ((await api.find(configurationPath('ValidatingWebhookConfiguration', name)))?.['metadata'] as { generation: unknown }).generation;
    const serverSide = ['apply', '--server-side', '--field-manager=gitops', '-f', '-'];
    // A new version that drops a webhook is not held up by the caBundle in it.
    const validating = installation.configurations.find(({ kind }) => kind.startsWith('Validating')) ?? {};
    const fewer = { ...validating, webhooks: (validating as { webhooks: unknown[] }).webhooks.slice(0, 1) };
    const { code, stderr } = await kubectl(serverSide, fewer);
    t.equal(code, 0, stderr);
    t.equal((await readPublishedBundles(api, name)).filter(({ kind }) => kind.startsWith('Validating')).length, 1);
    t.equal((await kubectl(serverSide, validating)).code, 0);
    await eventually('the webhook that came back has its bundle', () => isPublished(installation, wanted));
    const before = await generation();
    for (const how of [serverSide, ['apply', '-f', '-']]) {
      t.notMatch((await kubectl(['diff', ...how.slice(1)], list)).stdout, 'caBundle', 'no drift in the caBundle');
      t.equal((await kubectl(how, list)).code, 0);
    }
    t.equal(await generation(), before, 'nothing has changed');
    t.same(await bundlesOf(installation), [wanted]);
    t.ok(await allReady(replicas), 'which made nobody unready');
  });

  await t.test('without rights it serves, is ready and says why; with them it goes on', async (t) => {
    const serial = await storedSerial(installation);
    for (const manifest of installation.roleBindings) {
      await api.request({ method: 'DELETE', path: `${collectionOf(manifest)}/${manifest.metadata.name}` });
    }
    await eventually('all say so', async () =>
      (await Promise.all(replicas.map((replica) => replica.readyz()))).every((text) =>
        /\[\+\] certificate \(.*cannot get resource/.test(text),
      ),
    );
    t.ok(await serves(serial));
    t.match(await replicas[0]?.process.said('certificates cannot be looked after, serving goes on'), {
      level: 'error',
      reason: /forbidden/,
    });
    for (const manifest of installation.roleBindings) await api.request({ method: 'POST', path: collectionOf(manifest), body: manifest });
    await eventually('all have forgotten', async () =>
      (await Promise.all(replicas.map((replica) => replica.readyz()))).every((text) => text.startsWith('[+] policy\n[+] certificate\n')),
    );
  });

  await t.test('a replica that is killed loses the Lease to another, who renews what it is asked to', async (t) => {
    const serial = await storedSerial(installation);
    const before = await holder();
    const leader = replicas.findIndex(({ process }) => process.log.some(({ step }) => step === 'make-authority'));
    const [killed] = replicas.splice(leader, 1);
    killed?.process.child.kill('SIGKILL');
    await annotate(installation, { 'podgrace.dev/renew': 'leaf' });
    await eventually('another leaf is stored', async () => (await storedSerial(installation)) !== serial);
    t.not(await holder(), before);
    const { metadata } = (await api.find(secretPath)) as { metadata: { annotations?: object } };
    t.notMatch(metadata.annotations, { 'podgrace.dev/renew': 'leaf' }, 'the request is taken away');
    const wanted = await storedSerial(installation);
    await eventually('all serve it', () => serves(wanted));
    t.ok(await allReady(replicas));
  });

  await t.test('of an emptied Secret, what is served stays trusted beside what takes its place', async (t) => {
    const [old = ''] = await bundlesOf(installation);
    const served = await Promise.all(replicas.map(({ port }) => servedSerial(port, namespace, old)));
    await api.request({ method: 'PATCH', path: secretPath, patchType: 'application/merge-patch+json', body: { data: null } });
    await eventually('a new authority is published beside the old one', async () => {
      const [bundle = ''] = await bundlesOf(installation);
      return bundle !== old && bundle.includes(old);
    });
    const [both = ''] = await bundlesOf(installation);
    t.same(await Promise.all(replicas.map(({ port }) => servedSerial(port, namespace, both))), served);
    t.ok(await allReady(replicas));
  });

  await t.test('a replica that is told to stop lets the Lease go', async (t) => {
    await Promise.all(
      replicas.map(async ({ process }) => {
        process.child.kill('SIGTERM');
        t.same(await process.exited, { code: 0, signal: null });
      }),
    );
    t.equal(await holder(), '');
  });
});

clusterTest('a tool that keeps the caBundle, or the Secret, is named, and nothing is written over', async (t) => {
  const installation = await installCertificates(t, connect());
  const { api, name, namespace, secretPath } = installation;
  await annotate(installation, { 'cert-manager.io/certificate-name': 'podgrace' });
  const replica = await Replica.start(t, installation);
  await eventually('it says so', async () => (await replica.readyz()).includes(`Secret ${namespace}/${SECRET} is kept by cert-manager`));
  t.notOk(await replica.isReady());
  t.equal((await api.find(secretPath))?.['data'], undefined);

  const path = configurationPath('ValidatingWebhookConfiguration', name);
  const injected = { metadata: { annotations: { 'cert-manager.io/inject-ca-from': 'a/b' } } };
  await api.request({ method: 'PATCH', path, patchType: 'application/merge-patch+json', body: injected });
  await annotate(installation, { 'cert-manager.io/certificate-name': null });
  await eventually('it says so', async () =>
    (await replica.readyz()).includes('another tool keeps the caBundle (annotation cert-manager.io/'),
  );
  t.same(await bundlesOf(installation), ['']);
  t.equal((await getOps(replica.opsPort, '/livez')).status, 200);
});

clusterTest('without Secret and Lease it waits, says which is missing, and starts when they come', async (t) => {
  const installation = await installCertificates(t, connect());
  const { api, secretPath, leasePath } = installation;
  const [secret, lease] = await Promise.all([api.find(secretPath), api.find(leasePath)]);
  await Promise.all([secretPath, leasePath].map((path) => api.request({ method: 'DELETE', path })));
  const again = async (path: string, object: typeof secret): Promise<void> => {
    const { resourceVersion: _, uid: __, ...metadata } = (object?.['metadata'] ?? {}) as Record<string, unknown>;
    await api.request({ method: 'POST', path: path.slice(0, path.lastIndexOf('/')), body: { ...object, metadata } });
  };
  const replica = await Replica.start(t, installation);
  await eventually('the Secret is missed', async () => (await replica.readyz()).includes(`secrets "${SECRET}" not found`));
  await again(secretPath, secret);
  await eventually('the Lease is missed', async () =>
    (await replica.readyz()).includes(`leases.coordination.k8s.io "${SECRET}" not found`),
  );
  await again(leasePath, lease);
  await eventually('it is ready', () => replica.isReady());
  t.equal((await send(api, { method: 'GET', path: secretPath })).code, 200);
  const { leaf } = readCertificateState((await api.find(secretPath)) ?? {});
  const [bundle = ''] = await bundlesOf(installation);
  t.match(leaf && verifiesAgainst(parseServingPair(leaf.certPem, leaf.keyPem), bundle, new Date()), { verified: true });
});

clusterTest('files that cert-manager keeps: ready when what its cainjector published verifies them', async (t) => {
  const installation = await installCertificates(t, connect());
  const { api, name, namespace } = installation;
  const now = new Date();
  const issuer = await createAuthority({ commonName: 'cert-manager', validDays: 30, now });
  const dnsNames = [`podgrace.${namespace}.svc`];
  const volume = t.testdir();
  // What the kubelet makes of the Secret that cert-manager writes.
  const write = async (authority: PemPair): Promise<string> => {
    const { certPem, keyPem } = await issueServingPair(authority, { dnsNames, validDays: 10, now });
    await writeSecretVolume(volume, { 'tls.crt': certPem, 'tls.key': keyPem, 'ca.crt': authority.certPem });
    return parseServingPair(certPem, keyPem).serialNumber;
  };
  // Its cainjector writes whole configurations.
  const inject = async (kind: (typeof CONFIGURATION_KINDS)[number], caPem: string): Promise<void> => {
    const configuration = (await api.find(configurationPath(kind, name))) as { webhooks: { clientConfig: object }[] } & JsonObject;
    const caBundle = Buffer.from(caPem).toString('base64');
    const webhooks = configuration.webhooks.map((webhook) => ({ ...webhook, clientConfig: { ...webhook.clientConfig, caBundle } }));
    const query = { fieldManager: 'cert-manager-cainjector' };
    await api.request({ method: 'PUT', path: configurationPath(kind, name), query, body: { ...configuration, webhooks } });
  };

  const first = await write(issuer);
  const files = ['--tls-cert', join(volume, 'tls.crt'), '--tls-key', join(volume, 'tls.key')];
  const process = new ServeProcess(t, [...PORTS, ...files, '--webhook-configuration', name], [], { KUBECONFIG: installation.kubeconfig });
  const replica = new Replica(process, await process.ports());
  await eventually('it waits for the caBundle', async () =>
    (await replica.readyz()).includes(
      '[-] certificate: ValidatingWebhookConfiguration validate.runbook.podgrace.dev: the CA bundle must hold',
    ),
  );
  await inject('ValidatingWebhookConfiguration', issuer.certPem);
  await eventually('it waits for the other one', async () =>
    (await replica.readyz()).includes('[-] certificate: MutatingWebhookConfiguration'),
  );
  await inject('MutatingWebhookConfiguration', issuer.certPem);
  await eventually('it is ready', () => replica.isReady());
  t.equal(await servedSerial(replica.port, namespace, issuer.certPem), first);

  const renewed = await write(issuer);
  await eventually('the new leaf is served', async () => (await servedSerial(replica.port, namespace, issuer.certPem)) === renewed);
  t.ok(await replica.isReady());

  // Another CA: in the bundles first, beside the old one, then in the files.
  const other = await createAuthority({ commonName: 'another', validDays: 30, now });
  for (const kind of CONFIGURATION_KINDS) await inject(kind, issuer.certPem + other.certPem);
  const changed = await write(other);
  await eventually('its leaf is served', async () => (await servedSerial(replica.port, namespace, other.certPem)) === changed);
  t.ok(await replica.isReady());

  for (const kind of CONFIGURATION_KINDS) await inject(kind, issuer.certPem);
  await eventually('a bundle without the CA in use is told of', async () =>
    (await replica.readyz()).includes("the CA bundle must hold the issuer 'CN=another', but holds 'CN=cert-manager'"),
  );
  t.notOk(await replica.isReady());
  t.same(await bundlesOf(installation), [issuer.certPem], 'what others keep is not written over');
});
