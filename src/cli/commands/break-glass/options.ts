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
    .summary('let requests through when podgrace does not answer')
    .description(
      'For emergencies: changes failurePolicy from Fail to Ignore in the webhook configurations. Works while the server is down. As long as the server answers, it judges as before.',
    );
  addOptions(command);
  return describeHelp(command, {
    notes: 'To undo it, run `podgrace failclosed` or `podgrace install`.',
    exitCodes: '0 open, 1 not confirmed, 2 the cluster refuses, or podgrace is not installed.',
  });
}

export function declareFailClosed(): Command {
  const command = new Command('failclosed')
    .summary('undo failopen')
    .description(
      'Changes failurePolicy back to Fail where `podgrace failopen` changed it to Ignore: requests are refused when podgrace does not answer.',
    );
  addOptions(command);
  return describeHelp(command, { exitCodes: '0 closed, 1 not confirmed, 2 the cluster refuses, or podgrace is not installed.' });
}

function addOptions(command: Command): void {
  addConfigurationOption(command);
  command.option('-y, --yes', 'do not ask before the change');
  addClusterOptions(command);
}
