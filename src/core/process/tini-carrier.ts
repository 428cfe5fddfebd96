/**
 * How tini gets into the containers of a Pod: in an image volume, or copied by an init container that keeps the QoS class and
 * passes Pod Security `restricted`.
 */
import { CONTAINER_DEFAULTS, defaultPullPolicy } from '../defaults.ts';
import { isDeviceWorkOfUnknownSize } from '../device.ts';
import { diskBoundOf } from '../empty-dir.ts';
import type { KubernetesMinor } from '../kubernetes-version.ts';
import type { Container, PodSpec, ResourceRequirements, Volume } from '../pod.ts';
import { isHiddenByEmptyResources, qosClassOf } from '../qos.ts';
import { compareQuantities, formatQuantity } from '../quantity.ts';
import { hasPodLevelResources, readAmount } from '../resources.ts';
import { programName } from './argv.ts';
import type { Carrier, CarrierOptions } from './carrier-options.ts';

/** The volume and, where one copies the binary, the init container. */
const CARRIER_NAME = 'podgrace-init';
const MOUNT_PATH = '/.podgrace';

/** The static tini of Debian has 0.9 MB. */
const CARRIER_SIZE_LIMIT = '4Mi';

/** `-g` signals the whole process group: what a shell has started gets SIGTERM too, and not only the shell. */
const TINI_ARGUMENTS = ['-g', '--'];

export interface TiniCarrying {
  readonly carrier: Exclude<Carrier, 'share-process-namespace'>;
  readonly options: CarrierOptions;
  readonly kubernetesMinor: KubernetesMinor;
}

/**
 * Puts tini before the commands of containers. Nothing is changed where no image is named, where the Pod uses our names for
 * something else, or where it has no room.
 */
export function putTiniBefore(containers: readonly Container[], spec: PodSpec, { carrier, options, kubernetesMinor }: TiniCarrying): void {
  if (options.image === '' || isTaken(spec, containers)) return;
  if (carrier === 'init-container' && (!hasRoomForCopy(spec) || isBestEffortWithDevice(spec, kubernetesMinor))) return;
  const tini = carrier === 'image-volume' ? addImageVolume(spec, options) : addInitContainer(spec, options, kubernetesMinor);
  for (const container of containers) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name: CARRIER_NAME, mountPath: MOUNT_PATH, readOnly: true }];
    container.command = [tini, ...TINI_ARGUMENTS, ...(container.command ?? [])];
  }
}

/** Whether the Pod uses our names for something else; it is reported then, and stays as it is. */
function isTaken({ volumes, containers, initContainers }: PodSpec, toWrap: readonly Container[]): boolean {
  return (
    volumes?.some(({ name }) => name === CARRIER_NAME) === true ||
    [...containers, ...(initContainers ?? [])].some(({ name }) => name === CARRIER_NAME) ||
    toWrap.some(({ volumeMounts }) => volumeMounts?.some(({ mountPath }) => mountPath.replace(/\/$/, '') === MOUNT_PATH))
  );
}

/** @returns where tini will be: image volumes mount the whole image, read-only */
function addImageVolume(spec: PodSpec, { image, binary }: CarrierOptions): string {
  addVolume(spec, { name: CARRIER_NAME, image: { reference: image, pullPolicy: defaultPullPolicy(image) } });
  return MOUNT_PATH + binary;
}

/** @returns where tini will be. The init container runs first: sidecars are started in the order of the list. */
function addInitContainer(spec: PodSpec, options: CarrierOptions, kubernetesMinor: KubernetesMinor): string {
  const target = `${MOUNT_PATH}/${programName(options.binary)}`;
  const resources = resourcesThatKeepQos(spec, options, kubernetesMinor);
  addVolume(spec, { name: CARRIER_NAME, emptyDir: { sizeLimit: CARRIER_SIZE_LIMIT } });
  const container: Container = {
    name: CARRIER_NAME,
    image: options.image,
    imagePullPolicy: defaultPullPolicy(options.image),
    command: [...options.copyCommand, options.binary, target],
    resources,
    volumeMounts: [{ name: CARRIER_NAME, mountPath: MOUNT_PATH }],
    securityContext: restrictedSecurityContext(),
    ...CONTAINER_DEFAULTS,
  };
  spec.initContainers = [container, ...(spec.initContainers ?? [])];
  return target;
}

/**
 * Whether the Pod's own limits leave room for one more container and volume: tini has to fit into what the Pod may keep on
 * disk; and what the API server makes of Pod-level resources depends on every container, from 1.37 on after this
 * (`defaultPodLevelResources`).
 */
function hasRoomForCopy(spec: PodSpec): boolean {
  const disk = diskBoundOf(spec);
  const fitsOnDisk = disk === undefined || compareQuantities(disk, readAmount(CARRIER_SIZE_LIMIT)) >= 0;
  return fitsOnDisk && !hasPodLevelResources(spec);
}

/**
 * A Pod may be BestEffort because it uses a device, and nobody knows how much memory its work takes. It has none of the limits that the
 * rule memory-limit makes. A copy without a limit would be found beside it, and a copy with one would make the Pod Burstable.
 */
function isBestEffortWithDevice(spec: PodSpec, kubernetesMinor: KubernetesMinor): boolean {
  return isBestEffort(spec, kubernetesMinor) && spec.containers.some(isDeviceWorkOfUnknownSize);
}

function isBestEffort(spec: PodSpec, kubernetesMinor: KubernetesMinor): boolean {
  return qosClassOf(spec, kubernetesMinor) === 'BestEffort' && !isHiddenByEmptyResources(spec, kubernetesMinor);
}

/**
 * An init container counts for the QoS class: equal requests and limits keep a Guaranteed Pod what it is, and only none at
 * all keep a BestEffort one. An empty `spec.resources` makes the Pod BestEffort up to 1.36 whatever its containers have, so
 * theirs do not matter then.
 */
function resourcesThatKeepQos(spec: PodSpec, { copyResources }: CarrierOptions, kubernetesMinor: KubernetesMinor): ResourceRequirements {
  if (isBestEffort(spec, kubernetesMinor)) return {};
  const amounts = { cpu: canonical(copyResources.cpu), memory: canonical(copyResources.memory) };
  return { requests: { ...amounts }, limits: { ...amounts } };
}

function canonical(text: string): string {
  return formatQuantity(readAmount(text));
}

/** Everything that Pod Security `restricted` asks of a container; 65532 is distroless' nonroot. */
function restrictedSecurityContext(): Record<string, unknown> {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: 65532,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

function addVolume(spec: PodSpec, volume: Volume): void {
  spec.volumes = [...(spec.volumes ?? []), volume];
}
