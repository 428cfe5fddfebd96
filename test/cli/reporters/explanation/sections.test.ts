import t from 'tap';
import { explanationSections, titleOf } from '../../../../src/cli/reporters/explanation/sections.ts';
import { explanationOf } from '../../../offline/explanations.ts';
import { plain, pod, workload } from './lines.ts';

async function section(name: string, object: object): Promise<string[]> {
  const found = explanationSections(await explanationOf(object)).find((each) => each.name === name);
  return found === undefined ? [] : plain(found.lines);
}

void t.test('sections that have nothing to say are left out', async (t) => {
  const namesOf = async (object: object): Promise<string[]> => explanationSections(await explanationOf(object)).map(({ name }) => name);
  t.same(await namesOf(pod({})), ['qos', 'memory', 'start', 'stop', 'nodeLost', 'findings']);
  t.same(await namesOf(workload('Deployment')), ['qos', 'memory', 'start', 'stop', 'nodeLost', 'rollout', 'findings']);
});

void t.test('an object is named with its namespace', async (t) => {
  t.equal(titleOf(await explanationOf(workload('Deployment'))), 'Deployment shop/web');
});

void t.test('the QoS class comes with the first thing that keeps the Pod from a higher one', async (t) => {
  const withResources = (...each: readonly object[]): object =>
    pod({ containers: each.map((resources, index) => ({ name: `c${index}`, image: 'web:1', resources })) });
  const full = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } };
  t.same(await section('qos', pod({})), ['BestEffort: no container has a request or a limit of cpu or memory.']);
  t.same(await section('qos', withResources(full)), ['Guaranteed: each container has requests equal to limits, for cpu and memory.']);
  t.same(await section('qos', withResources(full, { ...full, limits: { cpu: '2', memory: '1Gi' } })), [
    'Burstable, not Guaranteed: c1 has a request of 1 and a limit of 2 of cpu.',
  ]);
  t.same(await section('qos', withResources({ requests: { cpu: '1' } })), [
    'Burstable, not Guaranteed: c0 has a request of 1 and no limit of cpu (and 1 more reason).',
  ]);
});

void t.test('what a lost node means depends on who makes another Pod', async (t) => {
  const deleted = 'the node is tainted after 50 s of silence; the Pod is deleted after 350 s, ';
  t.same(await section('nodeLost', pod({})), [`${deleted}and no controller makes another one`]);
  t.same(await section('nodeLost', workload('Deployment')), [`${deleted}and its controller makes another one at once`]);
  t.same(await section('nodeLost', workload('Job')), [`${deleted}and its Job makes another one within its backoffLimit`]);
  t.same(await section('nodeLost', pod({ restartPolicy: 'Never' })), [`${deleted}and no controller makes another one`]);
  t.same(await section('nodeLost', workload('Job', { activeDeadlineSeconds: 351 })), [
    `${deleted}and its Job makes another one within its backoffLimit, if its activeDeadlineSeconds have not passed by then`,
  ]);
  t.same(await section('nodeLost', workload('Job', { activeDeadlineSeconds: 30 })), [
    'the node is tainted after 50 s of silence; the Pod is deleted after at most 30 s, when the activeDeadlineSeconds of its Job have passed, and the Job makes no other one',
  ]);
  for (const [heldBack, text] of [
    [workload('Job', { parallelism: 0 }), 'its Job makes no other one while its parallelism is 0'],
    [workload('Deployment', { replicas: 0 }), 'its controller makes no other one while replicas is 0'],
    [workload('StatefulSet', { replicas: 0 }), 'its controller makes no other one while replicas is 0'],
  ] as const)
    t.same(await section('nodeLost', heldBack), [`${deleted}and ${text}`]);
  for (const limits of [{}, { activeDeadlineSeconds: 300 }])
    t.same(await section('nodeLost', workload('Job', { suspend: true, ...limits })), [
      'the Job is suspended and has no Pod that could be lost; activeDeadlineSeconds count from the time at which the Job is resumed',
    ]);
  for (const limits of [
    { backoffLimit: 0 },
    { backoffLimit: 3, backoffLimitPerIndex: 0 },
    { backoffLimit: 0, podReplacementPolicy: 'Failed' },
  ])
    t.same(await section('nodeLost', workload('Job', limits)), [
      `${deleted}and its Job makes no other one: its limit of tries or its podFailurePolicy forbids it`,
    ]);
  const onDeletion = (action: string): object => ({ rules: [{ action, onPodConditions: [{ type: 'DisruptionTarget' }] }] });
  for (const action of ['FailJob', 'FailIndex'])
    t.match(await section('nodeLost', workload('Job', { podFailurePolicy: onDeletion(action) })), [/, and its Job makes no other one: /]);
  for (const policy of [
    { podReplacementPolicy: 'Failed' },
    { podFailurePolicy: { rules: [] } },
    { podFailurePolicy: onDeletion('Ignore'), backoffLimit: 0 },
  ])
    t.match(await section('nodeLost', workload('Job', policy)), [/but stays Terminating: .*, its Job makes another one only when /]);
  for (const owner of ['ReplicaSet', 'Job', 'Cluster']) {
    const ownerReferences = [{ apiVersion: 'example.com/v1', kind: owner, name: 'web', uid: '1', controller: true }];
    const owned = { ...pod({}), metadata: { name: 'web', ownerReferences } };
    t.same(await section('nodeLost', owned), [deleted.slice(0, -2)], `nobody knows what a ${owner} does`);
  }
  t.match(await section('nodeLost', workload('StatefulSet')), [/but stays Terminating: its StatefulSet makes another one only when /]);
  const waits = ['the node is tainted after 50 s of silence; the Pod tolerates that without end, and waits for its node'];
  t.same(await section('nodeLost', workload('DaemonSet')), waits);
  t.same(await section('nodeLost', pod({ tolerations: [{ operator: 'Exists' }] })), waits);
});

void t.test('a STATUS that podgrace does not know is said to be unknown', async (t) => {
  const waiting = (reason: string): object => ({
    status: { phase: 'Running', containerStatuses: [{ name: 'web', restartCount: 6, state: { waiting: { reason } } }] },
  });
  t.same(await section('status', pod({}, waiting('Unheard'))), ['Unheard, READY 0/1, RESTARTS 6', 'podgrace does not know this STATUS.']);
  t.match(await section('status', pod({}, waiting('ImagePullBackOff'))), ['ImagePullBackOff, READY 0/1, RESTARTS 6', /./, /^What to do: /]);
});

void t.test('findings that are only recorded count as none', async (t) => {
  const excluded = { ...pod({}), metadata: { name: 'web', namespace: 'kube-system' } };
  t.same(await section('findings', excluded), ['the policy excludes its namespace: no rule is asked']);
});
