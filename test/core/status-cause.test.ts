import t, { type Test } from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import type { StatusCause } from '../../src/core/cause.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { printedStatusOf, readPodStatus } from '../../src/core/pod-status.ts';
import { causeOf } from '../../src/core/status-cause.ts';
import { readRunningPods, skipWithoutCorpus } from './corpus.ts';
import { POD_STATUSES } from './made-up-pod-status.ts';

function explained(pod: JsonObject): { readonly status: string; readonly cause: StatusCause | undefined } {
  const status = readPodStatus(pod);
  if (status === undefined) throw new Error('no status');
  const printed = printedStatusOf(status, 36);
  return { status: printed.status, cause: causeOf(status, printed) };
}

/** A Pod of one container whose state is printed. */
function podWith(state: JsonObject, more: JsonObject = {}, podStatus: JsonObject = {}): JsonObject {
  const container = { name: 'web', state, restartCount: 0, ...more };
  return { spec: { containers: [{ name: 'web' }] }, status: { phase: 'Running', containerStatuses: [container], ...podStatus } };
}

function isWellFormed(t: Test, name: string, { cause, advice, rules }: StatusCause): void {
  t.match(cause, /^[A-Z].*\.$/s, `${name}: sentences`);
  t.notMatch(cause, /undefined|\.\.|: \.|\n/, name);
  if (advice !== undefined) t.match(advice, /^[a-z].*[^.]$/s, `${name}: what to do`);
  for (const id of rules)
    t.ok(
      catalogue.rules.some(({ meta }) => meta.id === id),
      `${name}: ${id} is a rule`,
    );
}

void t.test('a sidecar that does not run is the cause of a Pod that runs and is not ready', (t) => {
  const pod = (sidecar: JsonObject): JsonObject => ({
    spec: { containers: [{ name: 'web' }], initContainers: [{ name: 'proxy', restartPolicy: 'Always' }] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady' }],
      initContainerStatuses: [{ name: 'proxy', ready: false, started: true, restartCount: 6, ...sidecar }],
      containerStatuses: [{ name: 'web', ready: true, started: true, restartCount: 0, state: { running: {} } }],
    },
  });
  const failed = { terminated: { exitCode: 2, reason: 'Error' } };
  const waiting = explained(pod({ state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: failed }));
  t.match(waiting, { status: 'Running', cause: { cause: /^Sidecar proxy ended with exit code 2\. It was restarted 6 times/ } });
  t.match(explained(pod({ state: failed })), { status: 'Running', cause: { cause: 'Sidecar proxy ended with exit code 2.' } });
  const unnamed = { terminated: { exitCode: 2 } };
  t.match(explained(pod({ state: unnamed })).cause, { cause: 'Sidecar proxy ended with exit code 2.' });
  t.end();
});

void t.test('every STATUS of the made-up Pods has a cause', (t) => {
  for (const { name, pod } of POD_STATUSES) {
    const { status, cause } = explained(pod);
    if (cause === undefined) t.fail(`${name}: ${status}`);
    else isWellFormed(t, name, cause);
  }
  t.end();
});

/**
 * Phases of a Pod, and the reasons that the kubelet and the API server of Kubernetes v1.36 give (pkg/kubelet `container/sync_result.go`,
 * `images/types.go`, `kuberuntime/kuberuntime_container.go`, `lifecycle/predicate.go`, `types/constants.go`; k8s.io/api `core/v1/types.go`),
 * containerd gives, and kubectl prints (`printPod`).
 */
const REASONS = [
  ...['Running', 'Succeeded', 'Completed', 'Pending', 'Unknown', 'NotReady', 'Terminating', 'SchedulingGated', 'NodeLost'],
  ...['ContainerCreating', 'PodInitializing', 'CrashLoopBackOff', 'OOMKilled', 'Error', 'StartError', 'ContainerCannotRun'],
  ...['RunContainerError', 'CreateContainerError', 'CreateContainerConfigError', 'PostStartHookError', 'PreStopHookError'],
  ...['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull', 'RegistryUnavailable', 'SignatureValidationFailed'],
  ...['ContainerStatusUnknown', 'Evicted', 'DeadlineExceeded', 'NodeShutdown', 'Terminated', 'NodeAffinity', 'Preempting'],
  ...['UnexpectedAdmissionError', 'OutOfcpu', 'OutOfmemory', 'OutOfpods', 'Failed', 'ImageInspectError', 'PreCreateHookError'],
  ...['PreStartHookError', 'RestartingAllContainers', 'NodeName', 'NodePorts', 'TaintToleration', 'PodOSNotSupported', 'InvalidNodeInfo'],
  ...['PodOSSelectorNodeLabelDoesNotMatch', 'SupplementalGroupsPolicyNotSupported', 'PodLevelResourcesNotSupported', 'SysctlForbidden'],
  ...['VolumeAttachmentLimitExceeded', 'AppArmor', 'TopologyAffinityError', 'SMTAlignmentError', 'EmptyPodSharedPoolError'],
  ...['UnexpectedPredicateFailureType', 'UnknownReason'],
];

void t.test('every reason that Kubernetes gives has a cause in sentences, for each kind of container', (t) => {
  for (const reason of REASONS) {
    for (const [pod, who] of [
      [podWith({ waiting: { reason, message: 'the message' } }), /.*/],
      [podWith({ terminated: { reason, exitCode: 1, message: 'lines\nof a log' } }), /.*/],
      [{ spec: { containers: [] }, status: { phase: 'Failed', reason, message: '' } }, /.*/],
    ] as const) {
      const { cause } = explained(pod);
      if (cause === undefined) t.fail(reason);
      else isWellFormed(t, reason, cause);
      t.match(cause?.cause, who);
    }
  }
  t.end();
});

const CRASHES = [
  [{ exitCode: 137, reason: 'OOMKilled' }, /used more memory .* restarted 4 times/, 'memory-limit'],
  [{ exitCode: 137, reason: 'Error' }, /was killed \(SIGKILL, exit code 137\)/, 'probe-timing'],
  [{ exitCode: 143, reason: 'Error' }, /ended at SIGTERM/, 'probe-timing'],
  [{ exitCode: 127, reason: 'Error' }, /exit code 127: a program is not found/, 'exec-form'],
  [
    { exitCode: 128, reason: 'StartError', message: 'exec: "app": executable file not found in $PATH' },
    /program does not exist.*: exec: "app"/,
    'exec-form',
  ],
  [
    { exitCode: 128, reason: 'StartError', message: 'container init was OOM-killed (memory limit too low?)' },
    /has too little memory/,
    'sane-quantities',
  ],
  [{ exitCode: 255, reason: 'Unknown' }, /node or the container runtime was restarted/, undefined],
  [{ exitCode: 255, reason: 'Error' }, /ended with exit code 255/, undefined],
  [{ exitCode: 134, reason: 'Error' }, /ended with signal 6/, undefined],
  [{ exitCode: 139, reason: 'Error' }, /broke down \(SIGSEGV/, undefined],
  [{ exitCode: 0, reason: 'Completed' }, /ends by itself with exit code 0/, undefined],
  [{ exitCode: 3, reason: 'Error' }, /Container web ended with exit code 3\. It was restarted 4 times/, undefined],
] as const;

for (const [end, text, rule] of CRASHES) {
  void t.test(`a crash loop says how the container ended: ${end.reason} ${end.exitCode}`, (t) => {
    const { cause } = explained(podWith({ waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 4, lastState: { terminated: end } }));
    t.match(cause?.cause, text);
    t.match(cause?.cause, /the kubelet waits before it restarts it again/);
    if (rule !== undefined) t.ok(cause?.rules.includes(rule), rule);
    t.end();
  });
}

void t.test('what the scheduler, the kubelet and the runtime say is in the cause', (t) => {
  const unschedulable = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message: '0/3 nodes are available: 3 Insufficient cpu.',
  };
  const pending = explained({ spec: {}, status: { phase: 'Pending', conditions: [unschedulable] } }).cause;
  t.equal(pending?.cause, 'No node can take the Pod yet: 0/3 nodes are available: 3 Insufficient cpu.');
  const message = "0/1 nodes are available: 1 node(s) didn't match Pod's required features.";
  const tooNew = explained({ spec: {}, status: { phase: 'Pending', conditions: [{ ...unschedulable, message }] } }).cause;
  t.match(tooNew, { advice: /^update the nodes/, rules: ['restart-rules'] });
  const config = explained(podWith({ waiting: { reason: 'CreateContainerConfigError', message: 'secret "db" not found' } })).cause;
  t.equal(config?.cause, 'Container web names a ConfigMap, a Secret or a key that does not exist: secret "db" not found.');
  const outOf = explained({ spec: {}, status: { phase: 'Failed', reason: 'OutOfnvidia.com/gpu' } }).cause;
  t.match(outOf?.cause, /did not have enough nvidia\.com\/gpu/);
  t.end();
});

const UP = { running: {} };
const ready = (status: string, more: JsonObject = {}): JsonObject => ({ conditions: [{ type: 'Ready', status, ...more }] });
const failed = (reason: string, message = ''): JsonObject => ({ phase: 'Failed', reason, message });

const SEEN: readonly (readonly [name: string, pod: JsonObject, cause: RegExp, rule: string | undefined, advice?: RegExp])[] = [
  ['ready', podWith(UP, { ready: true, started: true }, ready('True')), /^All that is to run is running\.$/, undefined],
  [
    'not ready',
    podWith(UP, { started: true }, ready('False')),
    /^Container web is running and not ready: its readinessProbe/,
    'probe-handler',
  ],
  ['not started', podWith(UP, { started: false }, ready('False')), /has not started: its startupProbe/, 'probe-timing'],
  [
    'a readiness gate',
    podWith(
      UP,
      { ready: true, started: true },
      ready('False', { reason: 'ReadinessGatesNotReady', message: 'the gate "x" does not exist.' }),
    ),
    /because of a readiness gate: the gate "x" does not exist\.$/,
    'readiness-gates',
  ],
  ['a silent node', podWith(UP, { ready: true, started: true }, ready('False')), /the node does not answer/, 'toleration-seconds'],
  [
    'ready after a restart',
    podWith(UP, { ready: true, restartCount: 2, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }, ready('True')),
    /running\. Container web was restarted 2 times; before the last time: Container web used more memory/,
    'memory-limit',
  ],
  [
    'completed, and to be restarted',
    podWith({ terminated: { exitCode: 0, reason: 'Completed' } }),
    /ends by itself with exit code 0/,
    undefined,
  ],
  [
    'evicted, with the end of its container',
    podWith({ terminated: { exitCode: 137, reason: 'Error' } }, {}, failed('Evicted', 'The node was low on resource: memory. Threshold')),
    /evicted the Pod because the node ran out of memory: The node was low/,
    'minimum-qos-class',
  ],
  [
    'evicted for a volume',
    podWith(
      { terminated: { exitCode: 137, reason: 'Error' } },
      {},
      failed('Evicted', 'Usage of EmptyDir volume "a" exceeds the limit "1Mi".'),
    ),
    /a volume of it had outgrown its sizeLimit/,
    'empty-dir-size-limit',
  ],
  [
    'evicted for its disk',
    podWith(UP, {}, failed('Evicted', 'Pod ephemeral local storage usage exceeds the total limit of containers 1Gi.')),
    /wrote more to the disk/,
    undefined,
  ],
  [
    'evicted for the disk of the node',
    { spec: {}, status: failed('Evicted', 'The node was low on resource: ephemeral-storage.') },
    /the disk of the node was full/,
    'ephemeral-storage-limit',
  ],
  [
    'refused by a full node',
    { spec: {}, status: failed('Evicted', 'The node had condition: [DiskPressure].') },
    /refused the Pod/,
    undefined,
  ],
  [
    'a node that was shut down',
    podWith({ terminated: { exitCode: 143, reason: 'Error' } }, {}, failed('Terminated')),
    /because the node was shut down/,
    'shutdown-budget',
  ],
  ['a node that is shutting down', { spec: {}, status: failed('NodeShutdown') }, /refused the Pod/, undefined],
  [
    'over its deadline',
    podWith({ terminated: { exitCode: 137, reason: 'Error' } }, {}, failed('DeadlineExceeded')),
    /activeDeadlineSeconds/,
    undefined,
  ],
  ['a phase that nobody knows', { spec: {}, status: { phase: 'Unknown' } }, /^The node does not answer any more\.$/, 'toleration-seconds'],
  [
    'a container that nobody saw end',
    podWith({ terminated: { exitCode: 255, reason: 'Unknown' } }),
    /ended while nobody looked/,
    undefined,
  ],
  ['no scheduler', { spec: {}, status: { phase: 'Pending' } }, /^No scheduler and no kubelet has reported/, 'scheduled-by-hand'],
  [
    'a scheduler that fails',
    {
      spec: {},
      status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulerError', message: 'no answer' }] },
    },
    /^The scheduler has failed: no answer\.$/,
    undefined,
  ],
  [
    'root',
    podWith({ waiting: { reason: 'CreateContainerConfigError', message: 'container has runAsNonRoot and image will run as root' } }),
    /must not run as root/,
    undefined,
    /runAsUser/,
  ],
  [
    'a subPath',
    podWith({ waiting: { reason: 'CreateContainerConfigError', message: 'failed to prepare subPath for volumeMount "a"' } }),
    /cannot put together what container web needs: failed to prepare subPath/,
    'existing-references',
  ],
  [
    'a program for another CPU',
    podWith({ waiting: { reason: 'RunContainerError', message: 'exec /app: exec format error' } }),
    /is for another CPU/,
    undefined,
  ],
  [
    'ended after a restart',
    podWith({ terminated: { exitCode: 3, reason: 'Error' } }, { restartCount: 3 }),
    /exit code 3/,
    undefined,
    /logs -c web$/,
  ],
  ['a failed hook', podWith({ waiting: { reason: 'PostStartHookError', message: '' } }), /its postStart hook failed\.$/, 'post-start'],
  [
    'a tainted node',
    {
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
      ...podWith(UP, {}, { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }] }),
    },
    /^The Pod is deleted because its node has a taint/,
    'toleration-seconds',
  ],
];

for (const [name, pod, text, rule, advice] of SEEN) {
  void t.test(`the cause is what has been seen: ${name}`, (t) => {
    const { status, cause } = explained(pod);
    if (cause === undefined) throw new Error(status);
    isWellFormed(t, name, cause);
    t.match(cause.cause, text);
    if (rule !== undefined) t.ok(cause.rules.includes(rule), rule);
    if (advice !== undefined) t.match(cause.advice, advice);
    t.end();
  });
}

void t.test('a STATUS that nobody knows has no cause', (t) => {
  for (const reason of ['MadeUpReason', '__proto__', 'constructor', 'toString'])
    t.same(explained(podWith({ waiting: { reason } })), { status: reason, cause: undefined });
  t.end();
});

void t.test('running Pods of the corpus have a cause', { skip: skipWithoutCorpus() }, (t) => {
  for (const pod of readRunningPods()) {
    const { status, cause } = explained(pod);
    if (status.endsWith('Value')) continue; // a placeholder in every field
    if (cause === undefined) t.fail(`${status} of ${JSON.stringify(pod['metadata'])}`);
    else isWellFormed(t, status, cause);
  }
  t.end();
});
