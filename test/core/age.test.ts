import t from 'tap';
import { ageText } from '../../src/core/age.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

void t.test('an age is printed as kubectl prints it', (t) => {
  for (const [ms, text] of [
    // Those of k8s.io/apimachinery `pkg/util/duration/duration_test.go`.
    [SECOND, '1s'],
    [70 * SECOND, '70s'],
    [190 * SECOND, '3m10s'],
    [70 * MINUTE, '70m'],
    [47 * HOUR, '47h'],
    [49 * HOUR, '2d1h'],
    [8 * DAY + 2 * HOUR, '8d'],
    [367 * DAY, '367d'],
    [2 * YEAR + 25 * HOUR, '2y1d'],
    [8 * YEAR + 2 * HOUR, '8y'],
    // Both sides of each bound, and whole units.
    [0, '0s'],
    [999, '0s'],
    [2 * MINUTE - 1, '119s'],
    [2 * MINUTE, '2m'],
    [127 * SECOND, '2m7s'],
    [10 * MINUTE - 1, '9m59s'],
    [10 * MINUTE + SECOND, '10m'],
    [3 * HOUR - 1, '179m'],
    [3 * HOUR, '3h'],
    [8 * HOUR - 1, '7h59m'],
    [8 * HOUR + MINUTE, '8h'],
    [2 * DAY - 1, '47h'],
    [2 * DAY, '2d'],
    [8 * DAY - 1, '7d23h'],
    [2 * YEAR - 1, '729d'],
    [2 * YEAR, '2y'],
    [8 * YEAR - 1, '7y364d'],
  ] as const)
    t.equal(ageText(ms), text, String(ms));
  t.end();
});

void t.test('what lies ahead by less than two seconds is now: the clocks of two machines differ', (t) => {
  t.equal(ageText(-1), '0s');
  t.equal(ageText(-1999), '0s');
  t.equal(ageText(-2000), '<invalid>');
  t.end();
});
