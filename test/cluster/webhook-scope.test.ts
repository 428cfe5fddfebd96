/** What the API server sends to podgrace, and to which of its webhooks: the shipped rules, selectors and conditions, live. */
import { type Test } from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import { isSentByWorkloadController } from '../../src/admission/senders.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { catalogue } from '../../src/config/catalogue.ts';
import { Policy, POLICY_API_VERSION, POLICY_KIND } from '../../src/core/policy.ts';
import { only, readBase } from '../deploy/rendered.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace, send } from './cluster.ts';
import { registerWebhook } from './registered-webhook.ts';
import { recordWebhookCalls, type RecordingWebhook } from './recording-webhook.ts';

const SUBMITTED = 'validate.runbook.podgrace.dev';
const OWNED = 'validate-owned.runbook.podgrace.dev';
const MUTATE = 'mutate.runbook.podgrace.dev';

const CONTROLLERS = ['replicaset', 'statefulset', 'daemon-set', 'job', 'replication', 'deployment', 'cronjob'].map(
  (name) => `system:serviceaccount:kube-system:${name}-controller`,
);

/** Registers the shipped webhooks, for a namespace of the test and those that they must leave alone. */
async function registerShipped(t: Test, api: KubeApi, namespace: string): Promise<RecordingWebhook> {
  const recording = await recordWebhookCalls(t);
  for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']) {
    const shipped = only(readBase(), kind);
    const webhooks = (shipped['webhooks'] as { name: string; namespaceSelector: { matchExpressions: object[] } }[]).map((webhook) => ({
      ...webhook,
      clientConfig: recording.clientConfig(webhook.name),
      // A request that a condition fails on must be seen to fail.
      failurePolicy: 'Fail',
      namespaceSelector: {
        matchExpressions: [
          ...webhook.namespaceSelector.matchExpressions,
          { key: 'kubernetes.io/metadata.name', operator: 'In', values: [namespace, 'kube-system', 'kube-node-lease', 'podgrace-system'] },
        ],
      },
    }));
    const path = `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s`;
    const name = `scope-${namespace}`;
    t.teardown(() => send(api, { method: 'DELETE', path: `${path}/${name}` }));
    await api.request({ method: 'POST', path, body: { apiVersion: shipped.apiVersion, kind, metadata: { name }, webhooks } });
  }
  await eventually('the API server calls both webhooks', async () => {
    recording.calls.length = 0;
    await send(api, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, query: { dryRun: 'All' }, body: pod('probe') });
    return recording.calls.length === 2;
  });
  return recording;
}

const CONTAINERS = [{ name: 'web', image: 'registry.example/web:1', resources: { requests: { cpu: '10m' } } }];

function pod(name: string, metadata: object = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata }, spec: { schedulerName: 'nobody', containers: CONTAINERS } };
}

const TEMPLATE = { metadata: { labels: { app: 'web' } }, spec: { schedulerName: 'nobody', containers: CONTAINERS } };
const SELECTOR = { matchLabels: { app: 'web' } };
const JOB_SPEC = { suspend: true, template: { ...TEMPLATE, spec: { ...TEMPLATE.spec, restartPolicy: 'Never' } } };

function workload(kind: string, name: string): JsonObject {
  const metadata = { name };
  switch (kind) {
    case 'PodTemplate':
      return { apiVersion: 'v1', kind, metadata, template: TEMPLATE };
    case 'ReplicationController':
      return { apiVersion: 'v1', kind, metadata, spec: { replicas: 0, selector: SELECTOR.matchLabels, template: TEMPLATE } };
    case 'DaemonSet':
      return {
        apiVersion: 'apps/v1',
        kind,
        metadata,
        spec: { selector: SELECTOR, template: { ...TEMPLATE, spec: { ...TEMPLATE.spec, nodeSelector: { no: 'node' } } } },
      };
    case 'StatefulSet':
      return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas: 0, serviceName: 'web', selector: SELECTOR, template: TEMPLATE } };
    case 'Job':
      return { apiVersion: 'batch/v1', kind, metadata, spec: JOB_SPEC };
    case 'CronJob':
      return { apiVersion: 'batch/v1', kind, metadata, spec: { suspend: true, schedule: '0 0 1 1 *', jobTemplate: { spec: JOB_SPEC } } };
    default:
      return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas: 0, selector: SELECTOR, template: TEMPLATE } };
  }
}

/** Who this kubeconfig is to the API server. */
async function whoAmI(api: KubeApi): Promise<string> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const { body } = await api.request({ method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body: review });
  return (body['status'] as { userInfo: { username: string } }).userInfo.username;
}

/** What kubectl's answer made the API server call, by the sender; the real controllers are at work besides. */
async function calledBy({ calls }: RecordingWebhook, username: string, args: readonly string[], input?: JsonObject): Promise<string[]> {
  calls.length = 0;
  // With the group, whoever it is may do it: what is asked is who is called about it.
  const as = !username.startsWith('system:') ? [] : [`--as=${username}`, '--as-group=system:masters'];
  const { code, stderr } = await kubectl([...args, ...as], input);
  if (code !== 0) throw new Error(`${username}: kubectl ${args.join(' ')}: ${stderr}`);
  // An update that meets one of a controller is tried again, and asks again.
  return [...new Set(calls.filter(({ request }) => request.origin.username === username).map(({ webhook }) => webhook))];
}

clusterTest(
  'what people and tools create goes to the webhook that fails closed, what controllers create to the one that fails open',
  async (t) => {
    const api = connect();
    const namespace = await makeNamespace(t, api);
    const recording = await registerShipped(t, api, namespace);
    const admin = await whoAmI(api);
    const create = (username: string, object: JsonObject, inNamespace = namespace): Promise<string[]> =>
      calledBy(recording, username, ['create', '--dry-run=server', '-n', inNamespace, '-f', '-'], object);

    t.same(await create(admin, pod('web')), [MUTATE, SUBMITTED]);
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'd9607e19-f88f-11e6-a518-42010a800195', controller: true };
    t.same(await create(admin, pod('forged', { ownerReferences: [owner] })), [MUTATE, SUBMITTED], 'an ownerReference proves nothing');
    t.same(await create('system:serviceaccount:kube-system:default', pod('web')), [MUTATE, SUBMITTED], 'no built-in controller');
    for (const kind of ['PodTemplate', 'ReplicationController', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']) {
      t.same(await create(admin, workload(kind, 'web')), [SUBMITTED], kind);
    }
    for (const controller of [...CONTROLLERS, 'system:kube-controller-manager']) {
      t.same(await create(controller, pod('web')), [MUTATE, OWNED], controller);
      t.ok(isSentByWorkloadController(controller, 'Pod'), 'and podgrace sees it the same way');
    }
    t.same(await create('system:serviceaccount:kube-system:deployment-controller', workload('ReplicaSet', 'web')), [OWNED]);
    t.same(await create('system:serviceaccount:kube-system:cronjob-controller', workload('Job', 'web')), [OWNED]);
    t.same(
      await create('system:serviceaccount:kube-system:cronjob-controller', workload('Deployment', 'web')),
      [SUBMITTED],
      'none of its business',
    );

    const mirrorPod = pod('static', { annotations: { 'kubernetes.io/config.mirror': 'hash' } });
    const mirror = { ...mirrorPod, spec: { ...(mirrorPod['spec'] as object), nodeName: 'node-1' } };
    t.same(await create(admin, mirror), [MUTATE, SUBMITTED], 'anybody can write an annotation');
    t.same(await create('system:node:node-1', pod('static')), [MUTATE, SUBMITTED], 'no mirror Pod');
    t.same(await create('system:node:node-1', mirror), [], 'a mirror Pod');
    t.same(await create(admin, pod('web'), 'kube-system'), [], 'kube-system');
  },
);

clusterTest('updates are sent when they change what rules read, and spared otherwise', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const objects = [
    pod('web'),
    ...['PodTemplate', 'ReplicationController', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'].map((kind) =>
      workload(kind, 'web'),
    ),
  ];
  for (const object of objects) t.equal((await kubectl(['create', '-n', namespace, '-f', '-'], object)).code, 0);
  const replicaSet = await newReplicaSet(api, namespace);
  const recording = await registerShipped(t, api, namespace);
  const admin = await whoAmI(api);
  const patch = (resource: string, change: object, username = admin, ...args: string[]): Promise<string[]> =>
    calledBy(recording, username, ['patch', resource, '-n', namespace, '--type=merge', '-p', JSON.stringify(change), ...args]);

  for (const resource of ['pod', 'podtemplate', 'replicationcontroller', 'deployment', 'statefulset', 'daemonset', 'job', 'cronjob']) {
    t.same(
      await patch(`${resource}/web`, { metadata: { labels: { tier: 'a' }, finalizers: ['podgrace.dev/test'] } }),
      [],
      `${resource}: metadata`,
    );
    t.same(await patch(`${resource}/web`, { metadata: { finalizers: null } }), [], `${resource}: finalizers`);
  }
  for (const resource of ['replicationcontroller', 'deployment', 'statefulset']) {
    t.same(await patch(`${resource}/web`, { spec: { minReadySeconds: 1 } }), [], `${resource}: rollout`);
  }
  t.same(await calledBy(recording, admin, ['scale', 'deployment/web', '-n', namespace, '--replicas=0']), [], 'scale');
  t.same(await patch('cronjob/web', { spec: { schedule: '0 0 2 1 *' } }), [], 'a schedule');
  t.same(
    await patch(replicaSet, { spec: { minReadySeconds: 2 } }, 'system:serviceaccount:kube-system:deployment-controller'),
    [],
    'what the deployment-controller does to a ReplicaSet when it scales',
  );

  for (const [resource, status] of [
    ['deployment/web', { observedGeneration: 1 }],
    ['pod/web', { message: 'a' }],
  ] as const) {
    t.same(await patch(resource, { status }, admin, '--subresource=status'), [], `${resource}: status`);
  }
  t.same(await patch('deployment/web', annotated({ 'kubectl.kubernetes.io/restartedAt': '2027-01-01T00:00:00Z' })), [], 'a restart');

  // Everything else that rules read (`meta.reads`): an annotation of the Pod, and the fields of a Deployment.
  const DRAIN = { 'podgrace.dev/drain-seconds': '9000' };
  t.same(await patch('pod/web', { metadata: { annotations: DRAIN } }), [SUBMITTED], 'the annotation of a Pod');
  t.same(await patch('podtemplate/web', annotated(DRAIN).spec), [SUBMITTED], 'the annotation of a PodTemplate');
  for (const resource of ['replicationcontroller/web', 'deployment/web', 'statefulset/web', 'daemonset/web'])
    t.same(await patch(resource, annotated(DRAIN)), [SUBMITTED], `${resource}: the annotation of the template`);
  t.same(await patch('cronjob/web', { spec: { jobTemplate: annotated(DRAIN) } }), [SUBMITTED], 'the annotation in a CronJob');
  const labelled = { template: { metadata: { labels: { tier: 'front' } } } };
  t.same(await patch('podtemplate/web', labelled), [SUBMITTED], 'labels of a PodTemplate');
  for (const resource of ['replicationcontroller/web', 'deployment/web', 'daemonset/web'])
    t.same(await patch(resource, { spec: labelled }), [SUBMITTED], `${resource}: labels of the template, by which Services select`);
  t.same(await patch('deployment/web', { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } }), [SUBMITTED], 'a strategy');
  t.same(await patch('deployment/web', { spec: { replicas: 1 } }), [SUBMITTED], 'replicas, not by the subresource');
  t.same(await patch('deployment/web', { spec: { replicas: 0 } }), [SUBMITTED]);
  t.same(await patch('statefulset/web', { spec: { replicas: 1 } }), [SUBMITTED]);
  t.same(await patch('statefulset/web', { spec: { replicas: 0 } }), [SUBMITTED]);
  t.same(await patch('replicationcontroller/web', { spec: { replicas: 1 } }), [], 'no rule reads those of a ReplicationController');
  t.same(await patch('replicationcontroller/web', { spec: { replicas: 0 } }), []);
  t.same(await patch('cronjob/web', { spec: { concurrencyPolicy: 'Forbid' } }), [SUBMITTED], 'what a rule about Jobs reads');

  // The limit of what a condition may cost is far: 1,000 environment variables, compared and found equal.
  const env = Array.from({ length: 1000 }, (_, index) => ({ name: `VARIABLE_${index}`, value: 'x'.repeat(60) }));
  const large = { spec: { template: { spec: { containers: [{ ...CONTAINERS[0], env }] } } } };
  t.same(await patch('daemonset/web', large), [SUBMITTED], 'a large template');
  t.same(await patch('daemonset/web', { metadata: { labels: { tier: 'b' } } }), [], 'and its labels');

  const image = { containers: [{ ...CONTAINERS[0], image: 'registry.example/web:2' }] };
  const template = { template: { spec: image } };
  t.same(await calledBy(recording, admin, ['set', 'image', 'pod/web', 'web=registry.example/web:2', '-n', namespace]), [SUBMITTED]);
  t.same(await patch('podtemplate/web', template), [SUBMITTED]);
  for (const resource of ['replicationcontroller/web', 'deployment/web', 'statefulset/web', 'daemonset/web']) {
    t.same(await patch(resource, { spec: template }), [SUBMITTED], resource);
  }
  t.same(await patch('job/web', { spec: { template: { spec: { nodeSelector: { disk: 'ssd' } } } } }), [SUBMITTED], 'a suspended Job');
  t.same(await patch('cronjob/web', { spec: { jobTemplate: { spec: template } } }), [SUBMITTED]);
  t.same(await patch(replicaSet, { spec: template }, 'system:serviceaccount:kube-system:deployment-controller'), [OWNED]);

  t.same(
    await calledBy(recording, admin, [
      'debug',
      'pod/web',
      '-n',
      namespace,
      '--image=registry.example/sh:1',
      '--target=web',
      '--attach=false',
      '--',
      'sh',
    ]),
    [SUBMITTED],
    'an ephemeral container',
  );
  const resized = { spec: { containers: [{ name: 'web', resources: { requests: { cpu: '20m' } } }] } };
  t.same(
    await calledBy(recording, admin, ['patch', 'pod/web', '-n', namespace, '--subresource=resize', '-p', JSON.stringify(resized)]),
    [SUBMITTED],
    'a resize',
  );
  t.same(await calledBy(recording, admin, ['delete', 'pod/web', 'deployment/web', '-n', namespace, '--wait=false']), [], 'a deletion');
});

clusterTest('what is denied on create is denied on update, through the shipped condition', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  const deployment = workload('Deployment', 'web');
  for (const object of [pod('web'), { ...deployment, spec: { ...(deployment['spec'] as object), replicas: 2, strategy } }])
    t.equal((await kubectl(['create', '-n', namespace, '-f', '-'], object)).code, 0);
  const enforced = ['shutdown-budget', 'rollout-strategy'];
  const rules = Object.fromEntries(
    catalogue.rules.map(({ meta }) => [meta.id, { mode: enforced.includes(meta.id) ? 'enforce' : 'off' } as const]),
  );
  const policy = new Policy(
    { apiVersion: POLICY_API_VERSION, kind: POLICY_KIND, metadata: { name: 'test' }, spec: { preset: 'production', rules } },
    catalogue,
  );
  const [submitted] = only(readBase(), 'ValidatingWebhookConfiguration')['webhooks'] as { matchConditions: { name: string }[] }[];
  const matchConditions = submitted?.matchConditions.filter(({ name }) => name === 'changes-what-rules-read');
  t.equal(matchConditions?.length, 1);
  await registerWebhook(t, api, { namespace, policy, phases: ['validate'], webhook: { matchConditions } });

  const patch = async (resource: string, change: object): Promise<string> =>
    (await kubectl(['patch', resource, '-n', namespace, '--type=merge', '-p', JSON.stringify(change)])).stderr;
  const drain = { annotations: { 'podgrace.dev/drain-seconds': '9000' } };
  t.match(
    await patch('deployment/web', { spec: { template: { metadata: drain } } }),
    /denied the request: Deployment .* \(shutdown-budget\)/s,
  );
  t.match(await patch('pod/web', { metadata: drain }), /denied the request: Pod .* \(shutdown-budget\)/s);
  t.match(await patch('deployment/web', { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } }), /\(rollout-strategy\)/);
  t.equal(await patch('deployment/web', { metadata: { labels: { tier: 'a' } }, spec: { minReadySeconds: 1 } }), '');
  t.equal((await kubectl(['scale', 'deployment/web', '-n', namespace, '--replicas=3'])).stderr, '');
});

function annotated(annotations: object): { readonly spec: object } {
  return { spec: { template: { metadata: { annotations } } } };
}

/** The ReplicaSet that the deployment-controller has made. */
async function newReplicaSet(api: KubeApi, namespace: string): Promise<string> {
  let name = '';
  await eventually('the ReplicaSet of the Deployment', async () => {
    const { body } = await api.request({ method: 'GET', path: `/apis/apps/v1/namespaces/${namespace}/replicasets` });
    const [first] = body['items'] as { metadata: { name: string } }[];
    name = first?.metadata.name ?? '';
    return name !== '';
  });
  return `replicaset/${name}`;
}

clusterTest('the controllers of this cluster are the senders that the conditions name', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const recording = await registerShipped(t, api, namespace);
  const admin = await whoAmI(api);
  const withPods = ['ReplicationController', 'Deployment', 'StatefulSet', 'Job'].map((kind) => {
    const object = workload(kind, kind.toLowerCase());
    return { ...object, spec: { ...(object['spec'] as object), ...(kind === 'Job' ? { suspend: false } : { replicas: 1 }) } };
  });
  for (const object of withPods) t.equal((await kubectl(['create', '-n', namespace, '-f', '-'], object)).code, 0);
  const controllers = ['replication', 'deployment', 'replicaset', 'statefulset', 'job'].map(
    (name) => `system:serviceaccount:kube-system:${name}-controller`,
  );
  const senders = (): Set<string> =>
    new Set(recording.calls.filter(({ webhook }) => webhook === OWNED).map(({ request }) => request.origin.username));
  const areKnown = (): boolean =>
    controllers.every((controller) => senders().has(controller)) || senders().has('system:kube-controller-manager');
  await eventually('Pods of every controller', areKnown);
  const submitted = recording.calls.filter(({ webhook }) => webhook === SUBMITTED).map(({ request }) => request.origin.username);
  t.same(new Set(submitted), new Set([admin]), 'nothing of theirs fails closed');
});
