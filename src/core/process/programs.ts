/**
 * What programs do with SIGTERM when they are PID 1, and how programs that start others do so.
 *
 * The kernel delivers to PID 1 only signals that it has a handler for (pid_namespaces(7)): a program that relies on the
 * default action of SIGTERM does not end. Each entry was run as PID 1 of a PID namespace and sent the signal from outside,
 * in Debian 12, unless another source stands beside it; `test/core/process/measured/` does it again.
 */
import { signalUseOf } from './interpreters.ts';
import { isOfStrtod, secondsOf, secondsOfSleep } from './seconds.ts';

/** The words of a command; undefined where a value is not known. */
export type Argv = readonly (string | undefined)[];

/** What a program itself does, whatever it is given. */
export type ProgramNature =
  /** Made to be PID 1: passes signals on to what it starts, or ends it. */
  | 'init'
  /** Has no handler, so the signal is lost. */
  | 'ignores'
  /** Ends at the signal, and what it started is killed without having heard of it. */
  | 'ends untold'
  /** Starts what a file says in a shell of its choice: npm 11.19 tells the shell alone, which dash as `sh` does not pass on. */
  | 'runner'
  /** Which program has this name, or what it does, differs between images. */
  | 'differs';

export const PROGRAM_NATURES: ReadonlyMap<string, ProgramNature> = new Map([
  ...natures('init', 'sudo', 'tini', 'tini-static', 'dumb-init', 'catatonit', 's6-svscan', 'supervisord'),
  // https://github.com/phusion/baseimage-docker/blob/master/image/bin/my_init; the pause container of Kubernetes.
  ...natures('init', 'my_init', 'pause'),
  ...natures('ignores', 'sleep', 'yes', 'xargs', 'time', 'inotifywait', 'inotifywatch'),
  // runit(8) ignores it; it listens to SIGCONT and SIGINT.
  ...natures('ignores', 'runit', 'runit-init'),
  // runsvdir(8): exits 0 at SIGTERM and leaves its services alone; SIGHUP would have told them.
  ...natures('ends untold', 'runsvdir'),
  // /sbin/init is systemd, sysvinit, busybox, OpenRC or a script; systemd takes SIGTERM as a request to start itself anew.
  ...natures('runner', 'npm', 'npx', 'yarn', 'yarnpkg', 'pnpm', 'pnpx', 'bunx', 'corepack', 'lerna', 'turbo', 'nx', 'ng', 'concurrently'),
  ...natures('runner', 'nodemon', 'ts-node-dev', 'mvn', 'mvnw', 'gradle', 'gradlew', 'sbt', 'foreman', 'honcho', 'composer', 'tox', 'nox'),
  ...natures('differs', 'start-stop-daemon', 'daemonize', 'cron', 'crond', 'xvfb-run', 'apachectl', 'apache2ctl'),
  ...natures('differs', 'systemd', 'su', 'sg', 'newgrp', 'script', 'strace', 'runuser', 'fakeroot', 'dbus-run-session'),
  // Of `watch` and `parallel` there are two, daemontools has successors, and expect runs what its script says.
  ...natures('differs', 'watch', 'parallel', 'svscan', 'supervise', 'expect', 'unbuffer', 'perf', 'screen', 'tmux'),
  // Shells that nobody measured, and netcat, of which there are four.
  ...natures('differs', 'yash', 'fish', 'csh', 'tcsh', 'rbash', 'posh', 'nu', 'pwsh', 'nc', 'netcat', 'ncat'),
]);

function natures(nature: ProgramNature, ...names: readonly string[]): [string, ProgramNature][] {
  return names.map((name) => [name, nature]);
}

/** How the words before the command that a launcher starts are told from it. */
export interface LauncherOptions {
  /** Short options that take a word of their own: `n` for `nice -n 5`. */
  readonly withWord?: string;
  /** Long options that take a word of their own, without `=`. */
  readonly longWithWord?: readonly string[];
  /** Words of the launcher's own that come after its options: the user of gosu, the folder of chroot. */
  readonly words?: number;
  /** `A=b` before the command sets a variable, and `-` is an option. */
  readonly assignments?: true;
  /** A word of the launcher's own may stand before its options, and only there: the architecture of setarch. */
  readonly firstWord?: true;
}

export interface Launcher extends LauncherOptions {
  /**
   * - `becomes`: execs, so that the command is PID 1 itself.
   * - `forwards`: stays PID 1 and passes SIGTERM on.
   * - `waits`: stays PID 1 without a handler, so the signal is lost.
   * - `leaves`: starts the command and ends itself, and with PID 1 the container.
   */
  readonly manner: 'becomes' | 'forwards' | 'waits' | 'leaves';
  /** What stands after its options are the words of this shell. */
  readonly shell?: 'bash';
}

const becomes = (options: LauncherOptions = {}): Launcher => ({ manner: 'becomes', ...options });

/** Words with which a program that does other things too builds a server and starts it as a child. */
const RUNNING_WORDS: ReadonlyMap<string, RegExp> = new Map([
  ['go', /^run$/],
  ['dotnet', /^(?:run|watch)$/],
  ['bun', /^(?:run|x)$/],
  ['deno', /^task$/],
  ['uv', /^run$/],
  ['cargo', /^watch$/],
]);

/** Whether a command starts what it is given, or what a file says, as a child: `npm start`, `go run .` */
export function isRunner([program = '', word = '']: Argv): boolean {
  const name = programName(program);
  return PROGRAM_NATURES.get(name) === 'runner' || RUNNING_WORDS.get(name)?.test(word) === true;
}

/** Programs that set something up and start what follows them. */
export const LAUNCHERS: ReadonlyMap<string, Launcher> = new Map([
  ['env', becomes({ withWord: 'uC', longWithWord: ['--unset', '--chdir'], assignments: true })],
  ['nohup', becomes()],
  ['nice', becomes({ withWord: 'n', longWithWord: ['--adjustment'] })],
  ['ionice', becomes({ withWord: 'cn', longWithWord: ['--class', '--classdata'] })],
  ['chrt', becomes({ withWord: 'TPD', longWithWord: ['--sched-runtime', '--sched-period', '--sched-deadline'], words: 1 })],
  ['stdbuf', becomes({ withWord: 'ioe', longWithWord: ['--input', '--output', '--error'] })],
  ['taskset', becomes({ words: 1 })],
  ['setpriv', becomes({ longWithWord: SETPRIV_OPTIONS() })],
  ['chroot', becomes({ words: 1 })],
  ['prlimit', becomes({ longWithWord: ['--output', '--pid'], withWord: 'op' })],
  ['setarch', becomes({ firstWord: true })],
  ['linux64', becomes()],
  ['linux32', becomes()],
  ['i386', becomes()],
  ['x86_64', becomes()],
  // capsh(1): `--` starts bash with the words after it.
  ['capsh', { manner: 'becomes', shell: 'bash' }],
  ['numactl', becomes({ withWord: 'iNmpClIsfM' })],
  ['gosu', becomes({ words: 1 })],
  ['su-exec', becomes({ words: 1 })],
  ['chpst', becomes({ withWord: 'uUbe/nlLmdopfcrts' })],
  ['setuidgid', becomes({ words: 1 })],
  ['s6-setuidgid', becomes({ words: 1 })],
  ['s6-applyuidgid', becomes({ withWord: 'ugG' })],
  ['s6-envdir', becomes({ words: 1 })],
  ['s6-envuidgid', becomes({ words: 1 })],
  ['s6-setlock', becomes({ withWord: 't', words: 1 })],
  ['s6-setsid', becomes()],
  ['s6-nice', becomes({ withWord: 'n' })],
  ['s6-fghack', { manner: 'waits' }],
  ['s6-softlimit', becomes({ withWord: 'acdflmoprst' })],
  ['with-contenv', becomes()],
  // daemontools
  ['softlimit', becomes({ withWord: 'mdsloapfcrt' })],
  ['envdir', becomes({ words: 1 })],
  ['envuidgid', becomes({ words: 1 })],
  ['setlock', becomes({ words: 1 })],
  ['pgrphack', becomes()],
  ['fghack', { manner: 'waits' }],
  // Python and Ruby wrappers that exec (ddtrace/commands, opentelemetry-instrument, bundler/cli/exec.rb where the file is no Ruby script).
  ['ddtrace-run', becomes({ withWord: 'd' })],
  ['opentelemetry-instrument', becomes({ longWithWord: ['--traces_exporter', '--metrics_exporter', '--service_name'] })],
  // timeout(1) of coreutils; that of busybox execs and leaves the watching to a child.
  ['timeout', { manner: 'forwards', withWord: 'sk', longWithWord: ['--signal', '--kill-after'], words: 1 }],
  ['flock', { manner: 'waits', withWord: 'wEc', longWithWord: ['--timeout', '--conflict-exit-code'], words: 1 }],
  ['setsid', { manner: 'leaves' }],
  ['unshare', becomes({ withWord: 'SGRw', longWithWord: ['--setuid', '--setgid', '--root', '--wd', '--map-users', '--map-groups'] })],
  ['nsenter', becomes({ withWord: 'tSG', longWithWord: ['--target', '--setuid', '--setgid'] })],
]);

/** Inits, which start the command after their options and end with it. */
export const INIT_OPTIONS: ReadonlyMap<string, LauncherOptions> = new Map([
  ['tini', { withWord: 'pe' }],
  ['tini-static', { withWord: 'pe' }],
  ['dumb-init', { withWord: 'r', longWithWord: ['--rewrite'] }],
  ['catatonit', {}],
  // sudo(8), SIGNAL HANDLING: it stays, passes SIGTERM on and ends with the command; it is no init that somebody asks for.
  ['sudo', { withWord: 'aCcDghpRrTtUu', longWithWord: SUDO_OPTIONS() }],
]);

/** Options by which an init tells the whole process group of what it started. */
const GROUP_OPTION = /^-[a-zA-Z]*g/;

/** Whether an init passes signals on to the whole process group: tini and catatonit with `-g`, dumb-init without `-c`. */
export function tellsGroup(name: string, own: Argv): boolean {
  if (name === 'dumb-init') return !own.some((word) => word !== undefined && /^(?:-[a-zA-Z]*c|--single-child$)/.test(word));
  return own.some((word) => word !== undefined && GROUP_OPTION.test(word));
}

/** Options with which a launcher that becomes its command starts it as a child instead (unshare(1), nsenter(1)). */
const FORKING_OPTIONS: ReadonlyMap<string, RegExp> = new Map([
  ['unshare', /^(?:-[a-zA-Z]*f|--fork|--kill-child)/],
  ['nsenter', /^(?:-[a-zA-Z]*[pa]|--pid|--all)/],
]);

/** `unshare --fork`, `nsenter -t 1 -p` without `-F`: it waits for its child, and does not pass the signal on. */
export function forks(name: string, argv: Argv, inner: Argv): boolean {
  const own = argv.slice(1, argv.length - inner.length);
  const has = (options: RegExp): boolean => own.some((word) => word !== undefined && options.test(word));
  const forking = FORKING_OPTIONS.get(name);
  return forking !== undefined && has(forking) && !(name === 'nsenter' && has(/^(?:-[a-zA-Z]*F|--no-fork)/));
}

/** Whether `unshare` starts its command as PID 1 of a PID namespace. */
export function makesPidNamespace(argv: Argv, inner: Argv): boolean {
  return argv.slice(1, argv.length - inner.length).some((word) => word !== undefined && /^(?:-[a-zA-Z]*p|--pid(?:=|$))/.test(word));
}

function SUDO_OPTIONS(): string[] {
  const names = ['auth-type', 'chdir', 'chroot', 'close-from', 'command-timeout', 'group', 'host', 'login-class', 'other-user', 'prompt'];
  return [...names, 'role', 'type', 'user'].map((name) => `--${name}`);
}

function SETPRIV_OPTIONS(): string[] {
  const names = ['ambient-caps', 'inh-caps', 'bounding-set', 'ruid', 'euid', 'rgid', 'egid', 'reuid', 'regid', 'groups', 'securebits'];
  return [...names, 'pdeathsig', 'selinux-label', 'apparmor-profile'].map((name) => `--${name}`);
}

/** Programs and builtins that are over in a moment, whatever they are given. */
const MOMENTARY: ReadonlySet<string> = new Set([
  ...words('true false : echo printf pwd cd pushd popd date id whoami hostname uname basename dirname readlink realpath seq expr'),
  ...words('mkdir rmdir cp mv rm ln touch chmod chown chgrp mktemp mkfifo mknod ls stat test ['),
  ...words('grep egrep fgrep sed cut tr sort uniq head wc awk cat jq yq tee envsubst base64'),
  ...words('set shift unset export readonly local declare typeset alias unalias umask ulimit hash type which getopts shopt let trap'),
  ...words('kill pkill killall pgrep ps pidof stty clear reset tput logger env printenv'),
]);

/** Programs that a shell waits for only for a while; what comes after them is what the container is there for. */
const SHORT_PROGRAMS: ReadonlySet<string> = new Set([
  ...MOMENTARY,
  ...words('install find du df sync md5sum sha256sum getent sysctl modprobe mount umount'),
  ...words('iptables ip ifconfig route adduser addgroup useradd usermod groupadd passwd ldconfig update-ca-certificates'),
  ...words('apk apt apt-get yum dnf microdnf pip pip3 curl wget git tar gzip gunzip unzip openssl ssh-keygen keytool'),
  ...words('read disown bg jobs nslookup dig host ping logrotate locale-gen dos2unix service'),
]);

function words(text: string): string[] {
  return text.split(' ');
}

/** The name of a program without its folder. */
export function programName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `busybox sleep 5` is `sleep 5`; busybox without a word stays what it is. */
export function withoutBusybox<Word extends string | undefined>(argv: readonly Word[]): readonly Word[] {
  return argv.length > 1 && programName(argv[0] ?? '') === 'busybox' ? argv.slice(1) : argv;
}

/** The words of `argv` after a launcher's options and words, where the command begins. */
export function afterLauncher(argv: Argv, options: LauncherOptions): Argv {
  let at = options.firstWord === true && argv[1]?.startsWith('-') !== true ? 2 : 1;
  for (; at < argv.length; at++) {
    const word = argv[at];
    if (word === undefined) break;
    if (word === '--') {
      at += 1;
      break;
    }
    if (options.assignments === true && (word === '-' || isAssignment(word))) continue;
    if (!word.startsWith('-') || word === '-') break;
    if (word.startsWith('--')) {
      if (options.longWithWord?.includes(word) === true) at += 1;
    } else if (takesNextWord(word, options.withWord ?? '')) at += 1;
  }
  // `env -- A=b app`
  while (options.assignments === true && isAssignment(argv[at] ?? '')) at += 1;
  return argv.slice(at + (options.words ?? 0));
}

/** `-n` takes the next word, `-n5` does not; in `-iu NAME` only the last letter may. */
function takesNextWord(option: string, withWord: string): boolean {
  for (let at = 1; at < option.length; at++) if (withWord.includes(option.charAt(at))) return at === option.length - 1;
  return false;
}

/** env(1) takes any name: `spring.profiles.active=x`. */
function isAssignment(word: string): boolean {
  return word.indexOf('=') > 0 && !word.startsWith('-');
}

/** Whether a command is over in a moment, by its name: not what takes its time by nature, as curl and tar do. */
export function isMomentary([program = '']: Argv): boolean {
  return MOMENTARY.has(programName(program));
}

/** `setsid --fork app`: it starts the program and ends, unless it is told to wait. */
function leavesAtOnce(args: Argv): boolean {
  const has = (options: RegExp): boolean => args.some((word) => word !== undefined && options.test(word));
  return has(/^(?:-[cw]*f|--fork$)/) && !has(/^(?:-[cf]*w|--wait$)/);
}

/** Whether a command is over after a while, by its name. */
export function isShort(argv: Argv): boolean {
  const [first, ...args] = withoutBusybox(argv);
  if (first === undefined) return false;
  const name = programName(first);
  if (name === 'busybox') return true;
  if (name === 'cat') return args.length > 0 && !args.some((word) => word === undefined || word === '-' || word.startsWith('/dev/'));
  if (name === 'tail') return !args.some((word) => word === undefined || /^-[a-zA-Z]*[fF]|^--follow/.test(word));
  if (name === 'env') return args.every((word) => word !== undefined && isAssignment(word));
  if (name === 'setsid') return leavesAtOnce(args);
  if (name === 'dd') return args.some((word) => word?.startsWith('count=') === true);
  const started = startedForEach(name, args);
  if (started !== undefined) return started.length === 0 || isShort(started);
  return SHORT_PROGRAMS.has(name);
}

const OPTIONS_OF_XARGS: LauncherOptions = {
  withWord: 'aEdILnPs',
  longWithWord: ['--arg-file', '--delimiter', '--max-args', '--max-procs', '--max-chars'],
};

/** What `find` and `xargs` start for what they find or read; empty where they start nothing that takes long. */
function startedForEach(name: string, args: Argv): Argv | undefined {
  if (name === 'xargs') return afterLauncher([name, ...args], OPTIONS_OF_XARGS);
  if (name !== 'find') return undefined;
  const at = args.findIndex((word) => word !== undefined && /^-(?:exec|ok)(?:dir)?$/.test(word));
  return at < 0 ? [] : args.slice(at + 1);
}

/** Whether `xargs` starts nothing for an empty input. */
export function needsInput([program = '', ...args]: Argv): boolean {
  if (programName(program) !== 'xargs') return false;
  const own = args.slice(0, args.length - afterLauncher([program, ...args], OPTIONS_OF_XARGS).length);
  const has = (options: RegExp): boolean => own.some((word) => word !== undefined && options.test(word));
  return has(/^(?:-[0optx]*[rIi]|--no-run-if-empty$|--replace)/) && !has(/^(?:-[0optrx]*a|--arg-file)/);
}

/** Whether a command reads standard input and ends where that does: `cat`, an interpreter or a shell that is given nothing to run. */
export function readsInput(argv: Argv): boolean {
  const [first, ...args] = withoutBusybox(argv);
  const name = programName(first ?? '');
  if (name === 'cat') return args.every((word) => word === '-' || word === '/dev/stdin');
  return args.length === 0 && INTERACTIVE.test(name);
}

const INTERACTIVE = /^(?:python[\d.]*|node|nodejs|perl|irb|lua|bc)$/;

/** Whether a command does nothing but to stay: `sleep infinity`, `tail -f /dev/null`, `cat`. */
export function isIdle([program, ...args]: Argv): boolean {
  const name = programName(program ?? '');
  if (name === 'sleep') return true;
  if (name === 'cat') return args.every((word) => word === '-' || word === '/dev/stdin');
  return name === 'tail' && args.at(-1) === '/dev/null';
}

/** `tail --pid=$! -f log`: it ends with the process; whether that is there, nobody knows. */
function endsWithProcess(args: Argv): boolean {
  return args.some((word) => word?.startsWith('--pid') === true);
}

/** Whether a command is there for ever, for certain: nothing of a script comes after it. */
export function neverEnds(argv: Argv): boolean {
  const [program, ...args] = withoutBusybox(argv);
  const name = programName(program ?? '');
  if (name === 'sleep') return args[0] === 'infinity' || args[0] === 'inf';
  return (
    name === 'tail' &&
    args.at(-1) === '/dev/null' &&
    !endsWithProcess(args) &&
    args.some((word) => word !== undefined && /^-[a-zA-Z]*[fF]$|^--follow/.test(word))
  );
}

/**
 * How long a command takes at most: `sleep 5`, `timeout 20 app`.
 *
 * @returns undefined where nobody knows, or where it goes on for ever
 */
export function secondsUntilEnd(argv: Argv): number | undefined {
  const name = programName(argv[0] ?? '');
  if (name === 'sleep') return argv.length < 2 || argv.some(isNoDuration) ? 0 : secondsOfSleep(argv.slice(1));
  const timeout = name === 'timeout' ? LAUNCHERS.get(name) : undefined;
  if (timeout === undefined) return undefined;
  // The limit stands before the command; 0 is none.
  const limit = argv.at(-1 - afterLauncher(argv, timeout).length);
  const seconds = limit === undefined ? undefined : secondsOf(limit);
  return seconds === 0 ? undefined : seconds;
}

/** `sleep x` fails at once; in exec form a word may still hold a variable that its author counts on. */
function isNoDuration(word: string | undefined, index: number): boolean {
  if (index === 0 || word === undefined || word === 'infinity' || word === 'inf') return false;
  return secondsOf(word) === undefined && !word.includes('$') && !isOfStrtod(word);
}

/** Whether a command changes nothing and asks for nothing: a loop of such commands and sleeps only passes the time. */
export function isHarmless([program]: Argv): boolean {
  return program !== undefined && HARMLESS_PROGRAMS.has(programName(program));
}

const HARMLESS_PROGRAMS: ReadonlySet<string> = new Set(
  words('true false : echo printf date set export local trap wait test [ exit break continue return'),
);

/** Applets of busybox that have no handler, where programs of that name elsewhere have one, or may have. */
export const BUSYBOX_WITHOUT_HANDLER: ReadonlySet<string> = new Set(['httpd', 'nc', 'watch', 'crond', 'telnetd']);

/** Whether a command has no handler for its stop signal, so that it would not end as PID 1 either. */
export function isWithoutHandler(argv: Argv): boolean {
  const name = programName(argv[0] ?? '');
  if (PROGRAM_NATURES.get(name) === 'ignores') return true;
  if (name === 'tail' || name === 'cat' || name === 'find' || name === 'dd') return !isShort(argv);
  // The server in PHP for trying things out takes the default action.
  if (name === 'php') return argv.includes('-S', 1);
  if (name === 'node' && argv.includes('--run', 1)) return true;
  if (name === 'java') return argv.includes('-Xrs', 1);
  return signalUseOf(name, argv.slice(1)) === 'no handler';
}

/** Whether a command ignores SIGTERM by itself, whether it is PID 1 or not. */
export function ignoresSignal([program = '', ...args]: Argv): boolean {
  return signalUseOf(programName(program), args) === 'ignored';
}

/** Whether a command is code that may handle its stop signal in a way of its own, so that nobody knows whether it ends. */
export function mayHandleSignal([program = '', ...args]: Argv): boolean {
  return signalUseOf(programName(program), args) === 'own';
}

/** Whether a command goes on to ignore what was ignored when it was started; Node takes the default action for every signal then. */
export function keepsIgnoring(argv: Argv): boolean {
  return isWithoutHandler(argv) && !/^node(?:js)?$/.test(programName(argv[0] ?? ''));
}
