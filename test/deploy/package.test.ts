/** The npm package: what is in it, and that this is enough to run. */
import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { VERSION } from '../../src/config/version.ts';
import { readText } from './rendered.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Packs what is built. @returns where, and the files in it */
function pack(folder: string): { archive: string; files: string[] } {
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(output) as { filename: string; files: { path: string }[] }[];
  if (packed === undefined) throw new Error('npm pack made no package');
  return { archive: join(folder, packed.filename), files: packed.files.map(({ path }) => path) };
}

void t.test('the package', (t) => {
  const folder = t.testdir({ elsewhere: {} });
  const { archive, files } = pack(folder);

  void t.test('has what people must get with it', (t) => {
    for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE', 'NOTICE', 'SECURITY.md']) t.ok(files.includes(file), file);
    for (const [file] of readText('NOTICE').matchAll(/licenses\/[\w./-]*\w/g)) t.ok(files.includes(file), `${file}, as NOTICE says`);
    t.end();
  });

  void t.test('names the packages whose code is in it', (t) => {
    const text = readText('dist/THIRD-PARTY.txt');
    for (const name of ['ajv', 'commander', 'ignore', 'rfc6902']) t.match(text, new RegExp(`^${name} \\d[\\s\\S]*?Copyright`, 'm'));
    t.equal(text.match(/Permission is hereby granted/g)?.length, 4);
    t.end();
  });

  void t.test('has no source maps without sources, no types that nobody can import, no tests', (t) => {
    t.same(
      files.filter((file) => /\.map$|\.ts$|^(?:src|test|bench|certs)\//.test(file)),
      [],
    );
    t.end();
  });

  void t.test('runs from any folder, and finds what came with it', (t) => {
    execFileSync('tar', ['xzf', archive, '-C', folder]);
    const installed = join(folder, 'package');
    const cwd = join(folder, 'elsewhere');
    const podgrace = (...args: string[]): string =>
      execFileSync(process.execPath, [join(installed, 'dist/bin/podgrace.js'), ...args], { cwd, encoding: 'utf8' });
    t.equal(podgrace('--version'), `${VERSION}\n`);
    writeFileSync(join(cwd, 'pod.yaml'), readText('samples/manifests/api.yaml'));
    t.match(podgrace('check', 'pod.yaml'), /1 allowed|allowed/, 'without a single other package');
    symlinkSync(join(ROOT, 'node_modules'), join(installed, 'node_modules'));
    writeFileSync(join(cwd, 'policy.yaml'), readText('deploy/policies/production.yaml'));
    t.match(podgrace('check', '--policy', 'policy.yaml', 'pod.yaml'), /1 allowed|allowed/);
    t.match(podgrace('install', '--help'), /podgrace install/);
    t.end();
  });
  t.end();
});
