/** Wherever in an evaluation the time ends, there is an answer, and it is no milder than with all the time (docs/adr/0066). */
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { presetDocument } from '../../src/config/presets.ts';
import { Policy } from '../../src/core/policy.ts';
import { IS_LONG } from '../long-tests.ts';
import { NOW_MS, askMutate, askValidate } from './ask.ts';
import { HOSTILE_PODS } from './hostile-objects.ts';
import { podOf, reviewOf, workloadOf, type Review } from './reviews.ts';

const SIZE = 64;
/** Looks at the clock: one before each rule, and more where there is much to look at. */
const LOOKS = IS_LONG ? [0, 1, 5, 20, 40, 80] : [1, 20];

const document = presetDocument('strict');
const POLICY = new Policy(
  { ...document, spec: { ...document.spec, rules: Object.fromEntries(catalogue.rules.map(({ meta }) => [meta.id, { mode: 'enforce' }])) } },
  catalogue,
);

for (const [name, make] of Object.entries(HOSTILE_PODS)) {
  void t.test(`${name}: an answer wherever the time ends, and none that is milder`, (t) => {
    const pod = make(SIZE);
    const workload = workloadOf('apps/v1', 'Deployment', pod as never);
    const reviews: Review[] = [
      reviewOf(pod),
      reviewOf(workload),
      reviewOf(workload, { operation: 'UPDATE', oldObject: workloadOf('apps/v1', 'Deployment', podOf()) }),
    ];
    for (const review of reviews) {
      const isAllowed = askValidate(review, POLICY).answer.allowed;
      for (const looks of LOOKS) {
        let looked = 0;
        const asking = { nowMs: NOW_MS, outOfTime: () => (looked += 1) > looks };
        const { answer } = askValidate(review, POLICY, asking);
        if (!isAllowed) t.equal(answer.allowed, false, `after ${looks} looks at the clock`);
        looked = 0;
        askMutate(review, POLICY, asking);
      }
    }
    t.end();
  });
}
