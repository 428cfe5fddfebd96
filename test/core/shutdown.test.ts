import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import type { Container, LifecycleHandler, PodSpec } from '../../src/core/pod.ts';
import { MINIMUM_STOP_SECONDS, shutdownPlanOf, type ShutdownPlan } from '../../src/core/shutdown.ts';

function podSpec(graceSeconds: number, containers: Partial<Container>[], initContainers: Partial<Container>[] = []): PodSpec {
  const named = (list: Partial<Container>[], prefix: string): Container[] =>
    list.map((container, index) => ({ name: `${prefix}${index}`, ...container }));
  return {
    containers: named(containers, 'main'),
    initContainers: named(initContainers, 'init'),
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: graceSeconds,
  };
}

const withHook = (preStop: LifecycleHandler): Partial<Container> => ({ lifecycle: { preStop } });
const sleeping = (seconds: number): Partial<Container> => withHook({ sleep: { seconds } });
const sidecar = (container: Partial<Container> = {}): Partial<Container> => ({ restartPolicy: 'Always', ...container });
const ASSUMED = { drainSeconds: 15, sidecarSeconds: 5, marginSeconds: 3 };
const NOTHING_ELSE = { drainSeconds: 0, sidecarSeconds: 0, marginSeconds: 0 };

/** `38 = 20 + 15 + 0 + 3`: preStop, drain, sidecars, margin. */
function needOf(spec: PodSpec): string {
  const { neededSeconds, preStopSeconds, drainSeconds, sidecarSeconds, marginSeconds }: ShutdownPlan = shutdownPlanOf(spec, ASSUMED);
  return `${neededSeconds} = ${preStopSeconds} + ${drainSeconds} + ${sidecarSeconds} + ${marginSeconds}`;
}

void t.test('the needed period is the longest hook, the drain and the margin', (t) => {
  t.equal(needOf(podSpec(30, [sleeping(10), sleeping(20), {}])), '38 = 20 + 15 + 0 + 3');
  t.equal(needOf(podSpec(30, [{}])), '18 = 0 + 15 + 0 + 3');
  t.end();
});

void t.test('who stops the server in the hook drains beside the rest of it', (t) => {
  const script = (text: string): Partial<Container> => withHook({ exec: { command: ['sh', '-c', text] } });
  t.equal(needOf(podSpec(30, [script('kill -15 1; sleep 15')])), '18 = 15 + 0 + 0 + 3');
  t.equal(needOf(podSpec(30, [script('kill -15 1; sleep 5')])), '18 = 5 + 10 + 0 + 3', 'the drain lasts longer than the hook');
  t.equal(needOf(podSpec(30, [script('sleep 10; nginx -s quit; sleep 10')])), '28 = 20 + 5 + 0 + 3');
  t.equal(needOf(podSpec(30, [script('kill -15 1; sleep 15'), sleeping(10)])), '28 = 10 + 15 + 0 + 3', 'the container that is last counts');
  t.end();
});

void t.test('sidecars end after the main containers; their hooks run beside hooks and drain', (t) => {
  t.equal(needOf(podSpec(30, [sleeping(5)], [sidecar(), sidecar(sleeping(10))])), '28 = 5 + 15 + 5 + 3', 'within 5 + 15 s');
  t.equal(needOf(podSpec(30, [sleeping(5)], [sidecar(), sidecar(sleeping(21))])), '29 = 21 + 0 + 5 + 3', 'longer than 5 + 15 s');
  t.end();
});

void t.test('an ordinary init container has ended long before', (t) => {
  t.equal(needOf(podSpec(30, [{}], [sleeping(60)])), '18 = 0 + 15 + 0 + 3');
  t.same(
    shutdownPlanOf(podSpec(30, [{}], [sleeping(60)]), ASSUMED).containers.map(({ reference }) => reference.container.name),
    ['main0'],
  );
  t.end();
});

void t.test('of a hook without an end, what is known counts', (t) => {
  const loop = withHook({ exec: { command: ['sh', '-c', 'sleep 5; while a; do b; done'] } });
  t.equal(needOf(podSpec(30, [loop, sleeping(2)])), '23 = 5 + 15 + 0 + 3');
  t.end();
});

/** `name stop-kill`, a question mark where the time of the signal is not known. */
function timelineOf(spec: PodSpec, drainSeconds = 0): string {
  return shutdownPlanOf(spec, { ...NOTHING_ELSE, drainSeconds })
    .containers.map(
      ({ reference, stopSignalSeconds, killSeconds }) => `${reference.container.name} ${stopSignalSeconds ?? '?'}-${killSeconds}`,
    )
    .join(', ');
}

void t.test('a container without a hook is told at once, one with a hook when that has ended', (t) => {
  t.equal(timelineOf(podSpec(30, [{}, sleeping(10)])), 'main0 0-30, main1 10-30');
  t.end();
});

void t.test('a hook that takes the whole period leaves two seconds', (t) => {
  t.equal(MINIMUM_STOP_SECONDS, 2);
  t.equal(timelineOf(podSpec(30, [sleeping(30)])), 'main0 30-32');
  t.equal(timelineOf(podSpec(30, [sleeping(29)])), 'main0 29-31');
  t.equal(timelineOf(podSpec(30, [sleeping(28)])), 'main0 28-30');
  t.equal(timelineOf(podSpec(30, [withHook({ exec: { command: ['sleep', '60'] } })])), 'main0 30-32');
  t.equal(timelineOf(podSpec(30, [withHook({ exec: { command: ['sleep', 'infinity'] } })])), 'main0 30-32');
  t.end();
});

void t.test('a sidecar is told when the last main container has drained', (t) => {
  t.equal(timelineOf(podSpec(30, [sleeping(5), {}], [sidecar()]), 10), 'init0 15-30, main0 5-30, main1 0-30');
  t.equal(timelineOf(podSpec(30, [{}], [sidecar(sleeping(20))]), 10), 'init0 20-30, main0 0-30');
  t.equal(timelineOf(podSpec(30, [{}], [sidecar()]), 60), 'init0 30-32, main0 0-30');
  t.end();
});

void t.test('a sidecar waits for the ones after it', (t) => {
  t.equal(timelineOf(podSpec(30, [{}], [sidecar(), sidecar(sleeping(20))])), 'init0 20-30, init1 20-30, main0 0-30');
  t.equal(timelineOf(podSpec(30, [{}], [sidecar(sleeping(20)), sidecar()])), 'init0 20-30, init1 0-30, main0 0-30');
  t.end();
});

void t.test('a hook of unknown length leaves the signals open, for sidecars too', (t) => {
  const unknown = withHook({ httpGet: { port: 80 } });
  t.equal(timelineOf(podSpec(30, [unknown, {}], [sidecar()])), 'init0 ?-32, main0 ?-32, main1 0-30');
  t.end();
});

void t.test('with a period of 0, the kubelet works with one second: the hook runs and is cut', (t) => {
  t.equal(timelineOf(podSpec(0, [sleeping(5), {}])), 'main0 1-3, main1 0-2');
  t.end();
});

void t.test('nothing is killed before its signal and the period, or later than two seconds after both', (t) => {
  const container = fc.option(fc.nat(90), { nil: undefined }).map((seconds) => (seconds === undefined ? {} : sleeping(seconds)));
  const sidecars = fc.array(container.map(sidecar), { maxLength: 3 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.array(container, { minLength: 1, maxLength: 3 }),
      sidecars,
      fc.nat(60),
      (grace, mains, inits, drain) => {
        const timeline = shutdownPlanOf(podSpec(grace, mains, inits), { ...NOTHING_ELSE, drainSeconds: drain }).containers;
        assert.equal(timeline.length, mains.length + inits.length);
        for (const { stopSignalSeconds = NaN, killSeconds } of timeline) {
          assert.ok(stopSignalSeconds >= 0 && stopSignalSeconds <= grace);
          assert.equal(killSeconds, Math.max(grace, stopSignalSeconds + MINIMUM_STOP_SECONDS));
        }
      },
    ),
  );
  t.end();
});
