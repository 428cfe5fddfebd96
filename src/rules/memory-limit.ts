/** Every container has a memory limit, or the Pod as a whole has one. */
import { deviceOf, isDeviceWorkOfUnknownSize } from '../core/device.ts';
import { READ_FOR_WORDS } from '../core/container-words.ts';
import { heapSettingsOf, heapWithoutRoom, roomForHeap, type HeapSetting } from '../core/heap-setting.ts';
import { oncePer } from '../core/once-per.ts';
import type { FieldPath } from '../core/path.ts';
import { bytesInWords, inUnitsOf, isPlausible, LEAST_DEFAULT_BYTES, LEAST_REPAIRED_BYTES } from '../core/plausible-amount.ts';
import { pathOf, SPEC, type Container, type ContainerReference } from '../core/pod.ts';
import {
  addQuantities,
  compareQuantities,
  divideQuantity,
  formatQuantity,
  maxQuantity,
  minQuantity,
  scaleQuantity,
  type Quantity,
} from '../core/quantity.ts';
import { atLeast, atMost, bytesOption } from '../core/quantity-option.ts';
import { amountOf, hasPodLevelResources, positiveAmountOf, readAmount, writeAmount } from '../core/resources.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import { shortened } from '../core/shortened.ts';
import type { LimitRange, Surroundings } from '../core/surroundings.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';
import { READ_FOR_USE_OF_EMPTY_DIRS } from '../core/volume-use.ts';

interface Options {
  /** What a limit is made of: the request times this. */
  readonly factor: number;
  /** The limit of a container without a request. */
  readonly default: string;
  /** The largest limit that a repair makes of its own accord. */
  readonly max?: string;
}

type MessageId =
  | 'missing'
  | 'missingBesideDevice'
  | 'missingBesideHeap'
  | 'missingBesideShare'
  | 'missingBesidePod'
  | 'requestImplausible'
  | 'belowHeap'
  | 'podBelowHeap';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'memory-limit',
    since: '0.1.0',
    category: 'qos',
    docs: {
      summary: 'Every main container, sidecar and init container has a memory limit, or the Pod as a whole has one.',
      harm: 'A container without a limit that leaks takes the memory of its node, and the kernel or the kubelet may kill a process of another team instead.',
      why: [
        'A container without a memory limit that leaks takes the memory of its node. Then the kernel or the kubelet kills some',
        'process on that node, often one of another team: the kubelet evicts when less than 100 Mi are left, beginning with Pods',
        'that use more than they asked for, with 1 to 2 s of grace. With a limit the container that leaks is the one that is',
        'killed, and it says so (`OOMKilled`). A limit of 0 is no limit. Memory-backed emptyDirs count as memory of the container',
        'that writes them. A program that may fill more than its limit is killed before it cleans up: with `-Xmx4g` a JVM collects',
        'garbage when 4 GiB are full, and in a container with a limit of 4Gi that moment never comes.',
      ].join('\n'),
      remediation: [
        'Set `resources.limits.memory` above what the container has ever needed, or `spec.resources.limits.memory` for all',
        'containers together. podgrace sets a missing limit to request × `factor`, at least 64Mi and at most `max`, but never below the',
        'request: what is asked for is often less than what is used. In place of the 64Mi it takes `default` if that is less, and 16Mi if',
        'a LimitRange or ResourceQuota of the namespace is known to leave little room. A container without a request gets the limit',
        '`default` and the request `default` ÷ `factor`:',
        'without a request, the API server would make the request as large as the limit, and the Pod would need that much room',
        'on a node. A request of 0 is a choice and stays; beside a limit, `limit-request-ratio` reports it. podgrace adds what',
        'the container may write to memory-backed emptyDirs, because that counts as memory of the container. It builds nothing',
        'on an implausible request (`100m` is one byte; rule `sane-quantities`), and sets none for a container that uses a device such as',
        '`nvidia.com/gpu` and has no request for memory: it may load a model of any size. It sets none either that is less than 4/3 of',
        'a heap that the container sets (`-Xmx`, `GOMEMLIMIT`, `--maxmemory`): the program needs more than its heap. Nor does it where the heap is to be all of the limit (`-XX:MaxRAMPercentage=100`). If Pod-level',
        'resources are set without a memory limit, it changes nothing: the right limit then depends on all containers.',
      ].join('\n'),
      firesOn: [
        'a container without a memory limit above 0, in a Pod without one',
        'a limit, of the container or of the Pod, that is not above the heap that the command, the arguments or a variable set: `-Xmx`, `-XX:MaxHeapSize`, `-XX:MaxRAMPercentage` of 100 and more, `MAX_HEAP_SIZE` of Cassandra and its like, `--max-old-space-size` of Node.js, `GOMEMLIMIT` of Go, `GCHeapHardLimit` of .NET',
        'one that is not above what a data store keeps in memory: `--maxmemory` of Redis, `shared_buffers` of PostgreSQL, `innodb-buffer-pool-size` of MySQL, `--wiredTigerCacheSizeGB` of MongoDB, the absolute `vm_memory_high_watermark` of RabbitMQ',
      ],
      leavesAlone: [
        'options in a comment of a script, in a file that is mounted, and in a variable with `valueFrom`',
        'a heap of a container that asks for huge pages: it may lie in them, and they do not count against this limit',
        'a heap beside another one that is smaller, or that a variable sets (`-Xmx$HEAP`): which of them counts is not known',
        'what a program needs beside its heap, unless a repair sets the limit',
      ],
      worse:
        'A container that has no limit is as bad as it was, whatever it asks for. One that had a limit and loses it is worse, also where the limit was below the heap.',
      references: [
        'https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/',
        'https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/',
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
    writes: ['spec.containers[*].resources', 'spec.initContainers[*].resources'],
    appliesTo: { containers: ['main', 'init', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'behaviour-changing',
    presets: {
      baseline: { mode: 'audit', mutation: 'off' },
      production: { mode: 'warn', mutation: 'would' },
      strict: { mode: 'enforce', mutation: 'apply' },
    },
    messages: {
      missing: {
        text: 'must be set and above 0, or the container may use all memory of its node',
        fix: 'set `resources.limits.memory` above what the container ever needed; the policy suggests {{limit}}',
      },
      missingBesideDevice: {
        text: 'must be set and above 0, or the container may use all memory of its node; podgrace suggests none, because the container uses {{device}} and does not say how much memory its work takes',
        fix: 'set `resources.limits.memory` above what the container ever needed, and the request to what it usually needs',
      },
      missingBesideHeap: {
        text: 'must be set and above 0, or the container may use all memory of its node; podgrace suggests none, because `{{option}}` lets it fill {{heap}} and it needs more besides',
        fix: 'set `resources.limits.memory` to {{enough}} or more, or lower `{{option}}`',
      },
      missingBesideShare: {
        text: 'must be set and above 0, or the container may use all memory of its node; podgrace suggests none, because `{{option}}` lets the heap alone fill any limit',
        fix: 'lower `{{option}}` to 75, and set `resources.limits.memory` to 4/3 of the heap that the container ever needed',
      },
      missingBesidePod: {
        text: 'must be set and above 0, here or for the Pod, or the container may use all memory of its node',
        fix: 'set `spec.resources.limits.memory` above what all containers together ever needed, or this limit',
      },
      requestImplausible: {
        text: 'must be set and above 0, or the container may use all memory of its node; podgrace suggests none, because the request {{request}} is {{words}}, which cannot be meant',
        fix: 'correct the request, and set `resources.limits.memory` above what the container ever needed',
      },
      belowHeap: {
        text: 'must be above the {{heap}} that `{{option}}` lets the container fill, but is {{limit}}: it may be killed (OOMKilled) before its memory is cleaned up',
        fix: 'lower `{{option}}` to three quarters of the limit{{orHigher}}',
        onlyWarns: true,
      },
      podBelowHeap: {
        text: 'must be above the {{heap}} that `{{option}}` lets container {{container}} fill, but is {{limit}}: it may be killed (OOMKilled) before its memory is cleaned up',
        fix: 'lower `{{option}}` to three quarters of the limit{{orHigher}}',
        onlyWarns: true,
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        factor: {
          type: 'number',
          minimum: 1,
          maximum: 100,
          description: 'A missing limit becomes the request times this number; three decimals count.',
        },
        default: bytesOption('The limit of a container that has no request either.'),
        max: bytesOption('The largest limit that a repair makes; a larger request is its own limit.'),
      },
    },
    defaultOptions: { factor: 2, default: '512Mi' },
    checkOptions: (options) => [
      ...atMost('default', options.default, 'max', options.max),
      ...atLeast('default', options.default, LEAST_DEFAULT_BYTES),
    ],
  },

  validate(pod, context) {
    const { spec } = pod;
    const ofPod = positiveAmountOf(spec.resources?.limits, 'memory');
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      const { container } = reference;
      const given = positiveAmountOf(container.resources?.limits, 'memory');
      // The API server refuses a limit of a container above that of the Pod; a container without one may use the Pod's.
      const limit = given ?? ofPod;
      if (limit !== undefined) {
        const heap = heapOfAll(container, limit, context);
        if (heap === undefined) continue;
        (violations ??= []).push(
          given === undefined
            ? {
                message: 'podBelowHeap',
                path: SPEC.field('resources', 'limits', 'memory'),
                data: { ...dataOfHeap(heap, limit, 'spec.'), container: container.name },
                rank: [0],
              }
            : { message: 'belowHeap', path: placeOf(reference), data: dataOfHeap(heap, limit), rank: [0] },
        );
        continue;
      }
      violations ??= [];
      const path = placeOf(reference);
      const request = implausibleRequestOf(container);
      if (request !== undefined) {
        const data = { request: formatQuantity(request), words: bytesInWords(request) };
        violations.push({ message: 'requestImplausible', path, data, rank: [1] });
      } else if (hasPodLevelResources(spec)) {
        // No number follows: what would be right for one depends on all containers.
        violations.push({ message: 'missingBesidePod', path, rank: [1] });
      } else if (isDeviceWorkOfUnknownSize(container)) {
        violations.push({ message: 'missingBesideDevice', path, data: { device: deviceOf(container) ?? '' }, rank: [1] });
      } else {
        const limit = limitFor(container, context);
        const heap = heapWithoutRoom(container, limit, context);
        violations.push(
          heap === undefined
            ? { message: 'missing', path, data: { limit: formatQuantity(limit) }, rank: [1] }
            : { message: isShare(heap) ? 'missingBesideShare' : 'missingBesideHeap', path, data: dataOfHeap(heap), rank: [1] },
        );
      }
    }
    return violations ?? NO_VIOLATIONS;
  },

  mutate(draft, context) {
    const { spec } = draft;
    if (hasPodLevelResources(spec)) return;
    for (const { container } of context.containers()) {
      if (isLimited(container) || implausibleRequestOf(container) !== undefined || isDeviceWorkOfUnknownSize(container)) continue;
      const limit = limitFor(container, context);
      if (heapWithoutRoom(container, limit, context) !== undefined) continue;
      if (!hasOwnRequest(container)) {
        writeAmount(
          container,
          'requests',
          'memory',
          divideQuantity(ownLimit(container, context.options, LEAST_REPAIRED_BYTES), context.options.factor, 'unit'),
        );
      }
      writeAmount(container, 'limits', 'memory', limit);
    }
  },
});

function placeOf(reference: ContainerReference): FieldPath {
  return pathOf(reference).field('resources', 'limits', 'memory');
}

/** A request of 0 is somebody's choice, but beside a limit of 0 it is what the API server makes of that. */
function hasOwnRequest({ resources }: Container): boolean {
  const request = amountOf(resources?.requests, 'memory');
  return request !== undefined && (request.nano > 0n || amountOf(resources?.limits, 'memory') === undefined);
}

/** The heap that is all of a limit or more, whichever of several counts. */
function heapOfAll(container: Container, limit: Quantity, context: RuleContext<Options>): HeapSetting | undefined {
  const heaps = heapSettingsOf(container, limit, context);
  if (heaps === undefined || heaps.isOpen || compareQuantities(limit, heaps.smallest.bytes) > 0) return undefined;
  return usesHugePages(container) ? undefined : heaps.smallest;
}

function usesHugePages({ resources }: Container): boolean {
  return Object.keys(resources?.limits ?? {}).some((name) => name.startsWith('hugepages-'));
}

function dataOfHeap(setting: HeapSetting, limit?: Quantity, holder = ''): Record<string, string> {
  const { option, bytes } = setting;
  if (limit === undefined && isShare(setting)) return { option: shortened(option, MAX_SHOWN) };
  const enough = formatQuantity(roomForHeap(setting));
  return {
    option: shortened(option, MAX_SHOWN),
    heap: formatQuantity(bytes),
    ...(limit === undefined
      ? { enough }
      : {
          limit: formatQuantity(limit),
          orHigher: isShare(setting) ? '' : `, or set \`${holder}resources.limits.memory\` to ${enough} or more`,
        }),
  };
}

/** Of the limit, whatever that is. */
function isShare({ option }: HeapSetting): boolean {
  return option.includes('Percentage');
}

const MAX_SHOWN = 60;

function isLimited({ resources }: Container): boolean {
  return positiveAmountOf(resources?.limits, 'memory') !== undefined;
}

/** A request that no limit may be made of. */
function implausibleRequestOf({ resources }: Container): Quantity | undefined {
  const request = positiveAmountOf(resources?.requests, 'memory');
  return request === undefined || isPlausible(request, 'memory') ? undefined : request;
}

function limitFor(container: Container, { options, facts, surroundings }: RuleContext<Options>): Quantity {
  const limit = ownLimit(container, options, leastFor(surroundings));
  const volumes = facts.memoryVolumesOf(container);
  const enough = volumes === undefined ? limit : addQuantities(limit, volumes);
  const request = container.resources?.requests?.['memory'];
  return request == null ? enough : inUnitsOf(enough, request);
}

/** What a container asks for says little of what it needs. But a limit that its namespace refuses is no help. */
const leastFor = oncePer(({ limitRanges, resourceQuotas }: Surroundings): Quantity => {
  const isTight =
    (limitRanges.isKnown && limitRanges.value.some(({ limits }) => limits.some(isTightLimit))) ||
    (resourceQuotas.isKnown && resourceQuotas.value.some(({ hard }) => isLess(hard['limits.memory'], ROOM_FOR_SEVERAL)));
  return isTight ? LEAST_DEFAULT_BYTES : LEAST_REPAIRED_BYTES;
});

/** What several containers of a Pod, or a few Pods, have together. */
const ROOM_FOR_SEVERAL = scaleQuantity(LEAST_REPAIRED_BYTES, 16, 'unit');

function isTightLimit({ type, max, maxLimitRequestRatio }: LimitRange['limits'][number]): boolean {
  return maxLimitRequestRatio?.['memory'] != null || isLess(max?.['memory'], type === 'Pod' ? ROOM_FOR_SEVERAL : LEAST_REPAIRED_BYTES);
}

function isLess(most: string | number | undefined, than: Quantity): boolean {
  return most !== undefined && compareQuantities(readAmount(most), than) < 0;
}

/** From what the container asks for, without a look at its volumes. */
function ownLimit({ resources }: Container, { factor, default: defaultLimit, max }: Options, least: Quantity): Quantity {
  const request = positiveAmountOf(resources?.requests, 'memory');
  const withoutRequest = readAmount(defaultLimit);
  const wanted =
    request === undefined ? withoutRequest : maxQuantity(scaleQuantity(request, factor, 'unit'), minQuantity(least, withoutRequest));
  const allowed = max === undefined ? wanted : minQuantity(wanted, readAmount(max));
  return request === undefined ? allowed : maxQuantity(allowed, request);
}
