import t from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import { printedStatusOf, readPodStatus } from '../../src/core/pod-status.ts';
import { POD_STATUSES } from './made-up-pod-status.ts';

function printed(pod: JsonObject, minor = 36): string {
  const status = readPodStatus(pod);
  if (status === undefined) return 'no status';
  const { status: text, readyContainers, containers, restarts } = printedStatusOf(status, minor);
  return `${text} ${readyContainers}/${containers} ${restarts}`;
}

for (const { name, pod, prints, printsIn134 = prints } of POD_STATUSES) {
  void t.test(name, (t) => {
    t.equal(printed(pod), prints);
    t.equal(printed(pod, 37), prints, '1.37');
    t.equal(printed(pod, 35), prints, '1.35');
    t.equal(printed(pod, 34), printsIn134, '1.34');
    t.end();
  });
}

void t.test('a Pod without a status has no STATUS', (t) => {
  t.equal(readPodStatus({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [] } }), undefined);
  t.end();
});

void t.test('what has another type than the API gives it counts as absent', (t) => {
  for (const wrong of [
    null,
    1,
    'x',
    [],
    [1, null],
    {},
    { state: 1 },
    [{ state: [] }],
    [{ name: 3, state: { waiting: 'x', terminated: [] } }],
  ]) {
    const pod = {
      metadata: wrong,
      spec: { containers: wrong, initContainers: wrong },
      status: { phase: wrong, reason: wrong, conditions: wrong, initContainerStatuses: wrong, containerStatuses: wrong },
    };
    t.doesNotThrow(() => printed(pod), JSON.stringify(wrong));
  }
  t.end();
});

void t.test('the last restart is that of the containers whose restarts are printed', (t) => {
  const ended = (name: string, finishedAt: unknown, restartCount = 1, state: object = { running: {} }): JsonObject => ({
    name,
    state,
    ready: true,
    started: true,
    restartCount,
    lastState: { terminated: { exitCode: 1, finishedAt } },
  });
  const lastOf = (init: readonly JsonObject[], main: readonly JsonObject[]): string | undefined => {
    const pod = {
      spec: { initContainers: [{ name: 'i' }, { name: 's', restartPolicy: 'Always' }], containers: [{ name: 'a' }, { name: 'b' }] },
      status: { phase: 'Running', initContainerStatuses: init, containerStatuses: main },
    };
    const status = readPodStatus(pod);
    const lastMs = status === undefined ? undefined : printedStatusOf(status, 36).lastRestartMs;
    return lastMs === undefined ? undefined : new Date(lastMs).toISOString();
  };
  const completed = { terminated: { exitCode: 0 } };
  const [early, late, latest] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00+01:00', '2026-01-03T00:00:00Z'];
  t.equal(lastOf([], [ended('a', late), ended('b', early)]), '2026-01-01T23:00:00.000Z');
  t.equal(lastOf([ended('i', latest, 2, completed)], [ended('a', early)]), '2026-01-01T00:00:00.000Z', 'an init container has ended');
  t.equal(lastOf([ended('s', latest)], [ended('a', early)]), '2026-01-03T00:00:00.000Z', 'a sidecar runs beside');
  t.equal(lastOf([ended('i', early, 3, { waiting: { reason: 'CrashLoopBackOff' } })], [ended('a', latest)]), '2026-01-01T00:00:00.000Z');
  t.equal(lastOf([], [ended('a', early, 0)]), undefined, 'no restart');
  for (const wrong of [undefined, null, 5, '', '2026-01-01', '2026-01-01T00:00:00', 'Thu, 01 Jan 2026 00:00:00 GMT'])
    t.equal(lastOf([], [ended('a', wrong)]), undefined, String(wrong));
  t.end();
});

void t.test('the container that decides is named', (t) => {
  const decided = (name: string): string | undefined => {
    const pod = POD_STATUSES.find((each) => each.name === name)?.pod;
    const status = pod === undefined ? undefined : readPodStatus(pod);
    return status === undefined ? undefined : printedStatusOf(status, 36).decidedBy?.name;
  };
  t.equal(decided('two containers wait: the reason of the first is printed'), 'a');
  t.equal(decided('an init container that failed waits'), 'i1');
  t.equal(decided('one container has completed, another one has failed'), 'b');
  t.equal(decided('a deleted Pod is Terminating'), undefined);
  t.end();
});
