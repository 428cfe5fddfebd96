/** A command: its options, and the code that runs it, which is loaded only when the command is called. */
import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import { UsageError, type ExitCode } from './exit-code.ts';

/** The parsed arguments and options of a command. */
export interface Invocation<Options> {
  /** The arguments, in their order. */
  readonly words: readonly string[];
  readonly options: Options;
  /** Whether an option was given on the command line, by the name it has in `options`. */
  readonly isGiven: (option: keyof Options & string) => boolean;
}

export type Run<Options> = (invocation: Invocation<Options>, context: CliContext) => Promise<ExitCode>;

export interface CliCommand {
  readonly name: string;
  /** The command with its arguments, options and help; nothing behind it. */
  readonly declare: () => Command;
  readonly run: (command: Command, context: CliContext) => Promise<ExitCode>;
}

/**
 * @param name the same that it declares: a run declares no command but the one that it is called for
 * @param declare as `commands/<name>/options.ts` has it: it decides what `Options` are
 * @param load imports what runs it, `commands/<name>/run.ts`
 */
export function defineCommand<Options>(name: string, declare: () => Command, load: () => Promise<Run<Options>>): CliCommand {
  return {
    name,
    declare,
    run: async (command, context) => {
      const run = await load();
      const words = (command.processedArgs as readonly (string | readonly string[] | undefined)[])
        .flat()
        .filter((word) => word !== undefined);
      refuseEmpty(words, command);
      const isGiven = (option: string): boolean => command.getOptionValueSource(option) === 'cli';
      return run({ words, options: command.opts() as Options, isGiven }, context);
    },
  };
}

/** Nothing has an empty name: a variable that a script forgot to set must not pass for a file or for a default. */
function refuseEmpty(words: readonly string[], command: Command): void {
  if (words.includes('')) throw new UsageError('an argument must not be empty');
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    const isEmpty = value === '' || (Array.isArray(value) && value.includes(''));
    if (isEmpty && command.getOptionValueSource(option.attributeName()) === 'cli')
      throw new UsageError(`${option.long ?? option.flags} must not be empty`);
  }
}
