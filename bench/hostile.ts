/**
 * Whether one caller can hold up the others: bodies and connections that are heavy for the server, one after another and all
 * at once, each beside a client that sends an ordinary review every 10 ms.
 *
 * `npm run bench:hostile [-- --old DIR --only TEXT]`. `DIR` is the `dist` folder of another build, which gets the same. Reported
 * for each case: the longest that the ordinary client waited for an answer, the most CPU time that the serving thread used during such a
 * wait, how many of its calls failed, the CPU time of the longest
 * turn of the serving thread's event loop (`longest-turn.ts`), its CPU time altogether and how long it waited for a core (Linux), the
 * most memory that the process had, what the caller was answered, and whether the process lives. On a machine that others use, the
 * wait is theirs too; what podgrace itself stalls is the longest turn, and the CPU time of its wait.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeCertificates } from '../src/pki/make-certificates.ts';
import { BODY_LIMIT_BYTES } from '../src/server/received-body.ts';
import { HOSTILE_BODIES } from './hostile-bodies.ts';
import { beginHandshakes, endHandshakes } from './hostile-handshakes.ts';
import { untilListening } from './listening.ts';
import type { OrdinaryClientOptions, OrdinaryResult } from './ordinary-client.ts';
import { reviews } from './reviews.ts';

const { values } = parseArgs({ options: { old: { type: 'string' }, only: { type: 'string', default: '' } } });
const PORT = 9543;
const OPS_PORT = 9581;
/** How many callers send a heavy body at the same time. */
const CALLERS = 4;
const ANSWERED_WITHIN_MS = 30_000;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'podgrace-hostile-'));
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** The shipped preset, with an exemption, since that is a way of its own. */
const POLICY = `apiVersion: podgrace.dev/v1alpha1
kind: LifecyclePolicy
metadata: {name: hostile}
spec:
  preset: baseline
  exemptions:
    - {rule: readiness-probe, container: elsewhere, reason: bench, expires: "${new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)}"}
`;

interface Case {
  readonly name: string;
  /** @returns what was answered, in a few words */
  readonly run: (caPem: string) => Promise<string>;
}

function post(caPem: string, body: Buffer, path: string): Promise<string> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const agent = new Agent({ ca: caPem, servername: 'localhost' });
    request({ host: '127.0.0.1', port: PORT, path, method: 'POST', headers, agent, timeout: ANSWERED_WITHIN_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('close', () => {
        const verdict = /"allowed":(true|false)/.exec(text)?.[1];
        const isErrored = text.includes('well-formed') ? ', not judged' : '';
        resolve(`${response.statusCode ?? 0}${verdict === undefined ? '' : verdict === 'true' ? ' allowed' : ' denied'}${isErrored}`);
      });
    })
      .once('timeout', () => {
        resolve('no answer');
      })
      .once('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code ?? error.message);
      })
      .end(body);
  });
}

const bodyCases: Case[] = Object.entries(HOSTILE_BODIES).map(([name, make]) => ({
  name,
  run: async (caPem) => {
    const body = make();
    const sent = Array.from({ length: CALLERS }, (_, index) =>
      post(caPem, body, index % 2 === 0 ? '/validate?timeout=10s' : '/mutate?timeout=10s'),
    );
    return countedWords(await Promise.all(sent));
  },
}));

const connectionCases: Case[] = [
  {
    name: '80 connections that send all but a byte of 7 MiB',
    run: async (caPem) => {
      const head = requestHead(BODY_LIMIT_BYTES);
      const body = Buffer.alloc(BODY_LIMIT_BYTES - 1, ' ');
      return holdOpen(caPem, 80, (socket) => {
        socket.write(head);
        socket.write(body);
      });
    },
  },
  {
    name: '1,000 connections that send 32 kB of a body',
    run: (caPem) =>
      holdOpen(caPem, 1_000, (socket) => {
        socket.write(requestHead(BODY_LIMIT_BYTES));
        socket.write(Buffer.alloc(32 * 1024, ' '));
      }),
  },
  {
    name: '20 connections that send 2,000,000 pieces of a byte',
    run: (caPem) =>
      holdOpen(caPem, 20, (socket) => {
        socket.write('POST /validate HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n');
        socket.write('1\r\n \r\n'.repeat(2_000_000));
      }),
  },
  ...(['POST /validate', 'POST /nothing'] as const).map((line) => ({
    name: `20 connections that expect cake of ${line}, and send pieces of a byte`,
    run: (caPem: string) =>
      holdOpen(caPem, 20, (socket) => {
        socket.write(`${line} HTTP/1.1\r\nhost: localhost\r\nexpect: cake\r\ntransfer-encoding: chunked\r\n\r\n`);
        socket.write('1\r\n \r\n'.repeat(2_000_000));
      }),
  })),
  {
    name: '300 connections that send 20,000 pieces of a byte',
    run: (caPem) =>
      holdOpen(caPem, 300, (socket) => {
        socket.write('POST /validate HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n');
        socket.write('1\r\n \r\n'.repeat(20_000));
      }),
  },
  {
    name: '20 connections that ask 200,000 times for nothing, without waiting',
    run: (caPem) => holdOpen(caPem, 20, (socket) => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(200_000))),
  },
  {
    name: '20 connections that send 1,000 reviews without waiting',
    run: (caPem) =>
      holdOpen(caPem, 20, (socket) => socket.write(`${requestHead(Buffer.byteLength(reviews.clean))}${reviews.clean}`.repeat(1_000))),
  },
  {
    name: '1,000 connections that asked once for nothing',
    run: (caPem) => holdOpen(caPem, 1_000, (socket) => socket.write('POST /nothing HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n')),
  },
  {
    name: '1,000 connections that each sent a review',
    run: (caPem) => holdOpen(caPem, 1_000, (socket) => socket.write(requestHead(Buffer.byteLength(reviews.clean)) + reviews.clean)),
  },
  { name: '400 handshakes that begin at once', run: (caPem) => beginHandshakes(400, { port: PORT, caPem }) },
  {
    name: '400 handshakes that end at once, with a review right behind each',
    run: (caPem) => endHandshakes(400, { port: PORT, caPem }, requestHead(Buffer.byteLength(reviews.clean)) + reviews.clean),
  },
  {
    name: '40 callers that send 7 MiB of blanks at once',
    run: async (caPem) => {
      const body = Buffer.alloc(BODY_LIMIT_BYTES, ' ');
      return countedWords(await Promise.all(Array.from({ length: 40 }, () => post(caPem, body, '/validate?timeout=10s'))));
    },
  },
  ...['1,900 containers in 32 kB', '180 scripts that count, in 21 kB', '12 scripts that count, in 2 kB'].map((bodyName) => ({
    name: `60 callers at once: ${bodyName}`,
    run: async (caPem: string) => {
      const body = HOSTILE_BODIES[bodyName]?.();
      if (body === undefined) throw new Error(`no body ${bodyName}`);
      return countedWords(await Promise.all(Array.from({ length: 60 }, () => post(caPem, body, '/validate?timeout=10s'))));
    },
  })),
];

function requestHead(length: number): string {
  return [
    'POST /validate?timeout=10s HTTP/1.1',
    'host: localhost',
    'content-type: application/json',
    `content-length: ${length}`,
    '',
    '',
  ].join('\r\n');
}

/** Opens connections, sends on each, waits, asks once more as a new caller, and closes them. */
async function holdOpen(caPem: string, count: number, send: (socket: TLSSocket) => unknown): Promise<string> {
  const sockets: TLSSocket[] = [];
  for (let index = 0; index < count; index++) {
    const socket = connect({ host: '127.0.0.1', port: PORT, servername: 'localhost', ca: caPem });
    socket.resume().on('error', () => undefined);
    socket.once('secureConnect', () => send(socket));
    sockets.push(socket);
    // As many handshakes at a time as the system lets wait for a connection.
    if (index % 50 === 49) await sleep(100);
  }
  await sleep(3_000);
  const newCaller = await post(caPem, Buffer.from(reviews.clean), '/validate?timeout=10s');
  const open = sockets.filter(({ destroyed }) => !destroyed).length;
  for (const socket of sockets) socket.destroy();
  return `${open} left open, a new caller gets ${newCaller}`;
}

function countedWords(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} × ${word}`).join(', ');
}

interface Row {
  readonly longestTurnMs: number;
  readonly cpuMs: number;
  readonly queuedMs: number;
  readonly worstMs: number;
  readonly worstCpuMs: number;
  readonly failed: number;
  readonly peakMb: number;
  readonly answers: string;
  readonly lives: boolean;
}

/** One build, while it lives; started anew after a case that ended it. */
class Target {
  readonly #dist: string;
  readonly #caPem: string;
  #server: ChildProcess | undefined;
  #client: ChildProcess | undefined;

  constructor(dist: string, caPem: string) {
    this.#dist = dist;
    this.#caPem = caPem;
  }

  async measure({ run }: Case): Promise<Row> {
    const server = await this.#startedServer();
    const client = (this.#client ??= this.#startClient());
    resetPeak(server);
    await longestTurnOf(server);
    const before = scheduledMs(server);
    client.send(server.pid ?? 0);
    await sleep(300);
    const answers = await run(this.#caPem);
    await sleep(300);
    const result = once(client, 'message');
    client.send('stop');
    const [{ worstMs, worstCpuMs, failed }] = (await result) as [OrdinaryResult];
    const longestTurnMs = await longestTurnOf(server);
    const lives = server.exitCode === null && server.signalCode === null;
    const after = scheduledMs(server);
    const peakMb = lives ? peakMbOf(server) : Number.NaN;
    if (!lives) this.#server = undefined;
    return {
      worstMs,
      worstCpuMs,
      failed,
      longestTurnMs,
      peakMb,
      answers,
      lives,
      cpuMs: after.cpu - before.cpu,
      queuedMs: after.queued - before.queued,
    };
  }

  async stop(): Promise<void> {
    this.#client?.kill();
    this.#client = undefined;
    if (this.#server === undefined) return;
    this.#server.kill('SIGKILL');
    await once(this.#server, 'exit');
    this.#server = undefined;
  }

  async #startedServer(): Promise<ChildProcess> {
    if (this.#server !== undefined) return this.#server;
    const args = [
      // As in the shipped Deployment, whose limit of memory is 512 MiB.
      ...['--max-old-space-size=307', '--max-semi-space-size=8'],
      ...['--import', here('longest-turn.ts')],
      join(this.#dist, 'bin/podgrace.js'),
      ...['serve', '--host', '127.0.0.1', '--port', String(PORT), '--ops-port', String(OPS_PORT), '--drain-seconds', '0'],
      ...['--policy', join(folder, 'policy.yaml'), '--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key')],
    ];
    const server = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    await untilListening(server, PORT);
    // Compiled, and with the memory that it has in ordinary life.
    for (let sent = 0; sent < 300; sent++) await post(this.#caPem, Buffer.from(reviews.clean), '/validate?timeout=10s');
    this.#server = server;
    return server;
  }

  #startClient(): ChildProcess {
    const options: OrdinaryClientOptions = { port: PORT, caPem: this.#caPem, body: reviews.clean };
    return fork(here('ordinary-client.ts'), [JSON.stringify(options)]);
  }
}

/** Since it was asked last; not a number where the process has ended. */
async function longestTurnOf(server: ChildProcess): Promise<number> {
  const ended = new AbortController();
  const onExit = (): void => {
    ended.abort();
  };
  server.once('exit', onExit);
  try {
    if (server.exitCode !== null || server.signalCode !== null) return Number.NaN;
    const answer = once(server, 'message', { signal: ended.signal });
    server.send('longest turn');
    const [ms] = (await answer) as [number];
    return ms;
  } catch {
    return Number.NaN;
  } finally {
    server.off('exit', onExit);
  }
}

/** Of the first thread, which serves: on a core, and waiting for one. */
function scheduledMs({ pid }: ChildProcess): { cpu: number; queued: number } {
  try {
    const [cpu = '', queued = ''] = readFileSync(`/proc/${pid ?? 0}/task/${pid ?? 0}/schedstat`, 'utf8').split(' ');
    return { cpu: Number(cpu) / 1e6, queued: Number(queued) / 1e6 };
  } catch {
    return { cpu: Number.NaN, queued: Number.NaN };
  }
}

/** Linux counts the peak anew from here. */
function resetPeak({ pid }: ChildProcess): void {
  try {
    writeFileSync(`/proc/${pid ?? 0}/clear_refs`, '5');
  } catch {
    // Elsewhere there is no peak to report.
  }
}

function peakMbOf({ pid }: ChildProcess): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

const hostile = [...bodyCases, ...connectionCases].filter(({ name }) => name.includes(values.only));
const cases: readonly Case[] = [
  { name: 'nothing hostile for 2 s', run: () => sleep(2_000, '') },
  ...hostile,
  {
    name: 'all of the above at once',
    run: async (caPem) => {
      await Promise.all(hostile.map(({ run }) => run(caPem)));
      return '';
    },
  },
];

await makeCertificates(
  folder,
  { authorityName: 'bench-ca', authorityValidDays: 1, validDays: 1, now: new Date(), dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] },
  { overwrite: true },
);
writeFileSync(join(folder, 'policy.yaml'), POLICY);
try {
  const caPem = readFileSync(join(folder, 'ca.crt'), 'utf8');
  const builds = { ...(values.old !== undefined && { old: values.old }), new: here('../dist') };
  const targets = Object.entries(builds).map(([name, dist]) => ({ name, target: new Target(dist, caPem) }));
  print(`Node ${process.version}; ${CALLERS} callers for each body`);
  print(
    '| case | build | longest turn, CPU ms | longest wait of the ordinary client, ms | most CPU of the serving thread in a wait, ms | its failed calls | CPU of the serving thread, ms | its wait for a core, ms | peak RSS MB | answers | process |',
  );
  print('|---|---|---|---|---|---|---|---|---|---|---|');
  for (const each of cases) {
    for (const { name, target } of targets) {
      const { longestTurnMs, worstMs, worstCpuMs, failed, cpuMs, queuedMs, peakMb, answers, lives } = await target.measure(each);
      print(
        `| ${each.name} | ${name} | ${longestTurnMs.toFixed(0)} | ${worstMs.toFixed(0)} | ${worstCpuMs.toFixed(0)} | ${failed} | ${cpuMs.toFixed(0)} | ${queuedMs.toFixed(0)} | ${peakMb.toFixed(0)} | ${answers} | ${lives ? 'lives' : 'died'} |`,
      );
      // One at a time: both listen on the same port.
      await target.stop();
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
