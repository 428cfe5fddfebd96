/** A container that writes to the disk of its node has a limit for that. */
import { mediumOf } from '../core/empty-dir.ts';
import { pathOf, type Container, type Pod } from '../core/pod.ts';
import { formatQuantity } from '../core/quantity.ts';
import { positiveAmountOf } from '../core/resources.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import { isForSmallFiles } from '../core/small-files.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

interface Options {
  readonly of: 'volumes' | 'all';
}

type MessageId = 'unlimited' | 'unlimitedVolume' | 'uncounted';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'ephemeral-storage-limit',
    since: '0.1.0',
    category: 'qos',
    docs: {
      summary: 'A container that writes to the disk of its node has a limit for `ephemeral-storage`.',
      harm: 'Without a limit, one container can fill the disk that all Pods of the node share, and the kubelet evicts other Pods as well.',
      why: [
        'Logs, the container’s own file system and emptyDirs on disk share the disk of the node with everybody. Without a limit one',
        'container can fill it: at 85 to 90 % the kubelet deletes images and evicts Pods, first those that use more than they',
        'requested, which is everybody who requested nothing. With a limit, only the Pod that writes too much is evicted; with a',
        'request, the scheduler counts the room as well. What a container without a limit writes counts against the limits of the',
        'other containers of its Pod: together they evict the Pod earlier than anybody meant.',
      ].join('\n'),
      firesOn: [
        'a main container or sidecar without a limit for `ephemeral-storage` that mounts an emptyDir on disk for writing',
        'with `of: all`, every main container and sidecar without such a limit',
      ],
      leavesAlone: [
        'volumes in memory, claims and mounts that are read-only',
        'volumes that are named or mounted like ones for sockets, locks, tokens, certificates or configuration: `socket-dir`, `/run`, `/csi`, `/etc`',
        'init containers: their files are counted while they run, and their logs are short',
        'the size of the volume itself: `empty-dir-size-limit`',
        'Pods whose limits are 0 altogether, which the kubelet evicts at once: `sane-quantities`',
      ],
      remediation: [
        'Set `resources.limits.ephemeral-storage` above what logs, files and volumes of the container came to together, and a request of',
        'what it uses in ordinary operation. podgrace sets none: a limit that is too low evicts the Pod.',
        'A LimitRange with `default` and `defaultRequest` sets one for each new container of its namespace.',
      ].join('\n'),
      worse: 'A container without a limit is as bad as any other without one.',
      shipped: { baseline: 0, production: 0, strict: 112 },
      references: [
        'https://kubernetes.io/docs/concepts/storage/ephemeral-storage/',
        'https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/',
      ],
    },
    needs: ['limitRanges', 'resourceQuotas'],
    reads: [
      'spec.volumes[*].name',
      'spec.volumes[*].emptyDir',
      'spec.containers[*].resources.limits',
      'spec.containers[*].volumeMounts',
      'spec.initContainers[*].resources.limits',
      'spec.initContainers[*].volumeMounts',
    ],
    writes: [],
    appliesTo: { containers: ['main', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'off', mutation: 'off' },
      production: { mode: 'off', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      unlimitedVolume: {
        text: 'must be set: the container may write to the volume {{volume}} on the disk of its node, and nothing bounds volumes, logs and files together',
        fix: 'set `resources.limits.ephemeral-storage` above the most that they ever used together, and the request to what they usually use',
      },
      uncounted: {
        text: 'must be set: what the container writes counts against the {{bound}} that the limits of other containers allow the Pod, which is evicted if it holds more',
        fix: 'set `resources.limits.ephemeral-storage` above the most that the container alone ever used, and the request to what it usually uses',
      },
      unlimited: {
        text: 'must be set: nothing bounds what the container logs and writes to the disk of its node',
        fix: 'set `resources.limits.ephemeral-storage` above the most that the container ever used, and the request to what it usually uses',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        of: {
          type: 'string',
          enum: ['volumes', 'all'],
          description: 'Which containers must have a limit: those that write to an emptyDir on disk, or all.',
        },
      },
    },
    defaultOptions: { of: 'volumes' },
  },

  validate(pod, context) {
    const ofAll = context.options.of === 'all';
    if (!ofAll && pod.spec.volumes == null) return NO_VIOLATIONS;
    let onDisk: ReadonlySet<string> | undefined;
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      const { container } = reference;
      if (positiveAmountOf(container.resources?.limits, RESOURCE) !== undefined) continue;
      onDisk ??= disksOf(pod, context);
      const volume = writtenVolumeOf(container, onDisk, context);
      if (volume === undefined && !ofAll) continue;
      const bound = context.facts.diskBound;
      if (bound?.nano === 0n) return NO_VIOLATIONS;
      violations ??= [];
      const path = pathOf(reference).field('resources', 'limits', RESOURCE);
      if (bound !== undefined) violations.push({ message: 'uncounted', path, data: { bound: formatQuantity(bound) }, rank: [0] });
      else if (volume === undefined) violations.push({ message: 'unlimited', path, rank: [0] });
      else violations.push({ message: 'unlimitedVolume', path, data: { volume }, rank: [0] });
    }
    return violations ?? NO_VIOLATIONS;
  },
});

const RESOURCE = 'ephemeral-storage';

/** The emptyDirs on disk, by name. */
function disksOf({ spec }: Pod, context: RuleContext<Options>): ReadonlySet<string> {
  const disks = new Set<string>();
  for (const { name, emptyDir } of context.each(spec.volumes)) if (emptyDir != null && mediumOf(emptyDir) === 'disk') disks.add(name);
  return disks;
}

function writtenVolumeOf({ volumeMounts }: Container, onDisk: ReadonlySet<string>, context: RuleContext<Options>): string | undefined {
  if (onDisk.size === 0) return undefined;
  for (const { name, mountPath, readOnly } of context.each(volumeMounts)) {
    if (readOnly !== true && onDisk.has(name) && !isForSmallFiles(name, mountPath)) return name;
  }
  return undefined;
}
