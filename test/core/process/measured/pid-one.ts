/**
 * A command as PID 1 of a fresh PID namespace, sent its stop signal from outside, as the kubelet and the runtime do it.
 *
 * Like runc, the launcher makes the command the leader of a session of its own (`setsid`), gives it /dev/null to read and a
 * /proc of the namespace. Root on Linux, with unshare and setsid of util-linux.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** What was seen after the stop signal. */
export interface Outcome {
  /** The server had started when the signal was sent. */
  readonly started: boolean;
  /** The server, which handles SIGTERM, heard of it. */
  readonly heard: boolean;
  /** PID 1 was gone within the bounded wait, and with it everything in the namespace; else it had to be killed. */
  readonly ended: boolean;
  /** PID 1 had ended before any signal was sent. */
  readonly endedEarly: boolean;
  /** The name of the program that was PID 1 when the signal was sent (`comm`). */
  readonly pidOne: string;
}

/** How long a command may take to end after the signal before it counts as one that does not. */
export const BOUNDED_WAIT_MS = 1500;
/** How long a command that never starts the server has to settle, where it has the bounded wait to end. It has more where it has more of that. */
const SETTLE_MS = 400;

/** Why commands cannot be measured here; undefined where they can. */
export function reasonNotToMeasure(): string | undefined {
  if (process.platform !== 'linux') return 'PID namespaces are a matter of Linux';
  if (process.getuid?.() !== 0) return 'a PID namespace needs root';
  const probe = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'setsid', 'true']);
  return probe.status === 0 ? undefined : 'unshare cannot make a PID namespace here';
}

/** Whether a program is installed. */
export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v -- "$1"', 'sh', program]).status === 0;
}

/** A server that says when it runs and when it hears SIGTERM; written in Perl, which every Debian has and which starts at once. */
export function writeServer(folder: string): string {
  const path = join(folder, 'server');
  const program = [
    '#!/usr/bin/perl',
    'open(my $log, ">>", $ENV{PID_ONE_LOG}) or die;',
    'select((select($log), $| = 1)[0]);',
    '$SIG{TERM} = sub { print $log "heard\\n"; exit 0 };',
    'print $log "ready\\n";',
    'sleep 60;',
  ];
  writeFileSync(path, program.join('\n'), { mode: 0o755 });
  return path;
}

/**
 * Runs a command as PID 1, sends SIGTERM once its server is ready or it has settled, and says what came of it.
 *
 * @param logFile where the server says what it hears; a file of its own
 * @param path a folder that stands first in PATH
 * @param waitMs how long it may take to end; four times as long also leaves it four times as long to settle
 */
export async function measure(argv: readonly string[], logFile: string, path: string | undefined, waitMs: number): Promise<Outcome> {
  writeFileSync(logFile, '');
  const log = (): string => readFileSync(logFile, 'utf8');
  const launcher = spawn('unshare', ['--pid', '--fork', '--mount-proc', '--kill-child', 'setsid', ...argv], {
    stdio: ['ignore', 'ignore', 'ignore'],
    // A script may write files.
    cwd: dirname(logFile),
    env: { ...process.env, PATH: [path, process.env['PATH']].filter((folder) => folder !== undefined).join(':'), PID_ONE_LOG: logFile },
  });
  const state = { hasEnded: false };
  const ended = new Promise<void>((resolve) => {
    launcher.once('close', () => {
      state.hasEnded = true;
      resolve();
    });
  });
  try {
    const settleMs = SETTLE_MS * (waitMs / BOUNDED_WAIT_MS);
    const settled = Date.now() + settleMs * 5;
    let quiet = Date.now() + settleMs;
    while (!state.hasEnded && Date.now() < settled && !log().includes('ready')) {
      if (Date.now() > quiet && nameOf(pidOneOf(launcher.pid)) !== 'unshare') break;
      await delay(20);
    }
    quiet = Date.now() + 60;
    while (!state.hasEnded && Date.now() < quiet) await delay(20);
    const pid = pidOneOf(launcher.pid);
    if (state.hasEnded || pid === undefined) {
      await ended;
      return { started: log().includes('ready'), heard: log().includes('heard'), ended: true, endedEarly: true, pidOne: '' };
    }
    const pidOne = nameOf(pid) ?? '';
    const started = log().includes('ready');
    process.kill(pid, 'SIGTERM');
    await Promise.race([ended, delay(waitMs)]);
    return { started, heard: log().includes('heard'), ended: state.hasEnded, endedEarly: false, pidOne };
  } finally {
    launcher.kill('SIGKILL');
  }
}

/** The host's number of the process that is 1 in the namespace: the launcher's only child. */
function pidOneOf(launcher: number | undefined): number | undefined {
  try {
    const children = readFileSync(`/proc/${launcher}/task/${launcher}/children`, 'utf8').trim();
    return children === '' ? undefined : Number(children.split(' ')[0]);
  } catch {
    return undefined;
  }
}

function nameOf(pid: number | undefined): string | undefined {
  try {
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    // It is that of the first thread, which Node.js names since version 24.
    return name === 'MainThread' ? basename(readlinkSync(`/proc/${pid}/exe`)) : name;
  } catch {
    return undefined;
  }
}
