/**
 * Pods of every walk of life for property tests over the whole catalogue: ports, probes, hooks, entrypoints, tolerations and
 * owners on top of the resources and volumes of `arbitrary-pod.ts`. The API server accepts them all.
 */
import fc from '../fast-check.ts';
import { applyDefaults } from '../../src/core/defaults.ts';
import { cloneJson } from '../../src/core/json.ts';
import type { Pod } from '../../src/core/pod.ts';
import { findInvalid } from './api-validation.ts';
import { anyPod, type SentPod } from './arbitrary-pod.ts';

export interface SentWorkload {
  readonly minor: number;
  /** A Pod or something with a template, as somebody would send it. */
  readonly object: object;
  /** Whether an API server has seen it. */
  readonly admitted: boolean;
}

/** There or not, one time in two. */
function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 2 });
}

const handler = fc.constantFrom<object>(
  { httpGet: { port: 8080, path: '/healthz' } },
  { httpGet: { port: 'http', path: '/ready', scheme: 'HTTPS' } },
  { tcpSocket: { port: 8080 } },
  { exec: { command: ['cat', '/tmp/healthy'] } },
  { grpc: { port: 9090 } },
);

function probe(isReadiness: boolean): fc.Arbitrary<object> {
  const timing: Record<string, fc.Arbitrary<number>> = {
    initialDelaySeconds: fc.constantFrom(0, 5, 60),
    timeoutSeconds: fc.constantFrom(0, 1, 5, 30),
    periodSeconds: fc.constantFrom(1, 5, 10, 60),
    failureThreshold: fc.constantFrom(1, 3, 10),
  };
  if (isReadiness) timing['successThreshold'] = fc.constantFrom(1, 2);
  else timing['terminationGracePeriodSeconds'] = fc.constantFrom(1, 60);
  return fc.tuple(handler, fc.record(timing, { requiredKeys: [] })).map(([action, numbers]) => ({ ...action, ...numbers }));
}

const hook = fc.constantFrom<object>(
  { sleep: { seconds: 0 } },
  { sleep: { seconds: 5 } },
  { sleep: { seconds: 20 } },
  { exec: { command: ['sleep', '25'] } },
  { exec: { command: ['sh', '-c', 'while pgrep app; do sleep 1; done'] } },
  { exec: { command: ['nginx', '-s', 'quit'] } },
  { exec: { command: ['sh', '-c', 'while true; do sleep 1; done'] } },
  { exec: { command: ['sleep 10'] } },
  { httpGet: { port: 8080, path: '/drain' } },
  { tcpSocket: { port: 8080 } },
);

const command = fc.constantFrom<readonly string[]>(
  ['app', '--flag'],
  ['sh', '-c', 'prepare; app'],
  ['sh', '-c', 'prepare; exec app'],
  ['sh', '-c', 'app || exit 1'],
  ['sh', '-c', 'trap "exit 0" TERM; app'],
  ['tail', '-F', '/log'],
  ['/init'],
  ['bash', '-c', 'app'],
  ['sleep', 'infinity'],
  ['tini', '--', 'app'],
  ['sh', '/entrypoint.sh'],
);

const ports = fc.subarray<object>(
  [
    { containerPort: 8080, name: 'http' },
    { containerPort: 53, protocol: 'UDP' },
    { containerPort: 9090, protocol: 'TCP' },
  ],
  { minLength: 1 },
);

/** What a container has besides resources and mounts; probes and hooks only where it may have them. */
function life(mayHaveHooks: boolean): fc.Arbitrary<object> {
  const all = { command: optional(command), args: optional(fc.constantFrom<readonly string[]>(['--verbose'], [])) };
  if (!mayHaveHooks) return fc.record(all);
  return fc.record({
    ...all,
    image: fc.constantFrom('registry.example/app:1', 'registry.example/java/app', 'registry.example/app@sha256:' + 'a'.repeat(64)),
    ports: optional(ports),
    livenessProbe: optional(probe(false)),
    readinessProbe: optional(probe(true)),
    startupProbe: optional(probe(false)),
    lifecycle: optional(fc.record({ preStop: optional(hook), postStart: optional(hook) })),
  });
}

const toleration = fc.constantFrom<object>(
  { operator: 'Exists' },
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'dedicated', operator: 'Equal', value: 'db', effect: 'NoSchedule' },
);

const around = fc.record({
  terminationGracePeriodSeconds: optional(fc.constantFrom(0, 1, 10, 30, 60, 3600)),
  tolerations: optional(fc.uniqueArray(toleration, { maxLength: 3 })),
  shareProcessNamespace: fc.constantFrom(undefined, undefined, undefined, true, false),
  hostPID: fc.constantFrom(undefined, undefined, undefined, undefined, true),
  os: fc.constantFrom(undefined, undefined, undefined, { name: 'linux' }, { name: 'windows' }),
});

const drainSeconds = fc.constantFrom(undefined, undefined, '0', '45', '700', 'soon');

/** How a Pod comes to be: by itself, from a workload, or inside one. */
type Origin = { readonly owner?: readonly [string, string] } | { readonly template: readonly [string, string] };

const origin = fc.constantFrom<Origin>(
  {},
  { owner: ['apps/v1', 'ReplicaSet'] },
  { owner: ['apps/v1', 'StatefulSet'] },
  { owner: ['apps/v1', 'DaemonSet'] },
  { owner: ['batch/v1', 'Job'] },
  { template: ['apps/v1', 'Deployment'] },
  { template: ['apps/v1', 'StatefulSet'] },
  { template: ['batch/v1', 'Job'] },
);

interface PodSpecSent {
  readonly containers: readonly object[];
  readonly initContainers: readonly { readonly restartPolicy?: string }[];
}

interface Decoration {
  readonly lives: readonly { readonly simple: object; readonly full: object }[];
  readonly spec: object;
  readonly drain: string | undefined;
  readonly origin: Origin;
}

function decorate({ pod }: SentPod, { lives, spec: around, drain, origin }: Decoration): object {
  const { spec } = pod as { spec: PodSpecSent };
  const containers = spec.containers.map((container, index) => ({ ...container, ...lives[index]?.full }));
  const initContainers = spec.initContainers.map((container, index) => ({
    ...container,
    ...(container.restartPolicy === 'Always' ? lives[index + 2]?.full : lives[index + 2]?.simple),
  }));
  const isBatch = ('template' in origin ? origin.template : origin.owner)?.[1] === 'Job';
  const decorated = { ...spec, ...around, ...(isBatch && { restartPolicy: 'OnFailure' }), containers, initContainers };
  const annotations = drain === undefined ? {} : { 'podgrace.dev/drain-seconds': drain };
  if ('template' in origin) {
    const [apiVersion, kind] = origin.template;
    return { apiVersion, kind, metadata: { name: 'any' }, spec: { template: { metadata: { annotations }, spec: decorated } } };
  }
  const [apiVersion, kind] = origin.owner ?? [];
  const ownerReferences = kind === undefined ? [] : [{ apiVersion, kind, name: 'owner', controller: true }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'any', annotations, ownerReferences }, spec: decorated };
}

/** The Pod that comes out of it. */
function podOf(object: object): unknown {
  const { kind, spec } = object as { kind: string; spec: { template: unknown } };
  return kind === 'Pod' ? object : spec.template;
}

function isAccepted({ object, minor }: SentWorkload): boolean {
  const pod: Pod = applyDefaults(podOf(object), 'pod', minor);
  return findInvalid(pod, `1.${minor}`).length === 0;
}

export const anyWorkload: fc.Arbitrary<SentWorkload> = fc
  .record({
    sent: anyPod,
    admitted: fc.boolean(),
    decoration: fc.record({
      lives: fc.array(fc.record({ simple: life(false), full: life(true) }), { minLength: 4, maxLength: 4 }),
      spec: around,
      drain: drainSeconds,
      origin,
    }),
  })
  // As it comes off the wire: without prototypes of its own, and without members that are undefined.
  .map(({ sent, admitted, decoration }) => ({
    minor: sent.minor,
    admitted,
    object: cloneJson(JSON.parse(JSON.stringify(decorate(sent, decoration))) as object),
  }))
  .filter(isAccepted);
