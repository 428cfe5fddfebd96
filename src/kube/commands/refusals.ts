/** The reason for a failed answer of the API server, if the user can do something about it. */
import type { JsonObject } from '../../core/json.ts';
import { asObject, asObjects } from '../../core/json-reading.ts';
import type { KubeStatusError } from '../client/api.ts';

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

export type Refusal =
  | { readonly of: 'permission'; readonly missing: MissingPermission }
  | { readonly of: 'fields'; readonly conflicts: readonly FieldConflict[] }
  /** The server behind a webhook did not answer. */
  | { readonly of: 'webhook'; readonly webhook: string }
  /** A webhook with side effects is called in no dry run. */
  | { readonly of: 'side-effects' }
  | { readonly of: 'credentials' }
  /** Whoever asks would grant rights that they do not have. */
  | { readonly of: 'granting' }
  | { readonly of: 'namespace-going' }
  | { readonly of: 'namespace-missing' }
  | { readonly of: 'load' };

/** @returns undefined where the API server's own words say it all */
export function refusalOf(error: KubeStatusError): Refusal | undefined {
  const { code, reason, message, status } = error;
  const missing = missingPermission(error);
  if (missing !== undefined) return { of: 'permission', missing };
  const conflicts = fieldConflicts(error);
  if (conflicts.length > 0) return { of: 'fields', conflicts };
  if (message.includes('failed calling webhook'))
    return { of: 'webhook', webhook: /failed calling webhook "([^"]+)"/.exec(message)?.[1] ?? '' };
  if (message.includes('does not support dry run')) return { of: 'side-effects' };
  if (code === 401) return { of: 'credentials' };
  if (message.includes('attempting to grant RBAC permissions not currently held')) return { of: 'granting' };
  if (causesOf(status).some((cause) => cause['reason'] === 'NamespaceTerminating')) return { of: 'namespace-going' };
  if (code === 404 && reason === 'NotFound' && message.startsWith('namespaces ')) return { of: 'namespace-missing' };
  if (code === 429 || reason === 'ServerTimeout' || code === 503) return { of: 'load' };
  return undefined;
}

function causesOf(status: JsonObject): readonly JsonObject[] {
  const details = asObject(status['details']);
  return asObjects(details['causes']);
}
