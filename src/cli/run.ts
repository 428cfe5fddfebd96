/** The command line as a function: arguments in, exit code out. */
import tab from '@bomb.sh/tab/commander';
import { Command, CommanderError } from 'commander';
import { PolicyError } from '../config/policy-file.ts';
import { VERSION } from '../config/version.ts';
import { addCertsCommand } from './commands/certs.ts';
import { addCheckCommand } from './commands/check.ts';
import { addReplayCommand } from './commands/replay.ts';
import { addRulesCommand } from './commands/rules.ts';
import { addServeCommand, type Serve } from './commands/serve.ts';
import { EXIT, UsageError, type ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** What the command line needs of the world around it. */
export interface CliEnvironment extends Terminal {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadableStream;
  readonly serve: Serve;
}

export interface CliContext extends CliEnvironment {
  /** Says how the command ended; the process exits by itself once it has written everything. */
  readonly exit: (code: ExitCode) => void;
}

/** @param argv as in `process.argv`: the first two are the interpreter and the script */
export async function runCli(argv: readonly string[], environment: CliEnvironment): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.clean;
  const context: CliContext = {
    ...environment,
    exit: (code) => {
      exitCode = code;
    },
  };
  try {
    await createProgram(context).parseAsync(argv);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.clean : EXIT.badInput;
    if (error instanceof UsageError || error instanceof PolicyError) {
      environment.stderr.write(`podgrace: ${error.message}\n`);
      return EXIT.badInput;
    }
    throw error;
  }
}

export function createProgram(context: CliContext): Command {
  const program = new Command('podgrace')
    .description('Every Pod starts, runs and stops gracefully: an admission webhook, command line and auditor for the Pod lifecycle.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
    })
    .showHelpAfterError('(podgrace --help shows how to use it)');
  addServeCommand(program, context.serve);
  addCheckCommand(program, context);
  addReplayCommand(program, context);
  addCertsCommand(program, context);
  addRulesCommand(program, context);
  tab(program);
  return program;
}
