/** The name of a signal, as STOPSIGNAL may write it: `SIGQUIT`, `QUIT`, `quit` or `3` (moby/sys `signal.ParseSignal`). */

/** By their numbers on Linux, from 1 (signal(7)): images are Linux's, wherever podgrace runs. */
const NAMES: readonly string[] =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );

const FIRST_REAL_TIME = 34;
const LAST_REAL_TIME = 64;

/** @returns with `SIG`; undefined for what is no signal */
export function signalNameOf(written: string): string | undefined {
  if (/^\d{1,3}$/.test(written)) return nameOfNumber(Number(written));
  const name = written.toUpperCase().replace(/^SIG/, '');
  return NAMES.includes(name) || REAL_TIME.test(name) ? `SIG${name}` : undefined;
}

/** `RTMIN+3` is what systemd stops at. */
const REAL_TIME = /^RTM(?:IN(?:\+(?:\d|1[0-5]))?|AX(?:-(?:\d|1[0-4]))?)$/;

function nameOfNumber(number: number): string | undefined {
  const name = NAMES[number - 1];
  if (name !== undefined) return `SIG${name}`;
  return number >= FIRST_REAL_TIME && number <= LAST_REAL_TIME ? `SIGRTMIN+${number - FIRST_REAL_TIME}` : undefined;
}
