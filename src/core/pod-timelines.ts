/** When a Pod starts, stops and is taken away, and in which order its containers are killed for memory: all of it as values. */
import { NEVER, nodeLostTimeline, oomScoreAdj, type NodeLostTimeline } from './eviction.ts';
import { PodFacts } from './pod-facts.ts';
import type { ContainerReference, Pod } from './pod.ts';
import { isPidOneElsewhere } from './process/container-stop.ts';
import { ImageKnowledge } from './process/image-knowledge.ts';
import type { StopVerdict } from './process/possibility.ts';
import { qosClassOf, qosObstacles, type QosClass, type QosObstacle } from './qos.ts';
import { rolloutBounds, type Workload } from './rollout.ts';
import { shutdownPlanOf, type ContainerShutdown } from './shutdown.ts';
import { startTimelineOf, type StartTimeline } from './startup.ts';
import type { Subject } from './subject.ts';

export interface ContainerStart extends StartTimeline {
  readonly reference: ContainerReference;
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

export interface RolloutTimeline {
  readonly replicas: number;
  /** Pods that there are at most while it rolls. */
  readonly mostPods: number;
  /** Pods that are available at least. */
  readonly leastAvailable: number;
  /** How often a Pod has to become ready, one after another, at least. */
  readonly steps: number;
}

export interface PodTimelines {
  readonly qosClass: QosClass;
  /** What keeps it from the next higher class; empty for Guaranteed. */
  readonly obstacles: readonly QosObstacle[];
  readonly memory: readonly MemoryRank[];
  readonly start: readonly ContainerStart[];
  readonly stop: StopTimeline;
  readonly nodeLost: NodeLostTimeline;
  /** Undefined where the kind does not roll its Pods by surge and unavailable ones. */
  readonly rollout: RolloutTimeline | undefined;
}

/** @param nodeMemoryBytes of the node that the OOM score is computed for, above 0 */
export function podTimelinesOf(
  { pod, kubernetesMinor, workload }: Subject,
  nodeMemoryBytes: bigint,
  images = ImageKnowledge.BUILT_IN,
): PodTimelines {
  const { spec } = pod;
  const facts = new PodFacts(pod, undefined, images);
  const qosClass = qosClassOf(spec, kubernetesMinor);
  const staying = facts.containers.filter(({ kind }) => kind === 'main' || kind === 'sidecar');
  return {
    qosClass,
    obstacles: qosObstacles(spec, kubernetesMinor, qosClass === 'BestEffort' ? 'Burstable' : 'Guaranteed'),
    memory: staying.map((reference) => ({ reference, oomScoreAdj: oomScoreAdj(spec, reference, nodeMemoryBytes, kubernetesMinor) })),
    start: staying.map((reference) => ({ reference, ...startTimelineOf(reference.container) })),
    stop: stopTimelineOf(pod, facts),
    nodeLost: nodeLostTimeline(spec.tolerations),
    rollout: rolloutTimelineOf(workload),
  };
}

function stopTimelineOf({ spec }: Pod, facts: PodFacts): StopTimeline {
  const isElsewhere = isPidOneElsewhere(spec);
  const graceSeconds = spec.terminationGracePeriodSeconds;
  const isLost = ({ container, kind }: ContainerReference): boolean => kind === 'main' && facts.stopOf(container).fate === 'swallows';
  // Whoever swallows the signal keeps the sidecars waiting to the end of the period; the others are taken to end at once.
  const drainSeconds = !isElsewhere && facts.containers.some(isLost) ? graceSeconds : 0;
  const { containers } = shutdownPlanOf(spec, { drainSeconds, sidecarSeconds: 0, marginSeconds: 0 }, facts);
  return {
    graceSeconds,
    isPidOneElsewhere: isElsewhere,
    containers: containers.map((each) => ({ ...each, verdict: facts.stopOf(each.reference.container) })),
  };
}

function rolloutTimelineOf(workload: Workload | undefined): RolloutTimeline | undefined {
  const { replicas, strategy } = workload ?? {};
  if (replicas === undefined || replicas === 0 || strategy?.maxSurge === undefined || strategy.maxUnavailable === undefined)
    return undefined;
  const { maxSurge, maxUnavailable } = strategy;
  const { surge, unavailable } = rolloutBounds({ maxSurge, maxUnavailable }, replicas);
  return {
    replicas,
    mostPods: replicas + surge,
    leastAvailable: Math.max(0, replicas - unavailable),
    steps: Math.ceil(replicas / Math.max(1, surge + unavailable)),
  };
}

/** Whether a Pod whose node is lost stays where it is, for ever. */
export function waitsForItsNode({ deletedSeconds }: NodeLostTimeline): boolean {
  return deletedSeconds === NEVER;
}
