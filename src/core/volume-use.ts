/** Which containers mount the volumes of a Pod, and which of them may write. */
import { entryOf } from './map-entry.ts';
import { containersOf, type Container, type ContainerReference, type PodSpec } from './pod.ts';
import { isForSmallFiles } from './small-files.ts';

/** What decides how emptyDirs are used, for `meta.reads` of the rules that judge by it. */
export const READ_FOR_USE_OF_EMPTY_DIRS = [
  'spec.volumes[*].name',
  'spec.volumes[*].emptyDir',
  'spec.containers[*].volumeMounts',
  'spec.initContainers[*].volumeMounts',
] as const;

/** Who uses a volume, ephemeral containers apart: they come and go. The kubelet mounts no volume that no container mounts. */
export interface VolumeUse {
  /** Those that do not mount it `readOnly`: only they can fill it. */
  readonly writers: readonly Container[];
  /** Whether one of them mounts it at `/dev/shm`, in the place of the 64Mi that a container runtime gives. */
  readonly isSharedMemory: boolean;
  /**
   * Whether its name, or each place where it is mounted for writing, is one for sockets, locks, tokens and other files of a few kB. The
   * places in init containers count where no other container writes to it: they end, and what is written later is what grows.
   */
  readonly holdsSmallFiles: boolean;
}

interface CollectedUse {
  readonly writers: Container[];
  isSharedMemory: boolean;
  holdsSmallFiles: boolean;
  /** Whether a container writes to it that runs on. */
  growsLater: boolean;
}

/** The use of every volume that some container mounts, by the volume's name. */
export function volumeUsesOf(
  spec: PodSpec,
  references: readonly ContainerReference[] = containersOf(spec),
): ReadonlyMap<string, VolumeUse> {
  const uses = new Map<string, CollectedUse>();
  for (const { kind, container } of references) {
    if (kind === 'ephemeral' || container.volumeMounts == null) continue;
    for (const { name, mountPath, readOnly } of container.volumeMounts) {
      const use = entryOf(uses, name, () => ({ writers: [], isSharedMemory: false, holdsSmallFiles: true, growsLater: false }));
      if (readOnly === true) continue;
      if (use.writers.at(-1) !== container) use.writers.push(container);
      use.isSharedMemory ||= SHARED_MEMORY.test(mountPath);
      const runsOn = kind !== 'init';
      if (runsOn && !use.growsLater) use.holdsSmallFiles = true;
      use.growsLater ||= runsOn;
      if (runsOn === use.growsLater) use.holdsSmallFiles &&= isForSmallFiles(name, mountPath);
    }
  }
  return uses;
}

const SHARED_MEMORY = /^\/+dev\/+shm\/*$/;
