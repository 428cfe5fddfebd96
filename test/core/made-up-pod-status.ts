/** Pods with a status, and what kubectl prints of them: STATUS, READY, RESTARTS. */
import type { JsonObject } from '../../src/core/json.ts';

export interface PodWithStatus {
  readonly name: string;
  readonly pod: JsonObject;
  readonly prints: string;
  /** Where 1.34 prints something else. */
  readonly printsIn134?: string;
}

const waiting = (reason: string): object => ({ waiting: { reason, message: `${reason} it is` } });
const terminated = (exitCode: number, reason?: string, signal?: number): object => ({
  terminated: { exitCode, ...(reason !== undefined && { reason }), ...(signal !== undefined && { signal }) },
});
const RUNNING = { running: { startedAt: '2026-01-01T00:00:00Z' } };

interface Parts {
  /** `i1`, and `i1*` for a sidecar. */
  readonly init?: readonly string[];
  readonly main?: readonly string[];
  readonly deleted?: boolean;
  readonly gates?: readonly string[];
}

function status(name: string, state: object, more: object = {}): object {
  return { name, state, ready: false, restartCount: 0, image: 'web:1', imageID: '', ...more };
}

const up = (name: string, more: object = {}): object => status(name, RUNNING, { ready: true, started: true, ...more });

function pod(podStatus: object, { init = [], main = ['a'], deleted = false, gates }: Parts = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', ...(deleted && { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
    spec: {
      initContainers: init.map((name) => ({
        name: name.replace('*', ''),
        image: 'web:1',
        ...(name.endsWith('*') && { restartPolicy: 'Always' }),
      })),
      containers: main.map((name) => ({ name, image: 'web:1' })),
      ...(gates !== undefined && { readinessGates: gates.map((conditionType) => ({ conditionType })) }),
    },
    status: podStatus,
  };
}

const condition = (type: string, value = 'True', reason?: string): object => ({
  type,
  status: value,
  ...(reason !== undefined && { reason }),
});
const READY = [condition('Initialized'), condition('Ready')];
const NOT_READY = [condition('Initialized'), condition('Ready', 'False')];

export const POD_STATUSES: readonly PodWithStatus[] = [
  { name: 'no node yet', pod: pod({ phase: 'Pending' }), prints: 'Pending 0/1 0' },
  {
    name: 'a scheduling gate',
    pod: pod({ phase: 'Pending', conditions: [condition('PodScheduled', 'False', 'SchedulingGated')] }),
    prints: 'SchedulingGated 0/1 0',
  },
  {
    name: 'no node can take it',
    pod: pod({ phase: 'Pending', conditions: [condition('PodScheduled', 'False', 'Unschedulable')] }),
    prints: 'Pending 0/1 0',
  },
  {
    name: 'the containers are being created',
    pod: pod({ phase: 'Pending', containerStatuses: [status('a', waiting('ContainerCreating'))] }),
    prints: 'ContainerCreating 0/1 0',
  },
  {
    name: 'two containers wait: the reason of the first is printed',
    pod: pod(
      { phase: 'Pending', containerStatuses: [status('a', waiting('ErrImagePull')), status('b', waiting('CreateContainerConfigError'))] },
      { main: ['a', 'b'] },
    ),
    prints: 'ErrImagePull 0/2 0',
  },
  {
    name: 'it runs and is ready',
    pod: pod({ phase: 'Running', conditions: READY, containerStatuses: [up('a', { restartCount: 3 })] }),
    prints: 'Running 1/1 3',
  },
  {
    name: 'a readiness gate is false',
    pod: pod({ phase: 'Running', conditions: NOT_READY, containerStatuses: [up('a')] }, { gates: ['example.com/ready'] }),
    prints: 'Running 1/1 0',
  },
  {
    name: 'it crashes again and again',
    pod: pod({
      phase: 'Running',
      conditions: NOT_READY,
      containerStatuses: [status('a', waiting('CrashLoopBackOff'), { restartCount: 7, lastState: terminated(137, 'OOMKilled') })],
    }),
    prints: 'CrashLoopBackOff 0/1 7',
  },
  {
    name: 'a container ended by a signal, without a reason',
    pod: pod({ phase: 'Failed', containerStatuses: [status('a', terminated(137, undefined, 9))] }),
    prints: 'Signal:9 0/1 0',
  },
  {
    name: 'a container ended without a reason',
    pod: pod({ phase: 'Failed', containerStatuses: [status('a', terminated(3))] }),
    prints: 'ExitCode:3 0/1 0',
  },
  {
    name: 'all have completed',
    pod: pod({ phase: 'Succeeded', containerStatuses: [status('a', terminated(0, 'Completed'))] }),
    prints: 'Completed 0/1 0',
  },
  {
    name: 'one container has completed, and the other one is ready',
    pod: pod(
      { phase: 'Running', conditions: READY, containerStatuses: [status('a', terminated(0, 'Completed')), up('b')] },
      { main: ['a', 'b'] },
    ),
    prints: 'Running 1/2 0',
  },
  {
    name: 'one container has completed, and the Pod is not ready',
    pod: pod(
      { phase: 'Running', conditions: NOT_READY, containerStatuses: [status('a', terminated(0, 'Completed')), up('b')] },
      { main: ['a', 'b'] },
    ),
    prints: 'NotReady 1/2 0',
  },
  {
    name: 'one container has completed, another one has failed',
    pod: pod(
      {
        phase: 'Running',
        conditions: NOT_READY,
        containerStatuses: [status('a', terminated(0, 'Completed')), status('b', terminated(1, 'Error'))],
      },
      { main: ['a', 'b'] },
    ),
    prints: 'Error 0/2 0',
    printsIn134: 'Completed 0/2 0',
  },
  {
    name: 'one container has failed, and the other one runs',
    pod: pod(
      { phase: 'Running', conditions: NOT_READY, containerStatuses: [status('a', terminated(1, 'Error')), up('b')] },
      { main: ['a', 'b'] },
    ),
    prints: 'Error 1/2 0',
  },
  {
    name: 'the first of two init containers runs',
    pod: pod(
      { phase: 'Pending', initContainerStatuses: [status('i1', RUNNING), status('i2', waiting('PodInitializing'))] },
      { init: ['i1', 'i2'] },
    ),
    prints: 'Init:0/2 0/1 0',
  },
  {
    name: 'the second of two init containers runs',
    pod: pod(
      { phase: 'Pending', initContainerStatuses: [status('i1', terminated(0, 'Completed')), status('i2', RUNNING)] },
      { init: ['i1', 'i2'] },
    ),
    prints: 'Init:1/2 0/1 0',
  },
  {
    name: 'the init containers have ended',
    pod: pod(
      {
        phase: 'Pending',
        conditions: [condition('Initialized')],
        initContainerStatuses: [status('i1', terminated(0, 'Completed'), { restartCount: 2 })],
        containerStatuses: [status('a', waiting('PodInitializing'))],
      },
      { init: ['i1'] },
    ),
    prints: 'PodInitializing 0/1 0',
  },
  {
    name: 'an init container that failed waits',
    pod: pod(
      { phase: 'Pending', initContainerStatuses: [status('i1', waiting('CrashLoopBackOff'), { restartCount: 4 })] },
      { init: ['i1'] },
    ),
    prints: 'Init:CrashLoopBackOff 0/1 4',
  },
  {
    name: 'an init container has failed',
    pod: pod({ phase: 'Pending', initContainerStatuses: [status('i1', terminated(1, 'Error'))] }, { init: ['i1'] }),
    prints: 'Init:Error 0/1 0',
  },
  {
    name: 'an init container ended without a reason',
    pod: pod({ phase: 'Pending', initContainerStatuses: [status('i1', terminated(3))] }, { init: ['i1'] }),
    prints: 'Init:ExitCode:3 0/1 0',
  },
  {
    name: 'an init container ended by a signal',
    pod: pod({ phase: 'Pending', initContainerStatuses: [status('i1', terminated(137, undefined, 9))] }, { init: ['i1'] }),
    prints: 'Init:Signal:9 0/1 0',
  },
  {
    name: 'the image of an init container cannot be pulled',
    pod: pod({ phase: 'Pending', initContainerStatuses: [status('i1', waiting('ErrImagePull'))] }, { init: ['i1'] }),
    prints: 'Init:ErrImagePull 0/1 0',
  },
  {
    name: 'a sidecar has not started',
    pod: pod({ phase: 'Pending', initContainerStatuses: [status('s1', RUNNING, { started: false })] }, { init: ['s1*'] }),
    prints: 'Init:0/1 0/2 0',
  },
  {
    name: 'a sidecar runs beside the application',
    pod: pod(
      { phase: 'Running', conditions: READY, initContainerStatuses: [up('s1', { restartCount: 1 })], containerStatuses: [up('a')] },
      { init: ['s1*'] },
    ),
    prints: 'Running 2/2 1',
  },
  {
    name: 'a sidecar crashes again and again while the application runs',
    pod: pod(
      {
        phase: 'Running',
        conditions: NOT_READY,
        initContainerStatuses: [status('s1', waiting('CrashLoopBackOff'), { restartCount: 5, started: false })],
        containerStatuses: [up('a')],
      },
      { init: ['s1*'] },
    ),
    prints: 'Init:CrashLoopBackOff 1/2 5',
  },
  {
    name: 'a sidecar ended after the application, and the condition Initialized is missing',
    pod: pod(
      {
        phase: 'Failed',
        initContainerStatuses: [status('s1', terminated(137, 'Error'), { started: false })],
        containerStatuses: [status('a', terminated(0, 'Completed'))],
      },
      { init: ['s1*'] },
    ),
    prints: 'Init:Error 0/2 0',
  },
  {
    name: 'a sidecar ended after the application, and the Pod was initialized',
    pod: pod(
      {
        phase: 'Succeeded',
        conditions: [condition('Initialized')],
        initContainerStatuses: [status('s1', terminated(137, 'Error'), { started: false })],
        containerStatuses: [status('a', terminated(0, 'Completed'))],
      },
      { init: ['s1*'] },
    ),
    prints: 'Completed 0/2 0',
  },
  {
    name: 'evicted before its containers were created',
    pod: pod({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }),
    prints: 'Evicted 0/1 0',
  },
  {
    name: 'evicted while it ran: the container is printed',
    pod: pod({ phase: 'Failed', reason: 'Evicted', containerStatuses: [status('a', terminated(137, 'ContainerStatusUnknown'))] }),
    prints: 'ContainerStatusUnknown 0/1 0',
  },
  { name: 'over its deadline', pod: pod({ phase: 'Failed', reason: 'DeadlineExceeded' }), prints: 'DeadlineExceeded 0/1 0' },
  { name: 'the node was shut down', pod: pod({ phase: 'Failed', reason: 'Terminated' }), prints: 'Terminated 0/1 0' },
  { name: 'the kubelet refused it for lack of cpu', pod: pod({ phase: 'Failed', reason: 'OutOfcpu' }), prints: 'OutOfcpu 0/1 0' },
  { name: 'preempted', pod: pod({ phase: 'Failed', reason: 'Preempting' }), prints: 'Preempting 0/1 0' },
  {
    name: 'a deleted Pod is Terminating',
    pod: pod({ phase: 'Running', conditions: READY, containerStatuses: [up('a')] }, { deleted: true }),
    prints: 'Terminating 1/1 0',
  },
  {
    name: 'a deleted Pod that has completed is Completed',
    pod: pod({ phase: 'Succeeded', containerStatuses: [status('a', terminated(0, 'Completed'))] }, { deleted: true }),
    prints: 'Completed 0/1 0',
  },
  {
    name: 'a deleted Pod that has failed says how',
    pod: pod({ phase: 'Failed', containerStatuses: [status('a', terminated(1, 'Error'))] }, { deleted: true }),
    prints: 'Error 0/1 0',
  },
  { name: 'its node is lost', pod: pod({ phase: 'Running', reason: 'NodeLost', conditions: NOT_READY }), prints: 'NodeLost 0/1 0' },
  {
    name: 'its node is lost, and it is deleted',
    pod: pod({ phase: 'Running', reason: 'NodeLost', conditions: NOT_READY, containerStatuses: [up('a')] }, { deleted: true }),
    prints: 'Unknown 1/1 0',
  },
];
