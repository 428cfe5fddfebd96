/** `podgrace dry-run`: manifests in, what a cluster would make of them out. */
import { Command, Option } from 'commander';
import { PRESETS, type PresetName } from '../../../core/rule.ts';
import { describeHelp, ToldDefaultOption } from '../../help.ts';
import { addClusterOptions, type ClusterOptions } from '../../options/cluster-options.ts';
import { addOutputOptions, type OutputOptions } from '../../options/output-options.ts';

export interface DryRunOptions extends ClusterOptions, OutputOptions {
  readonly file?: readonly string[];
  readonly namespace?: string;
  readonly policy?: string;
  readonly preset?: PresetName;
  readonly installation: string;
}

export function declareDryRun(): Command {
  const command = new Command('dry-run')
    .summary('show what a cluster would make of manifests')
    .description(
      'Sends each object as a server-side dry run: nothing is stored. Tells whether it would be admitted and by whom not, the warnings, and what admission would change: podgrace, the API server, or others. Of a workload it also shows the Pod that would come of it.',
    )
    .argument('[path...]', 'files, folders, or - for standard input')
    .option('-f, --file <path...>', 'the same, as kubectl has it')
    .addOption(new ToldDefaultOption('-n, --namespace <name>', 'for objects that name none', 'that of the context'))
    .addOption(
      new ToldDefaultOption('--policy <file>', 'the LifecyclePolicy to compare with', "the cluster's, from its ConfigMap").conflicts(
        'preset',
      ),
    )
    .addOption(new Option('--preset <name>', 'a built-in policy to compare with').choices(PRESETS))
    .option('--installation <namespace/name>', 'whose policy to compare with', 'podgrace-system/podgrace');
  addClusterOptions(command);
  addOutputOptions(command, 'dry-run', "also print the API server's defaults");
  return describeHelp(command, {
    examples: [
      ['podgrace dry-run -f deploy/'],
      ['kustomize build overlays/prod | podgrace dry-run --context staging -'],
      [`podgrace dry-run -o json -f web.yaml | jq '.results[].changes[] | select(.by == "podgrace")'`],
    ],
    exitCodes: '0 all would be admitted, 1 something would be denied, 2 input that cannot be read, or an API server that cannot say.',
  });
}
