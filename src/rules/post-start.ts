/** A postStart hook can work, and does not hold up the container. */
import { missingProgramOf } from '../core/handler.ts';
import { pathOf, type Container, type ContainerReference, type LifecycleHandler } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import { isPortKnown, isPortName, portInsteadOf } from '../core/serving-port.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';
import { OPERATING_SYSTEM_FIELDS } from '../core/operating-system.ts';

interface Options {
  /** 0 for no bound. */
  readonly maxSeconds: number;
}

type MessageId = 'tcpSocket' | 'noProgram' | 'undeclaredPort' | 'noName' | 'races' | 'mayRace' | 'endless' | 'waitsForEver' | 'tooLong';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'post-start',
    since: '0.1.0',
    category: 'termination',
    docs: {
      summary: 'A postStart hook can work, does not call a server that is still starting, and ends soon.',
      harm: 'A postStart hook that fails kills its container again and again, and a hook that waits delays each start and each rollout.',
      why: [
        'A hook that fails kills its container, which is started again and killed again (CrashLoopBackOff). It runs beside the',
        'entrypoint, in no order: a request to the container itself comes milliseconds after its start, before most servers listen,',
        'and is not tried again. Until the hook has ended, the container does not count as running, no probe asks it, and no later',
        'container of the Pod is started: a `sleep 20` delays each rollout by 20 seconds a Pod.',
      ].join('\n'),
      firesOn: [
        'a `tcpSocket` hook, which the kubelet fails at once',
        'an exec hook that runs a shell or a tool in an image that is known to have neither (distroless, pause)',
        'an `httpGet` hook with a port by a name that the container does not declare',
        'an `httpGet` hook with a text that cannot be the name of a port, such as a number in quotes: the API server refuses the Pod',
        'an `httpGet` hook that asks the container itself, without a `host`; where the port is not declared and may be that of a proxy beside it, that is recorded as unknown',
        'an exec hook that never ends, or sleeps for longer than `maxSeconds`',
        'an exec hook that waits in a `while` or `until` loop that sleeps and that nothing in it ends but its condition: a warning at most, as the condition may come true',
      ],
      leavesAlone: [
        'an exec hook that waits for its server in a loop with a deadline: a count, a look at the time, `timeout`',
        '`httpGet` with a `host`: somebody else is told of the start',
        'what an image holds that podgrace does not know',
      ],
      remediation: [
        'Do what has to come first in an init container, or in the entrypoint before the server. What needs the server waits for it in',
        'a loop with a deadline. For time to start use a `startupProbe`.',
      ].join('\n'),
      shipped: { baseline: 0, production: 2, strict: 2 },
      worse: [
        'Each hook is compared with itself. From the worst: it fails each time, it never ends, it asks a server that may not listen yet, it',
        'takes too long; then the seconds decide. A wait without a deadline never denies.',
      ].join('\n'),
      references: [
        'https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/',
        'https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/kubelet/lifecycle/handlers.go',
      ],
    },
    reads: ['containers', 'initContainers']
      .flatMap((list) => [`spec.${list}[*].image`, `spec.${list}[*].env`, `spec.${list}[*].ports`, `spec.${list}[*].lifecycle.postStart`])
      .concat(OPERATING_SYSTEM_FIELDS),
    writes: [],
    appliesTo: { containers: ['main', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off', options: { maxSeconds: 0 } },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off', options: { maxSeconds: 5 } },
    },
    messages: {
      tcpSocket: {
        text: 'must be exec, httpGet or sleep, but is tcpSocket: the kubelet fails such a hook at once, and kills the container',
        fix: 'remove it; a `startupProbe` waits until the container answers',
      },
      noProgram: {
        text: 'must run a program that the image has, but {{image}} has no {{program}}: the hook fails, and the container is killed',
        fix: 'do it in an init container, or with a program of the application',
      },
      undeclaredPort: {
        text: 'must name a port that the container declares, but none is called {{port}}: the hook fails, and the container is killed',
        fix: 'declare a port with `name: {{port}}` in the container, or write the number into the hook',
      },
      noName: {
        text: 'must be a number or the name of a port, but is the text "{{port}}": the API server refuses the Pod',
        fix: 'write {{correction}}',
      },
      races: {
        text: 'must not ask the container itself: the hook runs as its process starts, is not tried again, and kills the container if nobody listens yet',
        fix: 'let the application do it, or use an exec hook that waits for the port in a loop with a deadline',
      },
      mayRace: {
        text: 'must not ask a server that may not listen yet: the hook is not tried again, and kills the container; the spec does not say whether the proxy has the port {{port}}',
        fix: 'if the port is that of the container itself, wait for it in an exec hook with a deadline',
      },
      endless: {
        text: 'must end by itself, but the hook never does: the container never counts as running, and no probe asks it',
        fix: 'start what has to keep running in the entrypoint, or as a sidecar',
      },
      waitsForEver: {
        text: 'must have a deadline, but waits in a loop that only its condition ends: until then no probe asks the container, so nothing restarts it',
        fix: 'end the loop after a while, for example `timeout 60 sh -c "until …; do sleep 1; done"`, or do without it: a `startupProbe` waits too',
        onlyWarns: true,
      },
      tooLong: {
        text: 'must take at most {{maxSeconds}} s, but takes {{atLeast}}{{seconds}} s: until then no probe asks the container, and no later container starts',
        fix: 'use a `startupProbe` for time to start, or do the work in an init container',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        maxSeconds: {
          type: 'integer',
          minimum: 0,
          maximum: 3600,
          description: 'The longest time that a postStart hook may sleep; 0 for no bound.',
        },
      },
    },
    defaultOptions: { maxSeconds: 10 },
  },

  validate(_pod, context) {
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      const hook = reference.container.lifecycle?.postStart;
      const found = hook == null ? undefined : judge(hook, reference, context);
      if (found !== undefined) (violations ??= []).push(found);
    }
    return violations ?? NO_VIOLATIONS;
  },
});

/** The rank: what kills the container each time, what may, what holds it up. */
function judge(
  hook: LifecycleHandler,
  reference: ContainerReference,
  { options, facts }: RuleContext<Options>,
): Violation<MessageId> | undefined {
  const place = pathOf(reference).field('lifecycle', 'postStart');
  const ranked = [place];
  const { exec, httpGet, tcpSocket } = hook;
  if (httpGet != null) {
    const { port, host } = httpGet;
    const ofPort = { path: place.field('httpGet', 'port'), rank: [4], ranked };
    if (typeof port === 'string' && !isPortName(port))
      return { message: 'noName', data: { port, correction: portInsteadOf(port) }, ...ofPort };
    if (!isPortKnown(port, reference.container)) return { message: 'undeclaredPort', data: { port }, ...ofPort };
    if (host != null && host !== '') return undefined;
    const path = place.field('httpGet');
    if (!declares(reference.container, port) && facts.hasProxy) return { message: 'mayRace', path, data: { port }, unknown: true };
    return { message: 'races', path, rank: [2], ranked };
  }
  if (exec == null && hook.sleep == null)
    return tcpSocket == null ? undefined : { message: 'tcpSocket', path: place.field('tcpSocket'), rank: [4], ranked };
  const missing = missingProgramOf(hook, reference.container, facts.images);
  if (missing !== undefined) return { message: 'noProgram', path: place.field('exec', 'command'), data: missing, rank: [4], ranked };
  const { duration, leastSeconds: seconds } = facts.hookOf(hook, reference.container);
  if (duration.certainty === 'endless') return { message: 'endless', path: place, rank: [3], ranked };
  const { maxSeconds } = options;
  if (maxSeconds === 0 || seconds <= maxSeconds)
    return exec != null && facts.waitsForEver({ command: exec.command })
      ? { message: 'waitsForEver', path: place, rank: [1], ranked }
      : undefined;
  const atLeast = duration.certainty === 'exact' ? '' : 'at least ';
  return { message: 'tooLong', path: place, data: { maxSeconds, seconds, atLeast }, rank: [0, seconds - maxSeconds], ranked };
}

function declares({ ports }: Container, port: number | string): boolean {
  return ports?.some(({ name, containerPort }) => name === port || String(containerPort) === String(port)) ?? false;
}
