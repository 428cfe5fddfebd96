/** Ways around a policy, tried through the shipped webhooks: by other verbs, kinds, patches and senders, and by what an object says of itself. */
import type { Test } from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Policy, POLICY_API_VERSION, POLICY_KIND } from '../../src/core/policy.ts';
import type { KubeAnswer, KubeApi } from '../../src/kube/client/api.ts';
import { clusterTest, connect, kubectl, makeNamespace, send } from './cluster.ts';
import { registerShipped } from './shipped-webhooks.ts';

const POLICY = new Policy(
  {
    apiVersion: POLICY_API_VERSION,
    kind: POLICY_KIND,
    metadata: { name: 'test' },
    spec: {
      preset: 'production',
      rules: {
        'memory-limit': { mode: 'enforce', mutation: 'off' },
        'no-host-path': { mode: 'enforce' },
        'no-secret-in-env': { mode: 'enforce' },
      },
    },
  },
  catalogue,
);

type Json = Record<string, unknown>;
type PatchType = NonNullable<Parameters<KubeApi['request']>[0]['patchType']>;

/** Nothing to deny. */
const CLEAN: Json = {
  name: 'web',
  image: 'registry.example/web:1',
  command: ['/app/web'],
  resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '64Mi' } },
};
/** Breaks `memory-limit`. */
const VIOLATING: Json = { ...CLEAN, resources: { requests: { cpu: '10m', memory: '64Mi' } } };
const withMemory = (memory: unknown): Json => ({ ...CLEAN, resources: { limits: { memory } } });

function podOf(spec: Json, metadata: Json = {}, container = VIOLATING): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', ...metadata },
    spec: { schedulerName: 'nobody', containers: [container], ...spec },
  };
}

function templateOf(container: Json, spec: Json = {}, metadata: Json = {}): Json {
  return { metadata: { labels: { app: 'web' }, ...metadata }, spec: { schedulerName: 'nobody', containers: [container], ...spec } };
}

const SELECTOR = { matchLabels: { app: 'web' } };

/** Of each kind with a template: where it is, and the object around the template. None makes a Pod. */
const WORKLOADS: Readonly<Record<string, { path: string; make: (template: Json) => Json; patch: (template: unknown) => Json }>> = {
  Deployment: {
    path: '/apis/apps/v1/namespaces/NS/deployments',
    make: (template) => ({ apiVersion: 'apps/v1', spec: { replicas: 0, selector: SELECTOR, template } }),
    patch: (template) => ({ spec: { template } }),
  },
  ReplicaSet: {
    path: '/apis/apps/v1/namespaces/NS/replicasets',
    make: (template) => ({ apiVersion: 'apps/v1', spec: { replicas: 0, selector: SELECTOR, template } }),
    patch: (template) => ({ spec: { template } }),
  },
  StatefulSet: {
    path: '/apis/apps/v1/namespaces/NS/statefulsets',
    make: (template) => ({ apiVersion: 'apps/v1', spec: { replicas: 0, serviceName: 'web', selector: SELECTOR, template } }),
    patch: (template) => ({ spec: { template } }),
  },
  DaemonSet: {
    path: '/apis/apps/v1/namespaces/NS/daemonsets',
    make: (template) => ({
      apiVersion: 'apps/v1',
      spec: { selector: SELECTOR, template: { ...template, spec: { ...(template['spec'] as Json), nodeSelector: { no: 'node' } } } },
    }),
    patch: (template) => ({ spec: { template } }),
  },
  ReplicationController: {
    path: '/api/v1/namespaces/NS/replicationcontrollers',
    make: (template) => ({ apiVersion: 'v1', spec: { replicas: 0, selector: SELECTOR.matchLabels, template } }),
    patch: (template) => ({ spec: { template } }),
  },
  PodTemplate: {
    path: '/api/v1/namespaces/NS/podtemplates',
    make: (template) => ({ apiVersion: 'v1', template }),
    patch: (template) => ({ template }),
  },
  CronJob: {
    path: '/apis/batch/v1/namespaces/NS/cronjobs',
    make: (template) => ({
      apiVersion: 'batch/v1',
      spec: {
        suspend: true,
        schedule: '0 0 1 1 *',
        jobTemplate: { spec: { template: { ...template, spec: { ...(template['spec'] as Json), restartPolicy: 'Never' } } } },
      },
    }),
    patch: (template) => ({ spec: { jobTemplate: { spec: { template } } } }),
  },
  Job: {
    path: '/apis/batch/v1/namespaces/NS/jobs',
    make: (template) => ({
      apiVersion: 'batch/v1',
      spec: { suspend: true, template: { metadata: {}, spec: { ...(template['spec'] as Json), restartPolicy: 'Never' } } },
    }),
    patch: (template) => ({ spec: { template } }),
  },
};

const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
/** `/spec/template` */
function pointerTo(patch: (template: unknown) => Json): string {
  const names: string[] = [];
  for (let at: unknown = patch('here'); at !== 'here'; at = Object.values(at as Json)[0]) names.push(Object.keys(at as Json)[0] ?? '');
  return `/${names.join('/')}`;
}

const uid = 'd9607e19-f88f-11e6-a518-42010a800195';
const ownedBy = (apiVersion: string, kind: string, more: Json = {}): Json => ({
  ownerReferences: [{ apiVersion, kind, name: 'web', uid, controller: true, ...more }],
});

/** What a Pod may say of itself. */
const PODS: Readonly<Record<string, JsonObject>> = {
  'a generated name': podOf({}, { name: undefined, generateName: 'web-' }),
  'an owner that is a ReplicaSet': podOf({}, ownedBy('apps/v1', 'ReplicaSet')),
  'an owner that is a Job': podOf({ restartPolicy: 'Never' }, ownedBy('batch/v1', 'Job')),
  'an owner that is a DaemonSet': podOf({}, ownedBy('apps/v1', 'DaemonSet')),
  'an owner that is a Node': podOf({}, ownedBy('v1', 'Node')),
  'an owner that is no controller': podOf({}, ownedBy('v1', 'Node', { controller: false })),
  'the annotation of a mirror': podOf({ nodeName: 'node-1' }, { annotations: { 'kubernetes.io/config.mirror': 'a' } }),
  'the annotations of a static Pod': podOf(
    { nodeName: 'node-1' },
    {
      annotations: {
        'kubernetes.io/config.source': 'file',
        'kubernetes.io/config.hash': 'a',
        'kubernetes.io/config.seen': '2027-01-01T00:00:00Z',
      },
      ...ownedBy('v1', 'Node'),
    },
  ),
  'a finalizer': podOf({}, { finalizers: ['podgrace.dev/test'] }),
  'a time of deletion': podOf({}, { deletionTimestamp: '2027-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 }),
  'a phase': { ...podOf({}), status: { phase: 'Succeeded' } },
  'a node': podOf({ nodeName: 'node-1' }),
  'a gate of scheduling': podOf({ schedulingGates: [{ name: 'podgrace.dev/test' }] }),
  'a priority of the system': podOf({ priorityClassName: 'system-node-critical' }),
  'the network of its node': podOf({ hostNetwork: true, hostPID: true }),
  'Windows as its system': podOf({ os: { name: 'windows' } }),
  'restartPolicy Never': podOf({ restartPolicy: 'Never' }),
  'restartPolicy OnFailure': podOf({ restartPolicy: 'OnFailure' }),
  'an end of its own': podOf({ activeDeadlineSeconds: 10 }),
  'labels of system components': podOf(
    {},
    { labels: { 'k8s-app': 'kube-dns', tier: 'control-plane', 'app.kubernetes.io/name': 'podgrace' } },
  ),
  'labels and annotations that opt out elsewhere': podOf(
    {},
    {
      labels: { 'podgrace.dev/ignore': 'true', 'admission.podgrace.dev/ignore': 'true', 'runbook.podgrace.dev/ignore': 'true' },
      annotations: { 'podgrace.dev/ignore': 'true', 'podgrace.dev/exempt': 'memory-limit', 'kubernetes.io/psp': 'privileged' },
    },
  ),
  'an annotation of 200 kB': podOf({}, { annotations: { text: 'x'.repeat(200_000) } }),
  'a thousand labels': podOf({}, { labels: Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`l${at}`, 'v'])) }),
  'the violation in the last of 900 containers': podOf({
    containers: [...Array.from({ length: 899 }, (_, at) => ({ ...CLEAN, name: `c${at}` })), { ...VIOLATING, name: 'last' }],
  }),
  'an object of a megabyte': podOf({
    containers: [VIOLATING, { ...CLEAN, name: 'text', args: Array.from({ length: 1_000 }, () => 'x'.repeat(1_000)) }],
  }),
  'a violation in an init container': podOf({ initContainers: [{ ...VIOLATING, name: 'init' }] }, {}, CLEAN),
  'a violation in a sidecar': podOf({ initContainers: [{ ...VIOLATING, name: 'proxy', restartPolicy: 'Always' }] }, {}, CLEAN),
  'no resources at all': podOf({}, {}, { ...CLEAN, resources: null }),
  'a limit in a field of another case': podOf({}, {}, { ...VIOLATING, Resources: { limits: { memory: '64Mi' } } }),
  'limits that are null': podOf({}, {}, { ...CLEAN, resources: { limits: null } }),
  'a limit that is null': podOf({}, {}, withMemory(null)),
  'a limit of zero': podOf({}, {}, withMemory(0)),
  'a limit of zero with an exponent': podOf({}, {}, withMemory('0e9')),
  'a limit of zero with a unit': podOf({}, {}, withMemory('0Gi')),
  'a limit of zero with a sign': podOf({}, {}, withMemory('+0')),
  'a limit for something else': podOf({}, {}, { ...CLEAN, resources: { limits: { cpu: '1' } } }),
  'a limit for Memory': podOf({}, {}, { ...CLEAN, resources: { limits: { 'example.com/memory': '1Gi' } } }),
  'resources of the Pod without memory': podOf({ resources: { limits: { cpu: '1' } } }),
  'a host path': podOf(
    { volumes: [{ name: 'v', hostPath: { path: '/' } }] },
    {},
    { ...CLEAN, volumeMounts: [{ name: 'v', mountPath: '/host' }] },
  ),
  'a password in a variable': podOf({}, {}, { ...CLEAN, env: [{ name: 'DB_PASSWORD', value: 'Tr0ub4dor&3' }] }),
  'a password in a variable of an init container': podOf(
    { initContainers: [{ ...CLEAN, name: 'init', env: [{ name: 'DB_PASSWORD', value: 'Tr0ub4dor&3' }] }] },
    {},
    CLEAN,
  ),
};

function isDenied(t: Test, { code, body }: KubeAnswer, what: string): void {
  t.equal(code, 403, `${what}: ${JSON.stringify(body['message']) || 'accepted'}`);
  t.match(body['message'], /breaks (?:a rule|\d+ rules) of policy test/, what);
}

clusterTest('what a Pod says of itself is no way around the policy', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  await registerShipped(t, api, namespace, POLICY);
  const create = (body: JsonObject): Promise<KubeAnswer> =>
    send(api, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, query: { dryRun: 'All' }, body });
  const { code, body } = await create(podOf({}, {}, CLEAN));
  t.equal(code, 201, String(body['message']));
  for (const [what, pod] of Object.entries(PODS)) isDenied(t, await create(pod), what);
});

clusterTest('no kind and no kind of patch is a way around the policy', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  await registerShipped(t, api, namespace, POLICY);
  for (const [kind, { path, make, patch }] of Object.entries(WORKLOADS)) {
    const at = path.replace('NS', namespace);
    const objectOf = (container: Json, spec: Json = {}): JsonObject => ({
      ...make(templateOf(container, spec)),
      kind,
      metadata: { name: 'web' },
    });
    const dry = { dryRun: 'All' };
    isDenied(t, await send(api, { method: 'POST', path: at, query: dry, body: objectOf(VIOLATING) }), `${kind}: create`);
    const apply = { dryRun: 'All', fieldManager: 'somebody', force: 'true' };
    const applyPatch = 'application/apply-patch+yaml';
    isDenied(
      t,
      await send(api, {
        method: 'PATCH',
        path: `${at}/new`,
        query: apply,
        patchType: applyPatch,
        body: { ...objectOf(VIOLATING), metadata: { name: 'new' } },
      }),
      `${kind}: created by apply`,
    );
    if (kind === 'Job') continue;
    const { code, body } = await send(api, { method: 'POST', path: at, body: objectOf(CLEAN) });
    t.equal(code, 201, `${kind}: ${String(body['message'])}`);
    const change = patch({ spec: { containers: [VIOLATING] } });
    const patched = (patchType: PatchType, change: unknown, what: string): Promise<void> =>
      send(api, { method: 'PATCH', path: `${at}/web`, query: dry, patchType, body: change }).then((answer) => {
        isDenied(t, answer, `${kind}: ${what}`);
      });
    await patched(MERGE, change, 'merge patch');
    const strategic = (containers: readonly Json[], what: string): Promise<void> =>
      patched(STRATEGIC, patch({ spec: { containers } }), what);
    await strategic([{ name: 'web', resources: { limits: null } }], 'strategic patch');
    await strategic([{ $patch: 'replace' }, VIOLATING], 'strategic patch that replaces');
    await strategic(
      [
        { name: 'web', $patch: 'delete' },
        { ...VIOLATING, name: 'other' },
      ],
      'strategic patch that takes away and adds',
    );
    const containers = `${pointerTo(patch)}/spec/containers`;
    await patched(JSON_PATCH, [{ op: 'remove', path: `${containers}/0/resources/limits` }], 'JSON patch');
    await patched(JSON_PATCH, [{ op: 'replace', path: `${containers}/0/resources`, value: { limits: { memory: '0' } } }], 'no limit but 0');
    await patched(JSON_PATCH, [{ op: 'add', path: `${containers}/-`, value: { ...VIOLATING, name: 'second' } }], 'another container');
    const init = { ...VIOLATING, name: 'init' };
    await patched(JSON_PATCH, [{ op: 'add', path: `${pointerTo(patch)}/spec/initContainers`, value: [init] }], 'an init container');
    isDenied(
      t,
      await send(api, {
        method: 'PATCH',
        path: `${at}/web`,
        query: apply,
        patchType: applyPatch,
        body: objectOf(CLEAN, { initContainers: [{ ...VIOLATING, name: 'init' }] }),
      }),
      `${kind}: apply by another manager`,
    );
    isDenied(t, await send(api, { method: 'PUT', path: `${at}/web`, query: dry, body: objectOf(VIOLATING) }), `${kind}: update`);
  }
});

clusterTest('what changes in a Pod that is there is no way around the policy', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  await registerShipped(t, api, namespace, POLICY);
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const volumes = [{ name: 'host', hostPath: { path: '/' } }];
  const { code, body } = await send(api, { method: 'POST', path: pods, body: podOf({ volumes }, {}, CLEAN) });
  t.equal(code, 201, String(body['message']));
  const patched = async (subresource: string, change: JsonObject, what: string): Promise<void> => {
    const path = `${pods}/web${subresource}`;
    isDenied(t, await send(api, { method: 'PATCH', path, query: { dryRun: 'All' }, patchType: MERGE, body: change }), what);
  };
  const ephemeral = { name: 'debugger', image: 'registry.example/tools:1', volumeMounts: [{ name: 'host', mountPath: '/host' }] };
  await patched('/ephemeralcontainers', { spec: { ephemeralContainers: [ephemeral] } }, 'a host path');
  const drain = { metadata: { annotations: { 'podgrace.dev/drain-seconds': '9000' } } };
  await patched('', drain, 'an annotation');

  const bindingOf = (name: string): JsonObject => ({
    ...{ apiVersion: 'v1', kind: 'Binding', metadata: { name, ...drain.metadata } },
    target: { apiVersion: 'v1', kind: 'Node', name: 'no-node' },
  });
  // Nobody is asked about these, which kubelets and schedulers may do: they set annotations and change nothing of the spec.
  const ways: readonly (readonly [string, string, Parameters<KubeApi['request']>[0]])[] = [
    [
      'by-status',
      'status',
      { method: 'PATCH', path: `${pods}/by-status/status`, patchType: MERGE, body: { ...drain, spec: { containers: [VIOLATING] } } },
    ],
    [
      'by-binding',
      'binding',
      {
        method: 'POST',
        path: `${pods}/by-binding/binding`,
        body: bindingOf('by-binding'),
      },
    ],
    [
      'by-bindings',
      'binding, as it was made before',
      { method: 'POST', path: `/api/v1/namespaces/${namespace}/bindings`, body: bindingOf('by-bindings') },
    ],
  ];
  for (const [name, what, request] of ways) {
    t.equal((await send(api, { method: 'POST', path: pods, body: podOf({}, { name }, CLEAN) })).code, 201, what);
    const answer = await send(api, request);
    t.ok(answer.code === 200 || answer.code === 201, `${what}: ${answer.code} ${String(answer.body['message'])}`);
    const { metadata, spec } = (await api.request({ method: 'GET', path: `${pods}/${name}` })).body as { metadata: Json; spec: Json };
    t.match(metadata['annotations'], drain.metadata.annotations, `${what}: it is there`);
    t.match(spec['containers'], [CLEAN], `${what}: and the containers are as they were`);
    const { code, body } = await send(api, { method: 'PATCH', path: `${pods}/${name}`, patchType: MERGE, body: LABELLED });
    t.equal(code, 200, `${what}: another change is not held up by it: ${String(body['message'])}`);
    isDenied(
      t,
      await send(api, { method: 'PATCH', path: `${pods}/${name}`, patchType: MERGE, body: { metadata: { annotations: LONGER } } }),
      `${what}: a longer one is judged`,
    );
  }
});

const LABELLED = { metadata: { labels: { tier: 'a' } } };
const LONGER = { 'podgrace.dev/drain-seconds': '9001' };

clusterTest('nobody but the built-in controllers is excused for a name', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  await registerShipped(t, api, namespace, POLICY);
  for (const username of [
    'system:admin',
    'system:serviceaccount:kube-system:default',
    'system:serviceaccount:kube-system:generic-garbage-collector',
    `system:serviceaccount:${namespace}:replicaset-controller`,
    'system:serviceaccount:kube-system:replicaset-controller ',
    'system:kube-scheduler',
    'system:apiserver',
    'replicaset-controller',
  ]) {
    const as = ['--as', username, '--as-group', 'system:masters'];
    const { code, stderr } = await kubectl(['create', '--dry-run=server', '-n', namespace, '-f', '-', ...as], podOf({}));
    t.not(code, 0, username);
    t.match(stderr, /breaks a rule of policy test/, username);
  }
});
