/** The command line as a function: arguments in, exit code out. */
import { Command, CommanderError } from 'commander';
import { PolicyError } from '../config/policy-file.ts';
import { VERSION } from '../config/version.ts';
import { addFailClosedCommand, addFailOpenCommand } from './commands/break-glass.ts';
import { addCertsCommand } from './commands/certs.ts';
import { addCheckCommand } from './commands/check.ts';
import { addCompleteCommand, candidatesFor, wordsToComplete } from './commands/complete.ts';
import { addDryRunCommand } from './commands/dry-run.ts';
import { addInstallCommand } from './commands/install.ts';
import { addReplayCommand } from './commands/replay.ts';
import { addRulesCommand } from './commands/rules.ts';
import { addServeCommand, type Serve } from './commands/serve.ts';
import { addStatusCommand } from './commands/status.ts';
import { addUninstallCommand } from './commands/uninstall.ts';
import { EXIT, UsageError, type ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';
import { OutputError, WatchedOutput, type TerminalStream } from './watched-output.ts';

/** What the command line needs of the world around it. */
export interface CliEnvironment {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly serve: Serve;
}

export interface CliContext extends Omit<CliEnvironment, keyof Terminal>, Terminal {
  /** Says how the command ended; the process exits by itself once it has written everything. */
  readonly exit: (code: ExitCode) => void;
}

/** @param argv as in `process.argv`: the first two are the interpreter and the script */
export async function runCli(argv: readonly string[], environment: CliEnvironment): Promise<ExitCode> {
  const stdout = new WatchedOutput(environment.stdout, 'standard output');
  const stderr = new WatchedOutput(environment.stderr, 'standard error');
  try {
    const code = await runProgram(argv, { ...environment, stdout, stderr });
    await Promise.all([stdout.taken(), stderr.taken()]);
    return code;
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    if (error.isReaderGone) return EXIT.readerGone;
    environment.stderr.write(`podgrace: ${error.message}\n`);
    return EXIT.badInput;
  }
}

async function runProgram(argv: readonly string[], environment: Omit<CliContext, 'exit'>): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.clean;
  const program = createProgram({
    ...environment,
    exit: (code) => {
      exitCode = code;
    },
  });
  const words = wordsToComplete(argv);
  if (words !== undefined) {
    environment.stdout.write(candidatesFor(words, program));
    return EXIT.clean;
  }
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.clean : EXIT.badInput;
    const message = messageOf(error);
    if (message === undefined) throw error;
    environment.stderr.write(`podgrace: ${message}\n`);
    return EXIT.badInput;
  }
}

/** What the user can mend; undefined for a mistake of ours. */
function messageOf(error: unknown): string | undefined {
  if (error instanceof UsageError) return error.message;
  if (error instanceof PolicyError) return `the policy cannot be used:\n${error.message.replaceAll(/^/gm, '  ')}`;
  return undefined;
}

export function createProgram(context: CliContext): Command {
  const program = new Command('podgrace')
    .description('Every Pod starts, runs and stops gracefully: an admission webhook and command line for the Pod lifecycle.')
    .version(VERSION)
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      outputError: (text, write) => {
        write(text.replace(/^error: /, 'podgrace: '));
      },
    })
    .showHelpAfterError('(podgrace --help shows how to use it)');
  addServeCommand(program, context.serve);
  addCheckCommand(program, context);
  addReplayCommand(program, context);
  addDryRunCommand(program, context);
  addInstallCommand(program, context);
  addStatusCommand(program, context);
  addFailOpenCommand(program, context);
  addFailClosedCommand(program, context);
  addUninstallCommand(program, context);
  addCertsCommand(program, context);
  addRulesCommand(program, context);
  addCompleteCommand(program, context);
  for (const command of program.commands) command.showHelpAfterError(`(podgrace ${command.name()} --help shows how to use it)`);
  return program;
}
