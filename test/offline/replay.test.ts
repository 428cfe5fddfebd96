/** What `replay` does without printing: recorded reviews in, answers out, one after the other. */
import t, { type Test } from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { replayFiles, ReplayTally, type ReplayOutcome } from '../../src/offline/replay.ts';
import { NOW_MS } from '../admission/ask.ts';
import { latestPod, reviewOf } from '../admission/reviews.ts';

const policy = presetPolicy('production');

async function replayed(t: Test, files: Record<string, string>): Promise<[ReplayOutcome[], ReplayTally]> {
  const outcomes: ReplayOutcome[] = [];
  const tally = new ReplayTally(false);
  for await (const outcome of replayFiles([t.testdir(files)], { policy, nowMs: NOW_MS }, { stdin: process.stdin })) {
    outcomes.push(outcome);
    tally.count(outcome);
  }
  return [outcomes, tally];
}

void t.test('a review comes with its answer, and with what the webhook would send', async (t) => {
  const [outcomes, tally] = await replayed(t, { 'pod.json': JSON.stringify(reviewOf(latestPod())) });
  const [outcome] = outcomes;
  t.match(outcome, { outcome: 'judged', result: { kind: 'Pod', namespace: 'shop', validate: { allowed: false } } });
  t.equal(outcome?.reviews?.().length, 2, 'of /mutate and of /validate');
  t.match(tally.summary, { reviews: 1, denied: 1, allowed: 0, errors: 0, differing: null });
});

void t.test('a line that is no review is an error of its own, and those after it are answered', async (t) => {
  const review = JSON.stringify(reviewOf(latestPod()));
  const [outcomes, tally] = await replayed(t, { 'many.ndjson': `{"kind":\n${review}\n` });
  t.same(
    outcomes.map(({ outcome }) => outcome),
    ['error', 'judged'],
  );
  t.match(outcomes[0], { errors: [{ source: /many\.ndjson:1$/ }] });
  t.match(tally.summary, { reviews: 1, errors: 1 });
});

void t.test('an object of a kind with a Pod template that the policy does not list comes with a hint', async (t) => {
  const object = {
    apiVersion: 'example.dev/v1',
    kind: 'Rollout',
    metadata: { name: 'web' },
    spec: { template: { spec: latestPod()['spec'] } },
  };
  const [[outcome]] = await replayed(t, { 'rollout.json': JSON.stringify(reviewOf(object)) });
  t.match(outcome, { outcome: 'judged', hint: /spec\.template/, result: { validate: { allowed: true } } });
  const [[excluded]] = await replayed(t, { 'rollout.json': JSON.stringify(reviewOf(object, { namespace: 'kube-system' })) });
  t.match(
    excluded,
    { outcome: 'judged', hint: undefined, result: { namespace: 'kube-system' } },
    'its namespace is left alone whatever is listed',
  );
});

void t.test('a file without a review is an error of the path', async (t) => {
  const [outcomes] = await replayed(t, { 'empty.ndjson': '\n' });
  t.match(outcomes, [{ outcome: 'error', errors: [{ message: /must hold an AdmissionReview/ }] }]);
});
