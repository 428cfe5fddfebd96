/** The words of `timeout`, as that of coreutils and that of busybox read them. */
import type { Argv } from './argv.ts';
import { secondsOf } from './seconds.ts';

export interface TimeoutCall {
  /** In seconds; 0 allows any time, undefined where it is not known. */
  readonly limit: number | undefined;
  /** Seconds from the signal to SIGKILL (`-k 5`); 0 where no SIGKILL follows. */
  readonly killAfter: number;
  /** What it runs. */
  readonly command: Argv;
  /** `-t 20`, which busybox before 1.30 alone has. */
  readonly isOfOldBusybox: boolean;
  /** It has an option that busybox does not know. */
  readonly isOfCoreutils: boolean;
}

const WITH_VALUE = /^(-[skt]|--signal|--kill-after)=?(.*)$/s;

/** @param args the words behind `timeout` */
export function readTimeout(args: Argv): TimeoutCall {
  let at = 0;
  let limit: number | undefined;
  let killAfter = 0;
  let [isOfOldBusybox, isOfCoreutils] = [false, false];
  for (; args[at]?.startsWith('-') === true; at++) {
    const option = args[at] ?? '';
    const [, name, attached = ''] = WITH_VALUE.exec(option) ?? [];
    if (name === undefined || name.startsWith('--')) isOfCoreutils ||= option !== '--';
    if (name === undefined) continue;
    if (attached === '') at += 1;
    const seconds = secondsOf(attached || (args[at] ?? ''));
    if (name === '-t') {
      limit = seconds;
      isOfOldBusybox = true;
    } else if (name === '-k' || name === '--kill-after') killAfter = seconds ?? 0;
  }
  const call = { killAfter, isOfOldBusybox, isOfCoreutils };
  if (limit !== undefined) return { ...call, limit, command: args.slice(at) };
  return { ...call, limit: secondsOf(args[at] ?? ''), command: args.slice(at + 1) };
}
