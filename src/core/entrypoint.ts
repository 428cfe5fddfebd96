/**
 * What runs as PID 1 in a container, as far as its command tells.
 *
 * The kernel delivers to PID 1 only signals that it has a handler for. A shell that waits for a command has none for
 * SIGTERM, so the signal is lost and the container runs until SIGKILL; nor does it pass the signal on. All of this was
 * tried in PID namespaces.
 */
import type { Maybe } from './pod.ts';
import { isShell, programName, readShellScript, shellScriptOf } from './shell.ts';

/**
 * - `init`: a program made to be PID 1.
 * - `application`: the program itself, by exec form or `exec`; whether it handles SIGTERM is its own affair.
 * - `trap`: a shell whose author handles signals.
 * - `shell`: a shell that stays and swallows SIGTERM.
 * - `ignores`: a program without a handler of its own (`sleep`, `tail`).
 * - `unknown`: the spec does not tell: no command, a script file, or an `sh` that execs a single command in some images
 *   (busybox, bash) and not in others (Debian's dash).
 */
export type EntrypointKind = 'init' | 'application' | 'trap' | 'shell' | 'ignores' | 'unknown';

const INIT_PROGRAMS: ReadonlySet<string> = new Set([
  'tini',
  'tini-static',
  'dumb-init',
  'catatonit',
  'init',
  'systemd',
  's6-svscan',
  'runsvdir',
  'runit-init',
  'my_init',
  'supervisord',
]);

/** Programs that do without a SIGTERM handler, which only PID 1 needs. */
const WITHOUT_HANDLER: ReadonlySet<string> = new Set(['sleep', 'tail']);

/** Programs that set something up and then become what follows them. */
const EXECING: ReadonlySet<string> = new Set(['env', 'gosu', 'su-exec', 'nice', 'ionice', 'stdbuf', 'chroot', 'setpriv', 'exec']);

/** Shells that become a single command of theirs, and the one that is known not to. */
const SHELLS_THAT_EXEC: ReadonlySet<string> = new Set(['bash', 'ash', 'busybox', 'zsh', 'ksh']);

/** How many programs may stand before each other (`env A=b gosu app sh -c "exec app"` are four); what is deeper is not read. */
const MAX_NESTING = 8;

/**
 * @param command of the container; without one the image's entrypoint runs, which the spec does not tell
 * @param args appended to the command
 */
export function entrypointOf(command: Maybe<readonly string[]>, args: Maybe<readonly string[]>): EntrypointKind {
  if (command == null || command.length === 0) return 'unknown';
  return kindOf(args == null ? command : [...command, ...args], 0);
}

function kindOf(argv: readonly string[], depth: number): EntrypointKind {
  if (depth > MAX_NESTING) return 'unknown';
  const program = programName(argv[0] ?? '');
  if (INIT_PROGRAMS.has(program)) return 'init';
  if (isShell(argv)) return shellKind(argv, program, depth);
  if (EXECING.has(program)) return execedKind(argv, program, depth);
  return WITHOUT_HANDLER.has(program) ? 'ignores' : 'application';
}

function shellKind(argv: readonly string[], program: string, depth: number): EntrypointKind {
  const text = shellScriptOf(argv);
  if (text === undefined) return 'unknown';
  const { commands, loops, complex, traps } = readShellScript(text);
  if (traps) return 'trap';
  const last = commands.at(-1);
  if (last === undefined) return 'application';
  if (last.words[0] === 'exec' && last.words.length > 1) return kindOf(last.words.slice(1), depth + 1);
  if (complex) return 'unknown';
  if (commands.length > 1 || loops || last.operator === '&') return 'shell';
  if (program === 'dash') return 'shell';
  return SHELLS_THAT_EXEC.has(program) ? kindOf(last.words, depth + 1) : 'unknown';
}

/** What comes after `env -i A=b nice -n 5 …`: options take no word of their own there, or one that looks like a number. */
function execedKind(argv: readonly string[], program: string, depth: number): EntrypointKind {
  const rest = argv.slice(1);
  if (program === 'gosu' || program === 'su-exec' || program === 'chroot') return nextKind(rest.slice(1), depth);
  const start = rest.findIndex((word) => !/^-|^\d+$|^\w+=/.test(word));
  return start < 0 ? 'application' : nextKind(rest.slice(start), depth);
}

/** Without anything to become, such a program ends at once. */
function nextKind(argv: readonly string[], depth: number): EntrypointKind {
  return argv.length === 0 ? 'application' : kindOf(argv, depth + 1);
}
