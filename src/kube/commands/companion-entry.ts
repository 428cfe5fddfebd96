/**
 * The webhook about budgets and autoscalers (docs/adr/0060): made of what the policy judges, as the rights to watch are. Expressions are
 * CEL: https://kubernetes.io/docs/reference/using-api/cel/
 */
import type { JsonObject } from '../../core/json.ts';
import { webhooksOf } from './installation.ts';

/** The name of the webhook that is asked about budgets and autoscalers. */
export const COMPANION_WEBHOOK = 'validate-companion.runbook.podgrace.dev';

interface CompanionResource {
  /** Group and kind, as `Policy.companionKinds` has them. */
  readonly kind: string;
  readonly group: string;
  /** Of the requests; those in other versions are converted (`matchPolicy: Equivalent`). */
  readonly version: string;
  readonly plural: string;
}

/** What Kubernetes has itself: no custom resource is held up. */
export const COMPANION_RESOURCES: readonly CompanionResource[] = [
  { kind: 'policy/PodDisruptionBudget', group: 'policy', version: 'v1', plural: 'poddisruptionbudgets' },
  { kind: 'autoscaling/HorizontalPodAutoscaler', group: 'autoscaling', version: 'v2', plural: 'horizontalpodautoscalers' },
];

/** Nobody waits long for a check that lets everything through while podgrace does not answer. */
export const COMPANION_TIMEOUT_SECONDS = 2;

/** `matchConditions` in CEL: the API server asks only where all of them are true. */
export const COMPANION_CONDITIONS: readonly { readonly name: string; readonly why: string; readonly lines: readonly string[] }[] = [
  {
    name: 'changes-the-spec',
    why: 'The status has a subresource of its own, which is not among the rules; labels and finalizers are not judged.',
    lines: ["request.operation != 'UPDATE' || object.?spec != oldObject.?spec"],
  },
  {
    name: 'not-made-by-a-controller',
    why: 'What a controller makes of an object, such as KEDA of a ScaledObject, nobody can correct here.',
    lines: ['!object.metadata.?ownerReferences.orValue([]).exists(owner, owner.?controller.orValue(false))'],
  },
];

/** The rules of the webhook, one for each group; none where the policy judges no such kind. */
export function companionRules(kinds: ReadonlySet<string>): JsonObject[] {
  return COMPANION_RESOURCES.filter(({ kind }) => kinds.has(kind)).map(({ group, version, plural }) => ({
    apiGroups: [group],
    apiVersions: [version],
    resources: [plural],
    operations: ['CREATE', 'UPDATE'],
    scope: 'Namespaced',
  }));
}

/**
 * A ValidatingWebhookConfiguration that asks about the kinds that a policy judges, in place of those that another one judges; anything
 * else as it is. A configuration without the webhook stays so: whoever wrote it wants none of them asked about.
 */
export function withCompanionsOf(configuration: JsonObject, kinds: ReadonlySet<string>): JsonObject {
  const webhooks = webhooksOf(configuration);
  const isCompanions = ({ name }: JsonObject): boolean => name === COMPANION_WEBHOOK;
  if (configuration['kind'] !== 'ValidatingWebhookConfiguration' || !webhooks.some(isCompanions)) return configuration;
  const rules = companionRules(kinds);
  const changed = webhooks.flatMap((webhook) => (isCompanions(webhook) ? (rules.length === 0 ? [] : [{ ...webhook, rules }]) : [webhook]));
  return { ...configuration, webhooks: changed };
}
