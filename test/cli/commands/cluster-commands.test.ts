/** What the commands that need a cluster do before there is one; what they do in one is tested in test/cluster. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { podgrace, ROOT } from '../command-line.ts';

function kubeconfigFor(t: Test, port: number, scheme = 'http'): string {
  const file = join(t.testdir({}), 'kubeconfig');
  const cluster = { server: `${scheme}://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
  writeFileSync(
    file,
    JSON.stringify({
      'current-context': 'a',
      contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token: 'secret' } }],
    }),
  );
  return file;
}

void t.test('a dry run of nothing is an error, as a check of nothing is', async (t) => {
  for (const stdin of ['', '# a comment\n---\n'])
    t.match(await podgrace(['dry-run', '--preset', 'baseline', '--kubeconfig', kubeconfigFor(t, 1), '-'], { stdin }), {
      code: 2,
      stderr: /^stdin: must hold a Kubernetes object, but holds none$/m,
    });
});

void t.test('an API server that is too old is refused before anything is read or written', async (t) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.end('{"major": "1", "minor": "27", "gitVersion": "v1.27.16"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const kubeconfig = kubeconfigFor(t, (server.address() as AddressInfo).port);
  const { code, stderr } = await podgrace(['install', '--yes', '--kubeconfig', kubeconfig]);
  t.equal(code, 2);
  t.match(stderr, /^podgrace: v1\.27\.16: matchConditions of webhooks are not stable before 1\.30/);
  t.same(asked, ['GET /version']);
});

void t.test('a server that does not speak TLS is named so, in one line', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const kubeconfig = kubeconfigFor(t, port, 'https');
  const { code, stderr } = await podgrace(['status', '--kubeconfig', kubeconfig]);
  t.equal(code, 2);
  const said = `https://127.0.0.1:${port} does not answer: it does not speak TLS (wrong version number); is this the address of an API server?`;
  t.equal(stderr, `podgrace: cannot read the status: ${said}\n`);
});

const POLICY = 'apiVersion: podgrace.dev/v1alpha1\nkind: LifecyclePolicy\nmetadata: {name: a}\nspec: {preset: strict}\n';

/** The kubeconfig of a server that knows its version alone. */
async function kubeconfigOfServer(t: Test): Promise<string> {
  const server = createServer((_, response) => {
    response.end('{"major": "1", "minor": "36", "gitVersion": "v1.36.3"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return kubeconfigFor(t, (server.address() as AddressInfo).port);
}

void t.test('a policy beside manifests is passed over by a dry run, and one that is named is called a policy', async (t) => {
  const kubeconfig = await kubeconfigOfServer(t);
  const folder = join(dirname(kubeconfig), 'k8s');
  mkdirSync(folder);
  const file = join(folder, 'podgrace.yaml');
  writeFileSync(file, POLICY);
  const run = (path: string): ReturnType<typeof podgrace> =>
    podgrace(['dry-run', '--preset', 'baseline', '--kubeconfig', kubeconfig, path]);
  t.match(await run(folder), { code: 2, stderr: `${folder}: must hold a Kubernetes object, but holds none\n` });
  t.match(await run(file), {
    code: 2,
    stderr: `${file}:1: is a policy of podgrace, which no cluster takes: to compare by it, use --policy ${file}\n`,
  });
});

void t.test('commands that judge what a cluster has tell that rules go by another version, unless a version is asked for', async (t) => {
  const kubeconfig = await kubeconfigOfServer(t);
  const told = async (...args: readonly string[]): Promise<boolean> =>
    /^(?:podgrace: )?v1\.36\.3: the policy is for Kubernetes 1\.\d+, by which rules judge: .* set `kubernetesVersion: '1\.36'` in the policy$/m.test(
      (await podgrace([...args, '--kubeconfig', kubeconfig])).stderr,
    );
  const folder = dirname(kubeconfig);
  const [same, older] = ['1.36', '1.35'].map((version) => {
    const file = join(folder, `${version}.yaml`);
    writeFileSync(file, POLICY.replace('spec: {', `spec: {kubernetesVersion: '${version}', `));
    return file;
  }) as [string, string];
  t.equal(await told('explain', 'pod/web', '--policy', older), true);
  t.equal(await told('explain', 'pod/web', '--policy', same), false);
  t.equal(await told('explain', 'pod/web', '--policy', older, '--target-version', '1.35'), false);
  t.equal(await told('explain', '-f', older, '--from', 'cluster', '--policy', older), true);
  t.equal(await told('explain', '-f', older, '--policy', older), false, 'files are of no cluster');
  t.equal(await told('dry-run', older, '--policy', older), true);
  t.equal(await told('dry-run', same, '--policy', same), false);
});

void t.test('a dry run reads a pipe, once', { skip: spawnSync('mkfifo', ['--version']).status !== 0 && 'needs mkfifo' }, async (t) => {
  const kubeconfig = await kubeconfigOfServer(t);
  const fifo = join(dirname(kubeconfig), 'pipe.yaml');
  spawnSync('mkfifo', [fifo]);
  const writer = spawn('sh', ['-c', 'printf %s "$1" >"$2"', 'sh', POLICY, fifo]);
  const { stderr } = await podgrace(['dry-run', '--preset', 'baseline', '--kubeconfig', kubeconfig, fifo]);
  t.match(stderr, `${fifo}:1: is a policy of podgrace`);
  writer.kill();
});

void t.test('wrong options are refused before a cluster is looked for', async (t) => {
  const folder = t.testdir({ 'empty.yaml': '', 'pod.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n', 'broken.yaml': 'a: [' });
  for (const [args, message] of [
    [['install', '--replicas', '0'], /--replicas must be a whole number between 1 and 100/],
    [['install', '--preset', 'lenient'], /Allowed choices are baseline, production, strict/],
    [['install', '--preset', 'strict', '--policy', 'p.yaml'], /cannot be used with/],
    [['install', '--policy', join(folder, 'missing.yaml')], /--policy: .*missing\.yaml/],
    [['install', '--policy', join(folder, 'pod.yaml')], /kind must be LifecyclePolicy/],
    [['install', '--manifests', join(folder, 'missing')], /missing: no such file or directory/],
    [['install', '--manifests', join(folder, 'broken.yaml')], /broken\.yaml:\d+: /],
    [['install', '--manifests', join(folder, 'pod.yaml')], /the manifests must hold one Deployment, the server/],
    [['install', '--namespace', 'Not.A.Label'], /the namespace must be a DNS label .* but is 'Not\.A\.Label'/],
    [['uninstall', '--namespace', '1_'], /the namespace must be a DNS label/],
    [['uninstall', '--namespace', ''], /--namespace must not be empty/],
    [['uninstall', '--manifests', join(folder, 'empty.yaml')], /the manifests must hold one Deployment, the server/],
  ] as const) {
    const { code, stderr } = await podgrace([...args, '--kubeconfig', '/nowhere']);
    t.equal(code, 2, args.join(' '));
    t.match(stderr, message);
  }
});

void t.test('the client for the Kubernetes API is not loaded by commands that need no cluster', (t) => {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    process.argv = ['node', 'podgrace', 'check', 'samples/manifests/api.yaml'];
    process.on('exit', () => console.log(loaded.filter((url) => /client-node|src\\/kube/.test(url)).join()));
    await import('./src/bin/podgrace.ts');`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: ROOT, encoding: 'utf8' });
  t.match(output, /allowed/, 'it checked');
  t.equal(output.split('\n').at(-2), '');
  t.end();
});
