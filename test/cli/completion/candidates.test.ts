import t from 'tap';
import { podgrace } from '../command-line.ts';

async function candidates(...words: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await podgrace(['complete', '--', ...words]);
  if (code !== 0 || stderr !== '') throw new Error(`${code} ${stderr}`);
  return stdout.split('\n').slice(0, -1);
}

async function names(...words: readonly string[]): Promise<string[]> {
  return (await candidates(...words)).map((line) => line.split('\t')[0] ?? '');
}

const FILES = ':files';

void t.test('commands are completed, with what they do', async (t) => {
  t.same(await candidates('che'), ['check\tjudge manifests without a cluster']);
  const all = await names('');
  for (const command of ['serve', 'check', 'replay', 'certs', 'rules', 'complete', 'help', 'version']) t.ok(all.includes(command), command);
  t.same(await candidates('nope'), []);
  t.same(await candidates('nope', ''), [], 'nothing is known of a command that does not exist');
  t.same(await names('help', 'che'), ['check']);
});

void t.test('options are completed, long and short', async (t) => {
  t.same(await names('check', '--p'), ['--policy', '--preset', '--print-config']);
  const all = await names('replay', '-');
  for (const option of ['--policy', '--against', '-o', '-v', '-h']) t.ok(all.includes(option), option);
});

void t.test('values are completed where they are known', async (t) => {
  const presets = ['baseline', 'production', 'strict'];
  t.same(await candidates('check', '--preset', ''), presets);
  t.same(await candidates('check', 'deploy', '-o', 'js'), ['json']);
  t.same(await candidates('rules', 'pre'), ['pre-stop-delay', 'pre-stop-handler']);
  t.same(await candidates('rules', '-o', 'json', 'pre'), ['pre-stop-delay', 'pre-stop-handler'], 'an option and its value are no argument');
  t.same(await candidates('check', '--rule', 'pre'), ['pre-stop-delay', 'pre-stop-handler']);
  t.same(await candidates('check', '--without-rule=pre-stop-d'), ['--without-rule=pre-stop-delay']);
  t.same(await candidates('explain', 'memory-limit', 'pre'), ['pre-stop-delay', 'pre-stop-handler']);
  t.same(await candidates('fix', '--rules', 'pre'), ['pre-stop-delay'], 'those with a repair');
  t.same(await candidates('check', '--rule', 'replicas,pre'), ['replicas,pre-stop-delay', 'replicas,pre-stop-handler'], 'after a comma');
  t.same(await candidates('check', '--rule', 'pre-stop-delay,pre'), ['pre-stop-delay,pre-stop-handler'], 'that are not there yet');
  t.same(await candidates('fix', '--rules=replicas,pre'), ['--rules=replicas,pre-stop-delay']);
  for (const name of ['complete', 'completion']) t.same(await candidates(name, ''), ['bash', 'zsh', 'fish']);
});

void t.test('a value in the word of its option is completed in whole words, and as bash breaks them', async (t) => {
  t.same(await candidates('check', '--preset=st'), ['--preset=strict']);
  t.same(await candidates('check', '--preset', '=', 'st'), ['strict']);
  t.same(await candidates('check', '--preset', '=', 'strict', '-o', 'js'), ['json']);
  t.same(await candidates('check', '--policy=a'), [FILES]);
});

void t.test('anything else is a file', async (t) => {
  t.same(await candidates('check', ''), [FILES]);
  t.same(await candidates('check', 'deploy/', 'more'), [FILES]);
  t.same(await candidates('serve', '--tls-cert', ''), [FILES]);
  t.same(await candidates('check', '--', '-x'), [FILES]);
  t.same(await candidates('status', ''), [], 'a command without arguments takes none');
});

void t.test('a redirection is followed by a file, whatever stands before it', async (t) => {
  for (const words of [['>'], ['check', 'x', '2>'], ['rules', '>>'], ['rules', '-o', '<']]) t.same(await candidates(...words, ''), [FILES]);
});

void t.test('a word that is the name of a shell is completed, not answered with a script', async (t) => {
  t.same(await candidates('bash'), []);
});

void t.test('no shell, or one that is not known, is refused', async (t) => {
  const scripts = await Promise.all(['complete', 'completion'].map((name) => podgrace([name, 'bash'])));
  t.same(scripts[1], scripts[0], 'kubectl and helm call it completion');
  t.match((await podgrace(['help', 'completion'])).stdout, /^Usage: podgrace complete/);
  const none = await podgrace(['complete']);
  t.same([none.code, none.stdout], [2, '']);
  t.match(none.stderr, /^podgrace: missing required argument 'shell'/);
  const unknown = await podgrace(['complete', 'tcsh']);
  t.equal(unknown.code, 2);
  t.match(unknown.stderr, /Allowed choices are bash, zsh, fish\./);
});
