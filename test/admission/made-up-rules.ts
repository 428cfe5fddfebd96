/** Small rules whose behaviour a test can foresee, for what is around rules: scope, senders, updates, failures. */
import { Catalogue } from '../../src/core/catalogue.ts';
import { FieldPath } from '../../src/core/path.ts';
import { Policy, type PolicyDocument } from '../../src/core/policy.ts';
import { pathOf, type ContainerKind } from '../../src/core/pod.ts';
import { defineRule, type Mode, type MutationMode, type Rule, type RuleDefinition } from '../../src/core/rule.ts';
import { WORKLOAD_CLASSES } from '../../src/core/workload.ts';

const ALL_CONTAINERS: readonly ContainerKind[] = ['main', 'init', 'sidecar', 'ephemeral'];

/** As functions of their own: none of these rules needs `this`. */
type Definition = RuleDefinition<Record<string, never>, 'broken'>;
interface MadeUp {
  readonly validate: (...given: Parameters<Definition['validate']>) => ReturnType<Definition['validate']>;
  readonly mutate?: (...given: Parameters<NonNullable<Definition['mutate']>>) => void;
}

/** A rule with one message, for every container and workload. */
export function ruleOf(id: string, { validate, mutate }: MadeUp, mode: Mode = 'enforce', mutation: MutationMode = 'apply'): Rule {
  const preset = { mode, mutation: mutate === undefined ? 'off' : mutation } as const;
  return defineRule<Record<string, never>, 'broken'>({
    meta: {
      id,
      since: '0.1.0',
      category: 'configuration',
      docs: { summary: id, harm: id, why: id, remediation: id, worse: id, references: [] },
      reads: [],
      writes: mutate === undefined ? [] : ['spec'],
      appliesTo: { containers: ALL_CONTAINERS, workloads: WORKLOAD_CLASSES },
      mutation: mutate === undefined ? 'none' : 'safe',
      presets: { baseline: preset, production: preset, strict: preset },
      messages: { broken: { text: 'must keep {{what}}', fix: 'keep {{what}}' } },
      schema: { type: 'object', additionalProperties: false },
      defaultOptions: {},
    },
    validate,
    ...(mutate !== undefined && { mutate }),
  });
}

/** No container's image may end in `:latest`. */
export function forbidLatest(mode?: Mode): Rule {
  return ruleOf(
    'no-latest',
    {
      validate: (_pod, context) =>
        Array.from(context.containers())
          .filter(({ container }) => container.image?.endsWith(':latest') === true)
          .map((reference) => ({
            message: 'broken',
            path: pathOf(reference).field('image'),
            data: { what: 'to a version' },
            rank: [0],
          })),
    },
    mode,
  );
}

const isMinuteOfGrace: MadeUp['validate'] = ({ spec }) => {
  const missing = 60 - spec.terminationGracePeriodSeconds;
  if (missing <= 0) return [];
  return [{ message: 'broken', path: FieldPath.of('spec', 'terminationGracePeriodSeconds'), data: { what: '60 s' }, rank: [missing] }];
};

/** The grace period is 60 s or longer; the more is missing, the worse, and it is repaired. */
export function requireGrace(mode?: Mode, mutation?: MutationMode): Rule {
  const mutate: NonNullable<MadeUp['mutate']> = ({ spec }) => {
    spec.terminationGracePeriodSeconds = 60;
  };
  return ruleOf('minute-of-grace', { validate: isMinuteOfGrace, mutate }, mode, mutation);
}

/** The same without a repair. */
export function demandGrace(mode?: Mode): Rule {
  return ruleOf('grace-demanded', { validate: isMinuteOfGrace }, mode);
}

/** Fails on every Pod. */
export function throwing(message = 'cannot read this', id = 'throws'): Rule {
  const fail = (): never => {
    throw new Error(message);
  };
  return ruleOf(id, { validate: fail, mutate: fail });
}

/** Finds as many violations as it is told to, with the given text in each message. */
export function finding(count: number, text: string, mode: Mode = 'enforce', id = 'many'): Rule {
  return ruleOf(
    id,
    {
      validate: () =>
        Array.from({ length: count }, (_, at) => ({
          message: 'broken',
          path: FieldPath.of('spec', 'field', at),
          data: { what: text },
          rank: [0],
        })),
    },
    mode,
  );
}

/** A policy of these rules and nothing else. */
export function policyOf(rules: readonly Rule[], spec: Partial<PolicyDocument['spec']> = {}): Policy {
  const document: PolicyDocument = {
    apiVersion: 'podgrace.dev/v1alpha1',
    kind: 'LifecyclePolicy',
    metadata: { name: 'made-up' },
    spec: { preset: 'production', ...spec },
  };
  return new Policy(document, new Catalogue(rules));
}
