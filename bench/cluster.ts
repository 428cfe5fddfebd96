/**
 * What podgrace adds to a request as people feel it: dry-run creates of Pods through a real API server, without a webhook,
 * with one that only parses and answers, and with podgrace, each registered for mutation and for validation.
 *
 * `KUBECONFIG=… npm run bench:cluster [-- --rounds 7 --seconds 4]`. Ten clients, each sending the next request as soon as
 * the last is answered; the three are interleaved, and what is reported is the median of each round's ratio. The webhooks
 * are registered by URL on loopback, so the API server must run on this machine.
 */
import { load as readYaml } from 'js-yaml';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { KubeApi } from '../src/kube/api.ts';
import { makeCertificates } from '../src/pki/make-certificates.ts';
import { PodCreates } from './pod-creates.ts';
import { median, range } from './statistics.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' }, seconds: { type: 'string', default: '4' } } });
const rounds = Number(values.rounds);
const measureMs = Number(values.seconds) * 1000;
const WARM_UP_MS = 1000;
const CLIENTS = 10;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'podgrace-bench-'));
const pair = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };

interface Contender {
  readonly name: string;
  readonly namespace: string;
  /** Undefined for the API server alone. */
  readonly port?: number;
  readonly arguments?: readonly string[];
}

const BAREPARSE_PORT = 9446;
const PODGRACE_PORT = 9444;
const PODGRACE_OPS_PORT = 9445;
const CONTENDERS: readonly Contender[] = [
  { name: 'no webhook', namespace: 'podgrace-bench-none' },
  { name: 'bareparse', namespace: 'podgrace-bench-bareparse', port: BAREPARSE_PORT, arguments: [here('servers/bareparse.ts')] },
  {
    name: 'podgrace',
    namespace: 'podgrace-bench-podgrace',
    port: PODGRACE_PORT,
    arguments: [
      here('../dist/bin/podgrace.js'),
      ...['serve', '--host', '127.0.0.1', '--port', String(PODGRACE_PORT), '--ops-port', String(PODGRACE_OPS_PORT)],
      ...['--preset', 'production', '--drain-seconds', '0', '--tls-cert', pair.cert, '--tls-key', pair.key],
    ],
  },
];

const api = KubeApi.connect();

/** The Pod of a sample workload, as somebody would create it. */
const manifest = readYaml(readFileSync(here('../samples/manifests/checkout.yaml'), 'utf8')) as {
  readonly spec: { readonly template: { readonly metadata: object; readonly spec: object } };
};
const { metadata, spec } = manifest.spec.template;
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, generateName: 'checkout-' }, spec };

interface Measurement {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
}

async function measure({ name, namespace }: Contender): Promise<Measurement> {
  const latencies: number[] = [];
  const creates = await PodCreates.into(namespace, CLIENTS, pod);
  const startMs = performance.now();
  const measuredFromMs = startMs + WARM_UP_MS;
  const endMs = measuredFromMs + measureMs;
  const client = async (): Promise<void> => {
    for (let sentMs = performance.now(); sentMs < endMs; sentMs = performance.now()) {
      const { code } = await creates.send();
      if (code !== 201) throw new Error(`${name}: the API server answered ${code}`);
      if (sentMs >= measuredFromMs) latencies.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  creates.close();
  const sorted = latencies.toSorted((a, b) => a - b);
  const quantile = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50Ms: quantile(0.5), p99Ms: quantile(0.99), perSecond: sorted.length / (measureMs / 1000) };
}

/** A namespace, and webhooks for it alone. */
async function register({ namespace, port }: Contender, caBundle: string): Promise<void> {
  await api.request({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  });
  while ((await api.find(`/api/v1/namespaces/${namespace}/serviceaccounts/default`)) === undefined) await delay(100);
  if (port === undefined) return;
  for (const [kind, path] of [
    ['MutatingWebhookConfiguration', 'mutate'],
    ['ValidatingWebhookConfiguration', 'validate'],
  ] as const) {
    const webhook = {
      name: `${path}.bench.podgrace.dev`,
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
      timeoutSeconds: 5,
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      clientConfig: { url: `https://127.0.0.1:${port}/${path}`, caBundle },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    };
    await api.request({
      method: 'POST',
      path: `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s`,
      body: { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: namespace }, webhooks: [webhook] },
    });
  }
}

async function unregister({ namespace }: Contender): Promise<void> {
  for (const path of [
    `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${namespace}`,
    `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${namespace}`,
    `/api/v1/namespaces/${namespace}`,
  ]) {
    if ((await api.find(path)) !== undefined) await api.request({ method: 'DELETE', path });
  }
}

function start({ port, arguments: serverArguments }: Contender): ChildProcess | undefined {
  if (port === undefined || serverArguments === undefined) return undefined;
  const env = { ...process.env, PORT: String(port), BENCH_CERT: pair.cert, BENCH_KEY: pair.key };
  return spawn(process.execPath, serverArguments, { env, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function listening(port: number): Promise<void> {
  for (;;) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      }).on('error', () => {
        resolve(false);
      });
    });
    if (isUp) return;
    await delay(50);
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

await makeCertificates(
  folder,
  { authorityName: 'bench-ca', authorityValidDays: 1, validDays: 1, now: new Date(), dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] },
  { overwrite: true },
);
const servers = CONTENDERS.map(start);
try {
  const caBundle = readFileSync(join(folder, 'ca.crt')).toString('base64');
  for (const contender of CONTENDERS) {
    if (contender.port !== undefined) await listening(contender.port);
    await register(contender, caBundle);
  }
  // The API server reads configurations a moment after they are written.
  await delay(3000);
  print(`${CLIENTS} clients, dry-run creates of a Pod of ${JSON.stringify(pod).length} bytes, ${values.seconds} s a round\n`);
  const measured: Record<string, Measurement>[] = [];
  for (let round = 1; round <= rounds; round++) {
    const results: Record<string, Measurement> = {};
    for (const contender of CONTENDERS) {
      const result = await measure(contender);
      results[contender.name] = result;
      print(
        `round ${round}  ${contender.name.padEnd(12)} p50 ${result.p50Ms.toFixed(2)} ms  p99 ${result.p99Ms.toFixed(2)} ms  ${result.perSecond.toFixed(0)}/s`,
      );
    }
    measured.push(results);
  }
  const addedMs = (results: Record<string, Measurement>, name: string): number =>
    (results[name]?.p50Ms ?? Number.NaN) - (results['no webhook']?.p50Ms ?? Number.NaN);
  print('\n| | p50 ms | p99 ms | requests/s | added p50 ms | added p50 × bareparse |');
  print('|---|---|---|---|---|---|');
  for (const { name } of CONTENDERS) {
    const column = (key: keyof Measurement, digits: number): string =>
      median(measured.map((results) => results[name]?.[key] ?? Number.NaN)).toFixed(digits);
    const added = measured.map((results) => addedMs(results, name));
    const ratios = measured.map((results) => addedMs(results, name) / addedMs(results, 'bareparse'));
    const isReference = name === 'no webhook';
    print(
      `| ${name} | ${column('p50Ms', 2)} | ${column('p99Ms', 2)} | ${column('perSecond', 0)} | ${isReference ? '' : median(added).toFixed(2)} | ${isReference ? '' : range(ratios)} |`,
    );
  }
} finally {
  for (const server of servers) server?.kill('SIGTERM');
  for (const contender of CONTENDERS) await unregister(contender);
  rmSync(folder, { recursive: true, force: true });
}
