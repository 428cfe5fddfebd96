import t from 'tap';
import { messagesOf, policyText, problemsOf } from './policy-text.ts';

void t.test('what is set twice is refused, at each line but the first, because one of the two would count for nothing', (t) => {
  const rules = ['rules:', '  memory-limit: {mode: enforce}', '  pre-stop-delay: {mode: warn}', '  memory-limit: {mutation: apply}'];
  t.same(problemsOf(policyText(...rules)), ['policy.yaml:9: spec.rules.memory-limit must be set once, but is set on line 7, too']);
  t.same(problemsOf(policyText('preset: baseline', 'preset: production')), [
    'policy.yaml:6: spec.preset must be set once, but is set on line 5, too',
    'policy.yaml:7: spec.preset must be set once, but is set on line 5, too',
  ]);
  t.same(messagesOf('exemptions: [{rule: memory-limit, image: a, "image": b, reason: old, expires: 2027-01-31}]'), [
    'spec.exemptions[0].image must be set once, but is set on line 6, too',
  ]);
  const json =
    '{"apiVersion": "podgrace.dev/v1alpha1", "kind": "LifecyclePolicy", "metadata": {"name": "a"}, "spec": {"preset": "strict", "preset": "baseline"}}';
  t.same(problemsOf(json), ['policy.yaml:1: spec.preset must be set once, but is set on line 1, too']);
  t.end();
});

void t.test('a merge and the field that replaces a part of it are no repetition', (t) => {
  const overrides = ['overrides:', '  - &a {namespaces: [a], rules: {memory-limit: {mode: warn}}}', '  - {<<: *a, namespaces: [b]}'];
  t.same(problemsOf(policyText(...overrides)), []);
  t.end();
});
