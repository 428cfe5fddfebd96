/** `podgrace check`: manifests in, findings out. */
import { Command, Option } from 'commander';
import { describeHelp } from '../../help.ts';
import { addOutputOptions, type OutputOptions } from '../../options/output-options.ts';
import { addPolicyOptions, type PolicyOptions } from '../../options/policy-options.ts';

export interface CheckOptions extends PolicyOptions, OutputOptions {
  readonly namespace: string;
}

export function declareCheck(): Command {
  const command = new Command('check')
    .summary('judge manifests without a cluster')
    .description(
      'Reads YAML and JSON as kubectl does, fills in the defaults of the API server, applies the repairs that Pods get at admission, and judges the result. Gives the same verdict as podgrace in a cluster, but needs no cluster.',
    )
    .argument('<path...>', 'files, folders, or - for standard input');
  addPolicyOptions(command);
  command.addOption(new Option('-n, --namespace <name>', 'the namespace of objects that name none').default('default'));
  addOutputOptions(command, 'check', 'print every object, and every finding in full, also those that are repaired or only recorded');
  return describeHelp(command, {
    examples: [
      ['podgrace check deploy/', 'all manifests in a folder'],
      ['kustomize build overlays/prod | podgrace check -', 'the output of another tool'],
      ['podgrace check --preset baseline deploy/', 'with the default policy of podgrace install'],
      ['podgrace check --preset strict -o json . | jq .summary'],
    ],
    exitCodes: '0 nothing would be denied, 1 something would be denied, 2 some input cannot be read, or an option is wrong.',
  });
}
