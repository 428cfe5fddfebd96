/** Protocol: how kube-apiserver and podgrace talk to each other, as the API server sees it. */
import type { Test } from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { KubeAnswer, KubeApi } from '../../src/kube/client/api.ts';
import { connect, eventually, kubectl, makeNamespace, send } from './cluster.ts';
import { AuditLog } from './proof/audit-log.ts';
import { Middleman } from './proof/middleman.ts';
import { policyOf, scenario, skipped } from './proof/scenario.ts';
import { registerSidecarInjector } from './proof/sidecar-injector.ts';
import { registerServer, registerWebhook, RULES, serveOnLoopback, type LoopbackServer, type Registration } from './registered-webhook.ts';

const SERVING_CONTAINER = { name: 'web', image: 'registry.example/web:1', ports: [{ containerPort: 8080 }] };
const SIZED = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '100m', memory: '64Mi' } };

/** Nothing schedules it: what happens to it at the API server is all that matters. */
function podOf(metadata: JsonObject, ...containers: JsonObject[]): JsonObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { schedulerName: 'nobody', automountServiceAccountToken: false, containers } };
}

function create(api: KubeApi, namespace: string, pod: JsonObject, query: Record<string, string> = {}): Promise<KubeAnswer> {
  return send(api, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, query, body: pod });
}

/** podgrace registered with somebody in between who listens. */
async function listenIn(
  t: Test,
  api: KubeApi,
  policy: Policy,
  registration: Registration,
): Promise<{ server: LoopbackServer; middleman: Middleman }> {
  const server = await serveOnLoopback(t, policy);
  const middleman = await Middleman.start(t, server);
  await registerServer(t, api, server, { ...registration, port: middleman.port });
  middleman.exchanges.length = 0;
  return { server, middleman };
}

const REPAIRING = { 'pre-stop-delay': { mode: 'enforce', mutation: 'apply' } } as const;

scenario('each answer carries the uid of its question, and the API server takes no other', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const { middleman } = await listenIn(t, api, policyOf(REPAIRING), { namespace });
  t.equal((await create(api, namespace, podOf({ name: 'own' }, SERVING_CONTAINER))).code, 201);
  const uids = middleman.exchanges.map(({ question, answer }) => [question.uid, answer.uid]);
  t.equal(uids.length, 2, 'one call of each webhook');
  for (const [asked, answered] of uids) t.equal(answered, asked);
  t.equal(new Set(uids.map(([asked]) => asked)).size, 2, 'each call has a uid of its own');
  middleman.alter = (response) => ({ ...response, uid: 'f7a2c0de-0000-4000-8000-000000000000' });
  const refused = await create(api, namespace, podOf({ name: 'another' }, SERVING_CONTAINER));
  t.equal(refused.code, 500);
  t.match(refused.body['message'], /expected response\.uid/);
});

scenario('a dry run gets the patch of the real request, and leaves nothing behind', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const { middleman } = await listenIn(t, api, policyOf(REPAIRING), { namespace });
  const pod = podOf({ name: 'web' }, SERVING_CONTAINER);
  const list = async (): Promise<unknown> =>
    (await api.request({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods` })).body['items'];
  const dry = await create(api, namespace, pod, { dryRun: 'All' });
  t.same(await list(), [], 'no Pod');
  const real = await create(api, namespace, pod);
  t.same(dry.body['spec'], real.body['spec'], 'both have the same spec');
  const [dryCall, realCall] = middleman.with('/mutate');
  t.same([dryCall?.question.dryRun, realCall?.question.dryRun], [true, false]);
  t.ok(realCall?.answer.patch, 'there is a patch');
  t.equal(dryCall?.answer.patch, realCall?.answer.patch, 'byte by byte');
  t.same(
    middleman.with('/validate').map(({ answer }) => answer.patch),
    [undefined, undefined],
    'validation never patches',
  );
  const settled = podOf({ name: 'settled' }, { ...SERVING_CONTAINER, lifecycle: { preStop: { sleep: { seconds: 10 } } } });
  await create(api, namespace, settled);
  const { patch, patchType } = middleman.with('/mutate').at(-1)?.answer ?? {};
  t.same([patch, patchType], [undefined, undefined], 'where nothing is to be repaired, there is none');
});

scenario('a sidecar that another webhook adds between two calls is repaired by the second call', async (t) => {
  const api = connect();
  const policy = policyOf({
    ...REPAIRING,
    'minimum-qos-class': { mode: 'enforce', mutation: 'apply', options: { class: 'Guaranteed' } },
  });
  const sidecar = { name: 'proxy', image: 'registry.example/proxy:1', ports: [{ containerPort: 15001 }] };
  const guaranteed = podOf({ name: 'web' }, { ...SERVING_CONTAINER, resources: SIZED });

  const once = await makeNamespace(t, api);
  await registerSidecarInjector(t, api, once, sidecar);
  await listenIn(t, api, policy, { namespace: once, webhook: { reinvocationPolicy: 'Never' }, phases: ['mutate'] });
  const lowered = await create(api, once, guaranteed);
  t.equal((lowered.body['status'] as { qosClass: string }).qosClass, 'Burstable', 'called once, podgrace never sees the sidecar');

  const namespace = await makeNamespace(t, api);
  await registerSidecarInjector(t, api, namespace, sidecar);
  const { middleman } = await listenIn(t, api, policy, { namespace });
  const { code, body } = await create(api, namespace, guaranteed);
  t.equal(code, 201, JSON.stringify(body['message']));
  t.equal((body['status'] as { qosClass: string }).qosClass, 'Guaranteed');
  const { containers } = body['spec'] as { containers: { name: string; lifecycle?: unknown; resources: JsonObject }[] };
  for (const { name, lifecycle, resources } of containers) {
    t.same(lifecycle, { preStop: { sleep: { seconds: 10 } } }, `${name} delays SIGTERM`);
    t.same(resources['requests'], resources['limits'], `${name} requests what it may use`);
  }
  const calls = middleman.with('/mutate');
  t.equal(calls.length, 2, 'the second call is the last');
  t.same(
    calls.map(({ question }) => (question.object['spec'] as { containers: unknown[] }).containers.length),
    [1, 2],
    'the containers that each call saw',
  );
  t.comment('QoS class of a Guaranteed Pod after a mesh sidecar: Burstable with one call, Guaranteed with the second');
});

/** Kinds with a Pod template are served in one version since 1.25, so the conversion is shown on a kind of somebody's own. */
scenario('a request in another version of the kind reaches both webhooks, converted', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const group = `${namespace}.example.com`;
  for (const builtIn of ['apps', 'batch']) {
    const { body } = await api.request({ method: 'GET', path: `/apis/${builtIn}` });
    t.comment(`${builtIn}: ${(body['versions'] as { version: string }[]).map(({ version }) => version).join(', ')}`);
  }
  await defineRollouts(t, api, group);
  const workloadKinds = [{ group, kind: 'Rollout', class: 'service', templatePath: 'spec.template' }] as const;
  const policy = policyOf({ 'readiness-probe': { mode: 'enforce' } }, { workloadKinds });
  const rules = [...RULES, { apiGroups: [group], apiVersions: ['v1'], operations: ['CREATE'], resources: ['rollouts'] }];
  const { server, middleman } = await listenIn(t, api, policy, { namespace, webhook: { rules } });
  const rollout = {
    apiVersion: `${group}/v1beta1`,
    kind: 'Rollout',
    metadata: { name: 'web' },
    spec: { template: { metadata: {}, spec: { containers: [SERVING_CONTAINER] } } },
  };
  const path = `/apis/${group}/v1beta1/namespaces/${namespace}/rollouts`;
  const answer = await send(api, { method: 'POST', path, body: rollout });
  t.equal(answer.code, 403);
  t.match(answer.body['message'], /spec\.template\.spec\.containers\[0\]\.readinessProbe/);
  t.same(
    middleman.exchanges.map(({ path, question }) => [path, question.requestKind.version, question.kind.version]),
    [
      ['/mutate', 'v1beta1', 'v1'],
      ['/validate', 'v1beta1', 'v1'],
    ],
  );

  const exact = await makeNamespace(t, api);
  await registerServer(t, api, server, { namespace: exact, webhook: { rules, matchPolicy: 'Exact' } });
  const passed = await send(api, { method: 'POST', path: path.replace(namespace + '/rollouts', exact + '/rollouts'), body: rollout });
  t.equal(passed.code, 201, 'with matchPolicy Exact it would slip through');
});

/** A kind that is served in two versions. */
async function defineRollouts(t: Test, api: KubeApi, group: string): Promise<void> {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const versions = ['v1', 'v1beta1'].map((name) => ({ name, served: true, storage: name === 'v1', schema }));
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const metadata = { name: `rollouts.${group}` };
  const spec = { group, scope: 'Namespaced', names: { kind: 'Rollout', plural: 'rollouts' }, versions };
  await api.request({
    method: 'POST',
    path,
    body: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata, spec },
  });
  t.teardown(() => send(api, { method: 'DELETE', path: `${path}/${metadata.name}` }));
  // First there is no such path, then its storage is being made (429).
  await eventually(
    `${group} is served`,
    async () => (await send(api, { method: 'GET', path: `/apis/${group}/v1beta1/rollouts` })).code === 200,
  );
}

scenario('a Pod with generateName is repaired without a name, and denied by the one that it got', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const policy = policyOf({ ...REPAIRING, 'readiness-probe': { mode: 'enforce' } });
  const { middleman } = await listenIn(t, api, policy, { namespace });
  const denied = await create(api, namespace, podOf({ generateName: 'web-' }, SERVING_CONTAINER));
  t.equal(denied.code, 403);
  t.match(denied.body['message'], new RegExp(`Pod ${namespace}/web-[a-z0-9]{5} breaks a rule`));
  const [named] = /web-[a-z0-9]{5}/.exec(String(denied.body['message'])) ?? [];
  t.same(
    middleman.exchanges.map(({ path, question }) => [path, (question.object['metadata'] as JsonObject)['name']]),
    [
      ['/mutate', undefined],
      ['/validate', named],
    ],
    'what each call knows of the name',
  );
  const probed = { ...SERVING_CONTAINER, readinessProbe: { tcpSocket: { port: 8080 } } };
  const created = await create(api, namespace, podOf({ generateName: 'web-' }, probed));
  t.equal(created.code, 201);
  t.match((created.body['metadata'] as JsonObject)['name'], /^web-[a-z0-9]{5}$/);
});

/** etcd takes 1.5 MiB in one request, protobuf and keys included. */
const NEARLY_ETCD_LIMIT = 1_500_000;

scenario('reviews of Pods as large as etcd takes them are judged', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const { middleman } = await listenIn(t, api, policyOf(REPAIRING), { namespace });
  // In JSON, the API server writes `<` as `\u003c`: six bytes for one.
  for (const [name, text] of Object.entries({ plain: 'x'.repeat(NEARLY_ETCD_LIMIT), markup: '<'.repeat(NEARLY_ETCD_LIMIT / 3) })) {
    middleman.exchanges.length = 0;
    const created = await create(api, namespace, podOf({ name }, { ...SERVING_CONTAINER, env: [{ name: 'TEXT', value: text }] }));
    t.equal(created.code, 201, name);
    const labelled = await kubectl(['label', 'pod', name, 'tier=backend', '-n', namespace]);
    t.equal(labelled.code, 0, labelled.stderr);
    const sizes = middleman.exchanges.map(({ questionBytes }) => questionBytes);
    t.ok(Math.max(...sizes) > 2 * text.length, 'an update carries the object twice');
    t.comment(`a Pod with ${text.length} bytes of ${name} text: reviews of ${sizes.join(', ')} bytes`);
  }
});

scenario('an answer that comes too late is decided by failurePolicy', async (t) => {
  const api = connect();
  const policy = policyOf({ 'readiness-probe': { mode: 'enforce' } });
  const pod = podOf({ name: 'web' }, SERVING_CONTAINER);
  const timeoutSeconds = 1;
  await Promise.all(
    (['Fail', 'Ignore'] as const).map(async (failurePolicy) => {
      const namespace = await makeNamespace(t, api);
      const { middleman } = await listenIn(t, api, policy, {
        namespace,
        phases: ['validate'],
        webhook: { failurePolicy, timeoutSeconds },
      });
      const audit = AuditLog.open(t, namespace);
      t.equal((await create(api, namespace, pod)).code, 403, `${failurePolicy}: denied in time`);
      middleman.delayMs = 200;
      t.equal((await create(api, namespace, pod)).code, 403, `${failurePolicy}: denied a little later`);
      middleman.delayMs = 60_000;
      const startMs = Date.now();
      const { code, body } = await create(api, namespace, pod);
      t.comment(
        `no answer within ${timeoutSeconds} s, failurePolicy ${failurePolicy}: ${code} after ${((Date.now() - startMs) / 1000).toFixed(1)} s`,
      );
      if (failurePolicy === 'Fail') {
        t.equal(code, 500);
        t.match(body['message'], /failed calling webhook "validate\.podgrace\.dev": .*context deadline exceeded/);
        return;
      }
      t.equal(code, 201, JSON.stringify(body['message']));
      if (typeof audit === 'string') {
        skipped(t, audit);
        return;
      }
      const { annotations } = await audit.until('the Pod was created', ({ responseStatus }) => responseStatus?.code === 201);
      t.same(
        valuesUnder(annotations, 'failed-open.validating.webhook.admission.k8s.io/'),
        ['validate.podgrace.dev'],
        'the audit log tells that it was let through',
      );
    }),
  );
});

scenario('the audit log says what was repaired, warned of and denied', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const audit = AuditLog.open(t, namespace);
  if (typeof audit === 'string') {
    skipped(t, audit);
    return;
  }
  const policy = policyOf({
    ...REPAIRING,
    'readiness-probe': { mode: 'enforce' },
    'memory-limit': { mode: 'warn' },
    'empty-dir-size-limit': { mode: 'audit', mutation: 'would' },
  });
  await registerWebhook(t, api, { namespace, policy });
  const pod = podOf({ name: 'web' }, { ...SERVING_CONTAINER, volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] });
  const volumes = [{ name: 'scratch', emptyDir: {} }];
  t.equal((await create(api, namespace, { ...pod, spec: { ...(pod['spec'] as object), volumes } })).code, 403);
  const { annotations = {} } = await audit.until('the Pod was denied', ({ responseStatus, annotations }) => {
    return responseStatus?.code === 403 && annotations?.['validate.podgrace.dev/policy'] === 'proof';
  });
  const ours = Object.entries(annotations).filter(([key]) => key.includes('podgrace.dev/'));
  t.same(Object.fromEntries(ours), {
    'mutate.podgrace.dev/mutated-by': 'pre-stop-delay',
    'mutate.podgrace.dev/would-mutate-by': 'empty-dir-size-limit',
    'mutate.podgrace.dev/would-patch': '[{"op":"add","path":"/spec/volumes/0/emptyDir/sizeLimit","value":"10Gi"}]',
    'validate.podgrace.dev/policy': 'proof',
    'validate.podgrace.dev/enforce': 'readiness-probe spec.containers[0].readinessProbe',
    'validate.podgrace.dev/warn': 'memory-limit spec.containers[0].resources.limits.memory',
    'validate.podgrace.dev/audit': 'empty-dir-size-limit spec.volumes[0].emptyDir.sizeLimit',
  });
  const patches = valuesUnder(annotations, 'patch.webhook.admission.k8s.io/').map((text) => JSON.parse(text) as unknown);
  t.match(patches, [{ webhook: 'mutate.podgrace.dev', patchType: 'JSONPatch' }], 'the API server adds the patch itself');
});

/** The API server's own keys end in the round and in the place of the webhook among all of the cluster's. */
function valuesUnder(annotations: Readonly<Record<string, string>> = {}, prefix: string): string[] {
  return Object.entries(annotations).flatMap(([key, value]) => (key.startsWith(prefix) ? [value] : []));
}

scenario('kubectl prints every warning, and of too many the first and how many more', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  await registerWebhook(t, api, { namespace, policy: policyOf({ 'memory-limit': { mode: 'warn' } }) });
  const warningsFor = async (name: string, containers: number): Promise<string[]> => {
    const many = Array.from({ length: containers }, (_, index) => ({ name: `c${index}`, image: 'registry.example/web:1' }));
    const { code, stderr } = await kubectl(['create', '-n', namespace, '-f', '-'], podOf({ name }, ...many));
    t.equal(code, 0, 'warnings do not deny');
    return stderr.trimEnd().split('\n');
  };
  const two = await warningsFor('two', 2);
  t.equal(two.length, 2);
  for (const [index, line] of two.entries())
    t.equal(
      line,
      `Warning: spec.containers[${index}].resources.limits.memory: must be set and above 0, or the container may use all memory of its node (memory-limit)`,
    );
  const forty = await warningsFor('forty', 40);
  t.equal(forty.length, 16);
  t.equal(forty.at(-1), 'Warning: 25 more warnings of podgrace are in the audit log');
  t.comment(`40 warnings: ${forty.length - 1} printed, then "${forty.at(-1) ?? ''}"`);
});
