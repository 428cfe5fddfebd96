import t, { type Test } from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { printedStatusOf, readPodStatus } from '../../src/core/pod-status.ts';
import { causeOf, type StatusCause } from '../../src/core/status-cause.ts';
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
  ...['UnexpectedAdmissionError', 'OutOfcpu', 'OutOfmemory', 'OutOfpods'],
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
  [{ exitCode: 128, reason: 'StartError' }, /exit code 128/, undefined],
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
  const config = explained(podWith({ waiting: { reason: 'CreateContainerConfigError', message: 'secret "db" not found' } })).cause;
  t.equal(config?.cause, 'Container web names a ConfigMap, a Secret or a key that does not exist: secret "db" not found.');
  const outOf = explained({ spec: {}, status: { phase: 'Failed', reason: 'OutOfnvidia.com/gpu' } }).cause;
  t.match(outOf?.cause, /did not have enough nvidia\.com\/gpu/);
  t.end();
});

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
