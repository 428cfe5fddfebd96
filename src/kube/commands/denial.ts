/** Who denied an object, according to the answer of the API server. */
import { isObject } from '../../core/json.ts';
import { asObject } from '../../core/json-reading.ts';
import { missingPermission } from './refusals.ts';
import type { KubeStatusError } from '../client/api.ts';

/** What may deny an object; `admission` where the answer does not say which admission plugin did. */
export const DENIERS = ['podgrace', 'webhook', 'admission-policy', 'pod-security', 'quota', 'validation', 'admission'] as const;
export type Denier = (typeof DENIERS)[number];

export interface Denial {
  readonly by: Denier;
  /** The webhook, or the ValidatingAdmissionPolicy; null where there is none. */
  readonly name: string | null;
  /** The API server's message, without what it puts before a webhook's own. */
  readonly message: string;
}

/**
 * @returns undefined for what is no verdict about the object: a permission that is missing, a webhook that did not answer,
 *   a conflict, a server in trouble
 */
export function denialOf(error: KubeStatusError): Denial | undefined {
  const { code, reason, message } = error;
  if (missingPermission(error) !== undefined || message.includes('failed calling webhook')) return undefined;
  const webhook = /^(?:.*?)admission webhook "([^"]+)" denied the request(?:: )?/s.exec(message);
  if (webhook !== null) {
    const name = webhook[1] ?? '';
    return { by: isPodgraceWebhook(name) ? 'podgrace' : 'webhook', name, message: message.slice(webhook[0].length) };
  }
  const policy = /ValidatingAdmissionPolicy '([^']+)'/.exec(message);
  if (policy !== null) return { by: 'admission-policy', name: policy[1] ?? '', message };
  if (code === 403 && message.includes('violates PodSecurity "')) return { by: 'pod-security', name: null, message };
  if (code === 403 && /exceeded quota: |failed quota: /.test(message)) return { by: 'quota', name: null, message };
  if ((code === 422 && reason === 'Invalid') || (code === 400 && !message.includes('does not support dry run')))
    return { by: 'validation', name: null, message };
  if (code === 403 && !isNamespaceTerminating(error)) return { by: 'admission', name: null, message };
  return undefined;
}

/** By the names that podgrace's manifests give to its webhooks. */
export function isPodgraceWebhook(name: string): boolean {
  return name.endsWith('.podgrace.dev');
}

function isNamespaceTerminating({ status }: KubeStatusError): boolean {
  const details = asObject(status['details']);
  const { causes } = details;
  return Array.isArray(causes) && causes.filter(isObject).some(({ reason }) => reason === 'NamespaceTerminating');
}
