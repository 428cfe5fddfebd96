/** The command line: wires the commands to what they run. */
import { runCli } from '../cli/run.ts';

/** Of a process that ends before its command has: nothing is left that it could wait for. As Node.js has it for modules. */
const UNSETTLED = 13;

process.exitCode = UNSETTLED;
void runCli(process.argv, {
  env: process.env,
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  // Loaded only by the command that needs it: the command line does without a server.
  serve: async (settings, onServing) => (await import('../serve/serve.ts')).serve(settings, onServing),
}).then((code) => {
  process.exitCode = code;
});
