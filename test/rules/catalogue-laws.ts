/**
 * The laws that all repairs together keep (docs/laws.md), whatever the Pod: proved for Pods that property tests make up and
 * for those of the corpus.
 */
import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import { catalogue } from '../../src/config/catalogue.ts';
import { withClaimedVolumes } from '../../src/core/claimed-volumes.ts';
import { applyDefaults } from '../../src/core/defaults.ts';
import { excuseWhatWasThere } from '../../src/core/evaluate.ts';
import type { Mutation } from '../../src/core/mutation.ts';
import type { Circumstances } from '../../src/core/evaluation.ts';
import { DraftPlan } from '../../src/core/draft.ts';
import type { KubernetesMinor } from '../../src/core/kubernetes-version.ts';
import type { FieldPath } from '../../src/core/path.ts';
import type { Pod } from '../../src/core/pod.ts';
import { Policy } from '../../src/core/policy.ts';
import type { RuleSetting } from '../../src/core/rule-settings.ts';
import type { RuleSettingDocument } from '../../src/core/rule-setting.ts';
import { isLowerQos, qosClassOf } from '../../src/core/qos.ts';
import { compareQuantities } from '../../src/core/quantity.ts';
import { readAmount } from '../../src/core/resources.ts';
import type { Subject } from '../../src/core/subject.ts';
import { contextOf, mutate, validate } from '../core/evaluating.ts';
import { findInvalid } from './api-validation.ts';
import { applyIndependently, deepFreeze } from './laws.ts';
import { takenAway } from './taken-away.ts';

/** What differs between the policies: every carrier of the injected init, both classes. */
export interface Choice {
  readonly carrier: 'auto' | 'image-volume' | 'init-container' | 'share-process-namespace';
  readonly class: 'Burstable' | 'Guaranteed';
}

export const anyChoice: fc.Arbitrary<Choice> = fc.record({
  carrier: fc.constantFrom('auto', 'image-volume', 'init-container', 'share-process-namespace'),
  class: fc.constantFrom('Burstable', 'Guaranteed'),
});

const POLICIES = new Map<string, Policy>();

/**
 * Preset strict with every repair applied. The modes are those of the preset: a rule that no preset enforces may find what the
 * repair of another brings. What a preset leaves off is run all the same, as an audit.
 */
export function policyOf(minor: KubernetesMinor, choice: Choice): Policy {
  const key = JSON.stringify([minor, choice]);
  const policy = POLICIES.get(key) ?? makePolicy(minor, choice);
  POLICIES.set(key, policy);
  return policy;
}

function makePolicy(minor: KubernetesMinor, choice: Choice): Policy {
  const options: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    'init-process': { image: 'registry.example/podgrace:1', carrier: choice.carrier },
    'minimum-qos-class': { class: choice.class },
  };
  const settings = catalogue.rules.map(({ meta }): [string, RuleSettingDocument] => [
    meta.id,
    {
      mode: meta.presets.strict.mode === 'off' ? 'audit' : meta.presets.strict.mode,
      mutation: meta.mutation === 'none' ? 'off' : 'apply',
      options: options[meta.id] ?? {},
    },
  ]);
  const spec = { preset: 'strict', kubernetesVersion: `1.${minor}`, rules: Object.fromEntries(settings) } as const;
  return new Policy({ apiVersion: 'podgrace.dev/v1alpha1', kind: 'LifecyclePolicy', metadata: { name: 'all' }, spec }, catalogue);
}

/** More than there are repairs. */
export const DRAWS_OF_AN_ORDER = 20;

/** A Pod with all its repairs. */
export interface Repaired {
  readonly policy: Policy;
  readonly subject: Subject;
  readonly mutation: Mutation;
  /** Where a law tries some of many possibilities: which. `DRAWS_OF_AN_ORDER` for each order of the repairs. */
  readonly draws: readonly number[];
}

const CIRCUMSTANCES: Circumstances = { nowMs: 0 };

/** Both Pods are frozen: a rule that changes what it only may look at throws. */
export function repair(policy: Policy, subject: Subject, draws: readonly number[]): Repaired {
  const mutation = mutate(policy, deepFreeze(subject), CIRCUMSTANCES);
  deepFreeze(mutation.pod);
  return { policy, subject, mutation, draws };
}

/** Each throws an AssertionError for a Pod that breaks it. */
export const LAWS: Readonly<Record<string, (repaired: Repaired) => void>> = {
  'no repair fails': ({ mutation }) => {
    assert.deepEqual(mutation.errored, [], `fails: ${mutation.errored.map(({ rule }) => rule).join(', ')}`);
  },

  'every order of the repairs that respects what they build on ends at the same Pod': ({ policy, subject, mutation, draws }) => {
    const { applying } = policy.settingsFor(subject.namespace, subject.workloadClass);
    for (let from = 0; from < draws.length; from += DRAWS_OF_AN_ORDER) {
      const order = inSomeOrder(applying, draws.slice(from, from + DRAWS_OF_AN_ORDER));
      let { pod } = subject;
      for (const setting of order) pod = repairedBy(setting, pod, subject) ?? pod;
      assert.deepEqual(pod, mutation.pod, `another Pod in the order ${order.map(({ rule }) => rule.meta.id).join(', ')}`);
    }
  },

  'a repair that leaves as much to find changes nothing': ({ policy, subject, mutation }) => {
    for (const setting of policy.settingsFor(subject.namespace, subject.workloadClass).applying) {
      for (const pod of [subject.pod, mutation.pod]) {
        if (repairedBy(setting, pod, subject) === undefined)
          assert.deepEqual(
            drafted(setting, pod, subject),
            pod,
            `${setting.rule.meta.id}: its repair changes a Pod without having less to find`,
          );
      }
    }
  },

  'a second pass changes nothing': ({ policy, subject, mutation }) => {
    const repaired = { ...subject, pod: mutation.pod, received: { ...mutation.pod } };
    const again = mutate(policy, repaired, CIRCUMSTANCES);
    assert.deepEqual(again.rules, [], `repairs again: ${again.rules.join(', ')}`);
    assert.equal(again.pod, mutation.pod);
  },

  'after the repairs no rule that a preset enforces finds anything that was not there before': ({ policy, subject, mutation }) => {
    const before = validate(policy, subject, CIRCUMSTANCES);
    const after = validate(policy, subject, CIRCUMSTANCES, mutation.pod);
    const worse = excuseWhatWasThere(after, before).filter(({ mode }) => mode === 'enforce');
    assert.deepEqual(
      worse.map(({ rule, path, message }) => `${rule}: ${path.text} ${message}`),
      [],
      `the repairs of ${mutation.rules.join(', ')} bring findings: ${worse.map(({ rule }) => rule).join(', ')}`,
    );
  },

  'the API server accepts the repaired Pod, and has nothing to add to it': ({ subject, mutation }) => {
    assert.deepEqual(findInvalid(mutation.pod, `1.${subject.kubernetesMinor}`), []);
    assert.deepEqual(applyDefaults(mutation.pod, 'pod', subject.kubernetesMinor), mutation.pod);
  },

  'no repair lowers the QoS class': ({ subject, mutation }) => {
    const minor = subject.kubernetesMinor;
    assert.ok(!isLowerQos(qosClassOf(mutation.pod.spec, minor), qosClassOf(subject.pod.spec, minor)));
  },

  'the amount that a message advises is the one that is patched': ({ policy, subject, mutation }) => {
    for (const { rule, options } of policy.settingsFor(subject.namespace, subject.workloadClass).applying) {
      for (const { path, data } of rule.validate(subject.pod, contextOf(rule, subject.pod, options, { subject }))) {
        // `limit` under `requests` is the one that is there.
        const advised = path.steps.at(-2) === 'requests' ? undefined : (data?.['limit'] ?? data?.['follows']);
        const patched = valueAt(mutation.pod, path);
        // What is left as it was is told in words; a volume in memory has no advised amount.
        if (advised === undefined || patched == null || equalAmounts(patched, valueAt(subject.pod, path))) continue;
        assert.ok(
          equalAmounts(patched, advised),
          `${rule.meta.id} advises ${advised} for ${path.text}, and ${JSON.stringify(patched)} is patched`,
        );
      }
    }
  },

  'no repair takes away memory, time or rights': ({ subject, mutation }) => {
    assert.deepEqual(takenAway(subject, mutation.pod), []);
  },

  'the patch, applied by another implementation, gives the repaired Pod': ({ subject, mutation }) => {
    const patched = applyIndependently(subject.received, mutation.patch);
    // What a claim of a StatefulSet replaces is in the template and not in its Pods.
    const claimed = subject.pod.spec.volumes?.filter(({ persistentVolumeClaim: claim }) => claim != null && claim.claimName === undefined);
    const claims = new Set(claimed?.map(({ name }) => name));
    assert.deepEqual(withClaimedVolumes(applyDefaults(patched, 'pod', subject.kubernetesMinor), claims), mutation.pod);
  },
};

/** The repairs in an order that puts every rule after those that it builds on. */
function inSomeOrder(settings: readonly RuleSetting[], draws: readonly number[]): RuleSetting[] {
  assert.ok(settings.length <= DRAWS_OF_AN_ORDER, 'every repair can come first');
  const left = [...settings];
  const order: RuleSetting[] = [];
  while (left.length > 0) {
    const isFree = ({ rule }: RuleSetting): boolean => !left.some((other) => rule.meta.after?.includes(other.rule.meta.id) === true);
    const free = left.filter(isFree);
    const next = free[(draws[order.length] ?? 0) % free.length];
    if (next === undefined) throw new Error('rules wait for each other');
    left.splice(left.indexOf(next), 1);
    order.push(next);
  }
  return order;
}

/** Elements by their names: a repair may have put others before them. */
function valueAt(object: unknown, { parent, step, keys }: FieldPath): unknown {
  if (parent === undefined) return object;
  const at = valueAt(object, parent);
  const name = keys?.['name'];
  if (Array.isArray(at) && name !== undefined) return at.find((element: { name?: unknown }) => element.name === name);
  return typeof at === 'object' && at !== null ? (at as Record<string | number, unknown>)[step] : undefined;
}

function equalAmounts(a: unknown, b: unknown): boolean {
  if (a == null || b == null) return a === b;
  return compareQuantities(readAmount(a as string), readAmount(b as string)) === 0;
}

/** @returns undefined where the rule finds nothing, or as much as before */
function repairedBy(setting: RuleSetting, pod: Pod, subject: Subject): Pod | undefined {
  const found = countKnown(setting, pod, subject);
  if (found === 0) return undefined;
  const draft = drafted(setting, pod, subject);
  return countKnown(setting, draft, subject) < found ? draft : undefined;
}

function drafted(setting: RuleSetting, pod: Pod, subject: Subject): Pod {
  const draft = new DraftPlan(setting.rule.writes).draftOf(pod);
  setting.rule.mutate?.(draft, contextOf(setting.rule, draft, setting.options, { subject }));
  return draft;
}

function countKnown({ rule, options }: RuleSetting, pod: Pod, subject: Subject): number {
  return rule.validate(pod, contextOf(rule, pod, options, { subject })).filter(({ unknown }) => unknown !== true).length;
}
