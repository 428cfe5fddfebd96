/** The API server as a Pod with a service account finds it; on the other side a server with a certificate of that cluster. */
import { once } from 'node:events';
import { unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { KubeApi } from '../../../src/kube/client/api.ts';
import { connectInCluster } from '../../../src/kube/client/in-cluster.ts';
import { createAuthority } from '../../../src/pki/authority.ts';
import { authority, pair } from '../../server/serving.ts';

interface Cluster {
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  /** The Authorization header of each request. */
  readonly asked: (string | undefined)[];
}

async function startCluster(t: Test, caPem = authority.certPem): Promise<Cluster> {
  const asked: (string | undefined)[] = [];
  const server = createServer({ cert: pair.certPem, key: pair.keyPem }, (request, response) => {
    asked.push(request.headers.authorization);
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ path: request.url }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const folder = t.testdir({ token: 'first\n', 'ca.crt': caPem, namespace: 'podgrace-system\n' });
  return { env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) }, folder, asked };
}

async function connect(env: NodeJS.ProcessEnv, folder: string): Promise<KubeApi> {
  const api = await connectInCluster(env, folder);
  if (api === undefined) throw new Error('the cluster must be found');
  return api;
}

void t.test('a request carries the token of the service account, and the namespace is its own', async (t) => {
  const { env, folder, asked } = await startCluster(t);
  const api = await connect(env, folder);
  t.equal(api.namespace, 'podgrace-system');
  t.equal(api.server, `https://127.0.0.1:${env['KUBERNETES_SERVICE_PORT'] ?? ''}`);
  t.same(await api.find('/api/v1/pods'), { path: '/api/v1/pods' });
  t.same(asked, ['Bearer first']);
});

void t.test('a token that the kubelet has replaced is sent from then on', async (t) => {
  const { env, folder, asked } = await startCluster(t);
  const api = await connect(env, folder);
  await api.find('/a');
  writeFileSync(join(folder, 'token'), 'second');
  await api.find('/a');
  t.same(asked, ['Bearer first', 'Bearer second']);
});

void t.test('a server with a certificate of another authority is not believed', async (t) => {
  const other = await createAuthority({ commonName: 'other', validDays: 1, now: new Date() });
  const { env, folder, asked } = await startCluster(t, other.certPem);
  const api = await connect(env, folder);
  await t.rejects(api.find('/a'), { name: 'KubeUnreachableError', message: /does not verify/ });
  t.same(asked, []);
});

void t.test('a token that is gone is told of', async (t) => {
  const { env, folder } = await startCluster(t);
  const api = await connect(env, folder);
  unlinkSync(join(folder, 'token'));
  await t.rejects(api.find('/a'), { name: 'KubeUnreachableError', message: /^no credentials for https:\/\/127\.0\.0\.1:\d+: ENOENT/ });
});

void t.test('an IPv6 address stands in brackets', async (t) => {
  const folder = t.testdir({ token: 'x', 'ca.crt': authority.certPem, namespace: 'a' });
  const api = await connectInCluster({ KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }, folder);
  t.equal(api?.server, 'https://[fd00::1]');
});

void t.test('outside of a cluster, or without a service account, there is none', async (t) => {
  const { env, folder } = await startCluster(t);
  t.equal(await connectInCluster({}, folder), undefined);
  t.equal(await connectInCluster(env, join(folder, 'nothing')), undefined);
});
