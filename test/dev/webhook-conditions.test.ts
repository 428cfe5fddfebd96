/** The CEL of the shipped conditions; `test/cluster/webhook-scope.test.ts` shows what an API server makes of it. */
import t from 'tap';
import { placesReadBy } from '../../src/core/update-scope.ts';
import { BUILT_IN_KINDS } from '../../src/core/workload.ts';
import { updateCondition } from '../../src/dev/webhook-conditions.ts';
import { makeRule } from '../core/made-up-rule.ts';

const kinds = (...names: string[]): typeof BUILT_IN_KINDS =>
  BUILT_IN_KINDS.filter(({ group, kind }) => group !== 'extensions' && names.includes(kind));

const OF_OWN_KINDS = [
  "object.exists(field, !(field in ['metadata', 'status']) &&",
  '(!(field in oldObject) || object[field] != oldObject[field])) :',
];

void t.test(
  'without rules that read more, the specs of Pods are compared, and of kinds of the policy’s own all but metadata and status',
  (t) => {
    t.same(updateCondition(kinds('ReplicaSet', 'Deployment'), placesReadBy([])), [
      "request.operation != 'UPDATE' ||",
      "(!(request.kind.group in ['apps']) ?",
      ...OF_OWN_KINDS,
      'object.spec.template.spec != oldObject.spec.template.spec)',
    ]);
    t.same(updateCondition(kinds('Pod', 'ReplicaSet', 'Deployment', 'CronJob'), placesReadBy([])), [
      "request.operation != 'UPDATE' ||",
      "(!(request.kind.group in ['', 'apps', 'batch']) ?",
      ...OF_OWN_KINDS,
      "request.kind.kind == 'Pod' ?",
      'object.spec != oldObject.spec :',
      "request.kind.kind == 'CronJob' ?",
      'object.spec.jobTemplate.spec.template.spec != oldObject.spec.jobTemplate.spec.template.spec :',
      'object.spec.template.spec != oldObject.spec.template.spec)',
    ]);
    t.end();
  },
);

void t.test('what rules read besides is compared where it stands, and only for the kinds that they are asked about', (t) => {
  const rules = [
    makeRule('a', { reads: ['metadata.annotations[example.com/a]'] }),
    makeRule('b', { about: 'workload', kinds: ['apps/Deployment', 'apps/StatefulSet'], reads: ['spec.replicas'] }),
  ];
  t.same(updateCondition(kinds('Pod', 'ReplicaSet', 'Job', 'DaemonSet', 'Deployment', 'StatefulSet'), placesReadBy(rules)), [
    "request.operation != 'UPDATE' ||",
    "(!(request.kind.group in ['', 'apps', 'batch']) ?",
    ...OF_OWN_KINDS,
    "request.kind.kind == 'Pod' ?",
    'object.spec != oldObject.spec ||',
    "object.metadata.?annotations[?'example.com/a'] != oldObject.metadata.?annotations[?'example.com/a'] :",
    "request.kind.kind in ['Deployment', 'StatefulSet'] ?",
    'object.spec.template.spec != oldObject.spec.template.spec ||',
    "object.spec.template.?metadata.?annotations[?'example.com/a'] !=",
    "oldObject.spec.template.?metadata.?annotations[?'example.com/a'] ||",
    'object.spec.?replicas != oldObject.spec.?replicas :',
    'object.spec.template.spec != oldObject.spec.template.spec ||',
    "object.spec.template.?metadata.?annotations[?'example.com/a'] !=",
    "oldObject.spec.template.?metadata.?annotations[?'example.com/a'])",
  ]);
  t.end();
});

void t.test('the labels of a template are compared once, and those of a Pod never', (t) => {
  const rules = [
    makeRule('a', { reads: ['metadata.labels'] }),
    makeRule('b', { about: 'workload', kinds: ['apps/Deployment'], reads: ['spec.template.metadata.labels'] }),
  ];
  t.same(updateCondition(kinds('Pod', 'ReplicaSet', 'Deployment'), placesReadBy(rules)), [
    "request.operation != 'UPDATE' ||",
    "(!(request.kind.group in ['', 'apps']) ?",
    ...OF_OWN_KINDS,
    "request.kind.kind == 'Pod' ?",
    'object.spec != oldObject.spec :',
    'object.spec.template.spec != oldObject.spec.template.spec ||',
    'object.spec.template.?metadata.?labels != oldObject.spec.template.?metadata.?labels)',
  ]);
  t.end();
});
