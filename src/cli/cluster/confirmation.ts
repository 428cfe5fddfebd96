/** Asks before something is changed. */
import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import type { CliContext } from '../context.ts';
import { UsageError } from '../exit-code.ts';

/**
 * @param yes `--yes`: nothing is asked
 * @returns whether to go on
 * @throws {UsageError} where nobody can answer
 */
export async function confirm(question: string, yes: boolean, context: Pick<CliContext, 'stdin' | 'stderr'>): Promise<boolean> {
  if (yes) return true;
  if (!hasTerminal(context))
    throw new UsageError(
      'nothing was done: podgrace asks before it makes changes, but there is no terminal; to continue without the question, use --yes',
    );
  return ask(question, context);
}

/** Whether there is somebody who can be asked. */
export function hasTerminal({ stdin }: Pick<CliContext, 'stdin'>): boolean {
  return 'isTTY' in stdin && stdin.isTTY === true;
}

/** Whether nobody will answer any more: after Ctrl-D, or a signal. */
export function hasEnded({ stdin }: Pick<CliContext, 'stdin'>): boolean {
  return stdin instanceof Readable && (stdin.readableEnded || stdin.destroyed);
}

/** @returns whether the answer is yes; at the end of the input nobody has said so */
export async function ask(question: string, context: Pick<CliContext, 'stdin' | 'stderr'>): Promise<boolean> {
  if (hasEnded(context)) return false;
  const { stdin, stderr } = context;
  stderr.write(`${question} [y/N] `);
  const lines = createInterface({ input: stdin });
  try {
    const answer = await new Promise<string | undefined>((resolve) => {
      const end = (): void => {
        resolve(undefined);
      };
      lines.once('line', resolve).once('close', end).once('error', end);
    });
    if (answer === undefined) stderr.write('\n');
    return answer !== undefined && /^y(?:es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
