import t from 'tap';
import { excuseWhatWasThere } from '../../src/core/evaluate.ts';
import type { Circumstances } from '../../src/core/evaluation.ts';
import type { ExemptionDocument } from '../../src/core/exemption.ts';
import { ERRORED } from '../../src/core/finding.ts';
import { FieldPath } from '../../src/core/path.ts';
import type { PolicyDocument } from '../../src/core/policy.ts';
import { MODES, type Rule } from '../../src/core/rule.ts';
import type { Subject } from '../../src/core/subject.ts';
import { mutate, validate } from './evaluating.ts';
import { makeRule, policyOf } from './made-up-rule.ts';
import {
  CONTAINERS,
  EXEMPT,
  NOW,
  PLACE,
  VIOLATION,
  argument,
  deployment,
  failing,
  grace,
  ownedPod,
  pod,
  summaries,
} from './plain-rules.ts';
import { FROM_KUBELET } from './subject-of.ts';

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
