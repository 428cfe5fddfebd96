import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import t from 'tap';
import { runCli } from '../../../src/cli/run.ts';
import { verifyAnswer } from '../../admission/contract.ts';
import { containerOf, podOf, reviewOf } from '../../admission/reviews.ts';
import { parsedReport, podgrace, ROOT, withoutFolder, type Ended } from '../command-line.ts';

const SAMPLES = join(ROOT, 'samples/reviews');

/** Denied by production: nothing says what it needs. */
const DENIED = reviewOf(podOf({ spec: { containers: [containerOf({ resources: {} })] } }));

interface Report {
  readonly results: readonly {
    readonly source: string;
    readonly validate: { readonly allowed: boolean };
    readonly mutate: { readonly patched: boolean };
    readonly differences?: readonly { readonly of: string }[];
  }[];
  readonly errors: readonly { readonly source: string; readonly message: string }[];
  readonly summary: Readonly<Record<string, unknown>>;
}

function reportOf({ stdout }: Ended): Report {
  return parsedReport('replay', stdout) as Report;
}

void t.test('the samples as text', async (t) => {
  const { code, stdout, stderr } = await podgrace(['replay', SAMPLES]);
  t.equal(withoutFolder(stdout, ROOT.replace(/\/$/, '')), readFileSync(join(ROOT, 'test/cli/golden/replay-samples.txt'), 'utf8'));
  t.equal(stderr, '');
  t.equal(code, 1);
});

void t.test('the samples as JSON, as the schema has it', async (t) => {
  const { results, errors, summary } = reportOf(await podgrace(['replay', '-o', 'json', SAMPLES]));
  t.same(
    results.filter(({ validate }) => !validate.allowed).map(({ source }) => withoutFolder(source, SAMPLES)),
    ['create-deployment-web.json'],
  );
  t.same(errors, []);
  t.match(summary, { reviews: 10, allowed: 9, denied: 1, errors: 0, differing: null, skipped: [] });
});

void t.test('exit code 0 where nothing is denied, 1 where something is, 2 where something cannot be read', async (t) => {
  const folder = t.testdir({ 'denied.json': JSON.stringify(DENIED), 'broken.json': '{', none: {} });
  t.equal((await podgrace(['replay', '--preset', 'baseline', join(folder, 'denied.json')])).code, 0);
  t.equal((await podgrace(['replay', join(folder, 'denied.json')])).code, 1);
  t.equal((await podgrace(['replay', folder])).code, 2);
});

void t.test('what is no review is an error with its place, and the others are answered', async (t) => {
  const beta = { ...DENIED, apiVersion: 'admission.k8s.io/v1beta1' };
  const folder = t.testdir({
    'a.ndjson': [DENIED, {}, null, [], { ...DENIED, request: null }, beta].map((line) => JSON.stringify(line)).join('\n'),
    'b.json': '',
    'c.json': JSON.stringify({ ...DENIED, request: { ...(DENIED['request'] as object), uid: '' } }),
    'd.json': JSON.stringify(DENIED).slice(0, -9),
    'e.yaml': 'a\0b: 1',
    'f.json': `{"request": ${'['.repeat(5000)}${']'.repeat(5000)}}`,
  });
  const ended = await podgrace(['replay', '-o', 'json', folder, join(folder, 'missing')]);
  const { results, errors, summary } = reportOf(ended);
  t.same(
    results.map(({ source }) => withoutFolder(source, folder)),
    ['a.ndjson:1'],
  );
  const expected = 'must be an AdmissionReview, or an Event of audit.k8s.io/v1';
  t.same(
    errors.map(({ source, message }) => `${withoutFolder(source, folder)}: ${message}`),
    [
      `a.ndjson:2: ${expected}`,
      'a.ndjson:3: must be one JSON object: found another value',
      'a.ndjson:4: must be one JSON object: found another value',
      'a.ndjson:5: request must be an object',
      "a.ndjson:6: apiVersion must be 'admission.k8s.io/v1', the only version that podgrace speaks",
      'c.json:1: request.uid must be a string that is not empty',
      'd.json:1: the text in quotes must end with its closing quote',
      'e.yaml:1: must not hold control characters',
      'f.json:1: must not be nested deeper than 1000 levels',
      'missing: no such file or directory',
    ],
  );
  t.match(summary, { reviews: 1, denied: 1, errors: 10 });
  t.equal(ended.code, 2);
});

void t.test('in text errors go to standard error, and the summary counts them', async (t) => {
  const { stdout, stderr, code } = await podgrace(['replay', '-'], { stdin: '{"kind":"Pod"}\n' });
  t.equal(stdout, '0 reviews: 0 allowed, 0 denied, 0 with warnings, 0 patched; 1 error\n');
  t.equal(stderr, 'stdin:1: must be an AdmissionReview, or an Event of audit.k8s.io/v1, but is Pod\n');
  t.equal(code, 2);
});

void t.test('nothing to replay is an error', async (t) => {
  const folder = t.testdir({ empty: {}, 'empty.json': '' });
  const nothing = 'must hold an AdmissionReview or an audit event of a finished request, but holds none';
  for (const [path, message] of [
    ['-', `stdin: ${nothing}`],
    [join(folder, 'empty.json'), `empty.json: ${nothing}`],
    [join(folder, 'empty'), 'empty: must hold a file that ends in .json, .yaml, .yml, .ndjson, .jsonl, .log, but holds none'],
  ] as const) {
    const { code, stderr } = await podgrace(['replay', path]);
    t.same([code, withoutFolder(stderr, folder)], [2, `${message}\n`]);
  }
});

function auditEvent(verb: string, resource: string, more: object = {}): object {
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Request',
    auditID: `${verb}-${resource}`,
    stage: 'ResponseComplete',
    verb,
    objectRef: { resource, apiVersion: 'v1', namespace: 'shop', name: 'web' },
    ...more,
  };
}

void t.test('of an audit log the summary tells what was not judged, and why', async (t) => {
  const events = [
    auditEvent('create', 'pods', { requestObject: podOf({}) }),
    auditEvent('create', 'pods', { level: 'Metadata' }),
    ...Array<object>(1200).fill(auditEvent('get', 'pods')),
    auditEvent('update', 'configmaps'),
    auditEvent('patch', 'pods', { objectRef: { resource: 'pods', apiVersion: 'v1', subresource: 'status' } }),
    auditEvent('patch', 'pods', { requestObject: {} }),
    auditEvent('create', 'pods', { stage: 'RequestReceived' }),
  ];
  const file = join(t.testdir({ 'audit.log': events.map((event) => JSON.stringify(event)).join('\n') }), 'audit.log');
  const { summary, errors } = reportOf(await podgrace(['replay', '-o', 'json', file]));
  t.same(errors, []);
  t.equal(summary['reviews'], 1);
  t.same(summary['skipped'], [
    { reason: 'the request creates and changes no object', requests: 1200 },
    { reason: 'the audit policy kept no request object: its level must be Request or RequestResponse', requests: 1 },
    { reason: 'the request is about neither a Pod nor a workload that podgrace knows', requests: 1 },
    { reason: 'the request is for a subresource that the webhook is not asked about, such as status', requests: 1 },
    { reason: 'the log holds the patch, not the object that it makes', requests: 1 },
  ]);
  const { stdout } = await podgrace(['replay', file]);
  t.match(stdout, /^1,200 requests of the audit log not judged: the request creates and changes no object$/m);
  t.match(stdout, /^1 request of the audit log not judged: the log holds the patch, not the object that it makes$/m);
});

void t.test('an audit log of nothing to judge is clean', async (t) => {
  const { code, stderr } = await podgrace(['replay', '-'], { stdin: JSON.stringify(auditEvent('get', 'pods')) });
  t.same([code, stderr], [0, '']);
});

const POLICY = 'apiVersion: podgrace.dev/v1alpha1\nkind: LifecyclePolicy\nmetadata: {name: now}\nspec: {preset: baseline}\n';
const STRICTER = POLICY.replace('{preset: baseline}', '\n  preset: baseline\n  rules:\n    minimum-qos-class: {mode: enforce}\n');

void t.test('--against prints what another policy decides differently, and nothing else', async (t) => {
  const guaranteed = { cpu: '1', memory: '1Gi' };
  const clean = reviewOf(podOf({ spec: { containers: [containerOf({ resources: { limits: guaranteed, requests: guaranteed } })] } }));
  const folder = t.testdir({
    'now.yaml': POLICY,
    'new.yaml': STRICTER,
    reviews: { 'clean.json': JSON.stringify(clean), 'denied.json': JSON.stringify(DENIED) },
  });
  const args = ['replay', join(folder, 'reviews'), '--policy', join(folder, 'now.yaml'), '--against', join(folder, 'new.yaml')];
  const { code, stdout } = await podgrace(args);
  t.equal(
    withoutFolder(stdout, folder),
    [
      'lines with - are decided by policy now (--policy now.yaml), lines with + by policy now (--against new.yaml)',
      'reviews/denied.json:1 CREATE Pod shop/web: allowed',
      '  validate.allowed differs:',
      '    - true',
      '    + false',
      '  validate.findings differs:',
      '    - warn minimum-qos-class spec.containers',
      '    + enforce minimum-qos-class spec.containers',
      '2 reviews: 2 allowed, 0 denied, 1 with warnings, 0 patched; 1 answered differently',
      '',
    ].join('\n'),
  );
  t.equal(code, 1);
  const { results, summary } = reportOf(await podgrace([...args, '-o', 'json']));
  t.same(
    results.map(({ differences = [] }) => differences.map(({ of }) => of)),
    [[], ['validate.allowed', 'validate.findings']],
  );
  t.equal(summary['differing'], 1);
});

void t.test('a policy against itself differs in nothing', async (t) => {
  const policy = join(t.testdir({ 'now.yaml': POLICY }), 'now.yaml');
  const { code, stdout } = await podgrace(['replay', SAMPLES, '--policy', policy, '--against', policy]);
  t.match(stdout, /^lines with - are decided .*\n10 reviews: 10 allowed, .*; 0 answered differently\n$/);
  t.equal(code, 0);
});

void t.test('--responses writes two answers for each review, as the contract has them', async (t) => {
  const folder = t.testdir({ reviews: { 'denied.json': JSON.stringify(DENIED) } });
  const file = join(folder, 'answers.ndjson');
  await podgrace(['replay', join(folder, 'reviews'), '--responses', file]);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  t.equal(lines.length, 2);
  verifyAnswer('mutate', DENIED, lines[0] ?? '');
  t.equal(verifyAnswer('validate', DENIED, lines[1] ?? '').allowed, false);
  const { stdout, code } = await podgrace(['replay', join(folder, 'reviews'), '--responses', '-']);
  t.equal(stdout, `${lines.join('\n')}\n`, 'and nothing else to standard output');
  t.equal(code, 1);
});

void t.test('with --responses - errors still go to standard error', async (t) => {
  const { stdout, stderr, code } = await podgrace(['replay', '-', '--responses', '-'], { stdin: '{}\n' });
  t.same([stdout, code], ['', 2]);
  t.match(stderr, /^stdin:1: must be an AdmissionReview/);
});

void t.test('--responses that cannot be written is told before anything is judged', async (t) => {
  const folder = t.testdir({});
  const missing = await podgrace(['replay', SAMPLES, '--responses', join(folder, 'none/answers')]);
  t.same(
    [missing.code, missing.stdout, withoutFolder(missing.stderr, folder)],
    [2, '', 'podgrace: --responses: none/answers cannot be written: no such file or directory\n'],
  );
  const isFolder = await podgrace(['replay', SAMPLES, '--responses', folder]);
  t.same([isFolder.code, isFolder.stderr], [2, `podgrace: --responses: ${folder} cannot be written: it is a folder\n`]);
});

void t.test('--responses keeps what was there, unless all of the input was read', async (t) => {
  const folder = t.testdir({ 'denied.json': JSON.stringify(DENIED), answers: 'old\n' });
  const answers = join(folder, 'answers');
  const missing = await podgrace(['replay', join(folder, 'missing.json'), '--responses', answers]);
  t.equal(missing.code, 2);
  t.match(missing.stderr, /^podgrace: --responses: \S+answers is not written, because some input cannot be read or has no answer$/m);
  await podgrace(['replay', join(folder, 'denied.json'), join(folder, 'missing.json'), '--responses', answers]);
  t.equal(readFileSync(answers, 'utf8'), 'old\n');
  t.same(readdirSync(folder).sort(), ['answers', 'denied.json'], 'nothing half-written stays');
  await podgrace(['replay', join(folder, 'denied.json'), '--responses', answers]);
  t.equal(readFileSync(answers, 'utf8').split('\n').length, 3);
  t.same(readdirSync(folder).sort(), ['answers', 'denied.json']);
});

void t.test('--responses refuses to write over what is replayed, by whatever name', async (t) => {
  const review = JSON.stringify(DENIED);
  const folder = t.testdir({ 'r.json': review });
  symlinkSync('r.json', join(folder, 'link.json'));
  for (const output of ['r.json', 'link.json', './r.json']) {
    const { code, stderr } = await podgrace(['replay', join(folder, 'r.json'), '--responses', join(folder, output)]);
    t.equal(code, 2);
    t.match(stderr, /^podgrace: --responses: \S+ must not be a file that is read: it would be lost$/m);
    t.equal(readFileSync(join(folder, 'r.json'), 'utf8'), review);
  }
});

void t.test('--responses replaces the file that a link leads to, and keeps its mode', async (t) => {
  const folder = t.testdir({ 'denied.json': JSON.stringify(DENIED), real: '' });
  chmodSync(join(folder, 'real'), 0o600);
  symlinkSync('real', join(folder, 'link'));
  await podgrace(['replay', join(folder, 'denied.json'), '--responses', join(folder, 'link')]);
  t.equal(readFileSync(join(folder, 'real'), 'utf8').split('\n').length, 3);
  t.equal(statSync(join(folder, 'real')).mode & 0o777, 0o600);
  t.ok(lstatSync(join(folder, 'link')).isSymbolicLink());
});

void t.test('a line without an end is refused, and no more of it is held than the limit', async (t) => {
  const file = join(t.testdir({}), 'endless.log');
  writeFileSync(file, Buffer.alloc(17 * 1024 * 1024, 'x'));
  const { code, stderr } = await podgrace(['replay', file]);
  t.equal(code, 2);
  t.match(stderr, /endless\.log:1: must not be longer than 16777216 bytes\n$/);
});

void t.test('a slow reader holds up the work: no more is written than it has room for', async (t) => {
  const reviews = `${JSON.stringify(DENIED)}\n`.repeat(50);
  const file = join(t.testdir({ 'many.ndjson': reviews }), 'many.ndjson');
  let mostHeld = 0;
  const stdout: Writable = new Writable({
    highWaterMark: 1024,
    write: (_chunk, _encoding, done) => {
      mostHeld = Math.max(mostHeld, stdout.writableLength);
      setImmediate(done);
    },
  });
  const environment = { env: {}, stdin: Readable.from([]), stdout, stderr: new PassThrough(), serve: () => Promise.resolve() };
  t.equal(await runCli(['node', 'podgrace', 'replay', '-v', file], environment), 1);
  const answer = (await podgrace(['replay', '-v', file])).stdout;
  t.ok(mostHeld < answer.length / 10, `${mostHeld} of ${answer.length} bytes held at once`);
});

void t.test('a disk that gets full under --responses is told', { skip: !existsSync('/dev/full') && 'needs /dev/full' }, async (t) => {
  const { code, stderr } = await podgrace(['replay', SAMPLES, '--responses', '/dev/full']);
  t.same([code, stderr], [2, 'podgrace: --responses: /dev/full cannot be written: no space left on device\n']);
});

void t.test('options that make no sense together are refused', async (t) => {
  for (const [args, message] of [
    [['--ca', 'ca.crt'], '--ca and --timeout need --url'],
    [['--timeout', '5'], '--ca and --timeout need --url'],
    [
      ['--responses', '-', '-o', 'json'],
      '--responses - and the report of --output json cannot both go to standard output: name a file after --responses',
    ],
    [['--against', 'a', '--url', 'https://b'], "option '--against <file>' cannot be used with option '--url <url>'"],
    [['--url', 'http://localhost'], "--url: must be an https URL like https://localhost:8443, but is 'http://localhost'"],
    [['--url', 'localhost:8443'], "--url: must be an https URL like https://localhost:8443, but is 'localhost:8443'"],
    [['--url', 'https://localhost/?a=b'], "--url: must be an https URL like https://localhost:8443, but is 'https://localhost/?a=b'"],
    [['--url', 'https://localhost', '--ca', 'none'], '--ca: none cannot be read: no such file or directory'],
    [['--against', 'none'], '--against: none cannot be read: no such file or directory'],
    [['--timeout', '31'], "option '--timeout <seconds>' argument '31' is invalid. --timeout must be a whole number between 1 and 30."],
  ] as const) {
    const { code, stdout, stderr } = await podgrace(['replay', SAMPLES, ...args]);
    t.same([code, stdout, stderr.split('\n')[0]], [2, '', `podgrace: ${message}`]);
  }
});

void t.test('--responses keeps what was there where a record of the input cannot be read, or has no answer', async (t) => {
  const whole = JSON.stringify(DENIED);
  const withoutUid = JSON.stringify({ ...DENIED, request: { ...(DENIED['request'] as object), uid: '' } });
  const folder = t.testdir({
    'broken.ndjson': `${whole}\n${whole.slice(0, -9)}\n${whole}\n`,
    'unanswered.ndjson': `${whole}\n${withoutUid}\n`,
    answers: 'old\n',
  });
  for (const input of ['broken.ndjson', 'unanswered.ndjson']) {
    const { code, stderr } = await podgrace(['replay', join(folder, input), '--responses', join(folder, 'answers')]);
    t.equal(code, 2);
    t.match(stderr, /answers is not written, because some input cannot be read or has no answer$/m);
    t.equal(readFileSync(join(folder, 'answers'), 'utf8'), 'old\n');
  }
});

void t.test('--responses refuses to write over a review that it finds in a folder', async (t) => {
  const review = JSON.stringify(DENIED);
  const folder = t.testdir({ 'r.json': review });
  const { code, stderr } = await podgrace(['replay', folder, '--responses', join(folder, 'r.json')]);
  t.equal(code, 2);
  t.match(stderr, /^podgrace: --responses: \S+ must not be a file that is read: it would be lost$/m);
  t.equal(readFileSync(join(folder, 'r.json'), 'utf8'), review);
});

void t.test('a kind that holds a Pod template and that the policy does not know is told once', async (t) => {
  const template = { metadata: { labels: {} }, spec: { containers: [containerOf({})] } };
  const rollout = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', metadata: { name: 'web' }, spec: { template } };
  const type = { group: 'argoproj.io', version: 'v1alpha1', kind: 'Rollout' };
  const review = JSON.stringify(reviewOf(rollout, { kind: type }));
  const event = JSON.stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Event',
    level: 'Request',
    stage: 'ResponseComplete',
    auditID: 'a',
    verb: 'create',
    objectRef: { resource: 'rollouts', apiGroup: 'argoproj.io', apiVersion: 'v1alpha1', namespace: 'shop', name: 'web' },
    requestObject: rollout,
  });
  const hint =
    'Rollout holds a Pod template at spec.template but is not judged, because the policy does not know the kind: add the kind to workloadKinds (docs/policy.md)';
  const reviews = await podgrace(['replay', '-'], { stdin: `${review}\n${review}\n` });
  t.same([reviews.code, reviews.stderr], [0, `stdin:1: ${hint}\n`]);
  const events = await podgrace(['replay', '-'], { stdin: `${event}\n${event}\n` });
  t.match(events.stdout, `2 requests of the audit log not judged: ${hint}\n`);
});
