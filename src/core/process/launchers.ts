/**
 * Programs that set something up and start what follows them: how their own words are told from the command, and what they do with SIGTERM
 * as PID 1. Each was measured as those in `programs.ts`.
 */
import { programName, type Argv } from './argv.ts';
import { MAX_NESTING } from './step-budget.ts';

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
  /** The command stands behind the first `--`, and what comes before it is the launcher's own. */
  readonly separated?: true;
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
  /** It waits for something before it becomes the command, and loses the signal meanwhile: without end where these words of its own say so. */
  readonly isEndless?: (own: Argv) => boolean;
}

const becomes = (options: LauncherOptions = {}): Launcher => ({ manner: 'becomes', ...options });

/** Programs that set something up and start what follows them. */
export const LAUNCHERS: ReadonlyMap<string, Launcher> = new Map<string, Launcher>([
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
  // Scripts that wait for a port and then exec what stands behind `--` (vishnubob/wait-for-it, eficode/wait-for).
  ...['wait-for-it.sh', 'wait-for-it', 'wait-for.sh', 'wait-for'].map((name): [string, Launcher] => [
    name,
    { ...becomes({ separated: true }), isEndless: hasNoTimeout },
  ]),
  // timeout(1) of coreutils; that of busybox execs and leaves the watching to a child.
  ['timeout', { manner: 'forwards', withWord: 'sk', longWithWord: ['--signal', '--kill-after'], words: 1 }],
  ['flock', { manner: 'waits', withWord: 'wEc', longWithWord: ['--timeout', '--conflict-exit-code'], words: 1 }],
  ['setsid', { manner: 'leaves' }],
  // ssh-agent(1): the agent is the child, and the command what was started.
  ['ssh-agent', becomes({ withWord: 'aEPt' })],
  // dbus-run-session(1) waits for the session and for the command.
  ['dbus-run-session', { manner: 'waits', longWithWord: ['--config-file', '--dbus-daemon'] }],
  ['choom', becomes({ withWord: 'n', longWithWord: ['--adjust'] })],
  ['uclampset', becomes({ withWord: 'mM' })],
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
  ['sudo', { withWord: 'aCcDghpRrTtUu', longWithWord: SUDO_OPTIONS(), assignments: true }],
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

/** `ssh-agent -D`: without a command the agent itself stays, and ends at SIGTERM (ssh-agent(1)). */
export function staysAlone([program = '', ...args]: Argv): boolean {
  return programName(program) === 'ssh-agent' && args.some((word) => word !== undefined && /^-[a-zA-Z]*[Dd]/.test(word));
}

/** `env -0 app`: env of coreutils takes no command with it (env(1)). */
export function refusesCommand(argv: Argv): boolean {
  const env = LAUNCHERS.get('env');
  if (programName(argv[0] ?? '') !== 'env' || env === undefined) return false;
  const inner = afterLauncher(argv, env);
  const own = argv.slice(1, argv.length - inner.length);
  return inner.length > 0 && own.some((word) => word !== undefined && /^(?:-[iv0]*0|--null$)/.test(word));
}

/** Whether `unshare` starts its command as PID 1 of a PID namespace. */
export function makesPidNamespace(argv: Argv, inner: Argv): boolean {
  return argv.slice(1, argv.length - inner.length).some((word) => word !== undefined && /^(?:-[a-zA-Z]*p|--pid(?:=|$))/.test(word));
}

/** `-t 0`, `--timeout=0`; both scripts wait 15 s unless they are told otherwise. */
function hasNoTimeout(own: Argv): boolean {
  return own.some((word, index) => word === '--timeout=0' || (word === '-t' && own[index + 1] === '0'));
}

function SUDO_OPTIONS(): string[] {
  const names = ['auth-type', 'chdir', 'chroot', 'close-from', 'command-timeout', 'group', 'host', 'login-class', 'other-user', 'prompt'];
  return [...names, 'role', 'type', 'user'].map((name) => `--${name}`);
}

function SETPRIV_OPTIONS(): string[] {
  const names = ['ambient-caps', 'inh-caps', 'bounding-set', 'ruid', 'euid', 'rgid', 'egid', 'reuid', 'regid', 'groups', 'securebits'];
  return [...names, 'pdeathsig', 'selinux-label', 'apparmor-profile'].map((name) => `--${name}`);
}

/** The words of `argv` after a launcher's options and words, where the command begins. */
export function afterLauncher(argv: Argv, options: LauncherOptions): Argv {
  const { firstWord, assignments, separated, words = 0 } = options;
  if (separated === true) return argv.includes('--') ? argv.slice(argv.indexOf('--') + 1) : [];
  let at = firstWord === true && argv[1]?.startsWith('-') !== true ? 2 : 1;
  for (let word = argv[at]; word !== undefined && word !== '--'; word = argv[at]) {
    const length = lengthOfOption(word, options);
    if (length === 0) break;
    at += length;
  }
  if (argv[at] === '--') at += 1;
  // `env -- A=b app`
  while (assignments === true && isAssignment(argv[at] ?? '')) at += 1;
  return argv.slice(at + words);
}

/** How many words an option takes, with its value; 0 for what is none, where the command begins. */
function lengthOfOption(word: string, { assignments, withWord = '', longWithWord = [] }: LauncherOptions): 0 | 1 | 2 {
  if (assignments === true && (word === '-' || isAssignment(word))) return 1;
  if (!word.startsWith('-') || word === '-') return 0;
  const takesNext = word.startsWith('--') ? longWithWord.includes(word) : takesNextWord(word, withWord);
  return takesNext ? 2 : 1;
}

/** The command that is left when every launcher before it has become what it starts: `env A=b nice sh -c x`. */
export function behindLaunchers(argv: Argv): Argv {
  let command = argv;
  for (let depth = 0; depth < MAX_NESTING; depth++) {
    const launcher = LAUNCHERS.get(programName(command[0] ?? ''));
    if (launcher?.manner !== 'becomes' || launcher.shell !== undefined) return command;
    command = afterLauncher(command, launcher);
  }
  return command;
}

/** `-n` takes the next word, `-n5` does not; in `-iu NAME` only the last letter may. */
function takesNextWord(option: string, withWord: string): boolean {
  for (let at = 1; at < option.length; at++) if (withWord.includes(option.charAt(at))) return at === option.length - 1;
  return false;
}

/** env(1) takes any name: `spring.profiles.active=x`. */
export function isAssignment(word: string): boolean {
  return word.indexOf('=') > 0 && !word.startsWith('-');
}
