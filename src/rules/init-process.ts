/** PID 1 passes signals on and reaps what it is left with. */
import { CONTAINER_DEFAULTS, defaultPullPolicy } from '../core/defaults.ts';
import { diskBoundOf } from '../core/empty-dir.ts';
import { entrypointOf, type EntrypointKind } from '../core/entrypoint.ts';
import { anyNameMatcher } from '../core/glob.ts';
import { pathOf, type Container, type Pod, type PodSpec, type ResourceRequirements, type Volume } from '../core/pod.ts';
import { isHiddenByEmptyResources, qosClassOf } from '../core/qos.ts';
import { compareQuantities, formatQuantity } from '../core/quantity.ts';
import { bytesOption, cpuOption } from '../core/quantity-option.ts';
import { hasPodLevelResources, readAmount } from '../core/resources.ts';
import { defineRule, NO_VIOLATIONS, type OptionProblem, type RuleContext, type Violation } from '../core/rule.ts';
import { programName } from '../core/shell.ts';
import { SERVING_CLASSES } from '../core/workload.ts';
import type { Subject } from '../core/subject.ts';

type Carrier = 'image-volume' | 'init-container' | 'share-process-namespace';

interface Options {
  readonly carrier: Carrier | 'auto';
  readonly image: string;
  readonly binary: string;
  readonly copyCommand: readonly string[];
  readonly copyResources: { readonly cpu: string; readonly memory: string };
  readonly imagesThatNeedIt: readonly string[];
}

type MessageId = 'shell' | 'ignoresSignals' | 'configured' | 'unknown';

/** The volume and, where one copies the binary, the init container. */
const CARRIER_NAME = 'podgrace-init';
const MOUNT_PATH = '/.podgrace';

/** Image volumes (KEP-4639): `auto` waits for the final ones, a policy may ask for them from where they are on by default. */
const IMAGE_VOLUME_MINORS = { byDefault: 35, final: 36 } as const;

/** The static tini of Debian has 0.9 MB. */
const CARRIER_SIZE_LIMIT = '4Mi';

/** `-g` signals the whole process group: what a shell has started gets SIGTERM too, and not only the shell. */
const TINI_ARGUMENTS = ['-g', '--'];

export default defineRule<Options, MessageId>({
  meta: {
    id: 'init-process',
    since: '0.1.0',
    category: 'termination',
    docs: {
      summary: 'PID 1 of a container forwards signals and reaps processes: an init, the application itself, or a shell that execs it.',
      why: [
        'The kernel delivers SIGTERM to PID 1 only if PID 1 has a handler for it. A shell entrypoint that waits for a command',
        'has none: the signal is lost, the application never hears of it, and every deletion, rollout and node drain waits',
        'the whole grace period (30 s by default) until SIGKILL. Measured on a kubelet: 21.6 s with a grace period of 20 s,',
        '1.0 s for the same command behind tini. What such a shell leaves behind (exec probes, forks) also stays as zombies.',
      ].join('\n'),
      remediation: [
        'Start the last command with `exec`, write the command in exec form (`command: [app, --flag]`), or run an init such',
        'as tini as PID 1. podgrace can put a static tini before a `command` that it knows: from an image volume (`image`,',
        'Kubernetes 1.36, or 1.35 if asked for), copied by an init container that keeps the QoS class and passes Pod Security',
        '`restricted`, or by sharing the Pod’s process namespace, where the pause container is PID 1. The shell then ends at',
        'SIGTERM at once, and with it the container: what has to be finished needs `exec` or a preStop hook. The init container',
        'needs an emptyDir, which makes `kubectl drain` ask for `--delete-emptydir-data`; it is not added where Pod-level',
        'resources are set, or where the Pod may keep less than 4 Mi on disk. A container without a `command` runs its image’s',
        'entrypoint, which the spec does not tell: that is recorded as unknown.',
      ].join('\n'),
      references: [
        'https://github.com/krallin/tini',
        'https://kubernetes.io/docs/tasks/configure-pod-container/share-process-namespace/',
        'https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/4639-oci-volume-source',
        'https://github.com/kubernetes/kubernetes/issues/84210',
      ],
    },
    reads: [
      'spec.containers[*].command',
      'spec.containers[*].args',
      'spec.containers[*].image',
      'spec.initContainers[*].command',
      'spec.initContainers[*].args',
      'spec.initContainers[*].image',
      'spec.terminationGracePeriodSeconds',
      'spec.shareProcessNamespace',
      'spec.hostPID',
      'spec.os',
      'spec.nodeSelector',
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
    appliesTo: { containers: ['main', 'sidecar'], workloads: SERVING_CLASSES },
    mutation: 'behaviour-changing',
    after: ['minimum-qos-class', 'memory-limit'],
    presets: {
      baseline: { mode: 'audit', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off' },
    },
    messages: {
      shell: {
        text: 'must pass SIGTERM on, but the shell `{{program}}` stays PID 1 and swallows it: the container runs until SIGKILL after {{graceSeconds}} s',
        fix: 'start the last command with `exec`, or run an init such as tini as PID 1',
      },
      ignoresSignals: {
        text: 'must end at SIGTERM, but `{{program}}` ignores it as PID 1: the container runs until SIGKILL after {{graceSeconds}} s',
        fix: 'run an init such as tini as PID 1, or set `shareProcessNamespace: true`',
      },
      configured: {
        text: 'must run behind an init: the policy lists image `{{image}}` as one that needs it',
        fix: 'run an init such as tini as PID 1, or set `shareProcessNamespace: true`',
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
        carrier: {
          type: 'string',
          enum: ['auto', 'image-volume', 'init-container', 'share-process-namespace'],
          description:
            'How tini gets into the container; auto takes an image volume where the target version has it for good (1.36), else an init container. 1.35 has image volumes too, unless somebody switched them off: name them to use them there.',
        },
        image: {
          type: 'string',
          description:
            'The image that holds the static tini (and, for an init container, what copies it). Without it nothing is injected by those two carriers.',
        },
        binary: { type: 'string', pattern: '^/.+', description: 'The path of tini inside that image.' },
        copyCommand: {
          type: 'array',
          minItems: 1,
          items: { type: 'string' },
          description: 'What the init container runs; the binary and the place to copy it to are appended.',
        },
        copyResources: {
          type: 'object',
          additionalProperties: false,
          required: ['cpu', 'memory'],
          properties: {
            cpu: cpuOption('Request and limit of the init container.'),
            memory: bytesOption('Request and limit of the init container.'),
          },
          description: 'Given to the init container unless the Pod is BestEffort, which it then stays.',
        },
        imagesThatNeedIt: {
          type: 'array',
          items: { type: 'string', minLength: 1 },
          description: 'Images (* for any run of characters) whose processes need an init although they run as PID 1 themselves.',
        },
      },
    },
    defaultOptions: {
      carrier: 'auto',
      image: '',
      binary: '/podgrace/tini',
      copyCommand: ['/podgrace/busybox', 'cp'],
      copyResources: { cpu: '10m', memory: '16Mi' },
      imagesThatNeedIt: [],
    },
    checkOptions: ({ carrier, image }, mutation, minor) => {
      if (mutation === 'off' || carrier === 'share-process-namespace') return [];
      const problems: OptionProblem[] = [];
      if (image === '')
        problems.push({ option: 'image', message: `must name the image that holds tini, as the mutation is '${mutation}'` });
      if (carrier === 'image-volume' && minor < IMAGE_VOLUME_MINORS.byDefault) {
        const message = `must not be 'image-volume' for Kubernetes 1.${minor}, whose API server drops such volumes by default`;
        problems.push({ option: 'carrier', message });
      }
      return problems;
    },
  },

  validate(pod, context) {
    if (isPidOneElsewhere(pod.spec, context.subject)) return NO_VIOLATIONS;
    const violations: Violation<MessageId>[] = [];
    const graceSeconds = pod.spec.terminationGracePeriodSeconds;
    for (const reference of context.containers(pod)) {
      const { container } = reference;
      const kind = entrypointOf(container.command, container.args);
      const at = { path: pathOf(reference).field('command') };
      if (kind === 'shell' || kind === 'ignores') {
        const program = programName(container.command?.[0] ?? '');
        violations.push({ message: kind === 'shell' ? 'shell' : 'ignoresSignals', ...at, data: { program, graceSeconds } });
      } else if (kind !== 'init' && needsInit(container, context.options)) {
        violations.push({ message: 'configured', ...at, data: { image: container.image ?? '' } });
      } else if (kind === 'unknown') {
        violations.push({ message: 'unknown', ...at, data: { reason: unknownReason(container) }, unknown: true });
      }
    }
    return violations;
  },

  mutate(draft, context) {
    const { spec } = draft;
    if (isPidOneElsewhere(spec, context.subject)) return;
    const toWrap = context.containers(draft).filter(({ container }) => isWrapped(container, context.options));
    if (toWrap.length === 0) return;
    const carrier = carrierOf(context);
    if (carrier === 'share-process-namespace') {
      spec.shareProcessNamespace = true;
      return;
    }
    const containers = toWrap.map(({ container }) => container);
    if (context.options.image === '' || isTaken(spec, containers)) return;
    if (carrier === 'init-container' && !hasRoomForCopy(spec)) return;
    const tini = carrier === 'image-volume' ? addImageVolume(spec, context.options) : addInitContainer(draft, context);
    for (const container of containers) {
      container.volumeMounts = [...(container.volumeMounts ?? []), { name: CARRIER_NAME, mountPath: MOUNT_PATH, readOnly: true }];
      container.command = [tini, ...TINI_ARGUMENTS, ...(container.command ?? [])];
    }
  },
});

/** In a shared process namespace and in the node's, the container's first process is not PID 1; Windows has none. */
function isPidOneElsewhere(spec: PodSpec, { operatingSystem }: Subject): boolean {
  return spec.shareProcessNamespace === true || spec.hostPID === true || operatingSystem === 'windows';
}

/** Only what has a `command`: for the rest nobody knows here what tini would have to start. */
function isWrapped(container: Container, options: Options): boolean {
  const kind: EntrypointKind = entrypointOf(container.command, container.args);
  if (container.command == null || container.command.length === 0 || kind === 'init') return false;
  return kind === 'shell' || kind === 'ignores' || needsInit(container, options);
}

function needsInit({ image }: Container, { imagesThatNeedIt }: Options): boolean {
  return imagesThatNeedIt.length > 0 && anyNameMatcher(imagesThatNeedIt)(image ?? '');
}

function unknownReason({ command }: Container): string {
  if (command == null || command.length === 0) return 'the entrypoint of the image is not in the spec';
  return 'a script, or a shell that execs a single command in some images only, is PID 1';
}

function carrierOf({ options, subject }: RuleContext<Options>): Carrier {
  if (options.carrier !== 'auto') return options.carrier;
  return subject.kubernetesMinor >= IMAGE_VOLUME_MINORS.final ? 'image-volume' : 'init-container';
}

/** Whether the Pod uses our names for something else; it is reported then, and stays as it is. */
function isTaken({ volumes, containers, initContainers }: PodSpec, toWrap: readonly Container[]): boolean {
  return (
    volumes?.some(({ name }) => name === CARRIER_NAME) === true ||
    [...containers, ...(initContainers ?? [])].some(({ name }) => name === CARRIER_NAME) ||
    toWrap.some(({ volumeMounts }) => volumeMounts?.some(({ mountPath }) => mountPath.replace(/\/$/, '') === MOUNT_PATH))
  );
}

/** @returns where tini will be: image volumes mount the whole image, read-only */
function addImageVolume(spec: PodSpec, { image, binary }: Options): string {
  addVolume(spec, { name: CARRIER_NAME, image: { reference: image, pullPolicy: defaultPullPolicy(image) } });
  return MOUNT_PATH + binary;
}

/** @returns where tini will be. The init container runs first: sidecars are started in the order of the list. */
function addInitContainer(draft: Pod, { options, subject }: RuleContext<Options>): string {
  const { spec } = draft;
  const target = `${MOUNT_PATH}/${programName(options.binary)}`;
  const resources = resourcesThatKeepQos(spec, options, subject);
  addVolume(spec, { name: CARRIER_NAME, emptyDir: { sizeLimit: CARRIER_SIZE_LIMIT } });
  const container: Container = {
    name: CARRIER_NAME,
    image: options.image,
    imagePullPolicy: defaultPullPolicy(options.image),
    command: [...options.copyCommand, options.binary, target],
    resources,
    volumeMounts: [{ name: CARRIER_NAME, mountPath: MOUNT_PATH }],
    securityContext: restrictedSecurityContext(),
    ...CONTAINER_DEFAULTS,
  };
  spec.initContainers = [container, ...(spec.initContainers ?? [])];
  return target;
}

/**
 * Whether the Pod's own limits leave room for one more container and volume: tini has to fit into what the Pod may keep on
 * disk; and what the API server makes of Pod-level resources depends on every container, from 1.37 on after this
 * (`defaultPodLevelResources`).
 */
function hasRoomForCopy(spec: PodSpec): boolean {
  const disk = diskBoundOf(spec);
  const fitsOnDisk = disk === undefined || compareQuantities(disk, readAmount(CARRIER_SIZE_LIMIT)) >= 0;
  return fitsOnDisk && !hasPodLevelResources(spec);
}

/**
 * An init container counts for the QoS class: equal requests and limits keep a Guaranteed Pod what it is, and only none at
 * all keep a BestEffort one. An empty `spec.resources` makes the Pod BestEffort up to 1.36 whatever its containers have, so
 * theirs do not matter then.
 */
function resourcesThatKeepQos(spec: PodSpec, { copyResources }: Options, { kubernetesMinor }: Subject): ResourceRequirements {
  const isBestEffort = qosClassOf(spec, kubernetesMinor) === 'BestEffort' && !isHiddenByEmptyResources(spec, kubernetesMinor);
  if (isBestEffort) return {};
  const amounts = { cpu: canonical(copyResources.cpu), memory: canonical(copyResources.memory) };
  return { requests: { ...amounts }, limits: { ...amounts } };
}

function canonical(text: string): string {
  return formatQuantity(readAmount(text));
}

/** Everything that Pod Security `restricted` asks of a container; 65532 is distroless' nonroot. */
function restrictedSecurityContext(): Record<string, unknown> {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: 65532,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

function addVolume(spec: PodSpec, volume: Volume): void {
  spec.volumes = [...(spec.volumes ?? []), volume];
}
