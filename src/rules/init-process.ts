/** PID 1 of a container passes signals on and reaps orphaned processes. */
import { anyNameMatcher } from '../core/glob.ts';
import { oncePer } from '../core/once-per.ts';
import type { FieldPath } from '../core/path.ts';
import type { PodFacts } from '../core/pod-facts.ts';
import { containersOf, pathOf, type Container, type ContainerReference } from '../core/pod.ts';
import { CARRIER_DEFAULTS, CARRIER_SCHEMAS, carrierOf, problemsOfCarrier, type CarrierOptions } from '../core/process/carrier-options.ts';
import { isPidOneElsewhere, mayShareProcessNamespace, READ_FOR_STOPS } from '../core/process/container-stop.ts';
import { quotedDecider, quotedPidOne, type StopVerdict } from '../core/process/possibility.ts';
import { HELPLESS, isBehindInit, problemOf, type Problem } from '../core/process/stop-problem.ts';
import { conditionOf, OBSTACLES, problemOfImage, unknownReasonOf, WHILE_WAITING } from '../core/process/stop-wording.ts';
import { putTiniBefore } from '../core/process/tini-carrier.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import { killSecondsOf } from '../core/shutdown.ts';
import type { Subject } from '../core/subject.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';
import { OPERATING_SYSTEM_FIELDS } from '../core/operating-system.ts';

interface Options extends CarrierOptions {
  readonly imagesThatNeedIt: readonly string[];
}

type MessageId = Problem | 'image' | 'configured' | 'depends' | 'unknown';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'init-process',
    since: '0.1.0',
    category: 'termination',
    docs: {
      summary: 'PID 1 of a container forwards signals and reaps processes: an init, the application itself, or a shell that execs it.',
      harm: 'The kernel delivers SIGTERM to PID 1 only if PID 1 has a handler for it: without one, each stop takes the whole grace period and ends with SIGKILL.',
      why: [
        'The kernel delivers SIGTERM to PID 1 only if PID 1 has a handler for it. A shell entrypoint that waits for a command',
        'has none: the signal is lost, the application never hears of it, and every deletion, rollout and node drain waits the',
        'whole grace period (30 s by default) until SIGKILL. Measured on a kubelet: 21.6 s with a grace period of 20 s, 1.0 s',
        'for the same command behind tini. Processes that such a shell leaves behind (exec probes, forks) also stay as zombies.',
        'podgrace follows scripts and launchers to the program that is PID 1 in the end. Each shell was measured: bash 5.1 and',
        'newer and busybox replace themselves by the last command of `sh -c`, dash stays. If the signal is lost in all of them,',
        'the finding is certain. If it depends on the shell or on the image, the finding is only recorded.',
        'Behind tini, dumb-init or catatonit, the default action of SIGTERM ends what they start. A finding there is only what',
        'ignores the signal (an interactive shell, `unshare --fork`, code that says so), and a shell whose trap goes on or waits',
        'for its command.',
      ].join('\n'),
      remediation: [
        'Write `exec` before the command that keeps running (what comes after it is never reached), write the command in exec form',
        '(`command: [app, --flag]`), or run an init such as tini as PID 1. `exec` does not help in loops and pipes, nor for programs without',
        'a handler. A container that only',
        'sleeps is a matter of `stoppable-sleep`. In a Job, the rule looks at the native sidecars: a sidecar that loses the',
        'signal keeps each finished Pod for the grace period. A script that first waits in a loop (`until nc -z db 5432; do sleep 1; done`)',
        'loses the signal as long as it waits, even if it then starts the server with `exec`: that is recorded, too.',
        'podgrace can put a static tini before a `command` that it knows, in one of three ways: from an image volume (`image`;',
        'Kubernetes 1.36, or 1.35 if the policy asks for it), copied by an init container that keeps the QoS class and passes',
        'Pod Security `restricted`, or by sharing the Pod’s process namespace, where the pause container is PID 1. The shell',
        'then ends at SIGTERM at once, and the container ends with it: work that must be finished needs `exec` or a preStop',
        'hook. The init container needs an emptyDir, which makes `kubectl drain` ask for `--delete-emptydir-data`. podgrace',
        'does not add it if Pod-level resources are set, or if the Pod may keep less than 4 Mi on disk. It does not share the',
        'process namespace if a container starts what must be PID 1 (s6-overlay, systemd), or runs an entrypoint or a script that',
        'is not known. A container without a `command` runs',
        'the entrypoint of its image, which the spec does not show; of an image that has none (busybox, debian, python), the `args` are',
        'the command. If neither podgrace nor the policy’s `images` knows the',
        'image, that is recorded as unknown. `podgrace check --images` and a server with `--images-registry` ask the registry for',
        'ENTRYPOINT and CMD, and judge what they start like a `command`; the image has to be changed then.',
      ].join('\n'),
      worse: [
        'Each container is compared with itself. That the signal is lost, or that what runs is killed without getting the signal, is',
        'worse than that it is heard late; and that is worse than to run without the init that the policy wants for the image. The',
        'length of the grace period does not count.',
      ].join('\n'),
      references: [
        'https://github.com/krallin/tini',
        'https://kubernetes.io/docs/tasks/configure-pod-container/share-process-namespace/',
        'https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/4639-oci-volume-source',
        'https://github.com/kubernetes/kubernetes/issues/84210',
      ],
    },
    reads: [
      ...READ_FOR_STOPS,
      'spec.terminationGracePeriodSeconds',
      ...OPERATING_SYSTEM_FIELDS,
      'spec.containers[*].volumeMounts',
      'spec.initContainers[*].volumeMounts',
      'spec.volumes',
      'spec.resources',
      'spec.containers[*].resources',
      'spec.initContainers[*].resources',
    ],
    writes: [
      'spec.containers[*].command',
      'spec.containers[*].volumeMounts',
      'spec.initContainers',
      'spec.volumes',
      'spec.shareProcessNamespace',
    ],
    appliesTo: { containers: ['main', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'behaviour-changing',
    after: ['minimum-qos-class', 'memory-limit'],
    needs: ['images'],
    presets: {
      baseline: { mode: 'audit', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off' },
    },
    messages: {
      shell: {
        text: 'must pass SIGTERM on, but the shell {{program}} stays PID 1 and swallows it: the container runs until SIGKILL after {{graceSeconds}} s',
        fix: 'write `exec` before the command that keeps running; an init such as tini as PID 1 ends the container at once, and does not tell that command',
      },
      shellStays: {
        text: 'must pass SIGTERM on, but the shell {{program}} stays PID 1 and swallows it: the container runs until SIGKILL after {{graceSeconds}} s',
        fix: 'start the command, with the whole pipe that it stands in, with `&` (a subshell as well, with `exec` before the command in it), wait for it with `wait`, and set `trap \'trap "" TERM; kill 0; wait; exit\' TERM` before it; `exec` does not help here, because {{obstacle}}. Behind an init such as tini as PID 1 the container ends at once, but the command is not told',
      },
      ignoresSignals: {
        text: 'must end at SIGTERM, but {{program}} is PID 1 and has no handler for it: the container runs until SIGKILL after {{graceSeconds}} s',
        fix: 'run an init such as tini as PID 1. Where it only keeps the container up beside a server in the background, which an init does not tell, put `wait` in its place, and set `trap \'trap "" TERM; kill 0; wait; exit\' TERM` before the server',
      },
      dropsSignal: {
        text: 'must pass SIGTERM on, but {{program}} is told to drop it: the container runs until SIGKILL after {{graceSeconds}} s',
        fix: 'take the `--rewrite` of SIGTERM to 0 out of the command',
      },
      ignoresByItself: {
        text: 'must end at SIGTERM, but {{program}} ignores it: the container runs until SIGKILL after {{graceSeconds}} s',
        fix: 'take out what ignores it: `-i` of the shell, `--fork` of unshare, `--block-signal` of env, `-o` of strace, or the handler that does nothing',
      },
      trapGoesOn: {
        text: 'must end at SIGTERM, but the trap of {{program}} does not end the script: the container runs until SIGKILL after {{graceSeconds}} s',
        fix: 'let the trap pass the signal on and end the script (`trap "" TERM; kill 0; wait; exit`), and start what it stops with `&` and `wait`',
      },
      longTrap: {
        text: 'must end at SIGTERM, but what the trap of {{program}} runs is not over before SIGKILL after {{graceSeconds}} s',
        fix: 'let the trap pass the signal on to all that runs (`trap "" TERM; kill 0`) before it waits, wait for less than the grace period, and end with `exit`',
      },
      lateTrap: {
        text: 'must end at SIGTERM, but the trap of {{program}} runs only when the command in the foreground has ended',
        fix: 'start that command, with the whole pipe that it stands in, with `&` (a subshell as well, with `exec` before the command in it) and wait for it with `wait`, which a trap interrupts; it hears of the signal if the trap passes it on: `trap "" TERM; kill 0; wait; exit`',
      },
      untold: {
        text: 'must pass SIGTERM on, but {{program}} ends at once and what it runs is killed without getting the signal',
        fix: 'let the trap of a script pass the signal on (`trap "" TERM; kill 0; wait; exit`); in the place of another program, run one that does so as PID 1, such as tini, or the server itself',
      },
      image: {
        text: 'must pass SIGTERM on, but ENTRYPOINT and CMD of the image start {{program}} as PID 1, {{problem}}',
        fix: 'in the Dockerfile, write ENTRYPOINT in exec form, write `exec` before the command that keeps running, or start it by an init such as tini',
      },
      configured: {
        text: 'must run behind an init: the policy lists image `{{image}}` as one that needs it',
        fix: 'run an init such as tini as PID 1',
      },
      depends: {
        text: 'must pass SIGTERM on; whether {{program}} does depends on {{condition}}',
        fix: 'make it certain: {{correction}}',
      },
      unknown: {
        text: 'must pass SIGTERM on, but it is not known whether it does: {{reason}}',
        fix: 'set `command` in exec form if you want this to be checked',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        ...CARRIER_SCHEMAS,
        imagesThatNeedIt: {
          type: 'array',
          items: { type: 'string', minLength: 1 },
          description: 'Images (* for any run of characters) whose processes need an init although they run as PID 1 themselves.',
        },
      },
    },
    defaultOptions: { ...CARRIER_DEFAULTS, imagesThatNeedIt: [] },
    checkOptions: problemsOfCarrier,
  },

  validate(pod, context) {
    if (isPidOneElsewhere(pod.spec) || context.subject.operatingSystem === 'windows') return NO_VIOLATIONS;
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      if (!isAsked(reference, context.subject)) continue;
      const stop = context.facts.stopOf(reference.container);
      const found = violationOf(stop, reference, context, pod.spec.terminationGracePeriodSeconds);
      if (found !== undefined) (violations ??= []).push(found);
    }
    return violations ?? NO_VIOLATIONS;
  },

  mutate(draft, context) {
    const { spec } = draft;
    if (isPidOneElsewhere(spec) || context.subject.operatingSystem === 'windows') return;
    const toWrap = Array.from(context.containers()).filter((reference) =>
      isWrapped(reference, context, spec.terminationGracePeriodSeconds),
    );
    if (toWrap.length === 0) return;
    const { kubernetesMinor } = context.subject;
    const carrier = carrierOf(context.options, kubernetesMinor);
    if (carrier !== 'share-process-namespace') {
      const containers = toWrap.map(({ container }) => container);
      putTiniBefore(containers, draft.spec, { carrier, options: context.options, kubernetesMinor });
    } else if (containersOf(spec).every((reference) => mayShare(reference, context.facts))) spec.shareProcessNamespace = true;
  },
});

/** @returns undefined where nothing is wrong, or where it is a matter of another rule */
function violationOf(
  stop: StopVerdict,
  reference: ContainerReference,
  { subject, options }: RuleContext<Options>,
  graceSeconds: number,
): Violation<MessageId> | undefined {
  const problem = problemHere(stop, reference, subject, graceSeconds);
  const killSeconds = killSecondsOf(graceSeconds);
  if (problem !== undefined && stop.isOfImage === true) {
    const data = { program: quotedPidOne(stop), problem: problemOfImage(problem, killSeconds) };
    const path = pathOf(reference).field('image');
    return { message: 'image', path, ranked: [commandOf(reference)], data, rank: [HARM[problem]] };
  }
  if (problem !== undefined) {
    const { obstacle: kind } = stop;
    const obstacle = problem === 'shellStays' && kind !== undefined && kind !== 'no handler' && { obstacle: OBSTACLES[kind] };
    const data = { program: quotedDecider(stop), graceSeconds: killSeconds, ...obstacle };
    return { message: problem, path: wordsOf(reference), ranked: [commandOf(reference)], data, rank: [HARM[problem]] };
  }
  const { container } = reference;
  if (!isBehindInit(stop) && needsInit(container, options)) {
    return { message: 'configured', path: commandOf(reference), data: { image: container.image ?? '' }, rank: [HARM.configured] };
  }
  if (stop.fate === 'depends')
    return { message: 'depends', path: commandOf(reference), data: { program: quotedDecider(stop), ...conditionOf(stop) }, unknown: true };
  if (stop.fate !== 'unknown') {
    if (stop.waitsAs === undefined) return undefined;
    return { message: 'depends', path: commandOf(reference), data: { program: `\`${stop.waitsAs}\``, ...WHILE_WAITING }, unknown: true };
  }
  return { message: 'unknown', path: commandOf(reference), data: { reason: unknownReasonOf(stop) }, unknown: true };
}

/** Of an image without an entrypoint, the args are the command. */
function wordsOf(reference: ContainerReference): FieldPath {
  const { command } = reference.container;
  return command == null || command.length === 0 ? pathOf(reference).field('args') : commandOf(reference);
}

function commandOf(reference: ContainerReference): FieldPath {
  return pathOf(reference).field('command');
}

/** What serves is asked for all its containers; what ends by itself only for the sidecars that are stopped after it. */
function isAsked({ kind }: ContainerReference, { workloadClass }: Subject): boolean {
  return workloadClass !== 'batch' || kind === 'sidecar';
}

/** What certainly goes wrong, as far as it is a matter of this rule. */
function problemHere(
  stop: StopVerdict,
  { kind }: ContainerReference,
  { workloadClass }: Subject,
  graceSeconds: number,
): Problem | undefined {
  // A container that only sleeps is a matter of another rule, unless a Job waits for it.
  if (stop.isIdle === true && !(kind === 'sidecar' && workloadClass === 'batch')) return undefined;
  return problemOf(stop, graceSeconds);
}

/** Zombies; a signal that is heard late; an application that is killed without having heard of it. */
const HARM: Readonly<Record<Problem | 'configured', number>> = {
  configured: 0,
  lateTrap: 1,
  shell: 2,
  shellStays: 2,
  ignoresSignals: 2,
  dropsSignal: 2,
  ignoresByItself: 2,
  trapGoesOn: 2,
  longTrap: 2,
  untold: 2,
};

/** Only what has a `command`: for the rest nobody knows here what tini would have to start. */
function isWrapped(reference: ContainerReference, { options, subject, facts }: RuleContext<Options>, graceSeconds: number): boolean {
  const { container } = reference;
  if (container.command == null || container.command.length === 0 || !isAsked(reference, subject)) return false;
  const stop = facts.stopOf(container);
  const problem = problemHere(stop, reference, subject, graceSeconds);
  if (problem === undefined) return !isBehindInit(stop) && needsInit(container, options);
  // What does not end behind one init does not behind two.
  return !HELPLESS.has(problem) && !isBehindInit(stop);
}

/** Those that end before the others start have the namespace of the Pod as well. */
function mayShare({ kind, container }: ContainerReference, facts: PodFacts): boolean {
  return kind === 'ephemeral' || mayShareProcessNamespace(container, facts.images, facts.stopOf(container));
}

const matcherOf = oncePer(({ imagesThatNeedIt }: Options) => anyNameMatcher(imagesThatNeedIt));

function needsInit({ image }: Container, options: Options): boolean {
  return options.imagesThatNeedIt.length > 0 && matcherOf(options)(image ?? '');
}
