/** Where `replay --responses` writes the AdmissionReview answers, one a line. */
import { stat } from 'node:fs/promises';
import { ReplacedFile } from '../../../files/replaced-file.ts';
import { reasonOf } from '../../../files/system-error.ts';
import { UsageError } from '../../exit-code.ts';
import type { TextOutput } from '../../output/text-output.ts';

export interface Responses {
  /** Resolves once there is room for more. */
  write(answer: object): Promise<void>;
  /** All answers are there. */
  end(): Promise<void>;
  /** Not all answers are there: a file stays as it was. */
  discard(): Promise<void>;
}

/** What stands for standard output. */
export const STDOUT = '-';

/**
 * @param inputs what is read, and so must not be written over
 * @throws {UsageError} where the file cannot be made; `write` and `end` throw one, too
 */
export async function openResponses(file: string, inputs: readonly string[], stdout: TextOutput): Promise<Responses> {
  if (file === STDOUT) return onStandardOutput(stdout);
  await refuseInput(file, inputs);
  const replaced = await orUsageError(file, () => ReplacedFile.open(file));
  return {
    write: (answer) => orUsageError(file, () => replaced.write(`${JSON.stringify(answer)}\n`)),
    end: () => orUsageError(file, () => replaced.replace()),
    discard: () => replaced.discard(),
  };
}

function onStandardOutput(stdout: TextOutput): Responses {
  return {
    write: (answer) => {
      stdout.write(`${JSON.stringify(answer)}\n`);
      return stdout.drained();
    },
    end: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}

async function refuseInput(file: string, inputs: readonly string[]): Promise<void> {
  const output = await identityOf(file);
  for (const input of inputs) {
    if (output !== undefined && (await identityOf(input)) === output)
      throw new UsageError(`--responses: ${file} must not be what is replayed: its reviews would be lost`);
  }
}

/** The same for all names of one file; undefined for what is not there, and for what is no file. */
async function identityOf(path: string): Promise<string | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() === true ? `${stats.dev} ${stats.ino}` : undefined;
}

async function orUsageError<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new UsageError(`--responses: ${file} cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}
