/** A Pod of two containers, and rules whose findings and repairs are seen at once: for the tests of what an evaluation makes of any rule. */
import type { Circumstances } from '../../src/core/evaluation.ts';
import type { ExemptionDocument } from '../../src/core/exemption.ts';
import type { Finding } from '../../src/core/finding.ts';
import { cloneJson } from '../../src/core/json.ts';
import { FieldPath } from '../../src/core/path.ts';
import { pathOf, type Container } from '../../src/core/pod.ts';
import type { Rule, Violation } from '../../src/core/rule.ts';
import type { Subject } from '../../src/core/subject.ts';
import { deepFreeze } from '../rules/laws.ts';
import { makeRule } from './made-up-rule.ts';
import { FROM_CONTROLLER, FROM_USER, subjectOf } from './subject-of.ts';

export const NOW: Circumstances = { nowMs: Date.UTC(2027, 0, 15) };

export const CONTAINERS = [
  { name: 'web', image: 'web:1', resources: { requests: { cpu: '100m' } } },
  { name: 'proxy', image: 'proxy:1' },
];

/** Frozen, so that whatever changes it throws. */
export function pod(spec: object = {}, metadata: object = {}, trust = FROM_USER): Subject {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', ...metadata }, spec: { containers: CONTAINERS, ...spec } };
  return deepFreeze(subjectOf(cloneJson(object), { trust }));
}

/** A Pod of a workload that was admitted before. */
export function ownedPod(): Subject {
  return pod({}, {}, FROM_CONTROLLER);
}

export function deployment(spec: object = {}): Subject {
  const template = { metadata: {}, spec: { containers: CONTAINERS, ...spec } };
  return deepFreeze(subjectOf(cloneJson({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { template } })));
}

/** Every container must have this argument; repaired by adding it. */
export function argument(id: string, word: string): Rule {
  const lacks = ({ args }: Container): boolean => args?.includes(word) !== true;
  return makeRule(id, {
    validate: (_pod, context) =>
      Array.from(context.containers())
        .filter(({ container }) => lacks(container))
        .map((reference) => ({ message: 'found', path: pathOf(reference).field('args'), rank: [0] })),
    mutate: (_draft, context) => {
      for (const { container } of context.containers()) if (lacks(container)) container.args = [...(container.args ?? []), word];
    },
  });
}

/** The grace period must be this long. */
export function grace(id: string, seconds: number): Rule {
  return makeRule(id, {
    validate: ({ spec }) => {
      const missing = seconds - spec.terminationGracePeriodSeconds;
      return missing <= 0 ? [] : [{ message: 'found', path: FieldPath.of('spec', 'terminationGracePeriodSeconds'), rank: [missing] }];
    },
    mutate: ({ spec }) => {
      spec.terminationGracePeriodSeconds = Math.max(seconds, spec.terminationGracePeriodSeconds);
    },
  });
}

/** Of all workloads. */
export const EXEMPT: ExemptionDocument = { rule: 'a', workload: { name: '*' }, reason: 'legacy', expires: '2027-01-31' };

export const PLACE = { message: 'found', path: FieldPath.of('spec') } as const;
export const VIOLATION: Violation = { ...PLACE, rank: [0] };

/** Finds something and throws on the way to its repair, with half of it done. */
export function failing(id: string, when: 'validating' | 'repairing' | 'after the repair' = 'repairing'): Rule {
  let repaired = false;
  return makeRule(id, {
    validate: () => {
      if (when === 'validating' || (when === 'after the repair' && repaired)) throw new Error(`${id} broke`);
      return [VIOLATION];
    },
    mutate: ({ spec }) => {
      spec.terminationGracePeriodSeconds += 1000;
      for (const container of spec.containers) container.args = ['half'];
      spec.containers.reverse();
      repaired = true;
      if (when === 'repairing') throw new Error(`${id} broke`);
    },
  });
}

export function summaries(findings: readonly Finding[]): string[] {
  return findings.map(({ rule, messageId, mode, excuse }) => [rule, messageId, mode, excuse ?? ''].join(' ').trimEnd());
}
