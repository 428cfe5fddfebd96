import t from 'tap';
import { recordOf, type DecisionRecord } from '../../src/admission/record.ts';
import type { Policy } from '../../src/core/policy.ts';
import { askMutate, askValidate } from './ask.ts';
import { finding, forbidLatest, policyOf, requireGrace } from './made-up-rules.ts';
import { latestPod, podOf, requestOf, reviewOf, type ReviewParts } from './reviews.ts';

const policy = policyOf([forbidLatest(), requireGrace()]);

function validated(object: unknown, parts?: ReviewParts, rules: Policy = policy): DecisionRecord {
  return recordOf(requestOf(object, parts), askValidate(reviewOf(object, parts), rules).decision);
}

function mutated(object: unknown, parts?: ReviewParts, rules: Policy = policy): DecisionRecord {
  return recordOf(requestOf(object, parts), askMutate(reviewOf(object, parts), rules).decision);
}

void t.test('a record says who asked what about which object', (t) => {
  const record = validated(latestPod(), { dryRun: true });
  t.match(record, {
    webhook: 'validate',
    uid: 'c0ffee00-0000-4000-8000-000000000001',
    operation: 'CREATE',
    kind: 'Pod',
    namespace: 'shop',
    name: 'web',
    subResource: '',
    username: 'alice',
    dryRun: true,
  });
  t.end();
});

void t.test('a record never holds the object', (t) => {
  const text = JSON.stringify([validated(latestPod()), mutated(latestPod())]);
  t.notMatch(text, 'registry.example');
  t.end();
});

void t.test('outcomes: denied, warned, allowed, skipped for a validation', (t) => {
  t.equal(validated(latestPod()).outcome, 'denied');
  t.equal(validated(podOf(), {}, policyOf([finding(1, 'x', 'warn')])).outcome, 'warned');
  t.equal(validated(podOf(), {}, policyOf([finding(1, 'x', 'audit')])).outcome, 'allowed');
  t.equal(validated(podOf(), {}, policyOf([])).outcome, 'allowed');
  t.equal(validated(podOf(), { subResource: 'status', operation: 'UPDATE' }).outcome, 'skipped');
  t.end();
});

void t.test('outcomes: mutated, allowed, skipped for a mutation', (t) => {
  t.match(mutated(podOf()), { outcome: 'mutated', rules: ['minute-of-grace'], suggestingRules: [] });
  t.match(mutated(podOf(), {}, policyOf([requireGrace('warn', 'would')])), {
    outcome: 'allowed',
    rules: [],
    suggestingRules: ['minute-of-grace'],
  });
  t.match(mutated(podOf(), { operation: 'UPDATE', oldObject: podOf() }), { outcome: 'skipped', skipped: 'operation' });
  t.end();
});

void t.test('of many findings all are counted and the first twenty kept', (t) => {
  const { findings, findingCounts } = validated(podOf(), {}, policyOf([finding(300, 'x', 'warn'), finding(2, 'y', 'audit', 'few')]));
  t.equal(findings.length, 20);
  t.same(findingCounts, [
    { rule: 'few', mode: 'audit', count: 2 },
    { rule: 'many', mode: 'warn', count: 300 },
  ]);
  t.end();
});
