/** `podgrace complete`: scripts that make a shell complete podgrace's command line. */
import { Argument, Command } from 'commander';
import { SHELLS } from '../../completion/scripts.ts';
import { describeHelp } from '../../help.ts';

export function declareComplete(): Command {
  const command = new Command('complete')
    .summary('print a script for shell completion')
    .description('Prints a script that makes a shell complete commands, options and their values, and files where nothing else fits.')
    .addArgument(new Argument('<shell>', 'for which shell').choices(SHELLS));
  return describeHelp(command, {
    examples: [
      ['source <(podgrace complete bash)', 'in ~/.bashrc'],
      ['source <(podgrace complete zsh)', 'in ~/.zshrc, after compinit'],
      ['podgrace complete fish > ~/.config/fish/completions/podgrace.fish'],
    ],
    exitCodes: '0, or 2 for a shell that is not known.',
  });
}
