/** The state of an installation, read from the objects of the cluster and from the replicas. It changes nothing. */
import { X509Certificate } from 'node:crypto';
import { isObject, type JsonObject } from '../../core/json.ts';
import { verifiesAgainst } from '../../pki/ca-bundle.ts';
import { parseServingPair, ServingPairError } from '../../pki/serving-pair.ts';
import { KubeStatusError, type KubeApi } from '../client/api.ts';
import { findConfigurations, openingOf, type FoundConfiguration } from './break-glass.ts';
import { readCertificateState } from '../client/certificate-secret.ts';
import { webhooksOf } from './installation.ts';
import { readPolicyInForce } from './policy-in-force.ts';
import { askReplica, ReplicaSilentError, type ReplicaReport } from './replica-report.ts';
import { deploymentTroubles, podSelectorOf, replicaOf, rolloutOf, type Replica } from './rollout.ts';
import { serveOption } from './serve-options.ts';
import { CONFIGURATION_KINDS, type ConfigurationKind } from '../client/webhook-configurations.ts';

/** What is known, or why it cannot be. */
export type Known<T> = { readonly known: T } | { readonly unknown: string };

export interface InstallationStatus {
  /** Undefined where there is no Deployment. */
  readonly server: Known<ServerStatus | undefined>;
  readonly policy: Known<PolicyStatus>;
  readonly certificates: Known<CertificateStatus>;
  readonly configurations: Known<readonly ConfigurationStatus[]>;
}

export interface ServerStatus {
  readonly wanted: number;
  readonly ready: number;
  readonly isComplete: boolean;
  readonly troubles: readonly string[];
  readonly replicas: Known<readonly ReplicaStatus[]>;
}

export interface ReplicaStatus extends Replica {
  readonly report: Known<ReplicaReport>;
}

export interface PolicyStatus {
  readonly source: string;
  /** Empty for a policy that is wrong. */
  readonly name: string;
  readonly preset: string;
  /** What the servers refuse it for; undefined where it is sound. */
  readonly problem: string | undefined;
}

export interface CertificateStatus {
  readonly source: string;
  readonly leafExpiresAt: string;
  readonly authorityExpiresAt: string | undefined;
  /** Why the API server would not believe the leaf, by the caBundles as they are; undefined where it does. */
  readonly distrust: string | undefined;
}

export interface ConfigurationStatus {
  readonly kind: ConfigurationKind;
  readonly name: string;
  readonly isThere: boolean;
  /** RFC 3339, since when `podgrace failopen` holds. */
  readonly openSince: string | undefined;
  readonly webhooks: readonly { readonly name: string; readonly failurePolicy: 'Fail' | 'Ignore'; readonly hasBundle: boolean }[];
}

export interface InstallationPlace {
  readonly namespace: string;
  /** Of the Deployment. */
  readonly name: string;
  /** Of both webhook configurations. */
  readonly webhookConfiguration: string;
}

/** @throws {KubeUnreachableError} where nobody answers; what single rights are missing for is `unknown` */
export async function readStatus(
  api: KubeApi,
  { namespace, name, webhookConfiguration }: InstallationPlace,
  now: Date,
): Promise<InstallationStatus> {
  const configurations = await knownOf(() => findConfigurations(api, webhookConfiguration));
  const deployment = await knownOf(() => api.find(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`));
  const installed = 'unknown' in deployment || deployment.known === undefined ? undefined : { namespace, deployment: deployment.known };
  return {
    server: 'unknown' in deployment ? deployment : { known: installed && (await serverStatus(api, installed)) },
    policy: installed === undefined ? { unknown: 'there is no Deployment that says where it is' } : await policyStatus(api, installed, now),
    certificates:
      installed === undefined
        ? { unknown: 'there is no Deployment that says where they are' }
        : await certificateStatus(api, installed, 'known' in configurations ? configurations.known : [], now),
    configurations:
      'unknown' in configurations
        ? configurations
        : { known: CONFIGURATION_KINDS.map((kind) => configurationStatus(kind, webhookConfiguration, configurations.known)) },
  };
}

/** The Deployment of the server, and where it is. */
interface InstalledServer {
  readonly namespace: string;
  readonly deployment: JsonObject;
}

async function serverStatus(api: KubeApi, { namespace, deployment }: InstalledServer): Promise<ServerStatus> {
  const pods = await knownOf(() => api.list(`/api/v1/namespaces/${namespace}/pods`, { labelSelector: podSelectorOf(deployment) }));
  return {
    ...rolloutOf(deployment),
    troubles: deploymentTroubles(deployment),
    replicas:
      'unknown' in pods
        ? pods
        : {
            known: await Promise.all(
              pods.known.map(async (pod) => ({ ...replicaOf(pod), report: await knownOf(() => askReplica(api, pod)) })),
            ),
          },
  };
}

async function policyStatus(api: KubeApi, { namespace, deployment }: InstalledServer, now: Date): Promise<Known<PolicyStatus>> {
  const found = await knownOf(() => readPolicyInForce(api, namespace, deployment, now));
  if ('unknown' in found) return found;
  if (found.known === undefined) return { unknown: 'the Deployment does not say where its policy is' };
  if ('problem' in found.known) return { known: { name: '', preset: '', ...found.known } };
  const { source, policy, preset } = found.known;
  return { known: { source, name: policy.name, preset, problem: undefined } };
}

async function certificateStatus(
  api: KubeApi,
  { namespace, deployment }: InstalledServer,
  configurations: readonly FoundConfiguration[],
  now: Date,
): Promise<Known<CertificateStatus>> {
  const name = serveOption(deployment, 'tls-secret', 'PODGRACE_TLS_SECRET');
  if (name === undefined) return { unknown: 'the server has its certificate from files; the replicas say when it expires' };
  const source = `Secret ${namespace}/${name}`;
  const found = await knownOf(() => api.find(`/api/v1/namespaces/${namespace}/secrets/${name}`));
  if ('unknown' in found) return found;
  if (found.known === undefined) return { unknown: `there is no ${source}: \`podgrace install\` makes it` };
  const { leaf, authority } = readCertificateState(found.known);
  if (leaf === undefined) return { unknown: `${source} holds no certificate yet` };
  const authorityExpiresAt = authority && expiryOf(authority.certPem);
  if (authority !== undefined && authorityExpiresAt === undefined)
    return { unknown: `${source}, ca.crt: must hold a PEM certificate, but none can be read in it` };
  try {
    const pair = parseServingPair(leaf.certPem, leaf.keyPem);
    const distrust = configurations.flatMap(({ object }) =>
      webhooksOf(object).flatMap((webhook) => {
        const verdict = verifiesAgainst(pair, bundleOf(webhook), now);
        return verdict.verified ? [] : [`${String(webhook['name'])}: ${verdict.reason}`];
      }),
    );
    return {
      known: {
        source,
        leafExpiresAt: pair.chain[0].validToDate.toISOString(),
        authorityExpiresAt,
        distrust: distrust[0],
      },
    };
  } catch (error) {
    if (error instanceof ServingPairError) return { unknown: `${source}, tls.crt: ${error.message}` };
    throw error;
  }
}

/** RFC 3339; undefined for what is no certificate: anybody may have written into the Secret. */
function expiryOf(certPem: string): string | undefined {
  try {
    return new X509Certificate(certPem).validToDate.toISOString();
  } catch {
    return undefined;
  }
}

function configurationStatus(kind: ConfigurationKind, name: string, found: readonly FoundConfiguration[]): ConfigurationStatus {
  const object = found.find((configuration) => configuration.kind === kind)?.object;
  return {
    kind,
    name,
    isThere: object !== undefined,
    openSince: object && openingOf(object)?.since,
    webhooks: (object === undefined ? [] : webhooksOf(object)).map((webhook) => ({
      name: String(webhook['name']),
      failurePolicy: webhook['failurePolicy'] === 'Ignore' ? 'Ignore' : 'Fail',
      hasBundle: bundleOf(webhook) !== '',
    })),
  };
}

/** As PEM; '' where there is none. */
function bundleOf({ clientConfig }: JsonObject): string {
  const bundle = isObject(clientConfig) ? clientConfig['caBundle'] : undefined;
  return typeof bundle === 'string' ? Buffer.from(bundle, 'base64').toString('utf8') : '';
}

async function knownOf<T>(read: () => Promise<T>): Promise<Known<T>> {
  try {
    return { known: await read() };
  } catch (error) {
    if (error instanceof KubeStatusError || error instanceof ReplicaSilentError) return { unknown: error.message };
    throw error;
  }
}
