/**
 * What can lower the QoS class of a Pod after its author chose it: a resize, which the API server itself refuses, and containers that
 * other webhooks add, of which the rule `qos-stays` tells by what a real API server writes into managedFields.
 */
import type { Policy } from '../../src/core/policy.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace, send, serverVersion } from './cluster.ts';
import { registerInjector } from './injector.ts';
import { policyOf } from './proof/scenario.ts';
import { registerWebhook } from './registered-webhook.ts';

const EQUAL = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '100m', memory: '64Mi' } };

function pod(name: string, resources: object, spec: object = {}): JsonObject {
  const containers = [{ name: 'web', image: 'registry.example/web:1', resources }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { schedulerName: 'nobody', containers, ...spec } };
}

clusterTest('no resize changes the class: the API server refuses it, so no rule has to', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const resize = async (name: string, spec: object): Promise<string> => {
    const patch = JSON.stringify({ spec });
    return (await kubectl(['patch', 'pod', name, '-n', namespace, '--subresource=resize', '-p', patch])).stderr;
  };
  const to = (resources: object): object => ({ containers: [{ name: 'web', resources }] });
  for (const object of [
    pod('guaranteed', EQUAL),
    pod('burstable', { requests: { cpu: '10m' } }),
    pod('best-effort', {}),
    pod('of-pod', {}, { resources: EQUAL }),
  ])
    t.equal((await kubectl(['create', '-n', namespace, '-f', '-'], object)).code, 0);
  const refused = /Pod QOS Class may not change as a result of resizing/;
  t.match(await resize('guaranteed', to({ requests: { cpu: '50m' } })), refused, 'Guaranteed to Burstable');
  t.match(await resize('burstable', to({ requests: { cpu: '0' } })), refused, 'Burstable to BestEffort');
  t.match(await resize('burstable', to(EQUAL)), refused, 'Burstable to Guaranteed');
  t.match(await resize('best-effort', to({ requests: { cpu: '10m' } })), refused, 'BestEffort to Burstable');
  if (!['1.34', '1.35'].includes(await serverVersion(api))) {
    t.match(await resize('of-pod', { resources: { requests: { cpu: '50m' } } }), refused, 'by Pod-level resources');
    t.match(
      await resize('guaranteed', { resources: { limits: { cpu: '1', memory: '1Gi' } } }),
      refused,
      'by Pod-level resources that are new',
    );
  }
  t.equal(await resize('guaranteed', to({ requests: { cpu: '50m' }, limits: { cpu: '50m' } })), '');
});

clusterTest('a container that another webhook adds: whoever sends the Pod is warned, and for controllers it is recorded', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const webhook = await registerWebhook(t, api, { namespace, policy: policyOf({ 'qos-stays': { mode: 'enforce' } }) });
  const warn = policyOf({ 'qos-stays': { mode: 'warn' } });
  const create = (object: JsonObject): ReturnType<typeof send> =>
    send(api, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, body: object });
  t.equal((await create(pod('before', EQUAL))).code, 201, 'nobody has added anything');

  webhook.usePolicy(warn);
  await registerInjector(t, api, { namespace, pod: pod('probe', EQUAL) });
  const field = 'spec.containers[0].resources';
  const text = 'the Pod was sent as Guaranteed, and this container, which a webhook added, makes it Burstable';
  const warning = `${field}: must have equal requests and limits of cpu: ${text} (qos-stays)`;
  const { code, body, warnings } = await create(pod('web', EQUAL));
  t.match([code, body['status']], [201, { qosClass: 'Burstable' }]);
  t.same(warnings, [warning]);
  const applied = await kubectl(['apply', '--server-side', '-n', namespace, '-f', '-'], pod('applied', EQUAL));
  t.match(applied.stderr, `Warning: ${warning}`, 'server-side apply lists less, and the containers all the same');
  t.same((await create(pod('burstable', { requests: { cpu: '10m' } }))).warnings, [], 'it was Burstable anyway');
  // Later updates add to managedFields what they change, and the container is not sent by that.
  const image = await kubectl(['set', 'image', 'pod/web', '-n', namespace, 'web=registry.example/web:2']);
  t.match(image.stderr, 'qos-stays', 'it is as it was, and is said again');

  webhook.usePolicy(policyOf({ 'qos-stays': { mode: 'enforce' } }));
  t.match(
    (await create(pod('denied', EQUAL))).body['message'],
    /breaks a rule of policy proof\n- spec\.containers\[0\]\.resources: must have/,
  );
  const template = { metadata: { labels: { app: 'web' } }, spec: pod('web', EQUAL)['spec'] };
  const spec = { replicas: 1, selector: { matchLabels: { app: 'web' } }, template };
  webhook.takeRecords();
  t.equal(
    (await kubectl(['create', '-n', namespace, '-f', '-'], { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec }))
      .stderr,
    '',
  );
  const owned = { webhook: 'validate', outcome: 'allowed', findingCounts: [{ rule: 'qos-stays', mode: 'owned', count: 1 }] };
  await eventually('the Pod of the Deployment', () => {
    const ofPod = webhook.takeRecords().find((record) => record.kind === 'Pod' && record.webhook === 'validate');
    if (ofPod !== undefined) t.match(ofPod, owned);
    return ofPod !== undefined;
  });
});

clusterTest(
  'where the policy asks for Guaranteed and repairs, an added container is made equal, whichever webhook comes first',
  async (t) => {
    const api = connect();
    const options = { class: 'Guaranteed' };
    const policy: Policy = policyOf({
      'minimum-qos-class': { mode: 'enforce', mutation: 'apply', options },
      'qos-stays': { mode: 'enforce' },
    });
    for (const order of ['first', 'last'] as const) {
      const namespace = await makeNamespace(t, api);
      await registerWebhook(t, api, { namespace, policy });
      await registerInjector(t, api, { namespace, pod: pod('probe', EQUAL), order });
      const { code, body, warnings } = await send(api, {
        method: 'POST',
        path: `/api/v1/namespaces/${namespace}/pods`,
        body: pod('web', EQUAL),
      });
      t.match([code, body['status'], warnings], [201, { qosClass: 'Guaranteed' }, []], `the injector is ${order}`);
    }
  },
);
