/** Ways around a policy, and one request that used to hold a replica, tried through a real API server. */
import type { Test } from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Policy, POLICY_API_VERSION, POLICY_KIND, type PolicyDocument } from '../../src/core/policy.ts';
import type { KubeAnswer } from '../../src/kube/client/api.ts';
import { clusterTest, connect, eventually, makeNamespace, send } from './cluster.ts';
import { registerWebhook, type RegisteredWebhook } from './registered-webhook.ts';

function policyWith(spec: Partial<PolicyDocument['spec']>): Policy {
  const metadata = { name: 'test' };
  return new Policy({ apiVersion: POLICY_API_VERSION, kind: POLICY_KIND, metadata, spec: { preset: 'production', ...spec } }, catalogue);
}

/** A namespace of the cluster whose Pods a policy judges. */
class Namespace {
  readonly #api = connect();
  readonly #name: string;
  readonly webhook: RegisteredWebhook;

  private constructor(name: string, webhook: RegisteredWebhook) {
    this.#name = name;
    this.webhook = webhook;
  }

  static async start(t: Test, policy: Policy, webhook: JsonObject = {}): Promise<Namespace> {
    const api = connect();
    const name = await makeNamespace(t, api);
    return new Namespace(name, await registerWebhook(t, api, { namespace: name, policy, phases: ['validate'], webhook }));
  }

  /** The Deployment `web`, which stays. */
  deploy(method: 'POST' | 'PUT', body: JsonObject): Promise<KubeAnswer> {
    const path = `/apis/apps/v1/namespaces/${this.#name}/deployments${method === 'PUT' ? '/web' : ''}`;
    return send(this.#api, { method, path, body });
  }

  /** By dry run: every check is made, and nothing is left for a controller to delete. */
  create(spec: JsonObject, metadata: JsonObject = {}): Promise<KubeAnswer> {
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', ...metadata }, spec };
    return send(this.#api, { method: 'POST', path: `/api/v1/namespaces/${this.#name}/pods`, query: { dryRun: 'All' }, body });
  }
}

/** Without the probe that a container with a port needs. */
const VIOLATING = { name: 'web', image: 'registry.example/web:1', command: ['/app/web'], ports: [{ containerPort: 8080 }] };

function isDenied(t: Test, { code, body }: KubeAnswer, what: string): void {
  t.equal(code, 403, `${what}: ${JSON.stringify(body['message'])}`);
  t.match(body['message'], /readiness-probe/, what);
}

clusterTest('a Pod made to keep the server busy is judged in time, and so is another one beside it', async (t) => {
  // It took 10 s of CPU with 400 of each, and now takes some milliseconds. The API server gives up after five seconds.
  const namespace = await Namespace.start(t, policyWith({ preset: 'baseline' }), { timeoutSeconds: 5 });
  const times = <T>(make: (index: number) => T): T[] => Array.from({ length: 400 }, (_, index) => make(index));
  const extended = Object.fromEntries(times((index) => [`example.com/r${index}`, '1']));
  const createBusy = (): Promise<KubeAnswer> =>
    namespace.create({
      containers: [{ name: 'web', image: 'registry.example/web:1', resources: { limits: { 'ephemeral-storage': '1Gi' } } }],
      initContainers: [
        { name: 'proxy', image: 'registry.example/proxy:1', restartPolicy: 'Always', resources: { limits: extended } },
        ...times((index) => ({ name: `i${index}`, image: 'registry.example/init:1' })),
      ],
      volumes: times((index) => ({ name: `v${index}`, emptyDir: { sizeLimit: '1Mi' } })),
    });
  await eventually('it is answered: the thread for large reviews has started', async () => (await createBusy()).code === 201);
  namespace.webhook.takeRecords();
  const answers = await Promise.all([createBusy(), namespace.create({ containers: [VIOLATING] })]);
  for (const { code, body } of answers) t.equal(code, 201, String(body['message']));
  const records = namespace.webhook.takeRecords();
  t.equal(records.length, 2);
  const errored = records.flatMap(({ findings }) => findings).filter(({ messageId }) => messageId === 'errored');
  t.same(errored, [], 'neither is let through for want of time');
});

clusterTest('a quantity that is written oddly, and that the API server accepts, hides nothing', async (t) => {
  const namespace = await Namespace.start(t, policyWith({}));
  for (const memory of ['1e1000', ' 1Gi', '.5Gi', '+1Gi', '1.', '1E3', '1e-400', '9'.repeat(300), '1000m', 1e21]) {
    const resources = { requests: { memory }, limits: { memory } };
    isDenied(t, await namespace.create({ containers: [{ ...VIOLATING, resources }] }), `memory: ${JSON.stringify(memory)}`);
  }
});

clusterTest('a bare Pod is not excused by the word OnFailure', async (t) => {
  const namespace = await Namespace.start(t, policyWith({}));
  isDenied(t, await namespace.create({ restartPolicy: 'OnFailure', containers: [VIOLATING] }), 'OnFailure');
  const { body } = await namespace.create({ restartPolicy: 'Never', containers: [VIOLATING] });
  t.notMatch(String(body['message']), /readiness-probe/, 'what runs once is not asked for it');
  namespace.webhook.usePolicy(policyWith({ barePods: { batchWhen: [] } }));
  isDenied(t, await namespace.create({ restartPolicy: 'Never', containers: [VIOLATING] }), 'where the policy says so');
});

clusterTest('an ownerReference that somebody wrote chooses no override', async (t) => {
  const overrides = [{ workloadClasses: ['daemon', 'operator'] as const, rules: { 'readiness-probe': { mode: 'off' as const } } }];
  const namespace = await Namespace.start(t, policyWith({ overrides }));
  for (const [apiVersion, kind] of [
    ['apps/v1', 'DaemonSet'],
    ['postgresql.cnpg.io/v1', 'Cluster'],
  ]) {
    const owner = { apiVersion, kind, name: 'agent', uid: 'd9607e19-f88f-11e6-a518-42010a800195', controller: true };
    isDenied(t, await namespace.create({ containers: [VIOLATING] }, { ownerReferences: [owner] }), String(kind));
  }
});

clusterTest('an update that takes all of the time to judge is denied where a rule enforces', async (t) => {
  const rules = { 'readiness-probe': { mode: 'enforce' as const } };
  const namespace = await Namespace.start(t, policyWith({ preset: 'baseline', rules }), { timeoutSeconds: 1 });
  const selector = { matchLabels: { app: 'web' } };
  const deploymentOf = (containers: readonly JsonObject[]): JsonObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas: 0, selector, template: { metadata: { labels: selector.matchLabels }, spec: { containers } } },
  });
  /** Each is followed for thousands of steps. */
  const counting = Array.from({ length: 400 }, (_, at) => {
    const exec = (from: number): JsonObject => ({
      exec: { command: ['sh', '-c', `i=${from}; while [ $i -lt 99999999 ]; do i=$((i+1)); sleep 1; done`] },
    });
    return { name: `c${at}`, image: 'registry.example/c:1', lifecycle: { preStop: exec(at), postStart: exec(1_000 + at) } };
  });
  const plain = { name: 'web', image: 'registry.example/web:1', command: ['/app/web'] };
  const { code, body } = await namespace.deploy('POST', deploymentOf([plain]));
  t.equal(code, 201, String(body['message']));
  const denied = await namespace.deploy('PUT', deploymentOf([VIOLATING, ...counting]));
  t.equal(denied.code, 403, `${denied.code}: ${JSON.stringify(denied.body['message'])}`);
  t.match(denied.body['message'], /could not be judged/);
  t.equal((await namespace.create({ containers: [VIOLATING, ...counting] })).code, 403, 'so is a Pod');
});
