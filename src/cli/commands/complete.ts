/** `podgrace complete`: scripts that make a shell complete podgrace's command line, and what those scripts ask for. */
import { RootCommand, ShellCompDirective, type Command as CompletedCommand } from '@bomb.sh/tab';
import { Argument, type Command } from 'commander';
import type { CliContext } from '../run.ts';

export function addCompleteCommand(program: Command, { stdout }: CliContext): void {
  program
    .command('complete')
    .summary('print a script for shell completion')
    .description('Prints a script that makes a shell complete commands, options and their values, and files where nothing else fits.')
    .addArgument(new Argument('<shell>', 'for which shell').choices(['bash', 'zsh', 'fish', 'powershell']))
    .addHelpText(
      'after',
      `
Examples:
  $ source <(podgrace complete bash)                               in ~/.bashrc, with the package bash-completion
  $ source <(podgrace complete zsh)                                in ~/.zshrc, after compinit
  $ podgrace complete fish > ~/.config/fish/completions/podgrace.fish
`,
    )
    .action((shell: string) => {
      stdout.write(scriptFor(shell, program.name()));
    });
}

/**
 * What a completion script asks for, `podgrace complete -- check --pre`.
 *
 * @param argv as in `process.argv`
 * @returns the words to complete, the last of which is not yet whole; undefined for any other command line
 */
export function wordsToComplete(argv: readonly string[]): readonly string[] | undefined {
  return argv[2] === 'complete' && argv[3] === '--' ? argv.slice(4) : undefined;
}

/** @returns the answer for a completion script: candidates with what they mean, one a line, then a directive */
export function candidatesFor(words: readonly string[], program: Command): string {
  const root = new RootCommand();
  describe(program, root);
  for (const command of program.createHelp().visibleCommands(program)) describe(command, root.command(command.name(), command.summary()));
  const [directive = '', ...candidates] = printedBy(() => {
    root.parse([...words]);
  }).reverse();
  // The library never lets the shell complete files; nearly all that podgrace takes besides is one.
  const answer = candidates.length === 0 ? `:${ShellCompDirective.ShellCompDirectiveDefault}` : directive;
  return [...candidates.reverse(), answer, ''].join('\n');
}

/** The values of an option or argument are its choices; what has others takes no candidates. */
function describe(command: Command, described: CompletedCommand): void {
  for (const option of command.createHelp().visibleOptions(command)) {
    const takesValue = option.required || option.optional;
    const name = option.long?.slice(2) ?? '';
    const alias = option.short?.slice(1);
    if (takesValue) described.option(name, option.description, chooser(option.argChoices), alias);
    else described.option(name, option.description, alias);
  }
  for (const argument of command.registeredArguments) described.argument(argument.name(), chooser(argument.argChoices), argument.variadic);
}

function chooser(choices: readonly string[] = []): (complete: (value: string, description: string) => void) => void {
  return (complete) => {
    for (const choice of choices) complete(choice, '');
  };
}

function scriptFor(shell: string, name: string): string {
  const script = printedBy(() => {
    new RootCommand().setup(name, name, shell);
  }).join('\n');
  if (shell !== 'bash') return `${script}\n`;
  // Sourced a second time, it would fail at constants; and without candidates bash is to complete files.
  return `${script.replaceAll(/^readonly /gm, '').replace(/^complete -F/m, 'complete -o default -F')}\n`;
}

/** The library prints to the console; caught, it can go to where the command line writes. */
function printedBy(print: () => void): string[] {
  const lines: string[] = [];
  /* eslint-disable no-console -- the only way to what the library prints */
  const { log } = console;
  console.log = (text: string) => {
    for (const line of text.split('\n')) lines.push(line);
  };
  try {
    print();
  } finally {
    console.log = log;
  }
  /* eslint-enable no-console */
  return lines;
}
