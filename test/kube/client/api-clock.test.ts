import t from 'tap';
import { ApiClock } from '../../../src/kube/client/api-clock.ts';

const HOUR_MS = 3_600_000;
const TRUE_MS = Date.parse('2030-01-01T00:00:00Z');

function clockAhead(aheadMs: number): { clock: ApiClock; pass: (ms: number) => void; set: (ms: number) => void } {
  let elapsedMs = 0;
  let setMs = aheadMs;
  const clock = new ApiClock({ wallMs: () => TRUE_MS + elapsedMs + setMs, monotonicMs: () => 5 + elapsedMs });
  return { clock, pass: (ms) => (elapsedMs += ms), set: (ms) => (setMs = ms) };
}

void t.test('until the API server has answered it is this machine that tells the time', (t) => {
  const { clock } = clockAhead(HOUR_MS);
  t.equal(clock.now.getTime(), TRUE_MS + HOUR_MS);
  t.equal(clock.aheadMs, 0);
  clock.hear(undefined);
  clock.hear('garbage');
  t.equal(clock.now.getTime(), TRUE_MS + HOUR_MS, 'what is no date says nothing');
  t.end();
});

void t.test('from then on it is the API server, and setting the clock of this machine changes nothing', (t) => {
  const { clock, pass, set } = clockAhead(HOUR_MS);
  clock.hear(new Date(TRUE_MS).toUTCString());
  t.equal(clock.now.getTime(), TRUE_MS);
  t.equal(clock.aheadMs, HOUR_MS);
  pass(90_000);
  set(-HOUR_MS);
  t.equal(clock.now.getTime(), TRUE_MS + 90_000);
  t.equal(clock.aheadMs, -HOUR_MS);
  t.end();
});
