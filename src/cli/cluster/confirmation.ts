/** Asks before something is changed in a cluster. */
import { createInterface } from 'node:readline/promises';
import type { CliContext } from '../context.ts';
import { UsageError } from '../exit-code.ts';

/**
 * @param yes `--yes`: nothing is asked
 * @returns whether to go on
 * @throws {UsageError} where nobody is there to answer
 */
export async function confirm(question: string, yes: boolean, { stdin, stderr }: Pick<CliContext, 'stdin' | 'stderr'>): Promise<boolean> {
  if (yes) return true;
  if (!('isTTY' in stdin) || stdin.isTTY !== true)
    throw new UsageError(
      'nothing was done: podgrace asks before it makes changes, but there is no terminal; to continue without the question, use --yes',
    );
  stderr.write(`${question} [y/N] `);
  const lines = createInterface({ input: stdin });
  try {
    // At the end of the input nobody has said yes.
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
