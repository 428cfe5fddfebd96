/** `.ci/run` with stand-ins for what it starts: what it says, and what it leaves behind, where something fails or it is interrupted. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { eventually } from '../cluster/cluster.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CLUSTER_TESTS = readdirSync(join(ROOT, 'test/cluster')).filter((file) => file.endsWith('.test.ts'));

/** Writes down how it was called, and for which Kubernetes. FAILS and HANGS are patterns of such calls. */
const STAND_IN = `#!/bin/bash
call="\${0##*/} $* on \${KUBECONFIG:-\${KUBE_TEST_VERSION:-nothing}}"
echo "$call" >>"$BESIDE/calls"
[[ -z $HANGS || ! $call =~ $HANGS ]] || { echo $$ $PPID >"$BESIDE/hangs"; sleep 600; }
[[ -z $FAILS || ! $call =~ $FAILS ]] || { printf 'not ok 1 - what fails\\n# { total: 3, pass: 2, fail: 1 }\\n'; exit 1; }
case "\${0##*/} \${1-}" in
  'git clone') mkdir -p "\${!#}" ;;&
  'cluster up') touch "$BESIDE/run-$KUBE_TEST_PORT" ;;
  'cluster down') rm -f "$BESIDE/run-$KUBE_TEST_PORT" ;;
  'cluster env') echo "KUBECONFIG=$KUBE_TEST_VERSION\${KUBE_TEST_APISERVER_FLAGS:-} KUBEBUILDER_ASSETS=assets" ;;
  *) echo '# { total: 10, pass: 10 }' ;;
esac
`;
const STARTED = [
  ...['npm', 'git', 'go'].map((name) => `programs/${name}`),
  ...['core/process/measured/install', 'images/install', 'deploy/build-helm'].map((name) => `podgrace/test/${name}`),
  ...['build', 'cluster'].map((name) => `shared/kube/${name}`),
];

interface Run {
  /** The folder that has the project in it. */
  readonly beside: string;
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: unknown; readonly output: string }>;
}

function start(t: Test, fails = '', hangs = ''): Run {
  const beside = t.testdir({ podgrace: { 'README.md': 'npm ci && npm test\n' }, temporary: {} });
  for (const name of STARTED) {
    mkdirSync(dirname(join(beside, name)), { recursive: true });
    writeFileSync(join(beside, name), STAND_IN, { mode: 0o755 });
  }
  mkdirSync(join(beside, 'podgrace/test/cluster'));
  for (const file of CLUSTER_TESTS) writeFileSync(join(beside, 'podgrace/test/cluster', file), '');
  cpSync(join(ROOT, '.ci'), join(beside, 'podgrace/.ci'), { recursive: true });
  const { KUBECONFIG: _, KUBEBUILDER_ASSETS: __, KUBE_TEST_VERSION: ___, ...inherited } = process.env;
  const own = { BESIDE: beside, FAILS: fails, HANGS: hangs, TMPDIR: join(beside, 'temporary'), KUBE_TEST_PORT: '6443' };
  const env = { ...inherited, ...own, PATH: `${join(beside, 'programs')}:${process.env['PATH'] ?? ''}` };
  const child = spawn(join(beside, 'podgrace/.ci/run'), { env, stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGTERM'));
  const ended = Promise.all([once(child, 'exit'), text(child.stdout)]);
  return { beside, child, ended: ended.then(([[code], output]) => ({ code: code as unknown, output })) };
}

function callsOf({ beside }: Run): string[] {
  return readFileSync(join(beside, 'calls'), 'utf8').trim().split('\n');
}

function leavesNothing(t: Test, { beside }: Run): void {
  t.same(readdirSync(join(beside, 'temporary')), [], 'no folder');
  t.same(
    readdirSync(beside).filter((name) => name.startsWith('run-')),
    [],
    'no Kubernetes',
  );
}

/** The processes of the call that hangs, once it does. */
async function hanging({ beside }: Run): Promise<{ readonly call: number; readonly above: number }> {
  const file = join(beside, 'hangs');
  await eventually('a step hangs', () => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
  const [call = 0, above = 0] = readFileSync(file, 'utf8').split(' ').map(Number);
  return { call, above };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function ciTest(name: string, body: (t: Test) => Promise<void>): void {
  // Without the right to start a Kubernetes there are no lanes.
  if (process.getuid?.() === 0) void t.test(name, body);
  else void t.test(name, { skip: 'needs root' }, () => undefined);
}

ciTest('each test on a cluster runs once on Kubernetes 1.36, none while something is built, and the totals are told', async (t) => {
  const run = start(t);
  const { code, output } = await run.ended;
  t.equal(code, 0, output);
  t.match(output, /\n0 skipped\n\d+ passed, 0 failed\n$/);
  const files = callsOf(run).flatMap((call) => (call.endsWith(' on 1.36') ? (call.match(/[\w.-]+\.test\.ts/g) ?? []) : []));
  t.same(files.filter((file) => CLUSTER_TESTS.includes(file)).sort(), [...CLUSTER_TESTS].sort());
  const built = callsOf(run).findLastIndex((call) => call.includes('build'));
  const started = callsOf(run).findIndex((call) => call.startsWith('cluster up'));
  t.ok(built < started, 'before the first Kubernetes starts');
  leavesNothing(t, run);
});

for (const [what, fails, line] of [
  ['a step in the one lane', 'termination.test.ts', 'cluster tests on Kubernetes 1.36'],
  ['a step in the other lane', 'test:api-server', 'API server tests on Kubernetes 1.37'],
  ['a Kubernetes with a kubelet', 'cluster up fake node', 'start Kubernetes 1.36 with fake node'],
  ['a Kubernetes without one', 'cluster up fake on 1.37', 'start Kubernetes 1.37 with fake'],
  ['what comes after the lane', 'npm run --silent lint', 'lint'],
] as const) {
  ciTest(`${what} fails: it is named, the others go on, and the code is 1`, async (t) => {
    const run = start(t, fails);
    const { code, output } = await run.ended;
    t.equal(code, 1);
    t.same(output.match(/^FAILED {2}.*(?= \(\d+ s\)$)/gm), [`FAILED  ${line}`], output);
    t.match(output, /\nok {6}audit of dependencies/);
    t.match(output, /\nok {6}stored Pods on an emulated Kubernetes 1\.34/);
    t.match(output, /\d+ passed, [12] failed\n$/);
    leavesNothing(t, run);
  });
}

ciTest('a lane that somebody kills is a failure', async (t) => {
  const run = start(t, '', 'test:api-server');
  const { call, above } = await hanging(run);
  process.kill(above, 'SIGKILL');
  const { code, output } = await run.ended;
  t.equal(code, 1);
  t.match(output, /\nFAILED {2}lane_without_kubelet: ended early, with code 137\n/);
  await eventually('its step has ended', () => !isRunning(call));
  leavesNothing(t, run);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  ciTest(`${signal} stops all that was started`, async (t) => {
    const run = start(t, '', 'termination.test.ts');
    const { call } = await hanging(run);
    run.child.kill(signal);
    t.equal((await run.ended).code, code);
    await eventually('its step has ended', () => !isRunning(call));
    leavesNothing(t, run);
  });
}
