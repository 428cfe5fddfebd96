/** What people see in kubectl, and what they must still be able to do: golden texts of a real API server's answers. */
import { presetPolicy } from '../../src/config/presets.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { deploymentWith, elementsOf, REPEATED_ELEMENTS } from '../offline/repeated-elements.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace, send } from './cluster.ts';
import { registerWebhook } from './registered-webhook.ts';

const CLEAN_CONTAINER = {
  name: 'web',
  image: 'registry.example/web:1',
  command: ['/app/web'],
  ports: [{ containerPort: 8080 }],
  resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } },
  readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
};

function deployment(name: string, container: object, replicas = 2): JsonObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container], nodeSelector: { type: 'kwok' } } },
    },
  };
}

clusterTest('kubectl prints a denial with every field, the reason and the fix', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  await registerWebhook(t, api, { namespace, policy: presetPolicy('production') });
  const { readinessProbe: _, resources: __, ...bare } = CLEAN_CONTAINER;
  const { code, stderr } = await kubectl(['apply', '-n', namespace, '-f', '-'], deployment('web', bare));
  t.equal(code, 1);
  t.equal(
    stderr.replaceAll(namespace, 'NAMESPACE'),
    [
      'Warning: spec.template.spec.containers[0].resources.limits.memory: must be set and above 0, or the container may use all memory of its node (memory-limit)',
      'Error from server (Forbidden): error when creating "STDIN": admission webhook "validate.podgrace.dev" denied the request: Deployment NAMESPACE/web breaks 2 rules of policy production',
      '- spec.template.spec.containers: must ask for cpu or memory in some container: the Pod is BestEffort, the first to be killed when memory runs out (minimum-qos-class)',
      '  fix: set `resources.requests` of cpu and memory to what the container needs',
      '- spec.template.spec.containers[0].readinessProbe: must be set: the container declares port 8080 and counts as ready as soon as its process runs (readiness-probe)',
      '  fix: add a `readinessProbe` that fails while the container cannot serve, at least `tcpSocket: {port: 8080}`',
      '',
    ].join('\n'),
  );
});

clusterTest('kubectl prints warnings, and creates the object', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  await registerWebhook(t, api, { namespace, policy: presetPolicy('production') });
  const { limits: _, ...requestsOnly } = CLEAN_CONTAINER.resources;
  const { code, stdout, stderr } = await kubectl(
    ['apply', '-n', namespace, '-f', '-'],
    deployment('web', { ...CLEAN_CONTAINER, resources: requestsOnly }),
  );
  t.equal(code, 0);
  t.equal(stdout, 'deployment.apps/web created\n');
  t.equal(
    stderr,
    'Warning: spec.template.spec.containers[0].resources.limits.memory: must be set and above 0, or the container may use all memory of its node (memory-limit)\n',
  );
});

clusterTest('Pods of an admitted Deployment come up repaired, and a rollout goes through', async (t) => {
  const api = connect();
  const nodes = (await api.request({ method: 'GET', path: '/api/v1/nodes', query: { labelSelector: 'type=kwok' } })).body['items'];
  if (!Array.isArray(nodes) || nodes.length === 0) {
    t.pass('a rollout', { skip: 'no simulated node (label type=kwok) to run Pods on' });
    return;
  }
  const namespace = await makeNamespace(t, api);
  await registerWebhook(t, api, { namespace, policy: presetPolicy('production') });
  t.equal((await kubectl(['apply', '-n', namespace, '-f', '-'], deployment('web', CLEAN_CONTAINER))).code, 0);
  const rollout = await kubectl(['rollout', 'status', 'deployment/web', '-n', namespace, '--timeout=60s']);
  t.equal(rollout.code, 0, rollout.stderr);
  const list = (await api.request({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods` })).body as unknown as {
    items: { spec: JsonObject }[];
  };
  t.equal(list.items.length, 2);
  for (const { spec } of list.items) {
    const [container] = spec['containers'] as { lifecycle?: unknown }[];
    t.same(container?.lifecycle, { preStop: { sleep: { seconds: 10 } } });
    t.equal(spec['terminationGracePeriodSeconds'], 40);
    t.same(
      (spec['tolerations'] as { tolerationSeconds: number }[]).map(({ tolerationSeconds }) => tolerationSeconds),
      [30, 30],
    );
  }
  t.equal((await kubectl(['set', 'image', 'deployment/web', 'web=registry.example/web:2', '-n', namespace])).code, 0);
  const again = await kubectl(['rollout', 'status', 'deployment/web', '-n', namespace, '--timeout=60s']);
  t.equal(again.code, 0, again.stderr);
});

clusterTest('a Pod that is older than the policy can be labelled, annotated, debugged, resized and deleted', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'old' },
    spec: {
      schedulerName: 'nobody',
      containers: [
        {
          name: 'web',
          image: 'registry.example/web:1',
          ports: [{ containerPort: 8080 }],
          resources: { requests: { cpu: '100m', memory: '64Mi' } },
        },
      ],
    },
  };
  await api.request({ method: 'POST', path: pods, body: pod });
  await registerWebhook(t, api, { namespace, policy: presetPolicy('strict') });
  const succeeds = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await kubectl(['-n', namespace, ...args]);
    t.equal(code, 0, `kubectl ${args.join(' ')}: ${stderr}`);
  };
  t.equal(
    (await send(api, { method: 'POST', path: pods, body: { ...pod, metadata: { name: 'new' } } })).code,
    403,
    'created now, it is denied',
  );
  await succeeds('label', 'pod', 'old', 'tier=backend');
  await succeeds('annotate', 'pod', 'old', 'note=kept');
  await succeeds('debug', 'pod/old', '--image=registry.example/busybox:1', '--target=web', '--attach=false', '--', 'sh');
  const resize = (requests: object): string => JSON.stringify({ spec: { containers: [{ name: 'web', resources: { requests } }] } });
  await succeeds('patch', 'pod', 'old', '--subresource=resize', '-p', resize({ cpu: '200m', memory: '128Mi' }));
  await succeeds('patch', 'pod', 'old', '--type=merge', '-p', '{"metadata":{"finalizers":["podgrace.dev/test"]}}');
  await succeeds('patch', 'pod', 'old', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
  await succeeds('delete', 'pod', 'old', '--wait=false');
  await eventually('the Pod is gone', async () => (await api.find(`${pods}/old`)) === undefined);
});

clusterTest('an update of an old Deployment is denied only for what it makes worse', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const { readinessProbe: _, ...withoutProbe } = CLEAN_CONTAINER;
  await api.request({
    method: 'POST',
    path: `/apis/apps/v1/namespaces/${namespace}/deployments`,
    body: deployment('old', withoutProbe, 0),
  });
  await registerWebhook(t, api, { namespace, policy: presetPolicy('production') });
  const image = await kubectl(['set', 'image', 'deployment/old', 'web=registry.example/web:2', '-n', namespace]);
  t.equal(image.code, 0);
  t.match(
    image.stderr,
    /^Warning: spec\.template\.spec\.containers\[0\]\.readinessProbe: must be set/m,
    'what was there before is a warning',
  );
  t.equal((await kubectl(['scale', 'deployment/old', '--replicas=0', '-n', namespace])).stderr, '', 'scaling is not judged');
  const worse = await kubectl([
    'set',
    'resources',
    'deployment/old',
    '--requests=cpu=0,memory=0',
    '--limits=cpu=0,memory=0',
    '-n',
    namespace,
  ]);
  t.equal(worse.code, 1);
  t.match(worse.stderr, /minimum-qos-class/);
  t.notMatch(worse.stderr, /readiness-probe\)\n {2}fix/, 'the denial does not repeat what was there before');
});

clusterTest('a Pod that names an owner is denied all the same when a person sends it', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  await registerWebhook(t, api, { namespace, policy: presetPolicy('production') });
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'd9607e19-f88f-11e6-a518-42010a800195', controller: true };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'forged', ownerReferences: [owner] },
    spec: { schedulerName: 'nobody', containers: [{ name: 'web', image: 'registry.example/web:1' }] },
  };
  const answer = await send(api, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, body: pod });
  t.equal(answer.code, 403, JSON.stringify(answer.body['message']));
});

clusterTest('kubectl apply takes elements with the same key for one, as explain --from says', async (t) => {
  const namespace = await makeNamespace(t, connect());
  const apply = async (version: 'before' | 'after'): Promise<readonly JsonObject[]> => {
    const items = REPEATED_ELEMENTS.map((each, index) => deploymentWith(each.list, each[version], `web-${index}`));
    const { stdout } = await kubectl(['apply', '-n', namespace, '-o', 'json', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
    return (JSON.parse(stdout) as { items: JsonObject[] }).items;
  };
  await apply('before');
  const applied = await apply('after');
  for (const [index, { list, before, after, stored }] of REPEATED_ELEMENTS.entries())
    t.same(elementsOf(list, applied[index] ?? {}), stored, `${list}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`);
});
