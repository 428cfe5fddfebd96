/** What to do about an answer of the API server that is no success, in one line after its own words. */
import { isObject, type JsonObject } from '../../core/json.ts';
import { KubeStatusError, type KubeUnreachableError } from '../client/api.ts';

/**
 * @param doing what was tried, as in "cannot <doing>"
 * @returns the message for a person: what failed, what the API server said, what to do
 */
export function explainRefusal(error: KubeStatusError | KubeUnreachableError, doing: string): string {
  const advice = error instanceof KubeStatusError ? adviceOn(error) : undefined;
  return `cannot ${doing}: ${error.message}${advice === undefined ? '' : `\n  ${advice}`}`;
}

export interface MissingPermission {
  readonly verb: string;
  /** With its subresource: `pods/proxy`. */
  readonly resource: string;
  /** '' for the core group. */
  readonly group: string;
  /** Undefined for a permission on the whole cluster. */
  readonly namespace: string | undefined;
}

/** The permission that RBAC found missing (k8s.io/apiserver `endpoints/handlers/responsewriters/errors.go`). */
export function missingPermission({ code, message }: KubeStatusError): MissingPermission | undefined {
  const match =
    code === 403
      ? /User "(?:[^"\\]|\\.)*" cannot (\S+) resource "([^"]+)" in API group "([^"]*)" (?:in the namespace "([^"]+)"|at the cluster scope)/.exec(
          message,
        )
      : null;
  if (match === null) return undefined;
  const [, verb = '', resource = '', group = '', namespace] = match;
  return { verb, resource, group, namespace };
}

export interface FieldConflict {
  readonly field: string;
  /** The field manager that owns it. */
  readonly owner: string;
}

/** Whom a server-side apply would take fields from; empty where that is not what the refusal is about. */
export function fieldConflicts({ status }: KubeStatusError): FieldConflict[] {
  return causesOf(status)
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ field, message }) => ({
      field: String(field).replace(/^\./, ''),
      owner: /^conflict with "((?:[^"\\]|\\.)*)"/.exec(String(message))?.[1] ?? 'somebody',
    }));
}

function adviceOn(error: KubeStatusError): string | undefined {
  const { code, reason, message, status } = error;
  const permission = missingPermission(error);
  if (permission !== undefined) return permissionAdvice(permission);
  const conflicts = fieldConflicts(error);
  if (conflicts.length > 0) return conflictAdvice(conflicts);
  if (message.includes('failed calling webhook')) return webhookAdvice(message);
  if (message.includes('does not support dry run'))
    return 'that webhook has side effects (sideEffects is not None), so the API server calls it in no dry run: ask whoever runs it';
  if (code === 401) return 'the credentials of this context are not accepted: log in again, or choose another --context';
  if (message.includes('attempting to grant RBAC permissions not currently held'))
    return "nobody may grant rights that they do not have: do this as somebody bound to the ClusterRole 'cluster-admin'";
  if (causesOf(status).some((cause) => cause.reason === 'NamespaceTerminating'))
    return 'the namespace is being deleted: wait until it is gone, then try again';
  if (code === 404 && reason === 'NotFound' && message.startsWith('namespaces ')) return 'create the namespace first; a dry run makes none';
  if (code === 429 || reason === 'ServerTimeout' || code === 503) return 'the API server is busy or starting: try again in a moment';
  return undefined;
}

function permissionAdvice({ verb, resource, group, namespace }: MissingPermission): string {
  const rule = `{apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]}`;
  const role = namespace === undefined ? 'a ClusterRole' : `a Role in namespace ${namespace}`;
  return `needed is the rule ${rule} in ${role}: ask whoever grants rights in this cluster, or choose another --context`;
}

function conflictAdvice(conflicts: readonly FieldConflict[]): string {
  const owners = [...new Set(conflicts.map(({ owner }) => owner))].join(', ');
  const fields = conflicts.map(({ field, owner }) => `${field} (${owner})`).join(', ');
  return `others own ${fields}: let ${owners} give them up or set the same values there, or take them over with --force-conflicts`;
}

function webhookAdvice(message: string): string {
  const webhook = /failed calling webhook "([^"]+)"/.exec(message)?.[1] ?? 'a webhook';
  return webhook.endsWith('.podgrace.dev')
    ? "podgrace's server did not answer: `podgrace status` says why, `podgrace failopen` lets requests through meanwhile"
    : `the server behind webhook ${webhook} did not answer: mend it, or its configuration`;
}

function causesOf(status: JsonObject): JsonObject[] {
  const details = isObject(status['details']) ? status['details'] : {};
  return Array.isArray(details['causes']) ? details['causes'].filter(isObject) : [];
}
