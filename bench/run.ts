/**
 * What podgrace costs, as ratios against servers that do next to nothing, in the same run on the same cores.
 *
 * `npm run bench [-- --rounds 5 --seconds 6 --warm-up 3 --old DIR --rules a,b]`; `DIR` is the `dist` folder of another build, measured
 * beside this one. `--rules` names the rules that the other build has: this build is then measured with these rules alone, too.
 * Each server runs alone on the first core, the load comes from the second;
 * rounds are interleaved, a round in which the reference falls below 60 % of its best is dropped (something else had the
 * cores), and what is reported is the median of the ratios of each round.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeCertificates } from '../src/pki/make-certificates.ts';
import { rules } from '../src/rules/index.ts';
import { measureEvaluation } from './evaluation.ts';
import { untilListening } from './listening.ts';
import type { LoadOptions, LoadResult } from './load.ts';
import { reviews } from './reviews.ts';
import { median, range } from './statistics.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '6' },
    'warm-up': { type: 'string', default: '3' },
    old: { type: 'string' },
    rules: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const measureMs = Number(values.seconds) * 1000;
const warmUpMs = Number(values['warm-up']) * 1000;
const CONNECTIONS = 16;
const PORT = 9443;
const OPS_PORT = 9081;

interface Contender {
  readonly name: string;
  readonly arguments: readonly string[];
  readonly path: '/validate' | '/mutate';
  readonly body: string;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'podgrace-bench-'));
/** The policy file that the contender with the rules of the other build runs. */
const SAME_RULES_POLICY = join(folder, 'same-rules.yaml');
/** Of Node.js, as in the shipped image; the other build gets them too, so that nothing but the builds differs. */
const SHIPPED_OPTIONS = ['--max-semi-space-size=8'];
const podgrace = (dist: string, policy = ['--preset', 'production']): string[] => [
  join(dist, 'bin/podgrace.js'),
  ...['serve', '--host', '127.0.0.1', '--port', String(PORT), '--ops-port', String(OPS_PORT), ...policy, '--drain-seconds', '0'],
  ...['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key')],
];
const CONTENDERS: readonly Contender[] = [
  { name: 'bareparse', arguments: [here('servers/bareparse.ts')], path: '/validate', body: reviews.clean },
  { name: 'bare', arguments: [here('servers/bare.ts')], path: '/validate', body: reviews.clean },
  { name: 'fastify (empty)', arguments: [here('servers/fastify.ts')], path: '/validate', body: reviews.clean },
  ...(values.old === undefined ? [] : podgraceOf('old', values.old, SHIPPED_OPTIONS)),
  ...(values.rules === undefined ? [] : podgraceOf('same rules', here('../dist'), SHIPPED_OPTIONS, ['--policy', SAME_RULES_POLICY])),
  ...podgraceOf('podgrace', here('../dist'), SHIPPED_OPTIONS),
];

function podgraceOf(name: string, dist: string, nodeOptions: readonly string[] = [], policy?: string[]): Contender[] {
  const arguments_ = [...nodeOptions, ...podgrace(dist, policy)];
  return [
    { name: `${name} validate`, arguments: arguments_, path: '/validate', body: reviews.clean },
    { name: `${name} mutate`, arguments: arguments_, path: '/mutate', body: reviews.repairable },
  ];
}

/** `production` with all rules off but these. A policy file is YAML, and JSON is YAML. */
function policyOfRules(ids: readonly string[]): string {
  const unknown = ids.filter((id) => !rules.some(({ meta }) => meta.id === id));
  if (unknown.length > 0) throw new Error(`--rules: must be rule ids of this build, but ${unknown.join(', ')} are none`);
  const off = rules.filter(({ meta }) => !ids.includes(meta.id)).map(({ meta }) => [meta.id, { mode: 'off', mutation: 'off' }] as const);
  return JSON.stringify({
    apiVersion: 'podgrace.dev/v1alpha1',
    kind: 'LifecyclePolicy',
    metadata: { name: 'same-rules' },
    spec: { preset: 'production', rules: Object.fromEntries(off) },
  });
}

interface Measurement extends LoadResult {
  readonly rssMb: number;
  /** CPU of the server for one request; unlike the rate, what else runs on the machine hardly changes it. */
  readonly cpuMicroseconds: number;
}

/** Pins a command to a core where the system can. */
function pinned(core: number, command: readonly string[]): [string, string[]] {
  const canPin = cpus().length > 1 && spawnSync('taskset', ['-V']).status === 0;
  const [program = '', ...rest] = canPin ? ['taskset', '-c', String(core), ...command] : command;
  return [program, rest];
}

async function measure({ arguments: serverArguments, path, body }: Contender): Promise<Measurement> {
  const env = { ...process.env, PORT: String(PORT), BENCH_CERT: join(folder, 'tls.crt'), BENCH_KEY: join(folder, 'tls.key') };
  const [program, args] = pinned(0, [process.execPath, ...serverArguments]);
  const server = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await untilListening(server, PORT);
    const options: LoadOptions = {
      port: PORT,
      path,
      caPem: readFileSync(join(folder, 'ca.crt'), 'utf8'),
      body,
      connections: CONNECTIONS,
      warmUpMs,
      measureMs,
    };
    const startedMs = cpuMs(server);
    const result = await load(options);
    const cpuMicroseconds = ((cpuMs(server) - startedMs) * 1000) / result.sent;
    return { ...result, rssMb: highWaterMb(server), cpuMicroseconds };
  } finally {
    server.kill('SIGTERM');
    await new Promise((resolve) => server.once('exit', resolve));
  }
}

async function load(options: LoadOptions): Promise<LoadResult> {
  const [program, args] = pinned(1, [process.execPath, here('load.ts'), JSON.stringify(options)]);
  const client = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  client.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve) => client.once('close', resolve));
  if (code !== 0) throw new Error(`the load generator ended with ${String(code)}`);
  return JSON.parse(output) as LoadResult;
}

/** Of all threads of the process, as Linux counts it; NaN elsewhere. */
function cpuMs({ pid }: ChildProcess): number {
  try {
    const threads = readdirSync(`/proc/${pid ?? 0}/task`);
    const ofThread = (id: string): number => Number(readFileSync(`/proc/${pid ?? 0}/task/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
    return threads.reduce((sum, id) => sum + ofThread(id), 0);
  } catch {
    return Number.NaN;
  }
}

/** The most memory that the process ever had, as Linux counts it; NaN elsewhere. */
function highWaterMb({ pid }: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

await makeCertificates(
  folder,
  { authorityName: 'bench-ca', authorityValidDays: 1, validDays: 1, now: new Date(), dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] },
  { overwrite: true },
);
if (values.rules !== undefined) writeFileSync(SAME_RULES_POLICY, policyOfRules(values.rules.split(',')));
try {
  print(
    `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'}; ${CONNECTIONS} connections, ${values['warm-up']} s of warm-up and ${values.seconds} s a server and round`,
  );
  print(`bodies: validate ${reviews.clean.length} bytes, mutate ${reviews.repairable.length} bytes\n`);
  const measured: Record<string, Measurement>[] = [];
  for (let round = 1; round <= rounds; round++) {
    const results: Record<string, Measurement> = {};
    for (const contender of CONTENDERS) {
      const result = await measure(contender);
      results[contender.name] = result;
      print(
        `round ${round}  ${contender.name.padEnd(18)} ${result.perSecond.toFixed(0).padStart(7)}/s  p50 ${result.p50Ms.toFixed(2)} ms  p99 ${result.p99Ms.toFixed(2)} ms  CPU ${result.cpuMicroseconds.toFixed(1)} µs  RSS ${result.rssMb.toFixed(0)} MB  failed ${result.failed}  client ${(result.clientCpu * 100).toFixed(0)} %`,
      );
    }
    measured.push(results);
  }
  const best = Math.max(...measured.map((results) => results['bareparse']?.perSecond ?? 0));
  const kept = measured.filter((results) => (results['bareparse']?.perSecond ?? 0) >= 0.6 * best);
  print(`\n${kept.length} of ${measured.length} rounds kept; median of each round's ratio (min–max)\n`);
  print('| server | requests/s | p50 ms | p99 ms | CPU µs | RSS MB | × bareparse | CPU × bareparse | RSS × empty Fastify |');
  print('|---|---|---|---|---|---|---|---|---|');
  for (const { name } of CONTENDERS) {
    const own = kept.flatMap((results) => results[name] ?? []);
    const ratios = kept.map((results) => (results[name]?.perSecond ?? 0) / (results['bareparse']?.perSecond ?? 1));
    const cpu = kept.map((results) => (results[name]?.cpuMicroseconds ?? 0) / (results['bareparse']?.cpuMicroseconds ?? 1));
    const memory = kept.map((results) => (results[name]?.rssMb ?? 0) / (results['fastify (empty)']?.rssMb ?? 1));
    const column = (key: 'perSecond' | 'p50Ms' | 'p99Ms' | 'cpuMicroseconds' | 'rssMb', digits: number): string =>
      median(own.map((result) => result[key])).toFixed(digits);
    print(
      `| ${name} | ${column('perSecond', 0)} | ${column('p50Ms', 2)} | ${column('p99Ms', 2)} | ${column('cpuMicroseconds', 1)} | ${column('rssMb', 0)} | ${range(ratios)} | ${range(cpu)} | ${range(memory)} |`,
    );
  }
  if (values.old !== undefined) {
    for (const name of values.rules === undefined ? ['podgrace'] : ['same rules', 'podgrace']) {
      for (const path of ['validate', 'mutate']) {
        const ratiosOf = (key: 'perSecond' | 'cpuMicroseconds'): number[] =>
          kept.map((results) => (results[`${name} ${path}`]?.[key] ?? 0) / (results[`old ${path}`]?.[key] ?? 1));
        print(
          `\n${name} ${path}: ${range(ratiosOf('perSecond'))} × the requests/s of the old build, ${range(ratiosOf('cpuMicroseconds'))} × its CPU`,
        );
      }
    }
  }
  print('');
  for (const line of measureEvaluation(rounds)) print(line);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
