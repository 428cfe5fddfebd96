/** A limit is at most a given multiple of the request, which is what the scheduler counts. */
import { READ_FOR_WORDS } from '../core/container-words.ts';
import { heapSettingsOf, isTooLittleFor } from '../core/heap-setting.ts';
import { heldByPod } from '../core/memory-scope.ts';
import { isPlausible, LEAST_PLAUSIBLE_BYTES, LEAST_REPAIRED_BYTES } from '../core/plausible-amount.ts';
import type { PodFacts } from '../core/pod-facts.ts';
import { pathOf, SPEC, type Container, type ContainerReference, type ResourceRequirements } from '../core/pod.ts';
import {
  addQuantities,
  compareQuantities,
  divideQuantity,
  formatQuantity,
  maxQuantity,
  scaleQuantity,
  ZERO,
  type Quantity,
} from '../core/quantity.ts';
import { amountOf, positiveAmountOf } from '../core/resources.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import { shortened } from '../core/shortened.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';
import { READ_FOR_USE_OF_EMPTY_DIRS } from '../core/volume-use.ts';

interface Options {
  /** 0 for no bound. */
  readonly cpu: number;
  readonly memory: number;
}

type MessageId = 'tooFar' | 'tooFarForVolumes' | 'tooFarForHeap' | 'tooFarForLeast' | 'noRequest';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'limit-request-ratio',
    since: '0.1.0',
    category: 'qos',
    docs: {
      summary: 'The limit of a container is at most a given multiple of its request.',
      harm: 'The scheduler counts requests, but containers may use up to their limits: if several do so, the node runs out of memory, and Pods are killed or evicted.',
      why: [
        'The scheduler counts requests, and containers use up to their limits. With limits of ten times the requests a node may be asked',
        'for ten times the memory that it has: when several Pods use what they are allowed, the kernel kills some of them, or the',
        'kubelet evicts those that are furthest above their request, first of all. CPU above the request is only slower, so its bound',
        'is wider, or none.',
      ].join('\n'),
      firesOn: [
        'a memory or cpu limit above the request times `memory` or `cpu`, of a container or of the Pod as a whole',
        'a limit beside a request of 0',
      ],
      leavesAlone: [
        'limits without a request: the API server makes the request equal to the limit',
        'containers without a limit (`memory-limit`)',
        'memory limits of at most 64Mi, plus what volumes in memory may hold, if the request is above 0: `memory-limit` makes such limits',
        'amounts that nobody can mean (`sane-quantities`)',
      ],
      remediation: [
        'Request what the container needs in ordinary operation, and limit it to its peak. podgrace does not change either: which of the',
        'two is wrong, only measurements tell. A lower limit is no advice where the volumes in memory that the container writes to may',
        'hold more, or where the heap that it sets (`-Xmx900m`, rule `memory-limit`) needs more.',
      ].join('\n'),
      worse: 'The more times the limit is of the request, the worse; a request of 0 is worst. Each resource is compared with itself.',
      shipped: { baseline: 0, production: 25, strict: 47 },
      references: [
        'https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#pod-selection-for-kubelet-eviction',
        'https://kubernetes.io/docs/concepts/policy/limit-range/',
      ],
    },
    needs: ['limitRanges'],
    reads: [
      'spec.containers[*].resources',
      'spec.initContainers[*].resources',
      'spec.resources',
      ...READ_FOR_WORDS,
      ...READ_FOR_USE_OF_EMPTY_DIRS,
    ],
    writes: [],
    appliesTo: { containers: ['main', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'off', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off', options: { cpu: 20, memory: 4 } },
    },
    messages: {
      tooFar: {
        text: 'must be at most {{ratio}} × the request of {{request}}, but is {{value}} ({{times}} ×): the scheduler fills nodes by requests, but containers may use up to their limits',
        fix: 'request {{wantedRequest}} or more, or limit it to {{wantedLimit}}',
      },
      tooFarForVolumes: {
        text: 'must be at most {{ratio}} × the request of {{request}}, but is {{value}} ({{times}} ×): the scheduler fills nodes by requests, but containers may use up to their limits',
        fix: 'request {{wantedRequest}} or more beside a limit of {{value}}; a limit of {{wantedLimit}} is less than the {{held}} that the volumes in memory may hold',
      },
      tooFarForHeap: {
        text: 'must be at most {{ratio}} × the request of {{request}}, but is {{value}} ({{times}} ×): the scheduler fills nodes by requests, but containers may use up to their limits',
        fix: 'request {{wantedRequest}} or more beside a limit of {{value}}; a limit of {{wantedLimit}} is too little for the {{heap}} that `{{option}}` lets the container fill',
      },
      tooFarForLeast: {
        text: 'must be at most {{ratio}} × the request of {{request}}, but is {{value}} ({{times}} ×): the scheduler fills nodes by requests, but containers may use up to their limits',
        fix: 'request {{wantedRequest}} or more, or limit it to {{least}}: podgrace advises no smaller limit',
      },
      noRequest: {
        text: 'must be above 0 beside a limit of {{value}}: the scheduler counts nothing for this container',
        fix: 'request {{wantedRequest}} or more, or remove the request: then it is as large as the limit',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        cpu: { type: 'number', minimum: 0, maximum: 1000, description: 'The largest cpu limit, in requests; 0 for no bound.' },
        memory: { type: 'number', minimum: 0, maximum: 1000, description: 'The largest memory limit, in requests; 0 for no bound.' },
      },
    },
    defaultOptions: { cpu: 0, memory: 8 },
    checkOptions: (options) =>
      RESOURCES.filter((resource) => options[resource] > 0 && options[resource] < 1).map((resource) => ({
        option: resource,
        message: 'must be at least 1, or 0 for no bound',
      })),
  },

  validate({ spec }, context) {
    let violations: Violation<MessageId>[] | undefined;
    const look = (resources: ResourceRequirements, reference: ContainerReference | undefined): void => {
      for (const resource of RESOURCES) {
        const violation = judge(resources, reference, resource, context);
        if (violation !== undefined) (violations ??= []).push(violation);
      }
    };
    if (spec.resources?.limits != null) look(spec.resources, undefined);
    for (const reference of context.containers()) {
      const { resources } = reference.container;
      if (resources?.limits != null) look(resources, reference);
    }
    return violations ?? NO_VIOLATIONS;
  },
});

const RESOURCES = ['cpu', 'memory'] as const;

/** @param reference undefined for the resources of the Pod as a whole */
function judge(
  { requests, limits }: ResourceRequirements,
  reference: ContainerReference | undefined,
  resource: (typeof RESOURCES)[number],
  context: RuleContext<Options>,
): Violation<MessageId> | undefined {
  const { options, facts } = context;
  const ratio = options[resource];
  const limit = ratio === 0 ? undefined : positiveAmountOf(limits, resource);
  const request = limit === undefined ? undefined : amountOf(requests, resource);
  if (limit === undefined || request === undefined || !isPlausible(limit, resource)) return undefined;
  const times = timesOf(limit, request);
  // Most are far below, which needs no exact arithmetic.
  if (times < ratio - 1) return undefined;
  const granularity = resource === 'cpu' ? 'milli' : 'unit';
  const most = scaleQuantity(request, ratio, granularity);
  const held = resource === 'memory' ? heldInMemory(reference, facts) : undefined;
  const least = resource === 'memory' ? addQuantities(LEAST_REPAIRED_BYTES, held ?? ZERO) : ZERO;
  if (request.nano !== 0n && (!isPlausible(request, resource) || compareQuantities(limit, maxQuantity(most, least)) <= 0)) return undefined;
  const place = (reference === undefined ? SPEC : pathOf(reference)).field('resources');
  const data = { value: formatQuantity(limit), wantedRequest: formatQuantity(requestFor(limit, ratio, resource)) };
  const ranked = [place.field('limits', resource)];
  if (request.nano === 0n) return { message: 'noRequest', path: place.field('requests', resource), data, rank: [Number.MAX_VALUE], ranked };
  const amounts = { request: formatQuantity(request), times, wantedLimit: formatQuantity(most) };
  const heap = resource === 'memory' && reference !== undefined ? heapAbove(most, reference.container, context) : undefined;
  const { message, ...more } = obstacleTo(most, { held, heap, least });
  return { message, path: place.field('limits', resource), rank: [times], ranked, data: { ...data, ratio, ...amounts, ...more } };
}

interface Needs {
  /** By volumes in memory. */
  readonly held: Quantity | undefined;
  readonly heap: { readonly heap: string; readonly option: string } | undefined;
  readonly least: Quantity;
}

/** What speaks against the limit that the ratio allows. */
function obstacleTo(limit: Quantity, { held, heap, least }: Needs): { readonly message: MessageId } & Readonly<Record<string, string>> {
  if (held !== undefined && compareQuantities(limit, held) < 0) return { message: 'tooFarForVolumes', held: formatQuantity(held) };
  if (heap !== undefined) return { message: 'tooFarForHeap', ...heap };
  return compareQuantities(limit, least) >= 0 ? { message: 'tooFar' } : { message: 'tooFarForLeast', least: formatQuantity(least) };
}

/** The largest heap that the container sets, where a limit has no room for it. */
function heapAbove(limit: Quantity, container: Container, context: RuleContext<Options>): { heap: string; option: string } | undefined {
  const heaps = heapSettingsOf(container, undefined, context);
  if (heaps === undefined || !isTooLittleFor(heaps, limit)) return undefined;
  const { option, bytes } = heaps.largest;
  return { heap: formatQuantity(bytes), option: shortened(option) };
}

/** Not so little that nobody can mean it (rule sane-quantities). */
function requestFor(limit: Quantity, ratio: number, resource: (typeof RESOURCES)[number]): Quantity {
  const least = divideQuantity(limit, ratio, resource === 'cpu' ? 'milli' : 'unit');
  return isPlausible(least, resource) ? least : LEAST_PLAUSIBLE_BYTES;
}

/** What the volumes in memory may hold whose content counts as memory of the container, or of the Pod: less is no limit. */
function heldInMemory(reference: ContainerReference | undefined, facts: PodFacts): Quantity | undefined {
  if (reference !== undefined) return facts.memoryVolumesOf(reference.container);
  return heldByPod(facts.memoryScopes, ({ sizeLimit }) => sizeLimit);
}

/** How many times, to a tenth; infinitely often a request of 0. */
function timesOf(limit: Quantity, request: Quantity): number {
  const exponent = (limit.tens ?? 0) - (request.tens ?? 0);
  return Math.round((Number(limit.nano) / Number(request.nano)) * 10 ** exponent * 10) / 10;
}
