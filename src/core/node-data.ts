/** Where a Pod keeps data that outlive the Pod: in directories of its node, or in claims. */
import { isObject } from './json.ts';
import type { Container, HostPath, PodSpec, Volume } from './pod.ts';
import { volumeUsesOf, type VolumeUse } from './volume-use.ts';

/**
 * - `node`: a container may write to a directory of the node (`hostPath`) that is still there after the node has restarted. Not
 *   sockets and devices, nor what belongs to the host itself.
 * - `claim`: a container may write to a claim, of which the Pod does not say which nodes can mount it, or to a disk that one node at a
 *   time attaches.
 * - `nowhere`: scratch space goes with the Pod (emptyDir, generic ephemeral volumes), and what is only read was not written here.
 */
export type DataPlace = 'node' | 'claim' | 'nowhere';

/**
 * @param spec of a Pod, or of a template: a mount or a device whose volume is missing is one of the claims that a StatefulSet makes
 * @param apart names of volumes that do not count
 */
export function dataPlaceOf(
  spec: PodSpec,
  uses: ReadonlyMap<string, VolumeUse> = volumeUsesOf(spec),
  apart: ReadonlySet<string> = NO_NAMES,
): DataPlace {
  let place: DataPlace = writesToBlockClaim(spec, apart) ? 'claim' : 'nowhere';
  if (uses.size === 0) return place;
  let present = 0;
  const volumes = spec.volumes ?? [];
  for (const volume of volumes) {
    const { name, hostPath, persistentVolumeClaim: claim } = volume;
    const use = uses.get(name);
    if (use === undefined) continue;
    present += 1;
    if (use.writers.length === 0 || apart.has(name)) continue;
    if (hostPath != null && isDataDirectory(hostPath)) return 'node';
    if (claim != null ? claim['readOnly'] !== true : isDiskToAttach(volume)) place = 'claim';
  }
  if (present >= uses.size || place === 'claim') return place;
  const names = new Set(volumes.map(({ name }) => name));
  for (const [name, { writers }] of uses) if (writers.length > 0 && !names.has(name) && !apart.has(name)) place = 'claim';
  return place;
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** Sources of volumes that are disks, and not file systems of a network (k8s.io/api `core/v1/types.go`, `VolumeSource`). */
const DISKS: ReadonlySet<string> = new Set([
  'awsElasticBlockStore',
  'azureDisk',
  'cinder',
  'fc',
  'gcePersistentDisk',
  'iscsi',
  'rbd',
  'vsphereVolume',
]);

function isDiskToAttach(volume: Volume): boolean {
  const sources: readonly [string, unknown][] = Object.entries(volume);
  return sources.some(([source, disk]) => DISKS.has(source) && isObject(disk) && disk['readOnly'] !== true);
}

/** Whether a container has a claim as a block device: nothing else can be one, and only the claim says that it is read-only. */
function writesToBlockClaim({ containers, initContainers, volumes }: PodSpec, apart: ReadonlySet<string>): boolean {
  if (!containers.some(hasDevices) && initContainers?.some(hasDevices) !== true) return false;
  const devices = [...containers, ...(initContainers ?? [])].flatMap(({ volumeDevices }) => volumeDevices ?? []);
  const claims = new Map(volumes?.map(({ name, persistentVolumeClaim: claim }) => [name, claim]));
  return devices.some(
    ({ name }) => !apart.has(name) && (!claims.has(name) || (claims.get(name) != null && claims.get(name)?.['readOnly'] !== true)),
  );
}

function hasDevices({ volumeDevices }: Container): boolean {
  return volumeDevices != null && volumeDevices.length > 0;
}

/** A type that is empty may be anything (`HostPathType`, k8s.io/api `core/v1/types.go`). */
const NO_DIRECTORY: ReadonlySet<string> = new Set(['File', 'FileOrCreate', 'Socket', 'CharDevice', 'BlockDevice']);

/**
 * What the kernel and the host's daemons make anew at each start, the kubelet's own folder, the host's logs, configuration and
 * programs, and all of it. `/usr/local` and `/usr/share` are left out: people put data there.
 */
const OF_THE_HOST =
  /^\/(?:$|(?:dev|proc|sys|run|var\/run|etc|var\/lib\/kubelet|var\/log|boot|lib|lib64|usr\/(?:lib|lib64|libexec|src))(?:\/|$)|usr\/?$)/;

/** Whether a path of the node may be a directory in which a Pod keeps data. */
export function isDataDirectory({ path, type }: HostPath): boolean {
  return !NO_DIRECTORY.has(type ?? '') && !OF_THE_HOST.test(path ?? '');
}
