import fc from '../../fast-check.ts';
import t from 'tap';
import type { JsonObject } from '../../../src/core/json.ts';
import { readCertificateState, secretIsKeptBy, unknownRequest, withCertificateState } from '../../../src/kube/client/certificate-secret.ts';
import type { RotationState } from '../../../src/pki/rotation.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const annotated = (annotations: JsonObject, rest: JsonObject = {}): JsonObject => ({ metadata: { annotations }, ...rest });

void t.test('what is written is what is read', async (t) => {
  const text = fc.string({ minLength: 1, unit: 'grapheme' });
  const pair = fc.record({ certPem: text, keyPem: text });
  const states = fc.record(
    {
      authority: pair,
      leaf: pair,
      next: pair,
      retired: fc.array(fc.record({ certPem: text, untilMs: fc.integer() }), { maxLength: 16 }),
      requested: fc.constantFrom('ca' as const, 'leaf' as const),
    },
    { requiredKeys: ['retired'] },
  ) as fc.Arbitrary<RotationState>;
  await fc.assert(
    fc.asyncProperty(states, states, (before, state) => {
      // A request is the operator's to make: a state only keeps it, or takes it away.
      const secret = annotated(state.requested === undefined ? { 'podgrace.dev/renew': 'ca' } : { 'podgrace.dev/renew': state.requested });
      t.same(readCertificateState(withCertificateState(withCertificateState(secret, { ...before, ...state }), state)), state);
      return Promise.resolve();
    }),
  );
});

void t.test('an empty Secret, and one full of garbage, hold nothing', (t) => {
  const garbage = { 'ca.crt': 1, 'ca.key': null, 'tls.crt': base64(''), 'tls.key': base64('x'), 'next-ca.crt': base64('x') };
  for (const secret of [{}, { data: null }, { data: 'x', metadata: null }, { data: garbage }]) {
    t.same(readCertificateState(secret), { retired: [] });
  }
  for (const retired of ['x', '{}', '[1, {"certPem": 1, "untilMs": 1}, {"certPem": "x"}]', '"'.repeat(500_000)]) {
    t.same(readCertificateState({ data: { 'retired-ca.json': base64(retired) } }), { retired: [] });
  }
  const many = JSON.stringify(Array.from({ length: 5_000 }, () => ({ certPem: 'x', untilMs: 1 })));
  t.ok(readCertificateState({ data: { 'retired-ca.json': base64(many) } }).retired.length <= 32);
  t.end();
});

void t.test('what others keep in it stays: keys, labels, annotations, and the resourceVersion', (t) => {
  const secret = {
    type: 'Opaque',
    metadata: { resourceVersion: '7', labels: { a: 'b' }, annotations: { c: 'd' } },
    data: { other: 'eA==', 'ca.crt': 'eA==', 'next-ca.key': 'eA==' },
  };
  t.same(withCertificateState(secret, { leaf: { certPem: 'x', keyPem: 'y' }, retired: [] }), {
    ...secret,
    data: { other: 'eA==', 'tls.crt': base64('x'), 'tls.key': base64('y') },
  });
  t.end();
});

void t.test('a request is read, kept until it is done, and taken away then; one that nobody understands is left and told', (t) => {
  const asked = annotated({ 'podgrace.dev/renew': 'ca' });
  t.equal(readCertificateState(asked).requested, 'ca');
  t.same(withCertificateState(asked, { retired: [], requested: 'ca' })['metadata'], asked['metadata']);
  t.same(withCertificateState(asked, { retired: [] })['metadata'], { annotations: {} });
  const unclear = annotated({ 'podgrace.dev/renew': 'everything' });
  t.equal(readCertificateState(unclear).requested, undefined);
  t.equal(unknownRequest(unclear), 'annotation podgrace.dev/renew must be one of ca, leaf, but is "everything"');
  t.equal(unknownRequest(asked), undefined);
  t.same(withCertificateState(unclear, { retired: [] })['metadata'], unclear['metadata']);
  t.end();
});

void t.test('a Secret that another tool keeps is told by annotation, owner or immutability', (t) => {
  t.equal(secretIsKeptBy({ metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' } } }), undefined, 'Helm ships it empty');
  t.match(secretIsKeptBy(annotated({ 'cert-manager.io/certificate-name': 'x' })), 'is kept by cert-manager');
  const owner = { kind: 'ExternalSecret', name: 'certs', controller: true };
  t.match(secretIsKeptBy({ metadata: { ownerReferences: [{ kind: 'Pod', name: 'x' }, owner] } }), 'is kept by ExternalSecret certs');
  t.equal(secretIsKeptBy({ metadata: { ownerReferences: [{ kind: 'Pod', name: 'x' }] } }), undefined);
  t.equal(secretIsKeptBy({ immutable: true }), 'is immutable');
  t.end();
});
