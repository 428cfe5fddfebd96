/** Data that a Pod keeps in directories of its node: what is not there on any other. */
import { containersOf, type HostPath, type PodSpec } from './pod.ts';

/**
 * Whether a container may write to a directory of the node (`hostPath`) that is still there after the node has restarted.
 * Not scratch space, which goes with the Pod (emptyDir), nor sockets and devices, nor what belongs to the host itself.
 */
export function keepsDataOnNode(spec: PodSpec): boolean {
  const { volumes } = spec;
  if (volumes == null) return false;
  for (let index = 0; index < volumes.length; index++) {
    const volume = volumes[index];
    if (volume?.hostPath != null && mayHoldData(volume.hostPath) && isMountedForWriting(spec, volume.name)) return true;
  }
  return false;
}

/** A type that is empty may be anything (`HostPathType`, k8s.io/api `core/v1/types.go`). */
const NO_DIRECTORY: ReadonlySet<string> = new Set(['File', 'FileOrCreate', 'Socket', 'CharDevice', 'BlockDevice']);

/** What the kernel and the host's daemons make anew at each start, and the configuration of the host. */
const OF_THE_HOST = /^\/(dev|proc|sys|run|var\/run|etc)(\/|$)/;

function mayHoldData({ path, type }: HostPath): boolean {
  return !NO_DIRECTORY.has(type ?? '') && !OF_THE_HOST.test(path ?? '');
}

function isMountedForWriting(spec: PodSpec, volumeName: string): boolean {
  return containersOf(spec).some(
    ({ kind, container }) => kind !== 'ephemeral' && container.volumeMounts?.some(({ name, readOnly }) => name === volumeName && !readOnly),
  );
}
