/** `--output` and `--verbose`, the same for every command that has a report. */
import { Option, type Command } from 'commander';
import type { CliContext } from '../context.ts';
import { ToldDefaultOption } from '../help.ts';
import type { TextOutput } from '../output/text-output.ts';
import { createReporter, formatsOf } from '../reporters/registry.ts';
import type { Reports } from '../reporters/reporter.ts';

export interface OutputOptions {
  /** One of the formats that have the report. */
  readonly output: string;
  readonly verbose?: boolean;
  readonly color?: ColourChoice;
}

const COLOUR_CHOICES = ['auto', 'always', 'never'] as const;
type ColourChoice = (typeof COLOUR_CHOICES)[number];

/** @param verbose what `--verbose` prints besides; without it there is no such option */
export function addOutputOptions(command: Command, report: keyof Reports, verbose?: string): void {
  command.addOption(new Option('-o, --output <format>', 'the format of the report').choices(formatsOf(report)).default('text'));
  if (verbose !== undefined) command.option('-v, --verbose', verbose);
  command.addOption(
    new ToldDefaultOption('--color <when>', 'whether the report has colours', 'auto: on a terminal, unless NO_COLOR is set').choices(
      COLOUR_CHOICES,
    ),
  );
}

/**
 * The reporter of the chosen format.
 *
 * @param isQuiet says findings and errors only: no sums, and no hints about what was not judged
 */
export function reporterFor<Name extends keyof Reports>(
  report: Name,
  { output, verbose = false, color }: OutputOptions,
  { stdout, stderr }: Pick<CliContext, 'stdout' | 'stderr'>,
  isQuiet = false,
): Reports[Name] {
  const coloured = (out: TextOutput): TextOutput => (color === undefined || color === 'auto' ? out : out.withColours(color === 'always'));
  return createReporter(report, output, { stdout: coloured(stdout), stderr: coloured(stderr), isVerbose: verbose, isQuiet });
}
