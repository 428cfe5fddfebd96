/** Pods mount no directories of their node. */
import { anyNameMatcher } from '../core/glob.ts';
import { oncePer } from '../core/once-per.ts';
import type { PodFacts } from '../core/pod-facts.ts';
import { SPEC, type HostPath, type PodSpec } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { listed } from '../core/shortened.ts';
import { volumeUsesOf, type VolumeUse } from '../core/volume-use.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

interface Options {
  /** Names of paths, with `*` for any run of characters. */
  readonly allowedPaths: readonly string[];
  readonly allowReadOnly: boolean;
  readonly allowDaemons: boolean;
}

type MessageId = 'written' | 'mounted' | 'socket' | 'device';

const ALLOWED = ['/etc/localtime', '/usr/share/zoneinfo*', '/dev/kvm', '/dev/fuse'];

/**
 * No claim, emptyDir or ConfigMap can take their place: where the kubelet and the drivers of storage and devices meet by their sockets,
 * the devices, which only privileged containers may open, and what the kernel's modules are loaded from.
 */
const IRREPLACEABLE = [
  '/var/lib/kubelet/plugins/*',
  '/var/lib/kubelet/plugins_registry',
  '/var/lib/kubelet/device-plugins',
  '/dev',
  '/dev/*',
  '/run/udev',
  '/run/udev/*',
  '/lib/modules',
];

export default defineRule<Options, MessageId>({
  meta: {
    id: 'no-host-path',
    since: '0.1.0',
    category: 'storage',
    docs: {
      summary: 'Pods mount no directory of their node, apart from those that the policy allows.',
      harm: 'The next Pod, on another node, finds another directory or none, and a process that may write to directories of a node can often take over the node.',
      why: [
        'A hostPath is a directory on the disk of the node on which the Pod runs. The next Pod, on another node, finds another',
        'directory or none; two Pods on one node share it without knowing; nothing limits or deletes what is written. And a',
        'process that may write to directories of a node can often take over the node.',
      ].join('\n'),
      firesOn: ['a hostPath volume that a container mounts, outside `allowedPaths`; also an ephemeral container, which may come later'],
      leavesAlone: [
        'DaemonSets, whose Pods do the node’s own work, unless `allowDaemons` is false',
        'with `allowReadOnly`, a directory or a file that nobody mounts for writing. Sockets (`type: Socket`, `….sock`) and devices are not left alone: what is sent to them is no write to the file system, so `readOnly` does not stop it',
        'with baseline and production, folders that nothing else can replace: those in which drivers meet the kubelet (`/var/lib/kubelet/plugins/…`, `plugins_registry`, `device-plugins`), `/dev`, `/run/udev` and `/lib/modules`',
        'a hostPath that no container mounts, and mirror Pods’ own files (reported, never denied)',
      ],
      remediation: [
        'Keep data in a claim, scratch files in an emptyDir, and configuration in a ConfigMap. Where the Pod has to see the node, allow',
        'the path in the policy, and mount it `readOnly`.',
      ].join('\n'),
      worse: [
        'A path that a container may write to, a socket or a device is worse than one that is only read. Apart from that, the shorter a path is, the more of',
        'the node is below it: `/` is worse than `/data`, and `/data` than `/data/web`.',
      ].join('\n'),
      shipped: { baseline: 0, production: 19, strict: 36 },
      references: [
        'https://kubernetes.io/docs/concepts/storage/volumes/#hostpath',
        'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
      ],
    },
    reads: [
      'spec.volumes[*].hostPath',
      'spec.volumes[*].name',
      'spec.containers[*].volumeMounts',
      'spec.initContainers[*].volumeMounts',
      'spec.ephemeralContainers[*].volumeMounts',
    ],
    writes: [],
    appliesTo: { containers: ['main', 'init', 'sidecar', 'ephemeral'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'off', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off', options: { allowedPaths: ALLOWED, allowReadOnly: false } },
    },
    messages: {
      written: {
        text: 'must not be mounted for writing, but {{containers}} may write to {{path}} of whatever node the Pod is on',
        fix: 'mount it `readOnly` if it is only read; else use a claim for data, an emptyDir with a `sizeLimit` and a limit for `ephemeral-storage` for scratch files, or allow the path in the policy',
      },
      mounted: {
        text: 'must not be mounted: {{containers}} reads {{path}} of whatever node the Pod is on',
        fix: 'use a ConfigMap or an image volume for what is read, or allow the path in the policy',
      },
      socket: {
        text: 'must not be mounted: {{containers}} may send requests to whatever listens on the socket {{path}} of its node, and `readOnly` does not stop that',
        fix: 'ask over the network instead, and remove the mount; if the Pod needs the socket of its node, allow the path in the policy',
      },
      device: {
        text: 'must not be mounted: {{containers}} may use the device {{path}} of its node, and `readOnly` does not stop that',
        fix: 'ask a device plugin for it in `resources.limits`, and remove the mount; if the node has no plugin for it, allow the path in the policy',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        allowedPaths: {
          type: 'array',
          maxItems: 100,
          items: { type: 'string', minLength: 1, maxLength: 4096 },
          description: 'Paths of the node that may be mounted; `*` stands for any characters, also slashes.',
        },
        allowReadOnly: { type: 'boolean', description: 'Whether a hostPath may be mounted that nobody mounts for writing.' },
        allowDaemons: { type: 'boolean', description: 'Whether DaemonSets may mount what they like.' },
      },
    },
    defaultOptions: {
      allowedPaths: [...ALLOWED, ...IRREPLACEABLE],
      allowReadOnly: true,
      allowDaemons: true,
    },
  },

  validate({ spec }, context) {
    const { volumes } = spec;
    const { allowDaemons, allowReadOnly } = context.options;
    if (volumes == null || (allowDaemons && context.subject.workloadClass === 'daemon')) return NO_VIOLATIONS;
    let violations: Violation<MessageId>[] | undefined;
    // Most Pods have no hostPath, and nobody has to know their mounts.
    let uses: ReadonlyMap<string, VolumeUse> | undefined;
    let index = -1;
    for (const { name, hostPath } of context.each(volumes)) {
      index += 1;
      if (hostPath == null) continue;
      const path = withoutEnd(hostPath.path ?? '');
      uses ??= usesOf(spec, context.facts);
      const use = uses.get(name);
      if (use === undefined || allowedBy(context.options)(path)) continue;
      const isRead = use.writers.length === 0;
      const message = endpointOf(hostPath) ?? (isRead ? 'mounted' : 'written');
      if (message === 'mounted' && allowReadOnly) continue;
      const place = SPEC.field('volumes').at(index, { name });
      const containers = isRead ? 'a container' : namesOf(use.writers);
      violations ??= [];
      const rank = [message === 'mounted' ? 0 : 1, -depthOf(path)];
      violations.push({ message, path: place.field('hostPath', 'path'), data: { path, containers }, rank });
    }
    return violations ?? NO_VIOLATIONS;
  },
});

/**
 * What answers whoever opens it. The kernel asks whether a mount is read-only before it writes to files, directories and links alone
 * (`sb_permission`, `fs/namei.c`).
 *
 * @returns undefined for directories and files
 */
function endpointOf({ path, type }: HostPath): 'socket' | 'device' | undefined {
  if (type === 'CharDevice' || type === 'BlockDevice') return 'device';
  const isOfUnknownType = type == null || type === '';
  return type === 'Socket' || (isOfUnknownType && path?.endsWith('.sock') === true) ? 'socket' : undefined;
}

/** An ephemeral container can do to the node what any other one can. */
function usesOf(spec: PodSpec, { containers, volumeUses }: PodFacts): ReadonlyMap<string, VolumeUse> {
  if (spec.ephemeralContainers == null) return volumeUses;
  return volumeUsesOf(
    spec,
    containers.map((reference) => (reference.kind === 'ephemeral' ? { ...reference, kind: 'main' } : reference)),
  );
}

function namesOf(writers: readonly { readonly name: string }[]): string {
  const names = writers.map(({ name }) => name);
  return listed(names, 1);
}

/** 0 for the root of the node's file system, on Windows of a drive. */
function depthOf(path: string): number {
  return path.split(/[/\\]/).filter((step) => step !== '' && step !== '.' && !/^[A-Za-z]:$/.test(step)).length;
}

/** `/data/` and `/data` are one directory. */
function withoutEnd(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

const allowedBy = oncePer(({ allowedPaths }: Options) => anyNameMatcher(allowedPaths));
