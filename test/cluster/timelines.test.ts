/**
 * When Pods start and stop, by a real kubelet, beside what `podgrace explain` predicts of the same Pods.
 *
 * Measured are the times that the kubelet and the API server write themselves, in whole seconds. All Pods run side by side; a machine that
 * is busy with something else delays them, so what misses its bounds is measured once more.
 */
import { trustIn } from '../../src/admission/submission.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { podTimelinesOf, type ContainerStart, type ContainerStop, type PodTimelines } from '../../src/core/pod-timelines.ts';
import { readSubject } from '../../src/core/subject.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { connect, eventually, makeNamespace } from './cluster.ts';
import { PodWatch, isReady, type LiveContainer, type LivePod } from './proof/pod-watch.ts';
import { createPod } from './proof/real-pod.ts';
import type { RealNode } from './proof/real-node.ts';
import { realNodeScenario } from './proof/real-node-scenario.ts';
import { policyOf } from './proof/scenario.ts';

const TAINT_KEY = 'podgrace.dev/timelines';
const KEEPS = { key: TAINT_KEY, operator: 'Exists' };

/** PID 1 that ends at SIGTERM, after what comes first; and one that does not end. */
const ends = (first = ''): readonly string[] => ['sh', '-c', `trap 'exit 0' TERM; ${first} sleep 600 & wait`];
const SWALLOWS = ['sleep', '600'];

const FAILS = { exec: { command: ['false'] } };
/** On a busy machine a command may take its time. */
const PATIENT = { timeoutSeconds: 10, failureThreshold: 10 };
const SUCCEEDS = { exec: { command: ['true'] }, ...PATIENT };

/** Bounds and a measured time, in seconds. */
interface Figure {
  readonly what: string;
  readonly from: number;
  readonly to: number;
  readonly measured: number;
  /** Of the ticks that decide. */
  readonly period: number;
}

interface Case {
  readonly name: string;
  readonly container: JsonObject;
  readonly spec?: JsonObject;
  /** What is waited for: that the Pod is ready, that a container has ended, that the Pod is gone after it was deleted or its node was tainted. */
  readonly until: 'ready' | 'ended' | 'deleted' | 'evicted';
  readonly figures: (predicted: PodTimelines, seen: Seen) => Figure[];
}

/** The kubelet looks at its containers once a second. */
const RELIST_SECONDS = 1;

const CASES: readonly Case[] = [
  {
    name: 'slow start',
    container: {
      command: ends('sleep 4; : > /up;'),
      startupProbe: { exec: { command: ['cat', '/up'] }, ...PATIENT, initialDelaySeconds: 6, periodSeconds: 2 },
    },
    until: 'ready',
    figures: ({ readySeconds }, seen) => [ready(readySeconds, seen, 2)],
  },
  {
    name: 'readinessProbe with a delay',
    container: { command: ends(), readinessProbe: { ...SUCCEEDS, initialDelaySeconds: 5, periodSeconds: 3 } },
    until: 'ready',
    figures: ({ readySeconds }, seen) => [ready(readySeconds, seen, 3)],
  },
  {
    name: 'start that hangs',
    container: { command: ends(), startupProbe: { ...FAILS, initialDelaySeconds: 2, periodSeconds: 2, failureThreshold: 3 } },
    until: 'ended',
    figures: ({ start }, seen) => [stoppedByProbe(start, seen, 2)],
  },
  {
    name: 'failing livenessProbe',
    container: { command: ends(), livenessProbe: { ...FAILS, initialDelaySeconds: 3, periodSeconds: 2, failureThreshold: 2 } },
    until: 'ended',
    figures: ({ start }, seen) => [stoppedByProbe(start, seen, 2)],
  },
  {
    name: 'exec probe with a child that outlasts the timeout of 1 s',
    container: {
      command: ends(),
      livenessProbe: { exec: { command: ['sh', '-c', 'sleep 6; exit 1'] }, timeoutSeconds: 1, periodSeconds: 2, failureThreshold: 2 },
    },
    until: 'ended',
    figures: ({ start }, seen) => [stoppedByProbe(start, seen, 2)],
  },
  {
    name: 'probe with a grace period of its own (3 s), SIGTERM swallowed',
    container: {
      command: SWALLOWS,
      livenessProbe: { ...FAILS, initialDelaySeconds: 3, periodSeconds: 1, failureThreshold: 1, terminationGracePeriodSeconds: 3 },
    },
    until: 'ended',
    figures: ({ start }, seen) => [stoppedByProbe(start, seen, 1, 'killed after the start')],
  },
  {
    name: 'grace period 0, failing livenessProbe, SIGTERM swallowed',
    container: { command: SWALLOWS, livenessProbe: { ...FAILS, initialDelaySeconds: 3, periodSeconds: 1, failureThreshold: 1 } },
    spec: { terminationGracePeriodSeconds: 0 },
    until: 'ended',
    figures: ({ start }, seen) => [stoppedByProbe(start, seen, 1, 'killed after the start')],
  },
  {
    name: 'preStop of 4 s',
    container: { command: ends(), lifecycle: { preStop: { sleep: { seconds: 4 } } } },
    until: 'deleted',
    figures: ({ stop }, seen) => [ended('app', stop.containers, seen)],
  },
  {
    name: 'SIGTERM swallowed, grace period 5 s',
    container: { command: SWALLOWS },
    spec: { terminationGracePeriodSeconds: 5 },
    until: 'deleted',
    figures: ({ stop }, seen) => [ended('app', stop.containers, seen)],
  },
  {
    name: 'preStop that outlasts the grace period of 4 s, SIGTERM swallowed',
    container: { command: SWALLOWS, lifecycle: { preStop: { exec: { command: ['sleep', '30'] } } } },
    spec: { terminationGracePeriodSeconds: 4 },
    until: 'deleted',
    figures: ({ stop }, seen) => [ended('app', stop.containers, seen)],
  },
  {
    name: 'two sidecars, the first with a startupProbe, main with a preStop of 3 s',
    container: { command: ends(), lifecycle: { preStop: { sleep: { seconds: 3 } } } },
    spec: {
      initContainers: [
        sidecar('first', { startupProbe: { ...SUCCEEDS, initialDelaySeconds: 3, periodSeconds: 1 } }),
        sidecar('second', { lifecycle: { postStart: { sleep: { seconds: 2 } } } }),
      ],
    },
    until: 'deleted',
    figures: ({ start, stop }, seen) => [
      began('second', start, seen, 1),
      began('app', start, seen, 1),
      ended('app', stop.containers, seen),
      ended('second', stop.containers, seen),
      ended('first', stop.containers, seen),
    ],
  },
  {
    name: 'sidecar beside a main container that swallows SIGTERM, grace period 5 s',
    container: { command: SWALLOWS },
    spec: { terminationGracePeriodSeconds: 5, initContainers: [sidecar('proxy', {})] },
    until: 'deleted',
    figures: ({ stop }, seen) => [ended('app', stop.containers, seen), ended('proxy', stop.containers, seen)],
  },
  {
    name: 'postStart of 4 s',
    container: { command: ends(), lifecycle: { postStart: { sleep: { seconds: 4 } } }, readinessProbe: { ...SUCCEEDS, periodSeconds: 1 } },
    until: 'ready',
    figures: ({ readySeconds }, seen) => [ready(readySeconds, seen, 1)],
  },
  {
    name: 'taint that is tolerated for 5 s',
    container: { command: ends() },
    spec: { tolerations: [{ ...KEEPS, effect: 'NoExecute', tolerationSeconds: 5 }] },
    until: 'evicted',
    figures: (_, seen) => [{ what: 'deleted after the taint', from: 5, to: 5, measured: seen.evictedSeconds, period: 0 }],
  },
];

function sidecar(name: string, more: JsonObject): JsonObject {
  return { name, command: ends(), restartPolicy: 'Always', ...more };
}

function ready(readySeconds: number, seen: Seen, period: number): Figure {
  return { what: 'ready after the start', from: readySeconds, to: readySeconds, measured: seen.readySeconds, period };
}

function stoppedByProbe(start: readonly ContainerStart[], seen: Seen, period: number, what = 'stopped after the start'): Figure {
  const { budget, graceSeconds } = one('app', start);
  if (budget === undefined) throw new Error('nothing stops it');
  const more = what.startsWith('killed') ? graceSeconds : 0;
  return { what, from: budget.atLeastSeconds + more, to: budget.atMostSeconds + more, measured: seen.lived('app'), period };
}

function began(name: string, start: readonly ContainerStart[], seen: Seen, period: number): Figure {
  const [first] = start;
  if (first === undefined) throw new Error('no container');
  const { beginSeconds } = one(name, start);
  const measured = seen.startedAt(name) - seen.startedAt(first.reference.container.name);
  return { what: `${name} begins`, from: beginSeconds, to: beginSeconds, measured, period };
}

function ended(name: string, stop: readonly ContainerStop[], seen: Seen): Figure {
  const { stopSignalSeconds, killSeconds, verdict } = one(name, stop);
  const seconds = verdict.fate === 'swallows' ? killSeconds : (stopSignalSeconds ?? Number.NaN);
  return { what: `${name} ends after the deletion`, from: seconds, to: seconds, measured: seen.endedSeconds(name), period: RELIST_SECONDS };
}

function one<T extends { readonly reference: { readonly container: { readonly name: string } } }>(name: string, all: readonly T[]): T {
  const found = all.find(({ reference }) => reference.container.name === name);
  if (found === undefined) throw new Error(`no container ${name}`);
  return found;
}

/** What the kubelet and the API server wrote about a Pod. Times are seconds since 1970. */
class Seen {
  readonly #pods: readonly LivePod[];
  readonly #taintedAt: number;

  constructor(pods: readonly LivePod[], taintedAt: number) {
    this.#pods = pods;
    this.#taintedAt = taintedAt;
  }

  /** Of its first run. */
  startedAt(name: string): number {
    return this.#first(name, ({ state, lastState }) => (lastState?.terminated ?? state.terminated ?? state.running)?.startedAt);
  }

  #finishedAt(name: string): number {
    return this.#first(name, ({ state, lastState }) => (lastState?.terminated ?? state.terminated)?.finishedAt);
  }

  /** From the start to the end of its first run. */
  lived(name: string): number {
    return this.#finishedAt(name) - this.startedAt(name);
  }

  /** From the deletion of the Pod to the end of the container. */
  endedSeconds(name: string): number {
    return this.#finishedAt(name) - this.#deletedAt;
  }

  get readySeconds(): number {
    const at = this.#pods.find(isReady)?.status.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
    return secondsAt(at) - this.startedAt('app');
  }

  get evictedSeconds(): number {
    return this.#deletedAt - this.#taintedAt;
  }

  get #deletedAt(): number {
    const deleted = this.#pods.find(({ metadata }) => metadata.deletionTimestamp !== undefined)?.metadata;
    return secondsAt(deleted?.deletionTimestamp) - (deleted?.deletionGracePeriodSeconds ?? 0);
  }

  #first(name: string, timeOf: (container: LiveContainer) => string | undefined): number {
    for (const { status } of this.#pods) {
      for (const container of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
        const time = container.name === name ? timeOf(container) : undefined;
        if (time !== undefined) return secondsAt(time);
      }
    }
    return Number.NaN;
  }
}

function secondsAt(time: string | undefined): number {
  return time === undefined ? Number.NaN : Date.parse(time) / 1000;
}

realNodeScenario('Pods start and stop when explain says so', async (t, node) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const watch = PodWatch.start(t, namespace);
  t.teardown(() => taint(api, node, false));
  const place = { api, node, namespace, watch };
  const first = await measure(CASES, 'a', place);
  const missed = CASES.filter((_, index) => first[index]?.some(isMissed) === true);
  await taint(api, node, false);
  const second = missed.length === 0 ? [] : await measure(missed, 'b', place);
  for (const [index, each] of CASES.entries()) {
    const figures = second[missed.indexOf(each)] ?? first[index] ?? [];
    t.ok(figures.length > 0, `${each.name} is measured`);
    for (const figure of figures) {
      const { what, from, to, measured, period } = figure;
      t.comment(`| ${each.name} | ${what} | ${from === to ? from : `${from} to ${to}`} s | ${measured.toFixed(0)} s |`);
      t.notOk(isMissed(figure), `${each.name}: ${what}: ${measured} s is within 1 s and a period of ${period} s of ${from} to ${to} s`);
    }
  }
});

function isMissed({ from, to, measured, period }: Figure): boolean {
  return !(measured >= from - 1 && measured <= to + 1 + period);
}

interface Place {
  readonly api: KubeApi;
  readonly node: RealNode;
  readonly namespace: string;
  readonly watch: PodWatch;
}

/** Runs all Pods at once; the node is tainted when all are ready that are to be. */
async function measure(cases: readonly Case[], prefix: string, { api, node, namespace, watch }: Place): Promise<Figure[][]> {
  const named = cases.map((each, index) => ({ ...each, pod: `${prefix}${index}` }));
  const stored = await Promise.all(
    named.map(({ pod, container, spec = {} }) => {
      const { initContainers = [], tolerations = [KEEPS] } = spec as { initContainers?: JsonObject[]; tolerations?: JsonObject[] };
      const images = { image: node.busybox, imagePullPolicy: 'Never' };
      const whole = { ...spec, tolerations, initContainers: initContainers.map((each) => ({ ...images, ...each })) };
      return createPod(api, namespace, node, { name: pod, container, spec: whole });
    }),
  );
  let taintedAt = Number.NaN;
  await Promise.all(
    named.map(async ({ pod, until }) => {
      if (until === 'ended') {
        await watch.until(pod, 'has ended once', ({ pod: { status } }) => status.containerStatuses?.some(hasEnded) === true);
        return;
      }
      await watch.ready(pod);
      if (until === 'ready') return;
      if (until === 'evicted') {
        taintedAt = Date.now() / 1000;
        await taint(api, node, true);
      } else {
        await api.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}/pods/${pod}` });
      }
      await watch.until(pod, 'is gone', ({ type }) => type === 'DELETED');
    }),
  );
  return named.map(({ pod, figures }, index) => {
    const seen = new Seen(
      watch.of(pod).map((event) => event.pod),
      taintedAt,
    );
    return figures(predictionOf(stored[index] ?? {}), seen);
  });
}

function hasEnded({ state, lastState }: LiveContainer): boolean {
  return (state.terminated ?? lastState?.terminated) !== undefined;
}

function predictionOf(pod: JsonObject): PodTimelines {
  const { kinds, kubernetesMinor } = policyOf({});
  const trust = trustIn({ origin: { from: 'file' }, kind: { group: '', version: 'v1', kind: 'Pod' } }, kinds);
  const reading = readSubject(pod, { kinds, kubernetesMinor, trust });
  if (reading.outcome !== 'subject') throw new Error(reading.outcome);
  return podTimelinesOf(reading.subject, 16n * 1024n ** 3n);
}

/** Puts the taint of these tests on the node, or takes it away; other taints stay. */
async function taint(api: KubeApi, { name }: RealNode, isOn: boolean): Promise<void> {
  const path = `/api/v1/nodes/${name}`;
  await eventually(`the taint of ${name} is ${isOn ? 'on' : 'off'}`, async () => {
    const { body } = await api.request({ method: 'GET', path });
    const { taints = [] } = body['spec'] as { taints?: { key: string }[] };
    const others = taints.filter(({ key }) => key !== TAINT_KEY);
    if (!isOn && others.length === taints.length) return true;
    const { resourceVersion } = body['metadata'] as { resourceVersion: string };
    const wanted = isOn ? [...others, { key: TAINT_KEY, effect: 'NoExecute' }] : others;
    const patch = { metadata: { resourceVersion }, spec: { taints: wanted } };
    try {
      await api.request({ method: 'PATCH', patchType: 'application/merge-patch+json', path, body: patch });
      return true;
    } catch {
      return false; // Somebody else changed the node meanwhile.
    }
  });
}
