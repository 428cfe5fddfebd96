/** A rolling update, small: three servers, endpoints that lag behind, clients that keep their connections. */
import { fastify } from 'fastify';
import { Agent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { podOf, reviewOf } from '../admission/reviews.ts';
import { eventually } from '../files/eventually.ts';
import { IS_LONG, ONLY_LONG } from '../long-tests.ts';
import { attack } from './hostile-requests.ts';
import { getOps, issuePair, pair, post, startServing } from './serving.ts';

/** Shorter than in a cluster; a machine that is busy delays the first, and the second has to last longer all the same. */
const PROPAGATION_MS = 100;
const DRAIN_MS = 5000;
const PROBE_INTERVAL_MS = 20;
const REPLICAS = 3;
const CLIENTS = 6;
const PAUSE_MS = 5;

const body = JSON.stringify(reviewOf(podOf()));
const policy = presetPolicy('production');

interface Replica {
  readonly port: number;
  readonly isReady: () => Promise<boolean>;
  readonly stop: () => Promise<void>;
}

async function podgrace(t: Test): Promise<Replica> {
  const { server, port, opsPort } = await startServing(t, { policy });
  return {
    port,
    isReady: async () => (await getOps(opsPort, '/readyz').catch(() => undefined))?.status === 200,
    stop: () => server.stop(DRAIN_MS),
  };
}

/** Fastify as it comes, closed at the stop signal, as most servers are. */
async function naive(t: Test): Promise<Replica> {
  const app = fastify({ https: { cert: pair.certPem, key: pair.keyPem } });
  let stopping = false;
  app.post('/validate', () => ({ answer: true }));
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  return {
    port: (app.server.address() as AddressInfo).port,
    isReady: () => Promise.resolve(!stopping),
    stop: async () => {
      stopping = true;
      await app.close();
    },
  };
}

/** The endpoints of a Service: readiness is probed, and it takes a while until what it says has reached every client. */
class Endpoints {
  readonly replicas = new Set<Replica>();
  #watching = true;

  add(replica: Replica): void {
    this.replicas.add(replica);
    void this.#watch(replica);
  }

  async #watch(replica: Replica): Promise<void> {
    while (this.#watching && (await replica.isReady())) await sleep(PROBE_INTERVAL_MS);
    await sleep(PROPAGATION_MS);
    if (this.#watching) this.replicas.delete(replica);
  }

  close(): void {
    this.#watching = false;
  }
}

/** Replaces every replica, one after the other, under load (one replica but in the long tests); says how each request went. */
async function rollOut(t: Test, start: (t: Test) => Promise<Replica>): Promise<{ answered: number; failures: string[] }> {
  const endpoints = new Endpoints();
  const old = await Promise.all(Array.from({ length: REPLICAS }, () => start(t)));
  for (const replica of old) endpoints.add(replica);
  const agent = new Agent({ keepAlive: true });
  const failures: string[] = [];
  let answered = 0;
  let turn = 0;
  let running = true;
  const client = async (): Promise<void> => {
    while (running) {
      const replica = [...endpoints.replicas][turn++ % endpoints.replicas.size];
      if (replica === undefined) throw new Error('no endpoint is left');
      try {
        const { status } = await post(replica.port, '/validate', body, { agent });
        if (status === 200) answered += 1;
        else failures.push(`HTTP ${status}`);
      } catch (error) {
        failures.push((error as NodeJS.ErrnoException).code ?? String(error));
      }
      await sleep(PAUSE_MS);
    }
  };
  const load = Promise.all(Array.from({ length: CLIENTS }, client));
  for (const replica of IS_LONG ? old : old.slice(0, 1)) {
    endpoints.add(await start(t));
    await replica.stop();
    await eventually('the endpoint is gone', () => !endpoints.replicas.has(replica));
  }
  running = false;
  await load;
  endpoints.close();
  agent.destroy();
  return { answered, failures };
}

void t.test('a rolling update of podgrace fails no request', { skip: ONLY_LONG }, async (t) => {
  const { answered, failures } = await rollOut(t, podgrace);
  t.same(failures, []);
  t.ok(answered > CLIENTS, `${answered} requests`);
});

/** As podgrace, beside somebody hostile for as long as it serves, with a policy and a certificate that change. */
async function attacked(t: Test): Promise<Replica> {
  let asked = 0;
  const policies = [policy, presetPolicy('baseline')] as const;
  const { server, port, opsPort } = await startServing(t, { policy: () => policies[asked++ % 2 === 0 ? 0 : 1] });
  let serves = true;
  t.teardown(() => (serves = false));
  void attack(
    port,
    () => serves,
    async () => {
      server.useCertificate(await issuePair());
    },
  );
  return {
    port,
    isReady: async () => (await getOps(opsPort, '/readyz').catch(() => undefined))?.status === 200,
    stop: async () => {
      await server.stop(DRAIN_MS);
      serves = false;
    },
  };
}

void t.test('a rolling update fails no request beside somebody hostile, with a policy and certificates that change', async (t) => {
  const { answered, failures } = await rollOut(t, attacked);
  t.same(failures, []);
  t.ok(answered > CLIENTS, `${answered} requests`);
});

void t.test('the same with a server that closes at once fails some, so this is a test', { skip: ONLY_LONG }, async (t) => {
  const { answered, failures } = await rollOut(t, naive);
  t.ok(failures.length > 0, `${failures.length} of ${answered + failures.length}: ${[...new Set(failures)].join(', ')}`);
});
