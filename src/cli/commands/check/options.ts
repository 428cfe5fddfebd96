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
    .summary('judge manifests as the cluster would')
    .description(
      'Reads YAML and JSON as kubectl does, fills in what the API server fills in, applies the repairs that Pods get at admission, and judges what is left: the verdict of the cluster, without one.',
    )
    .argument('<path...>', 'files, folders, or - for standard input');
  addPolicyOptions(command);
  command.addOption(new Option('-n, --namespace <name>', 'for objects that name none').default('default'));
  addOutputOptions(command, 'check', 'print all objects, and all about each finding: also what is repaired, and what is only recorded');
  return describeHelp(command, {
    examples: [
      ['podgrace check deploy/', 'a folder'],
      ['kustomize build overlays/prod | podgrace check -', 'what a tool renders'],
      ['podgrace check --preset baseline deploy/', 'by the policy that install puts in force'],
      ['podgrace check --preset strict -o json . | jq .summary'],
    ],
    exitCodes: '0 nothing would be denied, 1 something would be denied, 2 input that cannot be read or a wrong option.',
  });
}
