/** The command line: wires the commands to what they run. */
import { runCli } from '../cli/run.ts';

process.exitCode = await runCli(process.argv, {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  // Loaded only by the command that needs it: the command line does without a server.
  serve: async (settings, onServing) => (await import('../serve/serve.ts')).serve(settings, onServing),
});
