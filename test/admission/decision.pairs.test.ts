import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { presetDocument } from '../../src/config/presets.ts';
import { Policy } from '../../src/core/policy.ts';
import { askValidate } from './ask.ts';
import { containerOf, podOf, reviewOf, workloadOf } from './reviews.ts';

type Part = Readonly<Record<string, unknown>>;

/** Of an update: the rule, the Pod spec before and after, and what differs from the rule's defaults and a Deployment. */
type Update = readonly [rule: string, before: Part, after: Part, asked?: { readonly kind?: string; readonly options?: Part }];

/** One rule alone denies, and nothing is repaired. */
function only(id: string, options: Part = {}): Policy {
  const document = presetDocument('strict');
  const off = catalogue.rules.map(({ meta }) => [meta.id, { mode: 'off', mutation: 'off' }] as const);
  const rules = { ...Object.fromEntries(off), [id]: { mode: 'enforce', mutation: 'off', options } as const };
  return new Policy({ ...document, spec: { ...document.spec, rules } }, catalogue);
}

function isDenied([rule, before, after, { kind = 'Deployment', options } = {}]: Update): boolean {
  const [oldObject, object] = [before, after].map((spec) => workloadOf('apps/v1', kind, podOf({ spec })));
  return !askValidate(reviewOf(object ?? {}, { operation: 'UPDATE', oldObject }), only(rule, options)).answer.allowed;
}

const c = (more: Part = {}): Part => ({ containers: [containerOf(more)] });
const two = (a: Part, b: Part): Part => ({
  containers: [
    containerOf({ name: 'a', image: 'registry.example/a:1', ...a }),
    containerOf({ name: 'b', image: 'registry.example/b:1', ...b }),
  ],
});
const r = (limits?: Part, requests?: Part): Part => c({ resources: { ...(limits && { limits }), ...(requests && { requests }) } });
const P = (more: Part = {}): Part => ({ httpGet: { path: '/h', port: 8080 }, ...more });
const probes = (livenessProbe?: Part, readinessProbe?: Part, startupProbe?: Part): Part =>
  c({
    ports: [{ containerPort: 8080, name: 'http' }],
    ...(livenessProbe && { livenessProbe }),
    ...(readinessProbe && { readinessProbe }),
    ...(startupProbe && { startupProbe }),
  });
const ed = (emptyDir: Part = {}): Part => ({ emptyDir });
const vol = (source: Part, mount: Part = {}, limits?: Part): Part => ({
  containers: [containerOf({ ...(limits && { resources: { limits } }), volumeMounts: [{ name: 'd', mountPath: '/data', ...mount }] })],
  volumes: [{ name: 'd', ...source }],
});
/** A hook of so many seconds, in a grace period of so many. */
const hook = (seconds: number, terminationGracePeriodSeconds: number): Part => ({
  ...c({ ports: [{ containerPort: 8080 }], lifecycle: { preStop: { sleep: { seconds } } } }),
  terminationGracePeriodSeconds,
});
const env = (...variables: readonly (readonly [name: string, value: string])[]): Part =>
  c({ env: variables.map(([name, value]) => ({ name, value })) });
const tol = (...seconds: readonly (number | 'ever')[]): Part => ({
  ...c(),
  tolerations: seconds.map((tolerated, index) => ({
    ...{ key: `node.kubernetes.io/${index === 0 ? 'not-ready' : 'unreachable'}`, operator: 'Exists', effect: 'NoExecute' },
    ...(tolerated !== 'ever' && { tolerationSeconds: tolerated }),
  })),
});

const BETTER_OR_EQUAL: readonly Update[] = [
  ['shutdown-budget', hook(30, 20), hook(30, 30)],
  ['shutdown-budget', hook(30, 20), hook(20, 20)],
  ['memory-limit', r(), r({ memory: '64Mi' })], // gets limit
  ['memory-limit', r(undefined, { memory: '64Mi' }), r(undefined, { memory: '1m' })], // request implausible: still no limit (equal)
  ['memory-limit', two({}, {}), c({ name: 'a', image: 'registry.example/a:2' })], // a container goes
  ['sane-quantities', r({ memory: '512' }), r({ memory: '512k' })], // better
  ['sane-quantities', r({ cpu: '500' }), r({ cpu: '200' })],
  ['sane-quantities', r({ memory: '1E' }), r({ memory: '100Ti' })],
  ['sane-quantities', r({ memory: '512' }), r({ memory: '1Gi' }, { memory: '512' })], // limit mended, request as it was defaulted
  ['sane-quantities', r({ 'ephemeral-storage': '0' }), r({ 'ephemeral-storage': '10' })],
  ['empty-dir-size-limit', vol(ed()), vol(ed({ sizeLimit: '200Gi' }))],
  ['empty-dir-size-limit', vol(ed({ sizeLimit: '0' })), vol(ed())], // 0 is none
  ['empty-dir-size-limit', vol(ed({ medium: 'memory' })), vol(ed({ medium: 'Memory' }))],
  ['empty-dir-size-limit', vol(ed()), vol({ hostPath: { path: '/x' } })], // other source
  [
    'empty-dir-size-limit',
    vol(ed({ medium: 'Memory', sizeLimit: '1Gi' }), {}, { memory: '512Mi' }),
    vol(ed({ medium: 'Memory', sizeLimit: '1Gi' }), {}, { memory: '768Mi' }),
  ], // memory limit rises
  ['empty-dir-size-limit', vol(ed({ medium: 'Memory' })), vol(ed({ medium: 'Memory' }), {}, { memory: '1Gi' })], // gets bound
  ['minimum-qos-class', r(), r({ cpu: '1' })],
  [
    'minimum-qos-class',
    r({ cpu: '1', memory: '1Gi' }, { cpu: '500m' }),
    r({ cpu: '1', memory: '1Gi' }, { cpu: '200m' }),
    { options: { class: 'Guaranteed' } },
  ], // as unequal
  ['limit-request-ratio', r({ memory: '32Gi' }, { memory: '1Gi' }), r({ memory: '16Gi' }, { memory: '1Gi' }), { options: { memory: 8 } }],
  ['limit-request-ratio', r({ memory: '16Gi' }, { memory: '1Gi' }), r(undefined, { memory: '1Gi' }), { options: { memory: 8 } }], // limit goes: another rule
  ['ephemeral-storage-limit', vol(ed()), vol(ed(), {}, { 'ephemeral-storage': '1Gi' })],
  ['ephemeral-storage-limit', vol(ed()), vol(ed({ medium: 'Memory' }))],
  ['toleration-seconds', tol('ever', 'ever'), tol(600, 600)],
  ['toleration-seconds', tol(600, 600), tol(400, 600)],
  ['probe-timing', probes(P({ timeoutSeconds: 20 })), probes(P({ timeoutSeconds: 15 }))],
  ['probe-timing', probes(P(), P({ periodSeconds: 20 })), probes(P(), P({ periodSeconds: 15 }))], // less short
  ['probe-timing', probes(P(), P({ initialDelaySeconds: 100 })), probes(P(), P({ initialDelaySeconds: 60 }))],
  ['probe-timing', probes(P(), P({ initialDelaySeconds: 100 })), probes(P(), P({ initialDelaySeconds: 100 }), P({ failureThreshold: 30 }))], // startup
  ['no-identical-probes', probes(P(), P()), probes(P({ failureThreshold: 6 }), P())],
  ['declared-probe-port', probes({ httpGet: { port: 'web' } }), probes({ httpGet: { port: 'other' } })], // as bad
  ['declared-probe-port', probes({ httpGet: { port: 'web' } }), probes({ tcpSocket: { port: 'web' } })], // handler
  ['liveness-probe', probes(undefined, P()), probes(P(), P()), { options: { required: true } }],
  ['startup-probe', probes(P({ initialDelaySeconds: 300 })), probes(P({ initialDelaySeconds: 200 }))],
  ['startup-probe', probes(P({ initialDelaySeconds: 200 })), probes(undefined)], // probe goes
  ['readiness-probe', probes(P()), probes(P(), P())],
  ['durable-data', vol(ed()), vol(ed({ medium: 'Memory' })), { kind: 'StatefulSet' }], // as bad
  ['durable-data', vol(ed()), vol({ persistentVolumeClaim: { claimName: 'x' } }), { kind: 'StatefulSet' }],
  [
    'local-volume',
    vol({ hostPath: { path: '/srv/x' } }),
    { ...vol({ hostPath: { path: '/srv/x' } }), nodeSelector: { 'kubernetes.io/hostname': 'a' } },
  ],
  ['local-volume', vol({ hostPath: { path: '/srv/x' } }), vol({ hostPath: { path: '/srv/y' } })], // as bad
  ['no-secret-in-env', env(['A_PASSWORD', 'x1']), env(['A_PASSWORD', 'x2'])], // as bad
  ['no-secret-in-env', env(['A_PASSWORD', 'x1']), env(['A_PASSWORD', 'postgres://u:p@h'])], // literal → url
  ['no-secret-in-env', env(['A_PASSWORD', 'x1'], ['L', 'a']), env(['L', 'a'], ['A_PASSWORD', 'x1'])], // order
];

const WORSE: readonly Update[] = [
  ['shutdown-budget', hook(30, 30), hook(30, 20)], // shorter, and chosen: the drain is not asked for any more
  ['shutdown-budget', hook(20, 30), hook(20, 15)], // the hook does not fit any more
  ['memory-limit', r({ memory: '64Mi' }), r()], // loses
  ['memory-limit', r({ memory: '64Mi' }), r({ memory: '0' })], // becomes 0
  ['memory-limit', r(), two({}, {})], // new container without limit
  ['memory-limit', two({}, { resources: { limits: { memory: '1Gi' } } }), two({ resources: { limits: { memory: '1Gi' } } }, {})], // limit moves from b to a
  ['memory-limit', c({ name: 'a', image: 'registry.example/x:1' }), c({ name: 'b', image: 'registry.example/x:2' })], // a container that has a new name is a new one
  ['sane-quantities', r({ memory: '512k' }), r({ memory: '512' })], // worse
  ['sane-quantities', r({ memory: '512' }), r({ cpu: '500' })], // other resource wrong
  ['sane-quantities', r({ memory: '100Ti' }), r({ memory: '1E' })],
  ['sane-quantities', r({ memory: '1E' }), r({ memory: '12' })], // never starts
  ['sane-quantities', r(), r({ 'ephemeral-storage': '0' })],
  ['empty-dir-size-limit', vol(ed({ sizeLimit: '200Gi' })), vol(ed())],
  ['empty-dir-size-limit', vol(ed()), vol(ed({ medium: 'memory' }))], // never mounts
  ['empty-dir-size-limit', vol(ed(), { readOnly: true }), vol(ed())], // now written
  [
    'empty-dir-size-limit',
    vol(ed({ medium: 'Memory', sizeLimit: '1Gi' }), {}, { memory: '512Mi' }),
    vol(ed({ medium: 'Memory', sizeLimit: '1Gi' }), {}, { memory: '256Mi' }),
  ], // memory limit falls
  [
    'empty-dir-size-limit',
    vol(ed({ sizeLimit: '20Gi' }), {}, { 'ephemeral-storage': '10Gi' }),
    vol(ed({ sizeLimit: '20Gi' }), {}, { 'ephemeral-storage': '5Gi' }),
  ],
  ['empty-dir-size-limit', vol(ed({ medium: 'Memory' }), {}, { memory: '1Gi' }), vol(ed({ medium: 'Memory' }))], // loses its bound: unlimited node memory
  [
    'empty-dir-size-limit',
    vol(ed({ sizeLimit: '10Gi' }), {}, { 'ephemeral-storage': '20Gi' }),
    vol(ed(), {}, { 'ephemeral-storage': '20Gi' }),
  ],
  ['minimum-qos-class', r(undefined, { cpu: '1' }), r()],
  [
    'minimum-qos-class',
    r({ cpu: '1', memory: '1Gi' }),
    r({ cpu: '1', memory: '1Gi' }, { cpu: '500m' }),
    { options: { class: 'Guaranteed' } },
  ], // Guaranteed lost
  ['minimum-qos-class', r({ cpu: '1', memory: '1Gi' }, { cpu: '500m' }), r(), { options: { class: 'Guaranteed' } }], // to BestEffort
  [
    'minimum-qos-class',
    r({ cpu: '1', memory: '1Gi' }),
    { ...r({ cpu: '1', memory: '1Gi' }), initContainers: [containerOf({ name: 'i' })] },
    { options: { class: 'Guaranteed' } },
  ], // init without
  ['limit-request-ratio', r({ memory: '16Gi' }, { memory: '1Gi' }), r({ memory: '32Gi' }, { memory: '1Gi' }), { options: { memory: 8 } }],
  ['limit-request-ratio', r({ memory: '16Gi' }, { memory: '1Gi' }), r({ memory: '16Gi' }, { memory: '0' }), { options: { memory: 8 } }],
  ['ephemeral-storage-limit', vol(ed(), {}, { 'ephemeral-storage': '1Gi' }), vol(ed())],
  ['toleration-seconds', tol(600, 600), tol('ever', 'ever')],
  ['toleration-seconds', tol(600, 30), tol(600, 400)], // other taint gets wrong
  ['toleration-seconds', tol(600, 30), tol(30, 600)], // swap
  ['probe-timing', probes(P({ timeoutSeconds: 15 })), probes(P({ timeoutSeconds: 20 }))],
  ['probe-timing', probes(P({ timeoutSeconds: 20 })), probes(P(), P({ timeoutSeconds: 20 }))], // moves to readiness
  ['probe-timing', probes(P(), P({ periodSeconds: 15 })), probes(P(), P({ periodSeconds: 20 }))],
  ['probe-timing', probes(P({ failureThreshold: 100 })), probes(P({ failureThreshold: 200 }))], // too long
  ['probe-timing', probes(P({ failureThreshold: 200 })), probes(P({ failureThreshold: 1 }), P())], // too short is worse than too long
  ['probe-timing', probes(P(), P({ initialDelaySeconds: 60 })), probes(P(), P({ initialDelaySeconds: 100 }))],
  ['no-identical-probes', probes(P({ failureThreshold: 6 }), P()), probes(P(), P())],
  ['declared-probe-port', probes({ httpGet: { port: 'http' } }), probes({ httpGet: { port: 'other' } })],
  ['declared-probe-port', probes({ httpGet: { port: 'web' } }), probes({ httpGet: { port: 'web' } }, { httpGet: { port: 'web' } })], // another probe
  ['liveness-probe', probes(P(), P()), probes(undefined, P()), { options: { required: true } }],
  ['startup-probe', probes(P({ initialDelaySeconds: 200 })), probes(P({ initialDelaySeconds: 300 }))],
  ['startup-probe', probes(P({ initialDelaySeconds: 200 }), undefined, P()), probes(P({ initialDelaySeconds: 200 }))], // startup goes
  ['readiness-probe', probes(P(), P()), probes(P())],
  ['durable-data', vol({ persistentVolumeClaim: { claimName: 'x' } }), vol(ed()), { kind: 'StatefulSet' }],
  ['durable-data', vol(ed(), { readOnly: true }), vol(ed()), { kind: 'StatefulSet' }],
  [
    'local-volume',
    { ...vol({ hostPath: { path: '/srv/x' } }), nodeSelector: { 'kubernetes.io/hostname': 'a' } },
    vol({ hostPath: { path: '/srv/x' } }),
  ],
  ['no-secret-in-env', env(['A_PASSWORD', 'x1']), env(['B_PASSWORD', 'x1'])], // another variable
  ['no-secret-in-env', env(['A_PASSWORD', '$(X)']), env(['A_PASSWORD', 'x1'])],
];

void t.test('what is better than before, or as bad, is not denied', (t) => {
  for (const update of BETTER_OR_EQUAL) t.equal(isDenied(update), false, JSON.stringify(update));
  t.end();
});

void t.test('what is worse than before is denied', (t) => {
  for (const update of WORSE) t.equal(isDenied(update), true, JSON.stringify(update));
  t.end();
});
