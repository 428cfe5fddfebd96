/** Runs a program of somebody else's for what it writes: without a shell, and within bounds of time and size. */
import { spawn } from 'node:child_process';
import { MAX_TEXT_BYTES } from '../input/file-text.ts';

export interface ToolLimits {
  readonly timeoutMs: number;
  readonly outputBytes: number;
}

/** A chart of a hundred objects takes helm half a second; one that reads the network may take a while. */
export const TOOL_LIMITS: ToolLimits = { timeoutMs: 60_000, outputBytes: MAX_TEXT_BYTES };

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
  { timeoutMs, outputBytes }: ToolLimits = TOOL_LIMITS,
): Promise<ToolResult> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  return new Promise((resolve) => {
    const output: Buffer[] = [];
    const words: Buffer[] = [];
    let outputLength = 0;
    let wordsLength = 0;
    const end = (result: ToolResult): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      child.kill('SIGKILL');
      // A program that it has started may hold them open.
      child.stdout.destroy();
      child.stderr.destroy();
      resolve(result);
    };
    const stop = (): void => {
      end({ failure: 'was stopped' });
    };
    const timer = setTimeout(() => {
      end({ failure: `did not end within ${timeoutMs / 1000} seconds` });
    }, timeoutMs);
    signal?.addEventListener('abort', stop);
    child.stdout.on('data', (chunk: Buffer) => {
      outputLength += chunk.length;
      if (outputLength > outputBytes) end({ failure: `wrote more than ${outputBytes} bytes` });
      else output.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (wordsLength < MAX_WORDS_LENGTH) words.push(chunk);
      wordsLength += chunk.length;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ENOENT' ? 'missing' : { failure: `cannot be started: ${error.message}` });
    });
    child.on('close', (code, killedBy) => {
      if (code === 0) end({ text: Buffer.concat(output, outputLength) });
      else end({ failure: wordsOf(Buffer.concat(words).toString('utf8')) ?? `ended with ${killedBy ?? `exit code ${code}`}` });
    });
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
