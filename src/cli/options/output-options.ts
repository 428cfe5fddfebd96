/** `--output` and `--verbose`, the same for every command that has a report. */
import { Option, type Command } from 'commander';
import type { CliContext } from '../context.ts';
import { createReporter, formatsOf } from '../reporters/registry.ts';
import type { Reports } from '../reporters/reporter.ts';

export interface OutputOptions {
  /** One of the formats that have the report. */
  readonly output: string;
  readonly verbose?: boolean;
}

/** @param verbose what `--verbose` prints besides; without it there is no such option */
export function addOutputOptions(command: Command, report: keyof Reports, verbose?: string): void {
  command.addOption(new Option('-o, --output <format>', 'the format of the report').choices(formatsOf(report)).default('text'));
  if (verbose !== undefined) command.option('-v, --verbose', verbose);
}

export function reporterFor<Name extends keyof Reports>(
  report: Name,
  { output, verbose = false }: OutputOptions,
  { stdout, stderr }: Pick<CliContext, 'stdout' | 'stderr'>,
): Reports[Name] {
  return createReporter(report, output, { stdout, stderr, isVerbose: verbose });
}
