/** The laws of a repair (docs/laws.md) for Pods that nobody thought of. */
import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import { applyDefaults } from '../../src/core/defaults.ts';
import { cloneJson } from '../../src/core/json.ts';
import type { Pod } from '../../src/core/pod.ts';
import { isLowerQos, qosClassOf } from '../../src/core/qos.ts';
import type { Rule, Violation } from '../../src/core/rule.ts';
import { readSubject, type Subject } from '../../src/core/subject.ts';
import { WorkloadKinds } from '../../src/core/workload.ts';
import { contextOf } from '../core/evaluating.ts';
import { FROM_USER } from '../core/subject-of.ts';
import { runs } from '../long-tests.ts';
import { findInvalid } from './api-validation.ts';
import { anyPod, type SentPod } from './arbitrary-pod.ts';
import { deepFreeze } from './laws.ts';

export interface Repair<Options> {
  readonly before: Pod;
  readonly after: Pod;
  readonly left: readonly Violation[];
  readonly options: Options;
  readonly subject: Subject;
}

/**
 * @param anyOptions what differs from the default options
 * @param others rules that must not find more after the repair than before, with their default options
 * @param check what the rule promises besides the laws, above all why the violations that are left could not be repaired
 * @throws with the smallest Pod that breaks a law
 */
export function proveRepair<Options extends object>(
  rule: Rule,
  anyOptions: fc.Arbitrary<Partial<Options>>,
  others: readonly Rule[],
  check: (repair: Repair<Options>) => void,
): void {
  fc.assert(
    fc.property(anyPod, anyOptions, (sent, different) => {
      const options = { ...(rule.meta.defaultOptions as Options), ...different };
      const subject = subjectOf(sent);
      const before = deepFreeze(subject.pod);
      const after = deepFreeze(mutate(rule, before, options, subject));
      assert.deepEqual(mutate(rule, after, options, subject), after, 'twice is once');
      assert.deepEqual(findInvalid(after, `1.${sent.minor}`), [], 'the API server accepts the repaired Pod');
      assert.equal(applyDefaults(after, 'pod', sent.minor), after, 'defaulting has nothing to add');
      const lowered = isLowerQos(qosClassOf(after.spec, sent.minor), qosClassOf(before.spec, sent.minor));
      assert.ok(!lowered, 'the QoS class is not lowered');
      const left = validate(rule, after, options, subject);
      if (validate(rule, before, options, subject).length === 0) assert.deepEqual(after, before, 'nothing to repair, nothing changed');
      for (const other of others) assertNothingNew(other, before, after, subject);
      check({ before, after, left, options, subject });
    }),
    { numRuns: runs(2000) },
  );
}

function subjectOf({ pod, minor }: SentPod): Subject {
  const reading = readSubject(pod, { kinds: new WorkloadKinds(), kubernetesMinor: minor, trust: FROM_USER });
  if (reading.outcome !== 'subject') throw new Error(JSON.stringify(reading));
  return reading.subject;
}

function validate(rule: Rule, pod: Pod, options: unknown, subject: Subject): readonly Violation[] {
  return rule.validate(pod, contextOf(rule, pod, options, { subject }));
}

function mutate(rule: Rule, pod: Pod, options: unknown, subject: Subject): Pod {
  const draft = { ...pod, spec: cloneJson(pod.spec) };
  rule.mutate?.(draft, contextOf(rule, draft, options, { subject }));
  return draft;
}

function assertNothingNew(rule: Rule, before: Pod, after: Pod, subject: Subject): void {
  const found = (pod: Pod): string[] =>
    validate(rule, pod, rule.meta.defaultOptions, subject).map(({ message, path }) => `${message} ${path.text}`);
  const known = found(before);
  assert.deepEqual(
    found(after).filter((violation) => !known.includes(violation)),
    [],
    `nothing new for ${rule.meta.id}`,
  );
}
