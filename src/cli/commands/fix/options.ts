/** `podgrace fix`: what the repairs of a policy set, written into the manifests. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { catalogue } from '../../../config/catalogue.ts';
import { describeHelp } from '../../help.ts';
import { addConfigOption, addTargetVersionOption, type FoundPolicyOptions } from '../../options/found-policy-options.ts';
import { asSentence, filenameOption, listOf, namespaceName } from '../../options/option-values.ts';
import { suggesting } from '../../options/suggested-values.ts';
import { meantRule } from '../../options/unknown-rule.ts';
import { addOutputOptions, type OutputOptions } from '../../options/output-options.ts';
import { addPolicyOptions } from '../../options/policy-options.ts';
import { refuseRenderingOptions, type RenderingOptions } from '../../options/rendering-options.ts';

export interface FixCommandOptions
  extends Pick<FoundPolicyOptions, 'policy' | 'preset' | 'config' | 'targetVersion'>, RenderingOptions, OutputOptions {
  readonly filename?: readonly string[];
  readonly namespace: string;
  readonly ignore?: readonly string[];
  readonly rules?: readonly string[];
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly interactive?: boolean;
}

export function declareFix(): Command {
  const command = new Command('fix')
    .summary('write the repairs into manifests')
    .description(
      'Writes into YAML and JSON files what podgrace repairs at admission by the same policy: in Pods, and in the templates of workloads. Without a policy of yours, only repairs that change no behaviour are made. Comments, order, quotes, indentation and line ends of everything else stay as they are. If a repair cannot be written without a guess (aliases, merge keys, templates), it is left out, and the report says why.',
    )
    .argument('[path...]', 'files, folders, patterns in quotes, or - for standard input, which is repaired to standard output')
    .addOption(filenameOption());
  addPolicyOptions(command);
  refuseRenderingOptions(command);
  addConfigOption(command);
  addTargetVersionOption(command, 'repair');
  command
    .addOption(new Option('-n, --namespace <name>', 'the namespace of objects that name none').argParser(namespaceName).default('default'))
    .addOption(
      new Option('--ignore <pattern>', 'leave out files, as a line of .gitignore does; may be given several times').argParser(listOf()),
    )
    .addOption(
      suggesting(
        new Option(
          '--rules <id>',
          'make the repairs of this rule alone, even if the policy does not make them; may be given several times, or with commas',
        ).argParser(listOf(refuseWithoutRepair)),
        repairingRules,
      ),
    )
    .option('--diff', 'write no file, and print what would change')
    .option('--check', 'write no file, and exit with 1 if something would change')
    .addOption(
      new Option('--interactive', 'show what would change in each object, and ask; needs a terminal').conflicts(['diff', 'check']),
    );
  addOutputOptions(command, 'fix', 'also print the objects that are left alone, and why');
  return describeHelp(command, {
    examples: [
      ['podgrace fix deploy/', 'repair all manifests in a folder'],
      ['podgrace fix --diff deploy/', 'see what it would do'],
      ['podgrace fix --check deploy/', 'for CI: exit code 1 if a repair is missing'],
      ['podgrace fix --rules readiness-probe web.yaml', 'a repair that no preset applies'],
      ['kustomize build . | podgrace fix - | kubectl apply -f -'],
    ],
    exitCodes:
      '0 all repairs are written, or nothing had to be repaired; 1 some repair is left to you, you answered no for an object, or --check found a missing repair; 2 some input cannot be read or written, or an option is wrong; 130 and 143 stopped by a signal.',
  });
}

function refuseWithoutRepair(id: string): void {
  // It is refused as every empty option is.
  if (id === '') return;
  const rule = catalogue.get(id);
  if (rule?.mutate !== undefined) return;
  const repairing = repairingRules();
  const meant = rule === undefined ? meantRule(id, repairing) : undefined;
  const problem = rule === undefined ? `there is no rule ${id}` : `the rule ${id} has no repair`;
  throw new InvalidArgumentError(asSentence(`${problem}; ${meant ?? `these have one: ${repairing.join(', ')}.`}`));
}

function repairingRules(): string[] {
  return catalogue.rules.filter((each) => each.mutate !== undefined).map(({ meta }) => meta.id);
}
