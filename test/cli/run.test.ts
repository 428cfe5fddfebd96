import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import t from 'tap';
import { VERSION } from '../../src/config/version.ts';
import { createProgram } from '../../src/cli/run.ts';
import { podgrace } from './command-line.ts';

const COMMANDS = createProgram({
  env: {},
  stdin: Readable.from([]),
  stdout: { write: () => true },
  stderr: { write: () => true },
  serve: () => Promise.resolve(),
  exit: () => undefined,
}).commands.map((command) => command.name());

void t.test('every command has help with examples or exit codes, on standard output', async (t) => {
  for (const command of COMMANDS) {
    const { code, stdout, stderr } = await podgrace([command, '--help']);
    t.same([code, stderr], [0, ''], command);
    t.match(stdout, new RegExp(`^Usage: podgrace ${command} `), command);
    t.match(stdout, /\n(?:Examples:\n {2}\$ |Exit codes: )/, command);
    t.equal((await podgrace(['help', command])).stdout, stdout, `help ${command} is the same`);
  }
});

void t.test('without a command the help goes to standard error: that was no use of it', async (t) => {
  const bare = await podgrace([]);
  t.same([bare.code, bare.stdout], [2, '']);
  t.equal(bare.stderr, (await podgrace(['--help'])).stdout);
});

void t.test('the version is that of the package', async (t) => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  t.equal(VERSION, version);
  const { code, stdout } = await podgrace(['--version']);
  t.same([code, stdout], [0, `${version}\n`]);
});

void t.test('a wrong command line is refused with what was meant, or where help is', async (t) => {
  for (const [args, message] of [
    [['chek'], "podgrace: unknown command 'chek'\n(Did you mean check?)\n(podgrace --help shows how to use it)\n"],
    [['check'], "podgrace: missing required argument 'path'\n(podgrace check --help shows how to use it)\n"],
    [
      ['check', '--prest', 'x'],
      "podgrace: unknown option '--prest'\n(Did you mean --preset?)\n(podgrace check --help shows how to use it)\n",
    ],
    [
      ['check', '-o', 'yaml', '-'],
      "podgrace: option '-o, --output <format>' argument 'yaml' is invalid. Allowed choices are text, json.\n(podgrace check --help shows how to use it)\n",
    ],
    [['check', '--policy'], "podgrace: option '--policy <file>' argument missing\n(podgrace check --help shows how to use it)\n"],
  ] as const) {
    const { code, stdout, stderr } = await podgrace(args);
    t.same([code, stdout, stderr], [2, '', message]);
  }
});

void t.test('serve is handed its options', async (t) => {
  const { code, served } = await podgrace(['serve', '--port', '0', '--preset', 'strict', '--drain-seconds', '3']);
  t.equal(code, 0);
  t.match(served, [{ port: 0, opsPort: 8081, preset: 'strict', drainSeconds: 3, logLevel: 'info', host: '0.0.0.0' }]);
  const wrong = await podgrace(['serve', '--port', '65536']);
  t.same([wrong.code, wrong.served], [2, []]);
  t.match(wrong.stderr, /--port must be a whole number between 0 and 65535\.\n/);
});
