import t from 'tap';
import { podTimelinesOf, waitsForItsNode, type PodTimelines } from '../../src/core/pod-timelines.ts';
import { readSubject } from '../../src/core/subject.ts';
import { trustIn } from '../../src/admission/submission.ts';
import { presetPolicy } from '../../src/config/presets.ts';

const GI = 1024n ** 3n;

function timelinesOf(spec: object, workload: { kind: string; spec: object } = { kind: 'Deployment', spec: {} }): PodTimelines {
  const { kinds, kubernetesMinor } = presetPolicy('production');
  const object = {
    apiVersion: 'apps/v1',
    kind: workload.kind,
    metadata: { name: 'web' },
    spec: { ...workload.spec, template: { spec } },
  };
  const trust = trustIn({ origin: { from: 'file' }, kind: { group: 'apps', version: 'v1', kind: workload.kind } }, kinds);
  const reading = readSubject(object, { kinds, kubernetesMinor, trust });
  if (reading.outcome !== 'subject') throw new Error(reading.outcome);
  return podTimelinesOf(reading.subject, 16n * GI);
}

const web = { name: 'web', image: 'web:1', command: ['server'] };

void t.test('the QoS class, and what keeps the Pod from a higher one', (t) => {
  const class_ = (resources: object): unknown => {
    const { qosClass, obstacles } = timelinesOf({ containers: [{ ...web, resources }] });
    return [qosClass, ...obstacles.map(({ resource, request, limit }) => `${resource} ${request ?? '-'} ${limit ?? '-'}`)];
  };
  t.same(class_({}), ['BestEffort', 'cpu - -', 'memory - -']);
  t.same(class_({ requests: { cpu: '1' }, limits: { memory: '1Gi' } }), ['Burstable', 'cpu 1 -']);
  t.same(class_({ limits: { cpu: '1', memory: '1Gi' } }), ['Guaranteed']);
  t.end();
});

void t.test('who is killed first for memory: containers and sidecars, not those that have ended', (t) => {
  const { memory } = timelinesOf({
    initContainers: [
      { name: 'setup', image: 'web:1' },
      { name: 'proxy', image: 'web:1', restartPolicy: 'Always' },
    ],
    containers: [{ ...web, resources: { requests: { memory: '8Gi' } } }],
  });
  t.same(
    memory.map(({ reference, oomScoreAdj }) => [reference.container.name, oomScoreAdj]),
    [
      ['proxy', 500],
      ['web', 500],
    ],
    'a sidecar scores no worse than the application',
  );
  t.end();
});

void t.test('containers begin one after another: a sidecar has to start, a postStart hook has to end', (t) => {
  const postStart = { lifecycle: { postStart: { sleep: { seconds: 2 } } } };
  const startupProbe = { tcpSocket: { port: 80 }, initialDelaySeconds: 3 };
  const { start, readySeconds } = timelinesOf({
    initContainers: [
      { name: 'setup', image: 'web:1', ...postStart },
      { name: 'proxy', image: 'web:1', restartPolicy: 'Always', startupProbe },
      { name: 'log', image: 'web:1', restartPolicy: 'Always', ...postStart },
    ],
    containers: [
      { ...web, ...postStart },
      { ...web, name: 'other', readinessProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: 4 } },
    ],
  });
  t.same(
    start.map(({ reference, beginSeconds, readySeconds }) => [reference.container.name, beginSeconds, readySeconds]),
    [
      ['proxy', 0, 3],
      ['log', 3, 2],
      ['web', 5, 2],
      ['other', 7, 4],
    ],
  );
  t.equal(readySeconds, 11);
  t.end();
});

void t.test('other containers bring several successes of a readinessProbe forward while they start', (t) => {
  const slow = { ...web, readinessProbe: { tcpSocket: { port: 80 }, successThreshold: 8 } };
  const ready = (...others: readonly object[]): number | undefined => timelinesOf({ containers: [slow, ...others] }).start[0]?.readySeconds;
  t.equal(ready(), 50);
  t.equal(ready({ ...web, name: 'other' }), 30, 'two status updates of a start');
  const probes = { startupProbe: { tcpSocket: { port: 80 } }, readinessProbe: { tcpSocket: { port: 80 } } };
  t.equal(ready({ ...web, name: 'other', ...probes }), 10, 'and one for each probe that succeeds');
  t.end();
});

void t.test('a postStart hook that never ends: the container is never ready, and the next one never begins', (t) => {
  const hanging = { lifecycle: { postStart: { exec: { command: ['sleep', 'infinity'] } } } };
  const { start, readySeconds } = timelinesOf({
    containers: [
      { ...web, ...hanging },
      { ...web, name: 'other' },
    ],
  });
  t.same([readySeconds, start[1]?.beginSeconds], [Infinity, Infinity]);
  t.end();
});

void t.test('a start that hangs ends with the grace period of its probe; a shell that waits for a child holds its probe up', (t) => {
  const end = (command: readonly string[], more: object = {}): unknown => {
    const livenessProbe = { exec: { command }, periodSeconds: 2, failureThreshold: 2, ...more };
    const { start } = timelinesOf({ containers: [{ ...web, livenessProbe }], terminationGracePeriodSeconds: 20 });
    return [start[0]?.budget?.atMostSeconds, start[0]?.graceSeconds];
  };
  t.same(end(['sleep', '6']), [5, 20], 'the timeout ends the command');
  t.same(end(['sh', '-c', 'sleep 6; exit 1']), [14, 20], 'and its shell, but not the child');
  t.same(end(['sh', '-c', 'exec sleep 6']), [5, 20]);
  t.same(end(['sleep', '6'], { terminationGracePeriodSeconds: 1 }), [5, 2], 'never less than 2 s');
  t.end();
});

void t.test('a main container that swallows the signal keeps its sidecar waiting to the end of the grace period', (t) => {
  const stop = (command: readonly string[], more: object = {}): unknown => {
    const { stop } = timelinesOf({
      terminationGracePeriodSeconds: 20,
      initContainers: [{ name: 'proxy', image: 'web:1', command: ['proxy'], restartPolicy: 'Always' }],
      containers: [{ ...web, command, lifecycle: { preStop: { sleep: { seconds: 5 } } } }],
      ...more,
    });
    return stop.containers.map(({ reference, stopSignalSeconds, killSeconds, verdict }) => [
      reference.container.name,
      stopSignalSeconds,
      killSeconds,
      verdict.fate,
    ]);
  };
  t.same(stop(['server']), [
    ['proxy', 5, 20, 'ends'],
    ['web', 5, 20, 'ends'],
  ]);
  t.same(stop(['sleep', 'infinity']), [
    ['proxy', 20, 22, 'ends'],
    ['web', 5, 20, 'swallows'],
  ]);
  t.same(stop(['sleep', 'infinity'], { shareProcessNamespace: true }), [
    ['proxy', 5, 20, 'ends'],
    ['web', 5, 20, 'swallows'],
  ]);
  t.end();
});

void t.test('a sidecar that swallows the signal keeps those before it waiting', (t) => {
  const { containers } = timelinesOf({
    terminationGracePeriodSeconds: 20,
    initContainers: [
      { name: 'first', image: 'web:1', command: ['proxy'], restartPolicy: 'Always' },
      { name: 'second', image: 'web:1', command: ['sleep', 'infinity'], restartPolicy: 'Always' },
    ],
    containers: [web],
  }).stop;
  t.same(
    containers.map(({ stopSignalSeconds, killSeconds }) => [stopSignalSeconds, killSeconds]),
    [
      [20, 22],
      [0, 20],
      [0, 20],
    ],
  );
  t.end();
});

void t.test('a rollout: how many Pods, and how often one after another', (t) => {
  const rollout = (spec: object): unknown => timelinesOf({ containers: [web] }, { kind: 'Deployment', spec }).rollout;
  t.match(rollout({ replicas: 10 }), { replicas: 10, replaced: 10, mostPods: 13, leastAvailable: 8, atOnce: 5, steps: 2 });
  t.match(rollout({ replicas: 3, minReadySeconds: 5, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }), {
    mostPods: 4,
    leastAvailable: 3,
    steps: 3,
    minReadySeconds: 5,
    isOrdered: false,
  });
  t.match(
    rollout({ replicas: 2, strategy: { rollingUpdate: { maxSurge: 6 } } }),
    { mostPods: 4, atOnce: 2, steps: 1 },
    'no more than replicas',
  );
  t.equal(rollout({ replicas: 0 }), undefined);
  t.end();
});

void t.test('a lost node: when the Pod is replaced, or that it waits', (t) => {
  const { nodeLost } = timelinesOf({ containers: [web] });
  t.same([nodeLost, waitsForItsNode(nodeLost)], [{ noticedSeconds: 50, deletedSeconds: 350 }, false]);
  const loyal = timelinesOf({ containers: [web], tolerations: [{ operator: 'Exists' }] }).nodeLost;
  t.ok(waitsForItsNode(loyal));
  t.ok(waitsForItsNode(timelinesOf({ containers: [web] }, { kind: 'DaemonSet', spec: {} }).nodeLost), 'its controller adds tolerations');
  t.end();
});

void t.test('a StatefulSet rolls one Pod after another, Recreate all at once, and OnDelete not at all', (t) => {
  const rollout = (kind: string, spec: object): unknown => {
    const { mostPods, leastAvailable, steps } = timelinesOf({ containers: [web] }, { kind, spec: { replicas: 3, ...spec } }).rollout ?? {};
    return [mostPods, leastAvailable, steps];
  };
  t.same(rollout('StatefulSet', {}), [3, 2, 3]);
  t.same(rollout('Deployment', { strategy: { type: 'Recreate' } }), [3, 0, 1]);
  t.same(rollout('StatefulSet', { updateStrategy: { type: 'OnDelete' } }), [undefined, undefined, undefined]);
  t.end();
});
