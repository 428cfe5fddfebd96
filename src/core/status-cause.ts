/**
 * Why a Pod has the STATUS that kubectl prints: the cause in words, what to do, and which rules find it before the Pod runs.
 *
 * The phases and reasons are those of kubernetes `pkg/kubelet/status/generate.go`, of the scheduler and of the controllers that delete
 * Pods (read at 1.36.3); those of containers and of the kubelet have files of their own.
 */
import { detail, ill, nameOf, well, type Explain, type Seen, type StatusCause } from './cause.ts';
import { CONTAINER_CAUSES, ended, lastEnd, times } from './container-cause.ts';
import { kubeletCauseOf } from './kubelet-cause.ts';
import type { ContainerStatus, PodCondition, PodStatus, PrintedStatus } from './pod-status.ts';

/** By STATUS where the Pod as a whole decides it, or no container has failed. */
const POD_CAUSES: Readonly<Record<string, Explain>> = {
  Running: (seen) => running(seen),
  Succeeded: well('All containers have ended with exit code 0.'),
  Failed: ill(
    'A container has ended with an error, and none of them is started again.',
    'kubectl logs and kubectl describe pod say what is known of it',
  ),
  Completed: (seen) => completed(seen),
  SchedulingGated: ill(
    'The Pod is held back by spec.schedulingGates, so the scheduler does not look at it.',
    'find the controller that removes the gate, or remove the gate',
  ),
  Pending: (seen) => pending(seen),
  ContainerCreating: ill(
    ({ who }) => `${who} is being created: its volumes are mounted, its network is made, its image is pulled.`,
    'where that takes more than a minute, look for FailedMount, FailedCreatePodSandBox or a missing ConfigMap or Secret in kubectl describe pod',
    'empty-dir-size-limit',
    'existing-references',
  ),
  PodInitializing: well('The init containers have ended or started, and the containers of the application come next.'),
  Terminating: (seen) => terminating(seen),
  Unknown: (seen) => (seen.pod.isDeleted ? lostAndDeleted(seen) : lost(seen)),
  NodeLost: (seen) => lost(seen),
  NotReady: ill(
    'A container has completed, another one is running, and the Pod is not ready.',
    'a process that is to end belongs into an init container or a Job; a container that is to run needs restartPolicy: Always and a readinessProbe that succeeds',
    'readiness-probe',
  ),
};

const lost: Explain = ill(
  'The node does not answer any more.',
  'check the node; the Pod is evicted when its tolerationSeconds are over',
  'toleration-seconds',
);

const lostAndDeleted: Explain = ill(
  'The node does not answer any more, and the Pod is deleted as soon as it does.',
  'if the machine is off for good, delete the Node, or give it the taint node.kubernetes.io/out-of-service so that volumes are released',
  'toleration-seconds',
);

/**
 * @param printed of the same Pod
 * @returns undefined for a STATUS that podgrace does not know
 */
export function causeOf(pod: PodStatus, printed: PrintedStatus): StatusCause | undefined {
  // Its containers have ended for the reason of the Pod, whatever kubectl prints of them.
  const ofKubelet = pod.phase === 'Failed' ? kubeletCauseOf(pod.reason) : undefined;
  if (ofKubelet !== undefined && printed.decidedBy !== undefined) return ofKubelet(seenOf(pod, printed, undefined));
  const container = printed.decidedBy;
  const seen = seenOf(pod, printed, container);
  const isInit = printed.status.startsWith('Init:');
  const status = isInit ? printed.status.slice('Init:'.length) : printed.status;
  const explain = explanationOf(status, container);
  if (explain !== undefined) return explain(seen);
  if (/^\d+\/\d+$/.test(status)) return initializing(seen);
  if (/^ExitCode:|^Signal:/.test(status)) return ended(seen, container?.terminated);
  return undefined;
}

/** A container and a Pod may have the same reason and mean something else by it: `Unknown`. */
function explanationOf(status: string, container: ContainerStatus | undefined): Explain | undefined {
  const ofContainer = Object.hasOwn(CONTAINER_CAUSES, status) ? CONTAINER_CAUSES[status] : undefined;
  const ofPod = (Object.hasOwn(POD_CAUSES, status) ? POD_CAUSES[status] : undefined) ?? kubeletCauseOf(status);
  return container === undefined ? (ofPod ?? ofContainer) : (ofContainer ?? ofPod);
}

function seenOf(pod: PodStatus, printed: PrintedStatus, container: ContainerStatus | undefined): Seen {
  const message = container === undefined ? pod.message : (container.waiting?.message ?? container.terminated?.message ?? '');
  return { pod, printed, container, who: nameOf(container), message };
}

function conditionOf({ conditions }: PodStatus, type: string): PodCondition | undefined {
  return conditions.find((condition) => condition.type === type);
}

/** STATUS is about the main containers once a sidecar has started, whatever becomes of it. */
function brokenSidecar(seen: Seen, { waiting, terminated }: ContainerStatus): StatusCause | undefined {
  const reason = waiting?.reason ?? terminated?.reason ?? '';
  return Object.hasOwn(CONTAINER_CAUSES, reason) ? CONTAINER_CAUSES[reason]?.(seen) : terminated && ended(seen, terminated);
}

function running(seen: Seen): StatusCause {
  const { pod } = seen;
  const ready = conditionOf(pod, 'Ready');
  const waiting = [...pod.initContainers, ...pod.containers].filter(
    ({ isRunning, isReady, kind }) => isRunning && !isReady && kind !== 'init',
  );
  if (ready?.isTrue === true || (ready === undefined && waiting.length === 0)) return runsWell(seen);
  const [container] = waiting;
  if (container !== undefined) return notReady(container);
  const broken = pod.initContainers.find(({ kind, isRunning, isReady }) => kind === 'sidecar' && !isRunning && !isReady);
  const ofBroken = broken && brokenSidecar(seenOf(pod, seen.printed, broken), broken);
  if (ofBroken !== undefined) return ofBroken;
  if (ready?.reason === 'ReadinessGatesNotReady')
    return {
      cause: `All containers are ready, and the Pod is not, because of a readiness gate${detail(ready)}.`,
      advice: 'find the controller that sets the condition of spec.readinessGates, or remove the gate',
      rules: ['readiness-gates'],
    };
  return {
    cause: 'All containers were ready when the node last reported, and the Pod is not: the node does not answer, or has just begun to.',
    advice: 'check the node with kubectl get node',
    rules: ['toleration-seconds'],
  };
}

function runsWell(seen: Seen): StatusCause {
  const { pod } = seen;
  const cause = 'All that is to run is running.';
  const restarted = [...pod.initContainers, ...pod.containers].find(
    ({ lastTerminated, kind }) => lastTerminated !== undefined && kind !== 'init',
  );
  if (restarted?.lastTerminated === undefined) return { cause, advice: undefined, rules: [] };
  const end = lastEnd(seen, restarted, restarted.lastTerminated);
  return {
    cause: `${cause} ${nameOf(restarted)} was restarted ${times(restarted.restarts)}; before the last time: ${end.cause}`,
    advice: undefined,
    rules: end.rules,
  };
}

function notReady(container: ContainerStatus): StatusCause {
  const who = nameOf(container);
  if (!container.isStarted)
    return {
      cause: `${who} is running and has not started: its startupProbe has not succeeded, or its postStart hook is running.`,
      advice: 'look at its log; kubectl describe pod shows how the startupProbe fails',
      rules: ['probe-handler', 'probe-timing', 'declared-probe-port', 'post-start'],
    };
  return {
    cause: `${who} is running and not ready: its readinessProbe does not succeed. Services send no requests to the Pod.`,
    advice: 'look at its log; kubectl describe pod shows how the readinessProbe fails',
    rules: ['probe-handler', 'probe-timing', 'declared-probe-port'],
  };
}

function completed(seen: Seen): StatusCause {
  const { pod, container } = seen;
  if (pod.phase === 'Running' && container?.restartPolicy === 'Always') return ended(seen, container.terminated);
  return { cause: 'The container has done its work: exit code 0, and it is not restarted.', advice: undefined, rules: [] };
}

function pending({ pod }: Seen): StatusCause {
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.isTrue === true)
    return {
      cause: 'The Pod has a node, and its containers are not created yet.',
      advice: 'where that takes more than a minute, look at the kubelet of the node',
      rules: [],
    };
  if (scheduled === undefined)
    return {
      cause: 'No scheduler and no kubelet has reported about the Pod yet.',
      advice: 'check that a scheduler with the name of spec.schedulerName runs, or, with spec.nodeName, that this node exists',
      rules: ['scheduled-by-hand'],
    };
  if (scheduled.reason === 'SchedulerError')
    return { cause: `The scheduler has failed${detail(scheduled)}.`, advice: 'it tries again; look at its log', rules: [] };
  return {
    cause: `No node can take the Pod yet${scheduled.reason === 'Unschedulable' ? detail(scheduled) : ''}.`,
    advice: scheduled.message.includes(LACKS_FEATURES) ? NEWER_NODES : WHAT_TO_CORRECT,
    rules: unschedulableRules(scheduled.message),
  };
}

const WHAT_TO_CORRECT =
  'lower the requests, add nodes, or correct nodeSelector, affinity, tolerations and claims; the message says which of them';

/** Since 1.36, kubelets declare some features in the status of their node (`pkg/scheduler/framework/plugins/nodedeclaredfeatures`). */
const LACKS_FEATURES = "didn't match Pod's required features";
const NEWER_NODES =
  'update the nodes: their kubelets do not declare a feature that the Pod uses, such as the restart rule RestartAllContainers; or leave it away';

function unschedulableRules(message: string): string[] {
  const rules: string[] = [];
  if (message === '' || message.includes('Insufficient ')) rules.push('sane-quantities');
  if (message.includes('not found')) rules.push('existing-references');
  if (message.includes('topology spread')) rules.push('topology-spread');
  if (message.includes(LACKS_FEATURES)) rules.push('restart-rules');
  return rules;
}

/** Why a Pod is deleted, by the reason of its condition DisruptionTarget (k8s.io/api `core/v1/types.go`, the controllers). */
const DISRUPTIONS: Readonly<Record<string, readonly [why: string, ...rules: string[]]>> = {
  PreemptionByScheduler: ['to make room for a Pod of a higher priority'],
  DeletionByTaintManager: ['because its node has a taint that it does not tolerate any longer', 'toleration-seconds'],
  EvictionByEvictionAPI: ['because it was evicted, as by kubectl drain', 'disruption-budget'],
  DeletionByPodGC: ['because its node is gone'],
  TerminationByKubelet: ['because the kubelet ends it'],
};

function terminating({ pod }: Seen): StatusCause {
  const target = conditionOf(pod, 'DisruptionTarget');
  const isKnown = target?.isTrue === true && Object.hasOwn(DISRUPTIONS, target.reason);
  const [why, ...rules] = (isKnown ? DISRUPTIONS[target.reason] : undefined) ?? [''];
  return {
    cause: `The Pod is deleted${why === '' ? '' : ` ${why}`}: its preStop hooks run, then its processes have what is left of the grace period to end.`,
    advice: 'where it lasts longer than the grace period, the node does not answer, or a finalizer in metadata.finalizers holds the Pod',
    rules: ['init-process', 'shutdown-budget', 'stoppable-sleep', ...rules],
  };
}

function initializing({ who, container }: Seen): StatusCause {
  if (container?.kind === 'sidecar')
    return {
      cause: `${who} has not started: its startupProbe has not succeeded, or it is being created. What comes after it waits.`,
      advice: 'look at its log and its startupProbe',
      rules: ['probe-timing'],
    };
  return {
    cause: `${who} is running or about to run. What comes after it waits.`,
    advice: 'an init container has no deadline: look at its log, and at what it waits for',
    rules: ['init-container-wait'],
  };
}
