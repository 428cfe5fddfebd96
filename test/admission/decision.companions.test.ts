/** Budgets and autoscalers, which have no Pods. */
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { Policy, type PolicyDocument } from '../../src/core/policy.ts';
import { NOTHING_KNOWN, type Autoscaler, type KnownWorkload, type Surroundings } from '../../src/core/surroundings.ts';
import { Catalogue } from '../../src/core/catalogue.ts';
import { defineRule } from '../../src/core/rule.ts';
import { makeRule } from '../core/made-up-rule.ts';
import { askMutate, askValidate } from './ask.ts';
import { reviewOf } from './reviews.ts';

function policyWith(spec: Partial<PolicyDocument['spec']> = {}, rules = catalogue): Policy {
  return new Policy(
    {
      apiVersion: 'podgrace.dev/v1alpha1',
      kind: 'LifecyclePolicy',
      metadata: { name: 'test' },
      spec: { preset: 'strict', rules: { 'disruption-budget': { mode: 'enforce' } }, ...spec },
    },
    rules,
  );
}

const policy = policyWith();

function budget(spec: object, name = 'web'): object {
  const selector = { matchLabels: { app: 'web' } };
  const all = { selector, unhealthyPodEvictionPolicy: 'AlwaysAllow', ...spec };
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name, namespace: 'shop' }, spec: all };
}

const NEVER = reviewOf(budget({ maxUnavailable: 0 }));

void t.test('a budget is judged, and never changed', (t) => {
  const { decision, findings } = askValidate(NEVER, policy);
  t.same([decision.allowed, findings], [false, ['disruption-budget enforce spec.maxUnavailable']]);
  t.same(askValidate(reviewOf(budget({ maxUnavailable: 1 })), policy).findings, []);
  t.equal(askMutate(NEVER, policy).decision.skipped, 'no-template');
  t.end();
});

void t.test('an update is denied for what it makes worse', (t) => {
  const update = (spec: object, before: object): readonly unknown[] => {
    const { decision, findings } = askValidate(reviewOf(budget(spec), { operation: 'UPDATE', oldObject: budget(before) }), policy);
    return [decision.allowed, decision.skipped, ...findings];
  };
  const unhealthy = { unhealthyPodEvictionPolicy: 'IfHealthyBudget' };
  t.same(update({ maxUnavailable: 0 }, { maxUnavailable: 1 }), [false, undefined, 'disruption-budget enforce spec.maxUnavailable']);
  t.same(update({ maxUnavailable: 0 }, { minAvailable: '100%' }), [
    true,
    undefined,
    'disruption-budget warn spec.maxUnavailable not-worse',
  ]);
  t.same(update({ maxUnavailable: 2, ...unhealthy }, { maxUnavailable: 1, ...unhealthy }), [
    true,
    undefined,
    'disruption-budget warn spec.unhealthyPodEvictionPolicy not-worse',
  ]);
  t.same(update({ maxUnavailable: 0 }, { maxUnavailable: 0 }), [true, 'unchanged']);
  t.end();
});

void t.test('what may follow denies nothing at admission', (t) => {
  const workloads = { isKnown: true, value: { isComplete: true, workloads: [] } } as const;
  const surroundings: Surroundings = { ...NOTHING_KNOWN, workloads };
  const review = reviewOf(budget({ maxUnavailable: 1 }));
  t.same(askValidate(review, policy, { surroundings, othersMayFollow: true }).findings, [
    'disruption-budget audit spec.selector may-follow',
  ]);
  t.same(askValidate(review, policy, { surroundings }).findings, ['disruption-budget enforce spec.selector']);
  t.end();
});

void t.test('an exemption names the budget', (t) => {
  const exemption = { rule: 'disruption-budget', workload: { kind: 'PodDisruptionBudget', name: 'web' }, reason: 'moves away' };
  const withExemption = (expires: string): readonly string[] =>
    askValidate(NEVER, policyWith({ exemptions: [{ ...exemption, expires }] })).findings;
  t.same(withExemption('2027-06-30'), ['disruption-budget audit spec.maxUnavailable exempt']);
  t.same(withExemption('2027-01-20'), ['disruption-budget warn spec.maxUnavailable exempt'], 'it ends soon');
  t.same(withExemption('2027-01-14'), ['disruption-budget enforce spec.maxUnavailable'], 'it has ended');
  const other = policyWith({ exemptions: [{ ...exemption, workload: { kind: 'Deployment', name: 'web' }, expires: '2027-06-30' }] });
  t.equal(askValidate(NEVER, other).decision.allowed, false);
  t.end();
});

void t.test('overrides of the namespace count, and those for classes of workloads do not', (t) => {
  const rules = { 'disruption-budget': { mode: 'off' } } as const;
  t.equal(askValidate(NEVER, policyWith({ overrides: [{ namespaces: ['shop'], rules }] })).decision.skipped, 'no-template');
  t.equal(askValidate(NEVER, policyWith({ overrides: [{ workloadClasses: ['service'], rules }] })).decision.allowed, false);
  t.equal(askValidate(NEVER, policyWith({ excludedNamespaces: ['shop'] })).decision.skipped, 'excluded-namespace');
  t.end();
});

void t.test('what the API server refuses is left to it', (t) => {
  for (const spec of [{ maxUnavailable: 'many' }, { minAvailable: '1' }])
    t.equal(askValidate(reviewOf(budget(spec)), policy).decision.skipped, 'no-template');
  t.equal(askValidate(reviewOf({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' }), policy).decision.skipped, 'no-template');
  t.end();
});

void t.test('a rule that fails is one finding', (t) => {
  const made = makeRule('fails');
  const failing = defineRule({
    ...made,
    meta: { ...made.meta, companions: ['policy/PodDisruptionBudget'] },
    validateCompanion: () => {
      throw new Error('out of order');
    },
  });
  const { decision, answer } = askValidate(NEVER, policyWith({ rules: { fails: { mode: 'warn' } } }, new Catalogue([failing])));
  t.match(decision, { allowed: false, findings: [{ rule: 'fails', messageId: 'errored' }] });
  t.match(JSON.stringify(answer), /could not be judged: out of order/);
  t.end();
});

void t.test('what is compared with each workload that a budget selects counts as work', (t) => {
  const names = Array.from({ length: 500 }, (_, at) => `w${at}`);
  const of = (name: string): Autoscaler['scaleTargetRef'] => ({ apiVersion: 'apps/v1', kind: 'Deployment', name });
  const workloads = names.map((name): KnownWorkload => {
    return { ...of(name), labels: { app: name }, replicas: 1, setsReplicas: true, keepsData: false };
  });
  const autoscalers = names.map((name): Autoscaler => ({ name, scaleTargetRef: of(name), minReplicas: 1, maxReplicas: 2 }));
  const budgets = names.map((name) => ({
    name,
    selector: { matchLabels: { app: `another-${name}` } },
    minAvailable: 1,
    maxUnavailable: null,
  }));
  const stepsWith = (others: Partial<Surroundings>): number => {
    let most = 0;
    askValidate(reviewOf(budget({ maxUnavailable: 1, selector: {} }, 'all')), policy, {
      surroundings: { ...NOTHING_KNOWN, workloads: { isKnown: true, value: { workloads, isComplete: true } }, ...others },
      outOfTime: (steps) => (most = Math.max(most, steps)) < 0,
    });
    return most;
  };
  const [alone, withBudgets] = [stepsWith({}), stepsWith({ podDisruptionBudgets: { isKnown: true, value: budgets } })];
  const withAutoscalers = stepsWith({ autoscalers: { isKnown: true, value: autoscalers } });
  t.ok(withBudgets - alone >= 10_000, `${withBudgets} steps with 500 budgets, ${alone} without`);
  t.ok(withAutoscalers - alone >= 10_000, `${withAutoscalers} steps with 500 autoscalers, ${alone} without`);
  t.end();
});

void t.test('budgets of the namespace count as work, and what there is no time for is let through', (t) => {
  const budgets = Array.from({ length: 5_000 }, (_, at) => ({
    name: `b${at}`,
    selector: { matchLabels: { app: `a${at}` } },
    minAvailable: 1,
    maxUnavailable: null,
  }));
  const surroundings: Surroundings = { ...NOTHING_KNOWN, podDisruptionBudgets: { isKnown: true, value: budgets } };
  let most = 0;
  const whole = askValidate(reviewOf(budget({ maxUnavailable: 1 })), policy, {
    surroundings,
    outOfTime: (steps) => (most = Math.max(most, steps)) < 0,
  });
  t.same(whole.findings, []);
  t.ok(most >= 4_000, `${most} steps`);
  const cut = askValidate(reviewOf(budget({ maxUnavailable: 0 })), policy, { surroundings, outOfTime: (steps) => steps > 1_000 });
  t.same([cut.decision.allowed, cut.findings], [true, ['disruption-budget audit spec unknown']]);
  t.end();
});
