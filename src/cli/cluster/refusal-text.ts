/** Advice on a refusal of the API server, after the server's own message. */
import { KubeStatusError, type KubeUnreachableError } from '../../kube/client/api.ts';
import { isPodgraceWebhook } from '../../kube/commands/denial.ts';
import { refusalOf, type FieldConflict, type MissingPermission, type Refusal } from '../../kube/commands/refusals.ts';

/**
 * @param doing what was tried, as in "cannot <doing>"
 * @param separator before the advice; where the message stands in a line with others, one without a line break
 * @returns the message for a person: what failed, what the API server said, what to do
 */
export function explainRefusal(error: KubeStatusError | KubeUnreachableError, doing: string, separator = '\n  '): string {
  const refusal = error instanceof KubeStatusError ? refusalOf(error) : undefined;
  return `cannot ${doing}: ${error.message}${refusal === undefined ? '' : `${separator}${adviceOn(refusal)}`}`;
}

function adviceOn(refusal: Refusal): string {
  switch (refusal.of) {
    case 'permission':
      return permissionAdvice(refusal.missing);
    case 'fields':
      return conflictAdvice(refusal.conflicts);
    case 'webhook':
      return webhookAdvice(refusal.webhook);
    case 'side-effects':
      return 'that webhook has side effects (sideEffects is not None), so the API server does not call it in a dry run: ask the owner of the webhook';
    case 'credentials':
      return 'the credentials of this context are not accepted: log in again, or choose another --context';
    case 'granting':
      return "users cannot grant permissions that they do not have: use an account that is bound to the ClusterRole 'cluster-admin'";
    case 'namespace-going':
      return 'the namespace is being deleted: wait until it is deleted, then try again';
    case 'namespace-missing':
      return 'create the namespace first, because a dry run does not create it';
    case 'load':
      return 'the API server is busy or starting: try again in a moment';
  }
}

function permissionAdvice({ verb, resource, group, namespace }: MissingPermission): string {
  const rule = `{apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]}`;
  const role = namespace === undefined ? 'a ClusterRole' : `a Role in namespace ${namespace}`;
  return `needed is the rule ${rule} in ${role}: ask an administrator of this cluster, or choose another --context`;
}

function conflictAdvice(conflicts: readonly FieldConflict[]): string {
  const owners = [...new Set(conflicts.map(({ owner }) => owner))].join(', ');
  const fields = conflicts.map(({ field, owner }) => `${field} (${owner})`).join(', ');
  return `other field managers own ${fields}: remove these fields from what ${owners} applies, or set the same values there, or take over the fields with --force-conflicts`;
}

function webhookAdvice(webhook: string): string {
  return isPodgraceWebhook(webhook)
    ? "podgrace's server did not answer: `podgrace status` shows why, and `podgrace failopen` lets requests through until it answers"
    : `the server behind webhook ${webhook} did not answer: repair the server, or the configuration of the webhook`;
}
