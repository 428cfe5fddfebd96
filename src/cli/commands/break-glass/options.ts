/** `podgrace failopen` and `podgrace failclosed`: break-glass, and back. */
import { Command } from 'commander';
import { describeHelp } from '../../help.ts';
import { addClusterOptions, addConfigurationOption, type ClusterOptions } from '../../options/cluster-options.ts';

export interface BreakGlassOptions extends ClusterOptions {
  readonly webhookConfiguration: string;
  readonly yes?: boolean;
}

export function declareFailOpen(): Command {
  const command = new Command('failopen')
    .summary('let requests through while podgrace does not answer')
    .description(
      'Break-glass: sets failurePolicy to Ignore where it is Fail in the webhook configurations, one call each. Works while the server is down. While it answers, it judges as before.',
    );
  addOptions(command);
  return describeHelp(command, {
    notes: 'To go back: `podgrace failclosed`, or `podgrace install`.',
    exitCodes: '0 open, 1 not confirmed, 2 refused, or not installed.',
  });
}

export function declareFailClosed(): Command {
  const command = new Command('failclosed')
    .summary('take failopen back')
    .description(
      'Sets failurePolicy to Fail again where `podgrace failopen` set it to Ignore: requests are refused while podgrace does not answer.',
    );
  addOptions(command);
  return describeHelp(command, { exitCodes: '0 closed, 1 not confirmed, 2 refused, or not installed.' });
}

function addOptions(command: Command): void {
  addConfigurationOption(command);
  command.option('-y, --yes', 'do not ask');
  addClusterOptions(command);
}
