import { spawnSync } from 'node:child_process';
import t from 'tap';
import { podgrace } from '../command-line.ts';

async function candidates(...words: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await podgrace(['complete', '--', ...words]);
  if (code !== 0 || stderr !== '') throw new Error(`${code} ${stderr}`);
  return stdout.trimEnd().split('\n');
}

/** Cobra's protocol: 4 takes the candidates alone, 0 falls back to files. */
const NO_FILES = ':4';
const FILES = ':0';

void t.test('commands are completed, with what they do', async (t) => {
  t.same(await candidates('che'), ['check\tjudge manifests as the cluster would', NO_FILES]);
  const all = (await candidates('')).map((line) => line.split('\t')[0]);
  for (const command of ['serve', 'check', 'replay', 'certs', 'rules', 'complete']) t.ok(all.includes(command), command);
});

void t.test('options are completed, long and short', async (t) => {
  t.same(
    (await candidates('check', '--p')).map((line) => line.split('\t')[0]),
    ['--policy', '--preset', NO_FILES],
  );
  t.ok((await candidates('replay', '-')).some((line) => line.startsWith('-o\t')));
});

void t.test('values are completed where they are known', async (t) => {
  t.same(await candidates('check', '--preset', ''), ['baseline\t', 'production\t', 'strict\t', NO_FILES]);
  t.same(await candidates('check', 'deploy', '-o', 'j'), ['json\t', NO_FILES]);
  t.same(await candidates('rules', 'pre'), ['pre-stop-delay\t', NO_FILES]);
  t.same(await candidates('complete', ''), ['bash\t', 'zsh\t', 'fish\t', 'powershell\t', NO_FILES]);
});

void t.test('anything else is a file', async (t) => {
  t.same(await candidates('check', ''), [FILES]);
  t.same(await candidates('check', 'deploy/'), [FILES]);
  t.same(await candidates('serve', '--tls-cert', ''), [FILES]);
});

void t.test('a word that is the name of a shell is completed, not answered with a script', async (t) => {
  t.same(await candidates('bash'), [FILES]);
});

for (const shell of ['bash', 'zsh', 'fish']) {
  const skip = spawnSync(shell, ['-c', 'true']).status !== 0 && `needs ${shell}`;
  void t.test(`the script for ${shell} is one that ${shell} reads`, { skip }, async (t) => {
    const { code, stdout } = await podgrace(['complete', shell]);
    t.equal(code, 0);
    const read = spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8' });
    t.same([read.status, read.stderr], [0, '']);
  });
}

void t.test('bash completes files where podgrace has no candidates, and may read the script twice', async (t) => {
  const { stdout } = await podgrace(['complete', 'bash']);
  const shown = spawnSync('bash', ['--norc'], { input: `${stdout}\n${stdout}\ncomplete -p podgrace`, encoding: 'utf8' });
  t.same([shown.stdout, shown.stderr], ['complete -o default -F __podgrace_complete podgrace\n', '']);
});

void t.test('no shell, or one that is not known, is refused', async (t) => {
  const none = await podgrace(['complete']);
  t.same([none.code, none.stdout], [2, '']);
  t.match(none.stderr, /^podgrace: missing required argument 'shell'/);
  const unknown = await podgrace(['complete', 'tcsh']);
  t.equal(unknown.code, 2);
  t.match(unknown.stderr, /Allowed choices are bash, zsh, fish, powershell\./);
});
