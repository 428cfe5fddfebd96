/** The objects of an installation of podgrace, found in its manifests. Nothing here depends on their names. */
import { isObject, type JsonObject } from '../../core/json.ts';
import { asObject, asObjects, metadataOf } from '../../core/json-reading.ts';
import type { Surrounding } from '../../core/surroundings.ts';
import { groupOf } from '../../core/workload.ts';
import { isRightToWatch, rightsToWatch } from '../client/surrounding-resources.ts';
import { CONFIGURATION_KINDS } from '../client/webhook-configurations.ts';

export interface Installation {
  /** Everything but the webhook configurations, in the order of the manifests. */
  readonly server: readonly JsonObject[];
  /** Applied when the server is ready, deleted before it goes. */
  readonly configurations: readonly JsonObject[];
  readonly deployment: JsonObject;
  readonly namespace: string;
  /** Of the ConfigMap with the policy; undefined where the server has it from elsewhere. */
  readonly policyName: string | undefined;
}

/** Manifests that are no installation of podgrace. */
export class ManifestsError extends Error {
  override readonly name = 'ManifestsError';
}

/** @throws {ManifestsError} for manifests without exactly one Deployment, or without a webhook configuration */
export function readInstallation(objects: readonly JsonObject[]): Installation {
  const wanted = objects.filter(({ apiVersion }) => groupOf(String(apiVersion)) !== 'kustomize.config.k8s.io');
  const configurations = wanted.filter(isConfiguration);
  const server = wanted.filter((object) => !isConfiguration(object));
  const [deployment, ...others] = server.filter(({ kind }) => kind === 'Deployment');
  if (deployment === undefined || others.length > 0) throw new ManifestsError('the manifests must hold one Deployment, the server');
  if (configurations.length === 0) throw new ManifestsError('the manifests must hold a webhook configuration');
  const namespace = metadataOf(deployment)['namespace'];
  if (typeof namespace !== 'string' || namespace === '')
    throw new ManifestsError('the Deployment in the manifests must name its namespace');
  const policy = server.find(isPolicyConfigMap);
  return { server, configurations, deployment, namespace, policyName: policy && String(metadataOf(policy)['name']) };
}

/** Whether it is a webhook configuration. */
export function isConfiguration({ kind }: JsonObject): boolean {
  return (CONFIGURATION_KINDS as readonly unknown[]).includes(kind);
}

/** The file with the policy in a ConfigMap. */
export function policyFileIn(configMap: JsonObject): { readonly file: string; readonly text: string } | undefined {
  if (configMap['kind'] !== 'ConfigMap' || !isObject(configMap['data'])) return undefined;
  for (const [file, text] of Object.entries(configMap['data'])) {
    if (typeof text === 'string' && /(?:^|[{,])[ \t]*"?kind"?:\s*"?LifecyclePolicy\b/m.test(text)) return { file, text };
  }
  return undefined;
}

/** Whether it is the ConfigMap that holds the policy. */
export function isPolicyConfigMap(object: JsonObject): boolean {
  return policyFileIn(object) !== undefined;
}

export interface Customization {
  readonly image?: string | undefined;
  readonly replicas?: number | undefined;
  /** The text of a LifecyclePolicy. */
  readonly policy?: string | undefined;
  /** What the rules of the policy that will be in force ask about; the rights to watch it are as the manifests have them where it is left out. */
  readonly needs?: ReadonlySet<Surrounding> | undefined;
}

/**
 * The installation with another image of the server, another number of replicas, another policy.
 *
 * @throws {ManifestsError} where there is no place in the manifests for what is asked
 */
export function customize(installation: Installation, { image, replicas, policy, needs }: Customization): Installation {
  if (policy !== undefined && installation.policyName === undefined)
    throw new ManifestsError('the manifests must hold a ConfigMap with a LifecyclePolicy for it to be replaced');
  const change = (object: JsonObject): JsonObject => {
    if (object === installation.deployment) return deploymentWith(object, image, replicas);
    const file = policy === undefined ? undefined : policyFileIn(object)?.file;
    if (file === undefined) return needs === undefined ? object : withRightsFor(object, needs);
    return { ...object, data: { ...(object['data'] as JsonObject), [file]: policy } };
  };
  return readInstallation([...installation.server.map(change), ...installation.configurations]);
}

function deploymentWith(deployment: JsonObject, image: string | undefined, replicas: number | undefined): JsonObject {
  const spec = asObject(deployment['spec']);
  const template = asObject(spec['template']);
  const podSpec = asObject(template['spec']);
  const containers = containersOf(deployment);
  return {
    ...deployment,
    spec: {
      ...spec,
      ...(replicas !== undefined && { replicas }),
      template: {
        ...template,
        spec: {
          ...podSpec,
          containers: containers.map((container, index) => (image !== undefined && index === 0 ? { ...container, image } : container)),
        },
      },
    },
  };
}

/**
 * A ClusterRole with the rights to watch what a policy needs, in place of those to watch what another one needs; anything else
 * as it is. A role without any right to watch stays so: whoever wrote it wants nothing watched.
 */
export function withRightsFor(role: JsonObject, needs: ReadonlySet<Surrounding>): JsonObject {
  if (role['kind'] !== 'ClusterRole') return role;
  const rules = asObjects(role['rules']);
  if (!rules.some(isRightToWatch)) return role;
  return { ...role, rules: [...rules.filter((rule) => !isRightToWatch(rule)), ...rightsToWatch(needs)] };
}

/** The container that serves is the first one. */
export function containersOf(deployment: JsonObject): readonly JsonObject[] {
  const template = asObject(asObject(deployment['spec'])['template']);
  return asObjects(asObject(template['spec'])['containers']);
}

/** The webhooks of a configuration; empty where it has none that can be read. */
export function webhooksOf(configuration: JsonObject): readonly JsonObject[] {
  const { webhooks } = configuration;
  return asObjects(webhooks);
}

/** Of the Service that a webhook calls; undefined for one that is called by URL. */
export function serviceNamespaceOf(webhook: JsonObject): string | undefined {
  const { namespace } = asObject(asObject(webhook['clientConfig'])['service']);
  return typeof namespace === 'string' ? namespace : undefined;
}
