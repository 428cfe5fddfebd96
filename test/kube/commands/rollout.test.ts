import t from 'tap';
import { deploymentTroubles, podSelectorOf, replicaOf, rolloutOf } from '../../../src/kube/commands/rollout.ts';

const STATUS = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };

void t.test('a rollout is complete when all replicas are new and available, and the controller has seen the template', (t) => {
  const of = (status: object, generation = 2): boolean => rolloutOf({ metadata: { generation }, spec: { replicas: 3 }, status }).isComplete;
  t.equal(of(STATUS), true);
  t.equal(of(STATUS, 3), false, 'not seen yet');
  t.equal(of({ ...STATUS, updatedReplicas: 2 }), false, 'an old one is left to replace');
  t.equal(of({ ...STATUS, replicas: 4 }), false, 'an old one is still there');
  t.equal(of({ ...STATUS, availableReplicas: 2 }), false);
  t.equal(of({}), false);
  t.same(rolloutOf({ metadata: {}, spec: {}, status: STATUS }).wanted, 1, "the API's default");
  t.end();
});

void t.test('what holds a Pod back is told, and how it ended last', (t) => {
  const pod = {
    metadata: { name: 'podgrace-a' },
    spec: { containers: [{ image: 'podgrace/podgrace:0.1.0' }] },
    status: {
      conditions: [
        { type: 'Ready', status: 'False' },
        { type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' },
      ],
      containerStatuses: [
        {
          name: 'podgrace',
          restartCount: 4,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
          lastState: { terminated: { exitCode: 2, reason: 'Error', finishedAt: '2026-11-22T00:00:00Z' } },
        },
      ],
    },
  };
  t.same(replicaOf(pod), {
    name: 'podgrace-a',
    isReady: false,
    image: 'podgrace/podgrace:0.1.0',
    troubles: [
      'podgrace: CrashLoopBackOff: back-off 40s',
      'podgrace: restarted 4 times, last ended with code 2 (Error) at 2026-11-22T00:00:00Z',
      'not scheduled: 0/1 nodes are available',
    ],
  });
  const ready = {
    ...pod,
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: 'a', state: { waiting: { reason: 'ContainerCreating' } } }],
    },
  };
  t.same(replicaOf(ready), { name: 'podgrace-a', isReady: true, image: 'podgrace/podgrace:0.1.0', troubles: [] });
  t.end();
});

void t.test('a Deployment says that it cannot make Pods, or makes no progress', (t) => {
  const conditions = [
    { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: 'x' },
    { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' },
    { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'timed out' },
  ];
  t.same(deploymentTroubles({ status: { conditions } }), ['FailedCreate: exceeded quota', 'ProgressDeadlineExceeded: timed out']);
  t.equal(podSelectorOf({ spec: { selector: { matchLabels: { a: 'b', c: 'd' } } } }), 'a=b,c=d');
  t.end();
});
