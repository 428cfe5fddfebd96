/** An installation in a namespace that its manifests do not name, and manifests that name more than one namespace. */
import { isObject, type JsonObject } from '../../core/json.ts';
import { metadataOf } from '../../core/json-reading.ts';
import { isDnsLabel } from '../../pki/service-names.ts';
import { ManifestsError, readInstallation, serviceNamespaceOf, webhooksOf, type Installation } from './installation.ts';
import { selects } from './label-selector.ts';

/** The API server's own label with the name of a namespace; nobody can change it. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';
const INJECT_CA_FROM = 'cert-manager.io/inject-ca-from';

/**
 * Moves an installation: the Namespace, what is in it, the subjects of bindings, the Service that webhooks call, the
 * namespaces that they leave alone, and what cert-manager is told. Whatever else the manifests hold stays as it is.
 *
 * @throws {ManifestsError} where the name cannot be that of a namespace
 */
export function relocate(installation: Installation, namespace: string): Installation {
  if (!isDnsLabel(namespace))
    throw new ManifestsError(`the namespace must be a DNS label (a-z, 0-9 and -, at most 63 characters), but is '${namespace}'`);
  const old = installation.namespace;
  if (namespace === old) return installation;
  const move = (object: JsonObject): JsonObject => moved(object, old, namespace);
  return readInstallation([...installation.server.map(move), ...installation.configurations.map(move)]);
}

/**
 * Refuses manifests that would make podgrace judge its own namespace, where it could keep itself from coming back, or whose
 * webhooks call another namespace than the server's. kustomize's `namespace:` alone makes such manifests.
 *
 * @throws {ManifestsError} that says what to do
 */
export function refuseOwnJudgement({ server, configurations, namespace }: Installation): void {
  const own = server.find(({ kind, metadata }) => kind === 'Namespace' && isObject(metadata) && metadata['name'] === namespace);
  const { labels } = metadataOf(own ?? {});
  for (const webhook of configurations.flatMap(webhooksOf)) {
    const name = String(webhook['name']);
    const called = serviceNamespaceOf(webhook) ?? namespace;
    if (called !== namespace)
      throw new ManifestsError(
        `webhook ${name} must call the server in its namespace ${namespace}, but clientConfig.service.namespace is ${called}`,
      );
    if (selects(webhook['namespaceSelector'], { ...(isObject(labels) && labels), [NAMESPACE_NAME]: namespace })) {
      throw new ManifestsError(
        `webhook ${name} must leave the namespace of the server alone: its namespaceSelector must exclude ${namespace} (with kustomize, use the component own-namespace)`,
      );
    }
  }
}

function moved(object: JsonObject, from: string, to: string): JsonObject {
  const rename = (name: unknown): unknown => (name === from ? to : name);
  const metadata = { ...metadataOf(object) };
  if (metadata['namespace'] !== undefined) metadata['namespace'] = rename(metadata['namespace']);
  if (object['kind'] === 'Namespace') metadata['name'] = rename(metadata['name']);
  const annotations = metadata['annotations'];
  if (isObject(annotations) && String(annotations[INJECT_CA_FROM]).startsWith(`${from}/`))
    metadata['annotations'] = { ...annotations, [INJECT_CA_FROM]: `${to}${String(annotations[INJECT_CA_FROM]).slice(from.length)}` };
  const result: Record<string, unknown> = { ...object, metadata };
  if (Array.isArray(object['subjects'])) result['subjects'] = object['subjects'].map((subject) => withNamespace(subject, rename));
  if (Array.isArray(object['webhooks'])) result['webhooks'] = webhooksOf(object).map((webhook) => movedWebhook(webhook, rename));
  const { spec } = object;
  if (object['kind'] === 'Certificate' && isObject(spec) && Array.isArray(spec['dnsNames']))
    result['spec'] = { ...spec, dnsNames: spec['dnsNames'].map((name) => movedDnsName(String(name), from, to)) };
  return result;
}

function withNamespace(value: unknown, rename: (name: unknown) => unknown): unknown {
  return isObject(value) && value['namespace'] !== undefined ? { ...value, namespace: rename(value['namespace']) } : value;
}

function movedWebhook(webhook: JsonObject, rename: (name: unknown) => unknown): JsonObject {
  const { clientConfig, namespaceSelector } = webhook;
  const result: Record<string, unknown> = { ...webhook };
  if (isObject(clientConfig) && clientConfig['service'] !== undefined)
    result['clientConfig'] = { ...clientConfig, service: withNamespace(clientConfig['service'], rename) };
  if (isObject(namespaceSelector) && Array.isArray(namespaceSelector['matchExpressions'])) {
    const matchExpressions = namespaceSelector['matchExpressions'].map((requirement: unknown) =>
      isObject(requirement) && requirement['key'] === NAMESPACE_NAME && Array.isArray(requirement['values'])
        ? { ...requirement, values: requirement['values'].map(rename) }
        : requirement,
    );
    result['namespaceSelector'] = { ...namespaceSelector, matchExpressions };
  }
  return result;
}

/** `service.namespace.svc`, with or without the domain of the cluster. */
function movedDnsName(name: string, from: string, to: string): string {
  const [service, namespace, ...rest] = name.split('.');
  return namespace === from ? [service, to, ...rest].join('.') : name;
}
