/** `podgrace version`: as `--version`, for those who look for a command. */
import { Command } from 'commander';
import { describeHelp } from '../../help.ts';

export function declareVersion(): Command {
  const command = new Command('version').summary('print the version').description('Prints the version, as --version does.');
  return describeHelp(command, { exitCodes: '0.' });
}
