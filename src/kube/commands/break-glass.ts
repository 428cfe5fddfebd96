/**
 * Lets requests through while podgrace cannot judge them, and stops doing so: it changes failurePolicy and nothing else.
 *
 * Webhooks are not called for webhook configurations, so this works while every replica is down. It writes a JSON Patch
 * under a field manager of its own. It does not use server-side apply, because whoever applies an element of a list owns
 * it: if new manifests dropped the webhook, a part of it would stay, and the API server would refuse the manifests.
 * `podgrace install` takes the field back.
 */
import { isObject, type JsonObject } from '../../core/json.ts';
import { asObject, metadataOf } from '../../core/json-reading.ts';
import type { PatchOperation } from '../../core/json-patch.ts';
import { KubeStatusError, type KubeApi } from '../client/api.ts';
import { BREAK_GLASS } from './apply.ts';
import { webhooksOf } from './installation.ts';
import { configurationPath, CONFIGURATION_KINDS, type ConfigurationKind } from '../client/webhook-configurations.ts';

/** On a configuration that is open: since when, RFC 3339, and which of its webhooks. */
const OPENED_AT = 'podgrace.dev/failopen-since';
const OPENED_WEBHOOKS = 'podgrace.dev/failopen-webhooks';

export interface Opening {
  readonly since: string;
  /** Those that hold requests back when all is well. */
  readonly webhooks: readonly string[];
}

/** What `failopen` did to a configuration, as far as it is still so; undefined where it did nothing. */
export function openingOf(configuration: JsonObject): Opening | undefined {
  const { annotations } = metadataOf(configuration);
  const [since, names] = isObject(annotations) ? [annotations[OPENED_AT], annotations[OPENED_WEBHOOKS]] : [];
  if (typeof since !== 'string' || typeof names !== 'string') return undefined;
  const closed = closedWebhooksOf(configuration);
  const known = webhooksOf(configuration).map(({ name }) => String(name));
  const webhooks = names.split(',').filter((name) => known.includes(name) && !closed.includes(name));
  return webhooks.length > 0 ? { since, webhooks } : undefined;
}

/** The webhooks of a configuration whose failure refuses requests. */
export function closedWebhooksOf(configuration: JsonObject): string[] {
  return webhooksOf(configuration)
    .filter(({ failurePolicy }) => failurePolicy !== 'Ignore')
    .map(({ name }) => String(name));
}

export interface FoundConfiguration {
  readonly kind: ConfigurationKind;
  readonly name: string;
  readonly object: JsonObject;
}

/** Those of the two configurations that are there. */
export async function findConfigurations(api: KubeApi, name: string): Promise<FoundConfiguration[]> {
  const found = await Promise.all(
    CONFIGURATION_KINDS.map(async (kind) => ({ kind, name, object: await api.find(configurationPath(kind, name)) })),
  );
  return found.flatMap(({ kind, object }) => (object === undefined ? [] : [{ kind, name, object }]));
}

/** One call: every webhook that refuses requests when it fails lets them through from now on. */
export async function open(api: KubeApi, configuration: FoundConfiguration, now: Date): Promise<void> {
  await patch(api, configuration, (object) => {
    const already = openingOf(object);
    const webhooks = [...(already?.webhooks ?? []), ...closedWebhooksOf(object)];
    return patchOf(object, webhooks, 'Ignore', {
      [OPENED_AT]: already?.since ?? now.toISOString(),
      [OPENED_WEBHOOKS]: webhooks.join(','),
    });
  });
}

/** One call: what `open` opened holds requests back again. */
export async function close(api: KubeApi, configuration: FoundConfiguration): Promise<void> {
  await patch(api, configuration, (object) => patchOf(object, openingOf(object)?.webhooks ?? [], 'Fail', {}));
}

/** @param marks the annotations that are left of ours */
function patchOf(
  object: JsonObject,
  webhooks: readonly string[],
  failurePolicy: 'Fail' | 'Ignore',
  marks: Readonly<Record<string, string>>,
): PatchOperation[] {
  const { annotations, resourceVersion } = metadataOf(object);
  const { [OPENED_AT]: _since, [OPENED_WEBHOOKS]: _webhooks, ...others } = asObject(annotations);
  return [
    // Refused where somebody has changed the configuration since it was read: the indices below might not be right.
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/metadata/annotations', value: { ...others, ...marks } },
    ...webhooksOf(object).flatMap(({ name }, index): PatchOperation[] =>
      webhooks.includes(String(name)) ? [{ op: 'replace', path: `/webhooks/${index}/failurePolicy`, value: failurePolicy }] : [],
    ),
  ];
}

/** Renewals of the certificate write to the same object; more than a few in a row is somebody else's loop. */
const MAX_ATTEMPTS = 5;

async function patch(
  api: KubeApi,
  { kind, name, object }: FoundConfiguration,
  decide: (object: JsonObject) => PatchOperation[],
): Promise<void> {
  const path = configurationPath(kind, name);
  for (let attempt = 1, current = object; ; attempt++) {
    try {
      await api.request({
        method: 'PATCH',
        path,
        query: { fieldManager: BREAK_GLASS },
        patchType: 'application/json-patch+json',
        body: decide(current),
      });
      return;
    } catch (error) {
      if (!(error instanceof KubeStatusError) || error.code !== 409 || attempt === MAX_ATTEMPTS) throw error;
      current = (await api.request({ method: 'GET', path })).body;
    }
  }
}
