import { readFileSync } from 'node:fs';
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { readPolicy } from '../../src/config/policy-file.ts';
import { policySchema } from '../../src/config/policy-schema.ts';
import { DEFAULT_EXCLUDED_NAMESPACES } from '../../src/core/policy.ts';
import { WORKLOAD_CLASSES } from '../../src/core/workload.ts';

const PAGE = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8');
const EXAMPLE = /```yaml\n([\s\S]*?)```/.exec(PAGE)?.[1] ?? '';

void t.test('the policy on the page about policies is one, and does what is said beside it', (t) => {
  const policy = readPolicy(EXAMPLE, 'docs/policy.md', { catalogue, nowMs: Date.parse('2026-12-01T00:00:00Z') });
  const modeOf = (namespace: string, workloadClass: 'service' | 'daemon', id: string): string | undefined =>
    policy.settingsFor(namespace, workloadClass).validating.find(({ rule }) => rule.meta.id === id)?.mode;
  t.equal(modeOf('shop', 'service', 'memory-limit'), 'enforce');
  t.equal(modeOf('shop', 'service', 'init-process'), undefined);
  t.equal(modeOf('shop', 'daemon', 'readiness-probe'), 'warn');
  const [qos] = policy.settingsFor('team-a', 'service').validating.filter(({ rule }) => rule.meta.id === 'minimum-qos-class');
  t.match(qos?.options, { class: 'Guaranteed' });
  t.equal(policy.exemptions.length, 1);
  t.ok(policy.kinds.templates('argoproj.io/v1alpha1', 'Rollout')[0]);
  t.end();
});

void t.test('the page names every field of a policy, every workload class and the namespaces that are left alone', (t) => {
  const { spec } = (policySchema(catalogue) as { properties: { spec: { properties: object } } }).properties;
  const names = [...Object.keys(spec.properties), ...WORKLOAD_CLASSES, ...DEFAULT_EXCLUDED_NAMESPACES];
  t.same(
    names.filter((name) => !PAGE.includes(`\`${name}\``) && !new RegExp(`^  ${name}:`, 'm').test(EXAMPLE)),
    [],
  );
  t.end();
});
