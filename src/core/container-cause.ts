/**
 * Why a container waits, or how it ended.
 *
 * The reasons are those of the kubelet (`pkg/kubelet/container/sync_result.go`, `pkg/kubelet/images/types.go`, `pkg/kubelet/kuberuntime`)
 * and of container runtimes (read at 1.36.3).
 */
import { byMessage, detail, ill, lowered, nameOf, type Explain, type Seen, type StatusCause } from './cause.ts';
import type { ContainerStatus, TerminatedState } from './pod-status.ts';

const PULL_ADVICE =
  'check the name and the tag of the image, whether the node reaches the registry, and imagePullSecrets; kubectl describe pod shows each attempt';

const notStarted: Explain = byMessage(
  [
    [
      /OOM-killed|memory limit too low|cannot allocate memory/i,
      ill(
        (seen) => `${seen.who} has too little memory to start${detail(seen)}.`,
        'raise the memory limit of the container',
        'sane-quantities',
        'memory-limit',
      ),
    ],
    [
      /exec format error/,
      ill(
        (seen) => `The program of ${lowered(seen.who)} is for another CPU, or a script without #! in its first line${detail(seen)}.`,
        'take an image for the architecture of the node, or a nodeSelector for kubernetes.io/arch; begin a script with #!/bin/sh',
      ),
    ],
    [
      /executable file not found|no such file or directory|permission denied|^$/,
      ill(
        (seen) => `${seen.who} cannot be started: its program does not exist, or may not be executed${detail(seen)}.`,
        'the first word of command is one program, without arguments; scripts need a shell (sh -c) that the image has',
        'exec-form',
        'init-process',
      ),
    ],
  ],
  ill(
    (seen) => `${seen.who} cannot be started${detail(seen)}.`,
    'the message says what the runtime refuses: check command, volumeMounts and securityContext of the container',
    'exec-form',
  ),
);

/** By reason: what containers wait for, and how they end. */
export const CONTAINER_CAUSES: Readonly<Record<string, Explain>> = {
  CrashLoopBackOff: (seen) => crashLoop(seen),
  OOMKilled: (seen) => outOfMemory(seen),
  Error: (seen) => ended(seen, seen.container?.terminated),
  StartError: notStarted,
  ContainerCannotRun: notStarted,
  RunContainerError: notStarted,
  CreateContainerError: ill(
    (seen) => `The runtime cannot create the container: ${lowered(seen.who)}${detail(seen)}.`,
    'check the command, the mounts and the securityContext of the container; the message names what the runtime refuses',
    'exec-form',
  ),
  CreateContainerConfigError: byMessage(
    [
      [
        /runAsNonRoot|non-numeric user/,
        ill(
          (seen) => `${seen.who} must not run as root (runAsNonRoot), and the user of its image is root or has no number${detail(seen)}.`,
          'set runAsUser to a number other than 0 that the image works with, or build the image with such a USER',
        ),
      ],
      [
        /(?:configmap|secret) .*not found|couldn't find key|^$/i,
        ill(
          (seen) => `${seen.who} names a ConfigMap, a Secret or a key that does not exist${detail(seen)}.`,
          'create it in the namespace of the Pod, or mark the reference optional: true',
          'existing-references',
        ),
      ],
    ],
    ill(
      (seen) => `The kubelet cannot put together what ${lowered(seen.who)} needs${detail(seen)}.`,
      'check the volumes, subPath and the environment of the container; the message names what is wrong',
      'existing-references',
    ),
  ),
  PreCreateHookError: ill((seen) => `${seen.who} could not be prepared${detail(seen)}.`, 'look at the log of the kubelet'),
  PreStartHookError: ill((seen) => `${seen.who} could not be prepared${detail(seen)}.`, 'look at the log of the kubelet'),
  PostStartHookError: ill(
    (seen) => `${seen.who} was killed because its postStart hook failed${detail(seen)}.`,
    'the hook must end with exit code 0, whether the application has started or not',
    'post-start',
    'exec-form',
  ),
  PreStopHookError: ill(({ who }) => `${who} was killed while its preStop hook failed.`, 'the hook must end with exit code 0', 'exec-form'),
  RestartingAllContainers: ill(
    ({ who }) => `${who} was stopped because a restart rule of a container restarts all of them (RestartAllContainers).`,
    'look at the log of the container that has the rule; the others get no preStop hook and 2 s to end',
    'restart-rules',
  ),
  ErrImagePull: ill((seen) => `The image of ${lowered(seen.who)} cannot be pulled${detail(seen)}.`, PULL_ADVICE),
  ImagePullBackOff: ill(
    (seen) => `The image of ${lowered(seen.who)} could not be pulled, and the kubelet waits before it tries again${detail(seen)}.`,
    PULL_ADVICE,
  ),
  ImageInspectError: ill(
    (seen) => `The runtime cannot say whether it has the image of ${lowered(seen.who)}${detail(seen)}.`,
    'look at the container runtime of the node; an image whose layers are damaged has to be removed there',
  ),
  InvalidImageName: ill(
    (seen) => `The image of ${lowered(seen.who)} is no valid reference${detail(seen)}.`,
    'a reference is [REGISTRY[:PORT]/]NAME[:TAG][@DIGEST], in lower case',
    'image-reference',
  ),
  ErrImageNeverPull: ill(
    ({ who }) => `The image of ${lowered(who)} is not on the node, and imagePullPolicy is Never.`,
    'load the image on every node that may take the Pod, or set imagePullPolicy: IfNotPresent',
  ),
  RegistryUnavailable: ill(({ who }) => `The registry of the image of ${lowered(who)} does not answer.`, PULL_ADVICE),
  SignatureValidationFailed: ill(
    (seen) => `The signature of the image of ${lowered(seen.who)} is refused${detail(seen)}.`,
    'sign the image as the policy of the node demands',
  ),
  ContainerStatusUnknown: ill(
    ({ who }) => `The kubelet lost ${lowered(who)}: the node was restarted, or the Pod was evicted before its end was seen.`,
    'look at the events of the node at that time',
    'empty-dir-size-limit',
    'memory-limit',
  ),
  // What containerd calls a container that it finds without its process.
  Unknown: ill(
    ({ who }) => `${who} ended while nobody looked: its node or the container runtime was restarted.`,
    'look at the events of the node at that time; the kubelet starts the container again where its restartPolicy says so',
  ),
};

function crashLoop(seen: Seen): StatusCause {
  const { who, container } = seen;
  const last = container?.lastTerminated;
  const waits = `the kubelet waits before it restarts it again (10 s, doubled up to 5 minutes)`;
  if (container === undefined || last === undefined)
    return { cause: `${who} ends again and again, and ${waits}.`, advice: 'look at kubectl logs --previous', rules: [] };
  const { cause, advice, rules } = lastEnd(seen, container, last);
  return { cause: `${cause} It was restarted ${times(container.restarts)}, and ${waits}.`, advice, rules };
}

/** How a container ended before it was restarted. */
export function lastEnd(seen: Seen, container: ContainerStatus, last: TerminatedState): StatusCause {
  const of = { ...seen, who: nameOf(container), container, message: last.message };
  const isByReason = last.reason !== 'Error' && Object.hasOwn(CONTAINER_CAUSES, last.reason);
  return (isByReason ? CONTAINER_CAUSES[last.reason] : undefined)?.(of) ?? ended(of, last);
}

/** `once`, `3 times`. */
export function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function outOfMemory({ who }: Seen): StatusCause {
  return {
    cause: `${who} used more memory than its limit, or the node ran out of memory, and the kernel killed a process of it.`,
    advice: 'raise the limit above what the application needs at its peak, volumes in memory included, or fix the leak',
    rules: ['memory-limit', 'sane-quantities', 'minimum-qos-class'],
  };
}

/** Exit codes above 128 are those of shells and runtimes: 128 and the number of the signal, of which Linux has 64. */
const SIGNAL_CODES = 128;
const LAST_SIGNAL = 64;
const SIGKILL = 9;
const SIGSEGV = 11;
const SIGTERM = 15;

function signalOf({ signal, exitCode }: TerminatedState): number {
  if (signal !== 0) return signal;
  const ofCode = exitCode - SIGNAL_CODES;
  return ofCode > 0 && ofCode <= LAST_SIGNAL ? ofCode : 0;
}

/** By exit code or signal; undefined for an end of which nothing is known. */
export function ended({ who, container }: Seen, end: TerminatedState | undefined): StatusCause {
  if (end === undefined) return { cause: `${who} has failed.`, advice: 'look at kubectl logs --previous', rules: [] };
  const code = end.exitCode;
  const signal = signalOf(end);
  if (code === 0 && signal === 0)
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
      advice: container !== undefined && container.restarts > 0 ? 'kubectl describe pod shows which probe failed' : undefined,
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
    return { cause: `${who} ended with exit code ${code}: ${shell}.`, advice: 'correct `command` and `args`', rules: ['exec-form'] };
  return {
    cause: `${who} ended with ${signal > 0 ? `signal ${signal}` : `exit code ${code}`}.`,
    // What is terminated has the log that is shown without --previous.
    advice: `the application says why: kubectl logs${container?.terminated === undefined ? ' --previous' : ''} -c ${container?.name ?? 'NAME'}`,
    rules: [],
  };
}

const SHELL_CODES: Readonly<Record<number, string>> = {
  126: 'a file cannot be executed',
  127: 'a program is not found',
};
