/** Old workloads: what was there before the policy goes on as before, and is judged where somebody changes it. */
import type { Test } from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { connect, eventually, kubectl, makeNamespace, send, type Ran } from './cluster.ts';
import { makeFakeNode, onFakeNodes } from './proof/fake-node.ts';
import { isReady, type LivePod } from './proof/pod-watch.ts';
import { scenario } from './proof/scenario.ts';
import { registerWebhook } from './registered-webhook.ts';

/** BestEffort, and counts as ready as soon as it runs: the production policy denies both. */
const BREAKING_CONTAINER = { name: 'web', image: 'registry.example/web:1', ports: [{ containerPort: 8080 }] };

function breakingDeployment(namespace: string, replicas: number): JsonObject {
  const labels = { app: 'old' };
  const template = { metadata: { labels }, spec: { ...onFakeNodes(namespace), containers: [BREAKING_CONTAINER] } };
  const spec = { replicas, selector: { matchLabels: labels }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'old' }, spec };
}

scenario('a Deployment that is older than the policy heals, scales, rolls back, restarts and survives a drain', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const first = await makeFakeNode(t, api, namespace, 'first');
  const second = first && (await makeFakeNode(t, api, namespace, 'second'));
  if (first === undefined || second === undefined) return;
  const old = new OldDeployment(t, api, namespace);
  await old.does(['create', '-f', '-'], breakingDeployment(namespace, 2));
  await old.settles(2);
  await old.does(['set', 'image', 'deployment/old', 'web=registry.example/web:2']);
  await old.settles(2, 'registry.example/web:2');

  const webhook = await registerWebhook(t, api, { namespace, policy: presetPolicy('production') });
  const again = await old.kubectl(['create', '-f', '-'], { ...breakingDeployment(namespace, 2), metadata: { name: 'new' } });
  t.match(again.stderr, 'admission webhook "validate.podgrace.dev" denied the request', 'created now, it is denied');

  const [lost] = await old.pods();
  await old.does(['delete', 'pod', lost?.metadata.name ?? '']);
  await old.settles(2);
  t.notOk(
    (await old.pods()).some(({ metadata }) => metadata.uid === lost?.metadata.uid),
    'the deleted Pod is replaced',
  );

  await old.does(['scale', 'deployment/old', '--replicas=4']);
  await old.settles(4);

  await old.does(['rollout', 'undo', 'deployment/old']);
  await old.settles(4, 'registry.example/web:1');

  await old.does(['rollout', 'restart', 'deployment/old']);
  await old.settles(4);

  await old.does(['drain', first.name, '--ignore-daemonsets', '--timeout=60s']);
  await old.settles(4);
  t.same([...new Set((await old.pods()).map(({ spec }) => spec.nodeName))], [second.name], 'all have moved');
  const made = webhook.takeRecords().filter(({ operation, username }) => operation === 'CREATE' && username.startsWith('system:'));
  const count = (kind: string): number =>
    made.filter((record) => record.kind === kind && record.findings.some(({ excuse }) => excuse === 'owned')).length;
  const refused = made.filter(({ outcome }) => outcome === 'denied').length;
  t.equal(refused, 0, 'nothing that a controller made was refused');
  t.comment(
    `made by controllers although it breaks the policy: ${count('Pod')} Pods, ${count('ReplicaSet')} ReplicaSet; refused: ${refused}`,
  );

  const image = await old.kubectl(['set', 'image', 'deployment/old', 'web=registry.example/web:3']);
  t.equal(image.code, 0, 'a change that makes nothing worse goes through');
  t.match(image.stderr, /^Warning: spec\.template\.spec\.containers\[0\]\.readinessProbe/m, 'and says what was there before');
  await old.settles(4, 'registry.example/web:3');
  const sidecar = { name: 'metrics', image: 'registry.example/metrics:1', ports: [{ containerPort: 9090 }] };
  const patch = JSON.stringify({ spec: { template: { spec: { containers: [sidecar] } } } });
  const worse = await old.kubectl(['patch', 'deployment', 'old', '-p', patch]);
  t.equal(worse.code, 1, 'a change that makes it worse is denied');
  const denials = worse.stderr.split('\n').filter((line) => line.startsWith('- '));
  t.equal(denials.length, 1, 'for what it adds, and for nothing else');
  t.match(denials[0], /readinessProbe: must be set: the container declares port 9090/);
});

/** kubectl and a Deployment named `old`, whose Pods are `app=old`. */
class OldDeployment {
  readonly #t: Test;
  readonly #api: KubeApi;
  readonly #namespace: string;

  constructor(t: Test, api: KubeApi, namespace: string) {
    this.#t = t;
    this.#api = api;
    this.#namespace = namespace;
  }

  kubectl(args: readonly string[], input?: JsonObject): Promise<Ran> {
    return kubectl(['-n', this.#namespace, ...args], input);
  }

  async does(args: readonly string[], input?: JsonObject): Promise<void> {
    const { code, stderr } = await this.kubectl(args, input);
    this.#t.equal(code, 0, `kubectl ${args.slice(0, 2).join(' ')}: ${stderr}`);
  }

  async pods(): Promise<(LivePod & { readonly spec: { readonly containers: readonly { readonly image: string }[] } })[]> {
    const path = `/api/v1/namespaces/${this.#namespace}/pods`;
    const { body } = await this.#api.request({ method: 'GET', path, query: { labelSelector: 'app=old' } });
    return body['items'] as Awaited<ReturnType<OldDeployment['pods']>>;
  }

  /** All Pods are ready, and there are no others. */
  async settles(replicas: number, image?: string): Promise<void> {
    await this.does(['rollout', 'status', 'deployment/old', '--timeout=60s']);
    await eventually(`${replicas} Pods of ${image ?? 'the Deployment'}`, async () => {
      const pods = await this.pods();
      const isSettled = (pod: (typeof pods)[number]): boolean =>
        isReady(pod) && pod.metadata.deletionTimestamp === undefined && (image === undefined || pod.spec.containers[0]?.image === image);
      return pods.length === replicas && pods.every(isSettled);
    });
  }
}

scenario('a person who writes an ownerReference into a Pod is denied all the same', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const replicaSets = `/apis/apps/v1/namespaces/${namespace}/replicasets`;
  await api.request({ method: 'POST', path: `/apis/apps/v1/namespaces/${namespace}/deployments`, body: breakingDeployment(namespace, 0) });
  let owner: { name: string; uid: string } | undefined;
  await eventually('the Deployment has its ReplicaSet', async () => {
    const { body } = await api.request({ method: 'GET', path: replicaSets });
    owner = (body['items'] as { metadata: { name: string; uid: string } }[])[0]?.metadata;
    return owner !== undefined;
  });
  await registerWebhook(t, api, { namespace, policy: presetPolicy('production') });
  // Not forged: the ReplicaSet is there, and would adopt the Pod.
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner?.name, uid: owner?.uid, controller: true }];
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'claimed', labels: { app: 'old' }, ownerReferences },
    spec: { schedulerName: 'nobody', containers: [BREAKING_CONTAINER] },
  };
  const { code, body } = await send(api, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, body: pod });
  t.equal(code, 403, String(body['message']));
  t.match(body['message'], 'breaks 2 rules of policy production');
});
