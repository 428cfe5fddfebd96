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

/** What the connections do at the moment, and what has come of it. */
interface Load {
  readonly request: Buffer;
  readonly histogram: Histogram;
  failed: number;
  sent: number;
  isMeasuring: boolean;
  isStopping: boolean;
}

async function run({ port, path, caPem, body, connections, warmUpMs, measureMs }: LoadOptions): Promise<LoadResult> {
  const load: Load = {
    request: requestOf(path, body),
    histogram: new Histogram(),
    failed: 0,
    sent: 0,
    isMeasuring: false,
    isStopping: false,
  };
  const sockets = await Promise.all(Array.from({ length: connections }, () => connected(port, caPem)));
  const loops = sockets.map((socket) => sendAgainAndAgain(socket, load));
  await sleep(warmUpMs);
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  load.isMeasuring = true;
  await sleep(measureMs);
  load.isMeasuring = false;
  const elapsedMs = performance.now() - startMs;
  const cpu = process.cpuUsage(cpuBefore);
  load.isStopping = true;
  await Promise.all(loops);
  const { histogram, sent, failed } = load;
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

/** As kube-apiserver sends it. */
function requestOf(path: string, body: string): Buffer {
  const head = [
    `POST ${path}?timeout=5s HTTP/1.1`,
    'host: localhost',
    'user-agent: kube-apiserver-admission',
    'content-type: application/json',
    'accept: application/json, */*',
    `content-length: ${Buffer.byteLength(body)}`,
  ].join('\r\n');
  return Buffer.from(`${head}\r\n\r\n${body}`);
}

function connected(port: number, caPem: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: caPem, minVersion: 'TLSv1.2' }, () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** Resolves when the load stops, or the connection breaks. */
function sendAgainAndAgain(socket: TLSSocket, load: Load): Promise<void> {
  return new Promise((resolve) => {
    let sentAtMs = 0;
    let pending = '';
    const send = (): void => {
      if (load.isStopping) {
        socket.end();
        resolve();
        return;
      }
      sentAtMs = performance.now();
      load.sent += 1;
      socket.write(load.request);
    };
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      pending += chunk;
      if (!isWhole(pending)) return;
      if (load.isMeasuring) {
        load.histogram.add(performance.now() - sentAtMs);
        if (!pending.startsWith('HTTP/1.1 200')) load.failed += 1;
      }
      pending = '';
      send();
    });
    socket.on('error', () => {
      load.failed += 1;
      resolve();
    });
    send();
  });
}

/** Whether an answer has come with all of its body. */
function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const length = Number(/content-length: (\d+)/i.exec(answer)?.[1] ?? 0);
  return answer.length >= headEnd + 4 + length;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const options = process.argv[2];
if (options !== undefined) process.stdout.write(JSON.stringify(await run(JSON.parse(options) as LoadOptions)));
