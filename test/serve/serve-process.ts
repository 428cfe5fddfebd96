/** `podgrace serve` as the process that runs in a container. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Test } from 'tap';
import { eventually } from '../files/eventually.ts';
import { compiledProgram } from '../loading/program.ts';

const PROGRAM = compiledProgram();

export type LogLine = Readonly<Record<string, unknown>>;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class ServeProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  stdout = '';
  stderr = '';

  /** @param wrapper a command that runs the rest of its line, such as `unshare`; @param env more than PATH */
  constructor(t: Test, args: readonly string[], wrapper: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    const [command = process.execPath, ...rest] = [...wrapper, process.execPath, PROGRAM, 'serve', ...args];
    // None of the environment of whoever runs the tests, but where compiled code is kept.
    const { PATH, NODE_COMPILE_CACHE } = process.env;
    this.child = spawn(command, rest, { env: { PATH, NODE_COMPILE_CACHE, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.exited = once(this.child, 'close').then(exitOf);
    t.teardown(() => this.child.kill('SIGKILL'));
  }

  /** Every line of standard output; throws where one is no JSON. */
  get log(): LogLine[] {
    const whole = this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** The first line with this message, when it comes. */
  async said(message: string): Promise<LogLine> {
    let line: LogLine | undefined;
    await eventually(`the log says '${message}'`, () => {
      line = this.log.find(({ msg }) => msg === message);
      if (line === undefined && this.child.exitCode !== null) throw new Error(`it has ended: ${this.stderr}${this.stdout}`);
      return line !== undefined;
    });
    return line ?? {};
  }

  async ports(): Promise<{ port: number; opsPort: number }> {
    const { port, opsPort } = await this.said('serving');
    return { port: Number(port), opsPort: Number(opsPort) };
  }
}

function exitOf([code, signal]: readonly unknown[]): Exit {
  return { code: code as Exit['code'], signal: signal as Exit['signal'] };
}
