/**
 * Reads the caBundle of podgrace's two webhook configurations, and publishes it under a field manager of its own.
 *
 * The manifests (plain, kustomize, Helm) never set a caBundle, so nobody else owns the field. GitOps tools report no
 * drift, and an upgrade does not remove it.
 */
import { isObject, type JsonObject } from '../../core/json.ts';
import { asObject, asObjects, metadataOf } from '../../core/json-reading.ts';
import { placeInFieldSet } from '../../core/managed-fields.ts';
import { FieldPath } from '../../core/path.ts';
import { KubeStatusError, type KubeApi } from './api.ts';

export const CONFIGURATION_KINDS = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] as const;
export type ConfigurationKind = (typeof CONFIGURATION_KINDS)[number];

const FIELD_MANAGER = 'podgrace-certificates';
const API_VERSION = 'admissionregistration.k8s.io/v1';

/** The path of a configuration on the API server. */
export function configurationPath(kind: ConfigurationKind, name: string): string {
  return `/apis/${API_VERSION}/${kind.toLowerCase()}s/${name}`;
}

export interface PublishedBundle {
  readonly kind: ConfigurationKind;
  readonly webhook: string;
  /** As PEM; '' where nothing is published. */
  readonly bundlePem: string;
  /** Of the configuration, as it was read. */
  readonly resourceVersion: string;
  /**
   * What the API server wants the certificate to be good for (k8s.io/apiserver `pkg/util/webhook/client.go`); undefined for a
   * webhook that is called by URL.
   */
  readonly serverName?: string;
  /** The field manager that wrote the bundle last, where it is not podgrace. */
  readonly writtenBy?: string;
  /** The annotation that makes another tool write the bundle. */
  readonly injectedBy?: string;
}

/** The bundle of every webhook of both configurations, in their order; empty where neither is there yet. */
export async function readPublishedBundles(api: Pick<KubeApi, 'request'>, name: string, signal?: AbortSignal): Promise<PublishedBundle[]> {
  const published: PublishedBundle[] = [];
  for (const kind of CONFIGURATION_KINDS) {
    try {
      const { body } = await api.request({ method: 'GET', path: configurationPath(kind, name), ...(signal && { signal }) });
      for (const bundle of bundlesOf(kind, body)) published.push(bundle);
    } catch (error) {
      if (!(error instanceof KubeStatusError && error.code === 404)) throw error;
    }
  }
  return published;
}

export interface BundlePublication {
  /** Of both webhook configurations. */
  readonly name: string;
  /** What was read of them before. */
  readonly published: readonly PublishedBundle[];
  readonly bundlePem: string;
}

/**
 * Publishes a bundle in every webhook of the configurations that were read.
 *
 * By JSON Patch, not by server-side apply: who applies an element of a list owns it, and a new version of the manifests
 * that drops a webhook would leave its caBundle behind as an invalid webhook, and be refused (seen on v1.36).
 *
 * @throws {KubeStatusError} where the API server refuses; with code 409 where a configuration has changed since it was read
 */
export async function publishBundle(
  api: Pick<KubeApi, 'request'>,
  { name, published, bundlePem }: BundlePublication,
  signal?: AbortSignal,
): Promise<void> {
  const caBundle = Buffer.from(bundlePem).toString('base64');
  for (const kind of CONFIGURATION_KINDS) {
    const ofKind = published.filter((bundle) => bundle.kind === kind);
    const [first] = ofKind;
    if (first === undefined) continue;
    await api.request({
      method: 'PATCH',
      path: configurationPath(kind, name),
      query: { fieldManager: FIELD_MANAGER },
      patchType: 'application/json-patch+json',
      ...(signal && { signal }),
      body: [
        // The webhooks are named by their places, and the bundle was decided on by what was read.
        { op: 'replace', path: '/metadata/resourceVersion', value: first.resourceVersion },
        ...ofKind.map((_, index) => ({ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value: caBundle })),
      ],
    });
  }
}

function bundlesOf(kind: ConfigurationKind, configuration: JsonObject): PublishedBundle[] {
  const metadata = metadataOf(configuration);
  const webhooks: unknown = configuration['webhooks'];
  const injectedBy = injectionOf(metadata);
  return asObjects(webhooks).map((webhook) => {
    const client = asObject(webhook['clientConfig']);
    const bundle = client['caBundle'];
    const serverName = isObject(client['service']) ? serverNameOf(client['service']) : undefined;
    const writtenBy = writerOf(metadata, String(webhook['name']));
    return {
      kind,
      webhook: String(webhook['name']),
      bundlePem: typeof bundle === 'string' ? Buffer.from(bundle, 'base64').toString('utf8') : '',
      resourceVersion: String(metadata['resourceVersion']),
      ...(serverName !== undefined && { serverName }),
      ...(writtenBy !== undefined && { writtenBy }),
      ...(injectedBy !== undefined && { injectedBy }),
    };
  });
}

function serverNameOf({ name, namespace }: JsonObject): string {
  return `${String(name)}.${String(namespace)}.svc`;
}

/** cert-manager's cainjector, and OpenShift's service-ca operator. */
const INJECTIONS = ['cert-manager.io/inject-ca-from', 'cert-manager.io/inject-ca-from-secret', 'cert-manager.io/inject-apiserver-ca'];
const OPENSHIFT_INJECTION = 'service.beta.openshift.io/inject-cabundle';

function injectionOf(metadata: JsonObject): string | undefined {
  const annotations = asObject(metadata['annotations']);
  if (annotations[OPENSHIFT_INJECTION] === 'true') return OPENSHIFT_INJECTION;
  return INJECTIONS.find((annotation) => annotations[annotation] !== undefined);
}

function writerOf(metadata: JsonObject, webhook: string): string | undefined {
  const place = FieldPath.of('webhooks').at(0, { name: webhook }).field('clientConfig', 'caBundle');
  const writer = asObjects(metadata['managedFields']).find(
    (entry) => entry['manager'] !== FIELD_MANAGER && placeInFieldSet(entry['fieldsV1'], place) === 'listed',
  );
  return writer === undefined ? undefined : String(writer['manager']);
}
