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
  readonly timeout: number;
  readonly forceConflicts?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const DEFAULT_TIMEOUT_SECONDS = 180;

export function declareInstall(): Command {
  const command = new Command('install')
    .summary('install podgrace in a cluster, or bring an installation up to date')
    .description(
      'Applies the server, waits until it is ready, applies the webhook configurations, waits until the CA is published in them, and proves with a dry-run Pod that the webhook answers. Shows what it will do before it does it; run again, it mends what is missing or was changed.',
    )
    .option('--manifests <path>', 'a file, a folder or - instead of the manifests that come with podgrace')
    .option('--image <image>', 'of the server')
    .addOption(new Option('--replicas <number>', 'of the server').argParser(integer('--replicas', 1, 100)))
    .addOption(
      new ToldDefaultOption(
        '--policy <file>',
        'the LifecyclePolicy to put in force',
        'the one in force stays; where there is none, that of the manifests: preset baseline',
      ).conflicts('preset'),
    )
    .addOption(new Option('--preset <name>', 'a built-in policy to put in force').choices(PRESETS))
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait, all in all')
        .default(DEFAULT_TIMEOUT_SECONDS)
        .argParser(integer('--timeout', 1, 3600)),
    )
    .option('--force-conflicts', 'take over fields that other field managers own')
    .option('--dry-run', 'only show what it would do')
    .option('-y, --yes', 'do not ask');
  addNamespaceOption(command, 'where the server runs');
  addClusterOptions(command);
  return describeHelp(command, {
    examples: [
      ['podgrace install --preset production', 'ask, then install'],
      ['podgrace install --image registry.example/podgrace:0.1.0 --yes'],
      ['kubectl kustomize deploy/overlays/cert-manager | podgrace install --manifests - --yes'],
    ],
    exitCodes: '0 installed and seen to answer, 1 not ready or not seen to answer in time, 2 refused, or a wrong option.',
  });
}
