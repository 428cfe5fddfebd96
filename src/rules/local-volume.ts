/** Pods that may move to another node keep no data in a directory of their node. */
import { asObject, asObjects } from '../core/json-reading.ts';
import { SPEC, type Container, type PodSpec } from '../core/pod.ts';
import { isDataDirectory } from '../core/node-data.ts';
import { defineRule, NO_OPTIONS, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import type { VolumeUse } from '../core/volume-use.ts';
import { requiredNodeTerms } from '../core/node-affinity.ts';

type MessageId = 'staysBehind' | 'waitsForNode';

export default defineRule<object, MessageId>({
  meta: {
    id: 'local-volume',
    since: '0.1.0',
    category: 'storage',
    docs: {
      summary: 'Pods that can run on any node keep no data in a directory of their node.',
      harm: 'After a drain, the next Pod starts on another node without its data, or it stays Pending until its node is back.',
      why: [
        'After a drain the next Pod starts on another node, where the directory is empty or holds what another Pod left years ago: the',
        'service comes up without its data, or with wrong ones, and nothing says so. A Pod that is tied to its node keeps its data, and',
        'stays Pending for as long as that node is drained, upgraded or broken.',
      ].join('\n'),
      firesOn: [
        'a hostPath directory that a container may write to, in a workload whose Pods may run on more than one node',
        'the same in a Pod that is tied to one node by name',
      ],
      leavesAlone: [
        'DaemonSets, Jobs, CronJobs, and their Pods',
        'bare Pods: nobody creates them again on another node, and a static Pod stays where its file is',
        'sockets, devices and files, and volumes that are named like ones for sockets: `sock`, `plugin-socket-dir`',
        'what belongs to the host itself: `/dev`, `/proc`, `/sys`, `/run`, `/var/run`, `/etc`, `/boot`, `/lib`, `/usr/lib`, `/var/log`, `/var/lib/kubelet`, and `/` as a whole',
        'directories that are only read, and volumes that nobody mounts',
        'claims: whether their volume is a local one, the Pod does not say',
      ],
      remediation: [
        'Use a claim. A `local` PersistentVolume ties the Pod to the node of its data by itself, so that it never starts without them. For',
        'scratch files use an emptyDir with a `sizeLimit`.',
      ].join('\n'),
      worse: 'Data that stay behind are worse than a Pod that waits for its node.',
      shipped: { baseline: 1, production: 1, strict: 1 },
      references: [
        'https://kubernetes.io/docs/concepts/storage/volumes/#local',
        'https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/',
      ],
    },
    reads: [
      'spec.volumes[*].name',
      'spec.volumes[*].hostPath',
      'spec.containers[*].volumeMounts',
      'spec.initContainers[*].volumeMounts',
      'spec.nodeName',
      'spec.nodeSelector',
      'spec.affinity.nodeAffinity',
    ],
    writes: [],
    appliesTo: { containers: [], workloads: ['service', 'stateful'] },
    mutation: 'none',
    presets: {
      baseline: { mode: 'audit', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      staysBehind: {
        text: 'must not hold data of a Pod that may start on another node: what {{container}} writes to {{path}} stays behind at the next drain',
        fix: 'use a claim; for scratch files an emptyDir with a `sizeLimit`',
      },
      waitsForNode: {
        text: 'must not tie a Pod to its node: while {{node}} is drained or lost, the Pod waits for it, and nobody serves',
        fix: 'use a claim whose volume other nodes can mount, or more replicas with data of their own',
      },
    },
    ...NO_OPTIONS,
  },

  validate({ spec }, context) {
    if (spec.volumes == null) return NO_VIOLATIONS;
    let violations: Violation<MessageId>[] | undefined;
    let mains: ReadonlySet<Container> | undefined;
    let index = -1;
    for (const { name, hostPath } of context.each(spec.volumes)) {
      index += 1;
      if (hostPath == null || !isDataDirectory(hostPath) || OF_SOCKETS.test(name)) continue;
      mains ??= new Set(spec.containers);
      const writer = writerOf(context.facts.volumeUses.get(name), mains);
      if (writer === undefined) continue;
      const path = SPEC.field('volumes').at(index, { name }).field('hostPath');
      const node = onlyNodeOf(spec);
      violations ??= [];
      if (node === undefined) {
        const data = { container: writer.name, path: hostPath.path ?? '' };
        violations.push({ message: 'staysBehind', path, data, rank: [1] });
      } else {
        violations.push({ message: 'waitsForNode', path, data: { node }, rank: [0] });
      }
    }
    return violations ?? NO_VIOLATIONS;
  },
});

/** The one to name: an init container often only sets the owner of the files. */
function writerOf(use: VolumeUse | undefined, mains: ReadonlySet<Container>): Container | undefined {
  return use?.writers.find((writer) => mains.has(writer)) ?? use?.writers[0];
}

/** What volumes are called whose folder is there for a socket. */
const OF_SOCKETS = /(?:^|[-.])(?:socks?|sockets?)(?:$|[-.])/;

const HOSTNAME = 'kubernetes.io/hostname';

/** The one node that a Pod can run on, where its spec names it. */
function onlyNodeOf({ nodeName, nodeSelector, affinity }: PodSpec): string | undefined {
  if (nodeName != null && nodeName !== '') return nodeName;
  return nodeSelector?.[HOSTNAME] ?? onlyNodeOfAffinity(affinity);
}

/** By its label, or as the DaemonSet controller does it (`matchFields`). */
const NAMES_OF_NODES = [
  ['matchExpressions', HOSTNAME],
  ['matchFields', 'metadata.name'],
] as const;

/** Terms are alternatives: one alone, with a name alone, is a node by name. */
function onlyNodeOfAffinity(affinity: unknown): string | undefined {
  const [term, ...others] = requiredNodeTerms(affinity);
  if (others.length > 0) return undefined;
  for (const [list, name] of NAMES_OF_NODES) {
    for (const { key, operator, values } of asObjects(asObject(term)[list])) {
      if (key !== name || operator !== 'In') continue;
      if (Array.isArray(values) && values.length === 1 && typeof values[0] === 'string') return values[0];
    }
  }
  return undefined;
}
