import fc from '../fast-check.ts';
import t from 'tap';
import { decodeReview, UnreadableReviewError } from '../../src/admission/review.ts';
import { podOf, reviewOf } from './reviews.ts';

const review = reviewOf(podOf(), { dryRun: true, name: 'web', subResource: 'resize' });

void t.test('a review is read as the API server sends it', (t) => {
  t.same(decodeReview(review), {
    uid: review.request.uid,
    operation: 'CREATE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: 'pods',
    subResource: 'resize',
    name: 'web',
    namespace: 'shop',
    origin: { from: 'review', username: 'alice' },
    object: podOf(),
    oldObject: null,
    dryRun: true,
  });
  t.end();
});

void t.test('the object is the JSON that was sent, not a copy and not changed', (t) => {
  t.equal(decodeReview(review).object, review.request.object);
  t.end();
});

void t.test('what may be left out counts as empty', (t) => {
  const { uid, operation } = review.request;
  const sparse = decodeReview({ apiVersion: review.apiVersion, kind: review.kind, request: { uid, operation } });
  t.match(sparse, {
    kind: { group: '', version: '', kind: '' },
    resource: '',
    subResource: '',
    name: '',
    namespace: '',
    origin: { from: 'review', username: '' },
  });
  t.same([sparse.object, sparse.oldObject, sparse.dryRun], [null, null, false]);
  t.end();
});

const request = (parts: object): object => ({ ...review, request: { ...review.request, ...parts } });
const REFUSED: readonly (readonly [name: string, body: unknown, message: string])[] = [
  ['null', null, 'the body must be an AdmissionReview object'],
  ['nothing', undefined, 'the body must be an AdmissionReview object'],
  ['a list', [], 'the body must be an AdmissionReview object'],
  ['a number', 7, 'the body must be an AdmissionReview object'],
  ['a text', 'AdmissionReview', 'the body must be an AdmissionReview object'],
  ['an empty object', {}, "kind must be 'AdmissionReview'"],
  ['another kind', { ...review, kind: 'Pod' }, "kind must be 'AdmissionReview'"],
  [
    'v1beta1',
    { ...review, apiVersion: 'admission.k8s.io/v1beta1' },
    "apiVersion must be 'admission.k8s.io/v1', the only version that podgrace speaks",
  ],
  ['no version', { ...review, apiVersion: undefined }, "apiVersion must be 'admission.k8s.io/v1', the only version that podgrace speaks"],
  ['no request', { ...review, request: undefined }, 'request must be an object'],
  ['a request of null', { ...review, request: null }, 'request must be an object'],
  ['a list as request', { ...review, request: [] }, 'request must be an object'],
  ['no uid', request({ uid: undefined }), 'request.uid must be a string that is not empty'],
  ['an empty uid', request({ uid: '' }), 'request.uid must be a string that is not empty'],
  ['a uid of 100,001 characters', request({ uid: 'u'.repeat(100_001) }), 'request.uid must have at most 100000 characters, but has 100001'],
  ['a number as uid', request({ uid: 7 }), 'request.uid must be a string that is not empty'],
  ['no operation', request({ operation: undefined }), 'request.operation must be one of CREATE, UPDATE, DELETE, CONNECT'],
  ['an operation in lower case', request({ operation: 'create' }), 'request.operation must be one of CREATE, UPDATE, DELETE, CONNECT'],
  ['a kind that is a text', request({ kind: 'Pod' }), 'request.kind must be an object'],
  ['a kind of numbers', request({ kind: { kind: 1 } }), 'request.kind.kind must be a string'],
  ['a resource that is a text', request({ resource: 'pods' }), 'request.resource must be an object'],
  ['a name that is a list', request({ name: [] }), 'request.name must be a string'],
  ['a namespace that is a number', request({ namespace: 1 }), 'request.namespace must be a string'],
  ['a subresource that is an object', request({ subResource: {} }), 'request.subResource must be a string'],
  ['userInfo that is a text', request({ userInfo: 'alice' }), 'request.userInfo must be an object'],
  ['a user name that is a number', request({ userInfo: { username: 0 } }), 'request.userInfo.username must be a string'],
];

for (const [name, body, message] of REFUSED) {
  void t.test(`${name}: refused, and the field is named`, (t) => {
    t.throws(() => decodeReview(body), { name: 'UnreadableReviewError', message });
    t.end();
  });
}

void t.test('any JSON is read or refused, never anything else', (t) => {
  const parts = fc.record(
    { apiVersion: fc.constant(review.apiVersion), kind: fc.constant(review.kind), request: fc.object() },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), parts), (body) => {
      try {
        decodeReview(body);
      } catch (error) {
        if (!(error instanceof UnreadableReviewError)) throw error;
      }
    }),
  );
  t.end();
});
