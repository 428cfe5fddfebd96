/** `podgrace complete`: scripts that make a shell complete podgrace's command line. */
import { Argument, Command } from 'commander';
import { SHELLS } from '../../completion/scripts.ts';
import { describeHelp } from '../../help.ts';

export function declareComplete(): Command {
  const command = new Command('complete')
    // As kubectl and helm call it.
    .alias('completion')
    .summary('print a script for shell completion')
    .description(
      'Prints a script with which a shell completes commands, options and their values, and otherwise the names of files. The command is also called completion.',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS));
  return describeHelp(command, {
    examples: [
      ['source <(podgrace complete bash)', 'in ~/.bashrc'],
      ['source <(podgrace complete zsh)', 'in ~/.zshrc, after compinit'],
      ['podgrace complete fish > ~/.config/fish/completions/podgrace.fish'],
    ],
    exitCodes: '0 printed, 2 the shell is unknown.',
  });
}
