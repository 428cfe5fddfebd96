/**
 * Options that the programs of busybox refuse, where those of coreutils, procps and util-linux take them: such a command fails at once
 * (busybox 1.35, `test/core/process/measured/`). In an image with ash, a program may be the one of busybox or the other.
 */
import { programName, type Argv } from './argv.ts';
import { afterLauncher, LAUNCHERS } from './launchers.ts';

/** The options that a program of busybox takes; it refuses every other word that begins with `-`. */
const TAKEN: ReadonlyMap<string, RegExp> = new Map([
  ['env', /^-(?:$|[i0]*u?|u.*|-ignore-environment|-null|-unset(?:=.*)?)$/],
  ['setsid', /^-c$/],
  ['timeout', /^-[sk]/],
  ['setpriv', /^-(?:d|-dump|-nnp|-no-new-privs|-inh-caps|-ambient-caps)(?:$|=)/],
  ['chroot', /^$/],
  ['nice', /^-(?:n.*|\d+)$/],
  ['ionice', /^-[cnpt]/],
  ['taskset', /^-[acp]+$/],
  ['chrt', /^-[mprfobiR]+$/],
  ['flock', /^-(?:[sxnuF]*c?|-shared|-exclusive|-unlock|-nonblock)$/],
  ['nsenter', /^-(?:[tmuinpUrwSGF].*|-(?:target|mount|uts|ipc|net|pid|user|setuid|setgid|root|wd|no-fork|preserve-credentials)(?:=.*)?)$/],
  ['unshare', /^-(?:[muinpUfr]+|-(?:mount|uts|ipc|net|pid|user|fork|mount-proc|map-root-user|propagation|setgroups)(?:=.*)?)$/],
]);

/** Whether busybox refuses the options before the command that a launcher starts, or those of `tail`. */
export function isRefusedByBusybox(argv: Argv): boolean {
  const name = programName(argv[0] ?? '');
  if (name === 'tail') return argv.some((word, index) => index > 0 && word !== undefined && /^--\w/.test(word));
  const taken = TAKEN.get(name);
  const launcher = LAUNCHERS.get(name);
  if (taken === undefined || launcher === undefined) return false;
  const own = argv.slice(1, argv.length - afterLauncher(argv, launcher).length);
  const end = own.indexOf('--');
  return own.slice(0, end < 0 ? own.length : end).some((word) => word?.startsWith('-') === true && !taken.test(word));
}
