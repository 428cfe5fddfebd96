/** Scenarios: tests that follow objects through the life that a cluster gives them, with the figures that came out of it. */
import t, { type Test } from 'tap';
import { catalogue } from '../../../src/config/catalogue.ts';
import { Policy, type PolicyDocument } from '../../../src/core/policy.ts';
import type { RuleSettingDocument } from '../../../src/core/rule-setting.ts';
import { noCluster } from '../cluster.ts';

/** Most of a scenario's time is a Pod's: those of a file run side by side. */
const PARALLEL_SCENARIOS = 8;

export function scenario(name: string, body: (t: Test) => Promise<void>): void {
  t.jobs = PARALLEL_SCENARIOS;
  if (noCluster === undefined) void t.test(name, { buffered: true }, body);
  else void t.test(name, { skip: noCluster }, () => undefined);
}

/** Skips what is left of a scenario, and says why. */
export function skipped(t: Test, reason: string): void {
  t.pass('needs more than this cluster has', { skip: reason });
}

/** A policy of the given rules and no others, so that a scenario shows the effect of these; they repair only where told to. */
export function policyOf(rules: Readonly<Record<string, RuleSettingDocument>>, spec: Partial<PolicyDocument['spec']> = {}): Policy {
  const settings = catalogue.rules.map(({ meta }) => {
    const given = rules[meta.id];
    return [meta.id, given === undefined ? { mode: 'off' as const } : { mutation: 'off' as const, ...given }] as const;
  });
  return new Policy(
    {
      apiVersion: 'podgrace.dev/v1alpha1',
      kind: 'LifecyclePolicy',
      metadata: { name: 'proof' },
      spec: { preset: 'strict', kubernetesVersion: '1.36', ...spec, rules: Object.fromEntries(settings) },
    },
    catalogue,
  );
}
