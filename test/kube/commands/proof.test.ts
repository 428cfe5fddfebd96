import t from 'tap';
import { catalogue } from '../../../src/config/catalogue.ts';
import { presetPolicy } from '../../../src/config/presets.ts';
import { readPolicy } from '../../../src/config/policy-file.ts';
import { PRESETS } from '../../../src/core/rule.ts';
import type { Policy } from '../../../src/core/policy.ts';
import { planProof } from '../../../src/kube/commands/proof.ts';

const NOW = new Date('2026-11-22T00:00:00Z');
const CONFIGURATION = {
  webhooks: [
    {
      name: 'validate.runbook.podgrace.dev',
      failurePolicy: 'Fail',
      namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] }] },
    },
  ],
};

function namespaces(...names: string[]): { metadata: { name: string; labels: Record<string, string> } }[] {
  return names.map((name) => ({ metadata: { name, labels: { 'kubernetes.io/metadata.name': name } } }));
}

function policyOf(spec: string): Policy {
  return readPolicy(`apiVersion: podgrace.dev/v1alpha1\nkind: LifecyclePolicy\nmetadata: {name: p}\nspec:\n${spec}`, 'policy', {
    catalogue,
    nowMs: NOW.getTime(),
  });
}

void t.test('each preset has a Pod that it denies, or warns about where it denies nothing', (t) => {
  const signs = PRESETS.map((preset) => [
    preset,
    planProof(presetPolicy(preset), namespaces('default'), CONFIGURATION, NOW)?.foreseen.sign,
  ]);
  t.same(Object.fromEntries(signs), { baseline: 'warning', production: 'denial', strict: 'denial' });
  t.end();
});

/** A policy that enforces this rule and runs no other. */
function enforcing(id: string): Policy {
  const others = catalogue.rules.filter(({ meta }) => meta.id !== id).map(({ meta }) => `    ${meta.id}: {mode: "off", mutation: "off"}\n`);
  return policyOf(`  preset: strict\n  rules:\n    ${id}: {mode: enforce}\n${others.join('')}`);
}

/** A rule that is added need not be one of these; one that is must stay one. */
const BROKEN_BY_A_CARELESS_POD = [
  'log-volume',
  'minimum-qos-class',
  'memory-limit',
  'readiness-probe',
  'probe-defaults',
  'probe-timing',
  'pre-stop-delay',
  'shutdown-budget',
  'empty-dir-size-limit',
  'toleration-seconds',
];

void t.test('a policy that enforces one rule alone is proved by a denial or repair, where a careless Pod breaks the rule', (t) => {
  const signOf = (id: string): string | undefined => planProof(enforcing(id), namespaces('default'), CONFIGURATION, NOW)?.foreseen.sign;
  for (const id of BROKEN_BY_A_CARELESS_POD) t.match(signOf(id), /denial|repair/, id);
  for (const { meta } of catalogue.rules) t.ok(signOf(meta.id), `${meta.id}: where none does, it is admitted`);
  t.end();
});

void t.test('a namespace is taken that the webhook and the policy look at, default before others', (t) => {
  const where = (policy: Policy, ...names: string[]): string | undefined =>
    planProof(policy, namespaces(...names), CONFIGURATION, NOW)?.namespace;
  const production = presetPolicy('production');
  t.equal(where(production, 'app', 'default', 'kube-system'), 'default');
  t.equal(where(production, 'kube-system', 'web', 'app'), 'app');
  t.equal(where(production, 'kube-system', 'podgrace-system'), undefined);
  t.equal(where(policyOf('  preset: strict\n  excludedNamespaces: [default]\n'), 'default', 'app'), 'app');
  const relaxed = policyOf(
    '  preset: strict\n  overrides:\n    - namespaces: [default]\n      rules: {' +
      catalogue.rules.map(({ meta }) => `${meta.id}: {mode: audit}`).join(', ') +
      '}\n',
  );
  t.equal(where(relaxed, 'app', 'default'), 'app', 'where something is denied');
  const terminating = namespaces('default', 'app').map((namespace, index) => ({
    ...namespace,
    status: { phase: index === 0 ? 'Terminating' : 'Active' },
  }));
  t.equal(planProof(production, terminating, CONFIGURATION, NOW)?.namespace, 'app');
  t.equal(
    planProof(production, namespaces('default'), { webhooks: [{ name: 'a.example.com' }] }, NOW),
    undefined,
    "not podgrace's webhook",
  );
  t.end();
});
