/**
 * What podgrace's certificates need in a cluster, made from the manifests that people apply: rights, Secret, Lease and webhook
 * configurations, under names of a test's own and limited to its namespace.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KubeConfig } from '@kubernetes/client-node';
import type { Test } from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { configurationPath, CONFIGURATION_KINDS, readPublishedBundles } from '../../src/kube/client/webhook-configurations.ts';
import { parseDocument, splitDocuments } from '../../src/yaml/kubernetes-yaml.ts';
import { makeNamespace, send } from './cluster.ts';

const BASE = fileURLToPath(new URL('../../deploy/base', import.meta.url));
export const SECRET = 'podgrace-certificates';

interface Manifest extends JsonObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export interface CertificateInstallation {
  readonly api: KubeApi;
  readonly namespace: string;
  /** Of both webhook configurations. */
  readonly name: string;
  readonly secretPath: string;
  readonly leasePath: string;
  readonly roleBindings: readonly Manifest[];
  /** The webhook configurations as a manifest, without a caBundle. */
  readonly configurations: readonly Manifest[];
  /** A kubeconfig with podgrace's own rights, and no others. */
  readonly kubeconfig: string;
}

/** @param url where the API server finds the webhooks; by Service, which nobody serves, where it is left out */
export async function installCertificates(t: Test, api: KubeApi, url?: string): Promise<CertificateInstallation> {
  const namespace = await makeNamespace(t, api);
  const manifests = readdirSync(BASE)
    .filter((file) => /^\d\d-.*\.yaml$/.test(file))
    .flatMap((file) => splitDocuments(readFileSync(join(BASE, file), 'utf8')))
    .map((document) => adapted(parseDocument(document) as Manifest, namespace, url));
  const ofKind = (...kinds: readonly string[]): Manifest[] => manifests.filter(({ kind }) => kinds.includes(kind));
  const configurations = ofKind(...CONFIGURATION_KINDS);
  for (const manifest of ofKind('ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding', 'Secret', 'Lease')) {
    await create(t, api, manifest);
  }
  for (const manifest of configurations) await applyAs(t, api, 'gitops', manifest);
  return {
    api,
    namespace,
    name: namespace,
    secretPath: `/api/v1/namespaces/${namespace}/secrets/${SECRET}`,
    leasePath: `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${SECRET}`,
    roleBindings: ofKind('RoleBinding', 'ClusterRoleBinding'),
    configurations,
    kubeconfig: await serviceAccountKubeconfig(t, api, namespace),
  };
}

async function create(t: Test, api: KubeApi, manifest: Manifest): Promise<void> {
  const path = collectionOf(manifest);
  await api.request({ method: 'POST', path, body: manifest });
  // What is in the namespace goes with it.
  if (manifest.metadata.namespace === undefined) {
    t.teardown(() => send(api, { method: 'DELETE', path: `${path}/${manifest.metadata.name}` }));
  }
}

/** As GitOps tools do, and `podgrace install`. */
async function applyAs(t: Test, api: KubeApi, fieldManager: string, manifest: Manifest): Promise<void> {
  const path = `${collectionOf(manifest)}/${manifest.metadata.name}`;
  await api.request({ method: 'PATCH', path, query: { fieldManager }, patchType: 'application/apply-patch+yaml', body: manifest });
  t.teardown(() => send(api, { method: 'DELETE', path }));
}

export function collectionOf({ apiVersion, kind, metadata: { namespace } }: Manifest): string {
  const version = String(apiVersion);
  const group = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
  return `${group}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${kind.toLowerCase()}s`;
}

/** The bundles that are published, each once. */
export async function bundlesOf({ api, name }: CertificateInstallation): Promise<string[]> {
  return [...new Set((await readPublishedBundles(api, name)).map(({ bundlePem }) => bundlePem))];
}

/** @param annotations of the Secret; null takes one away */
export async function annotate(
  { api, secretPath }: CertificateInstallation,
  annotations: Readonly<Record<string, string | null>>,
): Promise<void> {
  await api.request({ method: 'PATCH', path: secretPath, patchType: 'application/merge-patch+json', body: { metadata: { annotations } } });
}

/** What kubectl edit, or another tool, makes of the caBundle. */
export async function overwriteBundle(
  { api, name }: CertificateInstallation,
  kind: (typeof CONFIGURATION_KINDS)[number],
  pem: string,
): Promise<void> {
  await api.request({
    method: 'PATCH',
    path: configurationPath(kind, name),
    query: { fieldManager: 'somebody' },
    patchType: 'application/json-patch+json',
    body: [{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: Buffer.from(pem).toString('base64') }],
  });
}

function adapted(manifest: Manifest, namespace: string, url: string | undefined): Manifest {
  const renamed = JSON.parse(JSON.stringify(manifest).replaceAll('podgrace-system', namespace)) as Manifest;
  if (renamed.metadata.namespace !== undefined) return renamed;
  const text = JSON.stringify({ ...renamed, metadata: { ...renamed.metadata, name: namespace } })
    // The configurations in the ClusterRole, and that in its binding.
    .replace('"resourceNames":["podgrace"]', `"resourceNames":["${namespace}"]`)
    .replace('"kind":"ClusterRole","name":"podgrace"', `"kind":"ClusterRole","name":"${namespace}"`);
  const own = JSON.parse(text) as Manifest & { webhooks?: (JsonObject & { clientConfig: JsonObject })[] };
  if (own.webhooks === undefined) return own;
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  const phase = own.kind.startsWith('Mutating') ? 'mutate' : 'validate';
  const clientConfig = url === undefined ? {} : { clientConfig: { url: `${url}/${phase}` } };
  return { ...own, webhooks: own.webhooks.map((webhook) => ({ ...webhook, ...clientConfig, failurePolicy: 'Fail', namespaceSelector })) };
}

async function serviceAccountKubeconfig(t: Test, api: KubeApi, namespace: string): Promise<string> {
  const { body } = await api.request({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/podgrace/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  });
  const { token } = body['status'] as { token: string };
  const config = new KubeConfig();
  config.loadFromDefault();
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error('the kubeconfig names no cluster');
  config.loadFromClusterAndUser(cluster, { name: 'podgrace', token });
  const folder = mkdtempSync(join(tmpdir(), 'podgrace-kubeconfig-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, config.exportConfig());
  return file;
}
