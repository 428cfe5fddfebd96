/**
 * A client like everybody, beside whatever else happens: it sends an ordinary review every few milliseconds on kept
 * connections and measures from when it meant to send. A process of its own, so that it does not wait for the attacker. Told
 * the id of the server's process, which starts it, and `stop` by its parent; answers `stop` with what it saw.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';

export interface OrdinaryClientOptions {
  readonly port: number;
  readonly caPem: string;
  readonly body: string;
}

export interface OrdinaryResult {
  readonly sent: number;
  /** No answer, or none with 200. */
  readonly failed: number;
  readonly p50Ms: number;
  readonly worstMs: number;
  /**
   * The most CPU time that the serving thread used while a call waited, and no more than this process spent of that time without waiting
   * for a core itself: on a machine that others use, what was podgrace's part in it.
   */
  readonly worstCpuMs: number;
}

const INTERVAL_MS = 10;
const TIMEOUT_MS = 30_000;

const { port, caPem, body } = JSON.parse(process.argv[2] ?? '{}') as OrdinaryClientOptions;
const agent = new Agent({ keepAlive: true, ca: caPem, servername: 'localhost' });
let latencies: number[] = [];
let worstCpuMs = 0;
let serverId = 0;
let failed = 0;
let timer: NodeJS.Timeout | undefined;
const inFlight = new Set<Promise<void>>();

function send(): Promise<void> {
  const startMs = performance.now();
  const startCpuMs = servingCpuMs();
  const startQueuedMs = queuedMs();
  return new Promise((resolve) => {
    const settle = (isAnswered: boolean): void => {
      const waitedMs = performance.now() - startMs;
      latencies.push(waitedMs);
      worstCpuMs = Math.max(worstCpuMs, Math.min(servingCpuMs() - startCpuMs, waitedMs - (queuedMs() - startQueuedMs)));
      if (!isAnswered) failed += 1;
      resolve();
    };
    request(
      {
        host: '127.0.0.1',
        port,
        path: '/validate?timeout=10s',
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        agent,
        timeout: TIMEOUT_MS,
      },
      (response) => {
        response.resume().once('end', () => {
          settle(response.statusCode === 200);
        });
      },
    )
      .once('error', () => {
        settle(false);
      })
      .end(body);
  });
}

/** CPU time of the first thread of the server. */
function servingCpuMs(): number {
  return scheduledMs(serverId, 0);
}

/** What this process waited for a core. */
function queuedMs(): number {
  return scheduledMs(process.pid, 1);
}

/** Of the first thread of a process, as Linux counts it: on a core, and waiting for one. */
function scheduledMs(id: number, column: 0 | 1): number {
  try {
    return Number(readFileSync(`/proc/${id}/task/${id}/schedstat`, 'utf8').split(' ')[column]) / 1e6;
  } catch {
    return Number.NaN;
  }
}

process.on('message', (message) => {
  if (typeof message === 'number') {
    serverId = message;
    latencies = [];
    worstCpuMs = 0;
    failed = 0;
    timer = setInterval(() => {
      const sending = send();
      inFlight.add(sending);
      void sending.then(() => inFlight.delete(sending));
    }, INTERVAL_MS);
  } else {
    clearInterval(timer);
    void Promise.all(inFlight).then(() => {
      const sorted = latencies.toSorted((a, b) => a - b);
      const result: OrdinaryResult = {
        sent: sorted.length,
        failed,
        p50Ms: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
        worstMs: sorted.at(-1) ?? Number.NaN,
        worstCpuMs,
      };
      process.send?.(result);
    });
  }
});
