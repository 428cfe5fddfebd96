/** Commands that tell a server to stop: signals, and the words that servers have for it. */
import { hostOfOption, isOwnHost } from './asked-host.ts';
import { longestOfCurl } from './curl-time.ts';
import { programName, type Argv } from './argv.ts';
import { isMomentary } from './program-length.ts';
import { OWN_NUMBER } from './own-number.ts';
import { AT_ONCE, FAILS, STOPS, type Timing } from './timing.ts';

/** Signals that ask a program for something else than to end (signal(7)). */
const HARMLESS_SIGNALS: ReadonlySet<string> = new Set(
  ['0', 'HUP', '1', 'USR2', '12', 'CONT', '18', 'CHLD', '17'], //
);

/**
 * Those by which some servers end what they serve: haproxy by SIGUSR1 (its management guide, "Stopping and restarting"), httpd and nginx
 * by SIGWINCH (httpd.apache.org/docs/2.4/stopping.html, nginx.org/en/docs/control.html). Others open their logs again.
 */
const STOPS_OF_SOME: ReadonlySet<string> = new Set(['USR1', '10', 'WINCH', '28']);

/** Those that nobody can handle: the kernel keeps them from PID 1, unless they come from outside its container (pid_namespaces(7); measured). */
const KEPT_FROM_PID_ONE: ReadonlySet<string> = new Set(['KILL', '9', 'STOP', '19']);

/** Those by which servers stop. PID 1 does not hear of the others unless it handles them, which few servers do. */
const STOPS_SERVERS: ReadonlySet<string> = new Set(['TERM', '15', 'INT', '2', 'QUIT', '3']);

/** The other names that stand for signals here; `-x` and `-P` of pkill are none. */
const ENDING_SIGNALS: ReadonlySet<string> = new Set(['INT', 'QUIT', 'ABRT', 'KILL', 'TERM', 'STOP', 'TSTP', 'ALRM', 'PIPE', 'PWR']);

/** The words of servers that stop them. */
const STOP_WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['nginx', ['quit', 'stop']],
  ['openresty', ['quit', 'stop']],
  ['apachectl', ['stop', 'graceful-stop']],
  ['apache2ctl', ['stop', 'graceful-stop']],
  ['httpd', ['stop', 'graceful-stop']],
  ['supervisorctl', ['stop', 'shutdown']],
  ['pg_ctl', ['stop']],
  ['redis-cli', ['shutdown', 'SHUTDOWN']],
  ['valkey-cli', ['shutdown', 'SHUTDOWN']],
  ['mysqladmin', ['shutdown']],
  ['mariadb-admin', ['shutdown']],
  ['rabbitmqctl', ['stop', 'stop_app', 'shutdown']],
  ['catalina.sh', ['stop']],
  ['mongod', ['--shutdown']],
]);

/** They send a signal to whatever runs, or to PID 1 (killall5(8), reboot of busybox). */
const ENDS_ALL: ReadonlySet<string> = new Set(['skill', 'killall5', 'reboot', 'poweroff', 'halt', 'shutdown']);

/**
 * @param name of the program
 * @returns undefined where a command does not stop the server, as far as its words tell
 */
export function serverStopOf(name: string, args: Argv): Timing | undefined {
  if (name === 'kill') return killTiming(args);
  if (name === 'pkill' || name === 'killall') return pkillTiming(name, args);
  if (ENDS_ALL.has(name) || (name === 'fuser' && args.some((word) => /^-[a-zA-Z]*k/.test(word ?? '')))) return MAY_STOP;
  if (STOP_WORDS.get(name)?.some((word) => args.includes(word)) !== true) return undefined;
  if (mayAskOther(name, args)) return { ...MAY_STOP, isOpen: true };
  // nginx and apache answer at once and go on in the background; the others may wait for the server.
  return name === 'nginx' || name === 'openresty' || name.startsWith('apache') || name === 'httpd' ? STOPS : { ...STOPS, isOpen: true };
}

/** `redis-cli -h db shutdown`: whether the name stands for this server, nobody knows. */
function mayAskOther(name: string, args: Argv): boolean {
  if (name === 'supervisorctl') return !isOwnAddress(valueOf(args, /^(?:-[a-z]*s|--serverurl)$/, /^--serverurl=|^-s(?=.)/));
  if (name === 'rabbitmqctl') return !isOwnNode(valueOf(args, /^(?:-n|--node)$/, /^--node=|^-n(?=.)/));
  if (!/^(?:redis|valkey)-cli$|^(?:mysql|mariadb-)admin$/.test(name)) return false;
  // To those of Redis it is an address, and to those of MySQL a user.
  if (!args.some((word) => /^(?:-h|--host)/.test(word ?? ''))) return !name.endsWith('admin') && args.includes('-u');
  const host = hostOfOption(args);
  return host === undefined || !isOwnHost(host);
}

/**
 * The value that an option has been given: '' where it is not there, undefined where nobody knows the value.
 *
 * @param option that takes the next word
 * @param attached what stands before a value in one word
 */
function valueOf(args: Argv, option: RegExp, attached: RegExp): string | undefined {
  const at = args.findIndex((word) => word !== undefined && option.test(word));
  if (at >= 0) return args[at + 1];
  return args.find((word) => word !== undefined && attached.test(word))?.replace(attached, '') ?? '';
}

/** `unix:///run/supervisor.sock`, `http://localhost:9001` */
function isOwnAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  const [, host] = /^https?:\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)/.exec(address) ?? [];
  return host === undefined ? address === '' || address.startsWith('unix:') : isOwnHost(host.replace(/^\[|\]$/g, ''));
}

/** `rabbit`, `rabbit@localhost`: without a host, it is the one of this machine (rabbitmqctl(8), `-n`). */
function isOwnNode(node: string | undefined): boolean {
  if (node === undefined) return false;
  const at = node.indexOf('@');
  return at < 0 || isOwnHost(node.slice(at + 1));
}

/** `kill $!`, `jobs -p | xargs kill` */
export function sendsSignal([program = '']: Argv): boolean {
  return /^(?:kill|pkill|killall|xargs)$/.test(programName(program));
}

/** `service nginx stop`, `caddy stop`, `/scripts/shutdown.sh`, `curl -X POST localhost/quitquitquit`. */
const OF_STOP = /(?:^|[-_./:])(?:stop|shutdown|quit|quitquitquit|halt|leave)(?:$|[-_./?])/i;

/**
 * What is known of a program that nobody knows: that it may stop the server where its words speak of it. What is over in a moment
 * only names files so.
 */
export function timingOfOther(argv: Argv): Timing {
  if (isMomentary(argv)) return AT_ONCE;
  const speaksOfStop = argv.some(
    (word) =>
      word !== undefined && word.length < LONGEST_WORD && (OF_STOP.test(word) || OF_KILL.test(word) || KILLS.has(programName(word))),
  );
  const longest = programName(argv[0] ?? '') === 'curl' ? longestOfCurl(argv.slice(1)) : undefined;
  return { ...(speaksOfStop ? MAY_STOP : AT_ONCE), ...(longest === undefined ? { isOpen: true } : { max: longest }) };
}

/** `xargs kill`, `find … -exec kill {} ;` */
const KILLS: ReadonlySet<string> = new Set(['kill', 'pkill', 'killall', 'skill']);

/** Code that sends a signal: `os.kill(1, signal.SIGTERM)`, `process.kill(1)`, `kill "TERM", 1`, `kill 15, 1`. */
const OF_KILL = /\bkill\b\s*(?:\(|["']|\w{1,16}\s*,)/;

const LONGEST_WORD = 512;

/** Nobody knows whether the process that gets the signal is the server. */
const MAY_STOP: Timing = { ...AT_ONCE, stop: { min: 0, max: 0, isCertain: false } };

/**
 * `kill 1`, `kill -TERM 1`, `kill -s term 1`, `kill -9 -- -1`: one signal, then the processes. Only 1 is the server for certain:
 * -1 is everybody but PID 1 and the caller (kill(2)), 0 is the hook's own group, and what another number is, nobody knows.
 */
function killTiming(args: Argv): Timing {
  if (/^-[lL]/.test(args[0] ?? '')) return AT_ONCE;
  const { signal, targets, isPlain } = readKill(args);
  if (targets.length === 0) return FAILS;
  // The hook itself and what it has started.
  if (targets.every(isOwn)) return AT_ONCE;
  if (signal === undefined) return MAY_STOP;
  const name = nameOfSignal(signal);
  if (HARMLESS_SIGNALS.has(name)) return AT_ONCE;
  if (STOPS_OF_SOME.has(name)) return MAY_STOP;
  if (KEPT_FROM_PID_ONE.has(name) && targets.every((target) => target === '1')) return AT_ONCE;
  // dash complains of a name with `SIG`, as bash does in its POSIX mode, and sends nothing.
  const isSent = isPlain && STOPS_SERVERS.has(signal.toUpperCase());
  // Who ends itself before it comes to PID 1 tells that nothing.
  return isSent && targets.includes('1') && !targets.some(isOwn) ? STOPS : MAY_STOP;
}

interface KillCall {
  /** As it is written; undefined where it is not known. */
  readonly signal: string | undefined;
  readonly targets: Argv;
  /** Every shell, and the program, reads it so. */
  readonly isPlain: boolean;
}

function readKill(args: Argv): KillCall {
  const option = args[0] ?? '';
  if (option === '-s' || option === '-n' || option === '--signal') {
    const targets = args.slice(args[2] === '--' ? 3 : 2);
    // Of the shells, dash and ash know `-s` alone.
    return { signal: args[1], targets, isPlain: option === '-s' };
  }
  if (!option.startsWith('-') || option === '--') return { signal: 'TERM', targets: args.slice(option === '--' ? 1 : 0), isPlain: true };
  const hasDashes = args[1] === '--';
  // Behind a signal dash knows `--` only where `-s` names that one.
  const isPlain = !option.startsWith('--') && !hasDashes;
  return { signal: option.replace(/^--signal=|^-/, ''), targets: args.slice(hasDashes ? 2 : 1), isPlain };
}

function isOwn(target: string | undefined): boolean {
  return target === '0' || target?.includes(OWN_NUMBER) === true;
}

/** `pkill -HUP app`, `killall -s QUIT app`: whether the server has the name, nobody knows. To pkill, `-s` is a session. */
function pkillTiming(program: 'pkill' | 'killall', args: Argv): Timing {
  for (const [index, word] of args.entries()) {
    if (!word?.startsWith('-')) continue;
    const named = (word === '-s' && program === 'killall') || word === '--signal' ? args[index + 1] : word.replace(/^--signal=|^-/, '');
    const signal = nameOfSignal(named ?? '');
    if (HARMLESS_SIGNALS.has(signal)) return AT_ONCE;
    if (ENDING_SIGNALS.has(signal) || STOPS_OF_SOME.has(signal)) break;
  }
  return MAY_STOP;
}

/** Names are read with and without `SIG`, in capitals or not. */
export function nameOfSignal(text: string): string {
  return text.toUpperCase().replace(/^SIG/, '');
}
