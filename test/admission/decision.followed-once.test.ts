/** An update is judged up to four times, before and after it and with and without repairs: its scripts are followed once. */
import t from 'tap';
import { decideValidation } from '../../src/admission/decision.ts';
import { decodeReview } from '../../src/admission/review.ts';
import { presetPolicy } from '../../src/config/presets.ts';
import { NOW_MS } from './ask.ts';
import { countWork } from './counted-work.ts';
import { containerOf, podOf, reviewOf, workloadOf, type Review } from './reviews.ts';

const POLICY = presetPolicy('strict');

/** Too long to be remembered from one review to the next. */
const script = (at: number): string => `${'echo a b c; '.repeat(60)}trap 'kill ${at}' TERM; app & wait`;

function withScripts(seconds: number): object {
  const containers = Array.from({ length: 20 }, (_, at) =>
    containerOf({
      name: `c${at}`,
      command: ['sh', '-c', script(at)],
      ports: [{ containerPort: 80 }],
      lifecycle: { preStop: { exec: { command: ['sh', '-c', `sleep 1; ${script(at)}`] } } },
    }),
  );
  return workloadOf('apps/v1', 'Deployment', podOf({ spec: { containers, terminationGracePeriodSeconds: seconds } }));
}

function blocksFor(review: Review): number {
  return countWork(review, (watched) => decideValidation(decodeReview(watched), POLICY, { nowMs: NOW_MS })).blocks;
}

void t.test('an update of another field is less work than to judge the workload twice', (t) => {
  const creation = blocksFor(reviewOf(withScripts(30)));
  const update = blocksFor(reviewOf(withScripts(30), { operation: 'UPDATE', oldObject: withScripts(31) }));
  t.ok(update < 2 * creation, `${update} blocks, and ${creation} for a creation`);
  t.end();
});
