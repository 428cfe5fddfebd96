/** `podgrace uninstall`: takes podgrace out of a cluster. */
import { Command, Option } from 'commander';
import { describeHelp, ToldDefaultOption } from '../../help.ts';
import { addClusterOptions, addNamespaceOption, type ClusterOptions } from '../../options/cluster-options.ts';
import { integer } from '../../options/option-values.ts';

export interface UninstallOptions extends ClusterOptions {
  readonly manifests?: string;
  readonly namespace?: string;
  readonly all?: boolean;
  readonly timeout: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const DEFAULT_TIMEOUT_SECONDS = 120;

export function declareUninstall(): Command {
  const command = new Command('uninstall')
    .summary('take podgrace out of a cluster')
    .description(
      'Deletes the webhook configurations first, so that no request waits for a server that is going, then everything else in reverse order. The namespace and the policy stay, unless --all is given.',
    )
    .addOption(
      new ToldDefaultOption(
        '--manifests <path>',
        'what was installed with: a file, a folder or -',
        'the manifests that come with podgrace',
      ),
    )
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
  return describeHelp(command, { exitCodes: '0 gone, 1 not gone in time, 2 refused, or a wrong option.' });
}
