import t from 'tap';
import { readWorkload } from '../../src/core/rollout.ts';

void t.test('a Job and a CronJob say what ends a Job, with the defaults of the API server', (t) => {
  const boundsOf = (kind: string, spec: object): unknown => {
    const { path, ...bounds } = readWorkload({ spec: { ...spec } }, { group: 'batch', kind }, 36).workload?.job ?? {};
    return [path?.text, bounds];
  };
  const ofTries = { tries: 6, limit: 'backoffLimit', triesAgain: true, awaitsEnd: false };
  const defaults = {
    ...ofTries,
    activeDeadlineSeconds: undefined,
    concurrencyPolicy: undefined,
    isSuspended: false,
    heldBackBy: undefined,
  };
  t.same(boundsOf('Job', { replicas: 3 }), ['spec', defaults]);
  t.same(boundsOf('Job', { activeDeadlineSeconds: 60, backoffLimit: 0 }), [
    'spec',
    { ...defaults, activeDeadlineSeconds: 60, tries: 0, triesAgain: false },
  ]);
  // What has a limit for each index may fail in all of them (`math.MaxInt32`), each so often.
  const ofIndex = { ...defaults, tries: 1, limit: 'backoffLimitPerIndex' };
  t.same(boundsOf('Job', { backoffLimitPerIndex: 1 }), ['spec', ofIndex]);
  t.same(boundsOf('Job', { backoffLimitPerIndex: 1, backoffLimit: 2147483647 }), ['spec', ofIndex], 'as an API server stores it');
  t.same(boundsOf('Job', { backoffLimitPerIndex: 1, backoffLimit: 9 }), ['spec', { ...defaults, tries: 9 }]);
  t.same(boundsOf('CronJob', { concurrencyPolicy: '', jobTemplate: { spec: { backoffLimit: 3 } } }), [
    'spec.jobTemplate.spec',
    { ...defaults, tries: 3, concurrencyPolicy: 'Allow' },
  ]);
  t.same(boundsOf('CronJob', { concurrencyPolicy: 'Forbid' }), ['spec.jobTemplate.spec', { ...defaults, concurrencyPolicy: 'Forbid' }]);
  t.same(boundsOf('CronJob', { concurrencyPolicy: 'Forbid', suspend: true }), [
    'spec.jobTemplate.spec',
    { ...defaults, concurrencyPolicy: 'Forbid', isSuspended: true },
  ]);
  t.same(boundsOf('Job', { podReplacementPolicy: 'Failed' }), ['spec', { ...defaults, awaitsEnd: true }]);
  t.same(boundsOf('Job', { podFailurePolicy: { rules: [] } }), ['spec', { ...defaults, awaitsEnd: true }]);
  t.same(boundsOf('Job', { suspend: true }), ['spec', { ...defaults, heldBackBy: 'suspend' }], 'somebody lets the Job run later');
  t.same(boundsOf('Job', { parallelism: 0 }), ['spec', { ...defaults, heldBackBy: 'parallelism' }]);
  const wrong = readWorkload({ spec: { jobTemplate: { spec: { backoffLimit: '3' } } } }, { group: 'batch', kind: 'CronJob' }, 36);
  t.match(wrong.problems, [{ path: { text: 'spec.jobTemplate.spec.backoffLimit' }, message: /must be an integer/ }]);
  t.end();
});
