/** Which requests rules are asked about. */
import type { Policy } from '../core/policy.ts';
import type { Submission } from './submission.ts';

/** Why a request was let through without asking any rule. */
export type Skipped =
  | 'no-template' // a kind without a Pod template
  | 'operation' // CONNECT, DELETE of anything but a Pod; for a mutation also UPDATE and any DELETE
  | 'subresource' // status, scale, binding, eviction, exec, …
  | 'excluded-namespace'
  | 'unchanged'; // an update of what no rule reads: labels, status, finalizers

/** @returns why no rule is asked about a request; undefined where its object decides that */
export function outOfScope({ operation, subResource, namespace }: Submission, policy: Policy): Skipped | undefined {
  if (operation === 'DELETE' || operation === 'CONNECT') return 'operation';
  if (subResource !== '' && !JUDGED_SUBRESOURCES.has(subResource)) return 'subresource';
  return policy.isExcludedNamespace(namespace) ? 'excluded-namespace' : undefined;
}

/** @returns why nothing is repaired in the object of a request that rules are asked about */
export function notRepaired({ operation, subResource }: Submission): Skipped | undefined {
  return operation === 'CREATE' && subResource === '' ? undefined : 'operation';
}

/** Those that carry a Pod whose containers or resources have changed. */
export const JUDGED_SUBRESOURCES: ReadonlySet<string> = new Set(['ephemeralcontainers', 'resize']);
