/** `podgrace rules`: the catalogue. */
import { Argument, Command } from 'commander';
import { catalogue } from '../../../config/catalogue.ts';
import { describeHelp } from '../../help.ts';
import { addOutputOptions, type OutputOptions } from '../../options/output-options.ts';

export type RulesOptions = OutputOptions;

export function declareRules(): Command {
  const ids = catalogue.rules.map(({ meta }) => meta.id).toSorted();
  const command = new Command('rules')
    .summary('list the rules, or say all about one')
    .description('Lists the rules with what each preset makes of them (mode/mutation), or says everything about one.')
    .addArgument(new Argument('[id]', 'a rule').choices(ids));
  addOutputOptions(command, 'rules');
  return describeHelp(command, {
    examples: [
      ['podgrace rules', 'all rules'],
      ['podgrace rules pre-stop-delay', 'why, what to do, what it reads and changes'],
      ["podgrace rules -o json | jq '.[].defaultOptions'"],
    ],
    exitCodes: '0, or 2 for a wrong option or a rule that does not exist.',
  });
}
