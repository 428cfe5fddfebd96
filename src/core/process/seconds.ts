/** Durations as `sleep` and `timeout` take them. */

/** Nobody waits longer than that: 68 years, as far as 32 bits go. */
const MAX_SECONDS = 2 ** 31 - 1;

/** The durations of coreutils and busybox: a number with s, m, h or d, in seconds; undefined for anything else. */
export function secondsOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(text);
  if (match === null) return undefined;
  const unit = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }[match[2] ?? ''] ?? 1;
  return Math.min(Number(match[1]) * unit, MAX_SECONDS);
}

/**
 * `sleep 5`, `sleep 1m 30s`, `sleep 0.5`.
 *
 * @returns seconds; undefined where they are not known, or where it sleeps for ever
 */
export function secondsOfSleep(args: readonly (string | undefined)[]): number | undefined {
  let sum = 0;
  for (const arg of args) {
    const seconds = arg === undefined ? undefined : secondsOf(arg);
    if (seconds === undefined) return undefined;
    sum += seconds;
  }
  return sum;
}

/** `1e1`, `0xa`, `+5` and ` 5`: seconds to coreutils (strtod(3)), and an error to busybox. */
export function isOfStrtod(text: string): boolean {
  return /^\s*\+?(?:0[xX][\da-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)[smhd]?$/.test(text) && secondsOf(text) === undefined;
}
