/** Amounts of memory, disk and CPU are plausible. */
import {
  bytesInWords,
  isMixed,
  LEAST_PLAUSIBLE_BYTES,
  LEAST_PLAUSIBLE_VOLUME_BYTES,
  meantBytes,
  meantCpu,
  MOST_PLAUSIBLE_CORES,
  mostPlausibleBytes,
} from '../core/plausible-amount.ts';
import type { FieldPath } from '../core/path.ts';
import {
  emptyDirOf,
  pathOf,
  SPEC,
  type ContainerReference,
  type Maybe,
  type QuantityText,
  type ResourceRequirements,
  type Volume,
} from '../core/pod.ts';
import { compareQuantities, formatQuantity, wholeUnits, type Quantity } from '../core/quantity.ts';
import { cpuOption } from '../core/quantity-option.ts';
import { readAmount } from '../core/resources.ts';
import { defineRule, NO_VIOLATIONS, type KnownViolation, type RuleContext, type Violation } from '../core/rule.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

interface Options {
  readonly maxCpu: string;
  readonly mixedUnits: boolean;
}

const VOLUMES = SPEC.field('volumes');

type MessageId = 'tooFewBytes' | 'tooManyBytes' | 'noDisk' | 'tooManyCores' | 'mixedUnits';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'sane-quantities',
    since: '0.1.0',
    category: 'configuration',
    docs: {
      summary: 'Amounts of memory, disk and CPU are plausible.',
      harm: 'The API server takes an amount with a wrong unit literally: the container never starts, the Pod stays Pending, or the node gets too many Pods.',
      why: [
        'The API server reads `memory: 512` as 512 bytes, `memory: 3500m` as 3.5 bytes, and `cpu: 500` as 500 cores. A',
        'container with a limit of a few bytes never starts, or is OOM-killed with its first page. A request of 500 cores',
        'leaves the Pod Pending on every node. A request of a few bytes tells the scheduler nothing, so that nodes are',
        'overfilled. A limit of `1E` is no limit, as no node has so much. If the limits of a Pod for ephemeral-storage are 0',
        'altogether, the kubelet evicts the Pod with its first log line (seen with 1.36.3). People compare amounts in thousands',
        'with amounts in 1,024s wrongly (`500M` and `512Mi`).',
      ].join('\n'),
      remediation: [
        'Write memory and disk with `Mi` or `Gi` (1,024 × 1,024 bytes and 1,024 of that), cpu as cores (`2`, `0.5`) or thousandths',
        '(`250m`). The message says how much the amount is and what was probably meant. Nothing is repaired, as only the author',
        'knows; and no repair of any other rule builds on such an amount. Many cores are left alone beside 1Gi of memory and more',
        'for each of them: such a container means a large machine.',
      ].join('\n'),
      worse: [
        'Each amount is compared with itself: the more bytes are missing, or the more cores or bytes there are too many, the worse.',
        'Too few bytes are worse than too many. A limit without a request speaks for both.',
      ].join('\n'),
      references: [
        'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#resource-units-in-kubernetes',
        'https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/',
      ],
    },
    reads: [
      'spec.containers[*].resources',
      'spec.initContainers[*].resources',
      'spec.resources',
      'spec.volumes[*].name',
      'spec.volumes[*].emptyDir',
    ],
    writes: [],
    appliesTo: { containers: ['main', 'init', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'enforce', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off', options: { mixedUnits: true } },
    },
    messages: {
      tooFewBytes: {
        text: 'must be at least {{least}}, but {{amount}} is {{words}}',
        fix: 'write {{meant}}',
      },
      tooManyBytes: {
        text: 'must be at most {{most}}, but is {{amount}}, which is more than any node has',
        fix: 'write the amount with Mi or Gi',
      },
      noDisk: {
        text: 'must be above 0, but all limits of the Pod for ephemeral-storage are 0: the kubelet evicts the Pod as soon as it holds a file or a line of a log',
        fix: 'set it to more than logs, files and volumes need together, or remove it',
      },
      tooManyCores: {
        text: 'must be at most {{maxCpu}} cores, but {{amount}} is {{cores}} cores',
        fix: 'write {{meant}}',
      },
      mixedUnits: {
        text: 'must have the same kind of unit as the request {{request}}, but is {{limit}}: one counts in thousands, the other in 1,024s',
        fix: 'write both with Mi or Gi, or both with M or G',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        maxCpu: cpuOption('The most that one container or Pod can mean.'),
        mixedUnits: {
          type: 'boolean',
          description: 'Whether a request and a limit of the same container must both count in thousands or both in 1,024s.',
        },
      },
    },
    defaultOptions: { maxCpu: formatQuantity(MOST_PLAUSIBLE_CORES), mixedUnits: false },
  },

  validate(pod, context) {
    const { spec } = pod;
    let found = judgeResources(spec.resources, undefined, context, undefined);
    for (const reference of context.containers()) {
      found = judgeResources(reference.container.resources, reference, context, found);
    }
    return judgeVolumes(context.each(spec.volumes), found) ?? NO_VIOLATIONS;
  },
});

/** What was found so far; undefined for nothing, so that a Pod that is right needs no list. */
type Found = Violation<MessageId>[] | undefined;

const PARTS = ['limits', 'requests'] as const;
/** Looked up by their names: a list may hold thousands of others. */
const JUDGED = ['cpu', 'memory', 'ephemeral-storage'] as const;

/**
 * @param reference undefined for the resources of the Pod
 * @param before what was found before
 */
function judgeResources(
  resources: Maybe<ResourceRequirements>,
  reference: ContainerReference | undefined,
  context: RuleContext<Options>,
  before: Found,
): Found {
  if (resources == null) return before;
  let found = before;
  const { requests, limits } = resources;
  for (const part of PARTS) {
    const list = resources[part];
    if (list == null) continue;
    for (const resource of JUDGED) {
      const text = list[resource];
      if (text == null) continue;
      // The API server makes a missing request of the limit: one mistake, told once.
      if (part === 'requests' && text === limits?.[resource]) continue;
      const memory = list['memory'] ?? requests?.['memory'];
      const violation = resource === 'cpu' ? judgeCpu(text, memory, context) : judgeBytes(text, resource, part, context);
      if (violation === undefined) continue;
      const place = placeOf(reference).field('resources');
      const path = place.field(part, resource);
      const isOfBoth = part === 'limits' && (requests?.[resource] ?? text) === text;
      (found ??= []).push({ ...violation, path, ...(isOfBoth && { ranked: [path, place.field('requests', resource)] }) });
    }
  }
  return context.options.mixedUnits ? judgeUnits(resources, reference, found) : found;
}

function judgeCpu(text: QuantityText, memory: Maybe<QuantityText>, { options }: RuleContext<Options>): Judgement | undefined {
  const violation = tooManyCores(text, readAmount(options.maxCpu));
  return violation === undefined || isLargeMachine(text, memory) ? undefined : violation;
}

function judgeBytes(
  text: QuantityText,
  resource: string,
  part: (typeof PARTS)[number],
  { facts }: RuleContext<Options>,
): Judgement | undefined {
  const isNoDisk = part === 'limits' && resource === 'ephemeral-storage' && readAmount(text).nano === 0n && facts.diskBound?.nano === 0n;
  if (isNoDisk) return { message: 'noDisk', rank: [BYTES.tooFew, Number(wholeUnits(LEAST_PLAUSIBLE_BYTES))] };
  return tooFewBytes(text, LEAST_PLAUSIBLE_BYTES) ?? tooManyBytes(text, mostPlausibleBytes(resource));
}

const IN_BYTES = ['memory', 'ephemeral-storage'] as const;

function judgeUnits({ requests, limits }: ResourceRequirements, reference: ContainerReference | undefined, before: Found): Found {
  let found = before;
  for (const resource of IN_BYTES) {
    const [request, limit] = [requests?.[resource], limits?.[resource]];
    if (request == null || limit == null || !isMixed(request, limit)) continue;
    const place = placeOf(reference).field('resources');
    const ranked = [resource === 'memory' ? place : place.field('limits', resource)];
    (found ??= []).push({
      ...{ message: 'mixedUnits', path: place.field('limits', resource), data: { request, limit } },
      ...{ rank: [0], ranked },
    });
  }
  return found;
}

/** Machines have 1Gi and more for each core: who asks for as much memory as for cores means both. */
function isLargeMachine(cpu: QuantityText, memory: Maybe<QuantityText>): boolean {
  if (memory == null) return false;
  return wholeUnits(readAmount(memory)) >= wholeUnits(readAmount(cpu)) * BYTES_FOR_CORE;
}

const BYTES_FOR_CORE = 2n ** 30n;

function placeOf(reference: ContainerReference | undefined): FieldPath {
  return reference === undefined ? SPEC : pathOf(reference);
}

function judgeVolumes(volumes: Iterable<Volume>, before: Found): Found {
  let found = before;
  let index = 0;
  for (const volume of volumes) {
    const sizeLimit = emptyDirOf(volume)?.sizeLimit;
    const violation = sizeLimit == null ? undefined : tooFewBytes(sizeLimit, LEAST_PLAUSIBLE_VOLUME_BYTES);
    if (violation !== undefined)
      (found ??= []).push({ ...violation, path: VOLUMES.at(index, { name: volume.name }).field('emptyDir', 'sizeLimit') });
    index += 1;
  }
  return found;
}

type Judgement = Omit<KnownViolation<MessageId>, 'path'>;

/** What has too few bytes does not start, or fills nodes; a limit of too many is none. */
const BYTES = { tooMany: 0, tooFew: 1 } as const;

function tooFewBytes(text: QuantityText, least: Quantity): Judgement | undefined {
  const amount = readAmount(text);
  if (amount.nano <= 0n || compareQuantities(amount, least) >= 0) return undefined;
  const meant = meantBytes(text, least);
  return {
    message: 'tooFewBytes',
    data: {
      least: formatQuantity(least),
      amount: text,
      words: bytesInWords(amount),
      meant: meant === undefined ? 'the amount with Mi or Gi' : `\`${meant}\` if that is meant`,
    },
    rank: [BYTES.tooFew, Number(wholeUnits(least) - wholeUnits(amount))],
  };
}

function tooManyBytes(text: QuantityText, most: Quantity): Judgement | undefined {
  const amount = readAmount(text);
  if (compareQuantities(amount, most) <= 0) return undefined;
  const words = bytesInWords(amount);
  const data = { most: formatQuantity(most), amount: text === words ? words : `${text} (${words})` };
  return { message: 'tooManyBytes', data, rank: [BYTES.tooMany, Number(wholeUnits(amount) - wholeUnits(most))] };
}

function tooManyCores(text: QuantityText, most: Quantity): Judgement | undefined {
  const amount = readAmount(text);
  if (compareQuantities(amount, most) <= 0) return undefined;
  const meant = meantCpu(text);
  return {
    message: 'tooManyCores',
    data: {
      maxCpu: formatQuantity(most),
      amount: text,
      cores: String(wholeUnits(amount)),
      meant: meant === undefined ? 'cores (`2`) or thousandths of one (`250m`)' : `\`${meant}\` if thousandths of a core are meant`,
    },
    rank: [Number(wholeUnits(amount) - wholeUnits(most))],
  };
}
