/** Ways around a policy that begin with an object which is there already, or which somebody changes step by step. */
import type { Test } from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Policy, POLICY_API_VERSION, POLICY_KIND } from '../../src/core/policy.ts';
import type { KubeAnswer, KubeApi } from '../../src/kube/client/api.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace, send } from './cluster.ts';
import { registerShipped } from './shipped-webhooks.ts';

const POLICY = new Policy(
  {
    apiVersion: POLICY_API_VERSION,
    kind: POLICY_KIND,
    metadata: { name: 'test' },
    spec: {
      preset: 'production',
      rules: { 'memory-limit': { mode: 'enforce', mutation: 'off' }, 'no-host-path': { mode: 'enforce' } },
    },
  },
  catalogue,
);

type Json = Record<string, unknown>;
interface Containers {
  readonly containers: readonly Json[];
  readonly initContainers?: readonly Json[];
}

const LIMITED = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '64Mi' } };
/** Breaks `memory-limit`. */
const UNLIMITED = { requests: { cpu: '10m', memory: '64Mi' } };

const container = (name: string, resources: Json, more: Json = {}): Json => ({
  ...{ name, image: `registry.example/${name}:1`, command: [`/app/${name}`], resources },
  ...more,
});
const SIDECAR = { restartPolicy: 'Always' };

const [A, B, INIT, PROXY] = [
  container('a', UNLIMITED),
  container('b', LIMITED),
  container('init', UNLIMITED),
  container('proxy', UNLIMITED, SIDECAR),
];

/** What is there before the policy is. */
const BEFORE: Containers = { containers: [A, B], initContainers: [INIT, PROXY] };

/** Each leaves as many violations as there were, or fewer, and brings one that was not there. */
const MOVES: Readonly<Record<string, Containers>> = {
  'the violation moves to another container': { ...BEFORE, containers: [container('a', LIMITED), container('b', UNLIMITED)] },
  'two containers swap their images': { ...BEFORE, containers: [container('a', LIMITED), { ...A, name: 'b' }] },
  'another container takes its place': { ...BEFORE, containers: [container('c', UNLIMITED), B] },
  'the other container alone is left, without its limit': { ...BEFORE, containers: [container('b', UNLIMITED)] },
  'a copy stands beside it': { ...BEFORE, containers: [A, B, { ...A, name: 'copy' }] },
  'an init container becomes one that serves': { containers: [A, B, INIT], initContainers: [PROXY] },
  'an init container takes the place of one that serves': { containers: [B, INIT], initContainers: [PROXY] },
  'another init container takes the place of one': { containers: [A, B], initContainers: [container('other', UNLIMITED), PROXY] },
  'the violation moves to an init container': {
    containers: [container('a', LIMITED), B],
    initContainers: [INIT, PROXY, container('second', UNLIMITED)],
  },
  'another sidecar takes the place of one': { containers: [A, B], initContainers: [INIT, container('other', UNLIMITED, SIDECAR)] },
  'a limit of nothing takes the place of none elsewhere': { ...BEFORE, containers: [A, container('b', { limits: { memory: '0' } })] },
};

/** What nobody may be kept from. */
const HARMLESS: Readonly<Record<string, Containers>> = {
  'another image': { ...BEFORE, containers: [{ ...A, image: 'registry.example/a:2' }, B] },
  'another order': { ...BEFORE, containers: [B, A] },
  'two containers swap their names, and nothing else': {
    ...BEFORE,
    containers: [
      { ...B, name: 'a' },
      { ...A, name: 'b' },
    ],
  },
  'one mended': { ...BEFORE, containers: [container('a', LIMITED), B] },
  'one taken away': { containers: [B], initContainers: [PROXY] },
};

const SELECTOR = { matchLabels: { app: 'web' } };
const podSpecOf = (containers: Containers, more: Json = {}): Json => ({ schedulerName: 'nobody', ...containers, ...more });
const templateOf = (containers: Containers, more: Json = {}): Json => ({
  metadata: { labels: { app: 'web' } },
  spec: podSpecOf(containers, more),
});

/** None makes a Pod. */
const KINDS: Readonly<Record<string, { path: string; make: (containers: Containers) => Json }>> = {
  Deployment: {
    path: '/apis/apps/v1/namespaces/NS/deployments',
    make: (containers) => ({ apiVersion: 'apps/v1', spec: { replicas: 0, selector: SELECTOR, template: templateOf(containers) } }),
  },
  StatefulSet: {
    path: '/apis/apps/v1/namespaces/NS/statefulsets',
    make: (containers) => ({
      ...{ apiVersion: 'apps/v1' },
      spec: { replicas: 0, serviceName: 'web', selector: SELECTOR, template: templateOf(containers) },
    }),
  },
  CronJob: {
    path: '/apis/batch/v1/namespaces/NS/cronjobs',
    make: (containers) => ({
      ...{ apiVersion: 'batch/v1' },
      spec: {
        ...{ suspend: true, schedule: '0 0 1 1 *' },
        jobTemplate: { spec: { template: templateOf(containers, { restartPolicy: 'Never' }) } },
      },
    }),
  },
  PodTemplate: {
    path: '/api/v1/namespaces/NS/podtemplates',
    make: (containers) => ({ apiVersion: 'v1', template: templateOf(containers) }),
  },
};

function objectOf(kind: string, containers: Containers, metadata: Json = {}): JsonObject {
  return { ...KINDS[kind]?.make(containers), kind, metadata: { name: 'web', ...metadata } };
}

function isDenied(t: Test, { code, body }: KubeAnswer, what: string): void {
  t.equal(code, 403, `${what}: ${JSON.stringify(body['message']) || 'accepted'}`);
  t.match(body['message'], /breaks (?:a rule|\d+ rules) of policy test/, what);
}

function isAccepted(t: Test, { code, body }: KubeAnswer, what: string): void {
  t.ok(code === 200 || code === 201, `${what}: ${code} ${String(body['message'])}`);
}

async function created(t: Test, api: KubeApi, path: string, body: JsonObject): Promise<void> {
  isAccepted(t, await send(api, { method: 'POST', path, body }), `${String(body['kind'])} is there`);
}

clusterTest('no violation that was there before pays for another one', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const at = (kind: string): string => (KINDS[kind]?.path ?? '').replace('NS', namespace);
  for (const kind of Object.keys(KINDS)) await created(t, api, at(kind), objectOf(kind, BEFORE));
  await registerShipped(t, api, namespace, POLICY);
  for (const kind of Object.keys(KINDS)) {
    const update = (containers: Containers): Promise<KubeAnswer> =>
      send(api, { method: 'PUT', path: `${at(kind)}/web`, query: { dryRun: 'All' }, body: objectOf(kind, containers) });
    for (const [what, containers] of Object.entries(HARMLESS)) isAccepted(t, await update(containers), `${kind}: ${what}`);
    for (const [what, containers] of Object.entries(MOVES)) isDenied(t, await update(containers), `${kind}: ${what}`);
  }
});

clusterTest('what kubectl makes of objects that were there before is judged', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const clean: Containers = { containers: [B] };
  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  // Its first template breaks the rule, and its second one does not.
  await created(t, api, deployments, objectOf('Deployment', BEFORE));
  const revisions = async (count: number): Promise<boolean> => {
    const { body } = await api.request({ method: 'GET', path: `/apis/apps/v1/namespaces/${namespace}/replicasets` });
    return (body['items'] as unknown[]).length === count;
  };
  await eventually('the first revision is kept', () => revisions(1));
  isAccepted(t, await send(api, { method: 'PUT', path: `${deployments}/web`, body: objectOf('Deployment', clean) }), 'mended');
  await eventually('the second revision is kept', () => revisions(2));
  await created(t, api, deployments, objectOf('Deployment', clean, { name: 'going', finalizers: ['podgrace.dev/test'] }));
  await api.request({ method: 'DELETE', path: `${deployments}/going` });
  t.teardown(() =>
    send(api, {
      method: 'PATCH',
      path: `${deployments}/going`,
      patchType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    }),
  );
  await created(t, api, `/apis/batch/v1/namespaces/${namespace}/cronjobs`, objectOf('CronJob', BEFORE));
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const podOf = (containers: Containers, name: string, more: Json = {}): JsonObject => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name } },
    spec: podSpecOf(containers, more),
  });
  await created(t, api, pods, podOf({ containers: [A] }, 'old'));
  await created(t, api, pods, podOf(clean, 'new', { volumes: [{ name: 'host', hostPath: { path: '/' } }] }));
  await registerShipped(t, api, namespace, POLICY);

  const template = (containers: Containers): Json => ({ spec: { template: { spec: containers } } });
  const broken = JSON.stringify(template({ containers: [container('b', { limits: { memory: null } })] }));
  const ways: Readonly<Record<string, readonly [args: readonly string[], input?: unknown]>> = {
    'rollout undo': [['rollout', 'undo', 'deployment/web']],
    'a Job from a CronJob': [['create', 'job', 'now', '--from=cronjob/web']],
    'a copy of a Pod': [['debug', 'old', '--copy-to=copy', '--image=registry.example/tools:1', '--container=a']],
    run: [['run', 'quick', '--image=registry.example/quick:1']],
    'create deployment': [['create', 'deployment', 'quick', '--image=registry.example/quick:1']],
    'create job': [['create', 'job', 'quick', '--image=registry.example/quick:1']],
    'create cronjob': [['create', 'cronjob', 'quick', '--schedule=0 0 1 1 *', '--image=registry.example/quick:1']],
    'set resources': [['set', 'resources', 'deployment/web', '--limits=memory=0', '--requests=memory=0']],
    apply: [['apply', '-f', '-'], objectOf('Deployment', BEFORE)],
    'apply on the server': [['apply', '--server-side', '--force-conflicts', '-f', '-'], objectOf('Deployment', BEFORE)],
    'apply for another manager': [
      ['apply', '--server-side', '--force-conflicts', '--field-manager=kube-controller-manager', '-f', '-'],
      objectOf('Deployment', BEFORE),
    ],
    replace: [['replace', '-f', '-'], objectOf('Deployment', BEFORE)],
    'a patch': [['patch', 'deployment/web', '-p', broken]],
    'a patch of what is being deleted': [['patch', 'deployment/going', '-p', broken]],
    'an annotation and the template at once': [
      ['patch', 'deployment/web', '-p', JSON.stringify({ metadata: { annotations: { a: 'b' } }, ...template({ containers: [A] }) })],
    ],
    'another owner and the template at once': [
      [
        ...['patch', 'deployment/web', '--type=merge', '-p'],
        JSON.stringify({
          metadata: {
            ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'd9607e19-f88f-11e6-a518-42010a800195' }],
          },
          ...template({ containers: [A] }),
        }),
      ],
    ],
  };
  for (const [what, [args, input]] of Object.entries(ways)) {
    const { code, stdout, stderr } = await kubectl(['-n', namespace, ...args], input);
    t.not(code, 0, `${what}: ${stdout}`);
    t.match(stderr, /breaks (?:a rule|\d+ rules) of policy test/, what);
  }

  const debugged = (path: string, request: Partial<Parameters<KubeApi['request']>[0]>): Promise<KubeAnswer> =>
    send(api, { method: 'PATCH', path, query: { dryRun: 'All' }, ...request });
  const debugger_ = { name: 'debugger', image: 'registry.example/tools:1', volumeMounts: [{ name: 'host', mountPath: '/host' }] };
  const added = { spec: { ephemeralContainers: [debugger_] } };
  const ephemeral = `${pods}/new/ephemeralcontainers`;
  for (const patchType of ['application/merge-patch+json', 'application/strategic-merge-patch+json'] as const)
    isDenied(t, await debugged(ephemeral, { patchType, body: added }), `ephemeral container by ${patchType}`);
  isDenied(
    t,
    await debugged(ephemeral, {
      patchType: 'application/json-patch+json',
      body: [{ op: 'add', path: '/spec/ephemeralContainers', value: [debugger_] }],
    }),
    'ephemeral container by JSON patch',
  );
  isDenied(
    t,
    await debugged(ephemeral, {
      patchType: 'application/apply-patch+yaml',
      query: { dryRun: 'All', fieldManager: 'somebody', force: 'true' },
      body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'new' }, ...added },
    }),
    'ephemeral container by apply',
  );
  const { body: pod } = await api.request({ method: 'GET', path: `${pods}/new` });
  const whole = { ...pod, spec: { ...(pod['spec'] as Json), ...added.spec } };
  isDenied(t, await send(api, { method: 'PUT', path: ephemeral, query: { dryRun: 'All' }, body: whole }), 'ephemeral container by PUT');

  for (const [what, labels] of Object.entries({
    'labels that opt out elsewhere': { 'podgrace.dev/ignore': 'true', 'admission.podgrace.dev/ignore': 'true', 'control-plane': 'true' },
    'the name of a namespace that is left out': { 'kubernetes.io/metadata.name': 'kube-system' },
  })) {
    await send(api, {
      method: 'PATCH',
      path: `/api/v1/namespaces/${namespace}`,
      patchType: 'application/merge-patch+json',
      body: { metadata: { labels } },
    });
    isDenied(t, await send(api, { method: 'POST', path: pods, body: podOf({ containers: [A] }, 'web') }), `a namespace with ${what}`);
  }
});

clusterTest('a subresource that nobody is asked about changes no template', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  await registerShipped(t, api, namespace, POLICY);
  const clean: Containers = { containers: [B] };
  const broken = { spec: { template: { spec: { containers: [A] } } } };
  for (const kind of ['Deployment', 'StatefulSet']) {
    const path = (KINDS[kind]?.path ?? '').replace('NS', namespace);
    await created(t, api, path, objectOf(kind, clean));
    for (const subresource of ['status', 'scale']) {
      for (const patchType of ['application/merge-patch+json', 'application/json-patch+json'] as const) {
        const body =
          patchType === 'application/merge-patch+json' ? broken : [{ op: 'replace', path: '/spec/template', value: broken.spec.template }];
        await send(api, { method: 'PATCH', path: `${path}/web/${subresource}`, patchType, body });
      }
      const { body } = await api.request({ method: 'GET', path: `${path}/web` });
      t.match(body, { spec: { template: { spec: { containers: [{ name: 'b', resources: LIMITED }] } } } }, `${kind}/${subresource}`);
    }
  }
});
