/** The one executable file: built, and run where nothing of podgrace is near. */
import { execFileSync, spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { VERSION } from '../../src/config/version.ts';
import { ROOT } from '../cli/command-line.ts';
import { readText } from '../deploy/rendered.ts';
import { ONLY_LONG } from '../long-tests.ts';

const SKIPPED = ONLY_LONG || (process.platform === 'linux' ? false : 'tried on Linux');

void t.test('the executable', { skip: SKIPPED }, (t) => {
  const folder = t.testdir({ out: {}, elsewhere: {}, bin: {} });
  const built = execFileSync(process.execPath, ['packaging/executable/build.ts', '--out', join(folder, 'out')], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const executable = join(folder, 'out/podgrace');
  const cwd = join(folder, 'elsewhere');
  const env = { PATH: '/usr/bin:/bin', HOME: folder, NODE_OPTIONS: '--require=./trap.cjs' };
  const run = (program: string, ...args: string[]): SpawnSyncReturns<string> => spawnSync(program, args, { cwd, encoding: 'utf8', env });
  // Code that must not run, wherever Node.js might look for some.
  const trap = 'process.stdout.write("trapped\\n");';
  for (const name of ['trap.cjs', 'commander.js', 'index.js', 'podgrace.js']) writeFileSync(join(cwd, name), trap);
  writeFileSync(join(cwd, 'pod.yaml'), readText('samples/manifests/api.yaml'));

  void t.test('says what it weighs', (t) => {
    t.match(built, /out\/podgrace: \d+ MB\n$/);
    t.end();
  });

  void t.test('runs without Node.js, and loads no code of the folder it is in', (t) => {
    t.equal(run(executable, '--version').stdout, `${VERSION}\n`);
    const { stdout, status } = run(executable, 'check', 'pod.yaml');
    t.match(stdout, /^1 object: 1 allowed/m);
    t.equal(status, 0);
    t.notMatch(stdout, 'trapped');
    t.match(run(executable, 'complete', '--', 'ch').stdout, /^check\t/);
    t.match(run(executable, 'complete', 'bash').stdout, /^complete .* podgrace$/m);
    t.end();
  });

  void t.test('V8 takes the compiled code in it', (t) => {
    // Node.js and podgrace say where it does not: V8 takes code only where its options are those that the code was made with.
    const telling = { cwd, encoding: 'utf8', env: { ...env, NODE_DEBUG_NATIVE: 'SEA', NODE_DEBUG: 'podgrace' } } as const;
    t.equal(spawnSync(executable, ['check', 'pod.yaml'], telling).stderr, '');
    t.end();
  });

  void t.test('has what else the program loads late: ajv, the API client, the manifests', (t) => {
    writeFileSync(join(cwd, 'policy.yaml'), readText('deploy/policies/production.yaml'));
    t.match(run(executable, 'check', '--policy', 'policy.yaml', 'pod.yaml').stdout, /^1 object: 1 allowed/m);
    t.match(run(executable, 'install', '--dry-run', '--kubeconfig', 'pod.yaml').stderr, /kubeconfig|cluster/);
    t.end();
  });

  void t.test('serves, and judges large reviews in a thread', async (t) => {
    const server = spawn(executable, ['serve', '--self-signed', 'certs', '--port', '0', '--ops-port', '0'], { cwd, env });
    t.teardown(() => server.kill('SIGKILL'));
    const port = await new Promise<string>((resolve) => {
      let text = '';
      server.stderr.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const address = /https:\/\/localhost:(\d+)/.exec(text)?.[1];
        if (address !== undefined) resolve(address);
      });
    });
    const review = JSON.parse(readText('samples/reviews/create-pod-api.json')) as { request: { object: { metadata: object } } };
    Object.assign(review.request.object.metadata, { annotations: { 'example.com/large': 'x'.repeat(100_000) } });
    writeFileSync(join(cwd, 'review.json'), JSON.stringify(review));
    const { stdout, status } = run(executable, 'replay', 'review.json', '--url', `https://localhost:${port}`, '--ca', 'certs/ca.crt');
    t.match(stdout, /^review\.json:1 CREATE Pod shop\/api: allowed, patched[^]* 0 answered differently$/m);
    t.equal(status, 0);
  });

  void t.test('as a plugin of kubectl it is called so, in its help and in its completion', (t) => {
    const bin = join(folder, 'bin');
    symlinkSync(executable, join(bin, 'kubectl-podgrace'));
    const { stdout } = run(join(bin, 'kubectl-podgrace'), 'check', '--help');
    t.match(stdout, /^Usage: kubectl podgrace check/m);
    const script = join(bin, 'kubectl_complete-podgrace');
    writeFileSync(script, readText('packaging/krew/kubectl_complete-podgrace'));
    chmodSync(script, 0o755);
    const complete = (...words: string[]): string =>
      execFileSync(script, words, { cwd, encoding: 'utf8', env: { ...env, PATH: `${bin}:${env.PATH}` } });
    t.match(complete('ch'), /^check\t.*\n:4\n$/);
    t.match(complete('check', './po'), /^\n*:0\n$/);
    t.end();
  });

  void t.test('names the packages in it', (t) => {
    const text = readText(join(folder, 'out/THIRD-PARTY.txt').replace(ROOT, ''));
    for (const name of ['fastify', 'pino', '@kubernetes/client-node', 'ajv', 'commander']) t.match(text, new RegExp(`^${name} \\d`, 'm'));
    t.end();
  });
  t.end();
});
