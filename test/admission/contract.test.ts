import t from 'tap';
import { verifyAnswer, type Phase } from './contract.ts';

const CREATE = { request: { uid: 'u-1', operation: 'CREATE', object: { spec: { a: 1 } } } };
const PATCH = Buffer.from('[{"op":"replace","path":"/spec/a","value":2}]').toString('base64');
const STATUS = {
  code: 403,
  reason: 'Forbidden',
  message: 'no',
  details: { name: 'web', group: '', kind: 'Pod', causes: [{ reason: 'rule', message: 'must', field: 'spec' }] },
};

function answer(response: unknown, envelope: object = {}): string {
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response, ...envelope });
}

void t.test('answers that the API server takes as they are', (t) => {
  t.equal(verifyAnswer('validate', CREATE, answer({ uid: 'u-1', allowed: true })).allowed, true);
  t.same(verifyAnswer('validate', CREATE, answer({ uid: 'u-1', allowed: false, status: STATUS })).status, STATUS);
  const mutated = verifyAnswer('mutate', CREATE, answer({ uid: 'u-1', allowed: true, patchType: 'JSONPatch', patch: PATCH }));
  t.same(mutated.object, { spec: { a: 2 } });
  const told = verifyAnswer('validate', CREATE, answer({ uid: 'u-1', allowed: true, warnings: ['a'], auditAnnotations: { policy: 'p' } }));
  t.same(told.warnings, ['a']);
  t.same(told.auditAnnotations, { policy: 'p' });
  t.end();
});

const allowed = { uid: 'u-1', allowed: true };
const withPatch = { ...allowed, patchType: 'JSONPatch', patch: PATCH };
const patchOf = (text: string): object => ({ ...withPatch, patch: Buffer.from(text).toString('base64') });
const REFUSED: readonly (readonly [name: string, phase: Phase, says: string, text: string])[] = [
  ['no JSON', 'validate', 'not JSON', '<html>'],
  ['no response', 'validate', 'absent', answer(undefined)],
  ['another uid', 'validate', 'expected response.uid', answer({ uid: 'u-2', allowed: true })],
  ['another version', 'validate', 'expected a response of', answer(allowed, { apiVersion: 'admission.k8s.io/v1beta1' })],
  ['another kind', 'validate', 'expected a response of', answer(allowed, { kind: 'Review' })],
  ['the request echoed', 'validate', 'unknown field request', answer(allowed, { request: {} })],
  ['a field that does not exist', 'validate', 'unknown field reason', answer({ ...allowed, reason: 'x' })],
  ['allowed as a string', 'validate', 'allowed must be a boolean', answer({ uid: 'u-1', allowed: 'true' })],
  ['a patch from validate', 'validate', 'may not return response.patch', answer(withPatch)],
  ['a patchType from validate', 'validate', 'may not return response.patchType', answer({ ...allowed, patchType: 'JSONPatch' })],
  ['a patch without its type', 'mutate', 'but not response.patchType', answer({ ...allowed, patch: PATCH })],
  ['a patchType without a patch', 'mutate', 'but not response.patch', answer({ ...allowed, patchType: 'JSONPatch' })],
  ['an unknown patchType', 'mutate', 'unsupported patch type', answer({ ...withPatch, patchType: 'MergePatch' })],
  ['a patch that is not base64', 'mutate', 'standard base64', answer({ ...withPatch, patch: '[{}]' })],
  ['a patch that is no list', 'mutate', 'changes nothing', answer(patchOf('{}'))],
  ['a patch without operations', 'mutate', 'changes nothing', answer(patchOf('[]'))],
  ['a patch that does not apply', 'mutate', 'does not apply', answer(patchOf('[{"op":"remove","path":"/spec/b"}]'))],
  ['a patch whose test fails', 'mutate', 'does not apply', answer(patchOf('[{"op":"test","path":"/spec/a","value":2}]'))],
  ['a denial without a status', 'validate', 'must have a status', answer({ uid: 'u-1', allowed: false })],
  ['a denial with a code below 400', 'validate', 'must be 4xx', answer({ uid: 'u-1', allowed: false, status: { ...STATUS, code: 200 } })],
  [
    'a denial without a message',
    'validate',
    'message must be set',
    answer({ uid: 'u-1', allowed: false, status: { ...STATUS, message: '' } }),
  ],
  [
    'a denial that repeats the prefix',
    'validate',
    'itself says',
    answer({ uid: 'u-1', allowed: false, status: { ...STATUS, message: 'admission webhook x' } }),
  ],
  [
    'a denial without a cause',
    'validate',
    'must have a cause',
    answer({ uid: 'u-1', allowed: false, status: { ...STATUS, details: { ...STATUS.details, causes: [] } } }),
  ],
  ['a status of what is allowed', 'validate', 'not looked at', answer({ ...allowed, status: STATUS })],
  ['warnings that are no list', 'validate', 'must be a list', answer({ ...allowed, warnings: 'a' })],
  ['a warning of two lines', 'validate', 'control characters', answer({ ...allowed, warnings: ['a\nb'] })],
  ['a warning with half a character', 'validate', 'UTF-8', answer({ ...allowed, warnings: ['\ud800'] })],
  ['a warning of 257 runes', 'validate', '257 runes', answer({ ...allowed, warnings: ['x'.repeat(257)] })],
  [
    '4,096 runes of warnings',
    'validate',
    '4096 runes',
    answer({ ...allowed, warnings: Array.from({ length: 16 }, (_, at) => String(at).padStart(256, '.')) }),
  ],
  ['the same warning twice', 'validate', 'two equal', answer({ ...allowed, warnings: ['a', 'a'] })],
  [
    'an annotation key with a slash',
    'validate',
    'no name of an audit annotation',
    answer({ ...allowed, auditAnnotations: { 'podgrace/policy': 'p' } }),
  ],
  [
    'an annotation key of 64 characters',
    'validate',
    'no name of an audit annotation',
    answer({ ...allowed, auditAnnotations: { ['k'.repeat(64)]: 'p' } }),
  ],
  ['an annotation that is no string', 'validate', 'must be a string', answer({ ...allowed, auditAnnotations: { policy: 1 } })],
];

for (const [name, phase, says, text] of REFUSED) {
  void t.test(`the verifier refuses ${name}`, (t) => {
    const message = new RegExp(says);
    t.throws(() => verifyAnswer(phase, CREATE, text), { name: 'ContractViolation', message });
    t.end();
  });
}

void t.test('the verifier refuses a patch on UPDATE and on DELETE', (t) => {
  for (const request of [
    { ...CREATE.request, operation: 'UPDATE' },
    { uid: 'u-1', operation: 'DELETE', object: null },
  ]) {
    t.throws(() => verifyAnswer('mutate', { request }, answer(withPatch)), { message: `a patch on ${request.operation}` });
  }
  t.end();
});
