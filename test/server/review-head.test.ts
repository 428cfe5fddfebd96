import t from 'tap';
import { decodeReview } from '../../src/admission/review.ts';
import { readReviewHead, REVIEW_HEAD_BYTES } from '../../src/server/review-head.ts';
import { latestPod, reviewOf } from '../admission/reviews.ts';

const review = reviewOf(latestPod(), { username: 'system:node:a', namespace: 'shop' });
const text = JSON.stringify(review);

void t.test('all of the request but its objects is read', (t) => {
  t.same(readReviewHead(Buffer.from(text)), { ...decodeReview(review), object: null });
  t.end();
});

void t.test('the end of the body does not matter', (t) => {
  const cut = text.slice(0, text.indexOf('"object":') + 100);
  t.equal(readReviewHead(Buffer.from(cut))?.uid, review.request.uid);
  t.end();
});

void t.test('what looks like the object in a text, or deeper, is not it', (t) => {
  const { object, ...rest } = review.request;
  const userInfo = { username: 'a"b\\', object: { oldObject: 1 } };
  const reordered = JSON.stringify({ ...review, request: { ...rest, name: '"object":{', userInfo, object } });
  t.match(readReviewHead(Buffer.from(reordered)), {
    uid: rest.uid,
    name: '"object":{',
    origin: { username: 'a"b\\' },
    operation: 'CREATE',
  });
  t.end();
});

for (const [name, body] of [
  ['no JSON', '{"request":'],
  ['no review', '{"a":{"object":1}}'],
  ['an object that comes first', text.replace('"request":{', '"request":{"object":{},')],
  ['an object that comes late', JSON.stringify({ ...review, request: { padding: 'x'.repeat(REVIEW_HEAD_BYTES), ...review.request } })],
  ['nothing', ''],
] as const) {
  void t.test(`${name}: no head`, (t) => {
    t.equal(readReviewHead(Buffer.from(body)), undefined);
    t.end();
  });
}
