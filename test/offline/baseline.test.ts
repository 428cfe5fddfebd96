import t from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { Baseline, NewBaseline } from '../../src/offline/baseline.ts';
import { checkManifest, type CheckFinding, type CheckResult } from '../../src/offline/check.ts';
import { ManifestDocument } from '../../src/offline/input/documents.ts';
import { latestPod } from '../admission/reviews.ts';

const policy = presetPolicy('strict');

function checked(pod: object): CheckResult {
  const outcome = checkManifest(ManifestDocument.ofValue('web.json', pod), { policy, namespace: 'shop', nowMs: 0 });
  if (outcome.outcome !== 'judged') throw new Error(outcome.outcome);
  return outcome.result;
}

const result = checked(latestPod());

function recorded(path: string, findings: readonly CheckFinding[]): string {
  const baseline = new NewBaseline();
  for (const finding of findings) baseline.add(path, result, finding);
  return baseline.text;
}

function entriesIn(text: string): number {
  return (JSON.parse(text) as { readonly findings: readonly unknown[] }).findings.length;
}

const everyRule = (): boolean => true;

void t.test('each recorded finding is known as often as it was recorded', (t) => {
  t.ok(result.findings.length > 1);
  const baseline = new Baseline(recorded('web.yaml', result.findings), everyRule);
  for (const finding of result.findings) t.equal(baseline.takes('web.yaml', result, finding), true, finding.identity);
  for (const finding of result.findings) t.equal(baseline.takes('web.yaml', result, finding), false, 'once more is new');
  t.end();
});

void t.test('findings of another file or object are new', (t) => {
  const [finding] = result.findings;
  if (finding === undefined) throw new Error('nothing is found');
  const baseline = new Baseline(recorded('web.yaml', [finding]), everyRule);
  t.equal(baseline.takes('other.yaml', result, finding), false);
  t.equal(baseline.takes('web.yaml', { ...result, name: 'other' }, finding), false);
  t.equal(baseline.takes('web.yaml', result, finding), true);
  t.end();
});

void t.test('what is not found any more counts only where its file was read and its rule was asked', (t) => {
  const text = recorded('web.yaml', result.findings);
  const unseen = new Baseline(text, everyRule);
  t.equal(unseen.gone, 0);
  unseen.see('web.yaml');
  t.equal(unseen.gone, result.findings.length);
  const unasked = new Baseline(text, () => false);
  unasked.see('web.yaml');
  t.equal(unasked.gone, 0);
  t.equal(unasked.entriesElsewhere(everyRule).length, entriesIn(text));
  t.same(unseen.entriesElsewhere(everyRule), []);
  t.end();
});

void t.test('the text is the same in whatever order findings are added, one entry a line', (t) => {
  const text = recorded('web.yaml', result.findings);
  t.equal(recorded('web.yaml', result.findings.toReversed()), text);
  t.equal(text.split('\n').filter((line) => line.startsWith('    {')).length, entriesIn(text));
  t.end();
});

void t.test('a text that is no baseline is refused, and one of another version says so', (t) => {
  for (const text of ['', '[]', '{"version": 1}', '{"version": "3.7", "services": {}}', '{"version": 1, "findings": [{"file": "a"}]}', '{'])
    t.throws(() => new Baseline(text, everyRule), { name: 'BaselineError', isOtherVersion: false }, text);
  for (const text of ['{"version": 2, "findings": []}', '{"version": 2, "entries": {}}'])
    t.throws(() => new Baseline(text, everyRule), { name: 'BaselineError', isOtherVersion: true }, text);
  t.end();
});
