/** An interactive shell on a terminal of its own (`script` of util-linux makes one), and what somebody types in it. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROGRAM } from '../../loading/program.ts';

export interface InteractiveShell {
  readonly name: string;
  readonly command: string;
  /** Typed first; a completion script is read with `source`. */
  readonly setUp: readonly string[];
}

export const BASH: InteractiveShell = { name: 'bash', command: 'bash --norc --noprofile -i', setUp: ["bind 'set bell-style none'"] };
export const ZSH: InteractiveShell = {
  name: 'zsh',
  command: 'zsh -f -i',
  setUp: ['autoload -Uz compinit', 'compinit -u -D', "zstyle ':completion:*' menu no", 'unsetopt list_beep'],
};
export const FISH: InteractiveShell = { name: 'fish', command: 'fish --no-config --interactive', setUp: [] };

/** Why a shell cannot be tried here; false where it can. */
export function skipWithout({ name }: InteractiveShell): string | false {
  for (const program of ['script', name]) if (spawnSync(program, ['--version']).status !== 0) return `needs ${program}`;
  return false;
}

/** podgrace is started at every TAB. */
const CACHE = join(tmpdir(), 'podgrace-compile-cache');

const TAB = '\t';
const KILL_LINE = '\u0015';

/**
 * Types lines in a folder, one after the other; `⇥` is the TAB key. What is typed after the last line feed is not run but
 * thrown away.
 *
 * @param script completes `podgrace`, which is there as a command
 * @returns what the terminal showed
 */
export async function type(shell: InteractiveShell, folder: string, script: string, lines: readonly string[]): Promise<string> {
  const podgrace = join(folder, 'bin-podgrace');
  writeFileSync(join(folder, 'completion'), script);
  writeFileSync(podgrace, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  chmodSync(podgrace, 0o755);
  spawnSync('ln', ['-sf', 'bin-podgrace', join(folder, 'podgrace')]);
  const env = {
    PATH: `${folder}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    TERM: 'dumb',
    PS1: '> ',
    HISTFILE: '',
    NODE_COMPILE_CACHE: CACHE,
  };
  const terminal = spawn('script', ['-qec', shell.command, '/dev/null'], { cwd: folder, env });
  let shown = '';
  terminal.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  // The shell works off what is typed in its order: once it prints the mark, it has done all that was typed before.
  const until = async (mark: string): Promise<void> => {
    while (!shown.includes(mark)) {
      if (terminal.exitCode !== null) throw new Error(`${shell.name} ended: ${shown}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const send = async (keys: string, mark: number): Promise<void> => {
    terminal.stdin.write(`${keys}${KILL_LINE}printf 'done-%s\\n' ${mark}\n`);
    await until(`done-${mark}`);
  };
  try {
    await send([...shell.setUp, 'source ./completion', ''].join('\n'), 100);
    for (const [index, line] of lines.entries()) await send(line.replaceAll('⇥', TAB), 200 + index);
    return shown;
  } finally {
    terminal.stdin.end('\u0004');
    terminal.kill('SIGKILL');
  }
}
