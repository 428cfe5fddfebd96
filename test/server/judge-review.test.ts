import t from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { NOTHING_KNOWN } from '../../src/core/surroundings.ts';
import { judgeOrdinaryReview, judgeReview, readReview } from '../../src/server/judge-review.ts';
import { NO_REVIEWS, recordedReviews } from '../admission/corpus-reviews.ts';
import { policyOf } from '../admission/made-up-rules.ts';
import { containerOf, latestPod, podOf, reviewOf } from '../admission/reviews.ts';

const strict = presetPolicy('strict');
const PHASES = ['validate', 'mutate'] as const;

function bodyOf(object: object): Buffer {
  return Buffer.from(JSON.stringify(reviewOf(object)));
}

/** Nothing is known of its length until it was run through: far more steps than there are for it. */
const COUNTING = { exec: { command: ['sh', '-c', 'i=0; while [ $i -lt 99999999 ]; do i=$((i+1)); sleep 1; done'] } };

void t.test('an ordinary review gets the answer that every review gets', (t) => {
  for (const phase of PHASES) {
    const body = bodyOf(latestPod());
    t.same(
      judgeOrdinaryReview(readReview(body), { phase, policy: strict, deadlineMs: Infinity, around: () => NOTHING_KNOWN }),
      judgeReview(body, { phase, policy: strict, deadlineMs: Infinity, around: () => NOTHING_KNOWN }),
    );
  }
  t.end();
});

void t.test('one that takes much work gets none here, however short it is', (t) => {
  const body = bodyOf(podOf({ spec: { containers: [containerOf({ ports: [{ containerPort: 80 }], lifecycle: { preStop: COUNTING } })] } }));
  for (const phase of PHASES)
    t.equal(judgeOrdinaryReview(readReview(body), { phase, policy: strict, deadlineMs: Infinity, around: () => NOTHING_KNOWN }), undefined);
  const judged = judgeReview(body, { phase: 'validate', policy: strict, deadlineMs: Infinity, around: () => NOTHING_KNOWN });
  t.equal(judged.record.findings.filter(({ messageId }) => messageId === 'errored').length, 0, 'where there is time, it is judged');
  t.end();
});

void t.test('the images of a Pod are told where rules of the policy ask about them', (t) => {
  const containers = ['a:1', 'b:1', 'a:1'].map((image, index) => containerOf({ name: `c${index}`, image }));
  const imagesOf = (phase: (typeof PHASES)[number], policy = strict, object: object = podOf({ spec: { containers } })): readonly string[] =>
    judgeReview(bodyOf(object), { phase, policy, deadlineMs: Infinity, around: () => NOTHING_KNOWN }).images;
  t.same(imagesOf('validate'), ['a:1', 'b:1']);
  t.same(imagesOf('mutate'), [], 'once is enough');
  t.same(imagesOf('validate', presetPolicy('strict', 'shop')), [], 'not of a namespace that is left alone');
  t.same(imagesOf('validate', policyOf([])), []);
  const many = Array.from({ length: 100 }, (_, index) => containerOf({ name: `c${index}`, image: `image:${index}` }));
  t.equal(imagesOf('validate', strict, podOf({ spec: { containers: many } })).length, 20);
  t.end();
});

void t.test('no time left is another matter: the answer says so', (t) => {
  const judged = judgeOrdinaryReview(readReview(bodyOf(latestPod())), {
    phase: 'validate',
    policy: strict,
    deadlineMs: -1,
    around: () => NOTHING_KNOWN,
  });
  t.match(judged?.text, /the deadline of the request has passed/);
  t.end();
});

void t.test('the recorded reviews are ordinary', { skip: NO_REVIEWS }, (t) => {
  const others = recordedReviews().filter(({ text }) =>
    PHASES.some((phase) => {
      try {
        return (
          judgeOrdinaryReview(readReview(Buffer.from(text)), {
            phase,
            policy: strict,
            deadlineMs: Infinity,
            around: () => NOTHING_KNOWN,
          }) === undefined
        );
      } catch {
        return false;
      }
    }),
  );
  t.same(
    others.map(({ file }) => file),
    [],
  );
  t.end();
});
