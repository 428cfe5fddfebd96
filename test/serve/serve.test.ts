import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import t, { type Test } from 'tap';
import { issueServingPair } from '../../src/pki/authority.ts';
import { parseServingPair } from '../../src/pki/serving-pair.ts';
import { verifyAnswer } from '../admission/contract.ts';
import { containerOf, podOf, reviewOf } from '../admission/reviews.ts';
import { eventually } from '../files/eventually.ts';
import { writeSecretVolume } from '../files/secret-volume.ts';
import { IS_LONG, ONLY_LONG } from '../long-tests.ts';
import { authority, getOps, issuePair, pair, post } from '../server/serving.ts';
import { ServeProcess } from './serve-process.ts';

// Most of the time is spent on waiting for processes.
t.jobs = 3;

const DAY_MS = 86_400_000;
const inVolume = ({ certPem, keyPem }: typeof pair): Record<string, string> => ({ 'tls.crt': certPem, 'tls.key': keyPem });

interface Files {
  readonly directory: string;
  readonly cert: string;
  readonly key: string;
}

function certificateFiles(t: Test): Files {
  const directory = t.testdir(inVolume(pair));
  return { directory, cert: join(directory, 'tls.crt'), key: join(directory, 'tls.key') };
}

/** What the process runs in. */
interface Around {
  /** A command that starts it. */
  readonly wrapper?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** On ports that the system chooses, without a drain window. */
function start(t: Test, { cert, key }: Files, args: readonly string[] = [], { wrapper, env }: Around = {}): ServeProcess {
  const ports = ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0', '--drain-seconds', '0'];
  return new ServeProcess(t, [...ports, '--tls-cert', cert, '--tls-key', key, ...args], wrapper, env);
}

/** Breaks the rule `pre-stop-delay` of the preset production, which denies it, and of baseline, which warns. */
const review = reviewOf(
  podOf({ spec: { containers: [containerOf({ ports: [{ containerPort: 80 }], lifecycle: { preStop: { sleep: { seconds: 1 } } } })] } }),
);
const body = JSON.stringify(review);

async function isAllowed(port: number): Promise<boolean> {
  const { status, text } = await post(port, '/validate?timeout=10s', body);
  if (status !== 200) throw new Error(`HTTP ${status}`);
  return verifyAnswer('validate', review, text).allowed;
}

async function metricOf(opsPort: number, name: string): Promise<number> {
  const { text } = await getOps(opsPort, '/metrics');
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

void t.test('it answers reviews and probes, and logs what it denies', async (t) => {
  const served = start(t, certificateFiles(t));
  const { port, opsPort } = await served.ports();
  t.equal(await isAllowed(port), false);
  t.equal((await getOps(opsPort, '/livez')).status, 200);
  t.equal((await getOps(opsPort, '/readyz')).text, '[+] policy\n[+] certificate\n[+] serving\nready\n');
  const { text } = await getOps(opsPort, '/metrics');
  t.match(text, /^podgrace_admission_decisions_total\{webhook="validate",decision="denied"\} 1$/m);
  t.match(text, /^podgrace_policy_loaded_timestamp_seconds \d/m);
  t.equal(
    await metricOf(opsPort, 'podgrace_certificate_expiry_timestamp_seconds'),
    parseServingPair(pair.certPem, pair.keyPem).notAfter.getTime() / 1000,
  );
  t.match(await served.said('request denied'), { level: 'info', namespace: 'shop', name: 'web', outcome: 'denied' });
});

/** Time enough to look at what is done in it. */
const DRAINING = ['--drain-seconds', '5'];

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  const skip = signal === 'SIGINT' && ONLY_LONG;
  void t.test(`${signal}: readiness goes, answers go on and close their connections, and it exits with 0`, { skip }, async (t) => {
    const served = start(t, certificateFiles(t), DRAINING);
    const { port, opsPort } = await served.ports();
    served.child.kill(signal);
    t.match(await served.said('stopping'), { signal, drainSeconds: 5 });
    t.equal((await getOps(opsPort, '/readyz')).text, '[+] policy\n[+] certificate\n[-] serving: stopping\nnot ready\n');
    const { status, headers } = await post(port, '/validate', body);
    t.equal(status, 200);
    t.equal(headers.connection, 'close');
    t.same(await served.exited, { code: 0, signal: null });
    t.equal(served.log.at(-1)?.['msg'], 'stopped');
    t.equal(served.stderr, '');
  });
}

void t.test('a second signal while it drains is harmless', async (t) => {
  const served = start(t, certificateFiles(t), DRAINING);
  const { port } = await served.ports();
  served.child.kill('SIGTERM');
  await served.said('stopping');
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGTERM'] as const) served.child.kill(signal);
  t.equal((await post(port, '/validate', body)).status, 200);
  t.same(await served.exited, { code: 0, signal: null });
  t.equal(served.log.filter(({ msg }) => msg === 'stopping').length, 1);
});

const UNSHARE = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];

function skipWithoutNamespaces(): string | false {
  const [command = '', ...flags] = UNSHARE;
  return spawnSync(command, [...flags, 'true']).status === 0 ? false : 'needs unshare(1), and the right to use it';
}

void t.test('as PID 1, where no signal has a default action, SIGTERM ends it with 0', { skip: skipWithoutNamespaces() }, async (t) => {
  const served = start(t, certificateFiles(t), DRAINING, { wrapper: UNSHARE });
  const { port } = await served.ports();
  const outside = served.child.pid ?? 0;
  const inside = Number(readFileSync(`/proc/${outside}/task/${outside}/children`, 'utf8'));
  t.match(readFileSync(`/proc/${inside}/status`, 'utf8'), /^NSpid:\s+\d+\s+1$/m);
  process.kill(inside, 'SIGTERM');
  await served.said('stopping');
  process.kill(inside, 'SIGTERM');
  t.equal((await post(port, '/validate', body)).status, 200);
  t.same(await served.exited, { code: 0, signal: null });
  t.equal(served.log.at(-1)?.['msg'], 'stopped');
});

/** Something that nobody has thought of, at a signal: an exception, and a promise that is refused. */
const BUGS = {
  SIGUSR2: "process.on('SIGUSR2', () => { throw new RangeError('out of nowhere'); });",
  SIGWINCH: "process.on('SIGWINCH', () => { void Promise.reject(new RangeError('out of nowhere')); });",
} as const;

for (const [signal, bug] of Object.entries(BUGS)) {
  void t.test(
    `an error that nothing handles is logged last, after all that was logged before, and ends it with 1 (${signal})`,
    async (t) => {
      const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(bug)}`;
      const served = start(t, certificateFiles(t), [], { env: { NODE_OPTIONS } });
      const { port } = await served.ports();
      // Its line is still to be written: lines wait for each other.
      t.equal(await isAllowed(port), false);
      served.child.kill(signal as NodeJS.Signals);
      t.same(await served.exited, { code: 1, signal: null });
      t.same(
        served.log.map(({ level, msg }) => `${String(level)}: ${String(msg)}`),
        ['info: serving', 'info: request denied', 'fatal: bug: exiting'],
      );
      t.match(served.log.at(-1), { err: { type: 'RangeError', message: 'out of nowhere', stack: /at / } });
      t.equal(served.stderr, '');
    },
  );
}

const policyText = (preset: string, more = ''): string =>
  `apiVersion: podgrace.dev/v1alpha1\nkind: LifecyclePolicy\nmetadata:\n  name: from-file\nspec:\n  preset: ${preset}\n${more}`;

void t.test('a policy file that changes is taken; a wrong one is told of and changes nothing; a mended one is taken', async (t) => {
  const files = certificateFiles(t);
  const policy = join(files.directory, 'policy.yaml');
  writeFileSync(policy, policyText('production'));
  const served = start(t, files, ['--policy', policy]);
  const { port, opsPort } = await served.ports();
  t.match(await served.said('serving'), { policy: 'from-file' });
  t.equal(await isAllowed(port), false);

  writeFileSync(policy, policyText('prodution'));
  const refused = await served.said('policy refused, the old one stays');
  t.equal(refused['level'], 'error');
  t.match(refused['reason'], `${policy}:6: spec.preset must be one of`);
  t.equal(await isAllowed(port), false);
  t.equal(await metricOf(opsPort, 'podgrace_policy_stale'), 1);
  t.equal(await metricOf(opsPort, 'podgrace_policy_reload_errors_total'), 1);
  const ready = await getOps(opsPort, '/readyz');
  t.equal(ready.status, 200, 'the old policy is as good as it was');
  t.match(ready.text, `[+] policy (the old one is in force: ${policy}:6: spec.preset must be one of`);

  writeFileSync(policy, policyText('baseline'));
  t.match(await served.said('policy replaced'), { level: 'info', policy: 'from-file' });
  t.equal(await isAllowed(port), true);
  t.equal(await metricOf(opsPort, 'podgrace_policy_stale'), 0);
  t.equal((await getOps(opsPort, '/readyz')).text, '[+] policy\n[+] certificate\n[+] serving\nready\n');

  rmSync(policy);
  await eventually('the missing file is told of', () => served.log.some(({ reason }) => String(reason).includes('cannot be read')));
  t.equal(await isAllowed(port), true);
});

void t.test('a policy in a ConfigMap volume is taken when the kubelet swaps it', async (t) => {
  const files = certificateFiles(t);
  const volume = join(files.directory, 'policy');
  await writeSecretVolume(volume, { 'policy.yaml': policyText('production') });
  const served = start(t, files, ['--policy', join(volume, 'policy.yaml')]);
  const { port } = await served.ports();
  t.equal(await isAllowed(port), false);
  await writeSecretVolume(volume, { 'policy.yaml': policyText('baseline') });
  await served.said('policy replaced');
  t.equal(await isAllowed(port), true);
});

void t.test('a new certificate is served; a wrong one is told of and changes nothing', async (t) => {
  const files = certificateFiles(t);
  const served = start(t, files);
  const { port, opsPort } = await served.ports();
  const replace = (file: string, text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };

  replace(files.cert, 'garbage');
  const refused = await served.said('certificate not usable, the old one stays');
  t.match(refused['reason'], files.cert);
  t.equal(await metricOf(opsPort, 'podgrace_certificate_reload_errors_total'), 1);
  const ready = await getOps(opsPort, '/readyz');
  t.equal(ready.status, 200);
  t.match(ready.text, `[+] certificate (${files.cert}`);
  t.equal(await servedSerial(port), parseServingPair(pair.certPem, pair.keyPem).serialNumber);

  const next = await issuePair();
  replace(files.key, next.keyPem);
  replace(files.cert, next.certPem);
  await served.said('certificate taken into use');
  t.equal(await servedSerial(port), parseServingPair(next.certPem, next.keyPem).serialNumber);
  t.equal((await getOps(opsPort, '/readyz')).text, '[+] policy\n[+] certificate\n[+] serving\nready\n');
});

async function servedSerial(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: authority.certPem });
  await once(socket, 'secureConnect');
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

void t.test('with a certificate that has expired it runs, says so, and is not ready', async (t) => {
  const files = certificateFiles(t);
  const past = new Date(Date.now() - 10 * DAY_MS);
  const expired = await issueServingPair(authority, { dnsNames: ['localhost'], validDays: 1, now: past });
  writeFileSync(files.cert, expired.certPem);
  writeFileSync(files.key, expired.keyPem);
  const served = start(t, files);
  const { opsPort } = await served.ports();
  await served.said('certificate not usable, the old one stays');
  const ready = await getOps(opsPort, '/readyz');
  t.equal(ready.status, 503);
  t.match(ready.text, /^\[-\] certificate: must be valid, but expired on \d{4}-/m);
  t.equal((await getOps(opsPort, '/livez')).status, 200);

  writeFileSync(files.cert, pair.certPem);
  writeFileSync(files.key, pair.keyPem);
  await served.said('certificate taken into use');
  t.equal((await getOps(opsPort, '/readyz')).status, 200);
});

void t.test('nothing of a Pod but names, rules and fields is ever written, at trace either', async (t) => {
  const canary = 'CANARY-51c9';
  const served = start(t, certificateFiles(t), ['--log-level', 'trace']);
  const { port } = await served.ports();
  const secretive = podOf({
    metadata: { annotations: { token: canary, 'podgrace.dev/drain-seconds': canary } },
    spec: { containers: [containerOf({ env: [{ name: 'PASSWORD', value: canary }], args: [canary], ports: [{ containerPort: 80 }] })] },
  });
  for (const path of ['/mutate', '/validate']) await post(port, path, JSON.stringify(reviewOf(secretive)));
  await post(port, '/validate', `{"a":"${canary}`);
  await served.said('request denied');
  served.child.kill('SIGTERM');
  await served.exited;
  t.notMatch(served.stdout + served.stderr, canary);
});

void t.test('--self-signed makes a CA and a pair for localhost that clients can verify', async (t) => {
  const folder = join(t.testdir(), 'certs');
  const ports = ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0', '--drain-seconds', '0'];
  const served = new ServeProcess(t, [...ports, '--self-signed', folder]);
  const { port } = await served.ports();
  const ca = readFileSync(join(folder, 'ca.crt'), 'utf8');
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca });
  await once(socket, 'secureConnect');
  t.ok(socket.authorized);
  socket.destroy();
  await eventually('it says what to do next', () =>
    served.stderr.includes(`\n  podgrace replay samples/reviews --url https://localhost:${port} --ca ${join(folder, 'ca.crt')}\n`),
  );
  served.child.kill('SIGINT');
  t.same(await served.exited, { code: 0, signal: null });
});

void t.test('--self-signed, started by npm in a checkout: the next step is started by npm as well', async (t) => {
  const folder = join(t.testdir(), 'a folder');
  const ports = ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0', '--drain-seconds', '0'];
  const served = new ServeProcess(t, [...ports, '--self-signed', folder], [], { npm_package_name: 'podgrace' });
  const { port } = await served.ports();
  await eventually('it says what to do next', () =>
    served.stderr.includes(
      `\n  npm run -s podgrace -- replay samples/reviews --url https://localhost:${port} --ca '${join(folder, 'ca.crt')}'\n`,
    ),
  );
  served.child.kill('SIGINT');
  t.same(await served.exited, { code: 0, signal: null });
});

/** An address that takes connections and answers nothing, as a kubeconfig: the worst that an API server can do. */
async function silentApiServer(t: Test): Promise<string> {
  const silent = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    t.teardown(() => socket.destroy());
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.teardown(() => silent.close());
  const server = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const named = (name: string, kind: string, content: object): object => ({ name, [kind]: content });
  const file = join(t.testdir({ kubeconfig: '' }), 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [named('c', 'cluster', { server })],
    users: [named('u', 'user', { token: 'x' })],
    contexts: [named('x', 'context', { cluster: 'c', user: 'u' })],
    'current-context': 'x',
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

void t.test('an API server that never answers: it is alive, not ready, says why, and stops when told to', async (t) => {
  const env = { KUBECONFIG: await silentApiServer(t) };
  const ports = ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0', '--drain-seconds', '0'];
  const served = new ServeProcess(t, [...ports, '--tls-secret', 'certificates'], [], env);
  const { opsPort } = await served.ports();
  t.equal((await getOps(opsPort, '/livez')).status, 200);
  const unread = ['Services', 'PodDisruptionBudgets', 'autoscalers', 'ResourceQuotas', 'LimitRanges'].map(
    (kind) => `podgrace has not read the ${kind} of the namespace yet`,
  );
  t.equal(
    (await getOps(opsPort, '/readyz')).text,
    `[+] policy\n[-] certificate: there is no certificate yet\n[+] surroundings (${unread.join('; ')})\n[+] serving\nnot ready\n`,
  );
  const metrics = (await getOps(opsPort, '/metrics')).text;
  for (const kind of ['services', 'podDisruptionBudgets', 'autoscalers', 'resourceQuotas', 'limitRanges'])
    t.match(metrics, `podgrace_surroundings_known{kind="${kind}"} 0\n`);
  served.child.kill('SIGTERM');
  t.same(await served.exited, { code: 0, signal: null });
});

void t.test('files in front of an API server that never answers are served, and not called trusted', async (t) => {
  const env = { KUBECONFIG: await silentApiServer(t) };
  const folder = mkdtempSync(join(tmpdir(), 'podgrace-serve-test-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  for (const [name, text] of Object.entries(inVolume(pair))) writeFileSync(join(folder, name), text);
  const ports = ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0', '--drain-seconds', '0'];
  const files = ['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key')];
  const served = new ServeProcess(t, [...ports, ...files, '--webhook-configuration', 'podgrace'], [], env);
  const { port, opsPort } = await served.ports();
  t.equal(await isAllowed(port), false, 'it answers');
  t.match((await getOps(opsPort, '/readyz')).text, '[-] certificate: the caBundle of the webhook configurations has not been read yet');
  served.child.kill('SIGTERM');
  t.same(await served.exited, { code: 0, signal: null });
});

void t.test('a kubeconfig that is missing: exit code 2, and which', async (t) => {
  const KUBECONFIG = join(t.testdir(), 'missing');
  const served = new ServeProcess(t, ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0', '--tls-secret', 'x'], [], { KUBECONFIG });
  t.same(await served.exited, { code: 2, signal: null });
  t.equal(served.stderr, `podgrace: KUBECONFIG: there is no file ${KUBECONFIG}\n`);
});

/** Starts, ends by itself with 2, and says in one message what is wrong. */
async function refuses(t: Test, args: readonly string[], message: string | RegExp): Promise<void> {
  const served = new ServeProcess(t, ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0', ...args]);
  t.same(await served.exited, { code: 2, signal: null });
  t.match(served.stderr, message);
  t.notMatch(served.stderr, /\n\s+at /, 'no stack');
  t.equal(served.stdout, '');
}

void t.test('without a certificate it does not start, and says which flags there are', async (t) => {
  await refuses(t, [], /^podgrace: --tls-cert and --tls-key must name a certificate and its key .*--self-signed/);
  const { cert } = certificateFiles(t);
  await refuses(t, ['--tls-cert', cert], /^podgrace: --tls-cert and --tls-key must name a certificate and its key/);
});

void t.test('certificate files that are missing or wrong: exit code 2, flag and file', async (t) => {
  const { directory, cert, key } = certificateFiles(t);
  const other = await issuePair();
  const write = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const [garbage, empty, otherKey] = [write('garbage', 'garbage'), write('empty', ''), write('other.key', other.keyPem)];
  const missing = join(directory, 'missing');
  const refused = [
    [missing, key, `--tls-cert: ${missing} must exist, but does not`],
    [cert, missing, `--tls-key: ${missing} must exist, but does not`],
    [garbage, key, `--tls-cert: ${garbage} must `],
    [empty, key, `--tls-cert: ${empty} must `],
    [cert, garbage, `--tls-key: ${garbage} must `],
    [cert, otherKey, `--tls-key: ${otherKey} must `],
    [directory, key, `--tls-cert: ${directory} must be a file, but is a directory`],
  ] as const;
  await Promise.all(
    (IS_LONG ? refused : refused.slice(0, 2)).map(([certFile, keyFile, message]) =>
      refuses(t, ['--tls-cert', certFile, '--tls-key', keyFile], `podgrace: ${message}`),
    ),
  );
});

void t.test('policy files that are missing or wrong: exit code 2, flag, file and line', async (t) => {
  const { directory, cert, key } = certificateFiles(t);
  const refusesPolicy = async (name: string, message: string): Promise<void> => {
    const policy = join(directory, name);
    await refuses(t, ['--tls-cert', cert, '--tls-key', key, '--policy', policy], `podgrace: --policy: ${policy}${message}`);
  };
  const refusesText = async (name: string, text: string, message: string): Promise<void> => {
    writeFileSync(join(directory, name), text);
    await refusesPolicy(name, message);
  };
  mkdirSync(join(directory, 'folder'));
  // Each is a process; what is wrong with a policy is told in `test/config`, too.
  if (!IS_LONG) {
    await refusesPolicy('missing', ' cannot be read: no such file or directory');
    await refusesText('preset', policyText('none'), ':6: spec.preset must be one of');
    return;
  }
  await Promise.all([
    refusesPolicy('missing', ' cannot be read: no such file or directory'),
    refusesPolicy('folder', ' cannot be read: it is a folder'),
    refusesText('empty', '', ':1: must hold a LifecyclePolicy'),
    refusesText('garbage', 'garbage', ':1: must be'),
    refusesText('no-yaml', 'a: [', ':'),
    refusesText('preset', policyText('none'), ':6: spec.preset must be one of'),
    refusesText('rule', policyText('baseline', '  rules:\n    no-such-rule: {mode: off}\n'), ':8: spec.rules.no-such-rule must not be set'),
    refusesText('field', policyText('baseline', '  surprise: 1\n'), ':7: spec.surprise must not be set'),
  ]);
});

void t.test('a port in use: exit code 2 and the flag', async (t) => {
  const { cert, key } = certificateFiles(t);
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  for (const [flag, variable] of [
    ['--port', 'PODGRACE_PORT'],
    ['--ops-port', 'PODGRACE_OPS_PORT'],
  ] as const) {
    const message = `podgrace: ${flag}: port ${port} of 127.0.0.1 is in use; to choose another, use ${flag} or ${variable}`;
    await refuses(t, ['--tls-cert', cert, '--tls-key', key, flag, String(port)], message);
  }
});

void t.test('a folder for --self-signed that cannot be made: exit code 2, flag and folder', async (t) => {
  const folder = join(t.testdir({ file: '' }), 'file', 'certs');
  await refuses(t, ['--self-signed', folder], `podgrace: --self-signed: ${folder} cannot be written: `);
  t.notOk(existsSync(folder));
});
