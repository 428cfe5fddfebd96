/** What cannot be read in one place excuses nothing in another one (docs/adr/0044). */
import assert from 'node:assert/strict';
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { cloneJson, equalJson } from '../../src/core/json.ts';
import { Policy, POLICY_API_VERSION, POLICY_KIND, type PolicyDocument } from '../../src/core/policy.ts';
import { readSubject } from '../../src/core/subject.ts';
import fc from '../fast-check.ts';
import { READING } from '../core/subject-of.ts';
import { runs } from '../long-tests.ts';
import { anyWorkload } from '../rules/arbitrary-workload.ts';
import { askMutate, askValidate, type Validation } from './ask.ts';
import { containerOf, podOf, reviewOf, workloadOf } from './reviews.ts';

function policyWith(
  rules: Readonly<Record<string, 'enforce' | 'warn' | 'audit' | 'off'>>,
  spec: Partial<PolicyDocument['spec']> = {},
): Policy {
  const settings = Object.fromEntries(
    catalogue.rules.map(({ meta }) => [meta.id, { mode: rules[meta.id] ?? 'off', mutation: 'off' as const }]),
  );
  return new Policy(
    {
      apiVersion: POLICY_API_VERSION,
      kind: POLICY_KIND,
      metadata: { name: 'test' },
      spec: { preset: 'baseline', rules: settings, ...spec },
    },
    catalogue,
  );
}

/** `baseline`: what is malformed is itself a warning. */
const ENFORCED = policyWith({ 'memory-limit': 'enforce', 'pre-stop-delay': 'enforce' });

const MEMORY = { requests: { memory: '1Gi' }, limits: { memory: '1Gi' } };
const UNREADABLE = { ...MEMORY, requests: { memory: '1Gi', cpu: 'one' } };
const PRE_STOP = { preStop: { sleep: { seconds: 10 } } };
const PORTS = [{ containerPort: 80 }];

function pod(...containers: readonly object[]): object {
  return podOf({
    spec: { containers: containers.map((container, index) => containerOf({ name: `c${index}`, lifecycle: PRE_STOP, ...container })) },
  });
}

function create(object: object, policy = ENFORCED): Validation {
  return askValidate(reviewOf(object), policy);
}

function update(oldObject: object, object: object, policy = ENFORCED): Validation {
  return askValidate(reviewOf(object, { operation: 'UPDATE', oldObject }), policy);
}

void t.test('a field that cannot be read hides nothing of the rest', (t) => {
  const { answer, findings } = create(pod({ resources: UNREADABLE }, { resources: MEMORY, ports: PORTS, lifecycle: null }));
  t.equal(answer.allowed, false);
  t.ok(findings.includes('pre-stop-delay enforce spec.containers[1].lifecycle.preStop'), findings.join('\n'));
  t.end();
});

void t.test('a rule that reads the field counts as broken there, in its own mode, and the field and its value are named', (t) => {
  const object = pod({ resources: UNREADABLE });
  const { answer, findings } = create(object);
  t.same(findings, [
    'well-formed warn spec.containers[0].resources.requests[cpu]',
    'memory-limit enforce spec.containers[0].resources.requests[cpu]',
  ]);
  t.same(answer.status?.details.causes, [
    {
      reason: 'memory-limit',
      message: 'could not be judged: must be a quantity such as 500m or 1Gi, but is "one"',
      field: 'spec.containers[0].resources.requests[cpu]',
    },
  ]);
  t.equal(create(object, policyWith({ 'memory-limit': 'warn' })).answer.allowed, true);
  t.same(create(object, policyWith({ 'memory-limit': 'off' })).findings, ['well-formed warn spec.containers[0].resources.requests[cpu]']);
  t.end();
});

void t.test('what is missing since it cannot be read is not called missing', (t) => {
  const { findings } = create(pod({ resources: { limits: { memory: 'much' } } }));
  t.same(findings, [
    'well-formed warn spec.containers[0].resources.limits[memory]',
    'memory-limit enforce spec.containers[0].resources.limits[memory]',
  ]);
  t.end();
});

void t.test('an exemption of the container does not cover the field, one of the rule does', (t) => {
  const exemption = { rule: 'memory-limit', reason: 'a test', expires: '2027-06-01' } as const;
  const modes = { 'memory-limit': 'enforce' } as const;
  const object = pod({ resources: UNREADABLE });
  t.equal(create(object, policyWith(modes, { exemptions: [{ ...exemption, container: 'c0' }] })).answer.allowed, false);
  t.equal(create(object, policyWith(modes, { exemptions: [{ ...exemption, namespace: 'shop' }] })).answer.allowed, true);
  t.end();
});

void t.test('a field that could not be read before either is excused, and nothing else', (t) => {
  const before = pod({ resources: UNREADABLE }, { resources: MEMORY });
  t.same(update(before, pod({ resources: UNREADABLE, image: 'web:2' }, { resources: MEMORY })).findings, [
    'well-formed warn spec.containers[0].resources.requests[cpu]',
    'memory-limit warn spec.containers[0].resources.requests[cpu] not-worse',
  ]);
  t.match(update(before, pod({ resources: UNREADABLE }, {})).findings, [
    /./,
    /./,
    'memory-limit enforce spec.containers[1].resources.limits.memory',
  ]);
  const another = { ...UNREADABLE, requests: { memory: '1Gi', cpu: 'two' } };
  t.equal(update(before, pod({ resources: another }, { resources: MEMORY })).answer.allowed, false, 'another value');
  t.equal(update(before, pod({ resources: UNREADABLE }, { resources: UNREADABLE })).answer.allowed, false, 'another place');
  t.equal(update(before, pod({ resources: MEMORY }, { resources: MEMORY })).answer.allowed, true, 'mended');
  t.end();
});

void t.test('a field that can be read now is judged as if it were new', (t) => {
  const before = pod({ resources: { limits: { memory: 'much' } } }, {});
  t.equal(update(before, pod({}, {})).answer.allowed, false);
  t.match(update(before, pod({ resources: MEMORY }, {})).findings, ['memory-limit enforce spec.containers[1].resources.limits.memory']);
  t.end();
});

void t.test('a field is found again when its container has moved', (t) => {
  const [a, b] = [
    containerOf({ name: 'a', resources: UNREADABLE, lifecycle: PRE_STOP }),
    containerOf({ name: 'b', resources: MEMORY, lifecycle: PRE_STOP }),
  ];
  const { answer } = update(podOf({ spec: { containers: [a, b] } }), podOf({ spec: { containers: [b, a] } }));
  t.equal(answer.allowed, true);
  t.end();
});

void t.test('too many fields to list are never what was there before', (t) => {
  const labels = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`l${index}`, index]));
  const object = (image: string): object =>
    podOf({ metadata: { labels }, spec: { containers: [containerOf({ image, resources: MEMORY, lifecycle: PRE_STOP })] } });
  const { answer, findings } = update(object('a:1'), object('a:2'));
  t.equal(answer.allowed, false);
  t.ok(findings.includes('memory-limit enforce object'), findings.join('\n'));
  t.end();
});

void t.test('what cannot be read in a template is named in the workload', (t) => {
  const { findings } = create(
    workloadOf('apps/v1', 'Deployment', podOf({ spec: { containers: [containerOf({ resources: UNREADABLE, lifecycle: PRE_STOP })] } })),
  );
  t.ok(findings.includes('memory-limit enforce spec.template.spec.containers[0].resources.requests[cpu]'));
  t.end();
});

void t.test('a rule about the workload counts as broken where a field of the workload cannot be read', (t) => {
  const object = workloadOf('apps/v1', 'Deployment', podOf()) as { readonly spec: object };
  const { findings } = create(
    { ...object, spec: { ...object.spec, strategy: 'fast' } },
    policyWith({ 'rollout-strategy': 'enforce', 'memory-limit': 'audit' }),
  );
  t.ok(findings.includes('rollout-strategy enforce spec.strategy'), findings.join('\n'));
  t.notOk(findings.includes('memory-limit audit spec.strategy'));
  t.end();
});

void t.test('what can be read is repaired, and nothing beside what cannot', (t) => {
  const policy = new Policy(
    { apiVersion: POLICY_API_VERSION, kind: POLICY_KIND, metadata: { name: 'test' }, spec: { preset: 'strict' } },
    catalogue,
  );
  const { decision } = askMutate(reviewOf(podOf({ spec: { containers: [containerOf({ ports: PORTS, resources: UNREADABLE })] } })), policy);
  t.ok(decision.rules.includes('pre-stop-delay'), decision.rules.join(' '));
  t.notOk(decision.rules.includes('memory-limit'));
  t.match(decision.findings, [{ rule: 'well-formed', field: 'spec.containers[0].resources.requests[cpu]' }]);
  t.end();
});

/** Everything enforced, nothing repaired, and a malformed field by itself no reason to deny. */
const STRICT = policyWith(Object.fromEntries(catalogue.rules.map(({ meta }) => [meta.id, 'enforce' as const])), {
  preset: 'strict',
  errored: 'audit',
});

/** Puts a value of another type at a place that `turns` chooses. */
function spoilt(object: object, turns: readonly number[], value: unknown): object {
  const copy = cloneJson(object) as Record<string, unknown>;
  let holder = copy;
  for (const [index, turn] of turns.entries()) {
    const keys = Object.keys(holder).filter((key) => key !== 'apiVersion' && key !== 'kind');
    const key = keys[turn % keys.length];
    if (key === undefined) break;
    const next = holder[key];
    if (index === turns.length - 1 || typeof next !== 'object' || next === null) {
      holder[key] = value;
      break;
    }
    holder = next as Record<string, unknown>;
  }
  return copy;
}

const anySpoilt = fc.record({
  sent: anyWorkload,
  turns: fc.array(fc.nat(1000), { minLength: 3, maxLength: 9 }),
  value: fc.constantFrom<unknown>('no such thing', 7.5, true, {}, [], [[]]),
});

void t.test('property: a field that cannot be read makes no verdict about another one milder', (t) => {
  let spoiltCount = 0;
  fc.assert(
    fc.property(anySpoilt, ({ sent: { object }, turns, value }) => {
      const malformed = spoilt(object, turns, value);
      const type = kindOf(object);
      if (readSubject(malformed, { ...READING, type }).outcome !== 'malformed') return;
      spoiltCount += 1;
      const intact = create(object, STRICT).decision.findings.filter(({ mode }) => mode === 'enforce');
      const found = create(malformed, STRICT).decision.findings.filter(({ mode }) => mode === 'enforce');
      const unread = new Set(found.filter(({ messageId }) => messageId.startsWith('unreadable-')).map(({ rule }) => rule));
      const said = new Set(found.map(({ identity }) => identity));
      for (const { rule, identity } of intact) assert.ok(unread.has(rule) || said.has(identity), `${identity} is not said any more`);
    }),
    { numRuns: runs(3000) },
  );
  t.ok(spoiltCount > 100, `${spoiltCount} malformed objects`);
  t.end();
});

/** Every repair that needs no image. */
const REPAIRING = new Policy(
  {
    apiVersion: POLICY_API_VERSION,
    kind: POLICY_KIND,
    metadata: { name: 'test' },
    spec: {
      preset: 'strict',
      rules: Object.fromEntries(
        catalogue.rules
          .filter(({ meta }) => meta.mutation !== 'none' && meta.id !== 'init-process')
          .map(({ meta }) => [meta.id, { mutation: 'apply' as const }]),
      ),
    },
  },
  catalogue,
);

void t.test('property: a repair beside a field that cannot be read applies, and leaves the field as it was', (t) => {
  let repaired = 0;
  fc.assert(
    fc.property(anySpoilt, ({ sent: { object }, turns, value }) => {
      const malformed = spoilt(object, turns, value);
      const reading = readSubject(malformed, { ...READING, type: kindOf(object) });
      if (reading.outcome !== 'malformed') return;
      const { decision, answer } = askMutate(reviewOf(malformed), REPAIRING);
      repaired += decision.patch.length > 0 ? 1 : 0;
      const places = reading.problems.map(({ path }) => `${path.pointer}/`);
      const over = decision.patch.filter(({ path }) => places.some((place) => `${path}/`.startsWith(place)));
      assert.deepEqual(over, []);
      // The fields are the same that could not be read before.
      const after = readSubject(answer.object, { ...READING, type: kindOf(object) });
      assert.ok(after.outcome === 'malformed');
      assert.deepEqual(
        after.problems.map(({ message }) => message),
        reading.problems.map(({ message }) => message),
      );
    }),
    { numRuns: runs(3000) },
  );
  t.ok(repaired > 20, `${repaired} Pods that are repaired`);
  t.end();
});

void t.test('property: an old object with a field that cannot be read excuses no more than one without', (t) => {
  let denied = 0;
  fc.assert(
    fc.property(anySpoilt, anyWorkload, ({ sent: { object }, turns, value }, { object: other }) => {
      const malformed = spoilt(object, turns, value);
      if (equalJson(malformed, object) || kindOf(object).kind !== kindOf(other).kind) return;
      if (readSubject(malformed, { ...READING, type: kindOf(object) }).outcome !== 'malformed') return;
      const worse = update(object, other, STRICT).decision.findings.filter(({ mode }) => mode === 'enforce');
      const found = new Set(
        update(malformed, other, STRICT)
          .decision.findings.filter(({ mode }) => mode === 'enforce')
          .map(({ identity }) => identity),
      );
      for (const { identity } of worse) assert.ok(found.has(identity), `${identity} is excused`);
      denied += worse.length > 0 ? 1 : 0;
    }),
    { numRuns: runs(3000) },
  );
  t.ok(denied > 20, `${denied} updates that are denied`);
  t.end();
});

function kindOf(object: object): { readonly apiVersion: string; readonly kind: string } {
  const { apiVersion, kind } = object as { apiVersion: string; kind: string };
  return { apiVersion, kind };
}
