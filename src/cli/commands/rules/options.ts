/** `podgrace rules`: the catalogue. */
import { Argument, Command } from 'commander';
import { describeHelp } from '../../help.ts';
import { ruleIds } from '../../options/found-policy-options.ts';
import { addOutputOptions, type OutputOptions } from '../../options/output-options.ts';

export type RulesOptions = OutputOptions;

export function declareRules(): Command {
  const command = new Command('rules')
    .summary('list the rules, or describe one')
    .description('Lists the rules with the mode and the mutation that each preset gives them. With the id of a rule, describes that rule.')
    // The choices are for completion: a wrong one is refused with a word about what was meant, and not with all of them.
    .addArgument(new Argument('[id]', 'the id of a rule').choices(ruleIds()).argParser(String));
  addOutputOptions(command, 'rules');
  return describeHelp(command, {
    examples: [
      ['podgrace rules', 'all rules'],
      ['podgrace rules pre-stop-delay', 'the reason, the fix, the fields it reads and writes'],
      ["podgrace rules -o json | jq '.[].defaultOptions'"],
    ],
    exitCodes: '0 printed, 2 an option is wrong, or the rule does not exist.',
  });
}
