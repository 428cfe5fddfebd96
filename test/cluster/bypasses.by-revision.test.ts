/** Ways around a policy by what else the API server lets somebody write: revisions of a workload, and exemptions by a name. */
import type { Test } from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Policy, POLICY_API_VERSION, POLICY_KIND, type PolicyDocument } from '../../src/core/policy.ts';
import type { KubeAnswer } from '../../src/kube/client/api.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace, send } from './cluster.ts';
import { registerShipped } from './shipped-webhooks.ts';

const MERGE = 'application/merge-patch+json';

/** `legacy` is exempt by its name, and the container `agent` by its own. */
const POLICY_DOCUMENT: PolicyDocument = {
  apiVersion: POLICY_API_VERSION,
  kind: POLICY_KIND,
  metadata: { name: 'test' },
  spec: {
    preset: 'production',
    rules: { 'memory-limit': { mode: 'enforce', mutation: 'off' } },
    exemptions: [
      { rule: 'memory-limit', workload: { name: 'legacy' }, reason: 'moves next week', expires: '2099-01-01' },
      { rule: 'memory-limit', container: 'agent', reason: 'moves next week', expires: '2099-01-01' },
    ],
  },
};
const POLICY = new Policy(POLICY_DOCUMENT, catalogue);

type Json = Record<string, unknown>;

const LIMITED = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '64Mi' } };
/** Breaks `memory-limit`. */
const UNLIMITED = { requests: { cpu: '10m', memory: '64Mi' } };
const container = (name: string, resources: Json): Json => ({
  ...{ name, image: `registry.example/${name}:1`, command: [`/app/${name}`], resources },
});
const specOf = (...containers: readonly Json[]): Json => ({ schedulerName: 'nobody', containers });

function workload(kind: string, name: string, spec: Json, metadata: Json = {}): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, ...metadata },
    spec: {
      ...(kind === 'StatefulSet' ? { replicas: 1, serviceName: 'web' } : kind === 'Deployment' && { replicas: 0 }),
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: kind === 'DaemonSet' ? { ...spec, nodeSelector: { no: 'node' } } : spec },
    },
  };
}

function podOf(name: Json, ...containers: readonly Json[]): JsonObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: name, spec: specOf(...containers) };
}

function isDenied(t: Test, { code, body }: KubeAnswer, what: string): void {
  t.equal(code, 403, `${what}: ${JSON.stringify(body['message']) || 'accepted'}`);
  t.match(body['message'], /breaks (?:a rule|\d+ rules) of policy test/, what);
}

function isAccepted(t: Test, { code, body }: KubeAnswer, what: string): void {
  t.ok(code === 200 || code === 201, `${what}: ${code} ${String(body['message'])}`);
}

clusterTest('an exemption by name covers nothing that takes the name later, or only begins with it', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  await registerShipped(t, api, namespace, POLICY);
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const dry = { dryRun: 'All' };
  const create = (body: JsonObject): Promise<KubeAnswer> => send(api, { method: 'POST', path: pods, query: dry, body });
  const web = container('web', UNLIMITED);
  isAccepted(t, await create(podOf({ name: 'legacy' }, web)), 'the name is exempt');
  isAccepted(t, await create(podOf({ name: 'other' }, container('agent', UNLIMITED))), 'the container is exempt');
  isDenied(t, await create(podOf({ generateName: 'legacy' }, web)), 'a generated name');
  isDenied(t, await create(podOf({ name: 'legacy-2' }, web)), 'a longer name');
  isDenied(t, await create(podOf({ name: 'other', labels: { app: 'legacy', 'app.kubernetes.io/name': 'legacy' } }, web)), 'labels');
  isDenied(t, await create(podOf({ name: 'other' }, container('agent', UNLIMITED), web)), 'a container beside one that is exempt');
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    name: 'legacy',
    uid: 'd9607e19-f88f-11e6-a518-42010a800195',
    controller: true,
  };
  isDenied(t, await create(podOf({ name: 'other', ownerReferences: [owner] }, web)), 'a forged owner');

  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const agent = specOf(container('agent', UNLIMITED));
  isAccepted(t, await send(api, { method: 'POST', path: deployments, body: workload('Deployment', 'web', agent) }), 'the agent');
  const change = workload('Deployment', 'web', specOf(container('worker', UNLIMITED)));
  isDenied(t, await send(api, { method: 'PUT', path: `${deployments}/web`, query: dry, body: change }), 'the agent takes another name');
  const moved = specOf(container('agent', LIMITED), container('worker', UNLIMITED));
  const swapped = workload('Deployment', 'web', moved);
  isDenied(t, await send(api, { method: 'PUT', path: `${deployments}/web`, query: dry, body: swapped }), 'what is exempt moves on');
});

/** A revision with the labels, the owner and the spec of another one, and with a container that breaks the rule. */
function forgedFrom(revision: JsonObject | undefined, name: string): JsonObject {
  const { labels, ownerReferences } = (revision?.['metadata'] ?? {}) as Json;
  const data = structuredClone(revision?.['data']) as { spec: { template: { spec: { containers: Json[] } } } };
  for (const each of data.spec.template.spec.containers) each['resources'] = UNLIMITED;
  return { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name, labels, ownerReferences }, revision: 1, data };
}

clusterTest('a forged revision is no template: rolling back to it is judged', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const at = (resource: string): string => `/apis/apps/v1/namespaces/${namespace}/${resource}`;
  const clean = specOf(container('web', LIMITED));
  for (const [kind, resource] of [
    ['StatefulSet', 'statefulsets'],
    ['DaemonSet', 'daemonsets'],
  ] as const) {
    isAccepted(t, await send(api, { method: 'POST', path: at(resource), body: workload(kind, 'web', clean) }), kind);
  }
  const revisionsOf = async (kind: string): Promise<JsonObject[]> => {
    const { body } = await api.request({ method: 'GET', path: at('controllerrevisions') });
    const ofKind = ({ metadata }: JsonObject): boolean => (metadata as { ownerReferences: Json[] }).ownerReferences[0]?.['kind'] === kind;
    return (body['items'] as JsonObject[]).filter(ofKind);
  };
  await registerShipped(t, api, namespace, POLICY);
  for (const [kind, resource] of [
    ['StatefulSet', 'statefulsets'],
    ['DaemonSet', 'daemonsets'],
  ] as const) {
    await eventually(`${kind}: its first revision is there`, async () => (await revisionsOf(kind)).length === 1);
    const [first] = await revisionsOf(kind);
    const forged = forgedFrom(first, 'forged');
    isAccepted(t, await send(api, { method: 'POST', path: at('controllerrevisions'), body: forged }), `${kind}: nobody is asked about it`);
    // So that the forged one is the one before the last.
    const second = { spec: { template: { metadata: { annotations: { step: '2' } } } } };
    isAccepted(t, await send(api, { method: 'PATCH', path: `${at(resource)}/web`, patchType: MERGE, body: second }), `${kind}: changed`);
    await eventually(`${kind}: its next revision is there`, async () => (await revisionsOf(kind)).length === 3);
    const { code, stdout, stderr } = await kubectl(['-n', namespace, 'rollout', 'undo', `${kind.toLowerCase()}/web`, '--to-revision=1']);
    t.not(code, 0, `${kind}: ${stdout}`);
    t.match(stderr, /breaks a rule of policy test/, kind);
    const { body } = await api.request({ method: 'GET', path: `${at(resource)}/web` });
    t.match(body, { spec: { template: { spec: { containers: [{ resources: LIMITED }] } } } }, `${kind}: its template stays`);
    isAccepted(t, await send(api, { method: 'DELETE', path: `${at('controllerrevisions')}/forged` }), 'taken away');
  }
});

clusterTest('a forged revision that a rollout still runs makes Pods of a controller, which `owned` is the mode for', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const sets = `/apis/apps/v1/namespaces/${namespace}/statefulsets`;
  const revisions = `/apis/apps/v1/namespaces/${namespace}/controllerrevisions`;
  const pod = `/api/v1/namespaces/${namespace}/pods/web-0`;
  const { spec, ...rest } = workload('StatefulSet', 'web', specOf(container('web', LIMITED)));
  // The Pods below the partition stay as they were before the change.
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } };
  isAccepted(t, await send(api, { method: 'POST', path: sets, body: { ...rest, spec: { ...(spec as Json), updateStrategy } } }), 'made');
  const statusOf = async (): Promise<Json> => ((await api.request({ method: 'GET', path: `${sets}/web` })).body['status'] ?? {}) as Json;
  await eventually('its Pod is there', async () => (await send(api, { method: 'GET', path: pod })).code === 200);
  const current = String((await statusOf())['currentRevision']);
  const change = { spec: { template: { metadata: { annotations: { step: '2' } } } } };
  isAccepted(t, await send(api, { method: 'PATCH', path: `${sets}/web`, patchType: MERGE, body: change }), 'changed');
  await eventually('the change is seen', async () => (await statusOf())['updateRevision'] !== current);
  await registerShipped(
    t,
    api,
    namespace,
    new Policy({ ...POLICY_DOCUMENT, spec: { ...POLICY_DOCUMENT.spec, owned: 'enforce' } }, catalogue),
  );

  const { body: first } = await api.request({ method: 'GET', path: `${revisions}/${current}` });
  isAccepted(t, await send(api, { method: 'DELETE', path: `${revisions}/${current}` }), 'the revision that runs is taken away');
  isAccepted(t, await send(api, { method: 'POST', path: revisions, body: forgedFrom(first, current) }), 'another one takes its name');
  await send(api, { method: 'DELETE', path: pod, query: { gracePeriodSeconds: '0' } });
  await eventually('the controller is denied its Pod', async () => {
    const { body } = await api.request({ method: 'GET', path: `/api/v1/namespaces/${namespace}/events` });
    return (body['items'] as Json[]).some(
      ({ reason, message }) => reason === 'FailedCreate' && String(message).includes('breaks a rule of policy test'),
    );
  });
});
