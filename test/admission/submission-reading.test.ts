import t from 'tap';
import type { Submission } from '../../src/admission/submission.ts';
import { companionKindIn, inTime, readInTime, readSubmission, subjectOptions } from '../../src/admission/submission-reading.ts';
import { presetPolicy } from '../../src/config/presets.ts';
import { podOf } from './reviews.ts';

const POLICY = presetPolicy('strict');
const POD = { group: '', version: 'v1', kind: 'Pod' };
const BUDGET = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' };

function submissionOf(fields: Partial<Submission>): Submission {
  return {
    ...{ operation: 'CREATE', kind: POD, namespace: 'shop', name: '', subResource: '', object: podOf({}), oldObject: undefined },
    ...{ origin: { from: 'file' } },
    ...fields,
  };
}

void t.test('an object is of the kind that the request says, else of the kind that it says itself', (t) => {
  t.equal(companionKindIn(submissionOf({ kind: { group: 'policy', version: 'v1', kind: BUDGET.kind } })), 'policy/PodDisruptionBudget');
  t.equal(companionKindIn(submissionOf({ object: BUDGET })), undefined, 'the request says that it is a Pod');
  t.equal(companionKindIn(submissionOf({ kind: { group: '', version: '', kind: '' }, object: BUDGET })), 'policy/PodDisruptionBudget');
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment' };
  t.equal(readSubmission(submissionOf({ object: { ...podOf({}), ...deployment } }), POLICY).outcome, 'subject');
  t.equal(subjectOptions(submissionOf({}), POLICY).type?.kind, 'Pod');
  t.equal(subjectOptions(submissionOf({ kind: { group: '', version: '', kind: '' } }), POLICY).type, undefined);
  t.end();
});

void t.test('nothing is read after the time has passed, and another error is one', (t) => {
  const outOfTime = (): boolean => true;
  const spendAll = (work: { spend(steps: number): void }): string => {
    work.spend(1_000_000);
    return 'answer';
  };
  t.equal(inTime({}, spendAll), 'answer');
  t.equal(inTime({ outOfTime }, spendAll), undefined);
  t.throws(
    () => {
      inTime({ outOfTime }, () => {
        throw new RangeError('another');
      });
    },
    { name: 'RangeError' },
  );
  const annotations = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`example.com/a${at}`, 'a']));
  const long = podOf({ metadata: { annotations } });
  t.equal(readInTime(long, subjectOptions(submissionOf({}), POLICY), {})?.outcome, 'subject');
  t.equal(readInTime(long, subjectOptions(submissionOf({}), POLICY), { outOfTime }), undefined);
  t.end();
});
