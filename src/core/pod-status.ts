/**
 * What `kubectl get pods` prints of a Pod: STATUS, READY, RESTARTS with their age, and the container that decides the first.
 *
 * Mirrors kubernetes `pkg/printers/internalversion/printers.go` printPod, which runs in the API server (read at 1.34.4, 1.35.4,
 * 1.36.3 and 1.37.2). What has another type than the API gives it counts as absent.
 */
import { isObject, type JsonObject } from './json.ts';
import { asNumber, asObject, asObjects, asText } from './json-reading.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';

/** core/v1 ContainerStateTerminated. */
export interface TerminatedState {
  readonly exitCode: number;
  /** 0 where there is none. */
  readonly signal: number;
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since 1970; undefined where nobody knows. */
  readonly finishedMs: number | undefined;
}

/** core/v1 ContainerStatus, as far as it is printed or explains what is printed. */
export interface ContainerStatus {
  readonly name: string;
  readonly kind: 'main' | 'init' | 'sidecar';
  /** Of the spec: the container's own, or that of the Pod. */
  readonly restartPolicy: string;
  readonly waiting: { readonly reason: string; readonly message: string } | undefined;
  readonly terminated: TerminatedState | undefined;
  readonly isRunning: boolean;
  readonly isReady: boolean;
  readonly isStarted: boolean;
  readonly restarts: number;
  /** How the container ended before it was restarted. */
  readonly lastTerminated: TerminatedState | undefined;
}

/** core/v1 PodCondition. */
export interface PodCondition {
  readonly type: string;
  readonly isTrue: boolean;
  readonly reason: string;
  readonly message: string;
}

/** What a Pod's status says, and what else is asked to print it. */
export interface PodStatus {
  readonly phase: string;
  readonly reason: string;
  readonly message: string;
  readonly conditions: readonly PodCondition[];
  readonly initContainers: readonly ContainerStatus[];
  readonly containers: readonly ContainerStatus[];
  /** Of the spec: init containers of both kinds. */
  readonly initContainersWanted: number;
  /** Of the spec: main containers and sidecars. */
  readonly containersWanted: number;
  readonly isDeleted: boolean;
}

/** The columns of kubectl. */
export interface PrintedStatus {
  /** STATUS. */
  readonly status: string;
  /** READY is `readyContainers/containers`. */
  readonly readyContainers: number;
  readonly containers: number;
  /** RESTARTS, without its age. */
  readonly restarts: number;
  /** When that ended which was restarted last, in milliseconds since 1970; undefined where kubectl prints no age. */
  readonly lastRestartMs: number | undefined;
  /** Whose state STATUS tells; undefined where it is the Pod's own. */
  readonly decidedBy: ContainerStatus | undefined;
}

/** Since 1.35, a Pod of which one container has completed and another has failed is printed by the failure (kubernetes#124766). */
const ERROR_BEFORE_COMPLETED_SINCE: KubernetesMinor = 35;

/** @returns undefined for an object without a status: a Pod that no API server has stored */
export function readPodStatus(pod: JsonObject): PodStatus | undefined {
  const { metadata, spec, status } = pod;
  if (!isObject(status)) return undefined;
  const { initContainers, containers } = asObject(spec);
  const initList = asObjects(initContainers);
  const mainList = asObjects(containers);
  const ofPod = asText(asObject(spec)['restartPolicy']) || 'Always';
  const policies = new Map([...initList, ...mainList].map(({ name, restartPolicy }) => [asText(name), asText(restartPolicy)]));
  const read = (container: JsonObject, isInit: boolean): ContainerStatus => {
    const own = policies.get(asText(container['name'])) ?? '';
    const kind = !isInit ? 'main' : own === 'Always' ? 'sidecar' : 'init';
    return readContainerStatus(container, kind, own || ofPod);
  };
  const sidecars = initList.filter(({ restartPolicy }) => restartPolicy === 'Always').length;
  return {
    phase: asText(status['phase']),
    reason: asText(status['reason']),
    message: asText(status['message']),
    conditions: asObjects(status['conditions']).map(readCondition),
    initContainers: asObjects(status['initContainerStatuses']).map((each) => read(each, true)),
    containers: asObjects(status['containerStatuses']).map((each) => read(each, false)),
    initContainersWanted: initList.length,
    containersWanted: mainList.length + sidecars,
    isDeleted: isObject(metadata) && metadata['deletionTimestamp'] != null,
  };
}

function readCondition({ type, status, reason, message }: JsonObject): PodCondition {
  return { type: asText(type), isTrue: status === 'True', reason: asText(reason), message: asText(message) };
}

function readContainerStatus(status: JsonObject, kind: ContainerStatus['kind'], restartPolicy: string): ContainerStatus {
  const state = asObject(status['state']);
  const lastState = asObject(status['lastState']);
  const { waiting } = state;
  return {
    name: asText(status['name']),
    kind,
    restartPolicy,
    waiting: isObject(waiting) ? { reason: asText(waiting['reason']), message: asText(waiting['message']) } : undefined,
    terminated: readTerminated(state['terminated']),
    isRunning: isObject(state['running']),
    isReady: status['ready'] === true,
    isStarted: status['started'] === true,
    restarts: asNumber(status['restartCount']),
    lastTerminated: readTerminated(lastState['terminated']),
  };
}

function readTerminated(state: unknown): TerminatedState | undefined {
  if (!isObject(state)) return undefined;
  const { exitCode, signal, reason, message, finishedAt } = state;
  return {
    exitCode: asNumber(exitCode),
    signal: asNumber(signal),
    reason: asText(reason),
    message: asText(message),
    finishedMs: timeOf(asText(finishedAt)),
  };
}

/** RFC 3339, as the API server writes it; `Date.parse` alone takes much else. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

function timeOf(text: string): number | undefined {
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** @param minor of the API server that prints */
export function printedStatusOf(pod: PodStatus, minor: KubernetesMinor): PrintedStatus {
  const isGated = pod.conditions.some(({ type, reason }) => type === 'PodScheduled' && reason === SCHEDULING_GATED);
  const before: Columns = { status: isGated ? SCHEDULING_GATED : pod.reason || pod.phase, decidedBy: undefined };
  const starting = columnsOfStart(pod, before);
  // Of several conditions of one type, the first one counts here and any below (isPodInitializedConditionTrue, hasPodReadyCondition).
  const hasStarted = !starting.isInitializing || pod.conditions.find(({ type }) => type === 'Initialized')?.isTrue === true;
  const { status, decidedBy, readyContainers, counted } = hasStarted ? columnsOfContainers(pod, starting, minor) : starting;
  return { ...ofDeletion(pod, { status, decidedBy }), readyContainers, containers: pod.containersWanted, ...restartsOf(counted) };
}

/** The time of an end without a restart is not printed. */
function restartsOf(counted: readonly ContainerStatus[]): Pick<PrintedStatus, 'restarts' | 'lastRestartMs'> {
  let restarts = 0;
  let lastRestartMs: number | undefined;
  for (const { restarts: ofContainer, lastTerminated } of counted) {
    restarts += ofContainer;
    const endedMs = lastTerminated?.finishedMs;
    if (endedMs !== undefined && endedMs > (lastRestartMs ?? Number.NEGATIVE_INFINITY)) lastRestartMs = endedMs;
  }
  return { restarts, lastRestartMs: restarts === 0 ? undefined : lastRestartMs };
}

type Columns = Pick<PrintedStatus, 'status' | 'decidedBy'>;

interface StartColumns extends Columns {
  readonly isInitializing: boolean;
  readonly readyContainers: number;
  /** Whose restarts are printed. */
  readonly counted: readonly ContainerStatus[];
}

/** What the first init container says that has not ended, or, of a sidecar, not started. */
function columnsOfStart(pod: PodStatus, before: Columns): StartColumns {
  let readyContainers = 0;
  for (const [index, container] of pod.initContainers.entries()) {
    if (container.terminated?.exitCode === 0) continue;
    if (container.kind === 'sidecar' && container.isStarted) {
      if (container.isReady) readyContainers += 1;
      continue;
    }
    const status = `Init:${initReasonOf(container) ?? `${index}/${pod.initContainersWanted}`}`;
    return { status, decidedBy: container, isInitializing: true, readyContainers, counted: pod.initContainers.slice(0, index + 1) };
  }
  return { ...before, isInitializing: false, readyContainers, counted: pod.initContainers };
}

/** What the containers say, from the last to the first: the reason of the first one stays. */
function columnsOfContainers(
  pod: PodStatus,
  { status, decidedBy, readyContainers, counted }: StartColumns,
  minor: KubernetesMinor,
): Omit<StartColumns, 'isInitializing'> {
  let isAnyRunning = false;
  let failed: Columns | undefined;
  for (const container of pod.containers.toReversed()) {
    const { waiting, terminated } = container;
    if (waiting !== undefined && waiting.reason !== '') {
      [status, decidedBy] = [waiting.reason, container];
    } else if (terminated !== undefined) {
      [status, decidedBy] = [endOf(terminated), container];
      if (terminated.exitCode !== 0) failed = { status, decidedBy };
    } else if (container.isReady && container.isRunning) {
      isAnyRunning = true;
      readyContainers += 1;
    }
  }
  if (status === 'Completed') {
    const isReady = pod.conditions.some(({ type, isTrue }) => type === 'Ready' && isTrue);
    if (isAnyRunning && isReady) [status, decidedBy] = ['Running', undefined];
    else if (minor >= ERROR_BEFORE_COMPLETED_SINCE && failed !== undefined) ({ status, decidedBy } = failed);
    else if (isAnyRunning) status = 'NotReady';
  }
  const sidecars = counted.filter(({ kind }) => kind === 'sidecar');
  return { status, decidedBy, readyContainers, counted: [...sidecars, ...pod.containers] };
}

function ofDeletion(pod: PodStatus, columns: Columns): Columns {
  if (pod.isDeleted && pod.reason === NODE_LOST) return { status: 'Unknown', decidedBy: undefined };
  return pod.isDeleted && !isTerminal(pod) ? { status: 'Terminating', decidedBy: undefined } : columns;
}

const SCHEDULING_GATED = 'SchedulingGated';
/** `node.NodeUnreachablePodReason`. */
const NODE_LOST = 'NodeLost';

function initReasonOf({ terminated, waiting }: ContainerStatus): string | undefined {
  if (terminated !== undefined) return endOf(terminated);
  return waiting === undefined || waiting.reason === '' || waiting.reason === 'PodInitializing' ? undefined : waiting.reason;
}

function endOf({ reason, signal, exitCode }: TerminatedState): string {
  if (reason !== '') return reason;
  return signal === 0 ? `ExitCode:${exitCode}` : `Signal:${signal}`;
}

function isTerminal({ phase }: PodStatus): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}
