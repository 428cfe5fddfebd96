/**
 * Kinds of the policy's own, through the shipped webhooks with a rule for their groups, as docs/policy.md says: what is denied on
 * create is denied on update, and nothing else of an object is held up, be it without the template that another one has.
 */
import type { Test } from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Policy, POLICY_API_VERSION, POLICY_KIND, type PolicyDocument } from '../../src/core/policy.ts';
import type { KubeAnswer, KubeApi } from '../../src/kube/client/api.ts';
import { only, readBase } from '../deploy/rendered.ts';
import { clusterTest, connect, eventually, makeNamespace, send } from './cluster.ts';
import { clientConfigOf, createConfiguration, serveOnLoopback } from './registered-webhook.ts';

/** No group of anybody's cluster: the definitions go with the test. */
const DOMAIN = 'podgrace-test.example.com';

const GOOD = { name: 'web', image: 'registry.example/web:1', resources: { limits: { memory: '64Mi' } } };
const BAD = { name: 'web', image: 'registry.example/web:1' };

type WorkloadKindEntry = NonNullable<PolicyDocument['spec']['workloadKinds']>[number];

/**
 * As those of Argo Rollouts, KubeRay and Volcano, and one that has its template beside its spec. That of Volcano has the name of a kind of
 * Kubernetes, and no template where that has one.
 */
const KINDS: readonly {
  readonly group: string;
  readonly kind: string;
  readonly templates: readonly Pick<WorkloadKindEntry, 'class' | 'templatePath'>[];
  /** All but its type and metadata. */
  readonly fieldsOf: (container: object) => JsonObject;
  /** An object of this kind that has no template. */
  readonly bare: JsonObject;
}[] = [
  {
    group: `argoproj.${DOMAIN}`,
    kind: 'Rollout',
    templates: [{ class: 'service', templatePath: 'spec.template' }],
    fieldsOf: (container) => ({ spec: { replicas: 1, template: { spec: { containers: [container] } } } }),
    bare: { spec: { replicas: 1, workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } } },
  },
  {
    group: `ray.${DOMAIN}`,
    kind: 'RayCluster',
    templates: [
      { class: 'service', templatePath: 'spec.headGroupSpec.template' },
      { class: 'service', templatePath: 'spec.workerGroupSpecs[*].template' },
    ],
    fieldsOf: (container) => ({
      spec: {
        replicas: 1,
        headGroupSpec: { template: { spec: { containers: [GOOD] } } },
        workerGroupSpecs: [{ groupName: 'small', template: { spec: { containers: [container] } } }],
      },
    }),
    bare: { spec: { replicas: 1 } },
  },
  {
    group: `batch.volcano.${DOMAIN}`,
    kind: 'Job',
    templates: [{ class: 'batch', templatePath: 'spec.tasks[*].template' }],
    fieldsOf: (container) => ({
      spec: { replicas: 1, tasks: [{ name: 'one', template: { spec: { restartPolicy: 'Never', containers: [container] } } }] },
    }),
    bare: { spec: { replicas: 1 } },
  },
  {
    group: `beside.${DOMAIN}`,
    kind: 'App',
    templates: [{ class: 'service', templatePath: 'template' }],
    fieldsOf: (container) => ({ template: { spec: { containers: [container] } } }),
    bare: { spec: { replicas: 1 } },
  },
];

const plural = (kind: string): string => `${kind.toLowerCase()}s`;

function policy(): Policy {
  const rules = Object.fromEntries(catalogue.rules.map(({ meta }) => [meta.id, { mode: 'off' } as const]));
  const workloadKinds = KINDS.flatMap(({ group, kind, templates }) => templates.map((template) => ({ group, kind, ...template })));
  const spec: PolicyDocument['spec'] = {
    preset: 'production',
    workloadKinds,
    rules: { ...rules, 'memory-limit': { mode: 'enforce', mutation: 'off' } },
  };
  return new Policy({ apiVersion: POLICY_API_VERSION, kind: POLICY_KIND, metadata: { name: 'test' }, spec }, catalogue);
}

/** Its status and its number of replicas have subresources. */
async function define(t: Test, api: KubeApi, group: string, kind: string): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const name = `${plural(kind)}.${group}`;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
  const version = { name: 'v1', served: true, storage: true, schema, subresources: { status: {}, scale } };
  const spec = { group, scope: 'Namespaced', names: { kind, plural: plural(kind), singular: kind.toLowerCase() }, versions: [version] };
  t.teardown(() => send(api, { method: 'DELETE', path: `${path}/${name}` }));
  await api.request({
    method: 'POST',
    path,
    body: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name }, spec },
  });
}

/** The shipped webhook for what people submit, with a rule for the groups, for one namespace. */
async function register(t: Test, api: KubeApi, namespace: string): Promise<void> {
  const server = await serveOnLoopback(t, policy());
  const [shipped] = only(readBase(), 'ValidatingWebhookConfiguration')['webhooks'] as (JsonObject & { rules: JsonObject[] })[];
  if (shipped === undefined) throw new Error('no webhook is shipped');
  const { namespaceSelector: _, ...webhook } = shipped;
  const added = KINDS.map(({ group, kind }) => ({
    ...{ apiGroups: [group], apiVersions: ['*'], resources: [plural(kind)] },
    ...{ operations: ['CREATE', 'UPDATE'], scope: 'Namespaced' },
  }));
  await createConfiguration(
    t,
    api,
    { phase: 'validate', name: `own-kinds-${namespace}`, namespace },
    {
      ...webhook,
      rules: [...shipped.rules, ...added],
      clientConfig: clientConfigOf(`https://127.0.0.1:${server.port}/validate`, server.pair),
    },
  );
  await eventually('the API server asks podgrace', async () => {
    const probe = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe' }, spec: { containers: [BAD] } };
    await send(api, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, query: { dryRun: 'All' }, body: probe });
    return server.takeRecords().length > 0;
  });
}

clusterTest('kinds of your own are judged on create and on update, and nothing else in them is held up', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  for (const { group, kind } of KINDS) await define(t, api, group, kind);
  await register(t, api, namespace);
  for (const { group, kind, fieldsOf, bare } of KINDS) {
    await t.test(kind, async (t) => {
      const path = `/apis/${group}/v1/namespaces/${namespace}/${plural(kind)}`;
      const create = (name: string, fields: JsonObject): Promise<KubeAnswer> =>
        send(api, { method: 'POST', path, body: { apiVersion: `${group}/v1`, kind, metadata: { name }, ...fields } });
      await eventually('the kind is served', async () => (await send(api, { method: 'GET', path })).code === 200);
      const patch = (name: string, body: JsonObject, subresource = ''): Promise<KubeAnswer> =>
        send(api, { method: 'PATCH', path: `${path}/${name}${subresource}`, patchType: 'application/merge-patch+json', body });
      const isDenied = ({ code, body }: KubeAnswer, what: string): void => {
        t.equal(code, 403, `${what}: ${JSON.stringify(body['message'])}`);
        t.match(body['message'], /breaks a rule of policy test.*\(memory-limit\)/s, what);
      };
      const goesThrough = ({ code, body }: KubeAnswer, what: string): void => {
        t.ok(code === 200 || code === 201, `${what}: ${code} ${JSON.stringify(body['message'])}`);
      };

      isDenied(await create('bad', fieldsOf(BAD)), 'create');
      goesThrough(await create('good', fieldsOf(GOOD)), 'create');
      goesThrough(await create('bare', bare), 'create without a template');
      for (const name of ['good', 'bare']) {
        goesThrough(await patch(name, { metadata: { labels: { tier: 'a' }, finalizers: [`${DOMAIN}/test`] } }), `${name}: metadata`);
        goesThrough(await patch(name, { metadata: { finalizers: null } }), `${name}: finalizers`);
        goesThrough(await patch(name, { spec: { replicas: 2 } }), `${name}: what no rule reads`);
        goesThrough(await patch(name, { spec: { replicas: 3 } }, '/scale'), `${name}: scale`);
        goesThrough(await patch(name, { status: { replicas: 1 } }, '/status'), `${name}: status`);
        isDenied(await patch(name, fieldsOf(BAD)), `${name}: update`);
      }
      goesThrough(await patch('good', bare), 'update');
      goesThrough(await send(api, { method: 'DELETE', path: `${path}/bare` }), 'delete');
    });
  }
});
