/** Deletions: of which something is asked, and what nothing may hold up. */
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { Policy } from '../../src/core/policy.ts';
import { presetDocument } from '../../src/config/presets.ts';
import { SPEC } from '../../src/core/pod.ts';
import type { RuleDefinition } from '../../src/core/rule.ts';
import { decideUnjudged } from '../../src/admission/decision.ts';
import { decodeReview } from '../../src/admission/review.ts';
import { makeRule, policyOf } from '../core/made-up-rule.ts';
import { askMutate, askValidate } from './ask.ts';
import { forbidLatest } from './made-up-rules.ts';
import { containerOf, LATEST, latestPod, podOf, reviewOf, type Review, type ReviewParts } from './reviews.ts';

const OWNER = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', controller: true };

function memberOf(metadata: object = {}, spec: object = {}, status: object = { phase: 'Running' }): Record<string, unknown> {
  const pod = podOf({ metadata: { name: 'db-0', ownerReferences: [OWNER], ...metadata }, spec: { nodeName: 'node-1', ...spec } });
  return { ...pod, status };
}

function deletionOf(oldObject: unknown, parts: ReviewParts = {}): Review {
  return reviewOf(null, { operation: 'DELETE', name: 'db-0', oldObject, gracePeriodSeconds: 0, ...parts });
}

const PRODUCTION = new Policy(presetDocument('production'), catalogue);
const RULE = 'no-force-delete enforce metadata.annotations[podgrace.dev/fenced-node]';

void t.test('a Pod of a StatefulSet that somebody deletes by force: denied, and the answer says what', (t) => {
  const { answer, findings } = askValidate(deletionOf(memberOf()), PRODUCTION);
  t.same(findings, [RULE]);
  t.equal(answer.allowed, false);
  t.equal(
    answer.status?.message,
    [
      'Deletion of Pod shop/db-0 breaks a rule of policy production',
      '- metadata.annotations[podgrace.dev/fenced-node]: must be node-1 before the Pod is deleted by force, but is not set: it may still run there while another one starts with its name and data (no-force-delete)',
      '  fix: delete it without `--force`; once node-1 is off for certain, taint it `node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`, or set the annotation',
    ].join('\n'),
  );
  t.equal(askValidate(deletionOf(memberOf(), { dryRun: true }), PRODUCTION).answer.allowed, false, 'as a dry run too');
  t.end();
});

void t.test('of many that are deleted at once, the request names none: the name is that of the Pod', (t) => {
  const { answer } = askValidate(deletionOf(memberOf(), { name: '' }), PRODUCTION);
  t.match(answer.status?.message, /^Deletion of Pod shop\/db-0 /);
  t.end();
});

void t.test('a Pod that is terminating already can still run on a node that does not answer', (t) => {
  const metadata = { deletionTimestamp: '2027-01-15T00:00:00Z', deletionGracePeriodSeconds: 30 };
  t.same(askValidate(deletionOf(memberOf(metadata)), PRODUCTION).findings, [RULE]);
  t.end();
});

void t.test('a Pod that a StatefulSet has made is known by its host name also where another controller of Kubernetes has it', (t) => {
  const foundIn = (owner: object, hostname = 'db-0'): readonly string[] =>
    askValidate(deletionOf(memberOf({ ownerReferences: [{ ...OWNER, ...owner }] }, { hostname })), PRODUCTION).findings;
  for (const owner of [
    { kind: 'ReplicaSet' },
    { kind: 'DaemonSet' },
    { apiVersion: 'batch/v1', kind: 'Job' },
    { apiVersion: 'v1', kind: 'ReplicationController' },
    { apiVersion: 'v1', kind: 'ConfigMap' },
  ]) {
    t.same(foundIn(owner), [RULE], owner.kind);
    t.same(foundIn(owner, 'db'), [], `${owner.kind}, and a host name that no StatefulSet has written`);
  }
  t.same(foundIn({ apiVersion: 'core.strimzi.io/v1beta2', kind: 'StrimziPodSet' }), [], 'an operator names its Pods itself');
  t.end();
});

void t.test('a Pod that its StatefulSet has let go is known by its host name, which nobody can change', (t) => {
  const foundIn = (spec: object, metadata: object = {}): readonly string[] =>
    askValidate(deletionOf(memberOf({ ownerReferences: [], labels: {}, ...metadata }, spec)), PRODUCTION).findings;
  t.same(foundIn({ hostname: 'db-0' }), [RULE]);
  t.same(foundIn({ hostname: 'db-0' }, { ownerReferences: [{ ...OWNER, controller: false }] }), [RULE]);
  t.same(foundIn({ hostname: 'db' }), []);
  t.same(foundIn({ hostname: 'db' }, { name: 'db' }), [], 'a name without a number');
  t.same(foundIn({ hostname: 'db-0' }, { ownerReferences: [{ ...OWNER, apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster' }] }), []);
  t.end();
});

const SPARED: readonly (readonly [string, Review])[] = [
  ['with its own grace period', deletionOf(memberOf(), { gracePeriodSeconds: 30 })],
  ['--now', deletionOf(memberOf(), { gracePeriodSeconds: 1 })],
  ...[
    ...['system:node:node-1', 'system:serviceaccount:kube-system:pod-garbage-collector', 'system:serviceaccount:fencing:agent'],
    ...['system:kube-controller-manager', 'system:kube-scheduler', 'system:apiserver', ''],
  ].map((username) => [`by ${username || 'nobody who is known'}`, deletionOf(memberOf(), { username })] as const),
  ['on no node', deletionOf(memberOf({}, { nodeName: '' }))],
  ['that has ended', deletionOf(memberOf({}, {}, { phase: 'Succeeded' }))],
  ['that has failed', deletionOf(memberOf({}, {}, { phase: 'Failed' }))],
  ['that is on its way out by force', deletionOf(memberOf({ deletionGracePeriodSeconds: 0 }))],
  ['without a grace period of its own', deletionOf(memberOf({}, { terminationGracePeriodSeconds: 0 }))],
  ['whose node is fenced', deletionOf(memberOf({ annotations: { 'podgrace.dev/fenced-node': 'node-1' } }))],
  ['of a ReplicaSet', deletionOf(memberOf({ ownerReferences: [{ ...OWNER, kind: 'ReplicaSet' }] }))],
  ['of nobody', deletionOf(memberOf({ ownerReferences: [] }))],
];

for (const [what, review] of SPARED) {
  void t.test(`a Pod ${what}: allowed without a word`, (t) => {
    const { answer, findings } = askValidate(review, PRODUCTION);
    t.same([answer.allowed, findings], [true, []]);
    t.end();
  });
}

void t.test('baseline warns', (t) => {
  const { answer } = askValidate(deletionOf(memberOf()), new Policy(presetDocument('baseline'), catalogue));
  t.equal(answer.allowed, true);
  t.match(answer.warnings, [/^metadata\.annotations\[podgrace\.dev\/fenced-node\]: must be node-1 before .* \(no-force-delete\)$/]);
  t.end();
});

void t.test('an exemption covers it, and so does a namespace that is left alone', (t) => {
  const { spec, ...document } = presetDocument('production');
  const exemption = { rule: 'no-force-delete', namespace: 'shop', reason: 'moves next week', expires: '2027-06-01' };
  const exempting = new Policy({ ...document, spec: { ...spec, exemptions: [exemption] } }, catalogue);
  t.equal(askValidate(deletionOf(memberOf()), exempting).answer.allowed, true);
  const excluding = new Policy({ ...document, spec: { ...spec, excludedNamespaces: ['shop'] } }, catalogue);
  t.equal(askValidate(deletionOf(memberOf()), excluding).decision.skipped, 'excluded-namespace');
  t.end();
});

void t.test('the deletion of anything but a Pod is not judged, nor one of which the review says too little', (t) => {
  const scaled = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db' }, spec: { template: latestPod() } };
  for (const review of [
    deletionOf(scaled),
    deletionOf(memberOf(), { subResource: 'status' }),
    deletionOf(null, { kind: { group: 'example.com', version: 'v1', kind: 'Thing' } }),
    reviewOf(null, { operation: 'DELETE', oldObject: memberOf() }),
  ])
    t.equal(askValidate(review, PRODUCTION).decision.skipped, 'operation');
  const { answer, decision } = askMutate(deletionOf(memberOf()), PRODUCTION);
  t.same([answer.patch, decision.skipped], [[], 'operation'], 'and none is changed');
  t.end();
});

const finding: RuleDefinition<unknown, string>['validate'] = (_pod, { deletion }) =>
  deletion === undefined ? [] : [{ message: 'found', path: SPEC, rank: [0] }];

void t.test('rules about deletions and other rules are never asked about the same request', (t) => {
  const policy = policyOf([forbidLatest(), makeRule('about-deletions', { about: 'deletion', validate: finding })]);
  const isLatest = { containers: [containerOf(LATEST)] };
  t.same(askValidate(deletionOf(memberOf({}, isLatest)), policy).findings, ['about-deletions enforce spec']);
  t.same(askValidate(reviewOf(memberOf({}, isLatest)), policy).findings, ['no-latest enforce spec.containers[0].image']);
  t.end();
});

void t.test('a rule about deletions does not make more updates worth a look', (t) => {
  const reads = ['metadata.annotations[example.com/a]'];
  t.same(policyOf([makeRule('a', { about: 'deletion', reads })]).readPlaces.ofPods, []);
  t.not(policyOf([makeRule('a', { reads })]).readPlaces.ofPods.length, 0);
  t.end();
});

void t.test('what is wrong with podgrace or with the Pod denies no deletion', (t) => {
  const failing = makeRule('fails', {
    about: 'deletion',
    validate: () => {
      throw new Error('broken');
    },
  });
  t.same(askValidate(deletionOf(memberOf()), policyOf([failing])).findings, ['fails audit spec unknown']);
  const reading = makeRule('reads', { about: 'deletion', reads: ['spec.nodeName'] });
  const { answer, findings } = askValidate(deletionOf(memberOf({}, { nodeName: 7 })), policyOf([reading]));
  t.same([answer.allowed, findings], [true, ['reads audit spec.nodeName unknown']]);
  for (const oldObject of [null, 7, 'Pod', [], {}]) t.equal(askValidate(deletionOf(oldObject), PRODUCTION).answer.allowed, true);
  const { answer: late } = askValidate(deletionOf(memberOf()), PRODUCTION, { outOfTime: () => true });
  t.equal(late.allowed, true, 'no time');
  const unjudged = decideUnjudged('validate', decodeReview(deletionOf(memberOf())), PRODUCTION, 'it is too large');
  t.match(unjudged, { allowed: true, skipped: 'operation' });
  t.end();
});
