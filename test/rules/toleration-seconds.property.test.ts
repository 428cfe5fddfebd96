/** What holds for any list of tolerations. */
import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { firstMatchOf, NEVER, NOT_READY, toleratedSeconds, UNREACHABLE } from '../../src/core/eviction.ts';
import { DraftPlan } from '../../src/core/draft.ts';
import { dataPlaceOf } from '../../src/core/node-data.ts';
import type { Pod, Toleration } from '../../src/core/pod.ts';
import type { Violation } from '../../src/core/rule.ts';
import { readSubject, type Subject } from '../../src/core/subject.ts';
import { WorkloadKinds } from '../../src/core/workload.ts';
import rule from '../../src/rules/toleration-seconds.ts';
import { contextOf } from '../core/evaluating.ts';
import { FROM_USER } from '../core/subject-of.ts';
import { runs } from '../long-tests.ts';
import { findInvalid } from './api-validation.ts';

const VERSION = '1.36';
const range = fc
  .tuple(fc.nat(900), fc.nat(900), fc.nat(900))
  .map(([a, b, seconds]) => ({ min: Math.min(a, b), max: Math.max(a, b), seconds }));
const options = fc.record({ stateless: range, stateful: range });

const pluginToleration = (key: string): Toleration => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
const toleration: fc.Arbitrary<Toleration> = fc.oneof(
  fc.constantFrom(pluginToleration(NOT_READY.key), pluginToleration(UNREACHABLE.key)),
  fc.record({
    key: fc.constantFrom(NOT_READY.key, UNREACHABLE.key, 'dedicated'),
    operator: fc.constant('Exists'),
    effect: fc.constantFrom('', 'NoSchedule'),
  }),
  fc.record({ key: fc.constantFrom(NOT_READY.key, UNREACHABLE.key), operator: fc.constant('Equal'), value: fc.constantFrom('', 'x') }),
  fc.record({
    operator: fc.constant('Exists'),
    effect: fc.constant('NoExecute'),
    tolerationSeconds: fc.option(fc.integer({ min: -1, max: 900 })),
  }),
  fc
    .tuple(fc.constantFrom(NOT_READY.key, UNREACHABLE.key), fc.integer({ min: -1, max: 900 }))
    .map(([key, tolerationSeconds]) => ({ ...pluginToleration(key), tolerationSeconds })),
);
const managedFields = fc.constantFrom(
  undefined,
  [{ manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:spec': { 'f:containers': {} } } }],
  [{ manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:spec': { 'f:tolerations': {} } } }],
);
const volumes = fc.constantFrom(
  undefined,
  [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
  [{ name: 'data', emptyDir: {} }],
);

const anySubject = fc
  .record({
    kind: fc.constantFrom('Deployment', 'StatefulSet', 'Pod'),
    tolerations: fc.option(fc.array(toleration, { maxLength: 5 }), { nil: undefined }),
    managedFields,
    volumes,
  })
  .map(({ kind, tolerations, managedFields, volumes }) => {
    const mounted = volumes === undefined ? {} : { volumeMounts: [{ name: 'data', mountPath: '/data' }] };
    const spec = {
      containers: [{ name: 'web', image: 'web:1', ...mounted }],
      ...(tolerations && { tolerations }),
      ...(volumes && { volumes }),
    };
    const owned = { name: 'web', ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', controller: true }] };
    if (kind === 'Pod') return read({ apiVersion: 'v1', kind, metadata: { ...owned, ...(managedFields && { managedFields }) }, spec });
    return read({ apiVersion: 'apps/v1', kind, metadata: { name: 'web' }, spec: { template: { spec } } });
  });

function read(object: object): Subject {
  const reading = readSubject(object, { kinds: new WorkloadKinds(), kubernetesMinor: 36, trust: FROM_USER });
  assert.equal(reading.outcome, 'subject');
  return reading.subject;
}

function found(pod: Pod, subject: Subject, given: object): readonly Violation[] {
  return rule.validate(pod, contextOf(rule, pod, given, { subject }));
}

function repaired(pod: Pod, subject: Subject, given: object): Pod {
  const draft = new DraftPlan(rule.writes).draftOf(pod);
  rule.mutate?.(draft, contextOf(rule, draft, given, { subject }));
  return draft;
}

void t.test('a repair changes only the seconds, and none that somebody chose', (t) => {
  fc.assert(
    fc.property(anySubject, options, (subject, given) => {
      const before = subject.pod.spec.tolerations ?? [];
      const after = repaired(subject.pod, subject, given).spec.tolerations ?? [];
      const withoutSeconds = (list: Toleration[]): object[] => list.map((entry) => ({ ...entry, tolerationSeconds: undefined }));
      assert.deepEqual(withoutSeconds(after), withoutSeconds(before));
      for (const [index, { tolerationSeconds }] of before.entries()) {
        if (subject.provenance.originOfToleration(before, index) === 'user')
          assert.equal(after[index]?.tolerationSeconds, tolerationSeconds);
      }
    }),
    { numRuns: runs(1000) },
  );
  t.end();
});

void t.test('a repaired list is valid, and is left as it is by a second repair', (t) => {
  fc.assert(
    fc.property(anySubject, options, (subject, given) => {
      const once = repaired(subject.pod, subject, given);
      assert.deepEqual(findInvalid(once, VERSION), findInvalid(subject.pod, VERSION));
      assert.deepEqual(repaired(once, subject, given), once);
      const stored = read({ apiVersion: 'v1', kind: 'Pod', metadata: subject.pod.metadata, spec: once.spec });
      assert.deepEqual(repaired(stored.pod, stored, given).spec.tolerations, once.spec.tolerations);
    }),
    { numRuns: runs(1000) },
  );
  t.end();
});

void t.test('after a repair the API server’s default is outside the range nowhere, and nothing new is', (t) => {
  fc.assert(
    fc.property(anySubject, options, (subject, given) => {
      const once = repaired(subject.pod, subject, given);
      const keyOf = ({ message, path }: Violation): string => `${message} ${path.text}`;
      const before = new Set(found(subject.pod, subject, given).map(keyOf));
      const left = found(once, subject, given);
      assert.deepEqual(
        left.filter((violation) => violation.message === 'apiDefault' || !before.has(keyOf(violation))),
        [],
      );
    }),
    { numRuns: runs(1000) },
  );
  t.end();
});

void t.test('without a violation each taint keeps the Pod for a time in the range, or everything is tolerated for ever', (t) => {
  fc.assert(
    fc.property(anySubject, options, (subject, given) => {
      const pod = repaired(subject.pod, subject, given);
      if (found(pod, subject, given).length > 0) return;
      const place = dataPlaceOf(pod.spec);
      // Nothing is asked of data stores without a claim, nor where a claim may be shared.
      if (subject.workloadClass === 'stateful' ? place === 'nowhere' : place === 'claim') return;
      const { min, max } = place === 'claim' ? given.stateful : given.stateless;
      for (const taint of [NOT_READY, UNREACHABLE]) {
        const deciding = pod.spec.tolerations?.[firstMatchOf(pod.spec.tolerations, taint)];
        const seconds = deciding === undefined ? 0 : toleratedSeconds(deciding);
        if (seconds === NEVER) assert.ok(pod.spec.tolerations?.some(({ key, operator }) => !key && operator === 'Exists'));
        else assert.ok(seconds >= min && seconds <= max);
      }
    }),
    { numRuns: runs(1000) },
  );
  t.end();
});
