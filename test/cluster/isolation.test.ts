/** Isolation: podgrace is gone altogether while its configurations are in place. What runs goes on running, and it comes back. */
import type { JsonObject } from '../../src/core/json.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { connect, eventually, kubectl, makeNamespace } from './cluster.ts';
import { deployPodgrace, rolledOut, type Deployment } from './deployed.ts';
import { imageTest, testImage } from './image/image.ts';
import { restartNode } from './proof/node-restart.ts';

/** Accepted by the baseline policy, and run on the node that runs containers. */
function podSpec(image: string): JsonObject {
  return {
    terminationGracePeriodSeconds: 1,
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'type', operator: 'NotIn', values: ['kwok'] }] }],
        },
      },
    },
    containers: [
      {
        name: 'work',
        image,
        command: ['/nodejs/bin/node', '-e', 'process.on("SIGTERM", () => process.exit(143)); setInterval(() => {}, 1000)'],
        resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
      },
    ],
  };
}

function workload(kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job', name: string, image: string): JsonObject {
  const labels = { app: name };
  const spec = podSpec(image);
  if (kind === 'Job') {
    const template = { metadata: { labels }, spec: { ...spec, restartPolicy: 'Never' } };
    return { apiVersion: 'batch/v1', kind, metadata: { name }, spec: { template } };
  }
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
      ...(kind === 'StatefulSet' && { serviceName: name }),
    },
  };
}

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'] as const;

imageTest(
  'without a single replica, running workloads heal, people are refused with the way out, and all ends when it is back',
  async (t) => {
    const api = connect();
    const image = testImage();
    const judged = await makeNamespace(t, api);
    const podgrace = await deployPodgrace(t, api, { judged, replicas: 2 });
    for (const kind of KINDS) await create(judged, workload(kind, `old-${kind.toLowerCase()}`, image));
    for (const kind of KINDS) await runningPod(api, judged, kind);

    await shutDown(api, podgrace);
    for (const kind of KINDS) {
      const before = await runningPod(api, judged, kind);
      const startMs = performance.now();
      await kubectl(['delete', 'pod', before.name, '-n', judged]);
      const after = await runningPod(api, judged, kind, before.uid);
      t.not(after.uid, before.uid, `the deleted Pod of the ${kind} is replaced`);
      t.comment(`${kind}: replaced within ${((performance.now() - startMs) / 1000).toFixed(1)} s, its end included`);
    }

    const refused = await kubectl(['create', '-n', judged, '-f', '-'], workload('Deployment', 'new', image));
    t.equal(refused.code, 1, 'a person’s new Deployment is refused');
    t.match(refused.stderr, 'failed calling webhook "validate.runbook.podgrace.dev"', 'the name leads to the runbook');
    const label = await kubectl(['label', 'deployment/old-deployment', 'team=shop', '-n', judged]);
    t.equal(label.code, 0, `metadata can be changed: ${label.stderr}`);
    const scaled = await kubectl(['scale', 'deployment/old-deployment', '--replicas=2', '-n', judged]);
    t.equal(scaled.code, 0, `replicas can be changed: ${scaled.stderr}`);

    await kubectl(['scale', 'deployment/podgrace', '--replicas=2', '-n', podgrace.namespace]);
    await rolledOut(podgrace.namespace);
    await create(judged, workload('Deployment', 'new', image));
  },
);

imageTest('with all replicas gone and the node restarted, podgrace comes back by itself', async (t) => {
  const api = connect();
  const judged = await makeNamespace(t, api);
  const podgrace = await deployPodgrace(t, api, { judged, replicas: 2 });
  await kubectl(['delete', 'pods', '--all', '--force', '--grace-period=0', '-n', podgrace.namespace]);
  const restarted = await restartNode(api);
  if (restarted !== undefined) t.pass('a restart of the node', { skip: restarted });
  const startMs = performance.now();
  await rolledOut(podgrace.namespace);
  const { code, stderr } = await kubectl(['create', '-n', judged, '-f', '-'], workload('Deployment', 'new', testImage()));
  t.equal(code, 0, `what people submit is judged again, and created ${stderr}`);
  t.comment(`ready again ${((performance.now() - startMs) / 1000).toFixed(1)} s after the node was`);
});

/** No replica is left, and nobody answers behind the Service. */
async function shutDown(api: KubeApi, { namespace }: Deployment): Promise<void> {
  await kubectl(['scale', 'deployment/podgrace', '--replicas=0', '-n', namespace]);
  await kubectl(['delete', 'pods', '--all', '--force', '--grace-period=0', '-n', namespace]);
  await eventually('podgrace is gone', async () => (await podsOf(api, namespace, '')).length === 0);
}

async function create(namespace: string, object: JsonObject): Promise<void> {
  const { code, stderr } = await kubectl(['create', '-n', namespace, '-f', '-'], object);
  if (code !== 0) throw new Error(stderr);
}

interface LivePod {
  readonly name: string;
  readonly uid: string;
}

/** A Pod of the workload that runs, once there is one; of another uid than the one that was deleted. */
async function runningPod(api: KubeApi, namespace: string, kind: (typeof KINDS)[number], deletedUid?: string): Promise<LivePod> {
  let found: LivePod | undefined;
  await eventually(`a Pod of the ${kind} runs`, async () => {
    const pods = await podsOf(api, namespace, `app=old-${kind.toLowerCase()}`);
    const pod = pods.find(
      ({ metadata, status }) => metadata.uid !== deletedUid && metadata.deletionTimestamp === undefined && status.phase === 'Running',
    );
    found = pod?.metadata;
    return found !== undefined;
  });
  if (found === undefined) throw new Error('unreachable');
  return found;
}

interface ListedPod {
  readonly metadata: LivePod & { readonly deletionTimestamp?: string };
  readonly status: { readonly phase: string };
}

async function podsOf(api: KubeApi, namespace: string, labelSelector: string): Promise<ListedPod[]> {
  const { body } = await api.request({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods`, query: { labelSelector } });
  return body['items'] as ListedPod[];
}
