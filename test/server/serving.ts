/** Real servers for tests: everything but the network in between is what runs in a cluster. */
import { once } from 'node:events';
import { Agent, request as httpsRequest } from 'node:https';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Test } from 'tap';
import type { DecisionRecord } from '../../src/admission/record.ts';
import type { Policy } from '../../src/core/policy.ts';
import { NOTHING_KNOWN } from '../../src/core/surroundings.ts';
import { createAuthority, issueServingPair } from '../../src/pki/authority.ts';
import type { PemPair } from '../../src/pki/pem.ts';
import type { ReadinessCheck } from '../../src/server/ops.ts';
import { RunningServer, type ServerAddresses, type ServerLimits } from '../../src/server/running-server.ts';
import type { WebhookPorts } from '../../src/server/webhook-ports.ts';

const now = new Date();

export const authority = await createAuthority({ commonName: 'authority', validDays: 30, now });

export function issuePair(): Promise<PemPair> {
  return issueServingPair(authority, { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'], validDays: 30, now });
}

export const pair = await issuePair();

/** What a server told the outside. */
export interface Told {
  readonly records: DecisionRecord[];
  readonly unreadable: number[];
  readonly failures: Error[];
  readonly evicted: number[];
  readonly elapsedMs: number[];
  readonly images: string[];
}

/** Ports that remember what they are told. */
export function rememberingPorts(policy: Policy | (() => Policy)): Omit<WebhookPorts, 'isDraining'> & Told {
  const told: Told = { records: [], unreadable: [], failures: [], evicted: [], elapsedMs: [], images: [] };
  return {
    ...told,
    policy: () => (typeof policy === 'function' ? policy() : policy),
    surroundings: () => NOTHING_KNOWN,
    record: (record, elapsedMs) => {
      told.records.push(record);
      told.elapsedMs.push(elapsedMs);
    },
    wantImages: (images) => told.images.push(...images),
    recordUnreadable: (code) => told.unreadable.push(code),
    recordEvicted: () => told.evicted.push(1),
    recordFailure: (error) => told.failures.push(error),
  };
}

export interface ServingOptions {
  readonly policy: Policy | (() => Policy);
  readonly readiness?: () => readonly ReadinessCheck[];
  readonly addresses?: Partial<ServerAddresses>;
  readonly limits?: Partial<ServerLimits>;
}

export interface Serving extends Told {
  readonly server: RunningServer;
  readonly port: number;
  readonly opsPort: number;
}

/** Listens on ports that the system chooses, until the test is over. */
export async function startServing(t: Test, { policy, readiness = () => [], addresses, limits }: ServingOptions): Promise<Serving> {
  const ports = rememberingPorts(policy);
  const server = await RunningServer.start(
    { ...ports, readiness, metrics: () => Promise.resolve('metrics\n'), metricsContentType: 'text/plain' },
    pair,
    { host: '127.0.0.1', port: 0, opsPort: 0, ...addresses },
    { limits },
  );
  t.teardown(() => server.stop(0));
  return { ...ports, server, port: server.port, opsPort: server.opsPort };
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
  readonly method?: string;
}

/** As kube-apiserver posts: JSON over HTTPS to a server whose certificate is verified. On a connection of its own, unless an agent is given. */
export async function post(port: number, path: string, body: string | Buffer, options: PostOptions = {}): Promise<HttpAnswer> {
  const { headers = { 'content-type': 'application/json' }, method = 'POST', agent = new Agent() } = options;
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  const request = httpsRequest({ host: '127.0.0.1', port, path, method, headers: { ...length, ...headers }, ca: authority.certPem, agent });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return readAnswer(response);
}

export async function getOps(opsPort: number, path: string, method = 'GET'): Promise<HttpAnswer> {
  const request = httpRequest({ host: '127.0.0.1', port: opsPort, path, method, agent: false });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return readAnswer(response);
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') };
}
