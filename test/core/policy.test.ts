import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { nameMatcher } from '../../src/core/glob.ts';
import { DEFAULT_EXCLUDED_NAMESPACES, type OverrideDocument, type PolicyDocument } from '../../src/core/policy.ts';
import type { RuleSettings } from '../../src/core/rule-settings.ts';
import { MODES, MUTATIONS, PRESETS, type Rule, type RulePreset } from '../../src/core/rule.ts';
import { WORKLOAD_CLASSES, type WorkloadClass } from '../../src/core/workload.ts';
import { runs } from '../long-tests.ts';
import { makeRule, policyOf } from './made-up-rule.ts';

const repair = (): void => undefined;

/** Enforced and applied by every preset; options a and b. */
const RULE = makeRule('probe', { mutate: repair, defaultOptions: { a: 1, b: { x: 1, y: 1 } } });

/** `mode mutation options` of the rule; `off` where it is not asked. */
function settingOf(
  spec: Partial<PolicyDocument['spec']>,
  namespace = 'shop',
  workloadClass: WorkloadClass = 'service',
  rule = RULE,
): string {
  const [setting] = policyOf([rule], spec).settingsFor(namespace, workloadClass).validating;
  return setting === undefined ? 'off' : `${setting.mode} ${setting.mutation} ${JSON.stringify(setting.options)}`;
}

void t.test('a rule starts where the preset says, with its own default options', (t) => {
  const rule = makeRule('probe', {
    mutate: repair,
    defaultOptions: { a: 1, b: 2 },
    presets: { baseline: { mode: 'warn', mutation: 'would' }, production: { mode: 'audit', mutation: 'off', options: { b: 3 } } },
  });
  t.equal(settingOf({ preset: 'baseline' }, 'shop', 'service', rule), 'warn would {"a":1,"b":2}');
  t.equal(settingOf({ preset: 'production' }, 'shop', 'service', rule), 'audit off {"a":1,"b":3}');
  t.equal(settingOf({ preset: 'strict' }, 'shop', 'service', rule), 'enforce apply {"a":1,"b":2}');
  t.end();
});

void t.test('the policy’s rules count over the preset, field by field', (t) => {
  t.equal(settingOf({ rules: { probe: { mode: 'warn' } } }), 'warn apply {"a":1,"b":{"x":1,"y":1}}');
  t.equal(settingOf({ rules: { probe: { mutation: 'would' } } }), 'enforce would {"a":1,"b":{"x":1,"y":1}}');
  t.equal(settingOf({ rules: { probe: { options: { a: 2 } } } }), 'enforce apply {"a":2,"b":{"x":1,"y":1}}');
  t.equal(settingOf({ rules: { other: { mode: 'off' } } }), 'enforce apply {"a":1,"b":{"x":1,"y":1}}');
  t.end();
});

void t.test('a rule that somebody asks about warns wherever it is off, and keeps its mode elsewhere', (t) => {
  const modeIn = (spec: Partial<PolicyDocument['spec']>, namespace: string): string =>
    policyOf([RULE], spec).withRulesOn(['probe']).settingsFor(namespace, 'service').validating[0]?.mode ?? 'off';
  const off = { probe: { mode: 'off' } } as const;
  t.equal(modeIn({ rules: off }, 'shop'), 'warn');
  t.equal(modeIn({}, 'shop'), 'enforce');
  t.same(
    ['shop', 'bank', 'mint'].map((namespace) =>
      modeIn(
        {
          rules: off,
          overrides: [
            { namespaces: ['bank', 'mint'], rules: { probe: { mode: 'audit' } } },
            { namespaces: ['mint'], rules: off },
          ],
        },
        namespace,
      ),
    ),
    ['warn', 'audit', 'warn'],
  );
  t.same(policyOf([RULE], { rules: off }).withRulesOn([]).settingsFor('shop', 'service').validating, []);
  t.end();
});

void t.test('an option that is an object is replaced, not merged', (t) => {
  t.equal(settingOf({ rules: { probe: { options: { b: { x: 2 } } } } }), 'enforce apply {"a":1,"b":{"x":2}}');
  t.end();
});

void t.test('overrides count over the rules, the later over the earlier', (t) => {
  const overrides: OverrideDocument[] = [
    { namespaces: ['shop'], rules: { probe: { mode: 'warn', options: { a: 2 } } } },
    { workloadClasses: ['service'], rules: { probe: { mode: 'audit', options: { b: { x: 3 } } } } },
  ];
  const rules = { probe: { mutation: 'would', options: { a: 9 } } } as const;
  t.equal(settingOf({ rules, overrides }), 'audit would {"a":2,"b":{"x":3}}');
  t.equal(settingOf({ rules, overrides: overrides.toReversed() }), 'warn would {"a":2,"b":{"x":3}}');
  t.end();
});

void t.test('an override is for the namespaces and the classes that it names', (t) => {
  const spec = {
    overrides: [{ namespaces: ['team-*', 'shop'], workloadClasses: ['stateful', 'daemon'], rules: { probe: { mode: 'audit' } } }],
  } as const;
  const isOverridden = (namespace: string, workloadClass: WorkloadClass): boolean =>
    settingOf(spec, namespace, workloadClass).startsWith('audit');
  t.ok(isOverridden('team-a', 'stateful'));
  t.ok(isOverridden('shop', 'daemon'));
  t.notOk(isOverridden('shop', 'service'), 'another class');
  t.notOk(isOverridden('my-team-a', 'stateful'), 'another namespace');
  t.end();
});

void t.test('an override without namespaces is for all, without classes for all', (t) => {
  const rules = { probe: { mode: 'audit' } } as const;
  t.match(settingOf({ overrides: [{ workloadClasses: ['service'], rules }] }, 'anywhere', 'service'), /^audit/);
  t.match(settingOf({ overrides: [{ namespaces: ['shop'], rules }] }, 'shop', 'batch'), /^audit/);
  t.end();
});

void t.test('a rule that is switched off is not asked, and repairs nothing', (t) => {
  const { validating, applying, suggesting } = policyOf([RULE], { rules: { probe: { mode: 'off', mutation: 'apply' } } }).settingsFor(
    'shop',
    'service',
  );
  t.same([validating, applying, suggesting], [[], [], []]);
  t.end();
});

void t.test('an override can switch a rule on again', (t) => {
  const spec = { rules: { probe: { mode: 'off' } }, overrides: [{ namespaces: ['shop'], rules: { probe: { mode: 'warn' } } }] } as const;
  t.equal(settingOf(spec, 'shop').split(' ')[0], 'warn');
  t.equal(settingOf(spec, 'other'), 'off');
  t.end();
});

void t.test('rules are asked about the workloads that they are for', (t) => {
  const rule = makeRule('probe', { mutate: repair, appliesTo: { containers: [], workloads: ['service', 'pod'] } });
  const asked = WORKLOAD_CLASSES.filter((workloadClass) => settingOf({}, 'shop', workloadClass, rule) !== 'off');
  t.same(asked, ['service', 'pod']);
  t.end();
});

function idsOf(settings: RuleSettings, part: 'validating' | 'applying' | 'suggesting'): string {
  return settings[part].map(({ rule }) => rule.meta.id).join();
}

void t.test('repairs are applied or suggested as the mutation says; a rule without a repair does neither', (t) => {
  const rules = ['apply', 'would', 'off'].map((id) => makeRule(id, { mutate: repair }));
  const spec = { rules: { would: { mutation: 'would' }, off: { mutation: 'off' } } } as const;
  const settings = policyOf([...rules, makeRule('without', {})], spec).settingsFor('shop', 'service');
  t.equal(idsOf(settings, 'validating'), 'apply,off,without,would');
  t.equal(idsOf(settings, 'applying'), 'apply');
  t.equal(idsOf(settings, 'suggesting'), 'would');
  t.end();
});

void t.test('what an operator or the kubelet owns is judged and never repaired', (t) => {
  const rules = [makeRule('apply', { mutate: repair }), makeRule('would', { mutate: repair })];
  const policy = policyOf(rules, { rules: { would: { mutation: 'would' } } });
  for (const workloadClass of ['operator', 'static'] as const) {
    const settings = policy.settingsFor('shop', workloadClass);
    t.equal(idsOf(settings, 'validating'), 'apply,would');
    t.same([settings.applying, settings.suggesting], [[], []]);
  }
  t.end();
});

void t.test('settings come in the order of the catalogue', (t) => {
  const rules = [makeRule('a', { mutate: repair, after: ['c'] }), makeRule('b', { mutate: repair }), makeRule('c', { mutate: repair })];
  const settings = policyOf(rules).settingsFor('shop', 'service');
  t.equal(idsOf(settings, 'applying'), 'c,a,b');
  t.equal(idsOf(settings, 'validating'), 'c,a,b');
  t.end();
});

void t.test('settings are made once for subjects that get the same', (t) => {
  const policy = policyOf([RULE], { overrides: [{ namespaces: ['team-*'], rules: { probe: { mode: 'warn' } } }] });
  t.equal(policy.settingsFor('team-a', 'service'), policy.settingsFor('team-b', 'service'));
  t.equal(policy.settingsFor('shop', 'service'), policy.settingsFor('other', 'service'));
  t.not(policy.settingsFor('team-a', 'service'), policy.settingsFor('shop', 'service'));
  t.not(policy.settingsFor('shop', 'service'), policy.settingsFor('shop', 'batch'));
  t.end();
});

const setting = fc.record(
  {
    mode: fc.constantFrom(...MODES),
    mutation: fc.constantFrom(...MUTATIONS),
    options: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(9)),
  },
  { requiredKeys: [] },
);
const IDS = ['p', 'q', 'r'] as const;
const ruleSettings = fc.dictionary(fc.constantFrom(...IDS, 'unheard-of'), setting);
const NAMESPACES = ['team-a', 'team-b', 'shop', ''];
const override = fc.record(
  {
    namespaces: fc.subarray(['*', 'team-*', 'team-a', 'shop', '*-b'], { minLength: 1 }),
    workloadClasses: fc.subarray([...WORKLOAD_CLASSES], { minLength: 1 }),
    rules: ruleSettings,
  },
  { requiredKeys: ['rules'] },
);
const preset: fc.Arbitrary<RulePreset<unknown>> = fc.record(
  {
    mode: fc.constantFrom(...MODES),
    mutation: fc.constantFrom(...MUTATIONS),
    options: fc.dictionary(fc.constantFrom('a', 'b'), fc.nat(9)),
  },
  { requiredKeys: ['mode', 'mutation'] },
);
const rule = fc.record({
  presets: fc.record({ baseline: preset, production: preset, strict: preset }),
  workloads: fc.subarray([...WORKLOAD_CLASSES]),
  mutates: fc.boolean(),
});

/** What the documentation says, without a cache and without looking twice. */
function naiveSettings(rules: readonly Rule[], spec: PolicyDocument['spec'], namespace: string, workloadClass: WorkloadClass): unknown {
  const parts: Record<'validating' | 'applying' | 'suggesting', unknown[]> = { validating: [], applying: [], suggesting: [] };
  for (const rule of rules) {
    const { id, presets, defaultOptions, appliesTo } = rule.meta;
    if (!appliesTo.workloads.includes(workloadClass)) continue;
    const matching = (spec.overrides ?? []).filter(
      ({ namespaces = ['*'], workloadClasses = WORKLOAD_CLASSES }) =>
        namespaces.some((pattern) => nameMatcher(pattern)(namespace)) && workloadClasses.includes(workloadClass),
    );
    const { mode, mutation, options } = [
      presets[spec.preset],
      spec.rules?.[id] ?? {},
      ...matching.map(({ rules }) => rules[id] ?? {}),
    ].reduce((before, layer) => ({ ...before, ...layer, options: { ...(before.options as object), ...(layer.options as object) } }), {
      options: defaultOptions,
    }) as RulePreset<unknown>;
    if (mode === 'off') continue;
    parts.validating.push([id, mode, mutation, options]);
    if (rule.mutate === undefined || workloadClass === 'operator' || workloadClass === 'static') continue;
    if (mutation === 'apply') parts.applying.push([id, mode, mutation, options]);
    if (mutation === 'would') parts.suggesting.push([id, mode, mutation, options]);
  }
  return parts;
}

void t.test('property: settings are right for each namespace and class, in whatever order they are asked for', (t) => {
  const queries = fc.array(fc.tuple(fc.constantFrom(...NAMESPACES), fc.constantFrom(...WORKLOAD_CLASSES)), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(
      fc.tuple(rule, rule, rule),
      fc.constantFrom(...PRESETS),
      ruleSettings,
      fc.array(override, { maxLength: 4 }),
      queries,
      (made, preset, ruleDocuments, overrides, asked) => {
        const rules = made.map(({ presets, workloads, mutates }, index) =>
          makeRule(IDS[index] ?? '', {
            presets,
            appliesTo: { containers: [], workloads },
            defaultOptions: { a: 0, b: 0, c: 0 },
            ...(mutates && { mutate: repair }),
          }),
        );
        const spec: PolicyDocument['spec'] = { preset, rules: ruleDocuments, overrides };
        const policy = policyOf(rules, spec);
        for (const [namespace, workloadClass] of asked) {
          const settings = policy.settingsFor(namespace, workloadClass);
          const plain = (part: 'validating' | 'applying' | 'suggesting'): unknown =>
            settings[part].map(({ rule, mode, mutation, options }) => [rule.meta.id, mode, mutation, options]);
          const found = { validating: plain('validating'), applying: plain('applying'), suggesting: plain('suggesting') };
          assert.deepEqual(found, naiveSettings(rules, spec, namespace, workloadClass));
        }
      },
    ),
    { numRuns: runs(500) },
  );
  t.end();
});

void t.test('what cannot be judged is a warning in the preset baseline, else a denial, unless the policy says otherwise', (t) => {
  t.equal(policyOf([], { preset: 'baseline' }).errored, 'warn');
  t.equal(policyOf([], { preset: 'production' }).errored, 'enforce');
  t.equal(policyOf([], { preset: 'strict' }).errored, 'enforce');
  t.equal(policyOf([], { preset: 'strict', errored: 'audit' }).errored, 'audit');
  t.end();
});

void t.test('what controllers create is recorded alone, unless the policy says otherwise', (t) => {
  t.equal(policyOf([]).owned, 'audit');
  t.equal(policyOf([], { owned: 'enforce' }).owned, 'enforce');
  t.end();
});

void t.test('the namespaces of the cluster and of podgrace are left alone, or those that the policy names instead', (t) => {
  for (const namespace of DEFAULT_EXCLUDED_NAMESPACES) t.ok(policyOf([]).isExcludedNamespace(namespace), namespace);
  t.notOk(policyOf([]).isExcludedNamespace('kube-public'));
  const policy = policyOf([], { excludedNamespaces: ['openshift-*'] });
  t.ok(policy.isExcludedNamespace('openshift-etcd'));
  t.notOk(policy.isExcludedNamespace('kube-system'), 'the list replaces the default');
  t.notOk(policyOf([], { excludedNamespaces: [] }).isExcludedNamespace('kube-system'));
  t.end();
});

void t.test('the namespace of the server is left alone whatever the policy says', (t) => {
  const policy = policyOf([], { excludedNamespaces: [] }, 'platform');
  t.ok(policy.isExcludedNamespace('platform'));
  t.notOk(policy.isExcludedNamespace('podgrace-system'));
  t.notOk(policyOf([]).isExcludedNamespace('platform'));
  t.end();
});

void t.test('the Kubernetes version is the policy’s, else the oldest that is supported', (t) => {
  t.equal(policyOf([]).kubernetesMinor, 35);
  t.equal(policyOf([], { kubernetesVersion: 'v1.36.3' }).kubernetesMinor, 36);
  t.throws(() => policyOf([], { kubernetesVersion: '1.20' }), { message: 'unknown Kubernetes version 1.20' });
  t.end();
});

void t.test('who creates the Pods of a workload kind is said by the policy', (t) => {
  const senders = ['system:serviceaccount:fleet-*:manager'];
  const { kinds } = policyOf([], { workloadKinds: [{ group: 'example.com', kind: 'Fleet', class: 'service', senders }] });
  const owner = { apiVersion: 'example.com/v1', kind: 'Fleet', name: 'a', controller: true };
  t.equal(kinds.isSender(owner, 'system:serviceaccount:fleet-system:manager'), true);
  t.equal(kinds.isSender(owner, 'system:serviceaccount:shop:manager'), false);
  t.equal(kinds.isSender({ ...owner, kind: 'Other' }, 'system:serviceaccount:fleet-system:manager'), false);
  t.equal(policyOf([]).kinds.isSender({ ...owner, apiVersion: 'apps/v1', kind: 'DaemonSet' }, 'alice'), false);
  t.end();
});

void t.test('with which restart policies a bare Pod ends is said by the policy', (t) => {
  const classes = (barePods?: { batchWhen: readonly ('Never' | 'OnFailure')[] }): string[] => {
    const { kinds } = policyOf([], barePods && { barePods });
    return ['Always', 'OnFailure', 'Never'].map((restartPolicy) => kinds.classOfPod(undefined, { restartPolicy }, false));
  };
  t.same(classes(), ['pod', 'pod', 'batch']);
  t.same(classes({ batchWhen: [] }), ['pod', 'pod', 'pod']);
  t.same(classes({ batchWhen: ['Never', 'OnFailure'] }), ['pod', 'batch', 'batch']);
  t.end();
});

void t.test('workload kinds of the policy are known beside the built-in ones', (t) => {
  const workloadKinds = [
    { group: 'argoproj.io', kind: 'Rollout', class: 'service', templatePath: 'spec.template' },
    { group: 'example.com', kind: 'Fleet', class: 'operator' },
  ] as const;
  const { kinds } = policyOf([], { workloadKinds });
  t.same(kinds.templates('argoproj.io/v1alpha1', 'Rollout')[0]?.templatePath, ['spec', 'template']);
  t.equal(kinds.templates('example.com/v1', 'Fleet')[0], undefined);
  const owner = { apiVersion: 'example.com/v1', kind: 'Fleet', name: 'a', controller: true };
  t.equal(kinds.classOfPod(owner, { restartPolicy: 'Always' }, false), 'operator');
  t.ok(kinds.templates('apps/v1', 'Deployment')[0]);
  t.end();
});

void t.test('a policy needs what the rules ask about that are on somewhere', (t) => {
  const off = { mode: 'off', mutation: 'off' } as const;
  const presets = { baseline: off, production: { mode: 'warn', mutation: 'off' }, strict: { mode: 'warn', mutation: 'off' } } as const;
  const rules = [makeRule('budget', { needs: ['podDisruptionBudgets', 'services'], presets }), makeRule('spread', { needs: ['services'] })];
  const needsOf = (spec: Partial<PolicyDocument['spec']>): string[] => [...policyOf(rules, spec).needs].sort();
  t.same(needsOf({ preset: 'strict' }), ['podDisruptionBudgets', 'services']);
  t.same(needsOf({ preset: 'baseline' }), ['services']);
  t.same(needsOf({ preset: 'strict', rules: { spread: { mode: 'off' }, budget: { mode: 'off' } } }), []);
  const overrides: OverrideDocument[] = [{ namespaces: ['shop'], rules: { budget: { mode: 'audit' } } }];
  t.same(needsOf({ preset: 'baseline', overrides }), ['podDisruptionBudgets', 'services']);
  t.end();
});

void t.test('a policy judges deletions where a rule about them is on somewhere', (t) => {
  const off = { mode: 'off', mutation: 'off' } as const;
  const presets = { baseline: off, production: { mode: 'warn', mutation: 'off' }, strict: { mode: 'warn', mutation: 'off' } } as const;
  const rules = [makeRule('careful', { about: 'deletion', presets }), makeRule('other', {})];
  t.equal(policyOf(rules, { preset: 'production' }).judgesDeletions, true);
  t.equal(policyOf(rules, { preset: 'baseline' }).judgesDeletions, false);
  const overrides: OverrideDocument[] = [{ namespaces: ['shop'], rules: { careful: { mode: 'audit' } } }];
  t.equal(policyOf(rules, { preset: 'baseline', overrides }).judgesDeletions, true);
  t.end();
});

void t.test('the kinds that a policy judges for themselves are those of the rules that are on somewhere', (t) => {
  const off = { mode: 'off', mutation: 'off' } as const;
  const presets = { baseline: off, production: { mode: 'warn', mutation: 'off' }, strict: { mode: 'warn', mutation: 'off' } } as const;
  const scaled = 'autoscaling/HorizontalPodAutoscaler';
  const rules = [
    makeRule('budget', { companions: ['policy/PodDisruptionBudget', scaled], presets }),
    makeRule('scale', { companions: [scaled] }),
  ];
  const kindsOf = (spec: Partial<PolicyDocument['spec']>): string[] => [...policyOf(rules, spec).companionKinds].sort();
  t.same(kindsOf({ preset: 'strict' }), [scaled, 'policy/PodDisruptionBudget']);
  t.same(kindsOf({ preset: 'baseline' }), [scaled]);
  t.same(kindsOf({ preset: 'baseline', overrides: [{ namespaces: ['shop'], rules: { budget: { mode: 'audit' } } }] }), [
    scaled,
    'policy/PodDisruptionBudget',
  ]);
  t.end();
});
