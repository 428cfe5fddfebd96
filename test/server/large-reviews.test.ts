/** The thread for large reviews as it runs in the server. */
import { subscribe } from 'node:diagnostics_channel';
import { isDeepStrictEqual } from 'node:util';
import type { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { NOTHING_KNOWN, type Surroundings } from '../../src/core/surroundings.ts';
import type { Policy } from '../../src/core/policy.ts';
import { judgeReview } from '../../src/server/judge-review.ts';
import { LargeReviews, type LargeReview, type LargeReviewOutcome, type LargeReviewsOptions } from '../../src/server/large-reviews.ts';
import { readReviewHead } from '../../src/server/review-head.ts';
import { latestPod, reviewOf } from '../admission/reviews.ts';
import { eventually } from '../files/eventually.ts';

const production = presetPolicy('production');

/** The threads of this process that run. */
const threads = new Set<Worker>();
subscribe('worker_threads', (message) => {
  const { worker } = message as { readonly worker: Worker };
  threads.add(worker);
  worker.once('exit', () => threads.delete(worker));
});

function largeReviews(t: Test, options?: Partial<LargeReviewsOptions>): LargeReviews {
  const large = new LargeReviews(options);
  t.teardown(() => large.close());
  return large;
}

function bodyOf(annotationLength: number): Buffer {
  return Buffer.from(JSON.stringify(reviewOf(latestPod({ metadata: { annotations: { long: 'x'.repeat(annotationLength) } } }))));
}

function reviewFor(bytes: Buffer, parts: Partial<LargeReview> = {}): LargeReview {
  const nowMs = performance.now();
  return {
    bytes,
    phase: 'validate',
    policy: production,
    deadlineMs: nowMs + 30_000,
    lastMs: nowMs + 60_000,
    held: undefined,
    around: () => NOTHING_KNOWN,
    ...parts,
  };
}

function isUnjudged(t: Test, outcome: LargeReviewOutcome, reason: RegExp): void {
  t.match(outcome, { outcome: 'unjudged', reason });
  if (outcome.outcome === 'unjudged') t.match(readReviewHead(outcome.head), { origin: { username: 'alice' } });
}

void t.test('the answer and the record are those of the thread that serves', async (t) => {
  const large = largeReviews(t);
  for (const phase of ['validate', 'mutate'] as const) {
    const expected = judgeReview(bodyOf(100_000), { phase, policy: production, deadlineMs: Infinity, around: () => NOTHING_KNOWN });
    t.same(await large.judge(reviewFor(bodyOf(100_000), { phase })), { outcome: 'judged', judged: expected });
  }
});

void t.test('a policy that is replaced counts for the next review', async (t) => {
  const large = largeReviews(t);
  const verdicts: unknown[] = [];
  for (const policy of [production, presetPolicy('baseline'), production] satisfies Policy[]) {
    const outcome = await large.judge(reviewFor(bodyOf(10), { policy }));
    if (outcome.outcome === 'judged') verdicts.push(outcome.judged.record.outcome);
  }
  t.same(verdicts, ['denied', 'warned', 'denied']);
});

void t.test('what is known around the objects of the namespace is known in the thread', async (t) => {
  const large = largeReviews(t);
  const asked: string[] = [];
  const around = (namespace: string): Surroundings => {
    asked.push(namespace);
    return { ...NOTHING_KNOWN, podDisruptionBudgets: { isKnown: true, value: [] } };
  };
  const { spec } = latestPod();
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas: 2, template: { metadata: { labels: { app: 'web' } }, spec } },
  };
  const body = Buffer.from(JSON.stringify(reviewOf(deployment)));
  const outcome = await large.judge(reviewFor(body, { around }));
  t.same(asked, ['shop']);
  const budgetMissing = { rule: 'disruption-budget', mode: 'may-follow', count: 1 };
  t.ok(outcome.outcome === 'judged' && outcome.judged.record.findingCounts.some((count) => isDeepStrictEqual(count, budgetMissing)));
});

void t.test('what is known is copied to the thread once, in parts, and again where it has changed', async (t) => {
  const large = largeReviews(t);
  let copied = 0;
  let turn = 0;
  const turns = new Set<number>();
  const counting = setInterval(() => (turn += 1), 0);
  t.teardown(() => {
    clearInterval(counting);
  });
  /** Each counts when it is copied. */
  const servicesOf = (count: number): Surroundings['services'] => {
    const service = (name: string): object => ({
      get name() {
        copied += 1;
        turns.add(turn);
        return name;
      },
      selector: { app: name },
    });
    return { isKnown: true, value: Array.from({ length: count }, (_, at) => service(`s${at}`)) as never };
  };
  const judgeWith = async (services: Surroundings['services']): Promise<number> => {
    copied = 0;
    const outcome = await large.judge(reviewFor(bodyOf(10), { around: () => ({ ...NOTHING_KNOWN, services }) }));
    t.equal(outcome.outcome, 'judged');
    return copied;
  };
  const many = servicesOf(30_000);
  t.equal(await judgeWith(many), 30_000);
  t.ok(turns.size > 1, 'others are served between the parts');
  t.equal(await judgeWith(many), 0, 'the thread has them');
  t.equal(await judgeWith(servicesOf(3)), 3, 'the list is another');
});

void t.test('what the policy leaves alone is left alone', async (t) => {
  const large = largeReviews(t);
  const outcome = await large.judge(reviewFor(bodyOf(10), { policy: presetPolicy('production', 'shop') }));
  t.match(outcome, { outcome: 'judged', judged: { record: { outcome: 'skipped', skipped: 'excluded-namespace' } } });
});

void t.test('what is no review is said to be none', async (t) => {
  const large = largeReviews(t);
  t.same(await large.judge(reviewFor(Buffer.from('{}'))), { outcome: 'unreadable', message: "kind must be 'AdmissionReview'" });
});

void t.test('a review that has no time left when it is judged says which rules were not asked', async (t) => {
  const large = largeReviews(t);
  const outcome = await large.judge(reviewFor(bodyOf(10), { deadlineMs: performance.now() - 1 }));
  t.ok(outcome.outcome === 'judged' && outcome.judged.text.includes('the deadline of the request has passed'));
});

void t.test('a thread that has not started in time goes on starting, and judges the next review', async (t) => {
  const large = largeReviews(t);
  isUnjudged(t, await large.judge(reviewFor(bodyOf(10), { lastMs: performance.now() + 1 })), /the time that the API server waits is over/);
  const [thread] = threads;
  t.match(await large.judge(reviewFor(bodyOf(10))), { outcome: 'judged' });
  t.ok(thread !== undefined && threads.size === 1 && threads.has(thread), 'the same thread');
});

void t.test('a thread that does not answer in time is ended, and the next review has a new one', async (t) => {
  const large = largeReviews(t);
  await large.judge(reviewFor(bodyOf(10)));
  const [first] = threads;
  // Some 50 ms of JSON.parse: more than there is.
  const long = Buffer.from(JSON.stringify(reviewOf(latestPod({ metadata: { annotations: { long: 'x'.repeat(6_000_000) } } }))));
  isUnjudged(t, await large.judge(reviewFor(long, { lastMs: performance.now() })), /the time that the API server waits is over/);
  t.match(await large.judge(reviewFor(bodyOf(10))), { outcome: 'judged' });
  await eventually('the first thread has ended', () => first !== undefined && !threads.has(first));
});

void t.test('a thread that needs too much memory is ended, and the next review has a new one', async (t) => {
  const large = largeReviews(t, { heapLimitMb: 10 });
  const deep = { a: Array.from({ length: 120_000 }, (_, index) => ({ name: index })) };
  const bytes = Buffer.from(
    JSON.stringify(reviewOf(latestPod({ spec: deep, metadata: { annotations: { long: 'x'.repeat(3_000_000) } } }))),
  );
  isUnjudged(t, await large.judge(reviewFor(bytes)), /more memory than there is for one review/);
  t.match(await large.judge(reviewFor(bodyOf(10))), { outcome: 'judged' });
});

void t.test('of those that wait, the shortest is next', async (t) => {
  const large = largeReviews(t);
  await large.judge(reviewFor(bodyOf(10)));
  const order: number[] = [];
  const judged = [50_000, 3_000_000, 2_000_000, 1_000].map(async (length) => {
    await large.judge(reviewFor(bodyOf(length)));
    order.push(length);
  });
  await Promise.all(judged);
  t.same(order, [50_000, 1_000, 2_000_000, 3_000_000]);
});

void t.test('what has to go while it waits is answered at once; what is being judged does not have to go', async (t) => {
  const large = largeReviews(t);
  await large.judge(reviewFor(bodyOf(10)));
  const freed: string[] = [];
  const held = (name: string): NonNullable<LargeReview['held']> => ({
    add: () => undefined,
    evict: undefined,
    free: () => freed.push(name),
  });
  const [first, second] = [held('first'), held('second')];
  const judging = large.judge(reviewFor(bodyOf(10), { held: first }));
  const waiting = large.judge(reviewFor(bodyOf(10), { held: second }));
  t.equal(first.evict, undefined);
  second.evict?.();
  isUnjudged(t, await waiting, /too many bytes of other reviews are here/);
  t.match(await judging, { outcome: 'judged' });
  t.same(freed, ['second', 'first']);
});

void t.test('there is no thread before the first review, nor a while after the last', async (t) => {
  const large = largeReviews(t, { idleMs: 50 });
  t.equal(threads.size, 0);
  t.match(await large.judge(reviewFor(bodyOf(10))), { outcome: 'judged' });
  t.equal(threads.size, 1);
  await eventually('the thread has ended', () => threads.size === 0);
  t.match(await large.judge(reviewFor(bodyOf(10))), { outcome: 'judged' }, 'and a new one judges the next');
});

void t.test('closing answers what is still to be judged', async (t) => {
  const large = new LargeReviews();
  const outcomes = Promise.all([large.judge(reviewFor(bodyOf(10))), large.judge(reviewFor(bodyOf(10)))]);
  await large.close();
  for (const outcome of await outcomes) isUnjudged(t, outcome, /the server stops/);
  t.equal(threads.size, 0);
});
