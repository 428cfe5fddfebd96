/** Whatever comes in: an answer that kube-apiserver takes, or a refusal in JSON. Never a 500, never a throw, in no rule either. */
import fc from '../fast-check.ts';
import t from 'tap';
import { WELL_FORMED } from '../../src/admission/unread-findings.ts';
import { presetPolicy } from '../../src/config/presets.ts';
import { ERRORED } from '../../src/core/finding.ts';
import { isObject } from '../../src/core/json.ts';
import type { Policy } from '../../src/core/policy.ts';
import { buildWebhook } from '../../src/server/webhook.ts';
import { verifyAnswer, type AskedReview, type Phase } from '../admission/contract.ts';
import { NO_REVIEWS, recordedReviews } from '../admission/corpus-reviews.ts';
import { forbidLatest, policyOf, requireGrace, throwing } from '../admission/made-up-rules.ts';
import { podOf, reviewOf, workloadOf } from '../admission/reviews.ts';
import { atLeast, runs } from '../long-tests.ts';
import { pair, rememberingPorts } from './serving.ts';

const POLICIES: readonly Policy[] = [
  presetPolicy('baseline'),
  presetPolicy('production'),
  presetPolicy('strict'),
  policyOf([forbidLatest(), requireGrace('enforce', 'would'), throwing()], { errored: 'warn', excludedNamespaces: [] }),
];

/** Takes turns, so that every policy meets every kind of review. */
let turn = 0;
const ports = rememberingPorts(() => POLICIES[turn++ % POLICIES.length] ?? presetPolicy('strict'));
const { app } = buildWebhook({ ...ports, isDraining: () => false }, pair);

/** @throws where the answer is none of the two that are allowed */
async function check(phase: Phase, text: string): Promise<'answered' | 'refused'> {
  // As it is on the wire: half a surrogate pair is no UTF-8.
  const payload = text.toWellFormed();
  const response = await app.inject({
    method: 'POST',
    url: `/${phase}?timeout=10s`,
    headers: { 'content-type': 'application/json' },
    payload,
  });
  const { statusCode, body } = response;
  if (ports.failures.length > 0) throw new Error(`a bug was met: ${String(ports.failures.pop()?.stack)}\n${payload}`);
  if (statusCode === 200) {
    verifyAnswer(phase, JSON.parse(payload) as AskedReview, body);
    for (const { rule, messageId, message } of ports.records.pop()?.findings ?? []) {
      if (messageId === ERRORED && rule !== WELL_FORMED && rule !== 'throws') throw new Error(`${rule} ${message}`);
    }
    return 'answered';
  }
  const { error } = JSON.parse(body) as { error: { code: number; message: string } };
  if (statusCode < 400 || statusCode >= 500 || error.code !== statusCode || error.message === '') throw new Error(`${statusCode}: ${body}`);
  return 'refused';
}

const PHASES = ['validate', 'mutate'] as const;

/** Instead of a value: the member goes. Above the tests, as the first that is not skipped runs at once. */
const DROPPED = Symbol('dropped');

void t.test('every recorded review is answered, or refused as what it is', { skip: NO_REVIEWS }, async (t) => {
  const counts = { answered: 0, refused: 0 };
  const reviews = recordedReviews();
  for (const { file, text } of reviews) {
    const shouldBeRead = isReadable(JSON.parse(text));
    for (const phase of PHASES) {
      for (const _ of POLICIES) {
        const outcome = await check(phase, text);
        counts[outcome] += 1;
        if ((outcome === 'answered') !== shouldBeRead) t.fail(`${file}: ${outcome}`);
      }
    }
  }
  t.comment(`${reviews.length} reviews: ${JSON.stringify(counts)}`);
  t.ok(counts.answered > atLeast(2000), `${counts.answered} answers`);
  t.ok(counts.refused > atLeast(300), `${counts.refused} refusals`);
});

/** A review of v1 with what the API server always sends. */
function isReadable(review: unknown): boolean {
  if (!isObject(review) || review['apiVersion'] !== 'admission.k8s.io/v1' || review['kind'] !== 'AdmissionReview') return false;
  const { request } = review;
  if (!isObject(request) || typeof request['uid'] !== 'string' || request['uid'] === '') return false;
  return ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'].includes(String(request['operation']));
}

/** By file, so that a counterexample names one. */
const recorded = new Map(
  recordedReviews()
    .filter(({ text }) => isReadable(JSON.parse(text)))
    .map(({ file, text }) => [file, text]),
);

void t.test('recorded reviews with fields dropped, nulled or of another type', { skip: NO_REVIEWS }, async (t) => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...recorded.keys()), mutations(), fc.constantFrom(...PHASES), async (file, changes, phase) => {
      if ((await check(phase, JSON.stringify(changes.reduce(changed, JSON.parse(recorded.get(file) ?? ''))))) === 'answered') answered += 1;
    }),
    { numRuns: runs(3000) },
  );
  t.ok(answered > runs(3000) / 2, `${answered} of ${runs(3000)} were still reviews`);
});

/** Needs no corpus: a Pod with every field that podgrace reads. */
void t.test('a Pod and a workload with everything, with fields dropped, nulled or of another type', async (t) => {
  const rich = podOf({
    metadata: {
      labels: { app: 'web', 'pod-template-hash': 'x' },
      annotations: { 'podgrace.dev/drain-seconds': '20', 'kubectl.kubernetes.io/last-applied-configuration': '{"spec":{}}' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-x', controller: true }],
      managedFields: [{ manager: 'a', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:tolerations': {} } } }],
    },
    spec: {
      initContainers: [richContainer('init', {}), richContainer('proxy', { restartPolicy: 'Always' })],
      containers: [richContainer('app', {}), richContainer('other', { command: ['sh', '-c', 'trap "" TERM; run & wait'] })],
      volumes: [{ name: 'tmp', emptyDir: {} }, { name: 'cache', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } }, { name: 'none' }],
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      resources: { limits: { memory: '2Gi' } },
      shareProcessNamespace: false,
    },
  });
  const texts = [
    reviewOf(rich),
    reviewOf(workloadOf('apps/v1', 'Deployment', rich)),
    reviewOf(workloadOf('batch/v1', 'CronJob', rich)),
    reviewOf(rich, { operation: 'UPDATE', oldObject: podOf() }),
    reviewOf(rich, { operation: 'UPDATE', oldObject: rich, subResource: 'resize' }),
  ].map((review) => JSON.stringify(review));
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...texts), mutations(), fc.constantFrom(...PHASES), async (text, changes, phase) => {
      if ((await check(phase, JSON.stringify(changes.reduce(changed, JSON.parse(text))))) === 'answered') answered += 1;
    }),
    { numRuns: runs(3000) },
  );
  t.ok(answered > runs(3000) / 2, `${answered} of ${runs(3000)} were still reviews`);
});

void t.test('bodies that were cut or had bytes replaced', async () => {
  const text = JSON.stringify(reviewOf(podOf()));
  const edits = fc.array(
    fc.tuple(fc.nat(text.length), fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '\\', '\u0000', 'null', '1e999', '\ud83e')),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  await fc.assert(
    fc.asyncProperty(edits, fc.constantFrom(...PHASES), async (places, phase) => {
      await check(
        phase,
        places.reduce((into, [at, insert]) => `${into.slice(0, at)}${insert}${into.slice(at + 1)}`, text),
      );
    }),
    { numRuns: runs(1000) },
  );
});

function richContainer(name: string, parts: object): object {
  const probe = { httpGet: { path: '/', port: 'http' }, initialDelaySeconds: 30, periodSeconds: 10, timeoutSeconds: 1 };
  return {
    name,
    image: 'registry.example/app:1.0',
    command: ['/app'],
    args: ['--listen'],
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi', 'ephemeral-storage': '1Gi' } },
    livenessProbe: { ...probe, failureThreshold: 6 },
    readinessProbe: { ...probe, exec: { command: ['true'] } },
    lifecycle: { preStop: { exec: { command: ['sh', '-c', 'sleep 5'] } }, postStart: { sleep: { seconds: 1 } } },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    ...parts,
  };
}

interface Change {
  /** Which member of the document, counted through it in order; modulo their number. */
  readonly at: number;
  readonly to: unknown;
}

function mutations(): fc.Arbitrary<Change[]> {
  const replacement = fc.oneof(
    fc.constant<unknown>(DROPPED),
    fc.constantFrom<unknown>(null, {}, [], '', 0, -1, true, 1.5, 1e21, Number.MAX_SAFE_INTEGER, [null], { '': null }),
    fc.constantFrom<unknown>('1Gi', '-1', '1e3', '0.1m', '99999999999999999999Ei', 'Always', 'Never', 'UPDATE', 'DELETE', 'Pod', 'a\nb'),
    fc.jsonValue({ maxDepth: 2 }),
  );
  return fc.array(fc.record({ at: fc.nat(), to: replacement }), { minLength: 1, maxLength: 4 });
}

interface Slot {
  readonly parent: Record<string | number, unknown>;
  readonly key: string | number;
}

function changed(document: unknown, { at, to }: Change): unknown {
  const slots: Slot[] = [];
  collect(document, slots);
  const slot = slots[at % slots.length];
  if (slot === undefined) return document;
  if (to !== DROPPED)
    Object.defineProperty(slot.parent, slot.key, { value: structuredClone(to), writable: true, enumerable: true, configurable: true });
  else if (Array.isArray(slot.parent)) slot.parent.splice(Number(slot.key), 1);
  else Reflect.deleteProperty(slot.parent, slot.key);
  return document;
}

function collect(value: unknown, slots: Slot[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    slots.push({ parent: value as Slot['parent'], key });
    collect((value as Slot['parent'])[key], slots);
  }
}
