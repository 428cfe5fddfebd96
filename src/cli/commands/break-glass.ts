/** `podgrace failopen` and `podgrace failclosed`: the options; what does it is loaded only when it is asked for. */
import type { Command } from 'commander';
import { addClusterOptions, addConfigurationOption, type ClusterOptions } from '../cluster-options.ts';
import type { CliContext } from '../run.ts';

export interface BreakGlassOptions extends ClusterOptions {
  readonly webhookConfiguration: string;
  readonly yes?: boolean;
}

export function addFailOpenCommand(program: Command, context: CliContext): void {
  const command = program
    .command('failopen')
    .summary('let requests through while podgrace does not answer')
    .description(
      'Break-glass: sets failurePolicy to Ignore where it is Fail in the webhook configurations, one call each. Works while the server is down. While it answers, it judges as before.',
    );
  addOptions(command);
  command
    .addHelpText(
      'after',
      '\nTo go back: `podgrace failclosed`, or `podgrace install`.\n\nExit codes: 0 open, 1 not confirmed, 2 refused, or not installed.\n',
    )
    .action(async (options: BreakGlassOptions) => {
      const { failOpen } = await import('../break-glass.ts');
      context.exit(await failOpen(options, context));
    });
}

export function addFailClosedCommand(program: Command, context: CliContext): void {
  const command = program
    .command('failclosed')
    .summary('take failopen back')
    .description(
      'Sets failurePolicy to Fail again where `podgrace failopen` set it to Ignore: requests are refused while podgrace does not answer.',
    );
  addOptions(command);
  command
    .addHelpText('after', '\nExit codes: 0 closed, 1 not confirmed, 2 refused, or not installed.\n')
    .action(async (options: BreakGlassOptions) => {
      const { failClosed } = await import('../break-glass.ts');
      context.exit(await failClosed(options, context));
    });
}

function addOptions(command: Command): void {
  addConfigurationOption(command);
  command.option('-y, --yes', 'do not ask');
  addClusterOptions(command);
}
