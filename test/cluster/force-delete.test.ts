/**
 * The webhook about deletions by force, as it is shipped, before a real API server: what is denied, what is let through, and what is
 * never sent. StatefulSets run on a simulated node of kwok; the kubelet itself is played by its name.
 */
import type { Test } from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import { forceDeleteWebhook } from '../deploy/rendered.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace, type Ran } from './cluster.ts';
import { parsedReport, podgrace } from '../cli/command-line.ts';
import { as, enforcing, PERSON, podsOf, register, workload, type FoundPod } from './deletions-by-force.ts';
import { AuditLog, type AuditEvent } from './proof/audit-log.ts';
import { makeFakeNode } from './proof/fake-node.ts';
import { skipped } from './proof/scenario.ts';
import { serveOnLoopback } from './registered-webhook.ts';

const FENCED = 'podgrace.dev/fenced-node';
/** Podgrace does not listen there: nobody does. */
const CLOSED_PORT = 1;

/** What the API server has counted of calls to the webhook, whether or not anybody answered. */
async function callsCounted(): Promise<number> {
  const { stdout } = await kubectl(['get', '--raw', '/metrics']);
  const counter = /^apiserver_admission_webhook_admission_duration_seconds_count\{([^}]*)\} (\d+)$/gm;
  let calls = 0;
  for (const [, labels = '', count = '0'] of stdout.matchAll(counter))
    if (labels.includes(`name="${forceDeleteWebhook().name}"`)) calls += Number(count);
  return calls;
}

clusterTest('a Pod of a StatefulSet is not deleted by force, and no other deletion is even sent', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const node = await makeFakeNode(t, api, namespace);
  if (node === undefined) return;
  const server = await serveOnLoopback(t, enforcing());
  await register(t, api, namespace, server);

  for (const object of [
    workload(namespace, 'StatefulSet', 'db', { replicas: 10 }),
    workload(namespace, 'StatefulSet', 'hasty', { replicas: 1, terminationGracePeriodSeconds: 0 }),
    workload(namespace, 'StatefulSet', 'waiting', { replicas: 1, nodeSelector: { no: 'node' } }),
    workload(namespace, 'Deployment', 'web', { replicas: 1 }),
  ])
    t.equal((await kubectl(['create', '-n', namespace, '-f', '-'], object)).code, 0);
  const areRunning = async (app: string, count: number): Promise<boolean> =>
    (await podsOf(api, namespace, app)).filter(({ status }) => status.phase === 'Running').length === count;
  for (const [app, count] of [
    ['db', 10],
    ['hasty', 1],
    ['web', 1],
  ] as const)
    await eventually(`the Pods of ${app} run`, () => areRunning(app, count));
  await eventually('a Pod waits', async () => (await podsOf(api, namespace, 'waiting')).length === 1);

  const remove = (pod: string, ...args: string[]): readonly string[] => ['delete', 'pod', pod, '-n', namespace, '--wait=false', ...args];
  await eventually(
    'the API server asks podgrace',
    async () => (await as(PERSON, remove('db-0', '--force', '--dry-run=server'))).code === 1,
  );

  const forced: readonly (readonly [string, readonly string[]])[] = [
    ['delete --force', remove('db-0', '--force')],
    ['delete --force --grace-period=0', remove('db-0', '--force', '--grace-period=0')],
    ['as a dry run', remove('db-0', '--force', '--dry-run=server')],
    ['in the background or not', remove('db-0', '--force', '--cascade=orphan')],
    ['a collection of Pods', ['delete', '--raw', `/api/v1/namespaces/${namespace}/pods?gracePeriodSeconds=0&labelSelector=app%3Ddb`]],
  ];
  await t.test('by force: denied, and the Pods stay', async (t) => {
    const before = await podsOf(api, namespace, 'db');
    for (const [what, args] of forced) {
      const { code, stderr } = await as(PERSON, args);
      t.equal(code, 1, what);
      t.match(stderr, /denied the request: Deletion of Pod podgrace-test-\S+\/db-\d breaks a rule of policy test/, what);
      t.match(stderr, `metadata.annotations[${FENCED}]: must be ${node.name} before the Pod is deleted by force, but is not set`, what);
      t.match(stderr, /\n {2}fix: delete it without `--force`; once \S+ is off for certain, taint it/, what);
    }
    t.same(uids(await podsOf(api, namespace, 'db')), uids(before));
    t.notOk((await podsOf(api, namespace, 'db')).some(({ metadata }) => metadata.deletionTimestamp !== undefined));
  });

  const [web] = await podsOf(api, namespace, 'web');
  const evict = ['create', '--raw', `/api/v1/namespaces/${namespace}/pods/db-4/eviction`, '-f', '-'];
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'db-4' } };
  const drain = ['drain', node.name, '--pod-selector=app=db', '--force', '--delete-emptydir-data', '--ignore-daemonsets', '--timeout=30s'];
  const spared: readonly (readonly [string, string, readonly string[], JsonObject?])[] = [
    ['an ordinary deletion', PERSON, remove('db-1')],
    ['--now', PERSON, remove('db-2', '--now')],
    ['another grace period', PERSON, remove('db-3', '--grace-period=7')],
    ['an eviction without grace', PERSON, evict, { ...eviction, deleteOptions: { gracePeriodSeconds: 0 } }],
    ['a kubelet', `system:node:${node.name}`, remove('db-5', '--force')],
    ['garbage collection of Pods', 'system:serviceaccount:kube-system:pod-garbage-collector', remove('db-6', '--force')],
    ['a service account that has fenced the node', 'system:serviceaccount:fencing:agent', remove('db-7', '--force')],
    ['the controller manager', 'system:kube-controller-manager', remove('db-8', '--force')],
    ['the scheduler', 'system:kube-scheduler', remove('db-9', '--force')],
    ['a Pod of a Deployment', PERSON, remove(web?.metadata.name ?? '', '--force')],
    ['a Pod that is on no node', PERSON, remove('waiting-0', '--force')],
    ['a Pod on no node, without force', PERSON, remove('waiting-0', '--ignore-not-found')],
    ['a Pod whose own grace period is 0', PERSON, remove('hasty-0')],
  ];
  /** Neither podgrace nor the API server knows of a call that was made while `act` ran. */
  const isNotSent = async (t: Test, what: string, act: () => Promise<void>): Promise<void> => {
    server.takeRecords();
    const counted = await callsCounted();
    await act();
    t.same(server.takeRecords(), [], `${what}: podgrace was not asked`);
    t.equal(await callsCounted(), counted, `${what}: nothing was sent`);
  };
  await t.test('anything else goes through, and is not sent', async (t) => {
    t.ok((await callsCounted()) > 0, 'the API server counts what it sends');
    await isNotSent(t, 'all of them', async () => {
      for (const [what, username, args, input] of spared) {
        const { code, stderr } = await as(username, args, input);
        t.equal(code, 0, `${what}: ${stderr}`);
      }
      const { code, stderr } = await as(PERSON, drain);
      t.equal(code, 0, `drain: ${stderr}`);
      await kubectl(['uncordon', node.name]);
      await eventually('the Pods are back', () => areRunning('db', 10));
    });
  });

  await t.test('a Pod that is terminating already, on a node that does not answer: still denied', async (t) => {
    const { metadata } = (await api.request({ method: 'GET', path: `/apis/apps/v1/namespaces/${namespace}/statefulsets/db` })).body;
    const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: (metadata as { uid: string }).uid, controller: true };
    const lost = {
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'db-77', labels: { app: 'db' }, ownerReferences: [owner] } },
      spec: { nodeName: 'lost-node', containers: [{ name: 'db', image: 'registry.example/db:1' }] },
    };
    t.equal((await kubectl(['create', '-n', namespace, '-f', '-'], lost)).code, 0);
    t.equal((await as(PERSON, remove('db-77'))).code, 0);
    t.equal((await as(PERSON, remove('db-77', '--force'))).code, 1);
    const left = (await podsOf(api, namespace, 'db')).find(({ metadata }) => metadata.name === 'db-77');
    t.type(left?.metadata.deletionTimestamp, 'string');
    // Nobody else is there to say that it has ended.
    t.equal((await kubectl(remove('db-77', '--force'))).code, 0);
  });

  await t.test('the annotation of another node does not help; that of its own is enough, and nothing is sent', async (t) => {
    const annotate = (value: string): Promise<Ran> =>
      as(PERSON, ['annotate', 'pod', 'db-2', '-n', namespace, '--overwrite', `${FENCED}=${value}`]);
    t.equal((await annotate('elsewhere')).code, 0);
    const { code, stderr } = await as(PERSON, remove('db-2', '--force'));
    t.equal(code, 1);
    t.match(stderr, `must be ${node.name} before the Pod is deleted by force, but is elsewhere`);
    await isNotSent(t, 'fenced', async () => {
      t.equal((await annotate(node.name)).code, 0);
      t.equal((await as(PERSON, remove('db-2', '--force'))).code, 0);
    });
    await eventually('the Pods are back', () => areRunning('db', 10));
  });

  await t.test('a Pod that its StatefulSet has let go, whose name the next one gets: denied', async (t) => {
    t.equal((await as(PERSON, ['label', 'pod', 'db-9', '-n', namespace, 'app-'])).code, 0);
    const path = `/api/v1/namespaces/${namespace}/pods/db-9`;
    await eventually('it has no owner', async () => {
      const { metadata } = (await api.request({ method: 'GET', path })).body as { metadata: JsonObject };
      return metadata['ownerReferences'] === undefined;
    });
    const { code, stderr } = await as(PERSON, remove('db-9', '--force'));
    t.equal(code, 1);
    t.match(stderr, `must be ${node.name} before the Pod is deleted by force`);
    await isNotSent(t, 'without force', async () => {
      t.equal((await as(PERSON, remove('db-9'))).code, 0);
    });
    await eventually('the Pods are back', () => areRunning('db', 10));
  });

  await t.test('where the owner goes, and where the namespace goes, nothing is sent', async (t) => {
    await isNotSent(t, 'both', async () => {
      t.equal((await as(PERSON, ['delete', 'statefulset', 'hasty', '-n', namespace])).code, 0);
      await eventually('its Pod is gone', async () => (await podsOf(api, namespace, 'hasty')).length === 0);
      t.equal((await as(PERSON, ['delete', 'namespace', namespace, '--wait=false'])).code, 0);
      await eventually('the namespace is gone', async () => (await api.find(`/api/v1/namespaces/${namespace}`)) === undefined);
    });
  });
});

clusterTest('replay says of an audit log which deletions would have been denied', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const node = await makeFakeNode(t, api, namespace);
  if (node === undefined) return;
  const audit = AuditLog.open(t, namespace);
  if (typeof audit === 'string') {
    skipped(t, audit);
    return;
  }
  t.equal((await kubectl(['create', '-n', namespace, '-f', '-'], workload(namespace, 'StatefulSet', 'db', { replicas: 2 }))).code, 0);
  await eventually('the Pods run', async () => {
    const pods = await podsOf(api, namespace, 'db');
    return pods.length === 2 && pods.every(({ status }) => status.phase === 'Running');
  });
  const remove = (pod: string, ...args: string[]): readonly string[] => ['delete', 'pod', pod, '-n', namespace, '--wait=false', ...args];
  t.equal((await as(PERSON, remove('db-0', '--force'))).code, 0);
  t.equal((await as(PERSON, remove('db-1'))).code, 0);
  const deletionOf = (pod: string): Promise<AuditEvent> =>
    audit.until(`${pod} was deleted`, ({ verb, objectRef, impersonatedUser, responseStatus }) => {
      const isOurs = impersonatedUser?.username === PERSON && responseStatus !== undefined;
      return isOurs && verb === 'delete' && objectRef?.name === pod;
    });
  const events = [await deletionOf('db-0'), await deletionOf('db-1')];
  const { code, stdout } = await podgrace(['replay', '-', '--preset', 'production', '-o', 'json'], {
    stdin: events.map((event) => JSON.stringify(event)).join('\n'),
  });
  const { results, summary } = parsedReport('replay', stdout) as {
    readonly results: readonly {
      readonly name: string;
      readonly operation: string;
      readonly validate: { readonly message: string | null };
    }[];
    readonly summary: JsonObject;
  };
  t.equal(code, 1);
  t.match(summary, { reviews: 2, allowed: 1, denied: 1 });
  t.match(results, [
    { name: 'db-0', operation: 'DELETE', validate: { message: `must be ${node.name} before the Pod is deleted by force` } },
    { name: 'db-1', operation: 'DELETE', validate: { message: null } },
  ]);
});

clusterTest('while podgrace is down, every deletion goes through', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const node = await makeFakeNode(t, api, namespace);
  if (node === undefined) return;
  const server = await serveOnLoopback(t, enforcing());
  await register(t, api, namespace, { ...server, port: CLOSED_PORT });
  t.equal((await kubectl(['create', '-n', namespace, '-f', '-'], workload(namespace, 'StatefulSet', 'db', { replicas: 1 }))).code, 0);
  await eventually('the Pod runs', async () => (await podsOf(api, namespace, 'db'))[0]?.status.phase === 'Running');
  const [before] = uids(await podsOf(api, namespace, 'db'));
  const remove = ['delete', 'pod', 'db-0', '-n', namespace, '--force'];
  const counted = await callsCounted();
  await eventually('the API server tries to ask', async () => {
    t.equal((await as(PERSON, [...remove, '--dry-run=server'])).code, 0);
    return (await callsCounted()) > counted;
  });
  t.equal((await as(PERSON, remove)).code, 0);
  await eventually('another Pod has its name', async () => {
    const [now] = uids(await podsOf(api, namespace, 'db'));
    return now !== undefined && now !== before;
  });
});

function uids(pods: readonly FoundPod[]): readonly string[] {
  return pods.map(({ metadata }) => metadata.uid);
}
