/** `podgrace status`: the options; what does it is loaded only when it is asked for. */
import { Option, type Command } from 'commander';
import { addInstallationOptions, type InstallationOptions } from '../cluster-options.ts';
import type { CliContext } from '../run.ts';

export interface StatusOptions extends InstallationOptions {
  readonly output: 'text' | 'json';
}

export function addStatusCommand(program: Command, context: CliContext): void {
  const command = program
    .command('status')
    .summary('tell how an installation is')
    .description(
      'Replicas and their versions, the policy in force, certificates with the days that are left, webhook configurations, and the last errors: from the objects of the cluster, and from each replica where RBAC lets. Changes nothing.',
    );
  addInstallationOptions(command);
  command
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExit codes: 0 healthy, 1 not healthy, 2 cannot tell, or a wrong option.\n')
    .action(async (options: StatusOptions) => {
      const { status } = await import('../status.ts');
      context.exit(await status(options, context));
    });
}
