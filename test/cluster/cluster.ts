/**
 * The cluster that KUBECONFIG names, for tests against a real API server. Without one, every test here is skipped, loudly.
 *
 * KUBEBUILDER_ASSETS is a folder with kubectl, as envtest has it.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type KubeApi, KubeStatusError, type KubeAnswer } from '../../src/kube/client/api.ts';
import { connectByKubeconfig } from '../../src/kube/client/kubeconfig.ts';

const { KUBECONFIG, KUBEBUILDER_ASSETS } = process.env;

/** Why there is no cluster to test against; undefined where there is. */
export const noCluster: string | undefined =
  KUBECONFIG === undefined || KUBEBUILDER_ASSETS === undefined
    ? 'no cluster: set KUBECONFIG, and KUBEBUILDER_ASSETS to a folder with kubectl'
    : existsSync(join(KUBEBUILDER_ASSETS, 'kubectl'))
      ? undefined
      : `no kubectl in KUBEBUILDER_ASSETS (${KUBEBUILDER_ASSETS})`;

/** A test that needs the cluster. */
export function clusterTest(name: string, body: (t: Test) => Promise<void>): void {
  if (noCluster === undefined) void t.test(name, body);
  else void t.test(name, { skip: noCluster }, () => undefined);
}

export function connect(): KubeApi {
  return connectByKubeconfig({ kubeconfig: KUBECONFIG });
}

/** The Kubernetes version by which the server behaves: `1.36`; with the flag `--emulated-version`, the one that it emulates. */
export async function serverVersion(api: KubeApi): Promise<string> {
  const { body } = await api.request({ method: 'GET', path: '/version' });
  const { major, minor, emulationMajor = major, emulationMinor = minor } = body as Record<string, string | undefined>;
  const [version] = /^1\.\d+/.exec(`${emulationMajor}.${emulationMinor}`) ?? [];
  if (version === undefined) throw new Error(`no Kubernetes version: ${JSON.stringify(body)}`);
  return version;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** kubectl, with what it printed; does not throw for a code other than 0, which may be what is tested. */
export function kubectl(args: readonly string[], input?: unknown): Promise<Ran> {
  return run(join(KUBEBUILDER_ASSETS ?? '', 'kubectl'), args, input === undefined ? undefined : JSON.stringify(input));
}

export function run(program: string, args: readonly string[], input?: string, env: NodeJS.ProcessEnv = process.env): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code: code ?? -1, stdout, stderr });
    });
    child.stdin.end(input);
  });
}

/** The answer whatever its code is: refusals are what many tests are about. */
export async function send(api: KubeApi, request: Parameters<KubeApi['request']>[0]): Promise<KubeAnswer> {
  try {
    return await api.request(request);
  } catch (error) {
    if (error instanceof KubeStatusError) return { code: error.code, body: error.status, warnings: error.warnings };
    throw error;
  }
}

/** A namespace of its own for a test, gone afterwards. Ready once its service account is there, without which Pods are refused. */
export async function makeNamespace(t: Test, api: KubeApi, labels: Readonly<Record<string, string>> = {}): Promise<string> {
  const metadata = { generateName: 'podgrace-test-', labels };
  const { body } = await api.request({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata },
  });
  const { name } = body['metadata'] as { name: string };
  t.teardown(() => send(api, { method: 'DELETE', path: `/api/v1/namespaces/${name}` }));
  await eventually(
    `service account of ${name}`,
    async () => (await api.find(`/api/v1/namespaces/${name}/serviceaccounts/default`)) !== undefined,
  );
  return name;
}

/** Waits for something that takes its time in a cluster; how long is not what is tested. */
export async function eventually(what: string, holds: () => Promise<boolean> | boolean, limitMs = 60_000): Promise<void> {
  const deadlineMs = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`did not come about within ${limitMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
