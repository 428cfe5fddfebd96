import t from 'tap';
import { rolloutLines } from '../../../../src/cli/reporters/explanation/rollout-lines.ts';
import { NOTHING_KNOWN } from '../../../../src/core/surroundings.ts';
import { explanationOf } from '../../../offline/explanations.ts';
import { plain, pod, workload } from './lines.ts';

async function rollout(object: object): Promise<string[]> {
  return plain(rolloutLines(await explanationOf(object)));
}

void t.test('a Pod and a Job have no rollout', async (t) => {
  t.same(await rollout(pod({})), []);
  t.same(await rollout(workload('Job')), []);
});

void t.test('a Deployment: how many Pods there are meanwhile, what they need, and when a rollout has failed', async (t) => {
  t.same(await rollout(workload('Deployment', { replicas: 3 })), [
    'of 3 replicas, at least 3 stay available and at most 4 Pods exist; the rollout waits at least 3 times in a row until a Pod is ready',
    'until its end it needs room for 1 Pod more than the replicas: they have no requests and no limits',
    'if for 600 s no Pod starts, stops, or becomes ready or available, the rollout is reported as failed (ProgressDeadlineExceeded) and goes on (progressDeadlineSeconds)',
  ]);
});

void t.test('a Deployment whose Pods become ready too late for its deadline', async (t) => {
  const readinessProbe = { tcpSocket: { port: 80 }, initialDelaySeconds: 60 };
  const slow = (progressDeadlineSeconds: number): Promise<string[]> =>
    rollout(
      workload('Deployment', {
        progressDeadlineSeconds,
        template: { spec: { containers: [{ name: 'web', image: 'web:1', readinessProbe }] } },
      }),
    );
  t.match((await slow(59)).at(-1), /^a new Pod takes at least 6\d s to become ready, and 59 s without progress are allowed: .*failed/);
  t.match((await slow(90)).at(-1), /^if for 90 s no Pod starts/);
});

void t.test('a paused Deployment rolls nothing out, and says so first', async (t) => {
  const lines = await rollout(workload('Deployment', { replicas: 3, paused: true }));
  t.match(lines[0], /^it is paused: until somebody resumes it .* a Deployment that is new makes no Pod; after that:$/);
  t.equal(lines[1], (await rollout(workload('Deployment', { replicas: 3 })))[0]);
  t.notMatch(
    (await rollout(workload('StatefulSet', { replicas: 3, paused: true }))).join('\n'),
    'paused',
    'other kinds have no such field',
  );
});

void t.test('one replica is one', async (t) => {
  const [recreated] = await rollout(workload('Deployment', { strategy: { type: 'Recreate' } }));
  t.equal(recreated, 'of 1 replica, at least 0 stay available and at most 1 Pod exists; at best all become ready at the same time');
  const [rolled] = await rollout(workload('Deployment'));
  t.match(rolled, 'of 1 replica, at least 1 stays available and at most 2 Pods exist; ');
});

void t.test('what is beyond the replicas is counted in requests and limits, against the quotas of the namespace', async (t) => {
  const resources = { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '2Gi' } };
  const object = workload('Deployment', { replicas: 3, template: { spec: { containers: [{ name: 'web', image: 'web:1', resources }] } } });
  const withQuota = async (pods: string): Promise<string[]> => {
    const quota = { name: 'team', hard: { pods }, used: { pods: '3' }, scopes: [] };
    const around = { ...NOTHING_KNOWN, resourceQuotas: { isKnown: true, value: [quota] } } as const;
    return plain(rolloutLines(await explanationOf(object, { around: () => Promise.resolve(around) })));
  };
  t.match(await withQuota('4'), [
    /./,
    'until its end it needs room for 1 Pod more than the replicas: requests of 500m cpu and 1Gi memory, limits of 2Gi memory',
    'ResourceQuota team has room for one of them at least, so the rollout goes on',
    /./,
  ]);
  t.match(await withQuota('3'), [
    /./,
    /./,
    'ResourceQuota team has no room for one of them: one needs 1 of pods, and 0 is left; the rollout never begins, as it stops no Pod before a new one is ready',
    /./,
  ]);
});

void t.test('a StatefulSet: what `partition` leaves, and a Pod that stops the rollout', async (t) => {
  const byHand =
    /^a new Pod that does not become ready stops the rollout, .* delete that Pod by hand \(podManagementPolicy is OrderedReady\)$/;
  t.match(
    await rollout(workload('StatefulSet', { replicas: 3, minReadySeconds: 5, updateStrategy: { rollingUpdate: { partition: 1 } } })),
    [
      'of 3 replicas, 2 are replaced (`partition` is 1), at least 2 stay available and at most 3 Pods exist; the rollout waits at least 2 times in a row until a Pod is ready for 5 s',
      byHand,
    ],
  );
  t.same(await rollout(workload('StatefulSet', { replicas: 3, updateStrategy: { rollingUpdate: { partition: 3 } } })), [
    'of 3 replicas none is replaced: `partition` is not below that number',
  ]);
  t.equal((await rollout(workload('StatefulSet', { replicas: 3, podManagementPolicy: 'Parallel' }))).length, 1);
});

void t.test('a DaemonSet: how many nodes its rollout works on at once', async (t) => {
  t.same(await rollout(workload('DaemonSet')), [
    'on at most 1 node at once, the old Pod stops before a new one starts; the next node follows when the new one is ready',
  ]);
  t.same(await rollout(workload('DaemonSet', { minReadySeconds: 10, updateStrategy: { rollingUpdate: { maxUnavailable: '10%' } } })), [
    'on at most 10% of the nodes (rounded up) at once, the old Pod stops before a new one starts; the next node follows when the new one is ready for 10 s',
  ]);
  t.same(await rollout(workload('DaemonSet', { updateStrategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } } })), [
    'on at most 2 nodes at once, a new Pod starts beside the old one, which stops when the new one is ready',
  ]);
});

void t.test('nothing rolls out by itself with OnDelete, and not with replicas that the API server refuses', async (t) => {
  for (const kind of ['StatefulSet', 'DaemonSet'] as const)
    t.match(await rollout(workload(kind, { updateStrategy: { type: 'OnDelete' } })), [/^no rollout replaces a Pod \(OnDelete\)/], kind);
  t.same(await rollout(workload('Deployment', { replicas: -2 })), ['the API server refuses -2 replicas: there must be 0 or more']);
});
