/** The disk that a file of a container is on, where nothing bounds how much the container may write to it. */
import { mediumOf, sizeLimitOf } from './empty-dir.ts';
import type { Container, PodSpec, VolumeMount } from './pod.ts';
import { positiveAmountOf } from './resources.ts';
import type { Work } from './work.ts';

/** The node's disk as the kubelet counts it for the Pod, or a folder of the host, which it does not count. */
export type UnboundedDisk = 'node' | 'host';

/**
 * @param file an absolute path in the container
 * @returns undefined where something bounds the file, or where it cannot be written
 */
export function unboundedDiskOf(file: string, container: Container, spec: PodSpec, work: Pick<Work, 'each'>): UnboundedDisk | undefined {
  const mount = mountOf(file, container, work);
  if (mount === undefined) {
    if (container.securityContext?.['readOnlyRootFilesystem'] === true) return undefined;
    return isLimited(container) ? undefined : 'node';
  }
  if (mount.readOnly === true) return undefined;
  for (const { name, emptyDir, hostPath } of work.each(spec.volumes ?? [])) {
    if (name !== mount.name) continue;
    if (hostPath != null) return 'host';
    if (emptyDir == null || mediumOf(emptyDir) !== 'disk' || sizeLimitOf(emptyDir) !== undefined) return undefined;
    return isLimited(container) ? undefined : 'node';
  }
  return undefined;
}

function isLimited({ resources }: Container): boolean {
  return positiveAmountOf(resources?.limits, 'ephemeral-storage') !== undefined;
}

/** The mount that a file is below: the longest. */
function mountOf(file: string, { volumeMounts }: Container, work: Pick<Work, 'each'>): VolumeMount | undefined {
  let found: VolumeMount | undefined;
  for (const mount of work.each(volumeMounts ?? [])) {
    const folder = mount.mountPath.replace(/\/$/, '');
    if ((file === folder || file.startsWith(`${folder}/`)) && mount.mountPath.length > (found?.mountPath.length ?? -1)) found = mount;
  }
  return found;
}
