/** Where `replay --responses` writes the AdmissionReview answers, one a line. */
import { OptionFile } from '../../output/option-file.ts';
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
 * @param inputs what is read, and so must not be written over; looked at only where the file exists
 * @throws {UsageError} where the file cannot be made; `write` and `end` throw one, too
 */
export async function openResponses(file: string, inputs: Iterable<string>, stdout: TextOutput): Promise<Responses> {
  if (file === STDOUT) return onStandardOutput(stdout);
  const output = await OptionFile.open({ option: '--responses', file }, inputs);
  return {
    write: (answer) => output.write(`${JSON.stringify(answer)}\n`),
    end: () => output.replace(),
    discard: () => output.discard(),
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
