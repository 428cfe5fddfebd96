import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import type { Container, Probe } from '../../src/core/pod.ts';
import { detectionSeconds, startTimelineOf, toleranceSeconds } from '../../src/core/startup.ts';

function probe(timing: Partial<Probe> = {}): Probe {
  return { tcpSocket: { port: 80 }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3, ...timing };
}

void t.test('a failure is tolerated for as many periods as it takes failures', (t) => {
  t.equal(toleranceSeconds(probe()), 30);
  t.equal(toleranceSeconds(probe({ periodSeconds: 5, failureThreshold: 6 })), 30);
  t.end();
});

void t.test('a failure goes unnoticed for the tolerance and a timeout', (t) => {
  t.equal(detectionSeconds(probe()), 31);
  t.equal(detectionSeconds(probe({ timeoutSeconds: 10 })), 40);
  t.equal(detectionSeconds(probe({ failureThreshold: 1 })), 11);
  t.end();
});

void t.test('a timeout beyond the period swallows ticks', (t) => {
  t.equal(detectionSeconds(probe({ timeoutSeconds: 25 })), 10 + 2 * 25 + 25);
  t.end();
});

void t.test('without a startupProbe the livenessProbe bounds the start', (t) => {
  t.same(startTimelineOf({ livenessProbe: probe() }).budget, { probe: 'livenessProbe', atLeastSeconds: 20, atMostSeconds: 31 });
  t.same(startTimelineOf({ livenessProbe: probe({ initialDelaySeconds: 60 }) }).budget, {
    probe: 'livenessProbe',
    atLeastSeconds: 80,
    atMostSeconds: 91,
  });
  t.end();
});

void t.test('a startupProbe holds the livenessProbe back', (t) => {
  const startupProbe = probe({ initialDelaySeconds: 5, failureThreshold: 30, timeoutSeconds: 3 });
  t.same(startTimelineOf({ startupProbe, livenessProbe: probe() }).budget, {
    probe: 'startupProbe',
    atLeastSeconds: 295,
    atMostSeconds: 308,
  });
  t.end();
});

void t.test('nothing ends a start without either', (t) => {
  t.equal(startTimelineOf({ readinessProbe: probe() }).budget, undefined);
  t.equal(startTimelineOf({ livenessProbe: null, startupProbe: null }).budget, undefined);
  t.end();
});

void t.test('a container without a readinessProbe is ready as it has started', (t) => {
  t.equal(startTimelineOf({}).readySeconds, 0);
  t.equal(startTimelineOf({ startupProbe: probe({ initialDelaySeconds: 7 }) }).readySeconds, 7);
  t.end();
});

void t.test('no probe runs before the postStart hook has ended', (t) => {
  const container = { readinessProbe: probe({ initialDelaySeconds: 5 }), livenessProbe: probe({ initialDelaySeconds: 2 }) };
  const { startedSeconds, readySeconds, firstLivenessSeconds, budget } = startTimelineOf(container, { postStartSeconds: 4 });
  t.same([startedSeconds, readySeconds, firstLivenessSeconds], [4, 5, 4]);
  t.same(budget, { probe: 'livenessProbe', atLeastSeconds: 24, atMostSeconds: 35 });
  t.equal(startTimelineOf(container, { postStartSeconds: Infinity }).readySeconds, Infinity, 'a hook that never ends');
  t.end();
});

void t.test('a command that goes on after its timeout holds the verdict back', (t) => {
  const livenessProbe = probe({ periodSeconds: 2, failureThreshold: 2 });
  t.equal(startTimelineOf({ livenessProbe }, { commandSeconds: 6 }).budget?.atMostSeconds, 2 + 6 + 6);
  t.equal(startTimelineOf({ livenessProbe }, { commandSeconds: 1 }).budget?.atMostSeconds, 5, 'one that does not');
  t.end();
});

void t.test('readiness comes after its delay and its successes, and not before the start', (t) => {
  t.equal(startTimelineOf({ readinessProbe: probe() }).readySeconds, 0);
  t.equal(startTimelineOf({ readinessProbe: probe({ initialDelaySeconds: 15, successThreshold: 3 }) }).readySeconds, 35);
  const startupProbe = probe({ initialDelaySeconds: 20 });
  t.equal(startTimelineOf({ startupProbe, readinessProbe: probe({ initialDelaySeconds: 5 }) }).readySeconds, 20);
  t.equal(startTimelineOf({ startupProbe, readinessProbe: probe({ initialDelaySeconds: 25, successThreshold: 2 }) }).readySeconds, 35);
  t.equal(startTimelineOf({ startupProbe, readinessProbe: probe({ initialDelaySeconds: 25 }) }).readySeconds, 25);
  t.end();
});

void t.test('status updates of a start bring two successes forward, unless a delay holds them back', (t) => {
  const readyAfter = (timing: Partial<Probe>): number => startTimelineOf({ readinessProbe: probe(timing) }).readySeconds;
  t.same(
    [2, 3, 4, 5].map((successThreshold) => readyAfter({ successThreshold })),
    [0, 0, 10, 20],
  );
  t.equal(readyAfter({ initialDelaySeconds: 1, successThreshold: 3 }), 21);
  const startupProbe = probe({ initialDelaySeconds: 7 });
  const readinessProbe = probe({ initialDelaySeconds: 7, successThreshold: 4 });
  t.equal(startTimelineOf({ startupProbe, readinessProbe }).readySeconds, 17);
  const late = { readinessProbe: probe({ initialDelaySeconds: 15, successThreshold: 4 }) };
  t.equal(startTimelineOf(late, { updatesByOthers: 2 }).readySeconds, 25, 'another container may be pulled until the delay is over');
  t.end();
});

void t.test('liveness is first asked after its delay, and not before the start', (t) => {
  t.equal(startTimelineOf({}).firstLivenessSeconds, undefined);
  t.equal(startTimelineOf({ livenessProbe: probe({ initialDelaySeconds: 15 }) }).firstLivenessSeconds, 15);
  t.equal(startTimelineOf({ livenessProbe: probe(), startupProbe: probe({ initialDelaySeconds: 20 }) }).firstLivenessSeconds, 20);
  t.end();
});

/**
 * What the kubelet's worker does, second by second (`worker.go` run and doProbe): ticks from a phase on, probes one after the
 * other, a container that never answers and hangs each probe for `hangSeconds`.
 *
 * @returns when the failures are enough, in seconds after the container's start
 */
function simulateFailure(
  { initialDelaySeconds, periodSeconds, failureThreshold }: Probe,
  phaseSeconds: number,
  hangSeconds: number,
): number {
  let failures = 0;
  let busyUntil = -Infinity;
  let pendingTick = false;
  for (let now = phaseSeconds; ; now++) {
    // A ticker holds one tick that nobody took.
    if ((now - phaseSeconds) % periodSeconds === 0) pendingTick = true;
    if (!pendingTick || now < busyUntil) continue;
    pendingTick = false;
    if (now < (initialDelaySeconds ?? 0)) continue;
    busyUntil = now + hangSeconds;
    failures += 1;
    if (failures === failureThreshold) return busyUntil;
  }
}

const timing = fc.record({
  initialDelaySeconds: fc.nat(40),
  timeoutSeconds: fc.integer({ min: 1, max: 30 }),
  periodSeconds: fc.integer({ min: 1, max: 20 }),
  failureThreshold: fc.integer({ min: 1, max: 6 }),
});

void t.test('whatever the phase of the ticks, a container that never answers is killed within its budget', (t) => {
  fc.assert(
    fc.property(timing, fc.nat(19), fc.nat(30), (numbers, phase, hang) => {
      const livenessProbe = probe(numbers);
      const hangSeconds = Math.min(hang, numbers.timeoutSeconds);
      const killed = simulateFailure(livenessProbe, phase % numbers.periodSeconds, hangSeconds);
      const { atLeastSeconds, atMostSeconds } = startTimelineOf({ livenessProbe }).budget ?? { atLeastSeconds: NaN, atMostSeconds: NaN };
      assert.ok(killed >= atLeastSeconds, `${killed} before ${atLeastSeconds}`);
      assert.ok(killed <= atMostSeconds, `${killed} after ${atMostSeconds}`);
    }),
  );
  t.end();
});

void t.test('the earliest kill of the budget happens: ticks on the end of the delay, refused at once', (t) => {
  fc.assert(
    fc.property(timing, (numbers) => {
      const livenessProbe = probe(numbers);
      const phase = numbers.initialDelaySeconds % numbers.periodSeconds;
      assert.equal(simulateFailure(livenessProbe, phase, 0), startTimelineOf({ livenessProbe }).budget?.atLeastSeconds);
    }),
  );
  t.end();
});

void t.test('the latest kill of the budget is a second away at most: the tick came just before the delay was over', (t) => {
  const simulated = timing.filter(
    ({ initialDelaySeconds, timeoutSeconds, periodSeconds }) => initialDelaySeconds > 0 && timeoutSeconds <= periodSeconds,
  );
  fc.assert(
    fc.property(simulated, (numbers) => {
      const livenessProbe = probe(numbers);
      const phase = (numbers.initialDelaySeconds - 1) % numbers.periodSeconds;
      assert.equal(
        simulateFailure(livenessProbe, phase, numbers.timeoutSeconds) + 1,
        startTimelineOf({ livenessProbe }).budget?.atMostSeconds,
      );
    }),
  );
  t.end();
});

void t.test('no time is negative, and nothing is asked before the start', (t) => {
  const optional = fc.option(timing.map(probe), { nil: undefined });
  fc.assert(
    fc.property(optional, optional, optional, (livenessProbe, readinessProbe, startupProbe) => {
      const container: Pick<Container, 'livenessProbe' | 'readinessProbe' | 'startupProbe'> = {};
      if (livenessProbe) container.livenessProbe = livenessProbe;
      if (readinessProbe) container.readinessProbe = readinessProbe;
      if (startupProbe) container.startupProbe = startupProbe;
      const { startedSeconds, readySeconds, firstLivenessSeconds = startedSeconds, budget } = startTimelineOf(container);
      assert.ok(startedSeconds >= 0);
      assert.ok(readySeconds >= startedSeconds && firstLivenessSeconds >= startedSeconds);
      assert.ok(budget === undefined || (budget.atLeastSeconds >= 0 && budget.atMostSeconds > budget.atLeastSeconds));
    }),
  );
  t.end();
});
