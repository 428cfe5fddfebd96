/** Rules that do what a test needs, for tests of what surrounds rules. */
import { Catalogue } from '../../src/core/catalogue.ts';
import { Policy, POLICY_API_VERSION, POLICY_KIND, type PolicyDocument } from '../../src/core/policy.ts';
import { defineRule, type PresetName, type Rule, type RuleMeta, type RulePreset } from '../../src/core/rule.ts';
import { WORKLOAD_CLASSES } from '../../src/core/workload.ts';

interface MadeUp
  extends
    Partial<Pick<Rule, 'validate' | 'mutate'>>,
    Partial<
      Pick<
        RuleMeta<unknown, string>,
        'about' | 'kinds' | 'companions' | 'needs' | 'reads' | 'appliesTo' | 'after' | 'messages' | 'defaultOptions'
      >
    > {
  /** What differs from enforcing and applying everywhere. */
  readonly presets?: Partial<Record<PresetName, RulePreset<unknown>>>;
}

const STRICT: RulePreset<unknown> = { mode: 'enforce', mutation: 'apply' };

/** A rule that finds nothing unless told otherwise, with one message, `found`. */
export function makeRule(id: string, { validate, mutate, presets, ...meta }: MadeUp = {}): Rule {
  return defineRule<unknown, string>({
    meta: {
      id,
      since: '0.1.0',
      category: 'configuration',
      docs: { summary: '', harm: '', why: '', remediation: '', worse: 'one is as bad as another', references: [] },
      reads: [],
      writes: mutate === undefined ? [] : ['spec'],
      appliesTo: { containers: ['main', 'init', 'sidecar', 'ephemeral'], workloads: WORKLOAD_CLASSES },
      mutation: mutate === undefined ? 'none' : 'safe',
      presets: { baseline: STRICT, production: STRICT, strict: STRICT, ...presets },
      messages: { found: { text: 'must be otherwise', fix: 'change it' } },
      schema: { type: 'object' },
      defaultOptions: {},
      ...meta,
    },
    validate: validate ?? (() => []),
    ...(mutate && { mutate }),
  });
}

/** @param spec what differs from preset strict */
export function policyOf(rules: readonly Rule[], spec: Partial<PolicyDocument['spec']> = {}, ownNamespace?: string): Policy {
  const document = {
    apiVersion: POLICY_API_VERSION,
    kind: POLICY_KIND,
    metadata: { name: 'test' },
    spec: { preset: 'strict', ...spec },
  } as const;
  return new Policy(document, new Catalogue(rules), ownNamespace);
}
