import t from 'tap';
import { FieldPath } from '../../../../src/core/path.ts';
import { createReporter } from '../../../../src/cli/reporters/registry.ts';
import { planLines } from '../../../../src/cli/reporters/text/plan.ts';
import type { DryRunResult, Verdict } from '../../../../src/kube/commands/manifest-dry-run.ts';
import { parsedReport } from '../../command-line.ts';
import { Recorded } from '../../recorded-output.ts';

const HEAD = { version: '0.1.0', server: 'https://c', policy: 'cluster' };
const ALLOWED: Verdict = { allowed: true, denied: null, warnings: [], changes: [], missing: [], expected: null, triedWithout: [] };
const DEPLOYMENT: DryRunResult = {
  ...ALLOWED,
  file: 'a.yaml',
  document: 1,
  line: 3,
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  operation: 'create',
  warnings: [{ text: 'be careful', by: 'others' }],
  changes: [{ path: 'spec.replicas', from: undefined, to: 1, by: 'api-server', rules: [] }],
  findings: [
    { rule: 'existing-references', mode: 'warn', message: 'must exist', field: 'spec.a', container: null, fix: 'create it' },
    { rule: 'existing-references', mode: 'audit', message: 'must exist', field: 'spec.b', container: null, fix: 'create it' },
  ],
  pod: {
    ...ALLOWED,
    changes: [
      { path: 'spec.terminationGracePeriodSeconds', from: 30, to: 40, by: 'podgrace', rules: ['pre-stop-delay'] },
      { path: 'metadata.labels', from: undefined, to: { a: 'b' }, by: 'others', rules: [] },
    ],
    missing: [{ path: 'spec.containers[a].lifecycle', from: undefined, to: {}, by: 'podgrace', rules: ['pre-stop-delay'] }],
  },
};
const DENIED: DryRunResult = {
  ...DEPLOYMENT,
  allowed: false,
  denied: { by: 'podgrace', name: 'validate.runbook.podgrace.dev', message: 'Pod a breaks a rule\n- b' },
  warnings: [],
  changes: [],
  findings: [],
  expected: { policy: 'cluster', allowed: true },
  pod: null,
};
const ERROR = { file: 'b.yaml', document: 2, line: 7, message: 'cannot tell' };
const SUMMARY = { objects: 2, allowed: 1, denied: 1, podsDenied: 0, errors: 1 };

function report(format: string, isVerbose = false): { out: string; err: string } {
  const [out, err] = [new Recorded(), new Recorded()];
  const reporter = createReporter('dry-run', format, { stdout: out.output, stderr: err.output, isVerbose });
  reporter.begin(HEAD);
  reporter.object({ outcome: 'judged', result: DEPLOYMENT });
  reporter.object({ outcome: 'judged', result: DENIED });
  reporter.object({ outcome: 'error', errors: [ERROR] });
  reporter.end(SUMMARY);
  return { out: out.text, err: err.text };
}

void t.test('the text says per object who denied and who changed what', (t) => {
  const { out, err } = report('text');
  t.equal(
    out,
    [
      'a.yaml:3 Deployment shop/web (create): allowed',
      '  ! be careful (not by podgrace)',
      '  · 1 field filled in by the API server (-v prints them)',
      '  ! spec.a: must exist [existing-references]',
      '    fix: create it',
      '  its Pods: allowed',
      '    ~ spec.terminationGracePeriodSeconds: 30 → 40 [podgrace: pre-stop-delay]',
      '    + metadata.labels: {"a":"b"} [others: another webhook, or a plugin]',
      "    ? podgrace's own evaluation makes the change spec.containers[a].lifecycle: {} [pre-stop-delay], but the cluster does not",
      'a.yaml:3 Deployment shop/web (create): denied by podgrace',
      '    Pod a breaks a rule',
      '    - b',
      "  ? podgrace's own evaluation by policy cluster allows this: the cluster has another policy, or does not ask podgrace about this kind or this namespace, or podgrace does not answer",
      '2 objects: 1 allowed, 1 denied; 1 error (dry run on https://c, compared with policy cluster; nothing was stored)',
      '',
    ].join('\n'),
  );
  t.equal(err, 'b.yaml:7: cannot tell\n');
  t.match(report('text', true).out, '  + spec.replicas: 1 [API server]\n');
  t.end();
});

void t.test('the JSON is as its schema says, with null for what is not there', (t) => {
  t.match(parsedReport('dry-run', report('json').out), {
    results: [
      { changes: [{ from: null, to: 1 }], findings: [{ mode: 'warn' }, { mode: 'audit' }], pod: { allowed: true } },
      { denied: { by: 'podgrace' }, pod: null },
    ],
    errors: [ERROR],
  });
  t.end();
});

void t.test('a plan is one line for each object, with the changes below', (t) => {
  const change = { path: 'spec.replicas', place: FieldPath.ROOT, from: 2, to: 3, added: undefined };
  const long = { path: 'data', place: FieldPath.ROOT, from: 'x'.repeat(200), to: undefined, added: undefined };
  const plan = new Recorded();
  plan.output.lines(
    planLines([
      { title: 'Namespace a', action: { action: 'create' } },
      { title: 'Deployment a/b', action: { action: 'change', changes: [change, long] } },
      { title: 'ConfigMap a/c', action: { action: 'keep', reason: 'in force' } },
      { title: 'Secret a/d', action: { action: 'gone' } },
    ]),
  );
  t.equal(
    plan.text,
    [
      '  + create    Namespace a',
      '  ~ change    Deployment a/b',
      '      spec.replicas: 2 → 3',
      `      data: "${'x'.repeat(78)}… → removed`,
      '  ! keep      ConfigMap a/c: in force',
      '  = absent    Secret a/d',
      '',
    ].join('\n'),
  );
  t.end();
});
