import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import * as evaluate from '../../src/core/evaluate.ts';
import { Evaluation } from '../../src/core/evaluation.ts';
import { cloneJson } from '../../src/core/json.ts';
import * as mutating from '../../src/core/mutation.ts';
import type { Mutation } from '../../src/core/mutation.ts';
import type { Pod } from '../../src/core/pod.ts';
import type { Policy, PolicyDocument } from '../../src/core/policy.ts';
import type { Rule } from '../../src/core/rule.ts';
import type { Subject } from '../../src/core/subject.ts';
import { applyIndependently } from '../rules/laws.ts';
import { runs } from '../long-tests.ts';
import { contextOf, mutate, repairedFindings, suggest } from './evaluating.ts';
import { makeRule, policyOf } from './made-up-rule.ts';
import { EXEMPT, NOW, PLACE, VIOLATION, argument, deployment, failing, grace, pod } from './plain-rules.ts';
import { subjectOf } from './subject-of.ts';

void t.test('a Pod with nothing to repair is the same object, and has no patch', (t) => {
  const subject = pod();
  t.same(mutate(policyOf([grace('a', 30), makeRule('b')]), subject, NOW), {
    pod: subject.pod,
    patch: [],
    rules: [],
    errored: [],
    repairs: [],
  });
  t.equal(mutate(policyOf([grace('a', 30)]), subject, NOW).pod, subject.pod);
  t.end();
});

void t.test('repairs share one draft, in which what they write is a copy; what came is not changed', (t) => {
  const drafts: Pod[] = [];
  const spying = (id: string, word: string): Rule => {
    const rule = argument(id, word);
    return {
      ...rule,
      mutate: (draft, context) => {
        drafts.push(draft);
        rule.mutate?.(draft, context);
      },
    };
  };
  const subject = pod();
  const { pod: repaired } = mutate(policyOf([makeRule('a'), spying('b', '--b'), spying('c', '--c'), spying('d', '--d')]), subject, NOW);
  t.equal(drafts.length, 3);
  for (const draft of drafts) t.equal(draft, repaired);
  t.not(repaired.spec, subject.pod.spec);
  t.same(
    repaired.spec.containers.map(({ args }) => args),
    [
      ['--b', '--c', '--d'],
      ['--b', '--c', '--d'],
    ],
  );
  t.end();
});

void t.test('a rule with nothing to repair is not asked to', (t) => {
  let asked = 0;
  const rule = makeRule('a', { mutate: () => (asked += 1) });
  mutate(policyOf([rule]), pod(), NOW);
  t.equal(asked, 0);
  t.end();
});

void t.test('what is only unknown is never repaired', (t) => {
  let asked = 0;
  const rule = makeRule('a', { validate: () => [{ ...PLACE, unknown: true }], mutate: () => (asked += 1) });
  const subject = pod();
  t.equal(mutate(policyOf([rule]), subject, NOW).pod, subject.pod);
  t.equal(asked, 0);
  t.end();
});

void t.test('the patch turns what was received into the repaired Pod, and leaves defaults out', (t) => {
  const subject = pod();
  const { patch, pod: repaired } = mutate(policyOf([grace('a', 40), argument('b', '--b')]), subject, NOW);
  t.same(patch, [
    { op: 'add', path: '/spec/containers/0/args', value: ['--b'] },
    { op: 'add', path: '/spec/containers/1/args', value: ['--b'] },
    { op: 'add', path: '/spec/terminationGracePeriodSeconds', value: 40 },
  ]);
  t.same(subjectOf(applyIndependently(subject.received, patch)).pod, repaired);
  t.end();
});

void t.test('rules are listed in the order in which they repaired, without those that had nothing to do', (t) => {
  const { rules } = mutate(policyOf([grace('a', 30), argument('b', '--b'), grace('c', 40)]), pod(), NOW);
  t.same(rules, ['b', 'c']);
  t.end();
});

void t.test('each rule sees what those before it repaired', (t) => {
  const { pod: repaired, rules } = mutate(policyOf([grace('a', 40), grace('b', 35), grace('c', 50)]), pod(), NOW);
  t.same(rules, ['a', 'c']);
  t.equal(repaired.spec.terminationGracePeriodSeconds, 50);
  t.end();
});

void t.test('a rule that is off, exempt or only suggests repairs nothing', (t) => {
  const subject = pod();
  const untouched = (spec: Partial<PolicyDocument['spec']>): void => {
    t.equal(mutate(policyOf([grace('a', 40)], spec), subject, NOW).pod, subject.pod);
  };
  untouched({ rules: { a: { mode: 'off' } } });
  untouched({ rules: { a: { mutation: 'off' } } });
  untouched({ rules: { a: { mutation: 'would' } } });
  untouched({ exemptions: [EXEMPT] });
  t.end();
});

/** Everything but the failures themselves. */
function outcome({ pod: { spec }, patch, rules }: Mutation): unknown {
  return { spec, patch, rules };
}

void t.test('a rule that fails leaves no trace, wherever it stands and whenever it fails; the others’ repairs stay', (t) => {
  const others = [grace('b', 40), argument('d', '--d')];
  const expected = outcome(mutate(policyOf(others), pod(), NOW));
  for (const when of ['validating', 'repairing', 'after the repair'] as const) {
    for (const [place, id] of Object.entries({ first: 'a', middle: 'c', last: 'e' })) {
      const mutation = mutate(policyOf([...others, failing(id, when)]), pod(), NOW);
      t.same(outcome(mutation), expected, `${place}, ${when}`);
      t.same(
        mutation.errored.map(({ rule, message }) => `${rule}: ${message}`),
        [`${id}: could not be judged: ${id} broke`],
      );
    }
  }
  t.end();
});

void t.test('a Pod that only failing rules would repair is the same object', (t) => {
  const subject = pod();
  const mutation = mutate(policyOf([failing('a'), failing('b', 'validating')]), subject, NOW);
  t.equal(mutation.pod, subject.pod);
  t.same(mutation.patch, []);
  t.same(
    mutation.errored.map(({ rule }) => rule),
    ['a', 'b'],
  );
  t.end();
});

void t.test('a repair that does not help leaves no trace in the patch, wherever its rule stands', (t) => {
  const others = [grace('b', 40), argument('d', '--d')];
  const expected = outcome(mutate(policyOf(others), pod(), NOW));
  for (const id of ['a', 'c', 'e']) {
    const inVain: Rule = { ...argument(id, '--in-vain'), validate: () => [VIOLATION] };
    const mutation = mutate(policyOf([...others, inVain]), pod(), NOW);
    t.same(outcome(mutation), expected, id);
    t.same(mutation.errored, []);
  }
  t.end();
});

void t.test('every rule that fails is told once', (t) => {
  const rules = [failing('a'), grace('b', 40), failing('c'), argument('d', '--d'), failing('e', 'after the repair')];
  const mutation = mutate(policyOf(rules), pod(), NOW);
  t.same(mutation.errored.map(({ rule }) => rule).sort(), ['a', 'c', 'e']);
  t.same(mutation.rules, ['b', 'd']);
  t.end();
});

/** What a rule of the property does to the arguments of the first container. */
type Behaviour = 'repairs' | 'repairs in vain' | 'fails halfway' | 'fails when asked' | 'cannot repair' | 'finds nothing';

function behaving(id: string, behaviour: Behaviour): Rule {
  const argumentsOf = ({ spec }: Pod): string[] => spec.containers[0]?.args ?? [];
  return makeRule(id, {
    validate: (pod) => {
      if (behaviour === 'fails when asked') throw new Error(id);
      const isRepaired = behaviour !== 'repairs in vain' && argumentsOf(pod).includes(id);
      return behaviour === 'finds nothing' || isRepaired ? [] : [VIOLATION];
    },
    mutate: ({ spec }) => {
      if (behaviour === 'cannot repair') return;
      for (const container of spec.containers) container.args = [...(container.args ?? []), id];
      if (behaviour === 'fails halfway') throw new Error(id);
    },
  });
}

/** One clone for each rule, thrown away where it fails. */
function naiveMutation(rules: readonly Rule[], subject: Subject): { spec: unknown; rules: string[]; errored: string[] } {
  let { pod } = subject;
  const repairing: string[] = [];
  const errored: string[] = [];
  for (const rule of rules) {
    const draft = cloneJson(pod);
    try {
      if (rule.validate(draft, contextOf(rule, draft, {}, { subject })).length === 0) continue;
      rule.mutate?.(draft, contextOf(rule, draft, {}, { subject }));
      if (rule.validate(draft, contextOf(rule, draft, {}, { subject })).length > 0) continue;
      pod = draft;
      repairing.push(rule.meta.id);
    } catch {
      errored.push(rule.meta.id);
    }
  }
  return { spec: pod.spec, rules: repairing, errored };
}

void t.test('property: repairs are those of one rule after the other, each on a copy of its own', (t) => {
  const behaviours = fc.array(
    fc.constantFrom<Behaviour>(
      'repairs',
      'repairs',
      'repairs in vain',
      'fails halfway',
      'fails when asked',
      'cannot repair',
      'finds nothing',
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(behaviours, (list) => {
      const rules = list.map((behaviour, index) => behaving(`r${index}`, behaviour));
      const { pod: repaired, rules: repairing, errored, patch } = mutate(policyOf(rules), pod(), NOW);
      const expected = naiveMutation(rules, pod());
      assert.deepEqual({ spec: repaired.spec, rules: repairing }, { spec: expected.spec, rules: expected.rules });
      assert.deepEqual(errored.map(({ rule }) => rule).sort(), expected.errored);
      assert.deepEqual(subjectOf(applyIndependently(pod().received, patch)).pod.spec, expected.spec);
    }),
    { numRuns: runs(1000) },
  );
  t.end();
});

void t.test('a repair that lowers the QoS class has failed, and the others’ repairs stay', (t) => {
  const stripping = makeRule('b', {
    validate: ({ spec }) => (spec.containers.some(({ resources }) => resources != null) ? [VIOLATION] : []),
    mutate: ({ spec }) => {
      for (const container of spec.containers) delete container.resources;
    },
  });
  const { pod: repaired, rules, errored } = mutate(policyOf([grace('a', 40), stripping, grace('c', 50)]), pod(), NOW);
  t.same(repaired.spec.containers[0]?.resources, { requests: { cpu: '100m' } });
  t.equal(repaired.spec.terminationGracePeriodSeconds, 50);
  t.same(rules, ['a', 'c']);
  t.equal(errored[0]?.message, 'could not be judged: the repair would lower the QoS class from Burstable to BestEffort');
  t.end();
});

void t.test('a repair may not lower the QoS class that another repair reached, either', (t) => {
  const guaranteed = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } };
  const raising = makeRule('a', {
    validate: ({ spec }) => (spec.containers.every(({ resources }) => resources?.limits != null) ? [] : [VIOLATION]),
    mutate: ({ spec }) => {
      for (const container of spec.containers) container.resources = guaranteed;
    },
  });
  const injecting = makeRule('b', {
    validate: ({ spec }) => (spec.initContainers == null ? [VIOLATION] : []),
    mutate: ({ spec }) => {
      spec.initContainers = [{ name: 'setup', image: 'setup:1' }];
    },
  });
  const { pod: repaired, rules, errored } = mutate(policyOf([raising, injecting]), pod(), NOW);
  t.equal(repaired.spec.initContainers, undefined);
  t.same(rules, ['a']);
  t.equal(errored[0]?.message, 'could not be judged: the repair would lower the QoS class from Guaranteed to Burstable');
  t.end();
});

void t.test('a detailed evaluation makes the same repairs, and keeps the Pod before and after each', (t) => {
  const rules = (): Rule[] => [grace('a', 40), argument('b', '--b'), failing('c'), grace('d', 50)];
  const usual = mutate(policyOf(rules()), deployment(), NOW);
  const { pod: repaired, patch, rules: ids, errored, repairs } = mutate(policyOf(rules()), deployment(), { ...NOW, detailed: true });
  t.same([repaired, patch, ids, errored], [usual.pod, usual.patch, usual.rules, usual.errored]);
  t.same(
    repairs.map(({ rule, before, after }) => [rule, before.spec.terminationGracePeriodSeconds, after.spec.terminationGracePeriodSeconds]),
    [
      ['a', 30, 40],
      ['b', 40, 40],
      ['d', 40, 50],
    ],
  );
  t.same(repairs[0]?.after.spec.containers, repairs[1]?.before.spec.containers, 'a repair changes no Pod but its own');
  t.equal(repairs[1]?.before.spec.containers[0]?.args, undefined);
  t.equal(repairs.at(-1)?.after, repaired);
  t.same(usual.repairs, []);
  t.end();
});

void t.test('a verdict after repairs is about the repaired Pod, and counts what no repair may look at', (t) => {
  const rules = [grace('a', 40), argument('b', '--b')];
  const exempt = { rule: 'b', container: 'proxy', reason: 'legacy', expires: '2027-01-31' };
  for (const detailed of [false, true]) {
    for (const [exemptions, left] of [
      [[], []],
      [[exempt], ['spec.template.spec.containers[1].args']],
    ] as const) {
      const evaluation = new Evaluation(policyOf(rules, { exemptions: [...exemptions] }), deployment(), { ...NOW, detailed });
      const mutation = mutating.mutate(evaluation);
      t.same(
        evaluate.validate(evaluation, mutation.pod).map(({ field }) => field),
        left,
      );
      t.equal(evaluate.validate(evaluation, evaluation.subject.pod).length, 3, 'the Pod as it was is what it was');
    }
  }
  t.end();
});

function suggestion(
  rules: readonly Rule[],
  spec: Partial<PolicyDocument['spec']>,
  subject = pod(),
): { applied: Mutation; suggested: Mutation } {
  const policy = policyOf(rules, spec);
  const applied = mutate(policy, subject, NOW);
  return { applied, suggested: suggest(policy, subject, NOW, applied) };
}

void t.test('suggestions come on top of what was applied: their patch is for the repaired Pod', (t) => {
  const { applied, suggested } = suggestion([grace('a', 40), argument('b', '--b'), grace('c', 50)], {
    rules: { b: { mutation: 'would' }, c: { mutation: 'would' } },
  });
  t.same([applied.rules, suggested.rules], [['a'], ['b', 'c']]);
  t.equal(applied.pod.spec.terminationGracePeriodSeconds, 40);
  t.equal(suggested.pod.spec.terminationGracePeriodSeconds, 50);
  t.same(suggested.patch, [
    { op: 'add', path: '/spec/containers/0/args', value: ['--b'] },
    { op: 'add', path: '/spec/containers/1/args', value: ['--b'] },
    { op: 'replace', path: '/spec/terminationGracePeriodSeconds', value: 50 },
  ]);
  t.same(applyIndependently(applied.pod, suggested.patch), suggested.pod);
  t.end();
});

void t.test('what was applied needs no suggestion, and is not changed by one', (t) => {
  const { applied, suggested } = suggestion([grace('a', 50), grace('b', 40)], { rules: { b: { mutation: 'would' } } });
  t.equal(suggested.pod, applied.pod);
  t.same(suggested.patch, []);
  const { applied: before } = suggestion([grace('a', 50), grace('b', 60)], { rules: { b: { mutation: 'would' } } });
  t.equal(before.pod.spec.terminationGracePeriodSeconds, 50);
  t.end();
});

function repairedBy(policy: Policy, subject: Subject): string[] {
  return repairedFindings(policy, subject, NOW, mutate(policy, subject, NOW)).map(({ rule, container = '' }) => `${rule} ${container}`);
}

void t.test('what was repaired is what was found before and is not found after', (t) => {
  t.same(repairedBy(policyOf([grace('a', 40), argument('b', '--b')]), deployment()), ['a ', 'b web', 'b proxy']);
  t.same(repairedBy(policyOf([grace('a', 30)]), pod()), []);
  t.end();
});

void t.test('a finding that a repair leaves is not called repaired, nor is one that another rule’s repair took away', (t) => {
  const exemptions = [{ rule: 'b', container: 'proxy', reason: 'legacy', expires: '2027-01-31' }];
  t.same(repairedBy(policyOf([argument('b', '--b')], { exemptions }), pod()), ['b web']);
  const repairing = grace('c', 40);
  const judging = makeRule('c', { validate: (asked, context) => repairing.validate(asked, context) });
  t.same(repairedBy(policyOf([grace('a', 40), judging]), pod()), ['a ']);
  t.end();
});

void t.test('what was repaired is worded as its rule met it, after the repairs before', (t) => {
  const policy = policyOf([grace('a', 40), grace('b', 50)]);
  const subject = pod();
  const ranks = (detailed: boolean): unknown[] =>
    repairedFindings(policy, subject, NOW, mutate(policy, subject, { ...NOW, detailed })).map(({ rank }) => rank);
  t.same(ranks(true), [[10], [10]]);
  t.same(ranks(false), [[10], [20]], 'nobody is told then, and what each rule met is not kept');
  t.end();
});
