import t from 'tap';
import { askMutate, askValidate } from './ask.ts';
import { finding, forbidLatest, policyOf, requireGrace, throwing } from './made-up-rules.ts';
import { latestPod, podOf, reviewOf, workloadOf } from './reviews.ts';

const policy = policyOf([forbidLatest(), requireGrace()]);
const REPLICASET_CONTROLLER = 'system:serviceaccount:kube-system:replicaset-controller';
const OWNED_BY_REPLICASET = {
  metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', controller: true }] },
};

const REFUSED = ['minute-of-grace enforce spec.terminationGracePeriodSeconds', 'no-latest enforce spec.containers[0].image'];

void t.test('a Pod that a ReplicaSet replaces is recorded and never denied', (t) => {
  const { answer, findings } = askValidate(reviewOf(latestPod(OWNED_BY_REPLICASET), { username: REPLICASET_CONTROLLER }), policy);
  t.equal(answer.allowed, true);
  t.same(answer.warnings, []);
  t.same(findings, ['minute-of-grace audit spec.terminationGracePeriodSeconds owned', 'no-latest audit spec.containers[0].image owned']);
  t.equal(
    answer.auditAnnotations['audit'],
    'minute-of-grace spec.terminationGracePeriodSeconds (owned); no-latest spec.containers[0].image (owned)',
  );
  t.end();
});

void t.test('it is repaired nevertheless', (t) => {
  const { decision } = askMutate(reviewOf(latestPod(OWNED_BY_REPLICASET), { username: REPLICASET_CONTROLLER }), policy);
  t.same(decision.rules, ['minute-of-grace']);
  t.end();
});

void t.test('the ReplicaSet of an old Deployment and the Job of an old CronJob are not denied either', (t) => {
  for (const [apiVersion, kind, controller] of [
    ['apps/v1', 'ReplicaSet', 'deployment-controller'],
    ['batch/v1', 'Job', 'cronjob-controller'],
  ] as const) {
    const username = `system:serviceaccount:kube-system:${controller}`;
    const review = reviewOf(workloadOf(apiVersion, kind, latestPod()), { username });
    t.equal(askValidate(review, policy).answer.allowed, true, kind);
    t.equal(askValidate(reviewOf(workloadOf(apiVersion, kind, latestPod())), policy).answer.allowed, false, `${kind} by a user`);
  }
  t.end();
});

void t.test('`owned: warn` says it, `owned: enforce` denies it', (t) => {
  const review = reviewOf(latestPod(OWNED_BY_REPLICASET), { username: REPLICASET_CONTROLLER });
  const warning = askValidate(review, policyOf([forbidLatest()], { owned: 'warn' }));
  t.same(warning.findings, ['no-latest warn spec.containers[0].image owned']);
  t.equal(warning.answer.warnings.length, 1);
  const enforcing = askValidate(review, policyOf([forbidLatest()], { owned: 'enforce' }));
  t.same(enforcing.findings, ['no-latest enforce spec.containers[0].image']);
  t.equal(enforcing.answer.allowed, false);
  t.end();
});

void t.test('`owned` makes nothing stricter than the rule itself', (t) => {
  const review = reviewOf(podOf(), { username: REPLICASET_CONTROLLER });
  for (const owned of ['warn', 'enforce'] as const) {
    t.same(askValidate(review, policyOf([finding(1, 'x', 'audit')], { owned })).findings, ['many audit spec.field[0]']);
  }
  t.end();
});

void t.test('a rule that fails denies no controller', (t) => {
  const { answer, findings } = askValidate(reviewOf(podOf(), { username: REPLICASET_CONTROLLER }), policyOf([throwing()]));
  t.equal(answer.allowed, true);
  t.same(findings, ['throws audit spec owned']);
  t.end();
});

void t.test('an object that podgrace cannot read denies no controller and no kubelet', (t) => {
  const odd = podOf({ spec: { tolerations: 'all' } });
  const ask = (username: string, owned: 'audit' | 'warn' | 'enforce' = 'audit'): readonly string[] =>
    askValidate(reviewOf(odd, { username }), policyOf([], { owned })).findings;
  t.same(ask('alice'), ['well-formed enforce spec.tolerations']);
  t.same(ask(REPLICASET_CONTROLLER), ['well-formed audit spec.tolerations owned']);
  t.same(ask(REPLICASET_CONTROLLER, 'warn'), ['well-formed warn spec.tolerations owned']);
  t.same(ask(REPLICASET_CONTROLLER, 'enforce'), ['well-formed enforce spec.tolerations']);
  t.same(ask('system:node:worker-1'), ['well-formed audit spec.tolerations static']);
  t.end();
});

const FORGED_OWNERS = [
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', controller: true },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', controller: true },
  { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', controller: true },
  { apiVersion: 'batch/v1', kind: 'Job', name: 'once', controller: true },
  { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'pg', controller: true },
  { apiVersion: 'v1', kind: 'Node', name: 'worker-1', controller: true },
  { apiVersion: 'example.com/v1', kind: 'Anything', name: 'x', controller: true },
];

for (const owner of FORGED_OWNERS) {
  void t.test(`a user who writes an owner of kind ${owner.kind} into a Pod is denied all the same`, (t) => {
    const { answer, findings } = askValidate(reviewOf(latestPod({ metadata: { ownerReferences: [owner] } })), policy);
    t.equal(answer.allowed, false);
    t.same(findings, REFUSED);
    t.end();
  });
}

void t.test('what a user deletes, marks or labels does not excuse a Pod', (t) => {
  for (const metadata of [
    { deletionTimestamp: '2027-01-01T00:00:00Z' },
    { labels: { 'podgrace.dev/exempt': 'true', 'admission.podgrace.dev/ignore': 'true' } },
    { annotations: { 'podgrace.dev/exempt': 'no-latest' } },
    { name: '', generateName: 'web-' },
    { annotations: { 'kubernetes.io/config.mirror': 'abc' } },
    { annotations: { 'kubernetes.io/config.source': 'file' } },
  ]) {
    t.equal(askValidate(reviewOf(latestPod({ metadata })), policy).answer.allowed, false, JSON.stringify(metadata));
  }
  t.end();
});

const MIRROR = { metadata: { annotations: { 'kubernetes.io/config.mirror': 'abc', 'kubernetes.io/config.source': 'file' } } };

void t.test('a mirror Pod that a kubelet sends is reported, never denied, never changed', (t) => {
  const review = reviewOf(latestPod(MIRROR), { username: 'system:node:worker-1' });
  const { answer, findings } = askValidate(review, policy);
  t.equal(answer.allowed, true);
  t.same(answer.warnings, []);
  t.same(findings, ['minute-of-grace audit spec.terminationGracePeriodSeconds static', 'no-latest audit spec.containers[0].image static']);
  t.same(askMutate(review, policy).answer.patch, []);
  t.end();
});

void t.test('the annotation of a mirror Pod, forged by anybody else, changes nothing: denied, and repaired', (t) => {
  for (const username of ['alice', 'system:kube-controller-manager-2', 'system:serviceaccount:kube-system:default', '']) {
    const review = reviewOf(latestPod(MIRROR), { username });
    t.equal(askValidate(review, policy).answer.allowed, false, username);
    t.same(askMutate(review, policy).decision.rules, ['minute-of-grace'], username);
  }
  t.end();
});

void t.test('a kubelet that sends a Pod without the annotation is judged like everybody', (t) => {
  t.equal(askValidate(reviewOf(latestPod(), { username: 'system:node:worker-1' }), policy).answer.allowed, false);
  t.end();
});

const CNPG = { metadata: { ownerReferences: [{ apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'pg', controller: true }] } };

void t.test('a Pod of an operator that would recreate it is judged, never changed', (t) => {
  const review = reviewOf(latestPod(CNPG), { username: 'system:serviceaccount:cnpg-system:cnpg-manager' });
  t.same(askMutate(review, policy).answer.patch, []);
  t.same(askValidate(review, policy).findings, REFUSED);
  t.end();
});

void t.test('a policy can name operators of its own', (t) => {
  const owner = { apiVersion: 'db.example.com/v1', kind: 'Database', name: 'pg', controller: true };
  const pod = podOf({ metadata: { ownerReferences: [owner] } });
  const senders = ['system:serviceaccount:db:manager'];
  const naming = policyOf([requireGrace()], { workloadKinds: [{ group: 'db.example.com', kind: 'Database', class: 'operator', senders }] });
  const fromOperator = reviewOf(pod, { username: 'system:serviceaccount:db:manager' });
  t.same(askMutate(fromOperator, naming).answer.patch, []);
  t.equal(askMutate(fromOperator, policy).answer.patch.length, 1);
  t.equal(askMutate(reviewOf(pod), naming).answer.patch.length, 1, 'anybody else is repaired, whatever the Pod says');
  t.end();
});
