/** What a replica says of itself at its ops port, asked through the API server's Pod proxy. */
import { isObject, type JsonObject } from '../../core/json.ts';
import { KubeStatusError, type KubeApi } from '../client/api.ts';
import { metadataOf } from '../client/discovery.ts';

/** A line of `/readyz`. */
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
  const proxy = `/api/v1/namespaces/${String(namespace)}/pods/http:${String(name)}:${opsPortOf(pod)}/proxy`;
  const readiness = parseReadiness(await read(api, `${proxy}/readyz`));
  const metrics = await read(api, `${proxy}/metrics`);
  return {
    readiness,
    policyLoadedAt: timeOf(metrics, 'podgrace_policy_loaded_timestamp_seconds'),
    certificateExpiresAt: timeOf(metrics, 'podgrace_certificate_expiry_timestamp_seconds'),
  };
}

async function read(api: KubeApi, path: string): Promise<string> {
  const { code, body } = await api.ask(path);
  // What comes as a Status is the API server's own answer; the replica's is plain text, whatever its code.
  if (body['kind'] === 'Status') throw new ReplicaSilentError(new KubeStatusError({ code, body, warnings: [] }).message);
  return String(body['message']);
}

/** `[+] policy`, `[+] policy (the old one is in force: …)`, `[-] certificate: …`; other lines are the verdict. */
export function parseReadiness(text: string): ReadinessLine[] {
  return [...text.matchAll(/^\[([+-])\] ([^:(\n]+?)(?:: (.*)| \((.*)\))?$/gm)].map(([, mark, check = '', problem, note]) => ({
    check,
    ok: mark === '+',
    note: problem ?? note ?? '',
  }));
}

function timeOf(metrics: string, name: string): string | null {
  const seconds = Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1]);
  return seconds > 0 ? new Date(seconds * 1000).toISOString() : null;
}

const DEFAULT_OPS_PORT = 8081;

function opsPortOf(pod: JsonObject): number {
  const spec = isObject(pod['spec']) ? pod['spec'] : {};
  const containers = Array.isArray(spec['containers']) ? spec['containers'].filter(isObject) : [];
  const ports = containers.flatMap(({ ports }) => (Array.isArray(ports) ? ports.filter(isObject) : []));
  const port = ports.find(({ name }) => name === 'ops')?.['containerPort'];
  return typeof port === 'number' ? port : DEFAULT_OPS_PORT;
}
