/**
 * A command as the kubelet and the runtime run a hook or a probe: beside a server that is PID 1, in a session of its own, with /dev/null to
 * read and outputs that somebody waits for. Root on Linux, with unshare, nsenter and setsid of util-linux.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** What was seen of a hook; times in seconds after its start. */
export interface HookOutcome {
  /** When it had ended and nobody held its outputs open any more; undefined where it had to be killed. */
  readonly held: number | undefined;
  /** When the server was told to stop. */
  readonly told: number | undefined;
  /** undefined where a signal has ended it. */
  readonly exitCode: number | undefined;
}

/** A command that takes longer is one that does not end. */
const LONGEST = 6.5;

/**
 * A server with the name of nginx that ends at SIGTERM, SIGQUIT and SIGINT, and a program `nginx` that sends it its signals, as nginx does.
 *
 * @returns the server
 */
export function writeNginx(folder: string): string {
  const server = join(folder, 'server');
  const program = [
    '#!/usr/bin/perl',
    '$0 = "nginx";',
    'for (qw(HUP USR1 USR2 WINCH)) { $SIG{$_} = "IGNORE" }',
    'for (qw(TERM QUIT INT)) { $SIG{$_} = sub { open(my $log, ">", $ENV{HOOK_LOG}); close $log; exit 0 } }',
    'open(my $ready, ">", "$ENV{HOOK_LOG}.ready"); close $ready;',
    'sleep 1 while 1;',
  ];
  writeFileSync(server, program.join('\n'), { mode: 0o755 });
  const nginx = [
    '#!/bin/sh',
    'while [ $# -gt 0 ] && [ "$1" != -s ]; do shift; done',
    'case "$2" in quit) kill -QUIT 1 ;; stop) kill -TERM 1 ;; reload) kill -HUP 1 ;; reopen) kill -USR1 1 ;; esac',
  ];
  writeFileSync(join(folder, 'nginx'), nginx.join('\n'), { mode: 0o755 });
  return server;
}

/**
 * @param logFile a file of its own
 * @param path folders that stand first in PATH
 */
export async function measureHook(
  argv: readonly string[],
  { server, logFile, path }: { readonly server: string; readonly logFile: string; readonly path: readonly string[] },
): Promise<HookOutcome> {
  const env = { PATH: [...path, process.env['PATH']].join(':'), HOME: '/nonexistent', HOOK_LOG: logFile };
  const container = spawn('unshare', ['--pid', '--fork', '--mount-proc', '--kill-child', 'setsid', server], { stdio: 'ignore', env });
  try {
    while (!existsSync(`${logFile}.ready`)) await delay(10);
    const pid = readFileSync(`/proc/${container.pid}/task/${container.pid}/children`, 'utf8').trim();
    const start = Date.now();
    const hook = spawn('nsenter', ['--target', pid, '--pid', '--mount', '--', 'setsid', ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    });
    hook.stdout.resume();
    hook.stderr.resume();
    let held: number | undefined;
    let exitCode: number | undefined;
    const ended = new Promise<void>((resolve) => {
      hook.once('close', (code) => {
        held = (Date.now() - start) / 1000;
        exitCode = code ?? undefined;
        resolve();
      });
    });
    const late = new AbortController();
    await Promise.race([ended, delay(LONGEST * 1000, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
    // The server may need a moment to say that it was told.
    await delay(100);
    const told = existsSync(logFile) ? (statSync(logFile).mtimeMs - start) / 1000 : undefined;
    // nsenter stops itself where its child is stopped.
    hook.kill('SIGKILL');
    return { held, told, exitCode };
  } finally {
    container.kill('SIGKILL');
  }
}
