/** Kubeconfigs that are nearly right. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { isObject } from '../../src/core/json.ts';
import { kubectl } from './cluster.ts';

export interface KubeconfigChanges {
  readonly server?: string;
  /** Base64 of PEM. */
  readonly authority?: string;
  readonly token?: string;
}

/** The kubeconfig of the test cluster, or another one, with something of it changed. */
export async function kubeconfigWith(t: Test, { server, authority, token }: KubeconfigChanges, of?: string): Promise<string> {
  const { stdout } = await kubectl([
    'config',
    'view',
    '--raw',
    '--flatten',
    '-o',
    'json',
    ...(of === undefined ? [] : [`--kubeconfig=${of}`]),
  ]);
  const config = JSON.parse(stdout) as { clusters: { cluster: Record<string, unknown> }[]; users: { user: unknown }[] };
  const [cluster] = config.clusters;
  if (cluster === undefined || !isObject(cluster.cluster)) throw new Error('no cluster in the kubeconfig');
  if (server !== undefined) cluster.cluster['server'] = server;
  if (authority !== undefined) cluster.cluster['certificate-authority-data'] = authority;
  if (token !== undefined) for (const user of config.users) user.user = { token };
  const file = join(mkdtempSync(join(tmpdir(), 'podgrace-kubeconfig-')), 'config');
  t.teardown(() => {
    rmSync(file);
  });
  writeFileSync(file, JSON.stringify(config));
  return file;
}
