/**
 * What happens when a Pod is deleted, and when, from the spec alone.
 *
 * The kubelet (`kuberuntime_container.go` killContainer, executePreStopHook) starts the grace period before preStop: hook
 * and application share it. All hooks start at once. Each container gets its stop signal when its own hook has ended; a
 * sidecar waits besides for all main containers and for the sidecars after it (`kuberuntime_termination_order.go`). What is
 * still there at the end of the period, at least 2 s after the stop signal, is killed.
 */
import { PodFacts } from './pod-facts.ts';
import type { ContainerReference, ObjectMeta, PodSpec } from './pod.ts';
import type { HookReading } from './process/hook.ts';

/** The author of a workload knows best how long it drains; this can only change how much time it gets. */
export const DRAIN_ANNOTATION = 'podgrace.dev/drain-seconds';

/** @returns in seconds; the text itself where it is no number of seconds; undefined where the Pod does not say it */
export function drainSecondsSaid({ annotations }: ObjectMeta): number | string | undefined {
  const text = annotations?.[DRAIN_ANNOTATION];
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : text;
}

/** The kubelet's `minimumGracePeriodInSeconds` (kuberuntime_manager.go): what a container has after an overlong hook. */
export const MINIMUM_STOP_SECONDS = 2;

/** What the kubelet makes of a period of 0: the object is gone at once, and its containers have this long (measured on 1.36.3). */
const LEAST_GRACE_SECONDS = 1;

/** When a container without a hook is killed that does not end at its stop signal; after a period of 0 or 1 s, the kubelet waits for 2. */
export function killSecondsOf(graceSeconds: number): number {
  return Math.max(graceSeconds, MINIMUM_STOP_SECONDS);
}

export interface ShutdownAssumptions {
  /** How long the application works on after SIGTERM. */
  readonly drainSeconds: number;
  /** How long sidecars take after the last main container has ended. */
  readonly sidecarSeconds: number;
  /** What is kept free before SIGKILL. */
  readonly marginSeconds: number;
  /** Whether a container runs on after its stop signal until it is killed: sidecars before it wait for that. None does unless given. */
  readonly swallows?: (reference: ContainerReference) => boolean;
}

export interface ContainerShutdown {
  readonly reference: ContainerReference;
  /** Its preStop hook. */
  readonly hook: HookReading | undefined;
  /** Seconds after the deletion; undefined where the hook's end, or that of the main containers, is not known. */
  readonly stopSignalSeconds: number | undefined;
  /** When the container is killed if it is still there. */
  readonly killSeconds: number;
}

interface ShutdownNeed {
  /** The grace period with which nothing is killed early: the sum of the four below. Of open hooks, what is known counts. */
  readonly neededSeconds: number;
  /** The hook that everything waits for. */
  readonly preStopSeconds: number;
  /** The drain after that hook; 0 where a sidecar's hook outlasts hook and drain of every main container. */
  readonly drainSeconds: number;
  readonly sidecarSeconds: number;
  readonly marginSeconds: number;
}

export interface ShutdownPlan extends ShutdownNeed {
  /** In the order in which the containers start; ordinary init containers have ended long before. */
  readonly containers: readonly ContainerShutdown[];
}

/** When each container of a Pod is told to stop, when it would be killed, and how long a period all of it needs. */
export function shutdownPlanOf(
  spec: PodSpec,
  assumptions: ShutdownAssumptions,
  facts: PodFacts = new PodFacts({ metadata: {}, spec }),
): ShutdownPlan {
  const graceSeconds = Math.max(spec.terminationGracePeriodSeconds, LEAST_GRACE_SECONDS);
  const running: Running[] = [];
  for (const reference of facts.containers) if (isRunning(reference)) running.push({ reference, hook: hookOf(reference, facts) });
  return { containers: stopsOf(running, assumptions, graceSeconds), ...needOf(running, assumptions) };
}

/** A container that is there when the Pod is deleted. */
interface Running {
  readonly reference: ContainerReference;
  readonly hook: HookReading | undefined;
}

/** The last one first, as each sidecar waits for those after it. */
function stopsOf(running: readonly Running[], { drainSeconds, swallows }: ShutdownAssumptions, graceSeconds: number): ContainerShutdown[] {
  const containers: ContainerShutdown[] = [];
  let turnSeconds = endOfMains(running, drainSeconds, graceSeconds);
  for (let index = running.length - 1; index >= 0; index--) {
    const one = running[index];
    if (one === undefined) continue;
    const { reference, hook } = one;
    let stopSignalSeconds = hookEnd(hook, graceSeconds);
    if (reference.kind === 'sidecar') {
      stopSignalSeconds = turnSeconds = later(turnSeconds, stopSignalSeconds);
      if (swallows?.(reference) === true) turnSeconds = graceSeconds;
    }
    const killSeconds = Math.max(graceSeconds, (stopSignalSeconds ?? graceSeconds) + MINIMUM_STOP_SECONDS);
    containers.push({ reference, hook, stopSignalSeconds, killSeconds });
  }
  return containers.reverse();
}

/** When the last main container has ended; undefined where the end of a hook is not known. */
function endOfMains(running: readonly Running[], drainSeconds: number, graceSeconds: number): number | undefined {
  let seconds: number | undefined = 0;
  for (const { reference, hook } of running) {
    if (reference.kind !== 'main') continue;
    const end = hookEnd(hook, graceSeconds);
    seconds = later(seconds, end === undefined ? undefined : Math.min(end + drainSeconds, graceSeconds));
  }
  return seconds;
}

function needOf(running: readonly Running[], { drainSeconds, sidecarSeconds, marginSeconds }: ShutdownAssumptions): ShutdownNeed {
  let mainHookSeconds = 0;
  let mainsNeedSeconds = 0;
  let sidecarHookSeconds = 0;
  for (const { reference, hook } of running) {
    const seconds = hook?.duration.seconds ?? 0;
    if (reference.kind === 'sidecar') {
      sidecarHookSeconds = Math.max(sidecarHookSeconds, seconds);
      continue;
    }
    const needSeconds = drainEnd(hook, drainSeconds);
    if (needSeconds > mainsNeedSeconds) [mainsNeedSeconds, mainHookSeconds] = [needSeconds, seconds];
  }
  const isOutlasted = sidecarHookSeconds > mainsNeedSeconds;
  const parts = {
    preStopSeconds: isOutlasted ? sidecarHookSeconds : mainHookSeconds,
    // As far as it lasts longer than the hook: who stops the server in the hook drains beside it.
    drainSeconds: isOutlasted ? 0 : mainsNeedSeconds - mainHookSeconds,
    sidecarSeconds: running.some(({ reference }) => reference.kind === 'sidecar') ? sidecarSeconds : 0,
    marginSeconds,
  };
  return { ...parts, neededSeconds: parts.preStopSeconds + parts.drainSeconds + parts.sidecarSeconds + marginSeconds };
}

/** Ordinary init containers have ended, and ephemeral containers are not waited for. */
function isRunning({ kind }: ContainerReference): boolean {
  return kind === 'main' || kind === 'sidecar';
}

function hookOf({ container }: ContainerReference, facts: PodFacts): HookReading | undefined {
  const preStop = container.lifecycle?.preStop;
  return preStop == null ? undefined : facts.hookOf(preStop, container);
}

/** When hook and drain are both over: the drain begins where the hook stops the server, else after the hook. */
function drainEnd(hook: HookReading | undefined, drainSeconds: number): number {
  if (hook === undefined) return drainSeconds;
  const { duration, delay, stopsServer } = hook;
  return stopsServer ? Math.max(duration.seconds, delay.seconds + drainSeconds) : duration.seconds + drainSeconds;
}

function later(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.max(a, b);
}

/** When a container's hook ends: at the latest with the grace period. */
function hookEnd(hook: HookReading | undefined, graceSeconds: number): number | undefined {
  if (hook === undefined) return 0;
  const { certainty, seconds } = hook.duration;
  if (certainty === 'exact') return Math.min(seconds, graceSeconds);
  return certainty === 'endless' ? graceSeconds : undefined;
}
