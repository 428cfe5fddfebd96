import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import * as evaluate from '../../src/core/evaluate.ts';
import { excuseWhatWasThere } from '../../src/core/evaluate.ts';
import { Evaluation, type Circumstances } from '../../src/core/evaluation.ts';
import type { ExemptionDocument } from '../../src/core/exemption.ts';
import { ERRORED, type Finding } from '../../src/core/finding.ts';
import { cloneJson } from '../../src/core/json.ts';
import * as mutating from '../../src/core/mutation.ts';
import type { Mutation } from '../../src/core/mutation.ts';
import { FieldPath } from '../../src/core/path.ts';
import { pathOf, type Container, type Pod } from '../../src/core/pod.ts';
import type { Policy, PolicyDocument } from '../../src/core/policy.ts';
import { MODES, type Rule, type Violation } from '../../src/core/rule.ts';
import type { Subject } from '../../src/core/subject.ts';
import { applyIndependently, deepFreeze } from '../rules/laws.ts';
import { runs } from '../long-tests.ts';
import { contextOf, mutate, repairedFindings, suggest, validate } from './evaluating.ts';
import { makeRule, policyOf } from './made-up-rule.ts';
import { FROM_CONTROLLER, FROM_KUBELET, FROM_USER, subjectOf } from './subject-of.ts';

const NOW: Circumstances = { nowMs: Date.UTC(2027, 0, 15) };

const CONTAINERS = [
  { name: 'web', image: 'web:1', resources: { requests: { cpu: '100m' } } },
  { name: 'proxy', image: 'proxy:1' },
];

/** Frozen, so that whatever changes it throws. */
function pod(spec: object = {}, metadata: object = {}, trust = FROM_USER): Subject {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', ...metadata }, spec: { containers: CONTAINERS, ...spec } };
  return deepFreeze(subjectOf(cloneJson(object), { trust }));
}

/** A Pod of a workload that was admitted before. */
function ownedPod(): Subject {
  return pod({}, {}, FROM_CONTROLLER);
}

function deployment(spec: object = {}): Subject {
  const template = { metadata: {}, spec: { containers: CONTAINERS, ...spec } };
  return deepFreeze(subjectOf(cloneJson({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { template } })));
}

/** Every container must have this argument; repaired by adding it. */
function argument(id: string, word: string): Rule {
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
function grace(id: string, seconds: number): Rule {
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

const PLACE = { message: 'found', path: FieldPath.of('spec') } as const;
const VIOLATION: Violation = { ...PLACE, rank: [0] };

/** Finds something and throws on the way to its repair, with half of it done. */
function failing(id: string, when: 'validating' | 'repairing' | 'after the repair' = 'repairing'): Rule {
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

function summaries(findings: readonly Finding[]): string[] {
  return findings.map(({ rule, messageId, mode, excuse }) => [rule, messageId, mode, excuse ?? ''].join(' ').trimEnd());
}

void t.test('a finding says rule, message, mode, place and what to do', (t) => {
  const rule = makeRule('grace', {
    messages: { short: { text: 'must be at least {{wanted}} s, but is {{value}} s', fix: 'set it to {{wanted}}' } },
    validate: () => [
      { message: 'short', path: FieldPath.of('spec', 'terminationGracePeriodSeconds'), data: { wanted: 40, value: 30 }, rank: [10] },
    ],
  });
  const [finding, ...others] = validate(policyOf([rule]), pod(), NOW);
  t.same(others, []);
  t.match(finding, {
    rule: 'grace',
    messageId: 'short',
    mode: 'enforce',
    message: 'must be at least 40 s, but is 30 s',
    fix: 'set it to 40',
    field: 'spec.terminationGracePeriodSeconds',
    rank: [10],
  });
  t.equal(finding?.container, undefined);
  t.end();
});

void t.test('a finding in a template has the path in the workload, and names its container', (t) => {
  const [first, second] = validate(policyOf([argument('a', '--a')]), deployment(), NOW);
  t.same([first?.field, first?.container], ['spec.template.spec.containers[0].args', 'web']);
  t.same([second?.field, second?.container], ['spec.template.spec.containers[1].args', 'proxy']);
  t.end();
});

void t.test('all findings of all rules come, in the order of the catalogue', (t) => {
  t.same(summaries(validate(policyOf([grace('c', 40), argument('a', '--a'), makeRule('b')]), pod(), NOW)), [
    'a found enforce',
    'a found enforce',
    'c found enforce',
  ]);
  t.end();
});

void t.test('the Pod that is judged may be another than the one received', (t) => {
  const subject = pod();
  const other = { ...subject.pod, spec: { ...subject.pod.spec, terminationGracePeriodSeconds: 60 } };
  t.equal(validate(policyOf([grace('a', 40)]), subject, NOW, other).length, 0);
  t.equal(validate(policyOf([grace('a', 40)]), subject, NOW).length, 1);
  t.end();
});

void t.test('findings have the mode that the policy gives to their rule', (t) => {
  for (const mode of ['enforce', 'warn', 'audit'] as const) {
    t.same(summaries(validate(policyOf([grace('a', 40)], { rules: { a: { mode } } }), pod(), NOW)), [`a found ${mode}`]);
  }
  t.same(validate(policyOf([grace('a', 40)], { rules: { a: { mode: 'off' } } }), pod(), NOW), []);
  t.end();
});

void t.test('a message that only warns never denies, and is recorded where the rule is', (t) => {
  const rule = makeRule('a', {
    validate: () => [VIOLATION],
    messages: { found: { text: 'must be otherwise', fix: 'change it', onlyWarns: true } },
  });
  const modes = (['enforce', 'warn', 'audit'] as const).map((mode) =>
    summaries(validate(policyOf([rule], { rules: { a: { mode } } }), pod(), NOW)),
  );
  t.same(modes, [['a found warn'], ['a found warn'], ['a found audit']]);
  t.end();
});

void t.test('a rule that throws is one errored finding, and the others are asked all the same', (t) => {
  const rules = [grace('a', 40), failing('b', 'validating'), grace('c', 40)];
  const findings = validate(policyOf(rules), pod(), NOW);
  t.same(summaries(findings), ['a found enforce', 'b errored enforce', 'c found enforce']);
  t.equal(findings[1]?.message, 'could not be judged: b broke');
  t.equal(findings[1]?.field, 'spec');
  t.equal(validate(policyOf(rules), deployment(), NOW)[1]?.field, 'spec.template.spec');
  t.end();
});

void t.test('what becomes of a failure is the policy’s to say', (t) => {
  for (const errored of ['enforce', 'warn', 'audit'] as const) {
    t.same(summaries(validate(policyOf([failing('a', 'validating')], { errored }), pod(), NOW)), [`a errored ${errored}`]);
  }
  t.end();
});

void t.test('whatever a rule throws, its failure says something', (t) => {
  const thrown = makeRule('a', {
    validate: () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- rules are typed, what they call may not be
      throw 'text';
    },
  });
  t.equal(validate(policyOf([thrown]), pod(), NOW)[0]?.message, 'could not be judged: text');
  t.end();
});

void t.test('a rule that reports a message which it does not have has failed, with all that it reported', (t) => {
  const rule = makeRule('a', { validate: () => [VIOLATION, { ...VIOLATION, message: 'unheard-of' }] });
  const [finding, ...others] = validate(policyOf([rule]), pod(), NOW);
  t.equal(finding?.message, 'could not be judged: a has no message unheard-of');
  t.same(others, []);
  t.end();
});

/** There is time for so many rules. */
function timeFor(rules: number): Circumstances {
  let asked = 0;
  return { ...NOW, outOfTime: () => asked++ >= rules };
}

void t.test('rules that there is no time for are errored, those before them are not', (t) => {
  const policy = policyOf([grace('a', 40), grace('b', 40), grace('c', 40)]);
  const findings = validate(policy, pod(), timeFor(1));
  t.same(summaries(findings), ['a found enforce', 'b errored enforce', 'c errored enforce']);
  t.equal(findings[1]?.message, 'could not be judged: the deadline of the request has passed');
  t.end();
});

void t.test('repairs that there is no time for are errored, those before them stay', (t) => {
  const {
    pod: repaired,
    rules,
    errored,
  } = mutate(policyOf([grace('a', 40), argument('b', '--b'), argument('c', '--c')]), pod(), timeFor(1));
  t.same(rules, ['a']);
  t.equal(repaired.spec.terminationGracePeriodSeconds, 40);
  t.same(summaries(errored), ['b errored enforce', 'c errored enforce']);
  t.end();
});

void t.test('time that ends among many exemptions is an errored finding, no exception', (t) => {
  const exemptions = Array.from({ length: 2000 }, (_, index) => ({
    rule: 'b',
    container: `c${index}`,
    reason: 'legacy',
    expires: '2027-12-31',
  }));
  const policy = policyOf([grace('a', 40), grace('b', 40)], { exemptions });
  const late = { ...NOW, outOfTime: () => true };
  t.same(summaries(validate(policy, pod(), late)), ['a errored enforce', 'b errored enforce']);
  t.same(summaries(mutate(policy, pod(), late).errored), ['a errored enforce', 'b errored enforce']);
  t.end();
});

void t.test('what is unknown is recorded, whatever the mode', (t) => {
  const rule = makeRule('a', { validate: () => [{ ...PLACE, unknown: true }, VIOLATION] });
  for (const mode of ['enforce', 'warn', 'audit'] as const) {
    t.same(summaries(validate(policyOf([rule], { rules: { a: { mode } } }), pod(), NOW)), ['a found audit unknown', `a found ${mode}`]);
  }
  t.end();
});

void t.test('what a controller creates gets the mode for what is owned, never a harder one', (t) => {
  const mode = (own: 'enforce' | 'warn' | 'audit', owned: 'enforce' | 'warn' | 'audit'): string[] =>
    summaries(validate(policyOf([grace('a', 40)], { owned, rules: { a: { mode: own } } }), ownedPod(), NOW));
  t.same(mode('enforce', 'audit'), ['a found audit owned']);
  t.same(mode('enforce', 'warn'), ['a found warn owned']);
  t.same(mode('enforce', 'enforce'), ['a found enforce']);
  t.same(mode('warn', 'audit'), ['a found audit owned']);
  t.same(mode('warn', 'enforce'), ['a found warn']);
  t.same(mode('audit', 'warn'), ['a found audit']);
  t.same(summaries(validate(policyOf([failing('a', 'validating')]), ownedPod(), NOW)), ['a errored audit owned']);
  t.end();
});

const EXEMPT: ExemptionDocument = { rule: 'a', workload: { name: '*' }, reason: 'legacy', expires: '2027-01-31' };
const MIRROR = { annotations: { 'kubernetes.io/config.mirror': 'e8f5' } };

void t.test('what a kubelet mirrors is recorded, and never repaired', (t) => {
  const subject = pod({}, MIRROR, FROM_KUBELET);
  t.same(summaries(validate(policyOf([grace('a', 40)]), subject, NOW)), ['a found audit static']);
  t.equal(mutate(policyOf([grace('a', 40)]), subject, NOW).pod, subject.pod);
  t.end();
});

void t.test('a failure in an exempt workload is exempt as well', (t) => {
  const policy = policyOf([failing('a', 'validating')], { exemptions: [EXEMPT] });
  t.same(summaries(validate(policy, pod(), NOW)), ['a errored audit exempt']);
  t.end();
});

void t.test('of several excuses the exemption is told, then the mirror Pod, then what is unknown, then the owner', (t) => {
  const rule = makeRule('a', { validate: () => [{ ...PLACE, unknown: true }] });
  const excuse = (exemptions: ExemptionDocument[], subject: Subject, asked = rule): string | undefined =>
    validate(policyOf([asked], { exemptions }), subject, NOW)[0]?.excuse;
  const mirror = pod({}, MIRROR, FROM_KUBELET);
  t.equal(excuse([EXEMPT], mirror), 'exempt');
  t.equal(excuse([], mirror), 'static');
  t.equal(excuse([], ownedPod()), 'unknown');
  t.equal(excuse([], ownedPod(), grace('a', 40)), 'owned');
  t.equal(excuse([], pod(), grace('a', 40)), undefined);
  t.end();
});

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
      if (rule.validate(draft, contextOf(rule, draft, {}, subject)).length === 0) continue;
      rule.mutate?.(draft, contextOf(rule, draft, {}, subject));
      if (rule.validate(draft, contextOf(rule, draft, {}, subject)).length > 0) continue;
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
  return repairedFindings(policy, subject, NOW, subject.pod, mutate(policy, subject, NOW)).map(
    ({ rule, container = '' }) => `${rule} ${container}`,
  );
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

/** The findings of an update, as `rule mode excuse`. */
function afterUpdate(before: Subject, after: Subject, rules: readonly Rule[], spec: Partial<PolicyDocument['spec']> = {}): string[] {
  const policy = policyOf(rules, spec);
  return summaries(excuseWhatWasThere(validate(policy, after, NOW), validate(policy, before, NOW)));
}

const WARNED = 'a found warn not-worse';
const DENIED = 'a found enforce';

void t.test('an update is not denied for what was there before', (t) => {
  t.same(afterUpdate(deployment(), deployment(), [argument('a', '--a')]), [WARNED, WARNED]);
  t.end();
});

void t.test('what is ranked worse is denied, what is not is a warning', (t) => {
  const update = (before: number, after: number): string[] =>
    afterUpdate(deployment({ terminationGracePeriodSeconds: before }), deployment({ terminationGracePeriodSeconds: after }), [
      grace('a', 60),
    ]);
  t.same(update(30, 20), [DENIED]);
  t.same(update(30, 30), [WARNED]);
  t.same(update(30, 40), [WARNED]);
  t.same(update(60, 59), [DENIED], 'a new violation');
  t.end();
});

void t.test('a violation in a new container is denied, beside the old ones', (t) => {
  const after = deployment({ containers: [...CONTAINERS, { name: 'new' }] });
  t.same(afterUpdate(deployment(), after, [argument('a', '--a')]), [WARNED, WARNED, DENIED]);
  t.end();
});

void t.test('a container is the same by its name, wherever it moves', (t) => {
  const moved = deployment({ containers: [{ name: 'new', args: ['--a'] }, ...CONTAINERS.toReversed()] });
  t.same(afterUpdate(deployment(), moved, [argument('a', '--a')]), [WARNED, WARNED]);
  const sidecar = deployment({ containers: [CONTAINERS[0]], initContainers: [{ ...CONTAINERS[1], restartPolicy: 'Always' }] });
  t.same(afterUpdate(deployment(), sidecar, [argument('a', '--a')]), ['a found enforce', WARNED], 'in another list it is another one');
  const swapped = deployment({ containers: [{ name: 'web', args: ['--a'] }, { name: 'other' }] });
  t.same(afterUpdate(deployment(), swapped, [argument('a', '--a')]), [DENIED], 'another name is another container');
  t.end();
});

const sizeLimit = makeRule('a', {
  validate: ({ spec }) =>
    (spec.volumes ?? []).flatMap((volume, index) =>
      volume.emptyDir?.sizeLimit == null
        ? [
            {
              message: 'found',
              path: FieldPath.of('spec', 'volumes').at(index, { name: volume.name }).field('emptyDir', 'sizeLimit'),
              rank: [0],
            },
          ]
        : [],
    ),
});

void t.test('a volume is the same by its name, wherever it moves', (t) => {
  const before = deployment({ volumes: [{ name: 'data', emptyDir: {} }] });
  const limited = { name: 'new', emptyDir: { sizeLimit: '1Gi' } };
  t.same(afterUpdate(before, deployment({ volumes: [limited, { name: 'data', emptyDir: {} }] }), [sizeLimit]), [WARNED]);
  t.same(afterUpdate(before, deployment({ volumes: [{ name: 'other', emptyDir: {} }] }), [sizeLimit]), [DENIED]);
  t.end();
});

void t.test('a toleration is the same by its key, wherever it moves', (t) => {
  const rule = makeRule('a', {
    validate: ({ spec }) =>
      (spec.tolerations ?? []).flatMap((toleration, index) =>
        toleration.key === 'old'
          ? [{ message: 'found', path: FieldPath.of('spec', 'tolerations').at(index, { key: toleration.key }), rank: [0] }]
          : [],
      ),
  });
  const old = { key: 'old', operator: 'Exists' };
  t.same(afterUpdate(deployment({ tolerations: [old] }), deployment({ tolerations: [{ key: 'new', operator: 'Exists' }, old] }), [rule]), [
    WARNED,
  ]);
  t.end();
});

void t.test('in the same place, another rule is new, and another message is compared by its rank', (t) => {
  const messages = { few: { text: 'must', fix: 'do' }, many: { text: 'must', fix: 'do' } };
  const counting = makeRule('a', {
    messages,
    validate: ({ spec }) => [
      { message: spec.containers.length > 2 ? 'many' : 'few', path: FieldPath.of('spec', 'containers'), rank: [spec.containers.length] },
    ],
  });
  const more = deployment({ containers: [...CONTAINERS, { name: 'new' }] });
  t.same(afterUpdate(deployment(), more, [counting]), ['a many enforce']);
  t.same(afterUpdate(more, deployment(), [counting]), ['a few warn not-worse']);
  t.same(
    summaries(excuseWhatWasThere(validate(policyOf([grace('a', 40)]), pod(), NOW), validate(policyOf([grace('b', 40)]), pod(), NOW))),
    [DENIED],
  );
  t.end();
});

void t.test('of several ranks in one place the worst counts', (t) => {
  const rule = (...ranks: number[]): Rule => makeRule('a', { validate: () => ranks.map((rank) => ({ ...PLACE, rank: [rank] })) });
  const update = (before: number[], after: number[]): string[] =>
    summaries(excuseWhatWasThere(validate(policyOf([rule(...after)]), pod(), NOW), validate(policyOf([rule(...before)]), pod(), NOW)));
  t.same(update([5, 1], [5]), [WARNED]);
  t.same(update([1, 5], [5, 6]), [WARNED, DENIED]);
  t.end();
});

void t.test('only what denies is excused; warnings and records stay what they are', (t) => {
  for (const mode of MODES.filter((mode) => mode === 'warn' || mode === 'audit')) {
    t.same(afterUpdate(deployment(), deployment(), [grace('a', 40)], { rules: { a: { mode } } }), [`a found ${mode}`]);
  }
  t.end();
});

void t.test('a rule that failed before and fails now is no regression', (t) => {
  const failures = afterUpdate(deployment(), deployment(), [failing('a', 'validating')]);
  t.same(failures, [`a ${ERRORED} warn not-worse`]);
  t.end();
});
