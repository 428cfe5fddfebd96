/** What becomes of PID 1 that passes its stop signal on to what it has started: an init, `timeout`. */
import type { Argv } from './argv.ts';
import type { Assumed, Cause, Possibility } from './possibility.ts';
import { SIGNAL_NUMBERS } from './script-traps.ts';
import { isShell } from './shells.ts';

/**
 * The fate of PID 1.
 *
 * @param verdict where what it has started ends
 * @param possibility what becomes of that
 */
export function behindInit(verdict: Possibility, possibility: Assumed): Assumed {
  const { fate, cause, pidOne, child = pidOne, seconds, flavour, isBusybox, interruptsSleep } = possibility;
  const of = { flavour, ...(isBusybox && { isBusybox }) };
  if (fate === 'ends' || !STAYS_BEHIND_INIT.has(cause)) return { ...verdict, ...of, ...(interruptsSleep && { interruptsSleep }) };
  return { fate, cause, pidOne: verdict.pidOne, child, ...of, ...(seconds !== undefined && { seconds }) };
}

/** Whether a program with such a cause does not end at the signal where it is not PID 1, either. */
export function staysBehindInit(cause: Cause): boolean {
  return STAYS_BEHIND_INIT.has(cause);
}

/** Why a program does not end at the signal though it is not PID 1. */
const STAYS_BEHIND_INIT: ReadonlySet<Cause> = new Set<Cause>(['trap goes on', 'late trap', 'long trap', 'trap', 'ignores', 'handler']);

/** Numbers of signals whose default action is not to end (signal(7)): CHLD, CONT, STOP, TSTP, TTIN, TTOU, URG and WINCH. */
const NOT_FATAL: ReadonlySet<string> = new Set(['17', '18', '19', '20', '21', '22', '23', '28']);

const REWRITE = /^(?:-[cv]*r|--rewrite)=?(.*)$/;

/** `dumb-init --rewrite 15:3` passes another signal on, and with `15:0` none. What a shell and its jobs do at that, nobody follows. */
export function rewritten(argv: Argv, inner: Argv, signal: string): Possibility {
  const number = SIGNAL_NUMBERS.get(signal) ?? signal;
  const to = rewrittenTo(argv.slice(1, argv.length - inner.length), number);
  if (to === '0') return { fate: 'swallows', pidOne: 'dumb-init', cause: 'dropped' };
  const isKnown = to === number || !(NOT_FATAL.has(to) || isShell(inner));
  return { fate: isKnown ? 'ends' : 'unknown', pidOne: 'dumb-init', cause: 'init' };
}

/** @param own the words of the init itself */
function rewrittenTo(own: Argv, number: string): string {
  let to = number;
  for (const [index, word] of own.entries()) {
    const [, attached] = REWRITE.exec(word ?? '') ?? [];
    if (attached === undefined) continue;
    const [from, target] = (attached === '' ? (own[index + 1] ?? '') : attached).split(':');
    if (from === number && target !== undefined) to = target;
  }
  return to;
}

/** Whether such an init is told to pass on another signal for some. */
export function isRewriting(own: Argv, signal: string): boolean {
  const number = SIGNAL_NUMBERS.get(signal) ?? signal;
  return own.some((word) => word !== undefined && REWRITE.test(word)) && rewrittenTo(own, number) !== number;
}
