import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { PROGRAM } from '../../loading/program.ts';
import { podgrace, ROOT, withoutFolder } from '../command-line.ts';

const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web, image: web:1}]\n';

/** The files that were judged, and what was said on standard error. */
async function checked(folder: string, args: readonly string[]): Promise<{ files: string[]; stderr: string; code: number }> {
  const { code, stdout, stderr } = await podgrace(['check', '--preset', 'baseline', '-v', ...args]);
  const files = [...withoutFolder(stdout, folder).matchAll(/^(\S+):\d+ Pod /gm)].map(([, file]) => file ?? '');
  return { files, stderr: withoutFolder(stderr, folder), code };
}

void t.test('what .gitignore and .podgraceignore name is left out of a folder, the nearest file decides', async (t) => {
  const folder = t.testdir({
    '.git': {},
    '.gitignore': 'build/\n/top.yaml\n*.gen.yaml\n',
    '.podgraceignore': '!kept.gen.yaml\nlegacy\n',
    'top.yaml': POD,
    'a.yaml': POD,
    'b.gen.yaml': POD,
    'kept.gen.yaml': POD,
    build: { 'a.yaml': POD },
    Legacy: { 'a.yaml': POD },
    legacy: { 'a.yaml': POD },
    sub: { 'top.yaml': POD, '.gitignore': '!b.gen.yaml\nx.yaml', 'b.gen.yaml': POD, 'c.gen.yaml': POD, 'x.yaml': POD },
  });
  t.same((await checked(folder, [folder])).files, ['Legacy/a.yaml', 'a.yaml', 'kept.gen.yaml', 'sub/b.gen.yaml', 'sub/top.yaml']);
  t.same((await checked(folder, [join(folder, 'sub')])).files, ['sub/b.gen.yaml', 'sub/top.yaml'], 'the rules around a folder count');
  t.same((await checked(folder, [join(folder, 'build')])).files, ['build/a.yaml'], 'a folder that somebody names is taken');
  t.same((await checked(folder, [join(folder, 'top.yaml')])).files, ['top.yaml'], 'and so is a file');
});

void t.test('nothing in a folder that is left out is taken in again, by a walk or by a pattern', async (t) => {
  const folder = t.testdir({
    '.git': {},
    '.gitignore': 'build\n',
    build: { '.gitignore': '!a.yaml\n', 'a.yaml': POD, sub: { '.podgraceignore': '!*\n', 'a.yaml': POD } },
    'b.yaml': POD,
  });
  t.same((await checked(folder, [folder])).files, ['b.yaml']);
  t.same((await checked(folder, [join(folder, '**/*.yaml')])).files, ['b.yaml']);
  t.same((await checked(folder, [join(folder, 'build/**/*.yaml')])).files, ['build/a.yaml', 'build/sub/a.yaml'], 'it is named');
});

void t.test('a pattern in quotes means the files that match', async (t) => {
  const folder = t.testdir({
    deploy: {
      'a.yaml': POD,
      'b.json': '{}',
      'notes.md': '',
      sub: { 'c.yaml': POD, 'd.yml': POD },
      '.hidden': { 'e.yaml': POD },
      node_modules: { 'f.yaml': POD },
    },
    'b[1].yaml': POD,
  });
  t.same((await checked(folder, [join(folder, 'deploy/**/*.y{a,}ml')])).files, ['deploy/a.yaml', 'deploy/sub/c.yaml', 'deploy/sub/d.yml']);
  t.same((await checked(folder, [join(folder, 'b[1].yaml')])).files, ['b[1].yaml'], 'a file of that name comes first');
  const none = await checked(folder, [join(folder, 'deploy/*.txt')]);
  t.equal(none.stderr, 'deploy/*.txt: must match a file that ends in .json, .yaml, .yml, but matches none\n');
  t.equal(none.code, 2);
});

void t.test('a file that several paths lead to is judged once; what is named counts as named', async (t) => {
  const folder = t.testdir({ 'a.yaml': POD, 'b.yaml': POD, sub: { 'values.yaml': 'replicas: 1\n' } });
  const [a, b] = ['a.yaml', 'b.yaml'].map((name) => join(folder, name));
  const cases: readonly (readonly [paths: readonly string[], files: readonly string[]])[] = [
    [[`${folder}/a.yaml`, `${folder}/sub/../a.yaml`, `${folder}//a.yaml`], ['a.yaml']],
    [
      [`${b}`, folder],
      ['b.yaml', 'a.yaml'],
    ],
    [
      [folder, `${b}`],
      ['a.yaml', 'b.yaml'],
    ],
    [
      [join(folder, 'sub', '..', '*.yaml'), folder, '-f', `${a}`],
      ['b.yaml', 'a.yaml'],
    ],
  ];
  for (const [paths, files] of cases) {
    const { code, stdout } = await podgrace(['check', '-o', 'json', ...paths]);
    const { results } = JSON.parse(stdout) as { results: { file: string }[] };
    t.match({ code, files: results.map(({ file }) => basename(file)) }, { code: 1, files }, paths.join(' '));
  }
  const values = join(folder, 'sub', 'values.yaml');
  for (const paths of [
    [folder, values],
    [values, folder],
  ])
    t.match(await checked(folder, paths), { code: 2, stderr: /^sub\/values\.yaml:1: / }, 'no manifest, though somebody has named it');
  const { code, stdout } = await podgrace(['check', '-', '-'], { stdin: POD });
  t.match({ code, stdout }, { code: 1, stdout: /\n1 object: / });
});

void t.test('--ignore leaves out what it names, and -f names paths too', async (t) => {
  const folder = t.testdir({ 'a.yaml': POD, old: { 'b.yaml': POD }, 'c.yaml': POD });
  const cwd = process.cwd();
  process.chdir(folder);
  t.teardown(() => {
    process.chdir(cwd);
  });
  t.same((await checked(folder, ['.', '--ignore', 'old/,c.*'])).files, ['a.yaml']);
  t.same((await checked(folder, ['--ignore', 'c.yaml', '-f', 'a.yaml', '-f', 'c.yaml'])).files, ['a.yaml']);
});

void t.test('files beside manifests that are no Kubernetes objects are left out of a folder', async (t) => {
  const folder = t.testdir({
    'package.json': '{"name": "shop", "version": "1.0.0"}',
    'values.yaml': 'replicas: 3\n',
    'list.yaml': '[1, 2]',
    'review.json': '{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"object": {"spec": {"containers": []}}}}',
    'web.yaml': `${POD}---\nnothing: of ours\n`,
  });
  const { files, stderr, code } = await checked(folder, [folder]);
  t.same([files, stderr, code], [['web.yaml'], '', 0]);
  const named = await podgrace(['check', join(folder, 'package.json')]);
  t.equal(withoutFolder(named.stderr, folder), 'package.json:1: apiVersion must be set\n', 'who names such a file wants it judged');
  t.equal(named.code, 2);
});

void t.test('an object without its kind or apiVersion is a mistake in a folder, too', async (t) => {
  const folder = t.testdir({
    'a.yaml': POD,
    'b.yaml': 'apiVersion: v1\nmetadata: {name: a}\n',
    'c.yaml': 'kind: Pod\nmetadata: {name: a}\n',
  });
  t.equal((await checked(folder, [folder])).stderr, 'b.yaml:1: kind must be set\nc.yaml:1: apiVersion must be set\n');
});

void t.test('a folder of nothing but other files is an error', async (t) => {
  const folder = t.testdir({ 'package.json': '{"name": "shop"}' });
  const { code, stderr } = await podgrace(['check', folder]);
  t.same([code, withoutFolder(stderr, folder)], [2, '.: must hold a Kubernetes object, but holds none\n']);
});

void t.test('the templates of a chart are left out with one word, and so are others that are no YAML', async (t) => {
  const folder = t.testdir({
    chart: {
      'Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
      'values.yaml': 'image: web:1\n',
      templates: { 'web.yaml': 'kind: {{ .Values.kind }}\n', 'b.yaml': '{{- if .x }}\n' },
    },
    'jinja.yaml': `${POD}---\n{% for a in b %}\nkind: Pod\n{% endfor %}\n`,
    'quoted.yaml': POD.replace('web:1', '"{{ image }}"'),
    'web.yaml': POD,
  });
  const { files, stderr, code } = await checked(folder, [folder]);
  t.same(files, ['quoted.yaml', 'web.yaml']);
  t.equal(
    stderr,
    'chart: is a Helm chart, and its templates are not manifests: render it first (podgrace check --helm chart)\n' +
      'jinja.yaml: is a template, and no YAML: render it first, and check what comes out (… | podgrace check -)\n',
  );
  t.equal(code, 0);
  const named = await podgrace(['check', join(folder, 'chart/templates/web.yaml')]);
  t.match(
    withoutFolder(named.stderr, folder),
    /^chart\/templates\/web\.yaml:1: must be rendered first: it is a template, and no YAML \(.+\)\n$/,
  );
  t.equal(named.code, 2);
});

void t.test('a folder of nothing but templates is an error, too', async (t) => {
  const chart = { 'Chart.yaml': 'name: shop\n', templates: { 'web.yaml': 'kind: {{ .Values.kind }}\n' } };
  const folder = t.testdir({ chart, 'jinja.yaml': '{% for a in b %}\n' });
  for (const [command, option] of [
    ['check', '--verbose'],
    ['fix', '--check'],
  ] as const) {
    const { code, stderr } = await podgrace([command, option, folder]);
    t.equal(code, 2);
    t.match(withoutFolder(stderr, folder), /^chart: is a Helm chart[^]*^jinja\.yaml: is a template[^]*^\.: must hold a Kubernetes object/m);
    t.match(await podgrace([command, join(folder, '*.yaml')]), { code: 2, stderr: /must hold a Kubernetes object, but holds none/ });
  }
  t.equal((await podgrace(['check', '--quiet', folder])).code, 2, 'and no silent success');
});

void t.test('a folder with a kustomization says to render it first; a component is part of another', async (t) => {
  const folder = t.testdir({
    base: { 'kustomization.yaml': 'resources: [web.yaml]\n', 'web.yaml': POD },
    component: { 'kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n' },
  });
  const { files, stderr } = await checked(folder, [folder]);
  t.same(files, ['base/web.yaml']);
  t.match(stderr, /^base\/kustomization\.yaml:1 Kustomization: .* render it first \(podgrace check -k base\/\)\n$/);
});

void t.test('--output-file replaces nothing that kustomize or helm read', async (t) => {
  const folder = t.testdir({
    app: { 'kustomization.yaml': 'resources: []\n' },
    chart: { 'Chart.yaml': 'name: web\n', 'values.yaml': 'replicas: 2\n' },
  });
  for (const [option, input, file] of [
    ['-k', 'app', 'app/kustomization.yaml'],
    ['--helm', 'chart', 'chart/Chart.yaml'],
    ['--helm', 'chart', 'chart/values.yaml'],
  ] as const) {
    const before = readFileSync(join(folder, file), 'utf8');
    const args = ['check', option, join(folder, input), '--output-file', join(folder, file)];
    const { code, stderr } = await podgrace(args, { env: { PATH: folder } });
    t.same([code, stderr], [2, `podgrace: --output-file: ${join(folder, file)} must not be a file that is read: it would be lost\n`]);
    t.equal(readFileSync(join(folder, file), 'utf8'), before);
  }
});

void t.test('what -k and --helm cannot render is an error that says why', async (t) => {
  const folder = t.testdir({ app: { 'kustomization.yaml': '' }, chart: { 'Chart.yaml': '' }, 'web.yaml': POD });
  const said = async (...args: string[]): Promise<[number, string]> => {
    const { code, stderr } = await podgrace(['check', ...args], { env: { PATH: folder } });
    return [code, withoutFolder(stderr, folder)];
  };
  t.same(await said('-k', join(folder, 'app')), [2, 'app: needs kubectl or kustomize on the PATH to be rendered\n']);
  t.same(await said('-k', join(folder, 'chart')), [2, 'chart: must be a folder with a kustomization.yaml\n']);
  t.same(await said('--helm', join(folder, 'chart')), [2, 'chart: needs helm on the PATH to be rendered\n']);
  t.same(await said('--helm', join(folder, 'app')), [2, 'app: must be a chart: a folder with a Chart.yaml, or an archive of one\n']);
  t.same(await said('--values', 'web.yaml', folder), [2, 'podgrace: --values: --helm must name the chart that they are for\n']);
});

void t.test('this repository is clean but for what is wrong on purpose', async (t) => {
  const { stdout } = await podgrace(['check', '-o', 'json', ROOT]);
  const { results, errors } = JSON.parse(stdout) as { results: { file: string; allowed: boolean }[]; errors: unknown[] };
  t.same(errors, []);
  t.same(
    results.filter(({ allowed }) => !allowed).map(({ file }) => relative(ROOT, file)),
    [
      ...['database', 'manifests', 'report', 'worker'].map((name) => `examples/graceful-httpserver/poor/${name}.yaml`),
      'samples/manifests/web.yaml',
    ],
  );
});

void t.test('--fail-on says which findings make the exit code 1', async () => {
  const code = async (...args: string[]): Promise<number> => (await podgrace(['check', ...args, '-'], { stdin: POD })).code;
  t.equal(await code('--preset', 'production'), 1);
  t.equal(await code('--preset', 'production', '--fail-on', 'never'), 0);
  t.equal(await code('--preset', 'baseline'), 0);
  t.equal(await code('--preset', 'baseline', '--fail-on', 'warn'), 1);
  t.equal((await podgrace(['check', '--fail-on', 'never', '-'], { stdin: 'kind: [' })).code, 2, 'what cannot be read is no finding');
});

void t.test('--rule judges by some rules, --without-rule leaves some out', async (t) => {
  const SERVING = POD.replace('web:1', 'web:1, ports: [{containerPort: 80}]');
  const rules = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await podgrace(['check', '--preset', 'strict', '-o', 'json', ...args, '-'], { stdin: SERVING });
    const [result] = (JSON.parse(stdout) as { results: { findings: { rule: string }[] }[] }).results;
    return [...new Set(result?.findings.map(({ rule }) => rule))].sort();
  };
  const all = await rules();
  t.ok(all.length > 2, all.join(', '));
  t.same(await rules('--rule', 'memory-limit'), ['memory-limit']);
  t.same(await rules('--rule', 'memory-limit,pre-stop-delay', '--rule', 'init-process', '--without-rule', 'init-process'), [
    'memory-limit',
    'pre-stop-delay',
  ]);
  t.same(
    await rules('--without-rule', 'init-process'),
    all.filter((rule) => rule !== 'init-process'),
  );
  const { code, stderr } = await podgrace(['check', '--rule', 'memory', '-'], { stdin: POD });
  t.equal(code, 2);
  t.match(stderr, 'There is no rule memory; podgrace rules lists them');
});

void t.test('--target-version counts more than the version of the policy', async (t) => {
  const version = async (...args: string[]): Promise<string | undefined> => {
    const { stdout } = await podgrace(['check', ...args, '--print-config', join(ROOT, 'samples')]);
    return /kubernetesVersion: "?([\d.]+)/.exec(stdout)?.[1];
  };
  t.equal(await version('--target-version', '1.34'), '1.34');
  t.equal(await version('--target-version', '1.37', '--rule', 'memory-limit'), '1.37');
  const old = await podgrace(['check', '--target-version', '1.20', '-'], { stdin: POD });
  t.equal(old.code, 2);
  t.match(old.stderr, 'Allowed choices are 1.34, 1.35, 1.36, 1.37');
});

void t.test('--target-version refuses a policy with options that are wrong for that version', async (t) => {
  const carrier = "init-process: {mutation: apply, options: {carrier: image-volume, image: 'registry.example/tini:1'}}";
  const policy = (version: string): string =>
    `apiVersion: podgrace.dev/v1alpha1\nkind: LifecyclePolicy\nmetadata: {name: new}\nspec: {preset: strict, kubernetesVersion: '${version}', rules: {${carrier}}}\n`;
  const folder = t.testdir({ 'new.yaml': policy('1.36'), found: { 'podgrace.yaml': policy('1.36'), 'pod.yaml': POD } });
  const problem =
    "--target-version 1.34: in the policy new, spec.rules.init-process.options.carrier must not be 'image-volume' for Kubernetes 1.34, whose API server drops such volumes by default";
  const run = async (...words: string[]): Promise<string> => {
    const { code, stderr } = await podgrace(words, { stdin: POD });
    return `${code} ${stderr}`;
  };
  const check = async (...args: string[]): Promise<string> => run('check', ...args);
  const old = ['--policy', join(folder, 'new.yaml'), '--target-version', '1.34'];
  t.equal(await check(...old, '-'), `2 podgrace: ${problem}\n`);
  t.equal(await run('fix', ...old, '-'), `2 podgrace: ${problem}\n`);
  t.equal(await run('explain', ...old, '-f', '-'), `2 podgrace: ${problem}\n`);
  t.equal(await check('--target-version', '1.34', join(folder, 'found')), `2 podgrace: ${problem}\n`);
  t.match(await check('--policy', join(folder, 'new.yaml'), '--target-version', '1.37', '-'), /^[01] /);
});

void t.test('Ctrl-C leaves the file of the report as it was, and nothing beside it', async (t) => {
  const folder = t.testdir({
    'report.json': 'old',
    many: Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`${index}.yaml`, POD])),
  });
  // Nobody writes into it: without the signal, the command does not end, however late the signal comes.
  const pipe = join(folder, 'many', 'pipe.yaml');
  execFileSync('mkfifo', [pipe]);
  const args = [PROGRAM, 'check', '-o', 'json', '--output-file', join(folder, 'report.json'), join(folder, 'many'), pipe];
  const program = spawn(process.execPath, args, { cwd: ROOT });
  let stderr = '';
  program.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
  const ended = once(program, 'close');
  while (readdirSync(folder).length === 2 && program.exitCode === null) await setTimeout(5);
  program.kill('SIGINT');
  t.same((await ended)[0], 130);
  t.equal(stderr, 'podgrace: stopped by a signal; no file was changed\n');
  t.same(readdirSync(folder).sort(), ['many', 'report.json']);
  t.equal(readFileSync(join(folder, 'report.json'), 'utf8'), 'old');
});

void t.test('--quiet prints what fails and nothing else', async (t) => {
  const { stdout } = await podgrace(['check', '-q', '-'], { stdin: POD });
  t.match(stdout, /^stdin:1 Pod default\/web/);
  t.match(stdout, '[minimum-qos-class]');
  t.notMatch(stdout, /~|!|\d objects?:/);
  t.equal((await podgrace(['check', '-q', '--preset', 'baseline', '-'], { stdin: POD })).stdout, '');
  t.match((await podgrace(['check', '-q', '--fail-on', 'warn', '--preset', 'baseline', '-'], { stdin: POD })).stdout, ' ! ');
});

void t.test('--output-file is replaced as a whole, and stays as it was where the command fails', async (t) => {
  const folder = t.testdir({ 'web.yaml': POD, 'report.json': 'old', 'wrong.yaml': 'kind: LifecyclePolicy\n' });
  const file = join(folder, 'report.json');
  const failed = await podgrace([
    'check',
    '--policy',
    join(folder, 'wrong.yaml'),
    '-o',
    'json',
    '--output-file',
    file,
    join(folder, 'web.yaml'),
  ]);
  t.equal(failed.code, 2);
  t.equal(readFileSync(file, 'utf8'), 'old');
  const { code, stdout } = await podgrace(['check', '-o', 'json', '--output-file', file, join(folder, 'web.yaml')]);
  t.same([code, stdout], [1, '']);
  t.match(JSON.parse(readFileSync(file, 'utf8')), { summary: { denied: 1 } });
  t.same(readdirSync(folder).sort(), ['report.json', 'web.yaml', 'wrong.yaml'], 'nothing is left beside it');
  const input = await podgrace(['check', '--output-file', join(folder, 'web.yaml'), join(folder, 'web.yaml')]);
  t.equal(input.code, 2);
  t.match(input.stderr, 'must not be a file that is read');
  t.equal(readFileSync(join(folder, 'web.yaml'), 'utf8'), POD);
  const nowhere = await podgrace(['check', '--output-file', join(folder, 'none', 'report'), join(folder, 'web.yaml')]);
  t.match(nowhere.stderr, /cannot be written: no such file or directory/);
  t.equal(nowhere.code, 2);
});

void t.test('--color decides over the terminal and NO_COLOR', async (t) => {
  const coloured = async (args: string[], isTTY: boolean, env = {}): Promise<boolean> =>
    (await podgrace(['check', ...args, '-'], { stdin: POD, isTTY, env })).stdout.includes('\u001b[31m');
  t.equal(await coloured([], true), true);
  t.equal(await coloured([], true, { NO_COLOR: '1' }), false);
  t.equal(await coloured(['--color', 'always'], false, { NO_COLOR: '1' }), true);
  t.equal(await coloured(['--color', 'never'], true), false);
  t.equal(await coloured(['--color', 'auto'], false), false);
});

const POLICY = (name: string, spec: string): string =>
  `apiVersion: podgrace.dev/v1alpha1\nkind: LifecyclePolicy\nmetadata: {name: ${name}}\nspec: ${spec}\n`;

void t.test('podgrace.yaml is found from the folder of the file upwards, to the root of the repository', async (t) => {
  const folder = t.testdir({
    'podgrace.yaml': POLICY('outside', '{preset: strict}'),
    repo: {
      '.git': {},
      'web.yaml': POD,
      team: { 'podgrace.yaml': POLICY('team', '{preset: baseline}'), sub: { 'web.yaml': POD } },
    },
  });
  const summary = async (...args: string[]): Promise<string> =>
    (await podgrace(['check', ...args])).stdout.trimEnd().split('\n').at(-1) ?? '';
  t.match(await summary(join(folder, 'repo/team/sub/web.yaml')), '(policy team)');
  t.match(await summary(join(folder, 'repo/web.yaml')), '(policy production, the default;', 'not beyond the repository');
  t.match(await summary(join(folder, 'repo')), '(policies production, team)');
  t.match(await summary('--no-config', join(folder, 'repo/team')), '(policy production, the default;');
  t.match(await summary('--preset', 'strict', join(folder, 'repo/team')), '(policy strict)');
  t.match(await summary('--without-rule', 'memory-limit', join(folder, 'repo/team')), '(policy team)');
  mkdirSync(join(folder, 'repo/bad'));
  writeFileSync(join(folder, 'repo/bad/podgrace.yaml'), POLICY('bad', '{preset: none}'));
  writeFileSync(join(folder, 'repo/bad/web.yaml'), POD);
  const { code, stderr } = await podgrace(['check', join(folder, 'repo')]);
  t.equal(code, 2);
  t.match(withoutFolder(stderr, folder), /repo\/bad\/podgrace\.yaml:4: spec\.preset must be one of baseline, production, strict/);
});

void t.test('--print-config prints the policy of a file, and nothing is checked', async (t) => {
  const folder = t.testdir({
    '.git': {},
    'podgrace.yaml': POLICY('team', '{preset: baseline, rules: {memory-limit: {mode: warn}}}'),
    'web.yaml': POD,
  });
  const { code, stdout } = await podgrace(['check', '--print-config', join(folder, 'web.yaml')]);
  t.equal(code, 0);
  t.match(withoutFolder(stdout, folder), /^# podgrace\.yaml\napiVersion: podgrace\.dev\/v1alpha1\n/);
  t.match(stdout, '\n    memory-limit:\n      mode: warn\n');
  writeFileSync(join(folder, 'printed.yaml'), stdout);
  const again = await podgrace(['check', '--policy', join(folder, 'printed.yaml'), '-o', 'json', join(folder, 'web.yaml')]);
  t.equal(again.stdout, (await podgrace(['check', '-o', 'json', join(folder, 'web.yaml')])).stdout, 'it is a policy that says the same');
  t.match((await podgrace(['check', '--no-config', '--print-config', folder])).stdout, /^# the default: production\n/);
});

void t.test('a linked file is judged by the policy of the folder that it was found in', async (t) => {
  const folder = t.testdir({ '.git': {}, a: { 'podgrace.yaml': POLICY('a', '{preset: baseline}') }, b: { 'web.yaml': POD } });
  symlinkSync(join(folder, 'b/web.yaml'), join(folder, 'a/web.yaml'));
  t.match((await podgrace(['check', join(folder, 'a/web.yaml')])).stdout, '(policy a)');
});

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web:1}]
`;
const BUDGET = `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 100%, selector: {matchLabels: {app: web}}}
`;

/** Whether the budget that stops drains is found. */
async function knowsBudget(args: readonly string[], input?: string): Promise<boolean> {
  const { stdout } = await podgrace(['check', '--preset', 'production', ...args], input === undefined ? {} : { stdin: input });
  return stdout.includes('the budget web with minAvailable 100% never does for 2 replicas');
}

void t.test('what stands in the folder of a workload, or in the same input, is known', async (t) => {
  const folder = t.testdir({
    app: { 'deployment.yaml': DEPLOYMENT, 'z-budget.yaml': BUDGET },
    alone: { 'deployment.yaml': DEPLOYMENT },
    budgets: { 'budget.yaml': BUDGET },
  });
  t.equal(await knowsBudget([join(folder, 'app')]), true);
  t.equal(await knowsBudget([join(folder, 'app/deployment.yaml')]), false, 'a file that is not in the run is not read');
  t.equal(await knowsBudget([join(folder, 'alone'), join(folder, 'budgets')]), false, 'another folder may be another application');
  t.equal(await knowsBudget(['-'], `${BUDGET}---\n${DEPLOYMENT}`), true);
  t.equal(await knowsBudget(['-'], DEPLOYMENT), false);
});

void t.test('a quota in the folder that has no room for a rollout is found at the strategy', async (t) => {
  const quota = (pods: number): string => `apiVersion: v1
kind: ResourceQuota
metadata: {name: team}
spec: {hard: {pods: '${pods}'}}
`;
  const folder = t.testdir({
    full: { 'deployment.yaml': DEPLOYMENT, 'quota.yaml': quota(2) },
    roomy: { 'deployment.yaml': DEPLOYMENT, 'quota.yaml': quota(3) },
  });
  const checked = async (name: string): Promise<string> => (await podgrace(['check', '--preset', 'production', join(folder, name)])).stdout;
  t.match(
    await checked('full'),
    'must be at least 1 with 2 replicas, but is 25%, which comes to 0: one more Pod needs 1 of `pods`, but the ResourceQuota team has 0 left, so no rollout can begin',
  );
  t.notMatch(await checked('roomy'), 'rollout-strategy');
});

const withLevel = (name: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec: {template: {spec: {containers: [{name: ${name}, image: 'web:1', env: [{name: LOG_LEVEL, value: info}]}]}}}
`;

void t.test('a setting that stands in three workloads of a folder is told in each, where the policy asks for it', async (t) => {
  const files = { 'web.yaml': withLevel('web'), 'api.json.yaml': withLevel('api'), 'worker.yaml': withLevel('worker') };
  const folder = t.testdir({
    app: files,
    two: { 'web.yaml': withLevel('web'), 'api.yaml': `${withLevel('api')}---\n${withLevel('api')}` },
  });
  const found = async (...args: string[]): Promise<number> => {
    const { stdout } = await podgrace(['check', ...args]);
    return stdout.split('the literal value LOG_LEVEL=info stands here').length - 1;
  };
  t.equal(await found('--preset', 'strict', join(folder, 'app')), 3);
  t.equal(await found('--preset', 'production', join(folder, 'app')), 0);
  t.equal(await found('--preset', 'strict', join(folder, 'two')), 0);
  t.equal(await found('--preset', 'strict', join(folder, 'app/web.yaml'), join(folder, 'two')), 0, 'what is not in the run is not read');
});

void t.test('--output-file takes the place of an older report, and of no manifest that is found in a folder', async (t) => {
  const folder = t.testdir({
    'web.yaml': POD,
    sub: { 'broken.yaml': 'a: [' },
    'list.json': '{"kind":"List","apiVersion":"v1","items":[]}',
  });
  const write = (file: string, format: string, path: string): ReturnType<typeof podgrace> =>
    podgrace(['check', '--preset', 'baseline', '-o', format, '--output-file', join(folder, file), path]);
  for (const path of [folder, join(folder, '**/*.yaml')]) {
    for (const file of ['web.yaml', 'sub/broken.yaml']) {
      const before = readFileSync(join(folder, file), 'utf8');
      const { code, stderr } = await write(file, 'json', path);
      t.same([code, stderr], [2, `podgrace: --output-file: ${join(folder, file)} must not be a file that is read: it would be lost\n`]);
      t.equal(readFileSync(join(folder, file), 'utf8'), before);
    }
  }
  for (const format of ['json', 'sarif', 'gitlab', 'policyreport', 'openreports', 'json']) {
    const { stderr } = await write('report.json', format, join(folder, 'web.yaml'));
    t.equal(stderr, '');
    const again = await write('report.json', format, folder);
    t.notMatch(again.stderr, /^podgrace: /, `a report as ${format}`);
  }
});

void t.test('--output-file takes the place of no file that options name', async (t) => {
  const folder = t.testdir({
    'web.yaml': POD,
    'policy.txt': POLICY('mine', '{preset: baseline}'),
    'values.yaml': 'a: 1\n',
  });
  await podgrace(['check', '--baseline', join(folder, 'base.json'), '--update-baseline', join(folder, 'web.yaml')]);
  for (const [option, file] of [
    ['--policy', 'policy.txt'],
    ['--baseline', 'base.json'],
  ] as const) {
    const before = readFileSync(join(folder, file), 'utf8');
    const { code, stderr } = await podgrace(['check', option, join(folder, file), '--output-file', join(folder, file), '-'], {
      stdin: POD,
    });
    t.same([code, stderr], [2, `podgrace: --output-file: ${join(folder, file)} must not be a file that is read: it would be lost\n`]);
    t.equal(readFileSync(join(folder, file), 'utf8'), before);
  }
});

void t.test('what cannot be looked at, and a pattern that begins nowhere, are errors of the report', async (t) => {
  const folder = t.testdir({ 'list.json': '{"kind":"List","apiVersion":"v1","items":[]}' });
  symlinkSync('loop', join(folder, 'loop'));
  for (const [path, message] of [
    ['loop', /^loop: .*\bsymbolic links/],
    ['loop/*.yaml', /^loop\/\*\.yaml: .*\bsymbolic links/],
    ['x'.repeat(300), /^x+: .*\btoo long/],
    ['none/*.yaml', /^none\/\*\.yaml: must match a file/],
    ['none/?x=1', /^none\/\?x=1: must match a file/],
  ] as const) {
    for (const command of [['check', '--output-file', join(folder, 'list.json')], ['check'], ['fix']]) {
      const { code, stderr } = await podgrace([...command, join(folder, path)]);
      t.equal(code, 2, `${command.join(' ')} ${path}`);
      t.match(withoutFolder(stderr, folder), message);
    }
  }
  for (const [args, message] of [
    [['-k', 'loop'], /^loop: must be a folder/],
    [['--helm', 'loop'], /^loop: must be a chart/],
    [['--helm', '.', '--values', 'loop'], /^podgrace: --values: loop must be a file/],
  ] as const) {
    const { code, stderr } = await podgrace(['check', ...args.map((arg) => (arg.startsWith('-') ? arg : join(folder, arg)))]);
    t.equal(code, 2);
    t.match(withoutFolder(stderr, folder), message);
  }
});

void t.test('commas separate paths, and not what stands within braces', async (t) => {
  const folder = t.testdir({ 'a.yaml': POD, 'b.yaml': POD, 'c.yaml': POD });
  const path = (name: string): string => join(folder, name);
  t.same((await checked(folder, ['-f', path('{a,c}.yaml')])).files, ['a.yaml', 'c.yaml']);
  t.same((await checked(folder, ['-f', path('{a,{b,x},c}.yaml')])).files, ['a.yaml', 'b.yaml', 'c.yaml']);
  t.same((await checked(folder, ['-f', `${path('{a,c}.yaml')},${path('b.yaml')}`])).files, ['a.yaml', 'c.yaml', 'b.yaml']);
});

void t.test('nothing has an empty name, and an empty variable counts as none', async (t) => {
  for (const [args, message] of [
    [[''], 'an argument must not be empty'],
    [['-', ''], 'an argument must not be empty'],
    [['-f', ''], '--filename must not be empty'],
    [['-k', ''], '--kustomize must not be empty'],
    [['--output-file', '', '-'], '--output-file must not be empty'],
    [['--policy=', '-'], '--policy must not be empty'],
    [['--ignore=,a', '-'], '--ignore must not be empty'],
    [['-n', '', '-'], '--namespace must not be empty'],
    [['--rule', '', '-'], '--rule must not be empty'],
    [['--images-platform', 'linux/amd64', '-'], '--images-platform is for --images'],
    [['--rule', 'replicas', '--without-rule', 'replicas', '-'], '--rule and --without-rule leave no rule to judge by'],
    [['--print-config', 'a.yaml', 'b.yaml'], '--print-config checks nothing: name no other file'],
    [['--print-config', 'a.yaml', '-o', 'json'], '--print-config prints YAML: leave out -o json'],
  ] as const) {
    t.match(await podgrace(['check', ...args], { stdin: POD }), { code: 2, stdout: '', stderr: `podgrace: ${message}\n` });
  }
  const { env } = process;
  for (const name of ['PODGRACE_POLICY', 'PODGRACE_PRESET']) {
    env[name] = '';
    t.match((await podgrace(['check', '-'], { stdin: POD })).stdout, '(policy production, the default');
    Reflect.deleteProperty(env, name);
  }
});

void t.test('a pattern takes what a folder would: no pipe, no file twice, no link that leads out', async (t) => {
  const root = t.testdir({ outside: { 'b.yaml': POD }, tree: { 'a.yaml': POD } });
  const tree = join(root, 'tree');
  symlinkSync('a.yaml', join(tree, 'again.yaml'));
  symlinkSync('../outside/b.yaml', join(tree, 'out.yaml'));
  execFileSync('mkfifo', [join(tree, 'pipe.yaml')]);
  symlinkSync('pipe.yaml', join(tree, 'to-pipe.yaml'));
  const walked = await checked(tree, [tree]);
  t.same(walked.files, ['a.yaml']);
  t.match(walked.stderr, /^out\.yaml: is a symbolic link that leads out of/);
  t.same(await checked(tree, [join(tree, '*.yaml')]), walked);
});

void t.test('what is named twice and holds no object is one error', async (t) => {
  const folder = t.testdir({ 'empty.yaml': '# nothing\n' });
  const twice = [join(folder, 'empty.yaml'), `${folder}/./empty.yaml`];
  for (const [command, ...words] of [['check'], ['fix'], ['explain', '-f'], ['explain', '--parsed', '-f'], ['replay']] as const) {
    for (const paths of [twice, ['-', '-']] as const) {
      const args = paths.flatMap((path) => [...words, path]);
      const { code, stderr } = await podgrace([command, ...args], { stdin: '' });
      t.equal(code, 2);
      t.equal(stderr.match(/must /g)?.length, 1, `${command} ${paths.join(' ')}: ${stderr}`);
    }
  }
});

void t.test('a podgrace.yaml that is no file ends the command, and is named with its folder', async (t) => {
  const folder = t.testdir({ folder: { 'podgrace.yaml': {}, 'web.yaml': POD }, pipe: { 'web.yaml': POD }, link: { 'web.yaml': POD } });
  execFileSync('mkfifo', [join(folder, 'pipe/podgrace.yaml')]);
  symlinkSync('nowhere', join(folder, 'link/podgrace.yaml'));
  for (const [name, reason] of [
    ['folder', 'it is a folder'],
    ['pipe', 'it must be a file, but is a pipe or a device'],
    ['link', 'it is a symbolic link, and what it leads to does not exist'],
  ] as const) {
    const { code, stderr } = await podgrace(['check', join(folder, name, 'web.yaml')]);
    t.same([code, withoutFolder(stderr, folder)], [2, `podgrace: ${name}/podgrace.yaml cannot be read: ${reason}\n`]);
  }
});

void t.test('a .gitignore may begin with a byte order mark, and end in a carriage return, as git reads it', async (t) => {
  const folder = t.testdir({ '.git': {}, '.gitignore': '\uFEFFa.yaml\r\nb.yaml\r', 'a.yaml': POD, 'b.yaml': POD, 'c.yaml': POD });
  t.same((await checked(folder, [folder])).files, ['c.yaml']);
});

// git 2.39 and later lists the same.
for (const [pattern, left] of [
  ['?.yaml', ['ab.yaml', 'xä.yaml', 'à.yaml', 'ä.yaml', '日.yaml']],
  ['??.yaml', ['a.yaml', 'xä.yaml', '日.yaml']],
  ['x??.yaml', ['a.yaml', 'ab.yaml', 'à.yaml', 'ä.yaml', '日.yaml']],
  ['[!a][!a].yaml', ['a.yaml', 'ab.yaml', 'xä.yaml', '日.yaml']],
  ['[äà].yaml', ['a.yaml', 'ab.yaml', 'xä.yaml', 'à.yaml', 'ä.yaml', '日.yaml']],
  ['*ä*', ['a.yaml', 'ab.yaml', 'à.yaml', '日.yaml']],
  ['日.yaml', ['a.yaml', 'ab.yaml', 'xä.yaml', 'à.yaml', 'ä.yaml']],
] as const) {
  void t.test(`a pattern of .gitignore is compared by bytes, as git does: ${pattern}`, async (t) => {
    const files = Object.fromEntries(['a', 'ab', 'xä', 'à', 'ä', '日'].map((name) => [`${name}.yaml`, POD]));
    const folder = t.testdir({ '.git': {}, '.gitignore': `${pattern}\n`, ...files });
    t.same((await checked(folder, [folder])).files.toSorted(), left.toSorted());
  });
}

void t.test('a .gitignore that is a pipe says nothing', async (t) => {
  const folder = t.testdir({ '.git': {}, 'web.yaml': POD });
  execFileSync('mkfifo', [join(folder, '.gitignore')]);
  t.same((await checked(folder, [folder])).files, ['web.yaml']);
});

void t.test('where nothing is left of what was named, the error says that it is ignored', async (t) => {
  const folder = t.testdir({ '.git': {}, '.gitignore': '*.yaml\n', 'web.yaml': POD, docs: { 'notes.md': '' } });
  const cwd = process.cwd();
  process.chdir(folder);
  t.teardown(() => {
    process.chdir(cwd);
  });
  const ends = '.json, .yaml, .yml';
  for (const [args, message] of [
    [['web.yaml', '--ignore', 'web.yaml'], 'web.yaml: is ignored, and nothing else is there to be read'],
    [['.'], `.: must hold a file that ends in ${ends}, but holds none that is not ignored`],
    [['*.yaml'], `*.yaml: must match a file that ends in ${ends}, but matches none that is not ignored`],
    [['docs'], `docs: must hold a file that ends in ${ends}, but holds none`],
  ] as const) {
    for (const command of ['check', 'fix']) {
      const { code, stderr } = await podgrace([command, ...args]);
      t.equal(code, 2);
      t.match(stderr.split('\n'), [message], `${command} ${args.join(' ')}`);
    }
  }
});

void t.test('a List without a list of items is an error; another kind whose name ends so is none', async (t) => {
  for (const rest of ['', 'items: {}\n', 'items: null\n']) {
    const { code, stderr } = await podgrace(['check', '-'], { stdin: `apiVersion: v1\nkind: List\n${rest}` });
    t.same([code, stderr], [2, 'stdin:1: items must be a list of objects\n']);
  }
  t.equal((await podgrace(['check', '-'], { stdin: 'apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\n' })).code, 0);
});

void t.test('a merge conflict is named, and not what is no YAML about it', async (t) => {
  const conflict = '<<<<<<< HEAD\n  containers: [{name: a}]\n=======\n  containers: [{name: b}]\n>>>>>>> theirs\n';
  const stdin = `apiVersion: v1\nkind: Pod\nspec:\n${conflict}`;
  const { code, stderr } = await podgrace(['check', '-'], { stdin });
  t.same([code, stderr], [2, 'stdin:4: must not hold the marks of a merge conflict, but here is <<<<<<<\n']);
  const script = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  diff: |\n${conflict.replaceAll(/^/gm, '    ')}\n`;
  t.equal((await podgrace(['check', '-'], { stdin: script })).code, 0, 'in a text it is none');
});

void t.test('a file whose name is not UTF-8 is an error that says so', async (t) => {
  const folder = t.testdir({ 'web.yaml': POD });
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/bad-`), Buffer.from([0xff]), Buffer.from('.yaml')]), POD);
  const { files, stderr } = await checked(folder, [folder]);
  t.same(files, ['web.yaml']);
  t.match(stderr, /^bad-\ufffd\.yaml: no such file or directory; podgrace cannot open a file whose name is not UTF-8: rename it$/m);
});

void t.test('the name of a folder or a chart may hold a comma', async (t) => {
  const folder = t.testdir({});
  for (const option of ['-k', '--helm']) {
    const { stderr } = await podgrace(['check', option, join(folder, 'a,b')]);
    t.match(withoutFolder(stderr, folder), /^a,b: must be a /);
  }
});

void t.test('a value that is missing beside a comma, or is unknown, is an error in whole sentences', async (t) => {
  t.match(
    (await podgrace(['check', '--rule', 'memory-limit,', '.'])).stderr,
    /is invalid\. A value is missing before or behind a comma\.$/m,
  );
  t.match((await podgrace(['check', '--rule', 'memory-limt', '.'])).stderr, /is invalid\. There is no rule memory-limt; did you mean/);
});

void t.test('--output-file - is standard output', async (t) => {
  const { code, stdout } = await podgrace(['check', '-q', '--output-file', '-', '-'], { stdin: POD });
  t.equal(code, 1);
  t.match(stdout, /^stdin:1 Pod default\/web/);
});

void t.test('--output-file makes and replaces no file that podgrace reads wherever it stands', async (t) => {
  const folder = t.testdir({ '.podgraceignore': 'old\n', sub: {} });
  for (const file of ['.podgraceignore', 'sub/.gitignore', 'sub/podgrace.yaml']) {
    const { code, stderr } = await podgrace(['check', '--output-file', join(folder, file), '-'], { stdin: POD });
    const problem = `must not be called ${basename(file)}: podgrace reads every file of this name`;
    t.same([code, stderr], [2, `podgrace: --output-file: ${join(folder, file)} ${problem}\n`]);
  }
  t.same(readdirSync(join(folder, 'sub')), []);
});

void t.test('a signal ends it while it waits for somebody who reads the pipe of --output-file', async (t) => {
  const folder = t.testdir({ 'pod.yaml': POD });
  const pipe = join(folder, 'report');
  execFileSync('mkfifo', [pipe]);
  const program = spawn(process.execPath, [PROGRAM, 'check', '--output-file', pipe, join(folder, 'pod.yaml')], { cwd: ROOT });
  const ended = once(program, 'close');
  // By then it waits, or has not got there.
  await setTimeout(1_500);
  program.kill('SIGTERM');
  t.same(await ended, [null, 'SIGTERM']);
});

void t.test('a signal ends an update of the baseline that waits for somebody who reads the pipe of --output-file', async (t) => {
  const folder = t.testdir({ 'pod.yaml': POD });
  const [pipe, known] = [join(folder, 'report'), join(folder, 'known')];
  execFileSync('mkfifo', [pipe, known]);
  const args = ['check', '--baseline', known, '--update-baseline', '--output-file', pipe, join(folder, 'pod.yaml')];
  const program = spawn(process.execPath, [PROGRAM, ...args], { cwd: ROOT });
  let stderr = '';
  program.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
  const ended = once(program, 'close');
  // It looks for signals as soon as it has read the baseline.
  await writeFile(known, '{"version": 1, "findings": []}');
  await setTimeout(500);
  program.kill('SIGTERM');
  t.same([(await ended)[0], stderr], [143, 'podgrace: stopped by a signal; no file was changed\n']);
  t.same(readdirSync(folder).sort(), ['known', 'pod.yaml', 'report']);
});

void t.test('a report that is larger than a pipe reaches whoever reads it', async (t) => {
  const folder = t.testdir({ many: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`${index}.yaml`, POD])) });
  const pipe = join(folder, 'report');
  execFileSync('mkfifo', [pipe]);
  const read = promisify(execFile)('cat', [pipe], { maxBuffer: 16 * 1024 * 1024 });
  await podgrace(['check', '-o', 'json', '--output-file', pipe, join(folder, 'many')]);
  const { stdout } = await read;
  t.ok(stdout.length > 65_536);
  t.equal((JSON.parse(stdout) as { results: unknown[] }).results.length, 200);
});

void t.test('a report is written where a symbolic link leads to, though nothing is there yet', async (t) => {
  const folder = t.testdir({ 'pod.yaml': POD, reports: {} });
  symlinkSync('second', join(folder, 'first'));
  symlinkSync('reports/new.txt', join(folder, 'second'));
  await podgrace(['check', '--output-file', join(folder, 'first'), join(folder, 'pod.yaml')]);
  t.match(readFileSync(join(folder, 'reports/new.txt'), 'utf8'), '1 object: ');
  for (const link of ['first', 'second']) t.ok(lstatSync(join(folder, link)).isSymbolicLink(), link);
  symlinkSync('nowhere/new.txt', join(folder, 'third'));
  const { code, stderr } = await podgrace(['check', '--output-file', join(folder, 'third'), join(folder, 'pod.yaml')]);
  t.match({ code, stderr }, { code: 2, stderr: `--output-file: ${join(folder, 'third')} cannot be written: ` });
});

void t.test('a namespace that cannot exist is an error', async (t) => {
  for (const command of ['check', 'fix', 'explain', 'dry-run'])
    for (const name of ['Bad NS', 'UPPER', '-a', 'a'.repeat(64)]) {
      const { code, stderr } = await podgrace([command, '-n', name, '-'], { stdin: POD });
      t.equal(code, 2);
      t.match(stderr, /is invalid\. The name of a namespace has at most 63 characters: a-z, 0-9, and - between them\.$/m);
    }
});

void t.test('a kind in letters of the other case is told', async (t) => {
  for (const [kind, apiVersion] of [
    ['Pod', 'v1'],
    ['Deployment', 'apps/v1'],
  ] as const) {
    const stdin = `apiVersion: ${apiVersion}\nkind: ${kind.toLowerCase()}\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: web}]}}}\n`;
    const { stderr } = await podgrace(['check', '-'], { stdin });
    const hint = `is not judged, because Kubernetes has no kind of this name: the kind is written ${kind}`;
    t.match(stderr, `stdin:1 ${kind.toLowerCase()}: ${hint}\n`);
    t.match((await podgrace(['explain', '-f', '-'], { stdin })).stderr, `stdin:1 ${kind.toLowerCase()}: ${hint}\n`);
  }
  const ofAnother = 'apiVersion: example.com/v1\nkind: pod\nmetadata: {name: web}\n';
  t.notMatch((await podgrace(['check', '-'], { stdin: ofAnother })).stderr, /written/);
});

void t.test('what nothing has replaced in a manifest is named, where it is no YAML', async (t) => {
  const manifest = (value: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - {name: web, image: a:1, args: [${value}]}\n`;
  for (const command of [['check'], ['explain', '-f'], ['fix']]) {
    const said = async (value: string): Promise<string> => (await podgrace([...command, '-'], { stdin: manifest(value) })).stderr;
    t.match(await said('${ARG}'), /^stdin:6: a comma or . must stand here; something must replace \$\{ARG\} first$/m, command.join(' '));
    t.match(await said('"${ARG}" "b"'), /^stdin:6: a comma or . must stand here$/m, command.join(' '));
  }
});

void t.test('Ctrl-C ends it while it waits for a pipe or for standard input, and nothing stays', async (t) => {
  const folder = t.testdir({});
  const pipe = join(folder, 'pipe.yaml');
  execFileSync('mkfifo', [pipe]);
  for (const input of [pipe, '-']) {
    const program = spawn(process.execPath, [PROGRAM, 'check', '--output-file', join(folder, 'report'), input], {
      cwd: ROOT,
    });
    let stderr = '';
    program.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
    const ended = once(program, 'close');
    while (readdirSync(folder).length === 1 && program.exitCode === null) await setTimeout(5);
    program.kill('SIGINT');
    t.same([(await ended)[0], stderr], [130, 'podgrace: stopped by a signal; no file was changed\n'], input);
    t.same(readdirSync(folder), ['pipe.yaml']);
  }
});
