/** `podgrace status`: the health of an installation. */
import { Command } from 'commander';
import { describeHelp } from '../../help.ts';
import { addInstallationOptions, type InstallationOptions } from '../../options/cluster-options.ts';
import { addOutputOptions, type OutputOptions } from '../../options/output-options.ts';

export interface StatusOptions extends InstallationOptions, OutputOptions {}

export function declareStatus(): Command {
  const command = new Command('status')
    .summary('check the health of an installation')
    .description(
      'Shows the replicas and their versions, the policy in force, the days until certificates expire, the webhook configurations, and the last errors. Reads the objects in the cluster, and asks each replica if RBAC permits it. Changes nothing.',
    );
  addInstallationOptions(command);
  addOutputOptions(command, 'status');
  return describeHelp(command, { exitCodes: '0 healthy, 1 not healthy, 2 the health cannot be found out, or an option is wrong.' });
}
