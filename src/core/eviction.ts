/**
 * When a Pod is taken away though nobody deleted it: its node is lost or tainted, or the node runs out of memory.
 *
 * Taints mirror kubernetes `pkg/controller/tainteviction/taint_eviction.go` (processPodOnNode, getMinTolerationTime) and
 * `GetMatchingTolerations`; the OOM score mirrors `pkg/kubelet/qos/policy.go`. Read at 1.36.3.
 */
import { NOT_READY_TAINT, UNREACHABLE_TAINT } from './defaults.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';
import { containersOf, type ContainerReference, type Maybe, type PodSpec, type Toleration } from './pod.ts';
import { qosClassOf } from './qos.ts';
import { wholeUnits } from './quantity.ts';
import { aggregateResource, amountOf } from './resources.ts';

/** k8s.io/api core/v1 Taint. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** The taint of a node whose kubelet says that it is not ready. */
export const NOT_READY: Taint = { key: NOT_READY_TAINT, value: '', effect: 'NoExecute' };
/** The taint of a node that says nothing any more. */
export const UNREACHABLE: Taint = { key: UNREACHABLE_TAINT, value: '', effect: 'NoExecute' };

/**
 * How long a node may be silent before it is tainted: kube-controller-manager's `--node-monitor-grace-period`, 50 s since
 * 1.32 (40 s before).
 */
export const NODE_MONITOR_GRACE_SECONDS = 50;

/** The Pod is never evicted. */
export const NEVER = Number.POSITIVE_INFINITY;

/**
 * How long a Pod stays on a node after a taint with effect NoExecute was put on it: the first toleration in list order that matches counts.
 *
 * @returns whole seconds; 0 where the Pod is evicted at once (the taint is not tolerated, or only for no time)
 */
function secondsUntilEviction(tolerations: Maybe<readonly Toleration[]>, taint: Taint): number {
  const toleration = tolerations?.[firstMatchOf(tolerations, taint)];
  return toleration === undefined ? 0 : toleratedSeconds(toleration);
}

/** How long one toleration keeps the Pod: `NEVER` ends without `tolerationSeconds`; zero and negative ones mean no time. */
export function toleratedSeconds({ tolerationSeconds }: Toleration): number {
  return tolerationSeconds == null ? NEVER : Math.max(0, tolerationSeconds);
}

/** The place of the toleration that decides about a taint, -1 where none matches. */
export function firstMatchOf(tolerations: Maybe<readonly Toleration[]>, taint: Taint): number {
  if (tolerations == null) return -1;
  for (let index = 0; index < tolerations.length; index++) {
    const toleration = tolerations[index];
    if (toleration !== undefined && toleratesTaint(toleration, taint)) return index;
  }
  return -1;
}

/**
 * k8s.io/api `core/v1/toleration.go` ToleratesTaint: an empty effect or key matches any. The operators Lt and Gt match
 * nothing, as their feature (TaintTolerationComparisonOperators) is off up to 1.37.
 */
function toleratesTaint({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (!operator || operator === 'Equal') return (value ?? '') === taint.value;
  return operator === 'Exists';
}

export interface NodeLostTimeline {
  /** When the node is tainted, in seconds after its last sign of life. */
  readonly noticedSeconds: number;
  /**
   * When the Pod is marked for deletion, so that its controller makes another one; `NEVER` where it waits for the node. The
   * lost Pod stays Terminating until the node is back, is deleted or gets the out-of-service taint: a StatefulSet waits
   * for that.
   */
  readonly deletedSeconds: number;
}

/** What becomes of a Pod whose node falls silent. Nodes of a failing zone are tainted more slowly (0.1 a second at most). */
export function nodeLostTimeline(tolerations: Maybe<readonly Toleration[]>): NodeLostTimeline {
  const noticedSeconds = NODE_MONITOR_GRACE_SECONDS;
  return { noticedSeconds, deletedSeconds: noticedSeconds + secondsUntilEviction(tolerations, UNREACHABLE) };
}

/** What becomes of a Pod of a DaemonSet: its controller adds tolerations without end (`pkg/controller/daemon/util`). */
export const STAYS_ON_ITS_NODE: NodeLostTimeline = { noticedSeconds: NODE_MONITOR_GRACE_SECONDS, deletedSeconds: NEVER };

const GUARANTEED_OOM_SCORE = -997;
const BEST_EFFORT_OOM_SCORE = 1000;
/** A Guaranteed Pod that uses all memory scores 10 or so; Burstable ones stay above it, and below BestEffort. */
const BURSTABLE_OOM_SCORES = { min: 3, max: 999 } as const;

/** The priority class of what a node cannot do without; the API server gives it the priority that the kubelet asks for too. */
const NODE_CRITICAL_CLASS = 'system-node-critical';

/**
 * The `oom_score_adj` that the kubelet gives to a container's processes: of two that use the same share of memory, the
 * kernel kills the higher one first. Mirrors `GetContainerOOMScoreAdjust`, Pod-level requests included (on since 1.34).
 *
 * @param spec a Pod's with defaults
 * @param memoryCapacityBytes of the node, above 0
 * @returns -997 (killed last) to 1000 (killed first)
 */
export function oomScoreAdj(spec: PodSpec, reference: ContainerReference, memoryCapacityBytes: bigint, minor: KubernetesMinor): number {
  if (spec.priorityClassName === NODE_CRITICAL_CLASS) return GUARANTEED_OOM_SCORE;
  const qosClass = qosClassOf(spec, minor);
  if (qosClass === 'Guaranteed') return GUARANTEED_OOM_SCORE;
  if (qosClass === 'BestEffort') return BEST_EFFORT_OOM_SCORE;

  const references = containersOf(spec).filter(({ kind }) => kind !== 'ephemeral');
  const ownBytes = memoryRequestBytes(reference);
  // A sidecar is not killed before the containers that it serves.
  const countedBytes = reference.kind === 'sidecar' ? larger(ownBytes, leastMainRequestBytes(references)) : ownBytes;
  const score = 1000n - (1000n * (countedBytes + leftoverBytes(spec, references))) / memoryCapacityBytes;
  return Math.min(BURSTABLE_OOM_SCORES.max, Math.max(BURSTABLE_OOM_SCORES.min, Number(score)));
}

function memoryRequestBytes({ container }: ContainerReference): bigint {
  const amount = amountOf(container.resources?.requests, 'memory');
  return amount === undefined ? 0n : wholeUnits(amount);
}

function leastMainRequestBytes(references: readonly ContainerReference[]): bigint {
  let least: bigint | undefined;
  for (const reference of references) {
    if (reference.kind !== 'main') continue;
    const bytes = memoryRequestBytes(reference);
    if (least === undefined || bytes < least) least = bytes;
  }
  return least ?? 0n;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** What the Pod requests beyond its containers, shared out evenly (`remainingPodMemReqPerContainer`). */
function leftoverBytes(spec: PodSpec, references: readonly ContainerReference[]): bigint {
  const podMemory = amountOf(spec.resources?.requests, 'memory');
  if (podMemory === undefined || podMemory.nano === 0n) return 0n;
  const requested = aggregateResource(spec, 'requests', 'memory');
  const leftover = wholeUnits(podMemory) - (requested === undefined ? 0n : wholeUnits(requested));
  return leftover / BigInt(references.length);
}
