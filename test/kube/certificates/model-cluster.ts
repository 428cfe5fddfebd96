/**
 * The part of the Kubernetes API that certificates need, in memory: optimistic concurrency, JSON Patch of caBundles, and
 * API servers that read webhook configurations by watch, each in its own time.
 *
 * Every request waits until the test lets it through, so that any interleaving of replicas can be had.
 */
import type { ApiClock } from '../../../src/kube/client/api-clock.ts';
import { KubeStatusError, KubeUnreachableError, type KubeAnswer, type KubeRequest } from '../../../src/kube/client/api.ts';
import type { CertificateApi } from '../../../src/kube/certificates/managed-certificates.ts';
import { configurationPath, CONFIGURATION_KINDS } from '../../../src/kube/client/webhook-configurations.ts';
import { isObject, type JsonObject } from '../../../src/core/json.ts';

export const NAMES = { namespace: 'podgrace-system', secretName: 'certificates', leaseName: 'certificates', configurationName: 'podgrace' };
export const SECRET_PATH = `/api/v1/namespaces/${NAMES.namespace}/secrets/${NAMES.secretName}`;
export const LEASE_PATH = `/apis/coordination.k8s.io/v1/namespaces/${NAMES.namespace}/leases/${NAMES.leaseName}`;
export const CONFIGURATION_PATHS = CONFIGURATION_KINDS.map((kind) => configurationPath(kind, NAMES.configurationName));

/** What an API server goes by, and whether podgrace wrote it. */
interface Version {
  readonly bundlePem: string;
  readonly isOurs: boolean;
  readonly atMs: number;
}

/** A request on its way: to be carried out, and then to be answered. */
export interface Pending {
  carryOut(): void;
  deliver(): void;
  lose(): void;
}

type Outcome = { readonly answer: KubeAnswer } | { readonly error: Error };

export class ModelCluster {
  nowMs = Date.parse('2030-01-01T00:00:00Z');
  readonly #objects = new Map<string, JsonObject>();
  readonly #versions = new Map<string, Version[]>();
  /** For each API server, how far it has read each configuration. */
  readonly #read: Map<string, number>[];
  readonly #lagMs: number;
  #resourceVersion = 1;

  /** @param lagMs how far an API server may be behind at most */
  constructor(apiServers: number, lagMs: number) {
    this.#lagMs = lagMs;
    this.#read = Array.from({ length: apiServers }, () => new Map<string, number>());
    this.write(SECRET_PATH, { metadata: {} });
    this.write(LEASE_PATH, { metadata: {}, spec: {} });
  }

  read(path: string): JsonObject | undefined {
    return this.#objects.get(path);
  }

  /** Whatever stands there is overwritten, as by somebody who does not care. */
  write(path: string, object: JsonObject, isOurs = false): void {
    const metadata = { ...(isObject(object['metadata']) ? object['metadata'] : {}), resourceVersion: String(this.#resourceVersion++) };
    this.#objects.set(path, { ...object, metadata });
    if (!CONFIGURATION_PATHS.includes(path)) return;
    const versions = this.#versions.get(path) ?? [];
    this.#versions.set(path, [...versions, { bundlePem: bundleOf(object), isOurs, atMs: this.nowMs }]);
  }

  /** Time passes, and API servers read what they may no longer miss. */
  advance(ms: number): void {
    this.nowMs += ms;
    for (const [server] of this.#read.entries()) {
      for (const [path, versions] of this.#versions) {
        const isOverdue = (index: number): boolean => (versions[index + 1]?.atMs ?? Infinity) < this.nowMs - this.#lagMs;
        while (isOverdue(this.#position(server, path))) this.#readNext(server, path);
      }
    }
  }

  /** An API server reads one more version of a configuration, if there is one. */
  catchUp(server: number, path: string): void {
    if (this.#position(server, path) + 1 < (this.#versions.get(path)?.length ?? 0)) this.#readNext(server, path);
  }

  /** What each API server verifies podgrace by now, as far as podgrace wrote it. */
  viewsOfOurs(): string[] {
    return this.#read.flatMap((_, server) =>
      [...this.#versions].flatMap(([path, versions]) => {
        const version = versions[this.#position(server, path)];
        return version?.isOurs === true ? [version.bundlePem] : [];
      }),
    );
  }

  /** @param onRequest gets each request of this client, which then waits */
  client(clock: ApiClock, onRequest: (pending: Pending) => void): CertificateApi {
    return {
      clock,
      request: (request) =>
        new Promise((resolve, reject) => {
          let carriedOut: { readonly outcome: Outcome; readonly date: string } | undefined;
          const carryOut = (): { readonly outcome: Outcome; readonly date: string } =>
            (carriedOut ??= { outcome: this.#carryOut(request), date: new Date(this.nowMs).toUTCString() });
          onRequest({
            carryOut: () => void carryOut(),
            deliver: () => {
              const { outcome, date } = carryOut();
              clock.hear(date);
              if ('answer' in outcome) resolve(outcome.answer);
              else reject(outcome.error);
            },
            lose: () => {
              reject(new KubeUnreachableError('the API server does not answer'));
            },
          });
        }),
    };
  }

  #position(server: number, path: string): number {
    return this.#read[server]?.get(path) ?? -1;
  }

  #readNext(server: number, path: string): void {
    this.#read[server]?.set(path, this.#position(server, path) + 1);
  }

  #carryOut({ method, path, body }: KubeRequest): Outcome {
    const stored = this.#objects.get(path);
    if (stored === undefined) return refusal(404, 'not found');
    if (method === 'GET') return success(stored);
    const next = method === 'PATCH' ? patched(stored, body) : (body as JsonObject);
    if (resourceVersionOf(next) !== resourceVersionOf(stored)) return refusal(409, 'the object has been modified');
    this.write(path, next, true);
    return success(this.#objects.get(path) ?? {});
  }
}

function success(body: JsonObject): Outcome {
  return { answer: { code: 200, body: structuredClone(body), warnings: [] } };
}

function refusal(code: number, message: string): Outcome {
  return { error: new KubeStatusError({ code, body: { message }, warnings: [] }) };
}

function resourceVersionOf(object: JsonObject): unknown {
  return isObject(object['metadata']) ? object['metadata']['resourceVersion'] : undefined;
}

/** The two operations that there are: the resourceVersion that is expected, and the caBundle of a webhook. */
function patched(stored: JsonObject, patch: unknown): JsonObject {
  const next = structuredClone(stored) as { metadata: Record<string, unknown>; webhooks: { clientConfig: Record<string, unknown> }[] };
  for (const { path, value } of patch as { path: string; value: string }[]) {
    const [, index] = /^\/webhooks\/(\d+)\/clientConfig\/caBundle$/.exec(path) ?? [];
    if (path === '/metadata/resourceVersion') next.metadata['resourceVersion'] = value;
    else (next.webhooks[Number(index)] ?? { clientConfig: {} }).clientConfig['caBundle'] = value;
  }
  return next;
}

/** A configuration of one webhook. */
export function configurationWith(bundlePem: string): JsonObject {
  const caBundle = Buffer.from(bundlePem).toString('base64');
  return { metadata: {}, webhooks: [{ name: 'validate.podgrace.dev', clientConfig: bundlePem === '' ? {} : { caBundle } }] };
}

export function bundleOf(configuration: JsonObject): string {
  const [webhook] = configuration['webhooks'] as { clientConfig: { caBundle?: string } }[];
  return Buffer.from(webhook?.clientConfig.caBundle ?? '', 'base64').toString('utf8');
}
