/** The shipped manifests before a real API server, and the shipped image on a real node. */
import type { Test } from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { RENDERINGS, type Manifest } from '../deploy/rendered.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace, send } from './cluster.ts';
import { deployPodgrace, REAL_NODES } from './deployed.ts';
import { imageTest, testImage } from './image/image.ts';

const MIB = 1024 * 1024;

/** Kinds of others, whose definitions need not be there. */
const CUSTOM_KINDS = ['Issuer', 'Certificate', 'ServiceMonitor'];

for (const { name, skip, render } of RENDERINGS) {
  clusterTest(`the API server accepts ${name}, without a warning`, async (t) => {
    if (skip !== false) {
      t.pass('the manifests', { skip });
      return;
    }
    const api = connect();
    const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/warn': 'restricted' };
    const namespace = await makeNamespace(t, api, restricted);
    const manifests = JSON.parse(JSON.stringify(render()).replaceAll('podgrace-system', namespace)) as Manifest[];
    for (const manifest of manifests.filter(({ kind }) => !CUSTOM_KINDS.includes(kind))) {
      const { code, stdout, stderr } = await kubectl(
        ['apply', '--server-side', '--dry-run=server', '--validate=strict', '--field-manager=test', '--force-conflicts', '-f', '-'],
        manifest,
      );
      t.same([code, stderr], [0, ''], `${manifest.kind}: ${stdout}`);
    }
  });
}

interface PodStatus {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly conditions: readonly { readonly type: string; readonly lastTransitionTime: string }[];
    readonly startTime: string;
  };
}

async function podsOf(api: KubeApi, namespace: string): Promise<PodStatus[]> {
  const { body } = await api.request({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods` });
  return body['items'] as PodStatus[];
}

async function metric(api: KubeApi, namespace: string, pod: string, name: string): Promise<number> {
  const { body } = await send(api, { method: 'GET', path: `/api/v1/namespaces/${namespace}/pods/http:${pod}:8081/proxy/metrics` });
  const line = String(body['message'])
    .split('\n')
    .find((text) => text.startsWith(`${name} `));
  return Number(line?.split(' ')[1]);
}

imageTest('the shipped image comes up with the shipped manifests, answers, and ends in time', async (t) => {
  const api = connect();
  const judged = await makeNamespace(t, api);
  const { namespace } = await deployPodgrace(t, api, { judged, policy: { preset: 'production' } });
  const pods = await podsOf(api, namespace);
  t.equal(pods.length, 3);
  for (const { status } of pods) t.comment(`ready ${secondsUntilReady(status)} s after the Pod was taken on by its node`);

  await answersFor(t, api, judged);

  const [first] = pods;
  const residentBytes = await metric(api, namespace, first?.metadata.name ?? '', 'process_resident_memory_bytes');
  t.comment(`resident ${Math.round(residentBytes / MIB)} MiB of 512`);
  t.ok(residentBytes * 1.5 < 512 * MIB, 'a third of the limit is left');

  await endsInTime(t, api, namespace);
});

function secondsUntilReady({ conditions, startTime }: PodStatus['status']): number {
  const ready = conditions.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '';
  return (Date.parse(ready) - Date.parse(startTime)) / 1000;
}

async function answersFor(t: Test, api: KubeApi, namespace: string): Promise<void> {
  const pod: JsonObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'web', image: 'web' }] },
  };
  const { code, body } = await send(api, {
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/pods`,
    query: { dryRun: 'All' },
    body: pod,
  });
  t.equal(code, 403);
  t.match(body['message'], /^admission webhook "validate\.runbook\.podgrace\.dev" denied the request/);
}

interface Terminated {
  readonly exitCode: number;
  readonly finishedAt: string;
}

/** The kubelet sends SIGTERM after the preStop delay, podgrace drains and exits with 0: no replica waits for SIGKILL. */
async function endsInTime(t: Test, api: KubeApi, namespace: string): Promise<void> {
  const name = (await podsOf(api, namespace))[0]?.metadata.name ?? '';
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  // A finalizer keeps the Pod there to be looked at.
  await kubectl(['patch', `pod/${name}`, '-n', namespace, '--type=merge', '-p', '{"metadata":{"finalizers":["podgrace.dev/test"]}}']);
  await kubectl(['delete', `pod/${name}`, '-n', namespace, '--wait=false']);
  const deletedAtMs = Date.now();
  const terminated = async (): Promise<Terminated | undefined> => {
    const status = (await api.find(path))?.['status'] as { containerStatuses?: { state: { terminated?: Terminated } }[] } | undefined;
    return status?.containerStatuses?.[0]?.state.terminated;
  };
  await eventually('the container has ended', async () => (await terminated()) !== undefined, 90_000);
  const ended = await terminated();
  await kubectl(['patch', `pod/${name}`, '-n', namespace, '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
  t.comment(`ended ${Math.round((Date.parse(ended?.finishedAt ?? '') - deletedAtMs) / 1000)} s after its deletion`);
  t.equal(ended?.exitCode, 0);
}

imageTest('the image is small, and its static tini and busybox run', async (t) => {
  const api = connect();
  const image = testImage();
  const { body } = await api.request({ method: 'GET', path: '/api/v1/nodes' });
  const known = (body['items'] as { status: { images?: { names?: string[]; sizeBytes: number }[] } }[]).flatMap(
    ({ status }) => status.images ?? [],
  );
  const sizeBytes = known.find(({ names }) => names?.some((name) => name.endsWith(image)))?.sizeBytes;
  if (sizeBytes !== undefined) {
    t.comment(`${Math.round(sizeBytes / 1e6)} MB as it is pulled`);
    t.ok(sizeBytes < 200e6);
  }
  const namespace = await makeNamespace(t, api, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const path = `/api/v1/namespaces/${namespace}/pods`;
  await api.request({ method: 'POST', path, body: carrier(image) });
  const hasSucceeded = async (): Promise<boolean> =>
    ((await api.find(`${path}/carrier`))?.['status'] as { phase?: string } | undefined)?.phase === 'Succeeded';
  await eventually('the Pod has ended', hasSucceeded);
  const { stdout } = await kubectl(['logs', 'carrier', '-n', namespace]);
  t.equal(stdout, 'run by tini, which is PID 1\n');
});

const RESTRICTED = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };

function carrier(image: string): JsonObject {
  const command = ['/podgrace/tini', '--', '/podgrace/busybox', 'sh', '-c'];
  const script = 'read -r name </proc/1/comm; echo "run by $name, which is PID 1"';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'carrier' },
    spec: {
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      affinity: REAL_NODES,
      containers: [{ name: 'carrier', image, imagePullPolicy: 'IfNotPresent', command: [...command, script], securityContext: RESTRICTED }],
    },
  };
}
