/** Every emptyDir has a size limit that the node, the Pod and its containers can bear. */
import {
  diskRepair,
  isLeftAlone,
  isLeftAloneInMemory,
  isMistakenBound,
  memoryDefaults,
  type SizeLimits,
} from '../core/default-size-limit.ts';
import { READ_FOR_WORDS } from '../core/container-words.ts';
import { mediumOf, sizeLimitOf } from '../core/empty-dir.ts';
import { overfullScopes } from '../core/memory-scope.ts';
import { oncePer } from '../core/once-per.ts';
import type { FieldPath } from '../core/path.ts';
import { LEAST_PLAUSIBLE_BYTES } from '../core/plausible-amount.ts';
import type { PodFacts } from '../core/pod-facts.ts';
import { emptyDirOf, pathOf, SPEC, type Container, type ContainerReference, type EmptyDir, type Volume } from '../core/pod.ts';
import { compareQuantities, formatQuantity, wholeUnits, type Quantity } from '../core/quantity.ts';
import { atLeast, atMost, bytesOption } from '../core/quantity-option.ts';
import { readAmount } from '../core/resources.ts';
import { defineRule, NO_VIOLATIONS, type JsonSchema, type RuleContext, type Violation } from '../core/rule.ts';
import { listed, shortened } from '../core/shortened.ts';
import { unmountableMediumOf, type UnmountableMedium } from '../core/unmountable-medium.ts';
import { READ_FOR_USE_OF_EMPTY_DIRS, type VolumeUse } from '../core/volume-use.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

type Options = SizeLimits;

const VOLUMES = SPEC.field('volumes');

type MessageId =
  | 'missing'
  | 'missingInMemory'
  | 'aboveMax'
  | 'aboveMemoryLimit'
  | 'aboveMemoryLimitTogether'
  | 'aboveStorageLimit'
  | UnmountableMedium['message'];

function perMediumSchema(description: string, required: readonly string[], memory: string): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required,
    description,
    properties: { disk: bytesOption('Of a volume on the node’s disk.'), memory: bytesOption(memory) },
  };
}

export default defineRule<Options, MessageId>({
  meta: {
    id: 'empty-dir-size-limit',
    since: '0.1.0',
    category: 'storage',
    docs: {
      summary: 'Every emptyDir has a size limit, within what its containers and the node can bear.',
      harm: 'An emptyDir without a limit that fits can fill the disk of its node or the memory of its container: Pods are evicted, or containers are killed.',
      why: [
        'An emptyDir on disk without a `sizeLimit` grows until the node is full. When less than 10 % of the disk is left, the',
        'kubelet evicts Pods of the node, and not always the Pod that wrote. `sizeLimit: 0` is no limit. The kubelet measures',
        'volumes every one to two minutes. It evicts a Pod whose volume holds more than its limit: the Pod gets 1 to 2 s of',
        'grace, its preStop hook is cut off, and its content is lost. So choose a limit generously: a limit that is too small',
        'ends Pods that would have lived. A Pod is also evicted when its volumes, logs and files together exceed its limits for',
        '`ephemeral-storage`, so a `sizeLimit` above these has no effect.',
        'A volume with `medium: Memory` is different. It is as large as its `sizeLimit`, or as the memory limit of the Pod, or,',
        'if there is none, as the memory of the node. A process that writes more gets "no space left on device", and no Pod is',
        'evicted. The content counts as memory of the container that writes it. If the volume is larger than the memory limit',
        'of that container, the container is OOM-killed before the volume is full, and so it is if several volumes together are',
        'larger. The API server accepts a medium in another',
        'spelling (`memory`), huge pages that no container requests, and `HugePages` without a size where the containers request',
        'several sizes, but the kubelet cannot mount them: the Pod stays in ContainerCreating. Of 554 emptyDirs that real projects ship, 93 % have no limit.',
      ].join('\n'),
      remediation: [
        'Set `sizeLimit` to more than the volume has ever held. For a volume on disk without a limit, podgrace sets the',
        'policy’s default, or the Pod’s limit for `ephemeral-storage` if that is less. For a volume in memory without a limit,',
        'it sets the sum of the memory limits of the containers that write to it: the volume could not hold more before, and',
        'less would take memory away. Where several volumes would then hold more than these limits together, it sets none of them,',
        'because only the author knows their shares. Nor does it set a limit on disk below an amount that a setting of a container allows its',
        'program to keep: `--storage.tsdb.retention.size=50GB`, `CACHE_MAX_SIZE=20Gi`. A policy can set a smaller default for memory. `/dev/shm` is usually mounted because a',
        'runtime gives only 64Mi; if its writers have memory limits, these bound it, and the rule asks for nothing. podgrace',
        'never lowers a limit, because it does not know what the volume holds. If containers without a memory limit write to a',
        'volume in memory, the rule `memory-limit` asks for their limit. The rule leaves volumes alone that no container mounts',
        'for writing, and, unless `smallFiles` is true, those that by their name or their place hold sockets, locks, tokens,',
        'certificates or configuration: `socket-dir`, `auth-token`, `/run`, `/csi`, `/etc`, on disk and in memory.',
        'Ephemeral containers do not count: the volumes of a',
        'Pod that runs cannot be changed, and a volume that only they mount is left to whoever debugs.',
      ].join('\n'),
      worse: [
        'For each volume, from the worst: it can never be mounted, it takes memory without a limit, memory above what it may, disk',
        'without a limit, disk above what it may. Of two limits of one medium, the one that is further above is worse; without a limit, it',
        'is worse if the limits of the containers do not bound the volume either. The volumes in',
        'memory that one container alone writes to are compared together as well, and so are all of the Pod.',
      ].join('\n'),
      references: [
        'https://kubernetes.io/docs/concepts/storage/volumes/#emptydir',
        'https://kubernetes.io/docs/concepts/storage/ephemeral-storage/',
        'https://github.com/kubernetes/kubernetes/issues/63126',
      ],
    },
    needs: ['limitRanges'],
    reads: [
      ...READ_FOR_USE_OF_EMPTY_DIRS,
      ...READ_FOR_WORDS,
      'spec.containers[*].resources',
      'spec.initContainers[*].resources',
      'spec.resources',
    ],
    writes: ['spec.volumes[*].emptyDir'],
    appliesTo: { containers: ['main', 'init', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'behaviour-changing',
    after: ['memory-limit', 'minimum-qos-class'],
    presets: {
      baseline: { mode: 'warn', mutation: 'would' },
      production: { mode: 'enforce', mutation: 'would' },
      strict: { mode: 'enforce', mutation: 'apply', options: { smallFiles: true } },
    },
    messages: {
      missing: {
        text: 'must be above 0, but {{sizeLimit}}: the volume {{volume}} may {{harm}}',
        fix: 'set `sizeLimit` to more than the volume ever held (the policy suggests {{follows}}): what exceeds it evicts the Pod with 1 to 2 s of grace',
      },
      missingInMemory: {
        text: 'must be above 0, but {{sizeLimit}}: the volume {{volume}} may {{harm}}',
        fix: 'set `sizeLimit` to more than the volume ever held, and {{most}}: a write beyond the limit fails with "no space left on device"',
      },
      aboveMax: {
        text: 'must be at most {{allowed}} in {{medium}}, but is {{sizeLimit}}',
        fix: 'lower `sizeLimit` to what the volume {{volume}} needs, or keep the data in a claim',
      },
      aboveMemoryLimit: {
        text: 'must be at most {{allowed}}, the memory of the containers that write to the volume {{volume}}, but is {{sizeLimit}}: they are OOM-killed before it is full',
        fix: 'lower `sizeLimit`, or raise the memory limit of the container that writes',
      },
      aboveMemoryLimitTogether: {
        text: 'must hold at most {{allowed}} in memory together, the memory of the containers that write to the volumes {{volumes}}, but their size limits add up to {{sum}}: the containers are OOM-killed before all are full',
        fix: 'lower a `sizeLimit`, or raise the memory limit of the container that writes',
      },
      aboveStorageLimit: {
        text: 'must be at most {{allowed}}, the Pod’s limit for ephemeral-storage, but is {{sizeLimit}}: the Pod is evicted with 1 to 2 s of grace before the volume {{volume}} is full',
        fix: 'lower `sizeLimit`, or raise the limits for `ephemeral-storage`',
      },
      unknownMedium: {
        text: 'must be empty, Memory, HugePages or HugePages-<size>, but is {{medium}}: the kubelet cannot mount the volume {{volume}}, and the Pod never starts',
        fix: 'write {{meant}}',
      },
      hugePagesNotRequested: {
        text: 'must be requested by a container, but no container asks for huge pages of {{medium}}: the kubelet cannot mount the volume {{volume}}, and the Pod never starts',
        fix: 'set `resources.limits` of `hugepages-{{size}}` in the container that writes to the volume{{orMedium}}',
      },
      hugePagesOfSeveralSizes: {
        text: 'must name a page size, but is HugePages, and the containers ask for huge pages of {{sizes}}: the kubelet cannot mount the volume {{volume}}, and the Pod never starts',
        fix: 'write `medium: HugePages-{{size}}`, or the size that is meant',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        defaults: perMediumSchema(
          'The size limit that a repair sets.',
          ['disk'],
          'Of a volume with `medium: Memory` that is not mounted at /dev/shm; if not given, what the memory limits of its writers add up to.',
        ),
        max: perMediumSchema(
          'The largest size limit that is accepted.',
          ['disk', 'memory'],
          'Of a volume with `medium: Memory` whose writers have no memory limits.',
        ),
        smallFiles: {
          type: 'boolean',
          description:
            'Whether a volume must have a limit, too, that by its name or its place holds sockets, locks, tokens, certificates or configuration.',
        },
      },
    },
    defaultOptions: {
      defaults: { disk: '10Gi' },
      max: { disk: '100Gi', memory: '2Gi' },
      smallFiles: false,
    },
    checkOptions: ({ defaults, max }) => [
      ...(['disk', 'memory'] as const).flatMap((medium) => atMost(`defaults.${medium}`, defaults[medium], `max.${medium}`, max[medium])),
      ...(['disk', 'memory'] as const).flatMap((medium) => atLeast(`defaults.${medium}`, defaults[medium], LEAST_PLAUSIBLE_BYTES)),
    ],
  },

  validate({ spec }, context) {
    const { options, facts } = context;
    const { volumes } = spec;
    if (volumes?.some((volume) => emptyDirOf(volume) !== undefined) !== true) return NO_VIOLATIONS;
    const violations: Violation<MessageId>[] = [];
    let index = -1;
    for (const volume of context.each(volumes)) {
      index += 1;
      const emptyDir = emptyDirOf(volume);
      // What no container mounts is not mounted by the kubelet either, whatever is wrong with it.
      const use = facts.volumeUses.get(volume.name);
      if (emptyDir === undefined || use === undefined) continue;
      const medium = mediumOf(emptyDir);
      if (medium === 'unknown' || medium === 'huge-pages') {
        const problem = unmountableMediumOf(volume, emptyDir, facts.pageSizes);
        if (problem === undefined) continue;
        const place = placeOf(volume, index);
        const ranked = [place, ...placesInMemory(use, facts)];
        violations.push({ ...problem, path: place.field('medium'), rank: [UNMOUNTABLE], ranked });
        continue;
      }
      if (use.writers.length === 0) continue;
      const sizeLimit = sizeLimitOf(emptyDir);
      if (sizeLimit !== undefined) judgeSize({ volume, index, medium, use, sizeLimit }, facts, options, violations);
      else if (medium === 'disk') {
        if (!isLeftAlone(use, options)) violations.push(missingOnDisk({ volume, emptyDir, place: placeOf(volume, index), use }, context));
      } else if (!isLeftAloneInMemory(use, facts, options)) {
        violations.push(missingInMemory({ volume, emptyDir, place: placeOf(volume, index), use }, context));
      }
    }
    judgeTogether(facts, violations);
    return violations.length === 0 ? NO_VIOLATIONS : violations;
  },

  mutate({ spec }, context) {
    const { options, facts } = context;
    const inMemory = memoryRepairs(context);
    for (const volume of context.each(spec.volumes)) {
      const emptyDir = emptyDirOf(volume);
      const use = facts.volumeUses.get(volume.name);
      if (emptyDir === undefined || use === undefined || use.writers.length === 0 || sizeLimitOf(emptyDir) !== undefined) continue;
      const medium = mediumOf(emptyDir);
      if (medium === 'disk' && isLeftAlone(use, options)) continue;
      const sizeLimit = medium === 'disk' ? diskRepair(use, context).sizeLimit : medium === 'memory' ? inMemory.get(use) : undefined;
      if (sizeLimit !== undefined) emptyDir.sizeLimit = formatQuantity(sizeLimit);
    }
  },
});

/** One for all volumes of a Pod. */
const memoryRepairs = oncePer(({ facts, options }: RuleContext<Options>) => memoryDefaults(facts, options));

interface Unlimited {
  readonly volume: Volume;
  readonly emptyDir: EmptyDir;
  readonly use: VolumeUse;
  readonly place: FieldPath;
}

function missingOnDisk({ volume, emptyDir, place, use }: Unlimited, context: RuleContext<Options>): Violation<MessageId> {
  const { facts } = context;
  const disk = facts.diskBound;
  const harm =
    disk === undefined
      ? 'fill the disk of its node'
      : `take all ${formatQuantity(disk)} that the Pod may keep on disk, and the Pod is evicted`;
  const { sizeLimit: limit, setting } = diskRepair(use, context);
  const otherwise = setting === undefined ? 'nothing' : `more than \`${shortened(setting.option)}\` lets it hold`;
  const follows = limit === undefined ? otherwise : formatQuantity(limit);
  return {
    message: 'missing',
    path: place.field('sizeLimit'),
    data: { volume: volume.name, sizeLimit: wordsFor(emptyDir), harm, follows },
    rank: [UNLIMITED.disk, disk === undefined ? AT_THE_COST_OF.node : AT_THE_COST_OF.pod],
    ranked: [place],
  };
}

function missingInMemory({ volume, emptyDir, use, place }: Unlimited, context: RuleContext<Options>): Violation<MessageId> {
  const { facts } = context;
  const bound = facts.memoryBoundOf(use);
  const harm =
    bound === undefined
      ? 'take all memory of its node, as a container without a memory limit writes to it'
      : `grow to ${formatQuantity(bound)}, all the memory of the containers that write to it, which are OOM-killed then`;
  const isMistake = bound !== undefined && isMistakenBound(bound);
  const together = memoryRepairs(context).has(use) ? '' : ' for all volumes in memory together';
  const most =
    bound === undefined ? 'set memory limits' : isMistake ? 'correct the memory limit' : `at most ${formatQuantity(bound)}${together}`;
  return {
    message: 'missingInMemory',
    path: place.field('sizeLimit'),
    data: { volume: volume.name, sizeLimit: wordsFor(emptyDir), harm, most },
    rank: [UNLIMITED.memory, bound === undefined ? AT_THE_COST_OF.node : AT_THE_COST_OF.pod],
    ranked: [place, ...placesInMemory(use, facts)],
  };
}

function wordsFor({ sizeLimit }: EmptyDir): string {
  return sizeLimit == null ? 'is not set' : 'is 0, which is no limit';
}

/** A full disk evicts the Pod; full memory takes it from the node's other Pods as well; what cannot be mounted never starts. */
const SIZED = { disk: 0, memory: 2 } as const;
const UNLIMITED = { disk: 1, memory: 3 } as const;
const UNMOUNTABLE = 4;
/** Who is harmed by a volume without a limit: the Pod itself where its containers have limits, else everybody on the node. */
const AT_THE_COST_OF = { pod: 0, node: 1 } as const;

function placeOf({ name }: Volume, index: number): FieldPath {
  return VOLUMES.at(index, { name }).field('emptyDir');
}

interface Limited {
  readonly volume: Volume;
  /** In the list of volumes. */
  readonly index: number;
  readonly medium: 'disk' | 'memory';
  readonly use: VolumeUse;
  readonly sizeLimit: Quantity;
}

function judgeSize(
  { volume, index, medium, use, sizeLimit }: Limited,
  facts: PodFacts,
  options: Options,
  into: Violation<MessageId>[],
): void {
  const bound = medium === 'memory' ? facts.memoryBoundOf(use) : facts.diskBound;
  const judge = (message: MessageId, allowed: Quantity | undefined): void => {
    if (allowed === undefined || compareQuantities(sizeLimit, allowed) <= 0) return;
    const place = placeOf(volume, index);
    const data = { volume: volume.name, medium, sizeLimit: formatQuantity(sizeLimit), allowed: formatQuantity(allowed) };
    const excess = Number(wholeUnits(sizeLimit) - wholeUnits(allowed));
    const ranked = message === 'aboveMemoryLimit' ? [place, ...placesInMemory(use, facts)] : [place];
    into.push({ message, path: place.field('sizeLimit'), data, rank: [SIZED[medium], excess], ranked });
  };
  // What is in memory counts against the limits of its writers, where they have some; the policy's bound is for the others.
  if (medium === 'disk' || bound === undefined) judge('aboveMax', readAmount(options.max[medium]));
  judge(medium === 'memory' ? 'aboveMemoryLimit' : 'aboveStorageLimit', bound);
}

/** Several volumes in memory of one container, and those of the Pod, may hold no more together than their writers may use. */
function judgeTogether(facts: PodFacts, into: Violation<MessageId>[]): void {
  for (const { volumes, writer, sum, bound } of overfullScopes(facts.memoryScopes)) {
    const sized = volumes.filter(({ sizeLimit }) => sizeLimit !== undefined).map(({ name }) => name);
    const data = { allowed: formatQuantity(bound), sum: formatQuantity(sum), volumes: listed(sized, SHOWN_VOLUMES) };
    const path = writer === undefined ? VOLUMES : mountsOf(writer, facts);
    into.push({ message: 'aboveMemoryLimitTogether', path, data, rank: [SIZED.memory, Number(wholeUnits(sum) - wholeUnits(bound))] });
  }
}

const SHOWN_VOLUMES = 4;

/** The things that a volume in memory is a part of. */
function placesInMemory({ writers }: VolumeUse, facts: PodFacts): FieldPath[] {
  const [writer, second] = writers;
  return writer === undefined || second !== undefined ? [VOLUMES] : [mountsOf(writer, facts), VOLUMES];
}

function mountsOf(container: Container, { containers }: PodFacts): FieldPath {
  const reference = referencesOf(containers).get(container);
  return (reference === undefined ? SPEC : pathOf(reference)).field('volumeMounts');
}

const referencesOf = oncePer(
  (references: readonly ContainerReference[]) => new Map(references.map((reference) => [reference.container, reference])),
);
