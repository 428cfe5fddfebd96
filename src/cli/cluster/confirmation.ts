/** Asks before something is changed. */
import { createInterface } from 'node:readline/promises';
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

export function hasTerminal({ stdin }: Pick<CliContext, 'stdin'>): boolean {
  return 'isTTY' in stdin && stdin.isTTY === true;
}

/** @returns whether the answer is yes; at the end of the input nobody has said so */
export async function ask(question: string, { stdin, stderr }: Pick<CliContext, 'stdin' | 'stderr'>): Promise<boolean> {
  stderr.write(`${question} [y/N] `);
  const lines = createInterface({ input: stdin });
  try {
    const answer = await new Promise<string>((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => {
        resolve('');
      });
    });
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
