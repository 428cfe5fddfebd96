/** The parts of a command's help after its options. Both the help and docs/cli.md print them. */
import { Option, type Command } from 'commander';

export interface Help {
  /** Command lines, each with what it does. */
  readonly examples?: readonly (readonly [line: string, does?: string])[];
  readonly exitCodes?: string;
  /** Sentences. */
  readonly notes?: string;
}

const HELP = new WeakMap<Command, Help>();

/**
 * Puts examples, notes and exit codes behind the help of a command.
 *
 * @returns the command
 */
export function describeHelp(command: Command, help: Help): Command {
  HELP.set(command, help);
  return command.addHelpText('after', () => `\n${helpText(help, command.parent?.name() ?? PROGRAM)}`);
}

/** What `describeHelp` has put there, for the generated docs/cli.md; empty where nothing was. */
export function helpOf(command: Command): Help {
  return HELP.get(command) ?? {};
}

/** Where what an example does begins, in columns. */
const DOES_COLUMN = 65;

const PROGRAM = 'podgrace';
const CALLED = /(?<=^|[(|] ?)podgrace(?= )/g;

/** @param program how whoever asks for help calls it */
export function exampleLines({ examples = [] }: Help, program = PROGRAM): string[] {
  return examples.map(([line, does]) => {
    const called = `$ ${line.replaceAll(CALLED, program)}`;
    return does === undefined ? called : `${`${called} `.padEnd(DOES_COLUMN)}${does}`;
  });
}

function helpText(help: Help, program: string): string {
  const { notes, exitCodes } = help;
  const examples = exampleLines(help, program);
  const parts = [
    ...(examples.length === 0 ? [] : [`Examples:\n${examples.map((line) => `  ${line}\n`).join('')}`]),
    ...(notes === undefined ? [] : [`${notes}\n`]),
    ...(exitCodes === undefined ? [] : [`Exit codes: ${exitCodes}\n`]),
  ];
  return parts.join('\n');
}

/** An option whose default depends on something, or is no value of it: that is told in words. */
export class ToldDefaultOption extends Option {
  readonly toldDefault: string;
  /** What it depends on. */
  readonly condition: string | undefined;

  /** @param condition as in "default <condition>: <toldDefault>" */
  constructor(flags: string, description: string, toldDefault: string, condition?: string) {
    super(flags, description);
    this.toldDefault = toldDefault;
    this.condition = condition;
  }

  /** The option as help without columns for defaults has it. */
  get withDefaultInWords(): Option {
    const told = `default${this.condition === undefined ? '' : ` ${this.condition}`}: ${this.toldDefault}`;
    return Object.assign(Object.create(this) as Option, { description: `${this.description} (${told})` });
  }
}
