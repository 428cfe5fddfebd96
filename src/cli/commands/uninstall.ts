/** `podgrace uninstall`: the options; what does it is loaded only when it is asked for. */
import { Option, type Command } from 'commander';
import { addClusterOptions, addNamespaceOption, type ClusterOptions } from '../cluster-options.ts';
import { integer } from '../option-values.ts';
import type { CliContext } from '../run.ts';

export interface UninstallOptions extends ClusterOptions {
  readonly manifests?: string;
  readonly namespace?: string;
  readonly all?: boolean;
  readonly timeout: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const DEFAULT_TIMEOUT_SECONDS = 120;

export function addUninstallCommand(program: Command, context: CliContext): void {
  const command = program
    .command('uninstall')
    .summary('take podgrace out of a cluster')
    .description(
      'Deletes the webhook configurations first, so that no request waits for a server that is going, then everything else in reverse order. The namespace and the policy stay, unless --all is given.',
    )
    .option('--manifests <path>', 'what was installed with: a file, a folder or - (default: the manifests that come with podgrace)')
    .option('--all', 'also delete the policy, and the namespace with everything in it')
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait until all is gone')
        .default(DEFAULT_TIMEOUT_SECONDS)
        .argParser(integer('--timeout', 1, 3600)),
    )
    .option('--dry-run', 'only show what it would do')
    .option('-y, --yes', 'do not ask');
  addNamespaceOption(command, 'where the server was installed');
  addClusterOptions(command);
  command
    .addHelpText('after', '\nExit codes: 0 gone, 1 not gone in time, 2 refused, or a wrong option.\n')
    .action(async (options: UninstallOptions) => {
      const { uninstall } = await import('../uninstall.ts');
      context.exit(await uninstall(options, context));
    });
}
