/**
 * What programs do with SIGTERM when they are PID 1, and how programs that start others do so.
 *
 * The kernel delivers to PID 1 only signals that it has a handler for (pid_namespaces(7)): a program that relies on the
 * default action of SIGTERM does not end. Each entry was run as PID 1 of a PID namespace and sent the signal from outside,
 * in Debian 12, unless another source stands beside it; `test/core/process/measured/` does it again.
 */
import { programName, type Argv } from './argv.ts';
import { mayReadForEver, readsForEver } from './endless-input.ts';
import { isAwk, isMadeToStay, isShort, lengthOfAwk } from './program-length.ts';
import { signalUseOf } from './signal-use.ts';

/** What a program itself does, whatever it is given. */
export type ProgramNature =
  /** Made to be PID 1: passes signals on to what it starts, or ends it. */
  | 'init'
  /** Passes the signal on to what it started, and ends. */
  | 'forwards'
  /** Has no handler, so the signal is lost. */
  | 'ignores'
  /** Ends at the signal, and what it started is killed without having heard of it. */
  | 'ends untold'
  /** Starts what a file says in a shell of its choice: npm 11.19 tells the shell alone, which dash as `sh` does not pass on. */
  | 'runner'
  /** Which program has this name, or what it does, differs between images. */
  | 'differs';

export const PROGRAM_NATURES: ReadonlyMap<string, ProgramNature> = new Map([
  // They pass SIGTERM on; su, runuser and script of util-linux kill what they have started 2 s later.
  ...natures('forwards', 'su', 'runuser', 'script'),
  ...natures('init', 'sudo', 'tini', 'tini-static', 'dumb-init', 'catatonit', 's6-svscan', 'supervisord'),
  // https://github.com/phusion/baseimage-docker/blob/master/image/bin/my_init; the pause container of Kubernetes.
  ...natures('init', 'my_init', 'pause'),
  ...natures('ignores', 'sleep', 'yes', 'xargs', 'time', 'inotifywait', 'inotifywatch', 'vmstat'),
  // runit(8) ignores it; it listens to SIGCONT and SIGINT.
  ...natures('ignores', 'runit', 'runit-init'),
  // runsvdir(8): exits 0 at SIGTERM and leaves its services alone; SIGHUP would have told them.
  ...natures('ends untold', 'runsvdir'),
  // /sbin/init is systemd, sysvinit, busybox, OpenRC or a script; systemd takes SIGTERM as a request to start itself anew.
  ...natures('runner', 'npm', 'npx', 'yarn', 'yarnpkg', 'pnpm', 'pnpx', 'bunx', 'corepack', 'lerna', 'turbo', 'nx', 'ng', 'concurrently'),
  ...natures('runner', 'nodemon', 'ts-node-dev', 'mvn', 'mvnw', 'gradle', 'gradlew', 'sbt', 'foreman', 'honcho', 'composer', 'tox', 'nox'),
  ...natures('differs', 'start-stop-daemon', 'daemonize', 'cron', 'crond', 'xvfb-run', 'apachectl', 'apache2ctl'),
  // strace passes SIGTERM on and is gone before anybody could end at it, so whether the server hears of it is a matter of chance.
  ...natures('differs', 'systemd', 'sg', 'newgrp', 'fakeroot', 'strace'),
  // Of `watch` and `parallel` there are two, daemontools has successors, and expect runs what its script says.
  ...natures('differs', 'watch', 'parallel', 'svscan', 'supervise', 'expect', 'unbuffer', 'perf', 'screen', 'tmux'),
  // Shells that nobody measured, and netcat, of which there are four.
  ...natures('differs', 'yash', 'fish', 'csh', 'tcsh', 'rbash', 'posh', 'nu', 'pwsh', 'nc', 'netcat', 'ncat'),
]);

function natures(nature: ProgramNature, ...names: readonly string[]): [string, ProgramNature][] {
  return names.map((name) => [name, nature]);
}

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

/** Applets of busybox that have no handler, where programs of that name elsewhere have one, or may have. */
export const BUSYBOX_WITHOUT_HANDLER: ReadonlySet<string> = new Set(['httpd', 'nc', 'watch', 'crond', 'telnetd']);

/** Programs that are over soon in most of their uses, and have no handler in the others. */
const WITHOUT_HANDLER_WHILE_THEY_RUN: ReadonlySet<string> = new Set(['tail', 'cat', 'find', 'dd', 'ping']);

/** Whether a command has no handler for its stop signal, so that it would not end as PID 1 either. */
export function isWithoutHandler(argv: Argv): boolean {
  const name = programName(argv[0] ?? '');
  if (PROGRAM_NATURES.get(name) === 'ignores') return true;
  if (WITHOUT_HANDLER_WHILE_THEY_RUN.has(name)) return !isShort(argv);
  if (readsForEver(argv)) return true;
  if (isAwk(name)) return lengthOfAwk(argv.slice(1)) === 'long';
  // The server in PHP for trying things out takes the default action.
  if (name === 'php' && argv.includes('-S', 1)) return true;
  if (name === 'node' && argv.includes('--run', 1)) return true;
  if (name === 'openssl' || name === 'ip') return isMadeToStay(argv);
  if (name === 'java') return argv.includes('-Xrs', 1);
  return signalUseOf(name, argv.slice(1)) === 'no handler';
}

/**
 * What a command without a handler for SIGTERM does at another stop signal: Python raises KeyboardInterrupt at SIGINT and ends (measured
 * with 3.11), unless its code catches that.
 */
export function handlingOf([program = '', ...args]: Argv, signal: string): 'ends' | 'own' | 'none' {
  if (signal !== 'INT' || !/^python[\d.]*$/.test(programName(program))) return 'none';
  return args.some((word) => word === undefined || /\bexcept\b/.test(word)) ? 'own' : 'ends';
}

/** Whether a command ignores SIGTERM by itself, whether it is PID 1 or not. */
export function ignoresSignal([program = '', ...args]: Argv): boolean {
  const name = programName(program);
  return signalUseOf(name, args) === 'ignored' || (name === 'strace' && tracesIntoFile(args));
}

/** `strace -o FILE PROGRAM` blocks the signals that would end it (strace(1), `--interruptible`). */
function tracesIntoFile(args: Argv): boolean {
  const end = args.findIndex((word, index) => word?.startsWith('-') !== true && !STRACE_VALUE.test(args[index - 1] ?? ''));
  const own = args.slice(0, end < 0 ? 0 : end);
  return own.some((word) => word !== undefined && STRACE_FILE.test(word)) && !own.some(isInterruptible);
}

/** `-o`, also behind options without a value: `-ffo`. What stands behind one that takes a value is the value: `-enetwork`. */
const STRACE_FILE = /^(?:-[A-DF-HJ-NQRTVWYZcdf-nqrtv-z]*o|--output(?:=|$))/;

/** Options of strace that take the next word. */
const STRACE_VALUE = /^(?:-[A-DF-HJ-NQRTVWYZcdf-nqrtv-z]*[abEeIOoPpSsUuX]|--(?:attach|env|expr|interruptible|output|trace|user))$/;

/** Also with `-D`, where the program itself is PID 1, and strace its grandchild. */
function isInterruptible(word: string | undefined): boolean {
  return word === undefined || /^(?:-[A-DF-HJ-NQRTVWYZcdf-nqrtv-z]*[ID]|--interruptible|--daemonize)/.test(word);
}

/** Whether a command is code that may handle its stop signal in a way of its own, so that nobody knows whether it ends. */
export function mayHandleSignal([program = '', ...args]: Argv): boolean {
  const name = programName(program);
  return signalUseOf(name, args) === 'own' || mayReadForEver([program, ...args]) || (isAwk(name) && lengthOfAwk(args) === 'unknown');
}

/** Whether a command goes on to ignore what was ignored when it was started; Node takes the default action for every signal then. */
export function keepsIgnoring(argv: Argv): boolean {
  return isWithoutHandler(argv) && !/^node(?:js)?$/.test(programName(argv[0] ?? ''));
}
