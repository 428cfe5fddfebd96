import fc from 'fast-check';
import assert from 'node:assert/strict';
import t from 'tap';
import type { Container, LifecycleHandler, PodSpec } from '../../src/core/pod.ts';
import { hookDurationOf, MINIMUM_STOP_SECONDS, shutdownNeedOf, shutdownTimeline, type HookDuration } from '../../src/core/shutdown.ts';
import { runs } from '../long-tests.ts';

function durationOf(...command: string[]): string {
  return print(hookDurationOf({ exec: { command } }));
}

function ofScript(script: string): string {
  return durationOf('sh', '-c', script);
}

/** `5`, `5+` (at least), `5…` (unbounded), `?` */
function print({ certainty, seconds }: HookDuration): string {
  return { exact: `${seconds}`, 'at-least': `${seconds}+`, unbounded: `${seconds}…`, unknown: '?' }[certainty];
}

void t.test('a native sleep takes its seconds, an empty one none', (t) => {
  t.equal(print(hookDurationOf({ sleep: { seconds: 15 } })), '15');
  t.equal(print(hookDurationOf({ sleep: {} })), '0');
  t.equal(print(hookDurationOf({ sleep: { seconds: null } })), '0');
  t.end();
});

void t.test('the kubelet fails a tcpSocket hook at once; how long an HTTP call takes is not known', (t) => {
  t.equal(print(hookDurationOf({ tcpSocket: { port: 80 } })), '0');
  t.equal(print(hookDurationOf({ httpGet: { port: 80 } })), '?');
  t.equal(print(hookDurationOf({})), '?');
  t.end();
});

void t.test('a sleep command adds its durations up, in whole seconds', (t) => {
  t.equal(durationOf('sleep', '5'), '5');
  t.equal(durationOf('/bin/sleep', '1m'), '60');
  t.equal(durationOf('sleep', '1m', '30s'), '90');
  t.equal(durationOf('sleep', '1.5h'), '5400');
  t.equal(durationOf('sleep', '1d'), '86400');
  t.equal(durationOf('sleep', '0.5'), '1');
  t.equal(durationOf('sleep', '.5', '.5'), '1');
  t.equal(durationOf('sleep', '5.'), '5');
  t.equal(durationOf('busybox', 'sleep', '5'), '5');
  t.equal(durationOf('sleep', 'infinity'), '0…');
  t.equal(durationOf('sleep', 'inf'), '0…');
  t.equal(durationOf('sleep', '9'.repeat(400)), '2147483647');
  t.end();
});

void t.test('a sleep whose duration cannot be read is unknown', (t) => {
  for (const text of ['$DELAY', '5x', '-5', '', '1e3', '5 ', '0x5', '5ms', '.', '1.2.3']) t.equal(durationOf('sleep', text), '?', text);
  t.equal(durationOf('sleep', `${'1'.repeat(100_000)}x`), '?');
  t.end();
});

void t.test('a program of the image takes as long as it does', (t) => {
  t.equal(durationOf('nginx', '-s', 'quit'), '?');
  t.equal(durationOf(), '?');
  t.equal(print(hookDurationOf({ exec: {} })), '?');
  t.equal(print(hookDurationOf({ exec: { command: null } })), '?');
  t.equal(durationOf('sh', '/run.sh'), '?');
  t.equal(durationOf('busybox'), '?');
  t.end();
});

void t.test('a script takes what its commands sleep one after the other', (t) => {
  t.equal(ofScript('sleep 5'), '5');
  t.equal(ofScript('sleep 5; sleep 10'), '15');
  t.equal(ofScript('sleep 5 && sleep 1m'), '65');
  t.equal(ofScript('sleep 5\n# sleep 9\nsleep 5'), '10');
  t.equal(ofScript('(sleep 5; sleep 5)'), '10');
  t.equal(ofScript('exec sleep 5'), '5');
  t.equal(ofScript('A=1 sleep 5 >/dev/null 2>&1'), '5');
  t.equal(ofScript("sh -c 'sleep 5'; sleep 5"), '10');
  t.equal(ofScript(''), '0');
  t.end();
});

void t.test('a script with other commands takes at least what it sleeps', (t) => {
  t.equal(ofScript('sleep 15; nginx -s quit'), '15+');
  t.equal(ofScript("echo 'sleep 9'; sleep 5"), '5+');
  t.equal(ofScript('sleep "$DELAY"; sleep 5'), '5+');
  t.equal(ofScript('nginx -s quit || sleep 5'), '5+');
  t.equal(ofScript('sleep 5 || sleep 10'), '15+');
  t.equal(ofScript('f() { sleep 5; }; f'), '5+');
  t.equal(ofScript('for i in 1 2 3; do sleep 5; done'), '5+');
  t.end();
});

void t.test('the commands of a pipe run at once', (t) => {
  t.equal(ofScript('sleep 5 | sleep 3'), '5');
  t.equal(ofScript('sleep 3 | sleep 5'), '5');
  t.equal(ofScript('sleep 5 | sleep 3 | sleep 4; sleep 1'), '6');
  t.equal(ofScript('sleep 1; sleep 5 | cat'), '6+');
  t.equal(ofScript('(sleep 5; sleep 5) | sleep 3'), '10+');
  t.end();
});

void t.test('what runs in the background counts if the script waits for it', (t) => {
  t.equal(ofScript('sleep 30 & sleep 5'), '5');
  t.equal(ofScript('(sleep 30; sleep 30) & sleep 5'), '5');
  t.equal(ofScript('sleep 30 & sleep 5; wait'), '30');
  t.equal(ofScript('sleep 10 & sleep 20 & wait'), '20');
  t.equal(ofScript('(sleep 10; sleep 10) & sleep 5; wait; sleep 1'), '21');
  t.equal(ofScript('nginx & wait'), '0+');
  t.equal(ofScript('sleep infinity & wait'), '0…');
  t.equal(ofScript('sleep infinity & sleep 5'), '5');
  t.equal(ofScript('wait'), '0');
  t.end();
});

void t.test('a loop that the script waits for has no bound', (t) => {
  t.equal(ofScript('while pgrep worker; do sleep 1; done'), '1…');
  t.equal(ofScript('sleep 5; until [ -f /done ]; do sleep 1; done'), '6…');
  t.equal(ofScript('sleep infinity'), '0…');
  t.equal(ofScript('sleep 5; sleep infinity'), '5…');
  t.equal(ofScript('while true; do sleep 1; done & sleep 5'), '5');
  t.end();
});

void t.test('timeout bounds what it runs', (t) => {
  t.equal(durationOf('timeout', '20', 'quit-when-idle'), '20');
  t.equal(durationOf('timeout', '20', 'sh', '-c', 'while true; do sleep 1; done'), '20');
  t.equal(durationOf('timeout', '1m', 'sleep', 'infinity'), '60');
  t.equal(durationOf('timeout', '20', 'sleep', '5'), '5');
  t.equal(durationOf('timeout', '0.5', 'sleep', '5'), '1');
  t.equal(durationOf('timeout', '--foreground', '20', 'a'), '20');
  t.equal(durationOf('timeout', '-s', 'KILL', '20', 'a'), '20');
  t.equal(durationOf('timeout', '--signal=KILL', '20', 'a'), '20');
  t.equal(durationOf('timeout', '-sKILL', '20', 'a'), '20');
  t.equal(durationOf('timeout', '-k', '5', '20', 'a'), '25');
  t.equal(durationOf('timeout', '--kill-after=5s', '20', 'a'), '25');
  t.equal(durationOf('timeout', '--kill-after', '5', '20', 'a'), '25');
  t.equal(durationOf('timeout', '-t', '20', 'a'), '20');
  t.equal(ofScript('timeout 20 tail --pid=1 -f /dev/null; sleep 5'), '25');
  t.end();
});

void t.test('timeout 0 allows any time, and a limit that cannot be read says nothing', (t) => {
  t.equal(durationOf('timeout', '0', 'sleep', '5'), '5');
  t.equal(durationOf('timeout', '0', 'sleep', 'infinity'), '0…');
  t.equal(durationOf('timeout', '$LIMIT', 'sleep', '5'), '?');
  t.equal(durationOf('timeout'), '?');
  t.equal(durationOf('timeout', '-s'), '?');
  t.end();
});

void t.test('commands inside commands are read to a depth, and what is deeper is unknown', (t) => {
  t.equal(durationOf('timeout', '60', 'exec', 'busybox', 'sh', '-c', 'exec timeout 20 a'), '20');
  t.equal(durationOf(...Array.from({ length: 10_000 }, () => 'exec'), 'sleep', '5'), '?');
  t.equal(durationOf(...Array.from({ length: 10_000 }, () => ['timeout', '0']).flat(), 'sleep', '5'), '?');
  t.end();
});

void t.test('no hook makes the reader throw; its seconds are whole, finite and not negative', (t) => {
  const word = fc.oneof(
    fc.constantFrom('sleep', 'timeout', 'sh', '-c', 'bash', '-o', 'exec', 'busybox', '5', '1m', 'infinity', '0', '-k', '-t', 'wait', '&'),
    fc.constantFrom('sleep 5', 'sleep 5 & wait', 'while a; do sleep 1; done', 'sleep 1 | sleep 2', '(sleep 1', "'"),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (command) => {
      const { certainty, seconds } = hookDurationOf({ exec: { command } });
      assert.ok(Number.isInteger(seconds) && seconds >= 0);
      assert.ok(certainty !== 'unknown' || seconds === 0);
    }),
    { numRuns: runs(2000) },
  );
  t.end();
});

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

void t.test('the needed period is the longest hook, the drain and the margin', (t) => {
  const need = shutdownNeedOf(podSpec(30, [sleeping(10), sleeping(20), {}]), ASSUMED);
  t.equal(need.neededSeconds, 20 + 15 + 3);
  t.equal(need.preStopSeconds, 20);
  t.equal(need.longest?.container.name, 'main1');
  t.equal(need.sidecarSeconds, 0);
  t.same(need.unbounded, []);
  t.equal(shutdownNeedOf(podSpec(30, [{}]), ASSUMED).longest, undefined);
  t.end();
});

void t.test('sidecars end after the main containers, and their hooks run with everyone’s', (t) => {
  const need = shutdownNeedOf(podSpec(30, [sleeping(5)], [sidecar(), sidecar(sleeping(10))]), ASSUMED);
  t.equal(need.neededSeconds, 10 + 15 + 5 + 3);
  t.equal(need.longest?.list, 'initContainers');
  t.end();
});

void t.test('an ordinary init container has ended long before', (t) => {
  t.equal(shutdownNeedOf(podSpec(30, [{}], [sleeping(60)]), ASSUMED).neededSeconds, 15 + 3);
  t.end();
});

void t.test('a hook without a bound is named, and counted with what is known of it', (t) => {
  const loop = withHook({ exec: { command: ['sh', '-c', 'sleep 5; while a; do b; done'] } });
  const need = shutdownNeedOf(podSpec(30, [loop, sleeping(2)]), ASSUMED);
  t.same(
    need.unbounded.map(({ container }) => container.name),
    ['main0'],
  );
  t.equal(need.preStopSeconds, 5);
  t.end();
});

/** `name stop-kill`, a question mark where the time of the signal is not known. */
function timelineOf(spec: PodSpec, drainSeconds = 0): string {
  return shutdownTimeline(spec, drainSeconds)
    .map(({ reference, stopSignalSeconds, killSeconds }) => `${reference.container.name} ${stopSignalSeconds ?? '?'}-${killSeconds}`)
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

void t.test('a period of 0 deletes at once, without hooks and signals; init containers are gone', (t) => {
  t.same(shutdownTimeline(podSpec(0, [sleeping(5)]), 10), []);
  t.equal(timelineOf(podSpec(30, [{}], [{}])), 'main0 0-30');
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
        const timeline = shutdownTimeline(podSpec(grace, mains, inits), drain);
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
