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
      'Replicas and their versions, the policy in force, certificates with the days that are left, webhook configurations, and the last errors: from the objects of the cluster, and from each replica where RBAC lets. Changes nothing.',
    );
  addInstallationOptions(command);
  addOutputOptions(command, 'status');
  return describeHelp(command, { exitCodes: '0 healthy, 1 not healthy, 2 cannot tell, or a wrong option.' });
}
