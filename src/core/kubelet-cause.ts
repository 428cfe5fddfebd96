/**
 * Why the kubelet refused a Pod, or ended it. The reasons and messages are those of `pkg/kubelet/lifecycle`, `pkg/kubelet/eviction`,
 * `pkg/kubelet/nodeshutdown`, `pkg/kubelet/preemption` and of the node's resource managers (read at 1.36.3).
 */
import { byMessage, detail, ill, type Explain, type Seen, type StatusCause } from './cause.ts';

/** For a Pod that no node can take as it is. */
const OTHER_NODE = 'let the scheduler choose the node: remove spec.nodeName, or correct nodeSelector and affinity';
const FULL_NODE = 'let the scheduler choose the node (spec.nodeName goes around it), and delete this Pod';

/** With what the kubelet says itself. */
const refused =
  (advice: string): Explain =>
  (seen) => ({ cause: `The kubelet refused the Pod${detail(seen)}.`, advice, rules: [] });

const REPLACED = 'delete the Pod; its controller has made another one';

/** By the reason of the Pod. */
const KUBELET_CAUSES: Readonly<Record<string, Explain>> = {
  Evicted: byMessage(
    [
      [
        /EmptyDir volume/,
        ill(
          (seen) => `The kubelet evicted the Pod because a volume of it had outgrown its sizeLimit${detail(seen)}.`,
          'raise the sizeLimit of the volume, or let the application write less',
          'empty-dir-size-limit',
        ),
      ],
      [
        /local ephemeral storage limit|ephemeral local storage usage/,
        ill(
          (seen) =>
            `The kubelet evicted the Pod because it wrote more to the disk of the node than its limits of ephemeral-storage${detail(seen)}.`,
          'raise the limit of ephemeral-storage, or let the application write less: logs and emptyDir volumes count',
          'log-volume',
          'empty-dir-size-limit',
        ),
      ],
      [
        /node had condition/,
        ill(
          (seen) => `The kubelet refused the Pod because the node was short of a resource${detail(seen)}.`,
          'delete the Pod; the node takes no new ones until it has room again',
          'scheduled-by-hand',
        ),
      ],
      [
        /low on resource: (?:ephemeral-storage|inodes)/,
        ill(
          (seen) => `The kubelet evicted the Pod because the disk of the node was full${detail(seen)}.`,
          'request the ephemeral-storage that the Pod needs, and bound what it writes: emptyDir sizeLimit, a limit of ephemeral-storage',
          'ephemeral-storage-limit',
          'empty-dir-size-limit',
          'log-volume',
        ),
      ],
      [
        /low on resource: memory/,
        ill(
          (seen) => `The kubelet evicted the Pod because the node ran out of memory${detail(seen)}.`,
          'request the memory that the Pod needs: Pods that use more than their request are evicted first',
          'minimum-qos-class',
          'memory-limit',
        ),
      ],
      [
        /low on resource: pids/,
        ill(
          (seen) => `The kubelet evicted the Pod because the node ran out of process ids${detail(seen)}.`,
          'find what starts so many processes, and set podPidsLimit of the kubelet',
        ),
      ],
    ],
    ill(
      (seen) => `The kubelet evicted the Pod because the node, or a volume of the Pod, ran out of a resource${detail(seen)}.`,
      'request what the Pod needs, and bound what it writes: emptyDir sizeLimit, limits of ephemeral-storage and memory',
      'empty-dir-size-limit',
      'ephemeral-storage-limit',
      'minimum-qos-class',
      'memory-limit',
    ),
  ),
  DeadlineExceeded: ill(
    'The Pod has run for longer than activeDeadlineSeconds, and was killed.',
    'give the work a longer activeDeadlineSeconds, or make it shorter',
  ),
  // `NodeShutdown` refuses a Pod that comes then, `Terminated` ends one that runs.
  NodeShutdown: ill('The node is shutting down, so the kubelet refused the Pod.', REPLACED),
  Terminated: ill('The kubelet ended the Pod because the node was shut down.', REPLACED, 'shutdown-budget'),
  Preempting: ill(
    'The Pod made room for a Pod of a higher priority.',
    'give the Pod a PriorityClass that fits its worth, or the cluster more room',
    'minimum-qos-class',
  ),
  NodeAffinity: ill('The node does not have the labels that the Pod asks for.', OTHER_NODE, 'scheduled-by-hand'),
  NodeName: ill('The Pod names another node.', OTHER_NODE, 'scheduled-by-hand'),
  NodePorts: ill('A hostPort of the Pod is taken on the node.', `${FULL_NODE}; a Service needs no hostPort`, 'scheduled-by-hand'),
  TaintToleration: ill(
    'The node has a taint with effect NoExecute that the Pod does not tolerate.',
    'add the toleration if the Pod is to run there, else delete the Pod',
    'scheduled-by-hand',
  ),
  PodOSSelectorNodeLabelDoesNotMatch: ill('The label kubernetes.io/os of the Pod names another system than that of the node.', OTHER_NODE),
  PodOSNotSupported: ill('The Pod is for another operating system (spec.os) than that of the node.', OTHER_NODE),
  InvalidNodeInfo: refused('look at the kubelet: it cannot read its own Node'),
  SupplementalGroupsPolicyNotSupported: refused('take a node whose container runtime knows supplementalGroupsPolicy, or remove the field'),
  PodLevelResourcesNotSupported: refused('take a node whose kubelet knows spec.resources, or set the resources of each container'),
  VolumeAttachmentLimitExceeded: refused('delete the Pod: the scheduler chooses a node that can attach the volume'),
  SysctlForbidden: refused('allow the sysctl on the node (allowedUnsafeSysctls), or remove it from the Pod'),
  AppArmor: refused('load the profile on the node, or let the scheduler choose a node that has it'),
  TopologyAffinityError: refused('look at the topology manager of the node: no NUMA node has all that the Pod requests'),
  SMTAlignmentError: refused('request whole cores: a multiple of the threads of a core'),
  EmptyPodSharedPoolError: refused('leave processors of spec.resources to the containers that share them'),
  UnexpectedAdmissionError: refused('look at the device plugins and the topology manager of the node'),
  UnexpectedPredicateFailureType: refused('look at the log of the kubelet'),
  UnknownReason: refused('look at the log of the kubelet'),
};

const OUT_OF = 'OutOf';

/** @returns undefined for a reason that is none of the kubelet */
export function kubeletCauseOf(reason: string): Explain | undefined {
  if (Object.hasOwn(KUBELET_CAUSES, reason)) return KUBELET_CAUSES[reason];
  return reason.startsWith(OUT_OF) ? (seen) => outOf(reason.slice(OUT_OF.length), seen) : undefined;
}

function outOf(resource: string, seen: Seen): StatusCause {
  return {
    cause: `The node did not have enough ${resource} for the Pod when the kubelet looked${detail(seen)}.`,
    advice: FULL_NODE,
    rules: ['scheduled-by-hand'],
  };
}
