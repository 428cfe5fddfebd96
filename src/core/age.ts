/** How long ago something was, as kubectl prints it. */

const SECOND_MS = 1000;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/**
 * `2m7s`: two units where the first is small. Mirrors k8s.io/apimachinery `pkg/util/duration/duration.go` HumanDuration, read at 1.36.3.
 *
 * @param ms may be a little below 0, as the clocks of two machines differ
 */
export function ageText(ms: number): string {
  const seconds = Math.trunc(ms / SECOND_MS);
  if (seconds < -1) return '<invalid>';
  if (seconds < 2 * MINUTE) return `${Math.max(seconds, 0)}s`;
  if (seconds < 10 * MINUTE) return inUnits(seconds, [MINUTE, 'm'], [1, 's']);
  if (seconds < 3 * HOUR) return inUnits(seconds, [MINUTE, 'm']);
  if (seconds < 8 * HOUR) return inUnits(seconds, [HOUR, 'h'], [MINUTE, 'm']);
  if (seconds < 2 * DAY) return inUnits(seconds, [HOUR, 'h']);
  if (seconds < 8 * DAY) return inUnits(seconds, [DAY, 'd'], [HOUR, 'h']);
  if (seconds < 2 * YEAR) return inUnits(seconds, [DAY, 'd']);
  if (seconds < 8 * YEAR) return inUnits(seconds, [YEAR, 'y'], [DAY, 'd']);
  return inUnits(seconds, [YEAR, 'y']);
}

type Unit = readonly [seconds: number, letter: string];

function inUnits(seconds: number, ...[first, second]: readonly [Unit, Unit?]): string {
  const [length, letter] = first;
  const whole = `${Math.floor(seconds / length)}${letter}`;
  if (second === undefined) return whole;
  const rest = Math.floor((seconds % length) / second[0]);
  return rest === 0 ? whole : `${whole}${rest}${second[1]}`;
}
