/**
 * Why a Pod has the STATUS that kubectl prints: the cause in words, what to do, and which rules find it before the Pod runs.
 *
 * The reasons are those of the kubelet (`pkg/kubelet/container/sync_result.go`, `pkg/kubelet/images/types.go`,
 * `pkg/kubelet/kuberuntime`, `pkg/kubelet/lifecycle`, `pkg/kubelet/eviction`), of the container runtime and of the controllers that
 * end Pods (read at 1.36.3).
 */
import type { ContainerStatus, PodStatus, PrintedStatus, TerminatedState } from './pod-status.ts';

export interface StatusCause {
  /** What happened, as one or two sentences. */
  readonly cause: string;
  /** What to do about it; undefined where nothing is wrong. */
  readonly advice: string | undefined;
  /** The ids of the rules that would have found it. */
  readonly rules: readonly string[];
}

interface Seen {
  readonly pod: PodStatus;
  /** "Container web", or "The Pod" where no container decides. */
  readonly who: string;
  readonly container: ContainerStatus | undefined;
  /** What the kubelet or the runtime says itself, with a colon before it; empty where it says nothing. */
  readonly detail: string;
}

type Explain = (seen: Seen) => StatusCause;

/** Nothing is wrong. */
const well =
  (cause: string): Explain =>
  () => ({ cause, advice: undefined, rules: [] });

const ill =
  (cause: (seen: Seen) => string, advice: string, ...rules: string[]): Explain =>
  (seen) => ({ cause: cause(seen), advice, rules });

const PULL_ADVICE =
  'check the name and the tag of the image, whether the node reaches the registry, and imagePullSecrets; kubectl describe pod shows each attempt';

/** By STATUS, without `Init:`. What is not in the list is explained by its form, or not at all. */
const EXPLANATIONS: Readonly<Record<string, Explain>> = {
  Running: well('All that is to run is running.'),
  Succeeded: well('All containers have ended with exit code 0.'),
  Completed: well('The container has done its work: exit code 0, and it is not restarted.'),
  SchedulingGated: ill(
    () => 'The Pod is held back by spec.schedulingGates, so the scheduler does not look at it.',
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
  Terminating: ill(
    () => 'The Pod is deleted: its preStop hooks run, then its processes have what is left of the grace period to end.',
    'where it lasts longer than the grace period, the node does not answer, or a finalizer in metadata.finalizers holds the Pod',
    'init-process',
    'shutdown-budget',
    'stoppable-sleep',
  ),
  Unknown: ill(
    () => 'The node does not answer any more, and the Pod is deleted as soon as it does.',
    'if the machine is off for good, delete the Node, or give it the taint node.kubernetes.io/out-of-service so that volumes are released',
    'toleration-seconds',
  ),
  NodeLost: ill(
    () => 'The node does not answer any more.',
    'check the node; the Pod is evicted when its tolerationSeconds are over',
    'toleration-seconds',
  ),
  NotReady: ill(
    () => 'A container has completed, another one is running, and the Pod is not ready.',
    'a process that is to end belongs into an init container or a Job; a container that is to run needs restartPolicy: Always and a readinessProbe that succeeds',
    'readiness-probe',
  ),
  CrashLoopBackOff: (seen) => crashLoop(seen),
  OOMKilled: (seen) => outOfMemory(seen),
  Error: (seen) => ended(seen, seen.container?.terminated),
  StartError: (seen) => notStarted(seen),
  ContainerCannotRun: (seen) => notStarted(seen),
  RunContainerError: (seen) => notStarted(seen),
  CreateContainerError: ill(
    ({ who, detail }) => `The runtime cannot create the container: ${lowered(who)}${detail}.`,
    'check the command, the mounts and the securityContext of the container; the message names what the runtime refuses',
    'exec-form',
  ),
  CreateContainerConfigError: ill(
    ({ who, detail }) => `${who} names a ConfigMap, a Secret or a key that does not exist${detail}.`,
    'create it in the namespace of the Pod, or mark the reference optional: true',
    'existing-references',
  ),
  PostStartHookError: ill(
    ({ who, detail }) => `${who} was killed because its postStart hook failed${detail}.`,
    'the hook must end with exit code 0, whether the application has started or not',
    'exec-form',
  ),
  PreStopHookError: ill(({ who }) => `${who} was killed while its preStop hook failed.`, 'the hook must end with exit code 0', 'exec-form'),
  ErrImagePull: ill(({ who, detail }) => `The image of ${lowered(who)} cannot be pulled${detail}.`, PULL_ADVICE),
  ImagePullBackOff: ill(
    ({ who, detail }) => `The image of ${lowered(who)} could not be pulled, and the kubelet waits before it tries again${detail}.`,
    PULL_ADVICE,
  ),
  InvalidImageName: ill(
    ({ who, detail }) => `The image of ${lowered(who)} is no valid reference${detail}.`,
    'a reference is [REGISTRY[:PORT]/]NAME[:TAG][@DIGEST], in lower case',
  ),
  ErrImageNeverPull: ill(
    ({ who }) => `The image of ${lowered(who)} is not on the node, and imagePullPolicy is Never.`,
    'load the image on every node that may take the Pod, or set imagePullPolicy: IfNotPresent',
  ),
  RegistryUnavailable: ill(({ who }) => `The registry of the image of ${lowered(who)} does not answer.`, PULL_ADVICE),
  SignatureValidationFailed: ill(
    ({ who, detail }) => `The signature of the image of ${lowered(who)} is refused${detail}.`,
    'sign the image as the policy of the node demands',
  ),
  ContainerStatusUnknown: ill(
    ({ who }) => `The kubelet lost ${lowered(who)}: the node was restarted, or the Pod was evicted before its end was seen.`,
    'look at the events of the node at that time',
    'empty-dir-size-limit',
    'memory-limit',
  ),
  Evicted: ill(
    ({ detail }) => `The kubelet evicted the Pod because the node, or a volume of the Pod, ran out of a resource${detail}.`,
    'request what the Pod needs, and bound what it writes: emptyDir sizeLimit, limits of ephemeral-storage and memory',
    'empty-dir-size-limit',
    'minimum-qos-class',
    'memory-limit',
  ),
  DeadlineExceeded: ill(
    () => 'The Pod has run for longer than activeDeadlineSeconds, and was killed.',
    'give the work a longer activeDeadlineSeconds, or make it shorter',
  ),
  NodeShutdown: ill(
    () => 'The node was shut down, and the kubelet ended the Pod first.',
    'delete the Pod; its controller has made another one',
    'shutdown-budget',
  ),
  Terminated: ill(
    () => 'The kubelet ended the Pod because the node was shut down.',
    'delete the Pod; its controller has made another one',
    'shutdown-budget',
  ),
  NodeAffinity: ill(
    () => 'The node does not have the labels that the Pod asks for.',
    'let the scheduler choose the node: remove spec.nodeName, or mend nodeSelector and affinity',
  ),
  Preempting: ill(
    () => 'The Pod made room for a Pod of a higher priority.',
    'give the Pod a PriorityClass that fits its worth, or the cluster more room',
    'minimum-qos-class',
  ),
  UnexpectedAdmissionError: ill(
    ({ detail }) => `The kubelet refused the Pod${detail}.`,
    'look at the device plugins and the topology manager of the node',
  ),
};

/**
 * @param printed of the same Pod
 * @returns undefined for a STATUS that podgrace does not know
 */
export function causeOf(pod: PodStatus, printed: PrintedStatus): StatusCause | undefined {
  const container = printed.decidedBy;
  const seen: Seen = { pod, container, who: whoOf(container), detail: detailOf(pod, container) };
  const isInit = printed.status.startsWith('Init:');
  const status = isInit ? printed.status.slice('Init:'.length) : printed.status;
  const explain = Object.hasOwn(EXPLANATIONS, status) ? EXPLANATIONS[status] : undefined;
  if (explain !== undefined) return explain(seen);
  if (/^\d+\/\d+$/.test(status)) return initializing(seen);
  if (/^ExitCode:|^Signal:/.test(status)) return ended(seen, container?.terminated);
  if (status.startsWith('OutOf')) return outOf(status.slice('OutOf'.length), seen);
  return undefined;
}

function whoOf(container: ContainerStatus | undefined): string {
  if (container === undefined) return 'The Pod';
  const noun = { main: 'Container', init: 'Init container', sidecar: 'Sidecar' }[container.kind];
  return `${noun} ${container.name}`;
}

function lowered(who: string): string {
  return who.charAt(0).toLowerCase() + who.slice(1);
}

function detailOf(pod: PodStatus, container: ContainerStatus | undefined): string {
  const message = container === undefined ? pod.message : (container.waiting?.message ?? container.terminated?.message ?? '');
  // Messages of several lines are logs; their first line is enough here.
  const [line = ''] = message.trim().split('\n', 1);
  return line === '' ? '' : `: ${line.replace(/\.$/, '')}`;
}

function pending({ pod }: Seen): StatusCause {
  const scheduled = pod.conditions.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.isTrue === true)
    return {
      cause: 'The Pod has a node, and its containers are not created yet.',
      advice: 'where that takes more than a minute, look at the kubelet of the node',
      rules: [],
    };
  const why = scheduled?.reason === 'Unschedulable' && scheduled.message !== '' ? `: ${scheduled.message.replace(/\.$/, '')}` : '';
  return {
    cause: `No node can take the Pod yet${why}.`,
    advice: 'lower the requests, add nodes, or mend nodeSelector, affinity, tolerations and claims; the message says which of them',
    rules: ['sane-quantities', 'minimum-qos-class'],
  };
}

function initializing({ who, container }: Seen): StatusCause {
  const isSidecar = container?.kind === 'sidecar';
  return {
    cause: isSidecar
      ? `${who} has not started: its startupProbe has not succeeded, or it is being created. What comes after it waits.`
      : `${who} is running or about to run. What comes after it waits.`,
    advice: isSidecar
      ? 'look at its log and its startupProbe'
      : `an init container has no deadline: look at its log, and at what it waits for`,
    rules: isSidecar ? ['probe-timing'] : [],
  };
}

function crashLoop(seen: Seen): StatusCause {
  const { who, container } = seen;
  const restarts = container?.restarts ?? 0;
  const last = container?.lastTerminated;
  const waits = `the kubelet waits before it restarts it again (10 s, doubled up to 5 minutes)`;
  if (last === undefined)
    return { cause: `${who} ends again and again, and ${waits}.`, advice: 'look at kubectl logs --previous', rules: [] };
  const { cause, advice, rules } = last.reason === 'OOMKilled' ? outOfMemory(seen) : ended(seen, last);
  return { cause: `${cause} It was restarted ${restarts === 1 ? 'once' : `${restarts} times`}, and ${waits}.`, advice, rules };
}

function outOfMemory({ who }: Seen): StatusCause {
  return {
    cause: `${who} used more memory than its limit, or the node ran out of memory, and the kernel killed a process of it.`,
    advice: 'raise the limit above what the application needs at its peak, volumes in memory included, or mend the leak',
    rules: ['memory-limit', 'sane-quantities', 'minimum-qos-class'],
  };
}

function notStarted({ who, detail }: Seen): StatusCause {
  return {
    cause: `${who} cannot be started: its program does not exist, or may not be executed${detail}.`,
    advice: 'the first word of command is one program, without arguments; scripts need a shell (sh -c) that the image has',
    rules: ['exec-form', 'init-process'],
  };
}

/** Exit codes above 128 are those of shells and runtimes: 128 and the number of the signal. */
const SIGNAL_CODES = 128;
const SIGKILL = 9;
const SIGSEGV = 11;
const SIGTERM = 15;

function ended({ who, container }: Seen, end: TerminatedState | undefined): StatusCause {
  const code = end?.exitCode ?? 0;
  const signal = end === undefined || end.signal === 0 ? code - SIGNAL_CODES : end.signal;
  if (end === undefined) return { cause: `${who} has failed.`, advice: 'look at kubectl logs --previous', rules: [] };
  if (code === 0 && end.signal === 0)
    return {
      cause: `${who} ends by itself with exit code 0.`,
      advice: 'a container that is to stay needs a process in the foreground; work that ends belongs into a Job or an init container',
      rules: [],
    };
  if (signal === SIGKILL)
    return {
      cause: `${who} was killed (SIGKILL, exit code ${code}): by its livenessProbe or startupProbe, at the end of the grace period, or for lack of memory.`,
      advice: 'kubectl describe pod shows failed probes; give a slow start a startupProbe, and let the process end at SIGTERM',
      rules: ['probe-timing', 'init-process', 'shutdown-budget', 'memory-limit'],
    };
  if (signal === SIGTERM)
    return {
      cause: `${who} ended at SIGTERM (exit code ${code}): a probe failed, or the Pod was deleted.`,
      advice: container?.kind === 'main' && container.restarts > 0 ? 'kubectl describe pod shows which probe failed' : undefined,
      rules: ['probe-timing'],
    };
  if (signal === SIGSEGV)
    return {
      cause: `${who} broke down (SIGSEGV, exit code ${code}).`,
      advice: 'the program has a fault, or the image is for another CPU or C library',
      rules: [],
    };
  const shell = SHELL_CODES[code];
  if (shell !== undefined)
    return { cause: `${who} ended with exit code ${code}: ${shell}.`, advice: 'mend command and args', rules: ['exec-form'] };
  return {
    cause: `${who} ended with ${signal > 0 ? `signal ${signal}` : `exit code ${code}`}.`,
    advice: `the application says why: kubectl logs${container?.restarts === 0 ? '' : ' --previous'} -c ${container?.name ?? 'NAME'}`,
    rules: [],
  };
}

const SHELL_CODES: Readonly<Record<number, string>> = {
  126: 'a file cannot be executed',
  127: 'a program is not found',
};

function outOf(resource: string, { detail }: Seen): StatusCause {
  return {
    cause: `The node did not have enough ${resource} for the Pod when the kubelet looked${detail}.`,
    advice: 'let the scheduler choose the node (spec.nodeName goes around it), and delete this Pod',
    rules: [],
  };
}
