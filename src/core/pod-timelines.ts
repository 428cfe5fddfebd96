/** When a Pod starts, stops and is taken away, and in which order its containers are killed for memory: all of it as values. */
import { NEVER, nodeLostTimeline, oomScoreAdj, STAYS_ON_ITS_NODE, type NodeLostTimeline } from './eviction.ts';
import { PodFacts } from './pod-facts.ts';
import type { ContainerReference, ExecAction, Pod, PodSpec } from './pod.ts';
import { isPidOneElsewhere } from './process/container-stop.ts';
import type { Duration, HookReading } from './process/hook.ts';
import { ImageKnowledge } from './process/image-knowledge.ts';
import type { StopVerdict } from './process/possibility.ts';
import { isShell } from './process/shells.ts';
import { qosClassOf, qosObstacles, type QosClass, type QosObstacle } from './qos.ts';
import { rolloutOf, type Rollout, type Workload } from './rollout.ts';
import { MINIMUM_STOP_SECONDS, shutdownPlanOf, type ContainerShutdown } from './shutdown.ts';
import { mostUpdatesOfStart, probeOfStart, startTimelineOf, type StartTimeline } from './startup.ts';
import type { Subject } from './subject.ts';

/** Its times count from the start of the container. */
export interface ContainerStart extends StartTimeline {
  readonly reference: ContainerReference;
  /**
   * When the container starts, in seconds after the first one of the list, at the earliest: the kubelet waits for postStart hooks
   * and for sidecars before it. What ordinary init containers take is not known and not counted.
   */
  readonly beginSeconds: number;
  /** Its postStart hook. */
  readonly hook: HookReading | undefined;
  /** What the container has between the stop signal and SIGKILL if `budget` is exceeded: its probe's own grace period, or that of the Pod. */
  readonly graceSeconds: number;
}

export interface ContainerStop extends ContainerShutdown {
  /** What becomes of it at the stop signal. */
  readonly verdict: StopVerdict;
}

export interface StopTimeline {
  readonly graceSeconds: number;
  /** Whether the processes of a container are not PID 1, so that the default action of the signal ends them. */
  readonly isPidOneElsewhere: boolean;
  readonly containers: readonly ContainerStop[];
}

export interface MemoryRank {
  readonly reference: ContainerReference;
  /** -997 (killed last) to 1000 (killed first). */
  readonly oomScoreAdj: number;
}

export interface PodTimelines {
  readonly qosClass: QosClass;
  /** What keeps it from the next higher class; empty for Guaranteed. */
  readonly obstacles: readonly QosObstacle[];
  readonly memory: readonly MemoryRank[];
  readonly start: readonly ContainerStart[];
  /** When the Pod is ready, in seconds after the first container of `start` begins, at the earliest; `Infinity` for never. */
  readonly readySeconds: number;
  readonly stop: StopTimeline;
  readonly nodeLost: NodeLostTimeline;
  /** Undefined where the kind does not roll its Pods by surge and unavailable ones. */
  readonly rollout: Rollout | undefined;
}

/** @param nodeMemoryBytes of the node that the OOM score is computed for, above 0 */
export function podTimelinesOf(
  { pod, kind, kubernetesMinor, workload }: Subject,
  nodeMemoryBytes: bigint,
  images = ImageKnowledge.BUILT_IN,
): PodTimelines {
  const { spec } = pod;
  const facts = new PodFacts(pod, undefined, images);
  const qosClass = qosClassOf(spec, kubernetesMinor);
  const staying = facts.containers.filter(({ kind }) => kind === 'main' || kind === 'sidecar');
  const start = startOf(spec, staying, facts);
  return {
    qosClass,
    obstacles: qosObstacles(spec, kubernetesMinor, qosClass === 'BestEffort' ? 'Burstable' : 'Guaranteed'),
    memory: staying.map((reference) => ({ reference, oomScoreAdj: oomScoreAdj(spec, reference, nodeMemoryBytes, kubernetesMinor) })),
    start,
    readySeconds: start.reduce((latest, each) => Math.max(latest, each.beginSeconds + each.readySeconds), 0),
    stop: stopTimelineOf(pod, facts),
    nodeLost: nodeLostOf(kind, spec, workload),
    rollout: rolloutTimelineOf(workload),
  };
}

/**
 * The Job controller deletes the Pods of a Job whose deadline has passed, wherever they run (`pkg/controller/job/job_controller.go` syncJob). The
 * deadline counts from the start of the Job, so it ends no later than as many seconds after the node has fallen silent.
 */
function nodeLostOf(kind: string, { tolerations }: PodSpec, workload: Workload | undefined): NodeLostTimeline {
  if (kind === 'DaemonSet') return STAYS_ON_ITS_NODE;
  const timeline = nodeLostTimeline(tolerations);
  const deadlineSeconds = workload?.job?.activeDeadlineSeconds ?? NEVER;
  return { ...timeline, deletedSeconds: Math.min(timeline.deletedSeconds, Math.max(0, deadlineSeconds)) };
}

/** One after another: `syncPod` (kuberuntime_manager.go) starts a container and waits for its postStart hook, and of a sidecar until it has started. */
function startOf(spec: PodSpec, staying: readonly ContainerReference[], facts: PodFacts): ContainerStart[] {
  const updates = facts.containers.reduce((sum, { container }) => sum + mostUpdatesOfStart(container), 0);
  let beginSeconds = 0;
  return staying.map((reference) => {
    const { container } = reference;
    const postStart = container.lifecycle?.postStart;
    const hook = postStart == null ? undefined : facts.hookOf(postStart, container);
    const probe = container[probeOfStart(container)];
    const postStartSeconds = hook === undefined ? 0 : earliestEnd(hook.duration);
    const commandSeconds =
      probe?.exec == null ? 0 : outlastingSeconds(probe.exec, facts.hookOf(probe, container, { isProbe: true }).duration);
    const updatesByOthers = updates - mostUpdatesOfStart(container);
    const timeline = startTimelineOf(container, { postStartSeconds, commandSeconds, updatesByOthers });
    const graceSeconds = Math.max(MINIMUM_STOP_SECONDS, probe?.terminationGracePeriodSeconds ?? spec.terminationGracePeriodSeconds);
    const start = { reference, beginSeconds, hook, graceSeconds, ...timeline };
    beginSeconds += reference.kind === 'sidecar' ? timeline.startedSeconds : postStartSeconds;
    return start;
  });
}

function earliestEnd({ certainty, seconds }: Duration): number {
  if (certainty === 'endless') return Number.POSITIVE_INFINITY;
  return certainty === 'at most' ? 0 : seconds;
}

/** How long the kubelet may wait for the command of a probe, whatever its timeout: a shell that waits for a child is killed, and the child is not. */
function outlastingSeconds({ command }: ExecAction, { certainty, seconds }: Duration): number {
  const words = command ?? [];
  const isReplaced = words.some((word) => /^\s*exec\s/.test(word));
  return isShell(words) && !isReplaced && certainty !== 'endless' ? seconds : 0;
}

function stopTimelineOf({ spec }: Pod, facts: PodFacts): StopTimeline {
  const isElsewhere = isPidOneElsewhere(spec);
  const graceSeconds = spec.terminationGracePeriodSeconds;
  // Whoever swallows the signal keeps the sidecars waiting to the end of the period; the others are taken to end at once.
  const swallows = ({ container }: ContainerReference): boolean => !isElsewhere && facts.stopOf(container).fate === 'swallows';
  const drainSeconds = facts.containers.some((each) => each.kind === 'main' && swallows(each)) ? graceSeconds : 0;
  const { containers } = shutdownPlanOf(spec, { drainSeconds, sidecarSeconds: 0, marginSeconds: 0, swallows }, facts);
  return {
    graceSeconds,
    isPidOneElsewhere: isElsewhere,
    containers: containers.map((each) => ({ ...each, verdict: facts.stopOf(each.reference.container) })),
  };
}

function rolloutTimelineOf(workload: Workload | undefined): Rollout | undefined {
  const rollout = workload && rolloutOf(workload);
  return rollout === undefined || rollout.replicas <= 0 ? undefined : rollout;
}

/** Whether a Pod whose node is lost stays where it is, for ever. */
export function waitsForItsNode({ deletedSeconds }: NodeLostTimeline): boolean {
  return deletedSeconds === NEVER;
}
