/** Eviction: what the taint manager and the kubelet do with the seconds and limits that podgrace sets. */
import type { JsonObject } from '../../src/core/json.ts';
import { connect, eventually, kubectl, makeNamespace } from './cluster.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { makeFakeNode, onFakeNodes } from './proof/fake-node.ts';
import { exitCodeOf, isEvictedByTaint, isReady, PodWatch } from './proof/pod-watch.ts';
import type { RealNode } from './proof/real-node.ts';
import { createPod, podSpecOn } from './proof/real-pod.ts';
import { realNodeScenario } from './proof/real-node-scenario.ts';
import { policyOf, scenario } from './proof/scenario.ts';
import { registerWebhook } from './registered-webhook.ts';

const STATELESS_SECONDS = 3;
const STATEFUL_SECONDS = 15;

scenario('a lost node gives up stateless Pods after their short toleration, and stateful ones not before theirs', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const node = await makeFakeNode(t, api, namespace);
  if (node === undefined) return;
  const range = (seconds: number): object => ({ seconds, min: seconds, max: 60 });
  // A StatefulSet without a claim is judged by a policy that names `withoutClaim`; on a made-up node no claim can be bound.
  const options = { stateless: range(STATELESS_SECONDS), stateful: range(STATEFUL_SECONDS), withoutClaim: range(STATEFUL_SECONDS) };
  const watch = PodWatch.start(t, namespace);
  // What is there before podgrace keeps the API server's 300 s.
  await apply(namespace, workload('Deployment', 'untouched', namespace));
  await eventually('the untouched Pod is ready', () => watch.names.length === 1 && isReady(lastOf(watch, watch.names[0] ?? '')));
  await registerWebhook(t, api, { namespace, policy: policyOf({ 'toleration-seconds': { mode: 'enforce', mutation: 'apply', options } }) });
  await apply(namespace, workload('Deployment', 'stateless', namespace));
  await apply(namespace, workload('StatefulSet', 'stateful', namespace));
  await eventually('all are ready', () => watch.names.length === 3 && watch.names.every((name) => isReady(lastOf(watch, name))));
  const podOf = (owner: string): string => watch.names.find((name) => name.startsWith(owner)) ?? '';
  const [untouched, stateless, stateful] = [podOf('untouched'), podOf('stateless'), podOf('stateful')];

  const lostMs = await node.becomeNotReady();
  const evictedAfter = async (name: string): Promise<number> => {
    const { atMs } = await watch.until(name, 'is evicted', ({ pod }) => isEvictedByTaint(pod));
    return (atMs - lostMs) / 1000;
  };
  const [statelessAfter, statefulAfter] = await Promise.all([evictedAfter(stateless), evictedAfter(stateful)]);
  t.comment(`node lost: the Pod of a Deployment (${STATELESS_SECONDS} s) evicted after ${statelessAfter.toFixed(1)} s`);
  t.comment(`node lost: the Pod of a StatefulSet (${STATEFUL_SECONDS} s) evicted after ${statefulAfter.toFixed(1)} s`);
  t.ok(statelessAfter >= STATELESS_SECONDS, 'stateless, not before its time');
  t.ok(statefulAfter >= STATEFUL_SECONDS, 'stateful, not before its time');
  t.ok(statelessAfter < statefulAfter, 'stateless, while the stateful one was still waiting for its node');
  t.notOk(isEvictedByTaint(lastOf(watch, untouched)), 'the one with 300 s is still there');
  t.same(
    [untouched, stateless, stateful].map((name) =>
      watch.of(name)[0]?.pod.spec.tolerations?.flatMap((each) => each.tolerationSeconds ?? []),
    ),
    [
      [300, 300],
      [STATELESS_SECONDS, STATELESS_SECONDS],
      [STATEFUL_SECONDS, STATEFUL_SECONDS],
    ],
  );
});

function workload(kind: 'Deployment' | 'StatefulSet', name: string, namespace: string): JsonObject {
  const labels = { app: name };
  const spec = { ...onFakeNodes(namespace), containers: [{ name: 'app', image: 'registry.example/app:1' }] };
  const shared = { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } };
  return { apiVersion: 'apps/v1', kind, metadata: { name }, spec: { ...shared, ...(kind === 'StatefulSet' && { serviceName: name }) } };
}

async function apply(namespace: string, object: JsonObject): Promise<void> {
  const { code, stderr } = await kubectl(['apply', '-n', namespace, '-f', '-'], object);
  if (code !== 0) throw new Error(stderr);
}

function lastOf(watch: PodWatch, name: string): Parameters<typeof isReady>[0] {
  const event = watch.of(name).at(-1);
  if (event === undefined) throw new Error(`nothing is known of Pod ${name}`);
  return event.pod;
}

const KILLED = 128 + 9;

/** The kubelet looks every 10 s at sizes that it measures once in one to two minutes (`volume_stat_calculator.go`). */
const EVICTION_LIMIT_MS = 240_000;

const COPY = 'cat /bin/busybox /bin/busybox /bin/busybox';
/** What a container exits with that could not write. */
const UNWRITTEN = 28;

/** Pods that write more than somebody allows them, or not: each with its medium and its limits. */
const WRITERS: Readonly<Record<string, { readonly emptyDir: JsonObject; readonly limits?: JsonObject; readonly file?: string }>> = {
  'memory-with-size-limit': { emptyDir: { medium: 'Memory', sizeLimit: '1Mi' }, limits: { memory: '64Mi' } },
  'memory-without': { emptyDir: { medium: 'Memory' }, limits: { memory: '8Mi' } },
  'disk-of-the-pod': { emptyDir: {}, limits: { 'ephemeral-storage': '1Mi' } },
  'disk-of-the-container': { emptyDir: {}, limits: { 'ephemeral-storage': '1Mi' }, file: '/file' },
  'disk-without': { emptyDir: {} },
};

async function createWriters(api: KubeApi, namespace: string, node: RealNode): Promise<void> {
  for (const [name, { emptyDir, limits, file = '/scratch/file' }] of Object.entries(WRITERS)) {
    const write = `for i in 1 2 3 4 5; do ${COPY} >>${file} || exit ${UNWRITTEN}; done 2>/dev/termination-log`;
    const container = {
      command: ['sh', '-c', `${write}; exec tail -f /dev/null`],
      volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
      ...(limits !== undefined && { resources: { limits } }),
    };
    const spec = { restartPolicy: 'Never', terminationGracePeriodSeconds: 2, volumes: [{ name: 'scratch', emptyDir }] };
    await createPod(api, namespace, node, { name, container, spec });
  }
}

realNodeScenario('an emptyDir over its limit evicts its Pod, as the message said, and one in memory is full', async (t, node) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const watch = PodWatch.start(t, namespace);
  const options = { defaults: { disk: '1Mi', memory: '1Mi' } };
  const webhook = await registerWebhook(t, api, { namespace, policy: policyOf({ 'empty-dir-size-limit': { mode: 'enforce', options } }) });
  const container = {
    // Works on for 20 s of its 30 s after SIGTERM, if it is let.
    command: ['sh', '-c', "trap 'sleep 20; exit 0' TERM; cat /bin/busybox /bin/busybox >/scratch/file; while true; do sleep 1; done"],
    volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
  };
  const volumes = [{ name: 'scratch', emptyDir: {} }];

  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'refused' }, spec: podSpecOn(node, container, { volumes }) };
  const refused = await kubectl(['create', '-n', namespace, '-f', '-'], pod);
  t.match(refused.stderr, 'the volume scratch may fill the disk of its node (empty-dir-size-limit)');
  t.match(refused.stderr, 'what exceeds it evicts the Pod with 1 to 2 s of grace');

  webhook.usePolicy(policyOf({ 'empty-dir-size-limit': { mode: 'enforce', mutation: 'apply', options } }));
  const stored = await createPod(api, namespace, node, { name: 'scratch', container, spec: { volumes } });
  t.match(stored, { spec: { volumes: [{ name: 'scratch', emptyDir: { sizeLimit: '1Mi' } }] } });
  const writing = await makeNamespace(t, api);
  const writers = PodWatch.start(t, writing);
  await createWriters(api, writing, node);
  const ready = await watch.ready('scratch');
  const evicted = await watch.until('scratch', 'is evicted', ({ pod }) => pod.status.reason === 'Evicted', EVICTION_LIMIT_MS);
  t.equal(evicted.pod.status.phase, 'Failed');
  t.equal(evicted.pod.status.message?.trim(), 'Usage of EmptyDir volume "scratch" exceeds the limit "1Mi".');
  const ended = await watch.until('scratch', 'has ended', ({ pod }) => exitCodeOf(pod) !== undefined);
  t.equal(exitCodeOf(ended.pod), KILLED, 'its grace period of 30 s does not count');
  t.comment(`2 MB in an emptyDir of 1 Mi: evicted ${((evicted.atMs - ready.atMs) / 1000).toFixed(1)} s after the Pod was ready`);

  const evictedWriter = async (name: string): Promise<string | undefined> => {
    const { pod } = await writers.until(name, 'is evicted', ({ pod }) => pod.status.reason === 'Evicted', EVICTION_LIMIT_MS);
    return pod.status.message?.trim();
  };
  t.equal(await evictedWriter('disk-of-the-pod'), 'Pod ephemeral local storage usage exceeds the total limit of containers 1Mi.');
  t.match(await evictedWriter('disk-of-the-container'), /exceed/, 'a file beside the volumes counts too');
  for (const name of ['memory-with-size-limit', 'memory-without']) {
    const { pod } = await writers.until(name, 'has ended', ({ pod }) => exitCodeOf(pod) !== undefined);
    const { exitCode, reason, message } = pod.status.containerStatuses?.[0]?.state.terminated ?? {};
    t.comment(`${name}: exit code ${exitCode}, ${reason}, ${message?.trim()}`);
    t.not(pod.status.reason, 'Evicted', `${name} is not evicted`);
    if (name === 'memory-with-size-limit') t.match({ exitCode, message }, { exitCode: UNWRITTEN, message: 'No space left on device' });
    else t.ok(exitCode === UNWRITTEN || exitCode === KILLED, 'the memory limit bounds the volume, or ends the container');
  }
  // The kubelet has looked at all of them by now.
  t.equal(lastOf(writers, 'disk-without').status.phase, 'Running', 'without any limit nobody is evicted');
});
