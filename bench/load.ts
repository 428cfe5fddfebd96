/**
 * A closed-loop load generator: some keep-alive TLS connections, each sending the same request again as soon as it is
 * answered. It writes prepared bytes and reads only as much of an answer as it must, so that the server is what is
 * measured. Runs as a process of its own: `node bench/load.ts '<LoadOptions as JSON>'`, result as JSON on stdout.
 */
import { connect, type TLSSocket } from 'node:tls';

export interface LoadOptions {
  readonly port: number;
  readonly path: string;
  readonly caPem: string;
  readonly body: string;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface LoadResult {
  readonly requests: number;
  /** With those of the warm-up. */
  readonly sent: number;
  readonly failed: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of this process while it measured: above 0.9 the client is what was measured. */
  readonly clientCpu: number;
}

/** Latencies above this end in the last bucket. */
const MAX_LATENCY_MS = 1000;
const BUCKETS_PER_MS = 100;

class Histogram {
  readonly #counts = new Uint32Array(MAX_LATENCY_MS * BUCKETS_PER_MS + 1);
  total = 0;

  add(ms: number): void {
    const bucket = Math.min(MAX_LATENCY_MS * BUCKETS_PER_MS, Math.floor(ms * BUCKETS_PER_MS));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.total += 1;
  }

  quantile(share: number): number {
    let left = this.total * share;
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      left -= this.#counts[bucket] ?? 0;
      if (left <= 0) return bucket / BUCKETS_PER_MS;
    }
    return MAX_LATENCY_MS;
  }
}

async function run({ port, path, caPem, body, connections, warmUpMs, measureMs }: LoadOptions): Promise<LoadResult> {
  const head = [
    `POST ${path}?timeout=5s HTTP/1.1`,
    'host: localhost',
    'user-agent: kube-apiserver-admission',
    'content-type: application/json',
    'accept: application/json, */*',
    `content-length: ${Buffer.byteLength(body)}`,
  ].join('\r\n');
  const request = Buffer.from(`${head}\r\n\r\n${body}`);
  const histogram = new Histogram();
  let failed = 0;
  let sent = 0;
  let measuring = false;
  let stopping = false;

  const loop = (socket: TLSSocket): Promise<void> =>
    new Promise((resolve) => {
      let sentAtMs = 0;
      let pending = '';
      const send = (): void => {
        if (stopping) {
          socket.end();
          resolve();
          return;
        }
        sentAtMs = performance.now();
        sent += 1;
        socket.write(request);
      };
      socket.setEncoding('latin1');
      socket.on('data', (chunk: string) => {
        pending += chunk;
        const headEnd = pending.indexOf('\r\n\r\n');
        if (headEnd < 0) return;
        const length = Number(/content-length: (\d+)/i.exec(pending)?.[1] ?? 0);
        if (pending.length < headEnd + 4 + length) return;
        if (measuring) {
          histogram.add(performance.now() - sentAtMs);
          if (!pending.startsWith('HTTP/1.1 200')) failed += 1;
        }
        pending = '';
        send();
      });
      socket.on('error', () => {
        failed += 1;
        resolve();
      });
      send();
    });

  const sockets = await Promise.all(
    Array.from(
      { length: connections },
      () =>
        new Promise<TLSSocket>((resolve, reject) => {
          const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: caPem, minVersion: 'TLSv1.2' }, () => {
            resolve(socket);
          });
          socket.once('error', reject);
        }),
    ),
  );
  const loops = sockets.map(loop);
  await sleep(warmUpMs);
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  measuring = true;
  await sleep(measureMs);
  measuring = false;
  const elapsedMs = performance.now() - startMs;
  const cpu = process.cpuUsage(cpuBefore);
  stopping = true;
  await Promise.all(loops);
  return {
    requests: histogram.total,
    sent,
    failed,
    perSecond: (histogram.total / elapsedMs) * 1000,
    p50Ms: histogram.quantile(0.5),
    p99Ms: histogram.quantile(0.99),
    clientCpu: (cpu.user + cpu.system) / 1000 / elapsedMs,
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const options = process.argv[2];
if (options !== undefined) process.stdout.write(JSON.stringify(await run(JSON.parse(options) as LoadOptions)));
