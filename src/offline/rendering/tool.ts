/** Runs a program of somebody else's for what it writes: without a shell, and within bounds of time and size. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { MAX_TEXT_BYTES } from '../input/file-text.ts';

export interface ToolLimits {
  readonly timeoutMs: number;
  readonly outputBytes: number;
}

/** A chart of a hundred objects takes helm half a second; one that reads the network may take a while. */
const TOOL_LIMITS: ToolLimits = { timeoutMs: 60_000, outputBytes: MAX_TEXT_BYTES };

export interface ToolContext {
  /** `PATH` is where the program is looked for. */
  readonly env: NodeJS.ProcessEnv;
  /** Ends the program. */
  readonly signal?: AbortSignal;
}

export type ToolResult =
  | { readonly text: Buffer }
  /** What went wrong: what the program says, or what podgrace says of it. */
  | { readonly failure: string }
  /** There is no such program on the PATH. */
  | 'missing';

/** Of what a program says about its failure, so much is told. */
const MAX_WORDS_LENGTH = 4_000;

/** @param program a name, or a path */
export async function runTool(
  program: string,
  args: readonly string[],
  { env, signal }: ToolContext,
  limits: ToolLimits = TOOL_LIMITS,
): Promise<ToolResult> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  const { promise, resolve } = Promise.withResolvers<ToolResult>();
  const stop = (): void => {
    resolve({ failure: 'was stopped' });
  };
  signal?.addEventListener('abort', stop);
  const timer = setTimeout(() => {
    resolve({ failure: `did not end within ${limits.timeoutMs / 1000} seconds` });
  }, limits.timeoutMs);
  listen(child, limits.outputBytes, resolve);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    child.kill('SIGKILL');
    // A program that it has started may hold them open.
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** @param resolve told how the program ended, or that it wrote more than it may; the first time counts */
function listen(child: Child, outputBytes: number, resolve: (result: ToolResult) => void): void {
  const output: Buffer[] = [];
  const words: Buffer[] = [];
  let outputLength = 0;
  let wordsLength = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    outputLength += chunk.length;
    if (outputLength > outputBytes) resolve({ failure: `wrote more than ${outputBytes} bytes` });
    else output.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    if (wordsLength < MAX_WORDS_LENGTH) words.push(chunk);
    wordsLength += chunk.length;
  });
  child.on('error', (error: NodeJS.ErrnoException) => {
    resolve(error.code === 'ENOENT' ? 'missing' : { failure: `cannot be started: ${error.message}` });
  });
  child.on('close', (code, killedBy) => {
    if (code === 0) resolve({ text: Buffer.concat(output, outputLength) });
    else resolve({ failure: wordsOf(Buffer.concat(words).toString('utf8')) ?? `ended with ${killedBy ?? `exit code ${code}`}` });
  });
}

/** What it says, in one line. */
function wordsOf(text: string): string | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const words = lines.join('; ');
  if (words === '') return undefined;
  return words.length <= MAX_WORDS_LENGTH ? words : `${words.slice(0, MAX_WORDS_LENGTH)}…`;
}
