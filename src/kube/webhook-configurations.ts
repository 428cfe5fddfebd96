/**
 * The caBundle of podgrace's two webhook configurations: read, and published under a field manager of its own.
 *
 * Templates (plain manifests, Helm) never name a caBundle, so nobody else owns the field: GitOps tools see no drift, and an
 * upgrade does not take it away.
 */
import { isObject, type JsonObject } from '../core/json.ts';
import type { KubeApi } from './api.ts';

export const CONFIGURATION_KINDS = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] as const;
export type ConfigurationKind = (typeof CONFIGURATION_KINDS)[number];

const FIELD_MANAGER = 'podgrace-certificates';
const API_VERSION = 'admissionregistration.k8s.io/v1';

export function configurationPath(kind: ConfigurationKind, name: string): string {
  return `/apis/${API_VERSION}/${kind.toLowerCase()}s/${name}`;
}

export interface PublishedBundle {
  readonly kind: ConfigurationKind;
  readonly webhook: string;
  /** As PEM; '' where nothing is published. */
  readonly bundlePem: string;
}

/** The bundle of every webhook of both configurations; empty where neither is there yet. */
export async function readPublishedBundles(api: KubeApi, name: string): Promise<PublishedBundle[]> {
  const found = await Promise.all(
    CONFIGURATION_KINDS.map(async (kind) => ({ kind, configuration: await api.find(configurationPath(kind, name)) })),
  );
  return found.flatMap(({ kind, configuration }) =>
    webhooksOf(configuration).map((webhook) => {
      const client = isObject(webhook['clientConfig']) ? webhook['clientConfig'] : {};
      const bundle = client['caBundle'];
      return {
        kind,
        webhook: String(webhook['name']),
        bundlePem: typeof bundle === 'string' ? Buffer.from(bundle, 'base64').toString('utf8') : '',
      };
    }),
  );
}

/**
 * Publishes a bundle in every webhook of the configurations that are there, by server-side apply of that one field.
 *
 * @throws {KubeStatusError} where the API server refuses
 */
export async function publishBundle(api: KubeApi, name: string, published: readonly PublishedBundle[], bundlePem: string): Promise<void> {
  const caBundle = Buffer.from(bundlePem).toString('base64');
  for (const kind of CONFIGURATION_KINDS) {
    const webhooks = published
      .filter((bundle) => bundle.kind === kind)
      .map(({ webhook }) => ({ name: webhook, clientConfig: { caBundle } }));
    if (webhooks.length === 0) continue;
    await api.request({
      method: 'PATCH',
      path: configurationPath(kind, name),
      query: { fieldManager: FIELD_MANAGER, force: 'true' },
      patchType: 'application/apply-patch+yaml',
      body: { apiVersion: API_VERSION, kind, metadata: { name }, webhooks },
    });
  }
}

function webhooksOf(configuration: JsonObject | undefined): JsonObject[] {
  const webhooks: unknown = configuration?.['webhooks'];
  return Array.isArray(webhooks) ? webhooks.filter(isObject) : [];
}
