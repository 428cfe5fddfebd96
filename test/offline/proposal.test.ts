import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { Policy } from '../../src/core/policy.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { RuleSettingDocument } from '../../src/core/rule-setting.ts';
import { NOTHING_KNOWN } from '../../src/core/surroundings.ts';
import { checkManifest, type CheckResult } from '../../src/offline/check.ts';
import { ManifestDocument } from '../../src/offline/input/documents.ts';
import { fixturesOf, type Fixture } from '../rules/fixture.ts';
import { pasted } from './pasted-proposal.ts';

function policyOf(rules: Readonly<Record<string, RuleSettingDocument>>, kubernetesVersion = '1.36'): Policy {
  const spec = { preset: 'strict', kubernetesVersion, rules } as const;
  return new Policy({ apiVersion: 'podgrace.dev/v1alpha1', kind: 'LifecyclePolicy', metadata: { name: 'p' }, spec }, catalogue);
}

/** One rule, which judges and does not repair. */
function policyFor({ rule, options, kubernetesVersion }: Fixture): Policy {
  const others = catalogue.rules.map(({ meta }) => [meta.id, { mode: 'off' }] as const);
  return policyOf(
    { ...Object.fromEntries(others), [rule.meta.id]: { mode: 'enforce', mutation: 'off', options: { ...options } } as const },
    kubernetesVersion,
  );
}

function check(value: unknown, policy: Policy, surroundings = NOTHING_KNOWN): CheckResult | undefined {
  const outcome = checkManifest(ManifestDocument.ofValue('x.json', value), { policy, namespace: 'default', nowMs: 0, surroundings });
  return outcome.outcome === 'judged' ? outcome.result : undefined;
}

for (const rule of catalogue.rules.filter(({ meta }) => meta.mutation !== 'none')) {
  void t.test(`${rule.meta.id}: what a proposal says, pasted, leaves no finding that a repair would take care of`, (t) => {
    let proposed = 0;
    for (const fixture of fixturesOf(rule).filter(({ expectation }) => expectation === 'repaired')) {
      const policy = policyFor(fixture);
      const before = check(fixture.given, policy);
      if (before === undefined || before.findings.length === 0) continue;
      const proposals = before.proposals.of(rule.meta.id);
      if (proposals.length === 0) continue;
      proposed += 1;
      const after = proposals.reduce<unknown>(pasted, fixture.given);
      t.same(
        check(after, policy)?.findings.map(({ field, message }) => `${field} ${message}`),
        [],
        fixture.name,
      );
    }
    t.ok(proposed > 0, 'fixtures were proposed something');
    t.end();
  });
}

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a' },
  spec: { containers: [{ name: 'a', image: 'a:1', ports: [{ containerPort: 80 }] }] },
};

const CACHING = { name: 'a', image: 'a:1', volumeMounts: [{ name: 'v', mountPath: '/v' }] };

void t.test('it begins at the deepest place that is there and holds all of it', (t) => {
  const policy = policyOf({ 'shutdown-budget': { mode: 'off' } });
  const shape = (spec: object, rule: string): unknown =>
    check({ ...POD, spec: { ...POD.spec, ...spec } }, policy)
      ?.proposals.of(rule)
      .map(({ at, fields }) => [at.text, fields]);
  t.match(shape({ containers: [{ name: 'a', image: 'a:1', resources: { requests: { memory: '1Gi' } } }] }, 'memory-limit'), [
    ['spec.containers[0].resources', { limits: { memory: /Gi$/ } }],
  ]);
  t.match(shape({ containers: [CACHING], volumes: [{ name: 'v', emptyDir: {} }] }, 'empty-dir-size-limit'), [
    ['spec.volumes[0].emptyDir', { sizeLimit: String }],
  ]);
  t.end();
});

void t.test('there is none without a finding, without a repair, or where the repair lacks what only the author knows', (t) => {
  const result = check(POD, policyOf({}));
  t.same(result?.proposals.of('exec-form'), [], 'no repair');
  t.same(result?.proposals.of('well-formed'), [], 'no rule');
  t.same(result?.proposals.of('empty-dir-size-limit'), [], 'no finding');
  t.same(result?.proposals.of('init-process'), [], 'no image');
  t.end();
});

void t.test('of a Pod and of a template it begins with what a LimitRange fills in', (t) => {
  const limits = [{ type: 'Container' as const, defaultRequest: { memory: '100Mi' } }];
  const around = { ...NOTHING_KNOWN, limitRanges: { isKnown: true as const, value: [{ name: 'l', limits }] } };
  const template = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { template: { spec: POD.spec } },
  };
  for (const object of [POD, template]) {
    const [proposal] = check(object, policyOf({}), around)?.proposals.of('memory-limit') ?? [];
    t.same(proposal?.fields, { resources: { limits: { memory: '200Mi' } } }, object.kind);
  }
  t.end();
});

void t.test('it is made on top of what the policy lets the rules before it repair', (t) => {
  const hooked = { name: 'b', image: 'b:1', lifecycle: { preStop: { sleep: { seconds: 500 } } } };
  const result = check({ ...POD, spec: { containers: [...POD.spec.containers, hooked] } }, policyOf({}));
  t.same(fieldsOf(result, 'shutdown-budget'), ['terminationGracePeriodSeconds']);
  t.same(fieldsOf(result, 'pre-stop-delay')[0], 'containers', 'the hook of the first container is the business of this rule');
  t.end();
});

void t.test('two rules that set one field propose the same value: the last one', (t) => {
  const draining = { ...POD, metadata: { name: 'a', annotations: { 'podgrace.dev/drain-seconds': '60' } } };
  const stopping = check(draining, policyOf({}));
  t.same(setBy(stopping, 'pre-stop-delay')['terminationGracePeriodSeconds'], 75);
  t.same(setBy(stopping, 'shutdown-budget'), { terminationGracePeriodSeconds: 75 });

  const guaranteed = check(POD, policyOf({ 'minimum-qos-class': { options: { class: 'Guaranteed' } } }));
  const memory = '512Mi';
  t.same(setBy(guaranteed, 'memory-limit'), { resources: { requests: { memory }, limits: { memory } } }, 'and no more than its own fields');
  t.match(setBy(guaranteed, 'minimum-qos-class'), { resources: { requests: { memory } } });
  t.end();
});

function setBy(result: CheckResult | undefined, rule: string): JsonObject {
  const [proposal] = result?.proposals.of(rule) ?? [];
  return proposal?.fields ?? {};
}

function fieldsOf(result: CheckResult | undefined, rule: string): string[] {
  return (result?.proposals.of(rule) ?? []).flatMap(({ fields }) => Object.keys(fields));
}
