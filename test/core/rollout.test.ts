import t from 'tap';
import { rolloutBounds, rolloutOf, readWorkload, type Workload } from '../../src/core/rollout.ts';
import { subjectOf } from './subject-of.ts';

const TEMPLATE = { metadata: {}, spec: { containers: [{ name: 'web', image: 'web:1' }] } };

function workloadOf(apiVersion: string, kind: string, spec: object, status?: object): Workload | undefined {
  return subjectOf({ apiVersion, kind, metadata: { name: 'web' }, spec: { template: TEMPLATE, ...spec }, status }).workload;
}

function workloadIn(kubernetesMinor: number, kind: string, spec: object): Workload | undefined {
  return subjectOf({ apiVersion: 'apps/v1', kind, metadata: { name: 'web' }, spec: { template: TEMPLATE, ...spec } }, { kubernetesMinor })
    .workload;
}

function said(workload: Workload | undefined): unknown[] {
  const { replicas, strategy } = workload ?? {};
  return [replicas, strategy?.path.text, strategy?.type, strategy?.maxSurge, strategy?.maxUnavailable];
}

void t.test('what a workload leaves out has the default of the API server', (t) => {
  t.same(said(workloadOf('apps/v1', 'Deployment', {})), [1, 'spec.strategy', 'RollingUpdate', '25%', '25%']);
  t.same(said(workloadOf('apps/v1', 'StatefulSet', {})), [1, 'spec.updateStrategy', 'RollingUpdate', undefined, undefined]);
  t.same(said(workloadOf('apps/v1', 'DaemonSet', {})), [undefined, 'spec.updateStrategy', 'RollingUpdate', 0, 1]);
  t.same(said(workloadOf('apps/v1', 'ReplicaSet', {})), [1, undefined, undefined, undefined, undefined]);
  t.same(said(workloadOf('v1', 'ReplicationController', {})), [1, undefined, undefined, undefined, undefined]);
  t.end();
});

void t.test('from 1.37 on a StatefulSet has one Pod that may be unavailable', (t) => {
  t.same(said(workloadIn(36, 'StatefulSet', {})).slice(2), ['RollingUpdate', undefined, undefined]);
  t.same(said(workloadIn(37, 'StatefulSet', {})).slice(2), ['RollingUpdate', undefined, 1]);
  const two = { updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } };
  t.same(said(workloadIn(37, 'StatefulSet', two)).slice(2), ['RollingUpdate', undefined, 2]);
  t.same(said(workloadIn(36, 'StatefulSet', two)).slice(2), ['RollingUpdate', undefined, undefined], 'dropped before');
  t.same(said(workloadIn(37, 'Deployment', {})).slice(2), ['RollingUpdate', '25%', '25%']);
  t.end();
});

void t.test('what it says counts, and null is as good as absent', (t) => {
  const half = { replicas: 3, strategy: { type: null, rollingUpdate: { maxSurge: null, maxUnavailable: 0 } } };
  t.same(said(workloadOf('apps/v1', 'Deployment', half)), [3, 'spec.strategy', 'RollingUpdate', '25%', 0]);
  t.same(said(workloadOf('apps/v1', 'Deployment', { replicas: null, strategy: null }))[0], 1);
  const onDelete = { replicas: 2, updateStrategy: { type: 'OnDelete' } };
  t.same(said(workloadOf('apps/v1', 'StatefulSet', onDelete)).slice(0, 3), [2, 'spec.updateStrategy', 'OnDelete']);
  t.end();
});

void t.test('a status that counts no whole Pods counts none', (t) => {
  const countedIn = (replicas: unknown): unknown => workloadOf('apps/v1', 'Deployment', {}, { replicas })?.currentReplicas;
  t.equal(countedIn(3), 3);
  for (const replicas of [2.5, Infinity, 1e300, '3', null, undefined]) t.equal(countedIn(replicas), undefined, String(replicas));
  t.end();
});

void t.test('only RollingUpdate has bounds', (t) => {
  t.same(said(workloadOf('apps/v1', 'Deployment', { strategy: { type: 'Recreate' } })).slice(2), ['Recreate', undefined, undefined]);
  t.end();
});

void t.test('a Deployment alone reports a rollout that does not go on, after 600 s by default', (t) => {
  const deadlineOf = (kind: string, spec: object): number | undefined => {
    const workload = workloadOf('apps/v1', kind, spec);
    return workload && rolloutOf(workload)?.progressDeadlineSeconds;
  };
  t.equal(deadlineOf('Deployment', {}), 600);
  t.equal(deadlineOf('Deployment', { progressDeadlineSeconds: 60 }), 60);
  t.equal(deadlineOf('Deployment', { progressDeadlineSeconds: 2_147_483_647 }), undefined, 'never');
  t.equal(deadlineOf('StatefulSet', { progressDeadlineSeconds: 60 }), undefined, 'dropped');
  t.end();
});

void t.test('a number that is a text is named', (t) => {
  const problemsOf = (group: string, kind: string, spec: object): string[] =>
    readWorkload({ spec: { ...spec } }, { group, kind }, 36).problems.map(({ path }) => path.text);
  t.same(problemsOf('apps', 'Deployment', { progressDeadlineSeconds: '60' }), ['spec.progressDeadlineSeconds']);
  t.same(problemsOf('batch', 'Job', { backoffLimitPerIndex: '1' }), ['spec.backoffLimitPerIndex']);
  const claims = (spec: object): object => ({ volumeClaimTemplates: [{ metadata: { name: 'data' }, spec }] });
  const place = 'spec.volumeClaimTemplates[0].spec';
  t.same(problemsOf('apps', 'StatefulSet', claims({ accessModes: 'ReadWriteOnce' })), [`${place}.accessModes`]);
  t.same(problemsOf('apps', 'StatefulSet', claims({ resources: { requests: ['1Gi'] } })), [`${place}.resources.requests`]);
  t.same(problemsOf('apps', 'StatefulSet', claims({ accessModes: ['ReadWriteOnce'], storageClassName: null })), []);
  t.same(problemsOf('apps', 'Deployment', claims({ accessModes: 'ReadWriteOnce' })), [], 'dropped by the API server');
  t.end();
});

void t.test('a Pod and a PodTemplate say nothing of the kind', (t) => {
  t.equal(subjectOf({ apiVersion: 'v1', kind: 'Pod', ...TEMPLATE }).workload, undefined);
  t.equal(subjectOf({ apiVersion: 'v1', kind: 'PodTemplate', template: TEMPLATE }).workload, undefined);
  t.end();
});

void t.test('wrong types are named, of the fields that the kind has', (t) => {
  const problemsOf = (kind: string, spec: object): string[] =>
    readWorkload({ spec: { ...spec } }, { group: 'apps', kind }, 36).problems.map(({ path, message }) => `${path.text} ${message}`);
  const wrong = { replicas: '3', strategy: { type: 1, rollingUpdate: { maxSurge: '25', maxUnavailable: 0.5 } } };
  t.same(
    problemsOf('Deployment', wrong).map((problem) => problem.split(' ')[0]),
    ['spec.replicas', 'spec.strategy.type', 'spec.strategy.rollingUpdate.maxSurge', 'spec.strategy.rollingUpdate.maxUnavailable'],
  );
  t.match(problemsOf('Deployment', wrong)[2], 'must be a number or a percentage such as 25%');
  t.same(problemsOf('DaemonSet', wrong), []);
  t.end();
});

void t.test('maxSurge is rounded up, maxUnavailable down, and where both come to 0 one Pod is stopped first', (t) => {
  const bounds = (maxSurge: number | string, maxUnavailable: number | string, replicas: number): unknown[] =>
    Object.values(rolloutBounds({ maxSurge, maxUnavailable }, replicas));
  t.same(bounds('25%', '25%', 1), [1, 0, false]);
  t.same(bounds('25%', '25%', 10), [3, 2, false]);
  t.same(bounds('1%', '99%', 3), [1, 2, false]);
  t.same(bounds(2, 3, 10), [2, 3, false]);
  t.same(bounds(0, '10%', 9), [0, 1, true]);
  t.same(bounds('0%', '100%', 7), [0, 7, false]);
  t.same(bounds(0, 3, 1), [0, 1, false], 'no more than there are');
  t.end();
});

void t.test('a StatefulSet replaces the Pods from its partition on, and starts them one after another unless it is Parallel', (t) => {
  const rollout = (spec: object, minor = 37): unknown[] => {
    const { replaced, mostPods, leastAvailable, atOnce, steps, isOrdered } =
      rolloutOf(workloadIn(minor, 'StatefulSet', { replicas: 5, ...spec }) ?? { replicas: undefined, strategy: undefined }) ?? {};
    return [replaced, mostPods, leastAvailable, atOnce, steps, isOrdered];
  };
  const parallel = { podManagementPolicy: 'Parallel' };
  const strategy = (rollingUpdate: object): object => ({ updateStrategy: { rollingUpdate } });
  t.same(rollout({}), [5, 5, 4, 1, 5, true]);
  t.same(rollout(strategy({ partition: 3 })), [2, 5, 4, 1, 2, true]);
  t.same(rollout(strategy({ partition: 5 })), [0, 5, 5, 1, 0, true]);
  t.same(rollout(strategy({ maxUnavailable: '50%' })), [5, 5, 3, 2, 5, true], 'rounded down');
  t.same(rollout(strategy({ maxUnavailable: '10%' })), [5, 5, 4, 1, 5, true], 'one at least');
  t.same(rollout({ ...parallel, ...strategy({ maxUnavailable: 2 }) }), [5, 5, 3, 2, 3, false]);
  t.same(rollout({ ...parallel, ...strategy({ maxUnavailable: 4, partition: 4 }) }), [1, 5, 4, 1, 1, false]);
  t.same(rollout({ ...parallel, ...strategy({ maxUnavailable: 2 }) }, 36), [5, 5, 4, 1, 5, false], 'dropped before 1.37');
  t.same(
    rollout({ updateStrategy: { type: 'OnDelete' } }).filter((each) => each !== undefined),
    [],
  );
  t.end();
});
