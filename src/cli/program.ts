/** The command line as commander reads it, with every command. */
import { Argument, Command, type Option } from 'commander';
import { VERSION } from '../config/version.ts';
import { COMMANDS } from './commands.ts';
import type { CliContext } from './context.ts';
import { UsageError, type ExitCode } from './exit-code.ts';
import { ToldDefaultOption } from './help.ts';

/**
 * @param exit receives the exit code of the command that ran
 * @param name how whoever started it calls it
 * @param called the command that it is called for: with it, the program has no other one, as to declare all takes 2 ms
 */
export function createProgram(context: CliContext, exit: (code: ExitCode) => void, name = 'podgrace', called?: string): Command {
  const program = new Command(name)
    .description('Every Pod starts, runs and stops gracefully: an admission webhook and command line for the Pod lifecycle.')
    .version(VERSION)
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .configureHelp({ optionDescription })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        context.stdout.write(text);
      },
      writeErr: (text) => {
        context.stderr.write(text);
      },
      outputError: (text, write) => {
        write(text.replace(/^error: /, 'podgrace: '));
      },
    })
    .showHelpAfterError(`(${name} --help shows how to use it)`);
  const one = COMMANDS.find((command) => command.name === called);
  for (const { declare, run } of one === undefined ? COMMANDS : [one]) {
    const command = declare();
    // `PODGRACE_POLICY=` in a script or in a workflow means that there is none.
    for (const option of command.options) if (option.envVar !== undefined && process.env[option.envVar] === '') delete option.envVar;
    program.addCommand(
      command
        .copyInheritedSettings(program)
        .showHelpAfterError(`(${name} ${command.name()} --help shows how to use it)`)
        .action(async () => {
          exit(await run(command, context));
        }),
    );
  }
  addHelpCommand(program);
  return program;
}

function optionDescription(this: { readonly optionDescription: (option: Option) => string }, option: Option): string {
  const shown = option instanceof ToldDefaultOption ? option.withDefaultInWords : option;
  return new Command().createHelp().optionDescription(shown);
}

/** commander's own shows the whole help for a command that does not exist, and calls that no mistake. */
function addHelpCommand(program: Command): void {
  program
    .command('help')
    .summary('show the help of a command')
    .description('Shows the help of a command. Without one, lists the commands.')
    .addArgument(new Argument('[command]', 'the command'))
    .action((name: string | undefined) => {
      const command = name === undefined ? program : program.commands.find((each) => [each.name(), ...each.aliases()].includes(name));
      if (command === undefined) throw new UsageError(`there is no command '${name ?? ''}'; podgrace --help lists the commands`);
      command.outputHelp();
    });
}
