import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import t from 'tap';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runCli } from '../../src/cli/run.ts';
import { VERSION } from '../../src/config/version.ts';
import { podgrace } from './command-line.ts';

const NAMES = COMMANDS.map(({ declare }) => declare().name());

void t.test('a command is called by the name that it declares', (t) => {
  t.same(
    COMMANDS.map(({ name }) => name),
    NAMES,
  );
  t.end();
});

void t.test('every command has help with examples or exit codes, on standard output', async (t) => {
  for (const command of NAMES) {
    const { code, stdout, stderr } = await podgrace([command, '--help']);
    t.same([code, stderr], [0, ''], command);
    t.match(stdout, new RegExp(`^Usage: podgrace ${command}(?:\\|\\w+)? `), command);
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

void t.test('standard input is not touched by who does not read it', async (t) => {
  const file = join(t.testdir({ 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n' }), 'a.yaml');
  let asked = 0;
  const environment = {
    env: {},
    get stdin() {
      asked += 1;
      return Readable.from(['apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n']);
    },
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    serve: () => Promise.resolve(),
  };
  for (const command of [['check'], ['explain', '-f']]) {
    t.equal(await runCli(['node', 'podgrace', ...command, file], environment), 0);
    t.equal(asked, 0);
    t.equal(await runCli(['node', 'podgrace', ...command, '-'], environment), 0);
    t.equal(asked, 1);
    asked = 0;
  }
});

void t.test('a wrong command line is refused with what was meant, or where help is', async (t) => {
  for (const [args, message] of [
    [['chek'], "podgrace: unknown command 'chek'\n(Did you mean check?)\n(podgrace --help shows how to use it)\n"],
    [['check'], 'podgrace: name what is to be checked: files, folders, or - for standard input\n'],
    [
      ['check', '--prest', 'x'],
      "podgrace: unknown option '--prest'\n(Did you mean --preset?)\n(podgrace check --help shows how to use it)\n",
    ],
    [
      ['replay', '-o', 'yaml', '-'],
      "podgrace: option '-o, --output <format>' argument 'yaml' is invalid. Allowed choices are text, json.\n(podgrace replay --help shows how to use it)\n",
    ],
    [['check', '--policy'], "podgrace: option '--policy <file>' argument missing\n(podgrace check --help shows how to use it)\n"],
  ] as const) {
    const { code, stdout, stderr } = await podgrace(args);
    t.same([code, stdout, stderr], [2, '', message]);
  }
});

void t.test('serve is handed its options', async (t) => {
  const { code, served } = await podgrace(['serve', '--self-signed', 'certs', '--port', '0', '--preset', 'strict', '--drain-seconds', '3']);
  t.equal(code, 0);
  t.match(served, [{ port: 0, opsPort: 8081, policy: { preset: 'strict' }, drainSeconds: 3, logLevel: 'info', host: '0.0.0.0' }]);
  t.same(served[0]?.certificates, { from: 'folder', folder: 'certs' });
  const wrong = await podgrace(['serve', '--port', '65536']);
  t.same([wrong.code, wrong.served], [2, []]);
  t.match(wrong.stderr, /--port must be a whole number between 0 and 65535\.\n/);
});

void t.test('serve without certificates is refused before it starts', async (t) => {
  const { code, stderr, served } = await podgrace(['serve']);
  t.same([code, served], [2, []]);
  t.match(stderr, /^podgrace: --tls-cert and --tls-key must name a certificate and its key/);
});

void t.test('help for a command that does not exist says so', async (t) => {
  const { code, stdout, stderr } = await podgrace(['help', 'nope']);
  t.same([code, stdout, stderr], [2, '', "podgrace: there is no command 'nope'; podgrace --help lists the commands\n"]);
  const all = await podgrace(['help']);
  t.same([all.code, all.stderr], [0, '']);
  t.equal(all.stdout, (await podgrace(['--help'])).stdout);
});

void t.test('version is a command, too', async (t) => {
  t.match(await podgrace(['version']), { code: 0, stdout: `${VERSION}\n`, stderr: '' });
});

void t.test('a plugin of kubectl is called as kubectl calls it', async (t) => {
  const asPlugin = { program: '/home/a/.krew/bin/kubectl-podgrace' };
  t.match((await podgrace(['--help'], asPlugin)).stdout, /^Usage: kubectl podgrace \[options\] \[command\]$/m);
  const { stdout } = await podgrace(['check', '--help'], asPlugin);
  t.match(stdout, /^Usage: kubectl podgrace check /m);
  t.match(stdout, /^ {2}\$ kubectl podgrace check \. /m);
  t.match(stdout, /\| kubectl podgrace check -/);
  t.match((await podgrace(['chek'], asPlugin)).stderr, '(kubectl podgrace --help shows how to use it)');
});
