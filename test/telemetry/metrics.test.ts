import fc from '../fast-check.ts';
import t from 'tap';
import { recordOf } from '../../src/admission/record.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { askMutate, askValidate } from '../admission/ask.ts';
import { finding, forbidLatest, policyOf, requireGrace, throwing } from '../admission/made-up-rules.ts';
import { latestPod, podOf, requestOf, reviewOf, type ReviewParts } from '../admission/reviews.ts';
import { runs } from '../long-tests.ts';

const policy = policyOf([forbidLatest(), requireGrace(), finding(2, 'x', 'warn', 'warns')]);

function record(metrics: Metrics, object: unknown, parts: ReviewParts = {}, rules = policy): void {
  metrics.recordDecision(recordOf(requestOf(object, parts), askMutate(reviewOf(object, parts), rules).decision), 2);
  metrics.recordDecision(recordOf(requestOf(object, parts), askValidate(reviewOf(object, parts), rules).decision), 30);
}

/** The lines of podgrace's own series, values included. */
async function seriesOf(metrics: Metrics, name = 'podgrace_'): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.startsWith(name));
}

void t.test('every series has a help text and a type', async (t) => {
  const text = await new Metrics().text();
  for (const [name, type] of [
    ['podgrace_admission_duration_seconds', 'histogram'],
    ['podgrace_admission_decisions_total', 'counter'],
    ['podgrace_findings_total', 'counter'],
    ['podgrace_mutations_total', 'counter'],
    ['podgrace_unreadable_requests_total', 'counter'],
    ['podgrace_certificate_expiry_timestamp_seconds', 'gauge'],
    ['podgrace_certificate_authority_expiry_timestamp_seconds', 'gauge'],
    ['podgrace_certificate_reload_errors_total', 'counter'],
    ['podgrace_policy_loaded_timestamp_seconds', 'gauge'],
    ['podgrace_policy_stale', 'gauge'],
    ['podgrace_policy_reload_errors_total', 'counter'],
    ['process_cpu_seconds_total', 'counter'],
    ['nodejs_eventloop_lag_p99_seconds', 'gauge'],
  ]) {
    t.match(text, new RegExp(`^# HELP ${name} \\S`, 'm'));
    t.match(text, new RegExp(`^# TYPE ${name} ${type}$`, 'm'));
  }
});

void t.test('what alerts are made of is there from the start, as 0', async (t) => {
  const series = await seriesOf(new Metrics());
  for (const line of ['podgrace_policy_stale 0', 'podgrace_policy_reload_errors_total 0', 'podgrace_certificate_reload_errors_total 0']) {
    t.ok(series.includes(line), line);
  }
});

void t.test('a decision is counted by webhook and outcome, its findings by rule and mode, its repairs by rule', async (t) => {
  const metrics = new Metrics();
  record(metrics, latestPod());
  t.same(await seriesOf(metrics, 'podgrace_admission_decisions_total'), [
    'podgrace_admission_decisions_total{webhook="mutate",decision="mutated"} 1',
    'podgrace_admission_decisions_total{webhook="validate",decision="denied"} 1',
  ]);
  t.same(await seriesOf(metrics, 'podgrace_findings_total'), [
    'podgrace_findings_total{rule="minute-of-grace",mode="enforce"} 1',
    'podgrace_findings_total{rule="no-latest",mode="enforce"} 1',
    'podgrace_findings_total{rule="warns",mode="warn"} 2',
  ]);
  t.same(await seriesOf(metrics, 'podgrace_mutations_total'), ['podgrace_mutations_total{rule="minute-of-grace",mutation="apply"} 1']);
});

void t.test('an excused finding is counted as what excuses it, a suggestion as would', async (t) => {
  const metrics = new Metrics();
  const suggesting = policyOf([forbidLatest(), requireGrace('audit', 'would')]);
  record(metrics, latestPod(), { username: 'system:serviceaccount:kube-system:replicaset-controller' }, suggesting);
  t.same(await seriesOf(metrics, 'podgrace_findings_total'), [
    'podgrace_findings_total{rule="minute-of-grace",mode="audit"} 1',
    'podgrace_findings_total{rule="no-latest",mode="owned"} 1',
  ]);
  t.same(await seriesOf(metrics, 'podgrace_mutations_total'), ['podgrace_mutations_total{rule="minute-of-grace",mutation="would"} 1']);
});

void t.test('durations have the buckets of the API server, and short ones before them', async (t) => {
  const metrics = new Metrics();
  record(metrics, podOf());
  const buckets = await seriesOf(metrics, 'podgrace_admission_duration_seconds_bucket{le=');
  t.same(
    buckets.filter((line) => line.includes('webhook="validate"')).map((line) => /le="(.*?)".* (\d)$/.exec(line)?.slice(1, 3).join(' ')),
    [
      ...['0.00005 0', '0.0001 0', '0.00025 0', '0.0005 0', '0.001 0', '0.0025 0'],
      ...['0.005 0', '0.025 0', '0.1 1', '0.5 1', '1 1', '2.5 1', '10 1', '25 1', '+Inf 1'],
    ],
  );
  t.same(await seriesOf(metrics, 'podgrace_admission_duration_seconds_sum'), [
    'podgrace_admission_duration_seconds_sum{webhook="mutate"} 0.002',
    'podgrace_admission_duration_seconds_sum{webhook="validate"} 0.03',
  ]);
});

void t.test('who reads again gets the same, and what has come since', async (t) => {
  const metrics = new Metrics();
  record(metrics, latestPod());
  const first = await seriesOf(metrics);
  t.same(await seriesOf(metrics), first);
  record(metrics, latestPod());
  const second = await seriesOf(metrics);
  for (const line of [
    'podgrace_admission_duration_seconds_count{webhook="validate"} 2',
    'podgrace_admission_decisions_total{webhook="validate",decision="denied"} 2',
    'podgrace_findings_total{rule="warns",mode="warn"} 4',
    'podgrace_mutations_total{rule="minute-of-grace",mutation="apply"} 2',
  ]) {
    t.ok(second.includes(line), line);
  }
});

void t.test('requests that were refused are counted by their code', async (t) => {
  const metrics = new Metrics();
  for (const code of [400, 400, 413]) metrics.recordUnreadable(code);
  t.same(await seriesOf(metrics, 'podgrace_unreadable_requests_total'), [
    'podgrace_unreadable_requests_total{code="400"} 2',
    'podgrace_unreadable_requests_total{code="413"} 1',
  ]);
});

void t.test('certificate and policy: when it ends, since when it is in force, how often another was refused', async (t) => {
  const metrics = new Metrics();
  const own = async (): Promise<string[]> => [
    ...(await seriesOf(metrics, 'podgrace_certificate')),
    ...(await seriesOf(metrics, 'podgrace_policy')),
  ];
  metrics.recordCertificate(1_900_000_000_000);
  metrics.recordAuthority(2_000_000_000_000);
  metrics.recordCertificateError();
  metrics.recordPolicy(1_800_000_000_500);
  metrics.recordPolicyError();
  t.same(await own(), [
    'podgrace_certificate_expiry_timestamp_seconds 1900000000',
    'podgrace_certificate_authority_expiry_timestamp_seconds 2000000000',
    'podgrace_certificate_reload_errors_total 1',
    'podgrace_policy_loaded_timestamp_seconds 1800000000.5',
    'podgrace_policy_stale 1',
    'podgrace_policy_reload_errors_total 1',
  ]);
  metrics.recordPolicy(1_800_000_001_000);
  t.ok((await own()).includes('podgrace_policy_stale 0'), 'a policy that is taken is not stale');
});

void t.test('what is not known has no series, or no longer', async (t) => {
  const metrics = new Metrics();
  const gauges = async (): Promise<string[]> => [
    ...(await seriesOf(metrics, 'podgrace_certificate')),
    ...(await seriesOf(metrics, 'podgrace_policy')),
  ];
  const atStart = ['podgrace_certificate_reload_errors_total 0', 'podgrace_policy_stale 0', 'podgrace_policy_reload_errors_total 0'];
  t.same(await gauges(), atStart);
  metrics.recordAuthority(2_000_000_000_000);
  t.ok((await gauges()).includes('podgrace_certificate_authority_expiry_timestamp_seconds 2000000000'));
  metrics.recordAuthority();
  t.same(await gauges(), atStart);
  t.notMatch(await metrics.text(), /nan$/im, 'also where a library has nothing to say yet');
});

void t.test('nothing that a user sends makes a series', async (t) => {
  const metrics = new Metrics();
  const hostile = fc.string({ unit: 'binary' });
  const broad = policyOf([forbidLatest(), requireGrace('warn', 'would'), throwing()]);
  fc.assert(
    fc.property(
      hostile,
      hostile,
      hostile,
      fc.constantFrom('CREATE', 'UPDATE', 'DELETE', 'CONNECT'),
      fc.object(),
      (name, namespace, username, operation, odd) => {
        for (const object of [latestPod({ metadata: { name, labels: { [name]: name } } }), podOf({ spec: odd }), { ...odd, kind: name }]) {
          record(
            metrics,
            object,
            { name, namespace, username, operation, subResource: '', kind: { group: '', version: 'v1', kind: 'Pod' } },
            broad,
          );
        }
      },
    ),
    { numRuns: runs(200) },
  );
  const labels = new Set(
    (await seriesOf(metrics)).flatMap((line) => [...line.matchAll(/(\w+)="(.*?)"/g)].map(([, key, value]) => `${key} ${value}`)),
  );
  const known = {
    webhook: ['validate', 'mutate'],
    decision: ['allowed', 'warned', 'denied', 'mutated', 'skipped'],
    rule: ['no-latest', 'minute-of-grace', 'throws', 'well-formed'],
    mode: ['enforce', 'warn', 'audit', 'exempt', 'owned', 'static', 'not-worse', 'unknown'],
    mutation: ['apply', 'would'],
    le: ['0.00005', '0.0001', '0.00025', '0.0005', '0.001', '0.0025', '0.005', '0.025', '0.1', '0.5', '1', '2.5', '10', '25', '+Inf'],
  };
  const allowed = Object.entries(known).flatMap(([key, values]) => values.map((value) => `${key} ${value}`));
  t.same(
    [...labels].filter((label) => !allowed.includes(label)),
    [],
  );
});
