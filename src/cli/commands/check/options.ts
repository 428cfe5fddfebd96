/** `podgrace check`: manifests in, findings out. */
import { Command, Option } from 'commander';
import { describeHelp } from '../../help.ts';
import { addFoundPolicyOptions, type FoundPolicyOptions } from '../../options/found-policy-options.ts';
import { addImageOptions, type ImageOptions } from '../../options/image-options.ts';
import { addBaselineOptions, type BaselineOptions } from '../../options/known-findings.ts';
import { filenameOption, listOf, namespaceName } from '../../options/option-values.ts';
import { addOutputOptions, type OutputOptions } from '../../options/output-options.ts';
import { addPolicyOptions } from '../../options/policy-options.ts';
import { addRenderingOptions, type RenderingOptions } from '../../options/rendering-options.ts';

/** From which mode on a finding makes the command fail. */
const FAIL_ON = ['enforce', 'warn', 'never'] as const;

export interface CheckOptions extends FoundPolicyOptions, RenderingOptions, ImageOptions, BaselineOptions, OutputOptions {
  readonly filename?: readonly string[];
  readonly namespace: string;
  readonly ignore?: readonly string[];
  readonly failOn: (typeof FAIL_ON)[number];
  readonly strict?: boolean;
  readonly quiet?: boolean;
  readonly outputFile?: string;
  readonly printConfig?: string;
}

export function declareCheck(): Command {
  const command = new Command('check')
    .summary('judge manifests without a cluster')
    .description(
      'Reads YAML and JSON as kubectl does, fills in the defaults of the API server, applies the repairs that Pods get at admission, and judges the result. Gives the same verdict as podgrace in a cluster, but needs no cluster.',
    )
    .argument('[path...]', 'files, folders, patterns in quotes, or - for standard input')
    .addOption(filenameOption());
  addRenderingOptions(command, 'check');
  addPolicyOptions(command);
  addFoundPolicyOptions(command);
  command
    .addOption(new Option('-n, --namespace <name>', 'the namespace of objects that name none').argParser(namespaceName).default('default'))
    .addOption(
      new Option('--ignore <pattern>', 'leave out files, as a line of .gitignore does; may be given several times').argParser(listOf()),
    )
    .option('--strict', 'make an object of an unknown kind or version an error; without this option, unknown kinds are passed over')
    .addOption(new Option('--fail-on <mode>', 'the mildest finding that makes the exit code 1').choices(FAIL_ON).default('enforce'));
  addImageOptions(command);
  addBaselineOptions(command);
  addOutputOptions(command, 'check', 'print every object, and every finding in full, also those that are repaired or only recorded');
  command
    .addOption(new Option('-q, --quiet', 'print only the findings that make the exit code 1, and no summary').conflicts('verbose'))
    .option('--output-file <file>', 'write the report to a file, which is replaced as a whole; - for standard output')
    .addOption(
      new Option('--print-config <file>', 'print the policy that a file is checked by, and check nothing').conflicts([
        'outputFile',
        'updateBaseline',
      ]),
    );
  return describeHelp(command, {
    examples: [
      ['podgrace check .', 'all manifests of a repository'],
      ["podgrace check 'deploy/**/*.yaml' --ignore 'deploy/old/'"],
      ['podgrace check -k overlays/prod', 'what kustomize renders'],
      ['podgrace check --helm charts/web --values prod.yaml', 'what helm renders; findings point to the templates'],
      ['cdk8s synth --stdout | podgrace check -', 'the output of another tool'],
      ['podgrace check --preset baseline deploy/', 'with the default policy of podgrace install'],
      ['podgrace check --images deploy/', 'also what images start; asks their registries'],
      ['podgrace check --preset strict -o json . | jq .summary'],
    ],
    exitCodes:
      '0 nothing would be denied (see --fail-on), 1 something would be denied, 2 some input cannot be read, or an option is wrong.',
  });
}
