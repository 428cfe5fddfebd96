/** What a replica reports on its ops port, read through the API server's Pod proxy. */
import { isObject, type JsonObject } from '../../core/json.ts';
import { asObject, asObjects, metadataOf } from '../../core/json-reading.ts';
import { KubeStatusError, type KubeApi } from '../client/api.ts';

/** A check of `/status`. */
export interface ReadinessLine {
  readonly check: string;
  readonly ok: boolean;
  /** Why not, or what somebody who looks should know; '' where there is nothing to say. */
  readonly note: string;
}

export interface ReplicaReport {
  readonly readiness: readonly ReadinessLine[];
  /** RFC 3339; null where the replica does not say. */
  readonly policyLoadedAt: string | null;
  readonly certificateExpiresAt: string | null;
}

/** The replica could not be asked; its message says why. */
export class ReplicaSilentError extends Error {
  override readonly name = 'ReplicaSilentError';
}

/**
 * @param pod of the Deployment
 * @throws {ReplicaSilentError} where RBAC does not let, or nobody answers
 */
export async function askReplica(api: KubeApi, pod: JsonObject): Promise<ReplicaReport> {
  const { name, namespace } = metadataOf(pod);
  // The API server would answer `address not allowed`.
  if (isObject(pod['status']) && typeof pod['status']['podIP'] !== 'string')
    throw new ReplicaSilentError('it has no IP address yet, so nobody can ask it');
  const proxy = `/api/v1/namespaces/${String(namespace)}/pods/http:${String(name)}:${opsPortOf(pod)}/proxy`;
  const readiness = readinessIn(await read(api, `${proxy}/status`));
  const metrics = String((await read(api, `${proxy}/metrics`))['message']);
  return {
    readiness,
    policyLoadedAt: timeOf(metrics, 'podgrace_policy_loaded_timestamp_seconds'),
    certificateExpiresAt: timeOf(metrics, 'podgrace_certificate_expiry_timestamp_seconds'),
  };
}

async function read(api: KubeApi, path: string): Promise<JsonObject> {
  const { code, body } = await api.ask(path);
  // What comes as a Status is the API server's own answer.
  if (body['kind'] === 'Status') throw new ReplicaSilentError(new KubeStatusError({ code, body, warnings: [] }).message);
  return body;
}

/** @param status as the server's ops port answers: `checks`, each with its name, and a problem or a note where there is one */
function readinessIn({ checks }: JsonObject): ReadinessLine[] {
  if (!Array.isArray(checks)) throw new ReplicaSilentError('it does not answer as a server of this version does');
  return checks.filter(isObject).map(({ name, problem, note }) => ({
    check: String(name),
    ok: typeof problem !== 'string',
    note: typeof problem === 'string' ? problem : typeof note === 'string' ? note : '',
  }));
}

function timeOf(metrics: string, name: string): string | null {
  const seconds = Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1]);
  return seconds > 0 ? new Date(seconds * 1000).toISOString() : null;
}

const DEFAULT_OPS_PORT = 8081;

function opsPortOf(pod: JsonObject): number {
  const spec = asObject(pod['spec']);
  const containers = asObjects(spec['containers']);
  const ports = containers.flatMap(({ ports }) => asObjects(ports));
  const port = ports.find(({ name }) => name === 'ops')?.['containerPort'];
  return typeof port === 'number' ? port : DEFAULT_OPS_PORT;
}
