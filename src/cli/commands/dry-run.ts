/** `podgrace dry-run`: the options; what does it is loaded only when it is asked for. */
import { Option, type Command } from 'commander';
import { PRESETS, type PresetName } from '../../core/rule.ts';
import { addClusterOptions, type ClusterOptions } from '../cluster-options.ts';
import type { CliContext } from '../run.ts';

export interface DryRunOptions extends ClusterOptions {
  readonly file?: readonly string[];
  readonly namespace?: string;
  readonly policy?: string;
  readonly preset?: PresetName;
  readonly installation: string;
  readonly output: 'text' | 'json';
  readonly verbose?: boolean;
}

export function addDryRunCommand(program: Command, context: CliContext): void {
  const command = program
    .command('dry-run')
    .summary('show what a cluster would make of manifests')
    .description(
      'Sends each object as a server-side dry run: nothing is stored. Tells whether it would be admitted and by whom not, the warnings, and what admission would change: podgrace, the API server, or others. Of a workload it also shows the Pod that would come of it.',
    )
    .argument('[path...]', 'files, folders, or - for standard input')
    .option('-f, --file <path...>', 'the same, as kubectl has it')
    .option('-n, --namespace <name>', 'for objects that name none (default: that of the context)')
    .addOption(
      new Option('--policy <file>', "the LifecyclePolicy to compare with (default: the cluster's, from its ConfigMap)").conflicts('preset'),
    )
    .addOption(new Option('--preset <name>', 'a built-in policy to compare with').choices(PRESETS))
    .option('--installation <namespace/name>', 'whose policy to compare with', 'podgrace-system/podgrace');
  addClusterOptions(command);
  command
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .option('-v, --verbose', "also print the API server's defaults")
    .addHelpText(
      'after',
      `
Examples:
  $ podgrace dry-run -f deploy/
  $ kustomize build overlays/prod | podgrace dry-run --context staging -
  $ podgrace dry-run -o json -f web.yaml | jq '.results[].changes[] | select(.by == "podgrace")'

Exit codes: 0 all would be admitted, 1 something would be denied, 2 input that cannot be read, or an API server that cannot say.
`,
    )
    .action(async (paths: string[], options: DryRunOptions) => {
      const { dryRun } = await import('../dry-run.ts');
      context.exit(await dryRun([...paths, ...(options.file ?? [])], options, context));
    });
}
