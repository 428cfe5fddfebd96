/** Ways around the strictest preset by what may still be changed: resizes, suspended Jobs, fields that are given up, another version of a kind. */
import type { Test } from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Policy, POLICY_API_VERSION, POLICY_KIND, type PolicyDocument } from '../../src/core/policy.ts';
import type { KubeAnswer, KubeApi } from '../../src/kube/client/api.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace, send } from './cluster.ts';
import { registerShipped, registerShippedFor } from './shipped-webhooks.ts';

const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';
const JSON_PATCH = 'application/json-patch+json';
const DRY = { dryRun: 'All' };

const POLICY_DOCUMENT: PolicyDocument = {
  apiVersion: POLICY_API_VERSION,
  kind: POLICY_KIND,
  metadata: { name: 'test' },
  spec: {
    preset: 'strict',
    rules: {
      // A repair would hide a way around.
      'memory-limit': { mode: 'enforce', mutation: 'off' },
      'limit-request-ratio': { mode: 'enforce' },
      'job-bounds': { mode: 'enforce' },
    },
  },
};
const POLICY = new Policy(POLICY_DOCUMENT, catalogue);

type Json = Record<string, unknown>;
type PatchType = NonNullable<Parameters<KubeApi['request']>[0]['patchType']>;

const BOUNDED = { requests: { cpu: '100m', memory: '1Gi' }, limits: { memory: '1Gi' } };
const READY = { httpGet: { path: '/ready', port: 8080 } };

const container = (more: Json = {}): Json => ({
  ...{ name: 'web', image: 'registry.example/web:1.0.0', command: ['/app/web'], resources: BOUNDED },
  ...more,
});
const serving = (more: Json = {}): Json => container({ ports: [{ containerPort: 8080 }], readinessProbe: READY, ...more });

function isDenied(t: Test, { code, body }: KubeAnswer, rule: string, what: string): void {
  t.equal(code, 403, `${what}: ${JSON.stringify(body['message']) || 'accepted'}`);
  t.match(body['message'], `(${rule})`, what);
}

function isAccepted(t: Test, { code, body }: KubeAnswer, what: string): void {
  t.ok(code === 200 || code === 201, `${what}: ${code} ${String(body['message'])}`);
}

const pod = (name: string, containers: readonly Json[]): JsonObject => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name } },
  spec: { schedulerName: 'nobody', containers },
});

clusterTest('no resize and no copy of a Pod gets past the strictest preset', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  await registerShipped(t, api, namespace, POLICY);
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  isAccepted(t, await send(api, { method: 'POST', path: pods, body: pod('web', [serving()]) }), 'made');
  const resize = (spec: Json, more: Json = {}): Promise<KubeAnswer> =>
    send(api, { method: 'PATCH', path: `${pods}/web/resize`, query: DRY, patchType: STRATEGIC, body: { spec, ...more } });
  const to = (resources: Json): Json => ({ containers: [{ name: 'web', resources }] });
  isAccepted(t, await resize(to({ requests: { memory: '2Gi' }, limits: { memory: '2Gi' } })), 'a larger Pod');
  for (const [what, rule, spec] of [
    ['a limit far above the request', 'limit-request-ratio', to({ limits: { memory: '64Gi' } })],
    ['a request far below the limit', 'limit-request-ratio', to({ requests: { memory: '64Mi' } })],
    ['a limit of cpu that was not there', 'limit-request-ratio', to({ limits: { cpu: '64' } })],
    ['a limit of a byte', 'sane-quantities', to({ requests: { memory: '1' }, limits: { memory: '1' } })],
  ] as const)
    isDenied(t, await resize(spec), rule, what);
  const limits = { cpu: '64', memory: '1Gi' };
  const { body: whole } = await api.request({ method: 'GET', path: `${pods}/web` });
  const [first] = (whole['spec'] as { containers: readonly Json[] }).containers;
  const resized = { ...first, resources: { ...BOUNDED, limits } };
  const asWhole = { ...whole, spec: { ...(whole['spec'] as Json), containers: [resized] } };
  const applied = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'web', resources: { limits } }] },
  };
  for (const [what, request] of [
    ['a merge patch', { method: 'PATCH', patchType: MERGE, body: { spec: { containers: [resized] } } }],
    [
      'a JSON patch',
      { method: 'PATCH', patchType: JSON_PATCH, body: [{ op: 'add', path: '/spec/containers/0/resources/limits', value: limits }] },
    ],
    ['apply', { method: 'PATCH', patchType: APPLY, query: { ...DRY, fieldManager: 'somebody', force: 'true' }, body: applied }],
    ['PUT', { method: 'PUT', body: asWhole }],
  ] as const)
    isDenied(t, await send(api, { path: `${pods}/web/resize`, query: DRY, ...request }), 'limit-request-ratio', `by ${what}`);
  for (const [what, resources] of [
    ['no limit', { limits: { memory: null } }],
    ['a limit of 0', { requests: { memory: '0' }, limits: { memory: '0' } }],
    ['another class', { requests: { cpu: '100m' }, limits: { cpu: '100m' } }],
  ] as const)
    t.not((await resize(to(resources))).code, 200, what);
  const drain = { metadata: { annotations: { 'podgrace.dev/drain-seconds': '9000' } } };
  const { body } = await resize(to({ requests: { memory: '1Gi' } }), drain);
  t.notMatch(body, drain, 'a resize stores no annotation');

  // Resources of the Pod are there for all of its containers.
  const { resources, ...unlimited } = serving();
  const together = { ...pod('together', [unlimited]), spec: { schedulerName: 'nobody', resources, containers: [unlimited] } };
  isAccepted(t, await send(api, { method: 'POST', path: pods, body: together }), 'made with resources of the Pod');
  for (const [what, rule, limits] of [
    ['a limit of the Pod far above its request', 'limit-request-ratio', { memory: '64Gi' }],
    ['a limit of cpu of the Pod that was not there', 'limit-request-ratio', { cpu: '64' }],
  ] as const) {
    const body = { spec: { resources: { limits } } };
    isDenied(t, await send(api, { method: 'PATCH', path: `${pods}/together/resize`, query: DRY, patchType: STRATEGIC, body }), rule, what);
  }

  for (const args of [
    ['--image=registry.example/tools:1', '--container=web'],
    ['--image=registry.example/tools:1', '--same-node', '--share-processes'],
    ['--image=registry.example/tools:1', '--keep-readiness', '--keep-liveness'],
    ['--image=registry.example/tools:1', '--replace', '--profile=sysadmin'],
  ]) {
    const { code, stdout, stderr } = await kubectl(['-n', namespace, 'debug', 'web', '--copy-to=copy', ...args]);
    t.not(code, 0, `${args.join(' ')}: ${stdout}`);
    t.match(stderr, /breaks (?:a rule|\d+ rules) of policy test/, args.join(' '));
  }
  t.equal((await send(api, { method: 'GET', path: `${pods}/web` })).code, 200, 'what was to be replaced is there');
});

clusterTest('what may change in a suspended Job is judged', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  await registerShipped(t, api, namespace, POLICY);
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  const body = {
    ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job' } },
    spec: {
      ...{ suspend: true, activeDeadlineSeconds: 600 },
      template: { spec: { restartPolicy: 'Never', schedulerName: 'nobody', containers: [container()] } },
    },
  };
  isAccepted(t, await send(api, { method: 'POST', path: jobs, body }), 'made');
  const change = (spec: Json): Promise<KubeAnswer> =>
    send(api, { method: 'PATCH', path: `${jobs}/job`, query: DRY, patchType: STRATEGIC, body: { spec } });
  const to = (resources: Json): Json => ({ template: { spec: { containers: [{ name: 'web', resources }] } } });
  isAccepted(t, await change({ suspend: false }), 'it may run');
  isDenied(t, await change(to({ limits: { memory: null } })), 'memory-limit', 'no limit');
  isDenied(t, await change({ suspend: false, ...to({ limits: { memory: null } }) }), 'memory-limit', 'no limit, and it runs');
  isDenied(t, await change(to({ limits: { memory: '64Gi' } })), 'limit-request-ratio', 'a limit far above the request');
  isDenied(t, await change({ activeDeadlineSeconds: null }), 'job-bounds', 'no deadline');
  const drain = { template: { metadata: { annotations: { 'podgrace.dev/drain-seconds': '9000' } } } };
  isDenied(t, await change(drain), 'shutdown-budget', 'a long drain');
});

clusterTest('whoever gives up a field on the server takes it away, unless somebody else has it', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  await registerShipped(t, api, namespace, POLICY);
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/web`;
  const labels = { app: 'web' };
  const deployment = (...containers: readonly Json[]): JsonObject => ({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } },
    spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  });
  const apply = (fieldManager: string, body: JsonObject, more: Readonly<Record<string, string>> = {}): Promise<KubeAnswer> =>
    send(api, { method: 'PATCH', path, query: { fieldManager, force: 'true', ...more }, patchType: APPLY, body });
  const { readinessProbe: _, ...unready } = serving();
  const { resources: __, ...unlimited } = serving();
  isAccepted(t, await apply('one', deployment(serving())), 'made');
  isDenied(t, await apply('one', deployment(unready), DRY), 'readiness-probe', 'the probe is given up');
  isDenied(t, await apply('one', deployment(unlimited), DRY), 'memory-limit', 'the limit is given up');
  isAccepted(t, await apply('two', deployment({ name: 'web', resources: BOUNDED })), 'two have the limit');
  isAccepted(t, await apply('one', deployment(unlimited)), 'one of them gives it up');
  isDenied(t, await apply('two', deployment({ name: 'web' }), DRY), 'memory-limit', 'so does the other');
  const forgotten = { metadata: { managedFields: [{}] } };
  isAccepted(t, await send(api, { method: 'PATCH', path, patchType: MERGE, body: forgotten }), 'who has what is forgotten');
  const put = (spec: Json): Promise<KubeAnswer> => {
    const body = deployment();
    const { template, ...rest } = body['spec'] as { template: { metadata: Json } };
    const changed = { ...body, spec: { ...rest, template: { ...template, spec } } };
    return send(api, { method: 'PUT', path, query: DRY, body: changed });
  };
  const proxy = { ...unlimited, name: 'proxy', ports: [], readinessProbe: undefined };
  isDenied(t, await put({ containers: [serving(), proxy] }), 'memory-limit', 'a container beside it');
  const sidecar = { ...proxy, restartPolicy: 'Always' };
  isDenied(t, await put({ containers: [serving()], initContainers: [sidecar] }), 'memory-limit', 'a sidecar beside it');
  const moved = { containers: [{ ...unready, name: 'app' }], initContainers: [{ ...container(), restartPolicy: 'Always' }] };
  isDenied(t, await put(moved), 'readiness-probe', 'the container becomes a sidecar, and another one serves');
});

clusterTest('a kind of the policy is judged in whichever version somebody sends it', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const group = 'versions.podgrace-test.example.com';
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const name = `apps.${group}`;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const spec = {
    ...{ group, scope: 'Namespaced', names: { kind: 'App', plural: 'apps', singular: 'app' }, conversion: { strategy: 'None' } },
    versions: ['v1', 'v2'].map((version) => ({ name: version, served: true, storage: version === 'v1', schema })),
  };
  t.teardown(() => send(api, { method: 'DELETE', path: `${definitions}/${name}` }));
  const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name }, spec };
  isAccepted(t, await send(api, { method: 'POST', path: definitions, body: definition }), 'defined');
  const { spec: of, ...document } = POLICY_DOCUMENT;
  const policy = new Policy(
    { ...document, spec: { ...of, workloadKinds: [{ group, kind: 'App', class: 'service', templatePath: 'spec.template' }] } },
    catalogue,
  );
  // The rule names one version, and `matchPolicy: Equivalent` covers the other.
  const rule = { apiGroups: [group], apiVersions: ['v1'], resources: ['apps'], operations: ['CREATE', 'UPDATE'], scope: 'Namespaced' };
  await registerShippedFor(t, api, namespace, { policy, rules: [rule] });
  const at = (version: string): string => `/apis/${group}/${version}/namespaces/${namespace}/apps`;
  for (const version of ['v1', 'v2'])
    await eventually(`${version} is served`, async () => (await send(api, { method: 'GET', path: at(version) })).code === 200);
  const app = (version: string, resources: Json): JsonObject => ({
    ...{ apiVersion: `${group}/${version}`, kind: 'App', metadata: { name: `of-${version}` } },
    spec: { template: { spec: { containers: [serving({ resources })] } } },
  });
  for (const [made, changed] of [
    ['v1', 'v2'],
    ['v2', 'v1'],
  ] as const) {
    isDenied(t, await send(api, { method: 'POST', path: at(made), body: app(made, {}) }), 'memory-limit', `made as ${made}`);
    isAccepted(t, await send(api, { method: 'POST', path: at(made), body: app(made, BOUNDED) }), `made as ${made}`);
    const change = (patchType: PatchType, body: unknown): Promise<KubeAnswer> =>
      send(api, {
        method: 'PATCH',
        path: `${at(changed)}/of-${made}`,
        query: { ...DRY, fieldManager: 'one', ...(patchType === APPLY && { force: 'true' }) },
        patchType,
        body,
      });
    const broken = { ...app(changed, { limits: null }), metadata: { name: `of-${made}` } };
    isDenied(t, await change(MERGE, broken), 'memory-limit', `${made} changed as ${changed}`);
    isDenied(
      t,
      await change(APPLY, { ...app(changed, {}), metadata: { name: `of-${made}` } }),
      'memory-limit',
      `${made} applied as ${changed}`,
    );
  }
});
