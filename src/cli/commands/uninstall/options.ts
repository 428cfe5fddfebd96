/** `podgrace uninstall`: removes podgrace from a cluster. */
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
    .summary('remove podgrace from a cluster')
    .description(
      'Deletes the webhook configurations first, so that no request waits for a server that stops. Then deletes everything else, in reverse order. Keeps the namespace and the policy, unless --all is given.',
    )
    .addOption(
      new ToldDefaultOption(
        '--manifests <path>',
        'the manifests of the installation: a file, a folder, or - for standard input',
        'the manifests that come with podgrace',
      ),
    )
    .option('--all', 'also delete the policy, and the namespace with everything in it')
    .addOption(
      new Option('--timeout <seconds>', 'how many seconds to wait until everything is deleted')
        .default(DEFAULT_TIMEOUT_SECONDS)
        .argParser(integer('--timeout', 1, 3600)),
    )
    .option('--dry-run', 'show the changes and make none')
    .option('-y, --yes', 'do not ask before the changes');
  addNamespaceOption(command);
  addClusterOptions(command);
  return describeHelp(command, {
    exitCodes: '0 everything is deleted, 1 something is not deleted in time, 2 the cluster refuses, or an option is wrong.',
  });
}
