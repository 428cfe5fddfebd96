/** Requests whose object was not looked at, because there was no time or too much of it. */
import t from 'tap';
import { decideUnjudged, type Decision } from '../../src/admission/decision.ts';
import { forbidLatest, policyOf, requireGrace } from './made-up-rules.ts';
import { latestPod, requestOf, type ReviewParts } from './reviews.ts';

const strict = policyOf([forbidLatest(), requireGrace()], { errored: 'enforce' });
const mild = policyOf([forbidLatest('warn')], { errored: 'warn' });

function validate(parts: ReviewParts = {}, policy = strict): Decision {
  return decideUnjudged('validate', requestOf(latestPod(), parts), policy, 'it is too long');
}

void t.test('the policy says what becomes of it', (t) => {
  t.match(validate(), {
    phase: 'validate',
    allowed: false,
    findings: [
      { rule: 'well-formed', messageId: 'errored', mode: 'enforce', field: 'object', message: 'could not be judged: it is too long' },
    ],
  });
  t.match(validate({}, mild), { allowed: true, findings: [{ mode: 'warn' }] });
  t.end();
});

void t.test('where a rule might have denied it, it is denied', (t) => {
  const rules = { 'no-latest': { mode: 'enforce' } } as const;
  const inShop = policyOf([forbidLatest('warn')], { errored: 'warn', overrides: [{ namespaces: ['shop'], rules }] });
  t.match(validate({}, inShop), { allowed: false, findings: [{ mode: 'enforce' }] });
  t.match(validate({ namespace: 'other' }, inShop), { allowed: true, findings: [{ mode: 'warn' }] });
  const ofJobs = policyOf([forbidLatest('warn')], { errored: 'warn', overrides: [{ workloadClasses: ['batch'], rules }] });
  t.match(validate({}, ofJobs), { allowed: false }, 'the class of what was not read is not known');
  t.end();
});

void t.test('what built-in controllers and kubelets send is not denied for it', (t) => {
  t.match(validate({ username: 'system:serviceaccount:kube-system:replicaset-controller' }), {
    allowed: true,
    findings: [{ excuse: 'owned' }],
  });
  t.match(validate({ username: 'system:node:a' }), { allowed: true, findings: [{ excuse: 'static' }] });
  t.end();
});

void t.test('what would not be judged anyway is allowed as always', (t) => {
  t.match(validate({ operation: 'DELETE' }), { allowed: true, skipped: 'operation', findings: [] });
  t.match(validate({ operation: 'UPDATE', subResource: 'status' }), { allowed: true, skipped: 'subresource', findings: [] });
  t.match(validate({ kind: { group: '', version: 'v1', kind: 'ConfigMap' } }), { allowed: true, skipped: 'no-template', findings: [] });
  t.match(validate({ namespace: 'kube-system' }, policyOf([forbidLatest()], { excludedNamespaces: ['kube-system'] })), {
    allowed: true,
    skipped: 'excluded-namespace',
  });
  t.end();
});

void t.test('it is not repaired, and a mutation call is never refused', (t) => {
  const mutate = (parts: ReviewParts = {}): Decision => decideUnjudged('mutate', requestOf(latestPod(), parts), strict, 'it is too long');
  t.match(mutate(), { phase: 'mutate', patch: [], findings: [{ rule: 'well-formed' }] });
  t.match(mutate({ operation: 'UPDATE' }), { skipped: 'operation', findings: [] });
  t.end();
});
