/** A preStop hook can work: the container has the program or the port that the hook uses. */
import { missingProgramOf } from '../core/handler.ts';
import { pathOf } from '../core/pod.ts';
import { defineRule, NO_OPTIONS, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { isPortKnown, isPortName, portInsteadOf } from '../core/serving-port.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

type MessageId = 'tcpSocket' | 'noProgram' | 'undeclaredPort' | 'noName';

export default defineRule<object, MessageId>({
  meta: {
    id: 'pre-stop-handler',
    since: '0.1.0',
    category: 'termination',
    docs: {
      summary: 'A preStop hook can work: the container has the program or the port that the hook uses.',
      harm: 'If the hook fails, the kubelet sends SIGTERM at once: the delay or the drain does not take place, and nobody is told.',
      why: [
        'The kubelet does not wait for a hook that fails: it notes down a `FailedPreStopHook` event, which is gone after an hour, and',
        'sends SIGTERM at once. A delay or a drain that its author counts on does not happen, at every rollout and every drain of a',
        'node, and nobody is told: `sleep` in an image without a `sleep`, a port whose name nobody declares, or `tcpSocket`, which',
        'the API accepts and the kubelet never does.',
      ].join('\n'),
      firesOn: [
        'a `tcpSocket` hook',
        'an exec hook that runs a shell, or a tool such as `sleep` or `curl`, in an image that is known to have neither (distroless, pause)',
        'an `httpGet` hook with a port by a name that the container does not declare',
        'an `httpGet` hook with a text that cannot be the name of a port, such as a number in quotes: the API server refuses the Pod',
      ],
      leavesAlone: [
        'what an image holds that podgrace does not know',
        'ports by number, declared or not',
        'how long the hook takes: `shutdown-budget` and `pre-stop-delay` judge that',
        'commands that do not run as meant: `exec-form` reports them',
      ],
      remediation: [
        'For a delay use the action `sleep` (since 1.30), which needs no program. Call a program that the image has, or ask the',
        'container by `httpGet` on a port that it declares.',
      ].join('\n'),
      shipped: { baseline: 0, production: 0, strict: 0 },
      worse: 'A hook that cannot work is as bad as any other that cannot.',
      references: [
        'https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/#hook-handler-execution',
        'https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/kubelet/lifecycle/handlers.go',
        'https://github.com/fission/fission/pull/3468',
      ],
    },
    reads: ['containers', 'initContainers'].flatMap((list) => [
      `spec.${list}[*].image`,
      `spec.${list}[*].ports`,
      `spec.${list}[*].lifecycle.preStop`,
    ]),
    writes: [],
    appliesTo: { containers: ['main', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'enforce', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off' },
    },
    messages: {
      tcpSocket: {
        text: 'must be exec, httpGet or sleep, but is tcpSocket: the kubelet fails such a hook at once, and sends SIGTERM',
        fix: 'use `sleep: {seconds: 5}` for a delay, or call the container by `httpGet`',
      },
      noProgram: {
        text: 'must run a program that the image has, but {{image}} has no {{program}}: the hook fails, and SIGTERM comes at once',
        fix: 'use `sleep: {seconds: 5}` for a delay, or a program of the application',
      },
      undeclaredPort: {
        text: 'must name a port that the container declares, but none is called {{port}}: the hook fails, and SIGTERM comes at once',
        fix: 'declare a port with `name: {{port}}` in the container, or write the number into the hook',
      },
      noName: {
        text: 'must be a number or the name of a port, but is the text "{{port}}": the API server refuses the Pod',
        fix: 'write {{correction}}',
      },
    },
    ...NO_OPTIONS,
  },

  validate(_pod, context) {
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      const hook = reference.container.lifecycle?.preStop;
      if (hook == null) continue;
      const place = pathOf(reference).field('lifecycle', 'preStop');
      const worst = { rank: [0], ranked: [place] };
      const missing = missingProgramOf(hook, reference.container, context.facts.images);
      const port = hook.httpGet?.port;
      let found: Violation<MessageId> | undefined;
      if (missing !== undefined) found = { message: 'noProgram', path: place.field('exec', 'command'), data: missing, ...worst };
      else if (hook.tcpSocket != null) found = { message: 'tcpSocket', path: place.field('tcpSocket'), ...worst };
      else if (typeof port === 'string' && !isPortName(port))
        found = { message: 'noName', path: place.field('httpGet', 'port'), data: { port, correction: portInsteadOf(port) }, ...worst };
      else if (port !== undefined && !isPortKnown(port, reference.container))
        found = { message: 'undeclaredPort', path: place.field('httpGet', 'port'), data: { port }, ...worst };
      if (found !== undefined) (violations ??= []).push(found);
    }
    return violations ?? NO_VIOLATIONS;
  },
});
