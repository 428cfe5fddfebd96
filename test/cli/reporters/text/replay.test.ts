import t from 'tap';
import { createReporter } from '../../../../src/cli/reporters/registry.ts';
import type { Difference } from '../../../../src/offline/compare.ts';
import type { ReportedFinding } from '../../../../src/offline/finding.ts';
import type { ReplayResult } from '../../../../src/offline/replay.ts';
import { Recorded } from '../../recorded-output.ts';

function finding(mode: ReportedFinding['mode'], field: string): ReportedFinding {
  return { rule: 'a-rule', mode, message: 'must be so', field, container: field === 'spec.b' ? 'b' : null, fix: 'make it so' };
}

const RESULT: ReplayResult = {
  source: 'a.json',
  uid: 'uid',
  operation: 'CREATE',
  kind: 'Pod',
  namespace: '',
  name: '',
  dryRun: false,
  validate: { allowed: false, message: 'no', warnings: [], findings: [finding('enforce', 'spec.a'), finding('audit', 'spec.c')] },
  mutate: {
    patch: [{ op: 'remove', path: '/spec/b' }],
    patched: true,
    warnings: [],
    findings: [finding('repair', 'spec.a'), finding('repair', 'spec.b'), finding('would', 'spec.b')],
  },
};

function printed(result: ReplayResult, verbose = false, onlyDifferences = false): string {
  const recorded = new Recorded();
  const reporter = createReporter('replay', 'text', { stdout: recorded.output, stderr: recorded.output, isVerbose: verbose });
  reporter.begin({ compared: undefined, onlyDifferences });
  reporter.object({ outcome: 'judged', result });
  return recorded.text;
}

void t.test('repairs of one rule take one line, and what is only recorded none', (t) => {
  t.equal(
    printed(RESULT),
    [
      'a.json CREATE Pod: denied, patched (1 operation)',
      '  ✗ spec.a: must be so [a-rule]',
      '    fix: make it so',
      '  ~ spec.a, spec.b: repaired at admission [a-rule]',
      '  ? spec.b: would be repaired, if the policy said `mutation: apply` [a-rule]',
      '    {"op":"remove","path":"/spec/b"}',
      '',
    ].join('\n'),
  );
  t.end();
});

void t.test('verbose says all about all findings', (t) => {
  t.equal(
    printed(RESULT, true),
    [
      'a.json CREATE Pod: denied, patched (1 operation)',
      '  ✗ spec.a: must be so [a-rule]',
      '    fix: make it so',
      '  · spec.c: must be so (recorded only) [a-rule]',
      '  ~ spec.a: must be so (repaired at admission) [a-rule]',
      '  ~ spec.b (container b): must be so (repaired at admission) [a-rule]',
      '  ? spec.b (container b): must be so (would be repaired, if the policy said `mutation: apply`) [a-rule]',
      '    {"op":"remove","path":"/spec/b"}',
      '',
    ].join('\n'),
  );
  t.end();
});

void t.test('of lists that differ, what only one has is printed; of anything else, both', (t) => {
  const differences: Difference[] = [
    { of: 'validate.message', here: null, there: 'denied by policy' },
    { of: 'validate.findings', here: ['a', 'b', 'b'], there: ['b', 'c'] },
    { of: 'mutate.patch', here: [{ op: 'remove', path: '/a' }], there: [] },
    { of: 'validate.warnings', here: ['a', 'b'], there: ['b', 'a'] },
  ];
  t.equal(
    printed({ ...RESULT, differences }, false, true),
    [
      'a.json CREATE Pod: denied, patched (1 operation)',
      '  validate.message differs:',
      '    - null',
      '    + denied by policy',
      '  validate.findings differs:',
      '    - a',
      '    - b',
      '    + c',
      '  mutate.patch differs:',
      '    - {"op":"remove","path":"/a"}',
      '  validate.warnings differs: the order only',
      '',
    ].join('\n'),
  );
  t.equal(printed({ ...RESULT, differences: [] }, false, true), '');
  t.end();
});
