/** `podgrace dry-run`: manifests in, what a cluster would make of them out. */
import { Command, Option } from 'commander';
import { PRESETS, type PresetName } from '../../../core/rule.ts';
import { describeHelp, ToldDefaultOption } from '../../help.ts';
import { addClusterOptions, type ClusterOptions } from '../../options/cluster-options.ts';
import { namespaceName } from '../../options/option-values.ts';
import { addOutputOptions, type OutputOptions } from '../../options/output-options.ts';

export interface DryRunOptions extends ClusterOptions, OutputOptions {
  readonly filename?: readonly string[];
  readonly namespace?: string;
  readonly policy?: string;
  readonly preset?: PresetName;
  readonly installation: string;
}

export function declareDryRun(): Command {
  const command = new Command('dry-run')
    .summary('show what a cluster would do with manifests')
    .description(
      'Sends each object to the API server as a dry run, so that nothing is stored. Shows whether the object would be admitted, who would deny it, the warnings, and the changes at admission: by podgrace, the API server, or others. For a workload, it also shows the Pod that its controller would create.',
    )
    .argument('[path...]', 'files, folders, or - for standard input')
    .option('-f, --filename <path...>', 'the same as a path, as in kubectl')
    .addOption(
      new ToldDefaultOption('-n, --namespace <name>', 'the namespace of objects that name none', 'the one of the context').argParser(
        namespaceName,
      ),
    )
    .addOption(
      new ToldDefaultOption(
        '--policy <file>',
        'the LifecyclePolicy to compare with',
        'the one in force, from the ConfigMap in the cluster',
      ).conflicts('preset'),
    )
    .addOption(new Option('--preset <name>', 'a built-in policy to compare with').choices(PRESETS))
    .option(
      '--installation <namespace/name>',
      'the Deployment of the installation whose policy to compare with',
      'podgrace-system/podgrace',
    );
  addClusterOptions(command);
  addOutputOptions(command, 'dry-run', 'also print the defaults that the API server fills in');
  return describeHelp(command, {
    examples: [
      ['podgrace dry-run -f deploy/'],
      ['kustomize build overlays/prod | podgrace dry-run --context staging -'],
      [`podgrace dry-run -o json -f web.yaml | jq '.results[].changes[] | select(.by == "podgrace")'`],
    ],
    exitCodes:
      '0 everything would be admitted, 1 something would be denied, 2 some input cannot be read, or the API server gives no verdict.',
  });
}
