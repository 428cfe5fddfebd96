/**
 * What happens while a container starts, and how long it may fail afterwards, from its probes alone.
 *
 * The kubelet runs one worker for each probe (`pkg/kubelet/prober/worker.go` run, doProbe; read at 1.36.3). It ticks every
 * `periodSeconds` from when the Pod was added, so the first probe of a container comes up to one period after its
 * `initialDelaySeconds`, which count from the container's start. A probe that is still running swallows the ticks that
 * fall into it. While there is a startupProbe that has not succeeded, the other two are not run. All times are whole
 * seconds after the container's start unless said otherwise.
 */
import type { Container, Maybe, Probe, ProbeKind } from './pod.ts';

/** What is counted of a probe. */
export type ProbeTiming = Pick<Probe, 'initialDelaySeconds' | 'timeoutSeconds' | 'periodSeconds' | 'successThreshold' | 'failureThreshold'>;

/** How long a container may fail a probe before that has a consequence: `failureThreshold` × `periodSeconds`. */
export function toleranceSeconds({ failureThreshold, periodSeconds }: ProbeTiming): number {
  return failureThreshold * periodSeconds;
}

/**
 * How long a failure stays without a consequence at most: the container fails just after it was asked, and every probe
 * hangs until its timeout. That is the tolerance and one timeout, as long as the timeout fits into the period.
 *
 * @returns seconds after the failure
 */
export function detectionSeconds(probe: ProbeTiming): number {
  const { failureThreshold, periodSeconds, timeoutSeconds } = probe;
  return periodSeconds + (failureThreshold - 1) * Math.max(periodSeconds, timeoutSeconds) + timeoutSeconds;
}

/** When a probe can have failed often enough: the first tick falls on the end of the delay, and every probe fails at once. */
function firstVerdictSeconds(probe: ProbeTiming): number {
  return delayOf(probe) + (probe.failureThreshold - 1) * probe.periodSeconds;
}

function delayOf({ initialDelaySeconds }: ProbeTiming): number {
  return initialDelaySeconds ?? 0;
}

export interface StartBudget {
  /** The probe that ends the start: the startupProbe if there is one, else the livenessProbe. */
  readonly probe: Extract<ProbeKind, 'startupProbe' | 'livenessProbe'>;
  /** What an application that does not answer has before it is killed: `initialDelaySeconds` + (`failureThreshold` - 1) × `periodSeconds`. */
  readonly atLeastSeconds: number;
  /** When it is killed at the latest: every tick came late, and every probe took its whole timeout. */
  readonly atMostSeconds: number;
}

/** How long a container may take to start, undefined where nothing ends a start. It is killed with its grace period after that. */
export function startBudgetOf(container: Pick<Container, ProbeKind>): StartBudget | undefined {
  const probe = container.startupProbe != null ? 'startupProbe' : 'livenessProbe';
  const timing: Maybe<ProbeTiming> = container[probe];
  if (timing == null) return undefined;
  return { probe, atLeastSeconds: firstVerdictSeconds(timing), atMostSeconds: delayOf(timing) + detectionSeconds(timing) };
}

export interface StartTimeline {
  /** When the container can first count as started: readiness and liveness are asked from then on. */
  readonly startedSeconds: number;
  /**
   * When the container can first be Ready, an application that answers at once provided. A status update of the Pod runs
   * the readinessProbe between two ticks (`prober_manager.go` UpdatePodStatus, manualTriggerCh), which can bring a
   * `successThreshold` above 1 forward.
   */
  readonly readySeconds: number;
  /** When the kubelet first asks the livenessProbe, undefined without one. */
  readonly firstLivenessSeconds: number | undefined;
  readonly budget: StartBudget | undefined;
}

/** When a container that starts is asked, ready and killed at the earliest. A container without a readinessProbe is ready as it has started. */
export function startTimelineOf(container: Pick<Container, ProbeKind>): StartTimeline {
  const { startupProbe, readinessProbe, livenessProbe } = container;
  const startedSeconds = startupProbe == null ? 0 : delayOf(startupProbe);
  const readySeconds =
    readinessProbe == null
      ? startedSeconds
      : Math.max(startedSeconds, delayOf(readinessProbe)) + (readinessProbe.successThreshold - 1) * readinessProbe.periodSeconds;
  const firstLivenessSeconds = livenessProbe == null ? undefined : Math.max(startedSeconds, delayOf(livenessProbe));
  return { startedSeconds, readySeconds, firstLivenessSeconds, budget: startBudgetOf(container) };
}
