/** The Pod is in the QoS class that the policy asks for, or in a higher one. */
import { READ_FOR_WORDS } from '../core/container-words.ts';
import { heapWithoutRoom } from '../core/heap-setting.ts';
import { isPlausible } from '../core/plausible-amount.ts';
import { pathOf, SPEC, type ContainerKind, type Pod } from '../core/pod.ts';
import {
  isHiddenByEmptyResources,
  isLowerQos,
  qosClassOf,
  qosObstacles,
  QOS_RESOURCES,
  type QosClass,
  type QosObstacle,
  type QosSpec,
  type QosResource,
} from '../core/qos.ts';
import { addQuantities, compareQuantities, maxQuantity, minQuantity, type Quantity } from '../core/quantity.ts';
import { atMost, bytesOption, cpuOption } from '../core/quantity-option.ts';
import { amountOf, hasPodLevelResources, readAmount, writeAmount } from '../core/resources.ts';
import {
  defineRule,
  NO_VIOLATIONS,
  type JsonSchema,
  type KnownViolation,
  type OptionProblem,
  type RuleContext,
  type Violation,
} from '../core/rule.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';
import { isDeviceWorkOfUnknownSize } from '../core/device.ts';
import { READ_FOR_USE_OF_EMPTY_DIRS } from '../core/volume-use.ts';

type Amounts = Readonly<Partial<Record<QosResource, string>>>;

interface ContainerDefaults {
  readonly requests?: Amounts;
  readonly limits?: Amounts;
}

interface Options {
  readonly class: 'Burstable' | 'Guaranteed';
  /** What a repair fills in; a kind of container that is not named gets what main containers get. */
  readonly defaults: { readonly main: ContainerDefaults; readonly sidecar?: ContainerDefaults; readonly init?: ContainerDefaults };
  readonly bounds: { readonly min?: Amounts; readonly max?: Amounts };
}

type MessageId = 'bestEffort' | 'notEqual' | 'emptyPodResources';

function amountsSchema(description: string): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    description,
    properties: { cpu: cpuOption('Processor time.'), memory: bytesOption('Memory.') },
  };
}

function containerDefaultsSchema(description: string): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    description,
    properties: {
      requests: amountsSchema('Requests where there is none.'),
      limits: amountsSchema('Limits where there is none; used for Guaranteed only.'),
    },
  };
}

function defaultProblems(option: string, { requests, limits }: ContainerDefaults, max: Amounts | undefined): OptionProblem[] {
  return QOS_RESOURCES.flatMap((resource) => [
    ...atMost(`${option}.requests.${resource}`, requests?.[resource], `${option}.limits`, limits?.[resource]),
    ...atMost(`${option}.requests.${resource}`, requests?.[resource], 'bounds.max', max?.[resource]),
    ...atMost(`${option}.limits.${resource}`, limits?.[resource], 'bounds.max', max?.[resource]),
  ]);
}

export default defineRule<Options, MessageId>({
  meta: {
    id: 'minimum-qos-class',
    since: '0.1.0',
    category: 'qos',
    docs: {
      summary: 'The QoS class of the Pod is at least the one that the policy asks for.',
      harm: 'When the memory of a node runs out, Pods of a lower QoS class are the first that are killed and evicted.',
      why: [
        'A Pod whose containers request nothing is BestEffort. The scheduler puts any number of such Pods on a node, and they',
        'get what the other Pods leave over. When memory runs out, the kernel kills them first (oom_score_adj 1000; Burstable',
        'has 3 to 999, Guaranteed -997), and the kubelet evicts first the Pods that use more than they requested. Of 710 Pod',
        'templates that real projects ship, 45 % are BestEffort. For Guaranteed, the request and the limit of CPU and of memory',
        'must be equal and above zero in every main container, sidecar and init container: one small init container without',
        'resources, or an injected proxy, makes the whole Pod Burstable.',
      ].join('\n'),
      remediation: [
        'Set `resources.requests` of cpu and memory to what the container needs, and for Guaranteed the same amounts as limits.',
        'For Burstable one amount in one container is enough, and podgrace adds no more than that: it gives the first main',
        'container the memory request of the policy’s `defaults`, or the cpu request if they have no memory. A container that uses a',
        'device such as `nvidia.com/gpu` and does not say how much memory it needs gets the cpu request alone. Requests take room',
        'on nodes and count against quotas, so the author decides about everything beyond that. For Guaranteed, podgrace raises',
        'requests to the limits. If a limit is missing, it sets both to the default limit or to the request, whichever is more,',
        'and adds what the container may write to memory-backed emptyDirs. It does so for all containers, or for none if one of',
        'them cannot be repaired, such as one whose heap (`-Xmx4g`, rule `memory-limit`) has no room in that limit. It never lowers limits, writes nothing outside the policy’s `bounds`, and builds nothing on',
        'an implausible amount (rule `sane-quantities`). If Pod-level resources are set, podgrace raises only those, from',
        'request to limit if both limits are set: the requests of containers could add up to more than the Pod has. It removes',
        'an empty `spec.resources: {}`, which up to Kubernetes 1.36 makes the Pod BestEffort whatever its containers request.',
      ].join('\n'),
      worse: [
        'The class decides: BestEffort is worse than Burstable. For Guaranteed, each amount of each container is compared with itself,',
        'and one more that is not equal is worse too; by how much request and limit differ does not count.',
      ].join('\n'),
      references: [
        'https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/',
        'https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/',
        'https://github.com/kubernetes/kubernetes/pull/137150',
      ],
    },
    needs: ['limitRanges', 'resourceQuotas'],
    reads: [
      'spec.containers[*].resources',
      'spec.initContainers[*].resources',
      'spec.resources',
      ...READ_FOR_WORDS,
      ...READ_FOR_USE_OF_EMPTY_DIRS,
    ],
    writes: ['spec.containers[*].resources', 'spec.initContainers[*].resources', 'spec.resources'],
    appliesTo: { containers: ['main', 'init', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'behaviour-changing',
    after: ['memory-limit'],
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'enforce', mutation: 'would' },
      strict: { mode: 'enforce', mutation: 'apply' },
    },
    messages: {
      bestEffort: {
        text: 'must ask for cpu or memory {{where}}: the Pod is BestEffort, the first to be killed when memory runs out',
        fix: 'set `resources.requests` of cpu and memory to what the container needs',
      },
      notEqual: {
        text: 'must be equal to the {{resource}} limit and above 0 for the QoS class Guaranteed, but {{reason}}',
        fix: 'set the {{resource}} request and limit to the same amount',
      },
      emptyPodResources: {
        text: 'must not be empty: up to Kubernetes 1.36 that makes the Pod BestEffort whatever its containers ask for',
        fix: 'remove `spec.resources`, or fill it',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        class: { type: 'string', enum: ['Burstable', 'Guaranteed'], description: 'The lowest class that is accepted.' },
        defaults: {
          type: 'object',
          additionalProperties: false,
          required: ['main'],
          description: 'What a repair fills in, by kind of container.',
          properties: {
            main: containerDefaultsSchema('For main containers.'),
            sidecar: containerDefaultsSchema('For init containers with `restartPolicy: Always`; those of main containers if not given.'),
            init: containerDefaultsSchema('For other init containers; those of main containers if not given.'),
          },
        },
        bounds: {
          type: 'object',
          additionalProperties: false,
          description: 'What a container may have at all, as a LimitRange of the namespace says it; a repair stays within.',
          properties: {
            min: amountsSchema('The least request and limit of a container.'),
            max: amountsSchema('The largest request and limit of a container.'),
          },
        },
      },
    },
    defaultOptions: {
      class: 'Burstable',
      defaults: {
        main: { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
        sidecar: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '200m', memory: '256Mi' } },
      },
      bounds: {},
    },
    checkOptions: ({ defaults, bounds }) => {
      const boundProblems = QOS_RESOURCES.flatMap((resource) =>
        atMost(`bounds.min.${resource}`, bounds.min?.[resource], 'bounds.max', bounds.max?.[resource]),
      );
      return [
        ...boundProblems,
        ...Object.entries(defaults).flatMap(([kind, amounts]) => defaultProblems(`defaults.${kind}`, amounts, bounds.max)),
      ];
    },
  },

  validate({ spec }, { options, subject }) {
    const minor = subject.kubernetesMinor;
    const qosClass = qosClassOf(spec, minor);
    if (!isLowerQos(qosClass, options.class)) return NO_VIOLATIONS;
    if (!isHiddenByEmptyResources(spec, minor)) return violationsIn(spec, minor, options.class, qosClass);
    const { containers, initContainers } = spec;
    const uncovered = violationsIn({ containers, initContainers }, minor, options.class, qosClass);
    return [{ message: 'emptyPodResources', path: SPEC.field('resources'), rank: [BADNESS[qosClass]], ranked: [SPEC] }, ...uncovered];
  },

  mutate(draft, context) {
    const { spec } = draft;
    const { options, subject } = context;
    if (isHiddenByEmptyResources(spec, subject.kubernetesMinor)) delete spec.resources;
    if (!isLowerQos(qosClassOf(spec, subject.kubernetesMinor), options.class)) return;
    if (options.class === 'Burstable') fillRequest(draft, context);
    else makeEqual(draft, context);
  },
});

const BADNESS: Readonly<Record<QosClass, number>> = { Guaranteed: 0, Burstable: 1, BestEffort: 2 };

/** @param qosClass of the Pod as it is, `spec.resources` counted in */
function violationsIn(spec: QosSpec, minor: number, wanted: Options['class'], qosClass: QosClass): Violation<MessageId>[] {
  const obstacles = qosObstacles(spec, minor, wanted);
  const rank = [BADNESS[qosClass]];
  if (wanted === 'Guaranteed') return obstacles.map((obstacle) => ({ ...notEqual(obstacle), rank }));
  if (obstacles.length === 0) return [];
  const ofPod = obstacles[0]?.reference === undefined;
  const where = ofPod ? 'here, since Pod-level resources decide' : 'in some container';
  return [{ message: 'bestEffort', path: SPEC.field(ofPod ? 'resources' : 'containers'), data: { where }, rank, ranked: [SPEC] }];
}

/** One field for every reason, so that an update which changes only the reason brings no new violation. */
function notEqual({ reference, resource, request, limit }: QosObstacle): Omit<KnownViolation<MessageId>, 'rank'> {
  return {
    message: 'notEqual',
    path: (reference === undefined ? SPEC : pathOf(reference)).field('resources', 'requests', resource),
    data: { resource, request: request ?? '0', limit: limit ?? '0', reason: reasonOf(request, limit) },
  };
}

function reasonOf(request: string | undefined, limit: string | undefined): string {
  if (limit === undefined) return request === undefined ? 'neither is set' : `the request ${request} has no limit`;
  return request === undefined ? `the request is 0 and the limit ${limit}` : `the request ${request} differs from the limit ${limit}`;
}

/** One amount in one container makes the Pod Burstable; more would take room on nodes that nobody asked for (docs/adr/0022). */
function fillRequest(draft: Pod, context: RuleContext<Options>): void {
  if (hasPodLevelResources(draft.spec)) return;
  for (const resource of ['memory', 'cpu'] as const) {
    for (const { kind, container } of context.containers()) {
      // A limit in a BestEffort Pod is 0, and no request fits under it.
      if (kind !== 'main' || amountOf(container.resources?.limits, resource) !== undefined) continue;
      // The rule memory-limit would make a limit of a request for memory.
      if (resource === 'memory' && isDeviceWorkOfUnknownSize(container)) continue;
      const request = defaultFor(kind, 'requests', resource, context.options);
      if (request === undefined) continue;
      writeAmount(container, 'requests', resource, request);
      return;
    }
  }
}

/** Nothing is gained, and room on nodes is lost, where some obstacle stays: all of them or none. */
function makeEqual(draft: Pod, context: RuleContext<Options>): void {
  const { spec } = draft;
  const obstacles = qosObstacles(spec, context.subject.kubernetesMinor, 'Guaranteed');
  const repairable = new Set(Array.from(context.containers(), ({ container }) => container));
  const steps: { readonly obstacle: QosObstacle; readonly amount: Quantity }[] = [];
  for (const obstacle of obstacles) {
    const { reference } = obstacle;
    if (reference !== undefined && !repairable.has(reference.container)) return;
    const amount = guaranteedAmount(obstacle, context);
    if (amount === undefined) return;
    steps.push({ obstacle, amount });
  }
  for (const { obstacle, amount } of steps) {
    const holder = obstacle.reference?.container ?? spec;
    if (obstacle.limit === undefined) writeAmount(holder, 'limits', obstacle.resource, amount);
    writeAmount(holder, 'requests', obstacle.resource, amount);
  }
}

/** What request and limit both become: the limit that is there, else, in a container, the most of what it may need. */
function guaranteedAmount({ reference, resource, request, limit }: QosObstacle, context: RuleContext<Options>): Quantity | undefined {
  const { options, facts } = context;
  if (reference === undefined) return limit === undefined || !isPlausible(readAmount(limit), resource) ? undefined : readAmount(limit);
  if (limit !== undefined) return isPlausible(readAmount(limit), resource) ? withinBounds(readAmount(limit), resource, options) : undefined;
  if (request !== undefined && !isPlausible(readAmount(request), resource)) return undefined;
  if (resource === 'memory' && isDeviceWorkOfUnknownSize(reference.container)) return undefined;
  let amount = defaultFor(reference.kind, 'limits', resource, options);
  if (request !== undefined) amount = amount === undefined ? readAmount(request) : maxQuantity(amount, readAmount(request));
  if (amount === undefined) return undefined;
  // What is written to volumes in memory counts as the container's (rule empty-dir-size-limit).
  const volumes = resource === 'memory' ? facts.memoryVolumesOf(reference.container) : undefined;
  const wanted = volumes === undefined ? amount : addQuantities(amount, volumes);
  const heap = resource === 'memory' ? heapWithoutRoom(reference.container, wanted, context) : undefined;
  return heap === undefined ? withinBounds(wanted, resource, options) : undefined;
}

/** The policy's default, moved into the bounds; nothing where they contradict each other. */
function defaultFor(kind: ContainerKind, part: 'requests' | 'limits', resource: QosResource, options: Options): Quantity | undefined {
  const { defaults, bounds } = options;
  const ofKind = kind === 'sidecar' ? defaults.sidecar : kind === 'init' ? defaults.init : undefined;
  const text = (ofKind ?? defaults.main)[part]?.[resource];
  if (text === undefined) return undefined;
  const min = amountOf(bounds.min, resource);
  const max = amountOf(bounds.max, resource);
  let amount = readAmount(text);
  if (min !== undefined) amount = maxQuantity(amount, min);
  if (max !== undefined) amount = minQuantity(amount, max);
  return withinBounds(amount, resource, options);
}

/** An amount that follows from the manifest is not moved: outside the bounds it is not written at all. */
function withinBounds(amount: Quantity, resource: QosResource, { bounds }: Options): Quantity | undefined {
  const min = amountOf(bounds.min, resource);
  const max = amountOf(bounds.max, resource);
  if (min !== undefined && compareQuantities(amount, min) < 0) return undefined;
  return max !== undefined && compareQuantities(amount, max) > 0 ? undefined : amount;
}
