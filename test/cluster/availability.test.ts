/**
 * Availability: podgrace as it is shipped, under load through the API server, while everything happens to it that happens
 * in a month. A failed call is a create that the API server refused, or a Pod that was not repaired.
 */
import type { Test } from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { connect, eventually, kubectl, makeNamespace, send } from './cluster.ts';
import { deployPodgrace, rolledOut, type Deployment } from './deployed.ts';
import { imageTest, testImage } from './image/image.ts';
import { CreateLoad } from './proof/create-load.ts';
import { deployNaiveServer } from './proof/naive-server.ts';

const CLIENTS = 10;
/** Some hundred creates a second: enough to hit every gap, and some CPU left for what happens meanwhile. */
const PAUSE_MS = 20;
const LEAST_CALLS = 10_000;
const MOST_NAIVE_RESTARTS = 10;

/** Allowed, and given a preStop delay: what podgrace has not answered is seen. */
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: 'web-' },
  spec: {
    containers: [
      {
        name: 'web',
        image: 'registry.example/web:1',
        command: ['/app/web'],
        ports: [{ containerPort: 8080 }],
        resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } },
        readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
      },
    ],
  },
};
const REPAIR = '"preStop":{"sleep"';

imageTest('no call fails while replicas, certificates and the policy of podgrace change under load', async (t) => {
  const api = connect();
  const judged = await makeNamespace(t, api);
  const podgrace = await deployPodgrace(t, api, { judged, policy: { preset: 'production' } });
  let calls = 0;
  const underLoad = async (what: string, happens: () => Promise<void>): Promise<void> => {
    const load = await CreateLoad.start({ namespace: judged, clients: CLIENTS, pauseMs: PAUSE_MS, pod: POD, repair: REPAIR });
    await happens();
    await load.stop();
    calls += load.calls;
    t.same(Object.fromEntries(load.failed), {}, `${what}: no failed call`);
    t.comment(`${what}: ${load.calls} calls, ${load.failures} failed`);
  };

  await underLoad('a rolling restart', () => restart(api, podgrace.namespace, 'podgrace'));
  await underLoad('scaling 3 → 1 → 3', async () => {
    await scale(api, podgrace, 1);
    await scale(api, podgrace, 3);
  });
  await underLoad('the deletion of a replica', async () => {
    const [first] = await replicasOf(api, podgrace.namespace);
    await kubectl(['delete', 'pod', first ?? '', '-n', podgrace.namespace]);
    await rolledOut(podgrace.namespace);
  });
  await underLoad('a change of the policy', () => changePolicy(t, api, podgrace, judged));
  await underLoad('a renewal of CA and leaf', () => renewCertificates(api, podgrace));
  t.ok(calls >= LEAST_CALLS, `${calls} calls in all`);
  t.comment(`in all: ${calls} calls`);
});

imageTest('the same load loses calls when a naive Fastify server restarts', async (t) => {
  const api = connect();
  const judged = await makeNamespace(t, api);
  const { namespace } = await deployNaiveServer(t, api, testImage(), judged);
  const load = await CreateLoad.start({ namespace: judged, clients: CLIENTS, pauseMs: 0, pod: POD });
  let restarts = 0;
  // Whether a single restart hits a call is chance; that one does is not.
  for (; load.failures === 0 && restarts < MOST_NAIVE_RESTARTS; restarts++) await restart(api, namespace, 'naive');
  await load.stop();
  t.ok(load.failures > 0, `${load.failures} calls failed`);
  t.comment(
    `${restarts} rolling restart(s) of the naive server: ${load.calls} calls, ${load.failures} failed`,
    Object.fromEntries(load.failed),
  );
});

/** Until the last old replica is gone: it is at its end that calls are lost. */
async function restart(api: KubeApi, namespace: string, deployment: string): Promise<void> {
  const before = await replicasOf(api, namespace);
  const { code, stderr } = await kubectl(['rollout', 'restart', `deployment/${deployment}`, '-n', namespace]);
  if (code !== 0) throw new Error(stderr);
  await eventually(
    'only new replicas are left',
    async () => {
      const now = await replicasOf(api, namespace);
      return now.length === before.length && now.every((name) => !before.includes(name));
    },
    180_000,
  );
}

async function scale(api: KubeApi, { namespace }: Deployment, replicas: number): Promise<void> {
  const { code, stderr } = await kubectl(['scale', 'deployment/podgrace', `--replicas=${replicas}`, '-n', namespace]);
  if (code !== 0) throw new Error(stderr);
  await rolledOut(namespace);
  await eventually(`${replicas} replicas are there`, async () => (await replicasOf(api, namespace)).length === replicas, 120_000);
}

/** Those that end are among them. */
async function replicasOf(api: KubeApi, namespace: string): Promise<string[]> {
  const { body } = await api.request({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods` });
  return (body['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
}

/** Another policy under another name, until every replica denies by it. */
async function changePolicy(t: Test, api: KubeApi, { namespace }: Deployment, judged: string): Promise<void> {
  const policy = {
    apiVersion: 'podgrace.dev/v1alpha1',
    kind: 'LifecyclePolicy',
    metadata: { name: 'the-next-one' },
    spec: { preset: 'production', rules: { 'memory-limit': { mode: 'enforce' } } },
  };
  await api.request({
    method: 'PATCH',
    path: `/api/v1/namespaces/${namespace}/configmaps/podgrace-policy`,
    patchType: 'application/merge-patch+json',
    body: { data: { 'policy.yaml': JSON.stringify(policy) } },
  });
  // The kubelet looks at a Pod again when it changes; otherwise files follow their ConfigMap within a minute or two.
  await kubectl(['annotate', 'pods', '--all', `podgrace.dev/test=${Date.now()}`, '-n', namespace]);
  // Several in a row, because each may be answered by another replica.
  let inARow = 0;
  await eventually(
    'every replica denies by the new policy',
    async () => {
      const message = await denialOf(api, judged);
      inARow = message.includes('of policy the-next-one') ? inARow + 1 : 0;
      return inARow >= 30;
    },
    180_000,
  );
  t.match(await denialOf(api, judged), /memory-limit/);
}

async function denialOf(api: KubeApi, judged: string): Promise<string> {
  const body: JsonObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'bad' },
    spec: { containers: [{ name: 'bad', image: 'bad' }] },
  };
  const answer = await send(api, { method: 'POST', path: `/api/v1/namespaces/${judged}/pods`, query: { dryRun: 'All' }, body });
  return String(answer.body['message']);
}

/** Asked for as an operator does; over when the new CA has signed what is served. */
async function renewCertificates(api: KubeApi, { namespace }: Deployment): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/secrets/podgrace-certificates`;
  const certificates = async (): Promise<readonly unknown[]> => {
    const data = (await api.request({ method: 'GET', path })).body['data'] as Record<string, unknown>;
    return [data['ca.crt'], data['tls.crt']];
  };
  const before = await certificates();
  await kubectl(['annotate', 'secret/podgrace-certificates', 'podgrace.dev/renew=ca', '-n', namespace]);
  await eventually(
    'CA and leaf are new',
    async () => {
      const now = await certificates();
      return now.every((pem, index) => pem !== before[index]);
    },
    240_000,
  );
  // Every replica takes the new leaf within some seconds.
  await rolledOut(namespace);
}
