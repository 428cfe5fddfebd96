/**
 * The shipped manifests under names of their own, for tests that install podgrace beside each other: a namespace and
 * configurations that bear one name, webhooks that look at one namespace.
 *
 * The replicas of the cluster's fake node run nothing, so a server on this machine stands behind the Service.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { isObject, type JsonObject } from '../../src/core/json.ts';
import { documentsIn } from '../../src/offline/input/documents.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { makeNamespace, send } from './cluster.ts';

/** The API server dials endpoints, which may not be on loopback. */
export const hostAddress: string | undefined = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.internal === false && address.family === 'IPv4')?.address;

export interface Installable {
  /** Of the server's namespace, the Deployment's being `podgrace`, and of everything that belongs to the whole cluster. */
  readonly name: string;
  /** The namespace that the webhooks look at. */
  readonly judged: string;
  /** A folder for `--manifests`. */
  readonly manifests: string;
  readonly port: number;
}

const BASE = new URL('../../deploy/base/', import.meta.url);

/** Everything that a test installs with these is gone afterwards. */
export async function makeInstallable(t: Test, api: KubeApi, folder: string, preset: string): Promise<Installable> {
  const judged = await makeNamespace(t, api);
  const name = judged.replace('podgrace-test-', 'podgrace-of-');
  const port = await freePort();
  const objects = shippedObjects().map((object) => renamed(object, { name, judged, preset }));
  const manifests = join(folder, name);
  mkdirSync(manifests);
  writeManifests({ manifests }, [...objects, endpoints(name, port)]);
  t.teardown(async () => {
    for (const kind of ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'])
      await send(api, { method: 'DELETE', path: `/apis/admissionregistration.k8s.io/v1/${kind}/${name}` });
    for (const kind of ['clusterroles', 'clusterrolebindings'])
      await send(api, { method: 'DELETE', path: `/apis/rbac.authorization.k8s.io/v1/${kind}/${name}` });
    await send(api, { method: 'DELETE', path: `/api/v1/namespaces/${name}` });
  });
  return { name, judged, manifests, port };
}

/** Only the webhook configurations, applied, with a CA in them; nobody answers behind them. */
export async function installableConfigurations(t: Test, api: KubeApi, folder: string): Promise<Installable> {
  const installable = await makeInstallable(t, api, folder, 'production');
  const configurations = readManifests(installable).filter(({ kind }) => String(kind).endsWith('WebhookConfiguration'));
  writeManifests(installable, configurations);
  for (const configuration of configurations) {
    await api.request({
      method: 'PATCH',
      path: `/apis/admissionregistration.k8s.io/v1/${String(configuration['kind']).toLowerCase()}s/${installable.name}`,
      query: { fieldManager: 'kubectl' },
      patchType: 'application/apply-patch+yaml',
      body: configuration,
    });
  }
  return installable;
}

/** What is in the folder for `--manifests`. */
export function readManifests({ manifests }: Installable): JsonObject[] {
  return readFileSync(join(manifests, 'all.json'), 'utf8')
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
}

export function writeManifests({ manifests }: Pick<Installable, 'manifests'>, objects: readonly JsonObject[]): void {
  writeFileSync(join(manifests, 'all.json'), objects.map((object) => JSON.stringify(object)).join('\n'));
}

function shippedObjects(): JsonObject[] {
  return readdirSync(BASE)
    .filter((file) => /^\d.*\.yaml$/.test(file))
    .sort()
    .flatMap((file) => [...documentsIn(file, readFileSync(new URL(file, BASE), 'utf8'))])
    .map((document) => {
      if ('message' in document || !isObject(document.value)) throw new Error(`deploy/base/${document.file} cannot be read`);
      return document.value;
    });
}

function renamed(object: JsonObject, { name, judged, preset }: { name: string; judged: string; preset: string }): JsonObject {
  const text = JSON.stringify(object)
    .replaceAll('podgrace-system', name)
    .replaceAll('--webhook-configuration=podgrace', `--webhook-configuration=${name}`)
    .replace('preset: baseline', `preset: ${preset}`);
  const copy = JSON.parse(text) as {
    kind: string;
    metadata: { name: string };
    roleRef?: { name: string };
    spec?: JsonObject;
    webhooks?: object[];
  };
  if (/^Cluster|Configuration$/.test(copy.kind)) copy.metadata.name = name;
  if (copy.kind === 'ClusterRoleBinding' && copy.roleRef) copy.roleRef.name = name;
  if (copy.webhooks !== undefined)
    copy.webhooks = copy.webhooks.map((webhook) => ({
      ...webhook,
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': judged } },
    }));
  if (copy.kind === 'Service') delete (copy.spec as { selector?: unknown }).selector;
  return copy;
}

function endpoints(namespace: string, port: number): JsonObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'podgrace', namespace, labels: { 'kubernetes.io/service-name': 'podgrace', 'app.kubernetes.io/name': 'podgrace' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [hostAddress ?? ''], conditions: { ready: true } }],
    ports: [{ name: 'webhook', port, protocol: 'TCP' }],
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** The server of an installation: a real process, with the certificates of the installation's Secret. Gone with the test. */
export async function startServer(t: Test, { name, port }: Installable, policyFile: string, opsPort = 0): Promise<ChildProcess> {
  const args = [
    ...['src/bin/podgrace.ts', 'serve', '--host', '0.0.0.0', '--port', String(port), '--ops-port', String(opsPort), '--namespace', name],
    ...['--tls-secret', 'podgrace-certificates', '--webhook-configuration', name, '--policy', policyFile, '--drain-seconds', '0'],
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => stopServer(child));
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  child.stdout.resume();
  return child;
}

/** Asks it to stop, so that it gives up its Lease, and waits until it has. */
export async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGTERM');
  await once(server, 'exit');
}
