import fc from '../fast-check.ts';
import t from 'tap';
import { possibleWarnings, singleLine, warningsOf } from '../../src/admission/warnings.ts';
import { Finding } from '../../src/core/finding.ts';
import { FieldPath } from '../../src/core/path.ts';
import { runs } from '../long-tests.ts';
import { verifyAnswer } from './contract.ts';

function warning(text: string, { mode = 'warn', path = FieldPath.of('spec', 'containers', 0, 'image') }: Partial<Finding> = {}): Finding {
  return new Finding({ rule: 'rule', messageId: 'broken', mode, path, wording: { text, fix: 'mend it' } });
}

/** The verifier knows what the API server does to warnings. */
function verified(warnings: readonly string[]): readonly string[] {
  const response = { uid: 'u', allowed: true, ...(warnings.length > 0 && { warnings }) };
  const text = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response });
  return verifyAnswer('validate', { request: { uid: 'u', operation: 'CREATE' } }, text).warnings;
}

void t.test('a warning says field, message and rule', (t) => {
  t.same(verified(warningsOf([warning('must have a version')])), ['spec.containers[0].image: must have a version (rule)']);
  t.end();
});

void t.test('only findings whose mode is warn become warnings', (t) => {
  t.same(warningsOf([warning('a', { mode: 'enforce' }), warning('b', { mode: 'audit' })]), []);
  t.end();
});

void t.test('two findings with the same text are one warning', (t) => {
  t.equal(verified(warningsOf([warning('same'), warning('same')])).length, 1);
  t.end();
});

void t.test('fifteen warnings are all listed', (t) => {
  const warnings = verified(warningsOf(Array.from({ length: 15 }, (_, at) => warning(`number ${at}`))));
  t.equal(warnings.length, 15);
  t.match(warnings[14], /number 14/);
  t.end();
});

void t.test('of more than fifteen, the last line says how many were left out', (t) => {
  const warnings = verified(warningsOf(Array.from({ length: 1000 }, (_, at) => warning(`number ${at}`))));
  t.equal(warnings.length, 16);
  t.equal(warnings[15], '985 more warnings of podgrace are in the audit log');
  t.end();
});

void t.test('fifteen warnings of any length are all passed on, each cut to 256 runes', (t) => {
  const warnings = verified(warningsOf(Array.from({ length: 20 }, (_, at) => warning(`${at} ${'x'.repeat(10_000)}`))));
  t.equal(warnings.length, 16);
  for (const text of warnings.slice(0, 15)) t.equal(Array.from(text).length, 256);
  t.end();
});

void t.test('warnings stay below the limits of the API server, whatever the findings say', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ message: fc.string({ unit: 'binary', maxLength: 600 }), field: fc.string({ unit: 'binary' }) })),
      (texts) => {
        verified(warningsOf(texts.map(({ message, field }) => warning(message, { path: FieldPath.of(field) }))));
      },
    ),
    { numRuns: runs(300) },
  );
  t.end();
});

void t.test('every warning is among those that are possible, whatever the findings do in the end', (t) => {
  const findingsOf = (mode: Finding['mode']): Finding[] =>
    Array.from({ length: 40 }, (_, at) => warning(`number ${at} ${'x'.repeat(at * 10)}`, { mode }));
  for (const mode of ['enforce', 'warn', 'audit'] as const) {
    const possible = possibleWarnings(findingsOf(mode));
    t.same(
      warningsOf(findingsOf('warn')).filter((text) => !possible.has(text)),
      [],
    );
    t.notOk(possible.has('be careful'));
  }
  t.end();
});

void t.test('what is too long ends in an ellipsis, at exactly the limit', (t) => {
  t.equal(singleLine('x'.repeat(10), 10), 'x'.repeat(10));
  t.equal(singleLine('x'.repeat(11), 10), `${'x'.repeat(9)}…`);
  t.end();
});

void t.test('a limit counts runes, as Go does, and splits none', (t) => {
  t.equal(singleLine('🦭'.repeat(10), 10), '🦭'.repeat(10));
  t.equal(singleLine('🦭'.repeat(11), 10), `${'🦭'.repeat(9)}…`);
  t.end();
});

void t.test('control characters, line separators and half characters do not survive', (t) => {
  t.equal(singleLine('a\r\n\tb\u001b[31mc\u0085d\u2028e\u007ff', 100), String.raw`a\r\n\tb\u001b[31mc\u0085d\u2028e\u007ff`);
  t.equal(singleLine('a\ud800b', 100), String.raw`a\ud800b`);
  t.equal(singleLine('a\u202eb\u2066c', 100), String.raw`a\u202eb\u2066c`);
  t.end();
});
