/** Termination, by a real kubelet: what podgrace changes in a Pod changes how its processes end. */
import type { JsonObject } from '../../src/core/json.ts';
import { connect, eventually, kubectl, makeNamespace } from './cluster.ts';
import { createPod, podSpecOn } from './proof/real-pod.ts';
import { deletePod, PodWatch } from './proof/pod-watch.ts';
import type { RealNode } from './proof/real-node.ts';
import { realNodeScenario } from './proof/real-node-scenario.ts';
import { policyOf, skipped } from './proof/scenario.ts';
import { problemOf, ServiceLoad } from './proof/service-load.ts';
import { registerWebhook } from './registered-webhook.ts';

const KILLED = 128 + 9;
const TERMINATED = 128 + 15;

const CARRIERS = ['image-volume', 'init-container', 'share-process-namespace'] as const;

/** The shell waits for `sleep`, has no handler for SIGTERM, and is PID 1. */
const SHELL_ENTRYPOINT = { command: ['sh', '-c', 'while true; do cat /proc/uptime; sleep 1; done'] };

/** What the Pod Security Standard `restricted` asks of a Pod. */
const RESTRICTED_POD = { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } };
const RESTRICTED_CONTAINER = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

realNodeScenario(
  'a shell entrypoint is killed after its whole grace period, and ends at SIGTERM behind the injected init',
  async (t, node) => {
    const graceSeconds = 10;
    const api = connect();
    const namespace = await makeNamespace(t, api);
    const watch = PodWatch.start(t, namespace);
    const pod = { container: SHELL_ENTRYPOINT, spec: { terminationGracePeriodSeconds: graceSeconds } };
    await createPod(api, namespace, node, { name: 'without', ...pod });
    const webhook = await registerWebhook(t, api, { namespace, policy: policyOf({}), phases: ['mutate'] });
    for (const carrier of CARRIERS) {
      webhook.usePolicy(policyOf({ 'init-process': { mutation: 'apply', options: { carrier, image: node.carrier } } }));
      await createPod(api, namespace, node, { name: carrier, ...pod });
    }
    const endings = await Promise.all(
      ['without', ...CARRIERS].map(async (name) => {
        await watch.ready(name);
        return { name, ...(await deletePod(api, watch, namespace, name)) };
      }),
    );
    t.comment(`the injected init comes from ${node.carrier}`);
    for (const { name, seconds, exitCode } of endings) {
      t.comment(
        `sh -c, grace period ${graceSeconds} s, init process ${name}: gone after ${seconds.toFixed(1)} s, exit code ${exitCode ?? '?'}`,
      );
      t.equal(exitCode, name === 'without' ? KILLED : TERMINATED, name);
    }
  },
);

realNodeScenario('a Pod under Pod Security restricted starts and stops with the injected init', async (t, node) => {
  const api = connect();
  const namespace = await makeNamespace(t, api, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const watch = PodWatch.start(t, namespace);
  const webhook = await registerWebhook(t, api, { namespace, policy: policyOf({}), phases: ['mutate'] });
  for (const carrier of CARRIERS) {
    webhook.usePolicy(policyOf({ 'init-process': { mutation: 'apply', options: { carrier, image: node.carrier } } }));
    const container = { ...SHELL_ENTRYPOINT, securityContext: RESTRICTED_CONTAINER };
    await createPod(api, namespace, node, { name: carrier, container, spec: { securityContext: RESTRICTED_POD } });
  }
  await Promise.all(
    CARRIERS.map(async (name) => {
      await watch.ready(name);
      const { seconds, exitCode } = await deletePod(api, watch, namespace, name);
      t.equal(exitCode, TERMINATED, name);
      t.comment(`restricted, init process ${name}: started, gone after ${seconds.toFixed(1)} s`);
    }),
  );
});

realNodeScenario('a drain that is longer than the default grace period is cut off, and ends with the raised one', async (t, node) => {
  const drainSeconds = 33;
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const watch = PodWatch.start(t, namespace);
  const drain = `trap 'sleep ${drainSeconds}; exit 0' TERM; while true; do sleep 1; done`;
  const pod = { container: { command: ['sh', '-c', drain] }, annotations: { 'podgrace.dev/drain-seconds': String(drainSeconds) } };
  await createPod(api, namespace, node, { name: 'default', ...pod });
  await registerWebhook(t, api, { namespace, policy: policyOf({ 'shutdown-budget': { mutation: 'apply' } }) });
  const raised = await createPod(api, namespace, node, { name: 'raised', ...pod });
  const graceSeconds = (raised['spec'] as { terminationGracePeriodSeconds: number }).terminationGracePeriodSeconds;
  t.equal(graceSeconds, drainSeconds + 5, 'the drain and the margin');
  const [cut, whole] = await Promise.all(
    ['default', 'raised'].map(async (name) => {
      await watch.ready(name);
      return deletePod(api, watch, namespace, name);
    }),
  );
  t.equal(cut?.exitCode, KILLED, 'by default');
  t.equal(whole?.exitCode, 0, 'with the budget');
  t.comment(`a drain of ${drainSeconds} s: killed after ${cut?.seconds.toFixed(1) ?? '?'} s with the default of 30 s`);
  t.comment(`a drain of ${drainSeconds} s: done after ${whole?.seconds.toFixed(1) ?? '?'} s with ${graceSeconds} s`);
});

/** As many as a rolling update has to go through without a loss. */
const REQUESTS = 2_000;

realNodeScenario('a rolling update of a server that stops at SIGTERM loses requests without a delay, and none with it', async (t, node) => {
  const api = connect();
  const without = await makeNamespace(t, api);
  const delayed = await makeNamespace(t, api);
  const policy = policyOf({ 'pre-stop-delay': { mutation: 'apply' } });
  await registerWebhook(t, api, { namespace: delayed, policy });
  const unreachable = await startServer(node, without);
  if (unreachable !== undefined) {
    skipped(t, unreachable);
    return;
  }
  t.equal(await startServer(node, delayed), undefined);
  const loads = await Promise.all([without, delayed].map((namespace) => loadThroughRollout(namespace)));
  for (const [index, name] of ['without a delay', 'with the preStop delay of 10 s'].entries()) {
    const load = loads[index];
    const reasons = [...(load?.tally.lost ?? [])].map(([reason, count]) => `${count} ${reason}`).join(', ');
    t.comment(`rolling update ${name}: ${load?.lost ?? '?'} of ${load?.sent ?? '?'} requests lost${reasons === '' ? '' : ` (${reasons})`}`);
  }
  const [lossy, lossless] = loads;
  t.ok((lossy?.lost ?? 0) > 0, 'without, some are lost');
  t.ok((lossless?.sent ?? 0) >= REQUESTS, `with it, at least ${REQUESTS} are sent`);
  t.same([...(lossless?.tally.lost ?? [])], [], 'with it, none is lost');
});

/** @returns why the Service cannot be reached from here, where it cannot */
async function startServer(node: RealNode, namespace: string): Promise<string | undefined> {
  const labels = { app: 'web' };
  const container = {
    command: ['/init/podgrace/tini', '--', 'httpd', '-f', '-p', '8080', '-h', '/etc'],
    ports: [{ containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/passwd', port: 8080 }, periodSeconds: 1 },
    volumeMounts: [{ name: 'init', mountPath: '/init' }],
  };
  // httpd itself ignores SIGTERM as PID 1; behind tini it ends at once, as servers do that do not drain.
  const spec = podSpecOn(node, container, { volumes: [{ name: 'init', image: { reference: node.carrier, pullPolicy: 'Never' } }] });
  const template = { metadata: { labels }, spec };
  const strategy = { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  const objects: JsonObject[] = [
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { replicas: 2, selector: { matchLabels: labels }, strategy, template },
    },
  ];
  for (const object of objects) await succeed(['apply', '-n', namespace, '-f', '-'], object);
  await succeed(['rollout', 'status', 'deployment/web', '-n', namespace, '--timeout=300s']);
  const url = await urlOf(namespace);
  let problem: string | undefined;
  const reached = eventually('the Service answers', async () => (problem = await problemOf(url)) === undefined, 20_000);
  return reached.then(
    () => undefined,
    () => `the cluster IP of a Service cannot be reached from here: ${problem ?? ''}`,
  );
}

async function urlOf(namespace: string): Promise<string> {
  const service = await connect().find(`/api/v1/namespaces/${namespace}/services/web`);
  return `http://${(service?.['spec'] as { clusterIP: string }).clusterIP}/passwd`;
}

/** Requests from before the rollout until all old Pods are gone, and until there are enough of them. */
async function loadThroughRollout(namespace: string): Promise<ServiceLoad> {
  const api = connect();
  const names = async (): Promise<string[]> => {
    const { body } = await api.request({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods` });
    return (body['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
  };
  const load = new ServiceLoad(await urlOf(namespace), { clients: 6, pauseMs: 25 });
  try {
    const old = await names();
    await succeed(['rollout', 'restart', 'deployment/web', '-n', namespace]);
    await succeed(['rollout', 'status', 'deployment/web', '-n', namespace, '--timeout=300s']);
    await eventually('the old Pods are gone', async () => {
      const left = await names();
      return !old.some((name) => left.includes(name));
    });
    await eventually(`${REQUESTS} requests were sent`, () => load.sent >= REQUESTS, 300_000);
  } finally {
    await load.stop();
  }
  return load;
}

async function succeed(args: readonly string[], input?: JsonObject): Promise<void> {
  const { code, stderr } = await kubectl(args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
}
