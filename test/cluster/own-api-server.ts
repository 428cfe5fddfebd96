/** An API server of a test's own, with flags of its own: etcd and kube-apiserver of KUBEBUILDER_ASSETS, as envtest has them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { connectByKubeconfig } from '../../src/kube/client/kubeconfig.ts';
import { eventually, noCluster } from './cluster.ts';
import { makeLoopbackPair } from './registered-webhook.ts';

const { KUBEBUILDER_ASSETS = '' } = process.env;
const PROGRAMS = ['etcd', 'kube-apiserver'];

const noPrograms =
  noCluster ??
  (PROGRAMS.every((program) => existsSync(join(KUBEBUILDER_ASSETS, program)))
    ? undefined
    : `no ${PROGRAMS.join(' and ')} in KUBEBUILDER_ASSETS (${KUBEBUILDER_ASSETS})`);

/** A test that starts an API server. */
export function apiServerTest(name: string, body: (t: Test) => Promise<void>): void {
  if (noPrograms === undefined) void t.test(name, body);
  else void t.test(name, { skip: noPrograms }, () => undefined);
}

export interface OwnApiServer {
  readonly api: KubeApi;
  readonly kubeconfig: string;
  /** Stops it, and starts it again at its port. @param isEmptied whether all that it has stored is gone, as after a restored backup */
  readonly restart: (isEmptied: boolean) => Promise<void>;
}

/**
 * Without controllers: only what the API server itself does happens. Gone with the test.
 *
 * @param folder for its files; its log is told where it does not start
 * @param flags besides those that it needs
 */
export async function startApiServer(t: Test, folder: string, flags: readonly string[]): Promise<OwnApiServer> {
  const [port, clientPort, peerPort] = await freePorts(3);
  const etcdUrl = `http://127.0.0.1:${clientPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const etcd = start(t, folder, 'etcd', [
    ...['--data-dir', join(folder, 'etcd'), '--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
    ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl, '--initial-cluster', `default=${peerUrl}`],
    '--unsafe-no-fsync',
  ]);

  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const { certPem, keyPem, caPem } = await makeLoopbackPair();
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const serviceAccountKey = write('service-account.key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const apiServer = start(t, folder, 'kube-apiserver', [
    ...['--etcd-servers', etcdUrl, '--secure-port', String(port), '--bind-address', '127.0.0.1'],
    ...['--tls-cert-file', write('tls.crt', certPem), '--tls-private-key-file', write('tls.key', keyPem)],
    ...['--service-account-issuer', 'https://localhost', '--service-account-key-file', serviceAccountKey],
    ...['--service-account-signing-key-file', serviceAccountKey, '--service-cluster-ip-range', '10.96.0.0/16'],
    ...['--token-auth-file', write('tokens.csv', 'token,admin,admin,system:masters\n'), '--authorization-mode', 'RBAC'],
    // No controller makes service accounts here.
    ...['--disable-admission-plugins', 'ServiceAccount'],
    ...flags,
  ]);
  const cluster = { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': Buffer.from(caPem).toString('base64') };
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'own', cluster }],
    users: [{ name: 'admin', user: { token: 'token' } }],
    contexts: [{ name: 'own', context: { cluster: 'own', user: 'admin' } }],
    'current-context': 'own',
  };
  const file = write('kubeconfig', JSON.stringify(kubeconfig));
  const api = connectByKubeconfig({ kubeconfig: file });
  await becomesReady(t, api, folder);
  const restart = async (isEmptied: boolean): Promise<void> => {
    await apiServer.stop();
    if (isEmptied) {
      await etcd.stop();
      rmSync(join(folder, 'etcd'), { recursive: true });
      etcd.begin();
    }
    apiServer.begin();
    await becomesReady(t, api, folder);
  };
  return { api, kubeconfig: file, restart };
}

async function becomesReady(t: Test, api: KubeApi, folder: string): Promise<void> {
  try {
    await eventually('the API server is ready', async () => {
      try {
        return (await api.find('/api/v1/namespaces/default')) !== undefined;
      } catch {
        return false;
      }
    });
  } catch (error) {
    t.comment(readFileSync(join(folder, 'kube-apiserver.log'), 'utf8').slice(-3_000));
    throw error;
  }
}

interface Started {
  readonly begin: () => void;
  readonly stop: () => Promise<void>;
}

function start(t: Test, folder: string, program: string, args: readonly string[]): Started {
  const log = openSync(join(folder, `${program}.log`), 'w');
  const spawned = (): ChildProcess => spawn(join(KUBEBUILDER_ASSETS, program), args, { cwd: folder, stdio: ['ignore', log, log] });
  let child = spawned();
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  const begin = (): void => {
    child = spawned();
  };
  t.teardown(stop);
  return { begin, stop };
}

/** Ports that nobody listens on now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
