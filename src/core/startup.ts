/**
 * What happens while a container starts, and how long it may fail afterwards, from its probes alone.
 *
 * The kubelet runs one worker for each probe (`pkg/kubelet/prober/worker.go` run, doProbe; read at 1.36.3). It ticks every
 * `periodSeconds` from when the Pod was added, so the first probe of a container comes up to one period after its
 * `initialDelaySeconds`, which count from the container's start. A probe that is still running swallows the ticks that
 * fall into it. While there is a startupProbe that has not succeeded, the other two are not run. No probe runs before the
 * postStart hook has ended: the kubelet waits for it before it writes the status that the workers read. All times are whole
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

/** What is known of a container's hook and of its commands. */
export interface StartAssumptions {
  /** When the postStart hook has ended at the earliest; `Infinity` for one that never ends. */
  readonly postStartSeconds?: number;
  /** How long the command of the probe that ends the start goes on after its timeout: see `StartBudget.atMostSeconds`. */
  readonly commandSeconds?: number;
  /** How many status updates the other containers of the Pod make at most while all of them start. */
  readonly updatesByOthers?: number;
}

export interface StartBudget {
  /** The probe that ends the start: the startupProbe if there is one, else the livenessProbe. */
  readonly probe: Extract<ProbeKind, 'startupProbe' | 'livenessProbe'>;
  /** What an application that does not answer has before it is stopped: `initialDelaySeconds` + (`failureThreshold` - 1) × `periodSeconds`. */
  readonly atLeastSeconds: number;
  /**
   * When it is stopped at the latest: every tick came late, and every probe took its whole timeout. The timeout of an exec probe
   * ends the command, but the kubelet waits besides for children that keep its output open: it waits for a command of a shell
   * as long as that takes.
   */
  readonly atMostSeconds: number;
}

/**
 * How long a container may take to start, undefined where nothing ends a start. It gets its stop signal after that, and has its
 * grace period.
 */
function startBudgetOf(
  container: Pick<Container, ProbeKind>,
  { postStartSeconds = 0, commandSeconds = 0 }: StartAssumptions,
): StartBudget | undefined {
  const probe = probeOfStart(container);
  const timing: Maybe<ProbeTiming> = container[probe];
  if (timing == null) return undefined;
  const heldBackSeconds = Math.max(delayOf(timing), postStartSeconds);
  return {
    probe,
    atLeastSeconds: heldBackSeconds - delayOf(timing) + firstVerdictSeconds(timing),
    atMostSeconds: heldBackSeconds + detectionSeconds({ ...timing, timeoutSeconds: Math.max(timing.timeoutSeconds, commandSeconds) }),
  };
}

/** The probe that ends a start that hangs, where the container has it. */
export function probeOfStart({ startupProbe }: Pick<Container, ProbeKind>): StartBudget['probe'] {
  return startupProbe != null ? 'startupProbe' : 'livenessProbe';
}

export interface StartTimeline {
  /** When the container can first count as started: readiness and liveness are asked from then on, and after a sidecar the next container starts. */
  readonly startedSeconds: number;
  /** When the container can first be Ready, an application that answers at once provided. */
  readonly readySeconds: number;
  /** When the kubelet first asks the livenessProbe, undefined without one. */
  readonly firstLivenessSeconds: number | undefined;
  readonly budget: StartBudget | undefined;
}

/**
 * When a container that starts is asked, ready and stopped at the earliest. A container without a readinessProbe is ready as it has
 * started. Times are `Infinity` for what never happens.
 */
export function startTimelineOf(container: Pick<Container, ProbeKind>, assumptions: StartAssumptions = {}): StartTimeline {
  const { startupProbe, readinessProbe, livenessProbe } = container;
  const { postStartSeconds = 0, updatesByOthers = 0 } = assumptions;
  const startedSeconds = Math.max(postStartSeconds, startupProbe == null ? 0 : delayOf(startupProbe));
  const readySeconds = readinessProbe == null ? startedSeconds : firstReadySeconds(readinessProbe, startedSeconds, updatesByOthers);
  const firstLivenessSeconds = livenessProbe == null ? undefined : Math.max(startedSeconds, delayOf(livenessProbe));
  return { startedSeconds, readySeconds, firstLivenessSeconds, budget: startBudgetOf(container, assumptions) };
}

/** Whether the livenessProbe may kill a container that has no startupProbe before it can be ready. */
export function isKilledWhileStarting(container: Pick<Container, ProbeKind>): boolean {
  const { readySeconds, budget } = startTimelineOf(container);
  return budget?.probe === 'livenessProbe' && budget.atLeastSeconds < readySeconds;
}

/**
 * A status update of the Pod runs the readinessProbe between two ticks (`prober_manager.go` UpdatePodStatus, manualTriggerCh), and a start makes
 * one or two. Within `initialDelaySeconds`, such a probe is not run and does not come again. Seen on a kubelet 1.36.3 with a
 * `periodSeconds` of 10: a `successThreshold` of 3 takes 1, 2 or 11 s, one of 4 takes 12 s, and one of 3 takes 21 s with a delay of 1 s.
 */
const MOST_UPDATES_OF_START = 2;

/** The kubelet also updates the status when a startupProbe or a readinessProbe first succeeds (`kubelet.go` syncLoopIteration). */
export function mostUpdatesOfStart({ startupProbe, readinessProbe }: Pick<Container, ProbeKind>): number {
  return MOST_UPDATES_OF_START + (startupProbe == null ? 0 : 1) + (readinessProbe == null ? 0 : 1);
}

/** @param updatesByOthers may come at any time, because pulling the image of another container may take as long as the delay of the probe */
function firstReadySeconds(probe: ProbeTiming, startedSeconds: number, updatesByOthers: number): number {
  const delaySeconds = delayOf(probe);
  const betweenTicks = (delaySeconds <= startedSeconds ? MOST_UPDATES_OF_START : 0) + updatesByOthers;
  const furtherTicks = Math.max(0, probe.successThreshold - 1 - betweenTicks);
  return Math.max(startedSeconds, delaySeconds) + furtherTicks * probe.periodSeconds;
}
