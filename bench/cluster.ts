/**
 * What podgrace adds to a request as people feel it: dry-run creates of Pods through a real API server, without a webhook,
 * with one that only parses and answers, and with podgrace, each registered for mutation and for validation.
 *
 * `KUBECONFIG=… npm run bench:cluster [-- --rounds 7 --seconds 4]`. Ten clients, each sending the next request as soon as
 * the last is answered; all are interleaved, and what is reported is the median of each round's ratio. Once with a Pod
 * that has nothing to repair, once with one that is repaired, against a reference that answers with the same patch: what
 * a patch costs the API server is not podgrace's. The webhooks are registered by URL on loopback, so the API server must
 * run on this machine.
 */
import { load as readYaml } from 'js-yaml';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { patchedObject } from '../src/offline/admit.ts';
import { creationOf } from '../src/offline/creation.ts';
import { decideMutation } from '../src/admission/decision.ts';
import { presetPolicy } from '../src/config/presets.ts';
import { connectByKubeconfig } from '../src/kube/client/kubeconfig.ts';
import { makeCertificates } from '../src/pki/make-certificates.ts';
import { untilListening } from './listening.ts';
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

const NAMESPACES = {
  none: 'podgrace-bench-none',
  bareparse: 'podgrace-bench-bareparse',
  patching: 'podgrace-bench-patching',
  podgrace: 'podgrace-bench-podgrace',
};
type Registered = keyof typeof NAMESPACES;

interface WebhookServer {
  readonly registered: Registered;
  readonly port: number;
  readonly arguments: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** The Pod of a sample workload, as somebody would create it, and as podgrace would leave it. */
const manifest = readYaml(readFileSync(here('../samples/manifests/checkout.yaml'), 'utf8')) as {
  readonly spec: { readonly template: { readonly metadata: object; readonly spec: object } };
};
const { metadata, spec } = manifest.spec.template;
const repairable = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, generateName: 'checkout-' }, spec };
const creation = creationOf(repairable, 'default');
if (typeof creation === 'string') throw new Error(creation);
const { patch } = decideMutation(creation, presetPolicy('production'), { nowMs: Date.now() });
if (patch.length === 0) throw new Error('the Pod must have something to repair');
const clean = patchedObject(repairable, patch) as object;

const PODGRACE_PORT = 9444;
const bareparse = [here('servers/bareparse.ts')];
const SERVERS: readonly WebhookServer[] = [
  { registered: 'bareparse', port: 9446, arguments: bareparse },
  { registered: 'patching', port: 9447, arguments: bareparse, env: { BENCH_PATCH: Buffer.from(JSON.stringify(patch)).toString('base64') } },
  {
    registered: 'podgrace',
    port: PODGRACE_PORT,
    arguments: [
      here('../dist/bin/podgrace.js'),
      ...['serve', '--host', '127.0.0.1', '--port', String(PODGRACE_PORT), '--ops-port', '9445'],
      ...['--preset', 'production', '--drain-seconds', '0', '--tls-cert', pair.cert, '--tls-key', pair.key],
    ],
  },
];

interface Contender {
  readonly name: string;
  readonly registered: Registered;
  readonly pod: object;
}

/** In each series the first is the API server alone, the second the reference. */
const SERIES: Readonly<Record<string, readonly [Contender, Contender, Contender]>> = {
  'a Pod with nothing to repair': [
    { name: 'no webhook', registered: 'none', pod: clean },
    { name: 'bareparse', registered: 'bareparse', pod: clean },
    { name: 'podgrace', registered: 'podgrace', pod: clean },
  ],
  'a Pod that is repaired': [
    { name: 'no webhook', registered: 'none', pod: repairable },
    { name: 'bareparse, the same patch', registered: 'patching', pod: repairable },
    { name: 'podgrace', registered: 'podgrace', pod: repairable },
  ],
};

const api = connectByKubeconfig();

interface Measurement {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
}

async function measure({ name, registered, pod }: Contender): Promise<Measurement> {
  const latencies: number[] = [];
  const creates = await PodCreates.into(NAMESPACES[registered], CLIENTS, pod);
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

async function makeNamespace(namespace: string): Promise<void> {
  await api.request({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  });
  while ((await api.find(`/api/v1/namespaces/${namespace}/serviceaccounts/default`)) === undefined) await delay(100);
}

/** For one namespace alone. */
async function register({ registered, port }: WebhookServer, caBundle: string): Promise<void> {
  const namespace = NAMESPACES[registered];
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

async function cleanUp(namespace: string): Promise<void> {
  for (const path of [
    `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${namespace}`,
    `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${namespace}`,
    `/api/v1/namespaces/${namespace}`,
  ]) {
    if ((await api.find(path)) !== undefined) await api.request({ method: 'DELETE', path });
  }
}

function start({ port, arguments: serverArguments, env }: WebhookServer): ChildProcess {
  const environment = { ...process.env, PORT: String(port), BENCH_CERT: pair.cert, BENCH_KEY: pair.key, ...env };
  return spawn(process.execPath, serverArguments, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
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
const servers = SERVERS.map((server) => ({ ...server, process: start(server) }));
try {
  const caBundle = readFileSync(join(folder, 'ca.crt')).toString('base64');
  for (const namespace of Object.values(NAMESPACES)) await makeNamespace(namespace);
  for (const server of servers) {
    await untilListening(server.process, server.port);
    await register(server, caBundle);
  }
  // The API server reads configurations a moment after they are written.
  await delay(3000);
  print(`${CLIENTS} clients, dry-run creates, ${values.seconds} s a round, ${rounds} rounds`);
  const measured = new Map<Contender, Measurement[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const contender of Object.values(SERIES).flat()) {
      const results = measured.get(contender) ?? [];
      measured.set(contender, [...results, await measure(contender)]);
    }
  }
  for (const [what, series] of Object.entries(SERIES)) report(what, series, measured);
} finally {
  for (const server of servers) server.process.kill('SIGTERM');
  for (const namespace of Object.values(NAMESPACES)) await cleanUp(namespace);
  rmSync(folder, { recursive: true, force: true });
}

function report(what: string, series: readonly [Contender, Contender, Contender], measured: ReadonlyMap<Contender, Measurement[]>): void {
  const [alone, reference] = series;
  const of = (contender: Contender, key: keyof Measurement): number[] => (measured.get(contender) ?? []).map((result) => result[key]);
  const added = (contender: Contender): number[] => {
    const without = of(alone, 'p50Ms');
    return of(contender, 'p50Ms').map((p50Ms, round) => p50Ms - (without[round] ?? Number.NaN));
  };
  print(`\n${what}\n`);
  print('| webhook | p50 ms | p99 ms | creates/s | added p50 ms | × bareparse |');
  print('|---|---|---|---|---|---|');
  for (const contender of series) {
    const column = (key: keyof Measurement, digits: number): string => median(of(contender, key)).toFixed(digits);
    const ofReference = added(reference);
    const ratios = added(contender).map((addedMs, round) => addedMs / (ofReference[round] ?? Number.NaN));
    const compared = contender === alone ? '| ' : `${median(added(contender)).toFixed(2)} | ${range(ratios)}`;
    print(`| ${contender.name} | ${column('p50Ms', 2)} | ${column('p99Ms', 2)} | ${column('perSecond', 0)} | ${compared} |`);
  }
}
