import t from 'tap';
import { decideMutation, decideValidation } from '../../src/admission/decision.ts';
import { answerOf, answerText } from '../../src/admission/response.ts';
import { askMutate, askValidate, NOW_MS } from './ask.ts';
import { demandGrace, finding, forbidLatest, policyOf, requireGrace, throwing } from './made-up-rules.ts';
import { containerOf, LATEST, latestPod, podOf, requestOf, reviewOf, workloadOf } from './reviews.ts';

const policy = policyOf([forbidLatest(), demandGrace()]);

void t.test('the answer holds the uid, the version and nothing of the request', (t) => {
  const request = requestOf(podOf());
  const answer = answerOf(request, decideMutation(request, policyOf([]), { nowMs: NOW_MS }), 'made-up');
  t.same(answer, { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: request.uid, allowed: true } });
  t.end();
});

void t.test('a denial lists every denying finding of every rule at once, as causes with field paths', (t) => {
  const pod = latestPod({ spec: { initContainers: [{ name: 'init', ...LATEST }] } });
  const { answer } = askValidate(reviewOf(pod), policy);
  t.same(answer.status?.details, {
    name: 'web',
    group: '',
    kind: 'Pod',
    causes: [
      { reason: 'grace-demanded', message: 'must keep 60 s', field: 'spec.terminationGracePeriodSeconds' },
      { reason: 'no-latest', message: 'must keep to a version', field: 'spec.initContainers[0].image' },
      { reason: 'no-latest', message: 'must keep to a version', field: 'spec.containers[0].image' },
    ],
  });
  t.end();
});

void t.test('the message of a denial names object, policy, fields, rules and fixes', (t) => {
  const { answer } = askValidate(reviewOf(latestPod()), policy);
  t.equal(
    answer.status?.message,
    [
      'Pod shop/web breaks 2 rules of policy made-up',
      '- spec.terminationGracePeriodSeconds: must keep 60 s (grace-demanded)',
      '  fix: keep 60 s',
      '- spec.containers[0].image: must keep to a version (no-latest)',
      '  fix: keep to a version',
    ].join('\n'),
  );
  t.match(answer.status, { code: 403, reason: 'Forbidden' });
  t.end();
});

void t.test('an object without a name yet is called by its generateName', (t) => {
  const pod = latestPod({ metadata: { name: undefined, generateName: 'web-' } });
  const { answer } = askValidate(reviewOf(pod), policy);
  t.match(answer.status?.message, /^Pod shop\/web- breaks/);
  t.equal(answer.status?.details.name, 'web-');
  t.end();
});

void t.test('the group of a workload is in the details', (t) => {
  const { answer } = askValidate(reviewOf(workloadOf('apps/v1', 'Deployment', latestPod())), policy);
  t.match(answer.status?.details, { name: 'web', group: 'apps', kind: 'Deployment' });
  t.end();
});

void t.test('twenty findings are listed, and how many more there are', (t) => {
  const listed = (count: number): readonly [number | undefined, string | undefined] => {
    const { status } = askValidate(reviewOf(podOf()), policyOf([finding(count, 'x')])).answer;
    return [status?.details.causes.length, status?.message.split('\n').at(-1)];
  };
  t.same(listed(20), [20, '  fix: keep x']);
  t.same(listed(21), [20, '- and 1 more']);
  t.same(listed(10_000), [20, '- and 9980 more']);
  t.end();
});

void t.test('what only warns or is recorded is not among the causes', (t) => {
  const { answer } = askValidate(
    reviewOf(latestPod()),
    policyOf([forbidLatest(), finding(1, 'x', 'warn', 'warns'), finding(1, 'y', 'audit', 'records')]),
  );
  t.same(
    answer.status?.details.causes.map(({ reason }) => reason),
    ['no-latest'],
  );
  t.same(answer.warnings, ['spec.field[0]: must keep x (warns)']);
  t.same(answer.auditAnnotations, {
    policy: 'made-up',
    enforce: 'no-latest spec.containers[0].image',
    warn: 'warns spec.field[0]',
    audit: 'records spec.field[0]',
  });
  t.end();
});

void t.test('control characters and endless text of a user stay out of a denial', (t) => {
  const hostile = `\u001b[2J\r\nError: all is well\u0007${'x'.repeat(1_000_000)}`;
  const { status } = askValidate(reviewOf(podOf({ metadata: { name: hostile } })), policyOf([finding(20, hostile)])).answer;
  t.notMatch(status?.message.replaceAll('\n', ''), /\p{Cc}/u);
  t.equal(status?.message.split('\n').length, 1 + 20 * 2, 'one line for each finding and each fix');
  t.ok(JSON.stringify(status).length < 200_000, `${JSON.stringify(status).length} characters`);
  t.end();
});

void t.test('a mutation names its rules in the audit annotations', (t) => {
  const { answer } = askMutate(reviewOf(podOf()), policyOf([requireGrace()]));
  t.same(answer.auditAnnotations, { 'mutated-by': 'minute-of-grace' });
  t.end();
});

void t.test('a mutation that is only suggested is told in the audit annotations, and not made', (t) => {
  const { answer } = askMutate(reviewOf(podOf()), policyOf([requireGrace('enforce', 'would')]));
  t.same(answer.patch, []);
  t.same(answer.auditAnnotations, {
    'would-mutate-by': 'minute-of-grace',
    'would-patch': '[{"op":"replace","path":"/spec/terminationGracePeriodSeconds","value":60}]',
  });
  t.end();
});

void t.test('the keys of audit annotations are the same for every object', (t) => {
  const everything = policyOf(
    [forbidLatest(), requireGrace('warn', 'would'), throwing(), finding(300, 'x', 'audit', 'many'), finding(1, 'x', 'audit', 'few')],
    { exemptions: [{ rule: 'few', namespace: 'shop', reason: 'known', expires: '2027-12-31' }] },
  );
  const keys = new Set<string>();
  for (const object of [podOf(), latestPod(), podOf({ spec: { tolerations: 1 } }), latestPod({ metadata: { name: 'a/b c' } })]) {
    for (const ask of [askValidate, askMutate]) {
      for (const key of Object.keys(ask(reviewOf(object), everything).answer.auditAnnotations)) keys.add(key);
    }
  }
  t.same([...keys].sort(), ['audit', 'enforce', 'exempted', 'policy', 'warn', 'would-mutate-by', 'would-patch']);
  t.end();
});

void t.test('an audit annotation is one line of at most 4,096 characters', (t) => {
  const { answer } = askValidate(reviewOf(podOf()), policyOf([finding(10_000, 'x', 'audit')]));
  t.equal(answer.auditAnnotations['audit']?.length, 4096);
  t.ok(answer.auditAnnotations['audit']?.endsWith('…'));
  t.end();
});

void t.test('an exemption that is used is named with its reason, and the finding is not repeated', (t) => {
  const exempting = policyOf([forbidLatest()], {
    exemptions: [{ rule: 'no-latest', namespace: 'shop', container: 'app', reason: 'vendor image', expires: '2027-01-31' }],
  });
  const { answer } = askValidate(reviewOf(latestPod()), exempting);
  t.equal(answer.allowed, true);
  t.same(answer.auditAnnotations, { policy: 'made-up', exempted: 'no-latest: vendor image' });
  const later = askValidate(reviewOf(latestPod()), exempting, { nowMs: Date.parse('2027-02-01T00:00:00Z') });
  t.equal(later.answer.allowed, false, 'until it expires');
  const before = askValidate(reviewOf(latestPod()), exempting, { nowMs: Date.parse('2027-01-30T00:00:00Z') });
  t.equal(before.answer.allowed, true);
  t.match(before.answer.warnings, [/^spec\.containers\[0\]\.image: must .*; exempt until 2027-01-31: vendor image \(no-latest\)$/]);
  t.same(before.answer.auditAnnotations, { policy: 'made-up', exempted: 'no-latest: vendor image' });
  const other = podOf({ spec: { containers: [containerOf(LATEST), { name: 'other', ...LATEST }] } });
  t.same(
    askValidate(reviewOf(other), exempting).answer.status?.details.causes.map(({ field }) => field),
    ['spec.containers[1].image'],
    'for that container alone',
  );
  t.end();
});

void t.test('an answer that says nothing but allowed is the JSON of every answer, whatever the uid', (t) => {
  for (const uid of ['705ab4f5-6393-11e8-b7cc-42010a800002', '"\\\u0000\u2028\ud800', '__proto__']) {
    const request = { ...requestOf(podOf()), uid };
    for (const decision of [
      decideMutation(request, policyOf([]), { nowMs: NOW_MS }),
      decideValidation(request, policyOf([]), { nowMs: NOW_MS }),
      decideValidation(request, policyOf([forbidLatest()]), { nowMs: NOW_MS }),
      decideMutation(request, policyOf([requireGrace()]), { nowMs: NOW_MS }),
      decideMutation(request, policyOf([requireGrace('warn', 'would')]), { nowMs: NOW_MS }),
    ]) {
      t.equal(answerText(request, decision, 'made-up'), JSON.stringify(answerOf(request, decision, 'made-up')));
    }
  }
  t.end();
});
