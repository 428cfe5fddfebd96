import fc from '../fast-check.ts';
import t from 'tap';
import { decideMutation, decideValidation } from '../../src/admission/decision.ts';
import { decodeReview } from '../../src/admission/review.ts';
import { presetPolicy } from '../../src/config/presets.ts';
import { DeferredManagedFields } from '../../src/core/deferred-managed-fields.ts';
import { parseReviewText } from '../../src/server/review-text.ts';
import { reviews } from '../../bench/reviews.ts';
import { NO_REVIEWS, recordedReviews } from '../admission/corpus-reviews.ts';
import { runs } from '../long-tests.ts';

const ENTRIES = [{ manager: 'a "b]\\', operation: 'Update', fieldsV1: { 'k:{"name":"web"}': { '.': {} } } }];
const reviewOf = (request: object): string => JSON.stringify({ kind: 'AdmissionReview', request });
const written = (text: string): unknown => JSON.parse(JSON.stringify(parseReviewText(text)));

interface Objects {
  readonly request: Readonly<Record<'object' | 'oldObject', { readonly metadata: { readonly managedFields: unknown } }>>;
}

void t.test('managedFields of the object and of the old one are set aside', (t) => {
  const object = { metadata: { name: 'web', managedFields: ENTRIES }, spec: {} };
  const oldObject = { metadata: { managedFields: [] } };
  const text = reviewOf({ object, oldObject });
  const review = parseReviewText(text);
  const { request } = review as Objects;
  t.ok(request.object.metadata.managedFields instanceof DeferredManagedFields);
  t.ok(request.oldObject.metadata.managedFields instanceof DeferredManagedFields);
  t.same(JSON.parse(JSON.stringify(review)), JSON.parse(text));
  t.end();
});

void t.test('beside letters of more than a byte, managedFields are what was sent', (t) => {
  const object = { metadata: { annotations: { note: 'Größe, 名前, 🙂' }, managedFields: ENTRIES }, spec: {} };
  for (const text of [reviewOf({ object }), reviewOf({ options: '🙂', object, oldObject: object })])
    t.same(written(text), JSON.parse(text));
  t.end();
});

void t.test('what only looks like them stays as it is', (t) => {
  for (const text of [
    reviewOf({ object: { metadata: { annotations: { note: '"managedFields":[1]' } } } }),
    reviewOf({ object: { metadata: { 'x"managedFields': [1], managedFields: 'none' } } }),
    reviewOf({ object: { spec: { template: { metadata: { managedFields: ENTRIES } } } } }),
    reviewOf({ object: { metadata: { managedFields: ENTRIES } }, options: { managedFields: [1] } }),
    reviewOf({ object: { metadata: { managedFields: [{ manager: 'a' }], name: 'web' }, spec: {} } }),
    reviewOf({ object: { metadata: { managedFields: ['x]},'], name: 'web' }, spec: {} } }),
    reviewOf({ object: { metadata: { managedFields: [{ x: { y: [1] }, spec: {} }, { z: 1 }] }, spec: {} } }),
    reviewOf({ object: { metadata: { managedFields: [{}], labels: {} } }, oldObject: { metadata: { finalizers: ['a'] }, spec: {} } }),
    reviewOf({ object: { metadata: { managedFields: [{}], finalizers: ['a'] }, spec: {} } }),
    reviewOf({ object: { metadata: { xmanagedFields: [{}], managedFields: [{}] }, spec: {} } }),
    reviewOf({ object: { metadata: { xmanagedFields: [{}] }, spec: {} } }),
    '{"managedFields":[1]}',
    '{"request":{"object":{"metadata":{"managedFields":[1],"managedFields":[2]}}}}',
    '[]',
  ]) {
    t.same(written(text), JSON.parse(text), text);
  }
  t.end();
});

void t.test('whatever JSON stands around and in them, written out it is what was sent', (t) => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(
      'managedFields',
      '"managedFields":[',
      ']},"spec":{',
      '],"a',
      ']},',
      [{}],
      [{ a: '[' }],
      [{ a: [{}] }],
      ENTRIES,
      { managedFields: ENTRIES },
      { metadata: { managedFields: ENTRIES } },
    ),
  );
  const object = fc.record(
    { metadata: fc.record({ name: value, managedFields: value, labels: value }), spec: value },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.record({ object, oldObject: object, options: value }, { requiredKeys: [] }), (request) => {
      const text = reviewOf(request);
      t.same(written(text), JSON.parse(text));
    }),
    { numRuns: runs(300) },
  );
  t.end();
});

void t.test('a mistake is named by its place in the whole text', (t) => {
  const text = `${reviewOf({ object: { metadata: { managedFields: ENTRIES } } }).slice(0, -1)},`;
  const message = messageOf(() => JSON.parse(text));
  t.equal(
    messageOf(() => parseReviewText(text)),
    message,
  );
  t.end();
});

function messageOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

void t.test('a review is decided as if nothing had been set aside', { skip: NO_REVIEWS }, (t) => {
  const texts = [reviews.clean, reviews.repairable, ...recordedReviews().map(({ text }) => text)];
  const decisionsOf = (review: unknown): unknown => {
    try {
      const request = decodeReview(review);
      return (['baseline', 'strict'] as const).map((preset) => {
        const policy = presetPolicy(preset);
        const { subject: _subject, pod: _pod, ...validation } = decideValidation(request, policy, { nowMs: 0 });
        return [validation, decideMutation(request, policy, { nowMs: 0 })];
      });
    } catch (error) {
      return (error as Error).message;
    }
  };
  for (const text of texts) {
    let whole: unknown;
    try {
      whole = JSON.parse(text);
    } catch {
      continue;
    }
    t.same(decisionsOf(parseReviewText(text)), decisionsOf(whole));
  }
  t.end();
});
