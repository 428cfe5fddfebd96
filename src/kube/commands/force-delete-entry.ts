/**
 * The webhook about deletions by force (docs/adr/0053). Its conditions say what the rule `no-force-delete` asks about, so that the API
 * server sends nothing else; they are made of what podgrace itself goes by. Expressions are CEL:
 * https://kubernetes.io/docs/reference/using-api/cel/
 */
import { CONTROL_PLANE, PROGRAM_PREFIXES } from '../../admission/senders.ts';
import { FENCED_NODE_ANNOTATION, GROUPS_OF_CONTROLLERS } from '../../core/deletion.ts';
import type { JsonObject } from '../../core/json.ts';
import { webhooksOf } from './installation.ts';

/** The name of the webhook that is asked about deletions by force. */
export const FORCE_DELETE_WEBHOOK = 'validate-deletion.runbook.podgrace.dev';

/** The API server waits for podgrace no longer than a person who deletes something in a hurry would. */
export const FORCE_DELETE_TIMEOUT_SECONDS = 2;

interface Condition {
  readonly name: string;
  readonly why?: string;
  readonly lines: readonly string[];
}

const NODE = "oldObject.spec.?nodeName.orValue('')";

/** An `apiVersion` of the groups; the core group has none before its version. */
const OF_CONTROLLERS = `^(${GROUPS_OF_CONTROLLERS.map((group) => (group === '' ? 'v1$' : `${group}/`)).join('|')})`;

/** `matchConditions` in CEL: the API server asks only where all of them are true. */
export const FORCE_DELETE_CONDITIONS: readonly Condition[] = [
  {
    name: 'grace-period-0',
    why: 'The API server asks again before it removes the object that it has marked.',
    lines: ['request.options.?gracePeriodSeconds.orValue(-1) == 0 &&', 'oldObject.metadata.?deletionGracePeriodSeconds.orValue(-1) != 0'],
  },
  {
    name: 'sent-by-a-person',
    lines: [
      ...PROGRAM_PREFIXES.map((prefix) => `!request.userInfo.username.startsWith('${prefix}') &&`),
      `!(request.userInfo.username in [${CONTROL_PLANE.map((name) => `'${name}'`).join(', ')}])`,
    ],
  },
  {
    name: 'of-a-statefulset',
    why: 'Or made by one, which has let it go: no other controller of Kubernetes writes the name of a Pod as its host name.',
    lines: [
      'oldObject.metadata.?ownerReferences.orValue([]).exists(owner,',
      "owner.?controller.orValue(false) && owner.kind == 'StatefulSet' && owner.apiVersion.startsWith('apps/')) ||",
      '(!oldObject.metadata.?ownerReferences.orValue([]).exists(owner,',
      `owner.?controller.orValue(false) && !owner.apiVersion.matches('${OF_CONTROLLERS}')) &&`,
      "oldObject.spec.?hostname.orValue('') == oldObject.metadata.name && oldObject.metadata.name.matches('-[0-9]+$'))",
    ],
  },
  {
    name: 'may-run-on-its-node',
    lines: [
      `${NODE} != '' &&`,
      "!(oldObject.?status.?phase.orValue('') in ['Succeeded', 'Failed']) &&",
      'oldObject.spec.?terminationGracePeriodSeconds.orValue(30) != 0',
    ],
  },
  {
    name: 'node-not-fenced',
    lines: [`oldObject.metadata.?annotations[?'${FENCED_NODE_ANNOTATION}'].orValue('') !=`, NODE],
  },
];

/** Whether the API server asks podgrace about deletions by force. */
export function asksAboutDeletions(configuration: JsonObject): boolean {
  return webhooksOf(configuration).some(isForceDelete);
}

/**
 * A ValidatingWebhookConfiguration with the webhook about deletions, as the last one, or without it; any other object as it is. The
 * webhook calls the server that the first one calls, about the namespaces that the first one is about.
 */
export function withForceDelete(configuration: JsonObject, isWanted: boolean): JsonObject {
  const webhooks = webhooksOf(configuration);
  const [first] = webhooks;
  if (configuration['kind'] !== 'ValidatingWebhookConfiguration' || first === undefined) return configuration;
  if (webhooks.some(isForceDelete) === isWanted) return configuration;
  return {
    ...configuration,
    webhooks: isWanted ? [...webhooks, entryBeside(first)] : webhooks.filter((webhook) => !isForceDelete(webhook)),
  };
}

function isForceDelete({ name }: JsonObject): boolean {
  return name === FORCE_DELETE_WEBHOOK;
}

function entryBeside({ clientConfig, namespaceSelector }: JsonObject): JsonObject {
  return {
    name: FORCE_DELETE_WEBHOOK,
    admissionReviewVersions: ['v1'],
    clientConfig,
    failurePolicy: 'Ignore',
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds: FORCE_DELETE_TIMEOUT_SECONDS,
    ...(namespaceSelector !== undefined && { namespaceSelector }),
    rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['DELETE'], scope: 'Namespaced' }],
    matchConditions: FORCE_DELETE_CONDITIONS.map(({ name, lines }) => ({ name, expression: lines.join(' ') })),
  };
}
