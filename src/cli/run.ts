/** The command line as a function: arguments in, exit code out. */
import { CommanderError } from 'commander';
import { basename } from 'node:path';
import { PolicyError } from '../config/policy-problem.ts';
import { candidatesFor, wordsToComplete } from './completion/candidates.ts';
import type { CliContext, CliEnvironment } from './context.ts';
import { EXIT, UsageError, type ExitCode } from './exit-code.ts';
import { isColoured } from './output/text.ts';
import { TextOutput } from './output/text-output.ts';
import { TransientLine } from './output/transient-line.ts';
import { OutputError, WatchedOutput } from './output/watched-output.ts';
import { createProgram } from './program.ts';

/** @param argv as in `process.argv`: the first two are the interpreter and the script */
export async function runCli(argv: readonly string[], environment: CliEnvironment): Promise<ExitCode> {
  const { env, serve } = environment;
  const stdout = new WatchedOutput(environment.stdout, 'standard output');
  const stderr = new WatchedOutput(environment.stderr, 'standard error');
  const transient = new TransientLine(stderr);
  const context: CliContext = {
    env,
    serve,
    get stdin() {
      return environment.stdin;
    },
    input: { [Symbol.asyncIterator]: () => environment.stdin[Symbol.asyncIterator]() },
    stdout: new TextOutput(stdout, isColoured(stdout.isTTY, env), transient),
    stderr: new TextOutput(stderr, isColoured(stderr.isTTY, env), transient),
    transient,
  };
  try {
    const code = await runProgram(argv, context);
    await Promise.all([stdout.taken(), stderr.taken()]);
    return code;
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    if (error.isReaderGone) return EXIT.readerGone;
    environment.stderr.write(`podgrace: ${error.message}\n`);
    return EXIT.badInput;
  }
}

async function runProgram(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.clean;
  const setExitCode = (code: ExitCode): void => {
    exitCode = code;
  };
  const words = wordsToComplete(argv);
  const program = createProgram(context, setExitCode, programName(argv), words === undefined ? argv[2] : undefined);
  if (words !== undefined) {
    context.stdout.write(candidatesFor(words, program));
    return EXIT.clean;
  }
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.clean : EXIT.badInput;
    const message = messageOf(error);
    if (message === undefined) throw error;
    context.transient.erase();
    context.stderr.message(message);
    return EXIT.badInput;
  }
}

/** As a plugin of kubectl the program is called as kubectl calls it; its file has this name (krew makes it a link). */
function programName([, script = '']: readonly string[]): string {
  return /^kubectl-podgrace(?:\.exe)?$/.test(basename(script)) ? 'kubectl podgrace' : 'podgrace';
}

/** What the user can mend; undefined for a mistake of ours. */
function messageOf(error: unknown): string | undefined {
  if (error instanceof UsageError) return error.message;
  if (error instanceof PolicyError) return `the policy cannot be used:\n${error.message.replaceAll(/^/gm, '  ')}`;
  return undefined;
}
