/** `podgrace install`: server, webhook configurations, proof. */
import { Command, Option } from 'commander';
import { PRESETS, type PresetName } from '../../../core/rule.ts';
import { describeHelp, ToldDefaultOption } from '../../help.ts';
import { addClusterOptions, addNamespaceOption, type ClusterOptions } from '../../options/cluster-options.ts';
import { integer } from '../../options/option-values.ts';

export interface InstallOptions extends ClusterOptions {
  readonly manifests?: string;
  readonly namespace?: string;
  readonly image?: string;
  readonly replicas?: number;
  readonly policy?: string;
  readonly preset?: PresetName;
  /** Undefined where neither was said. */
  readonly forceDelete?: boolean;
  readonly timeout: number;
  readonly forceConflicts?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const DEFAULT_TIMEOUT_SECONDS = 180;

export function declareInstall(): Command {
  const command = new Command('install')
    .summary('install podgrace in a cluster, or update an installation')
    .description(
      'Applies the server, waits until it is ready, applies the webhook configurations, waits until they contain the CA, and sends a Pod as a dry run to prove that the webhook answers. Shows the changes and asks before it makes them. If you run it again, it restores what is missing or was changed.',
    )
    .option('--manifests <path>', 'a file, a folder, or - for standard input, in place of the manifests that come with podgrace')
    .option('--image <image>', 'the image of the server')
    .addOption(new Option('--replicas <number>', 'the number of replicas of the server').argParser(integer('--replicas', 1, 100)))
    .addOption(
      new ToldDefaultOption(
        '--policy <file>',
        'the LifecyclePolicy to put in force',
        'keep the policy in force; in a new installation, the policy of the manifests, which is preset baseline',
      ).conflicts('preset'),
    )
    .addOption(new Option('--preset <name>', 'a built-in policy to put in force').choices(PRESETS))
    .addOption(
      new ToldDefaultOption(
        '--force-delete',
        'ask podgrace about deletions by force of Pods of StatefulSets, too (rule no-force-delete)',
        'keep what is installed; in a new installation, do as the manifests say: no',
      ),
    )
    .option('--no-force-delete', 'do not ask podgrace about deletions')
    .addOption(
      new Option('--timeout <seconds>', 'how many seconds to wait, in all')
        .default(DEFAULT_TIMEOUT_SECONDS)
        .argParser(integer('--timeout', 1, 3600)),
    )
    .option('--force-conflicts', 'take over fields that other field managers own')
    .option('--dry-run', 'show the changes and make none')
    .option('-y, --yes', 'do not ask before the changes');
  addNamespaceOption(command);
  addClusterOptions(command);
  return describeHelp(command, {
    examples: [
      ['podgrace install --preset production', 'shows the changes, asks, installs'],
      ['podgrace install --preset production --force-delete', 'guards StatefulSets against `kubectl delete --force`, too'],
      ['podgrace install --image registry.example/podgrace:0.1.0 --yes'],
      ['kubectl kustomize deploy/overlays/cert-manager | podgrace install --manifests - --yes'],
    ],
    exitCodes:
      '0 installed, and the webhook answers, 1 not ready in time, or the webhook does not answer, 2 the cluster refuses, or an option is wrong.',
  });
}
