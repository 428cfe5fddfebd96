/**
 * The QoS class of a Pod, computed as the API server computes it, and what keeps it from a higher one.
 *
 * Mirrors kubernetes `pkg/apis/core/helper/qos/qos.go` (`ComputePodQOS`): the per-container form of 1.37, which gives the
 * same answers as the sums of 1.36 for every Pod that passes validation. `status.qosClass` is not looked at: a
 * client can send any text there.
 */
import type { KubernetesMinor } from './kubernetes-version.ts';
import {
  containersOf,
  type Container,
  type ContainerLists,
  type ContainerReference,
  type Maybe,
  type PodSpec,
  type ResourceRequirements,
} from './pod.ts';
import { compareQuantities, formatQuantity, ZERO, type Quantity } from './quantity.ts';
import { amountOf, hasPodLevelResources } from './resources.ts';

export type QosClass = 'BestEffort' | 'Burstable' | 'Guaranteed';

/** The classes from the first to be evicted and OOM-killed to the last. */
export const QOS_CLASSES = ['BestEffort', 'Burstable', 'Guaranteed'] as const;

/** Nothing else counts: no ephemeral-storage, no huge pages, no extended resource. */
export const QOS_RESOURCES = ['cpu', 'memory'] as const;
export type QosResource = (typeof QOS_RESOURCES)[number];

/** Whether a Pod of class `a` is evicted and OOM-killed before one of class `b`. */
export function isLowerQos(a: QosClass, b: QosClass): boolean {
  return QOS_CLASSES.indexOf(a) < QOS_CLASSES.indexOf(b);
}

/** The part of a spec that the class is made of. */
export type QosSpec = ContainerLists & Pick<PodSpec, 'resources'>;

/**
 * The class of a Pod whose defaults are filled in (`applyDefaults`: a limit without a request is a request too).
 * Init containers and sidecars count, ephemeral containers never.
 */
export function qosClassOf(spec: QosSpec, minor: KubernetesMinor): QosClass {
  if (judgedByPodLevel(spec, minor)) return classOf(spec.resources);
  const ofMain = classOfAll(spec.containers);
  if (ofMain === 'Burstable') return ofMain;
  const ofInit = classOfAll(spec.initContainers);
  if (ofInit === undefined || ofInit === ofMain) return ofMain ?? 'BestEffort';
  return ofMain === undefined ? ofInit : 'Burstable';
}

/** @returns undefined for no containers */
function classOfAll(containers: Maybe<readonly Container[]>): QosClass | undefined {
  let seen: QosClass | undefined;
  if (containers == null) return seen;
  for (let index = 0; index < containers.length; index++) {
    const own = classOf(containers[index]?.resources);
    if (own === 'Burstable' || (seen !== undefined && seen !== own)) return 'Burstable';
    seen = own;
  }
  return seen;
}

/** Whether a container asks for all that a Guaranteed Pod's containers ask for. */
export function isGuaranteed({ resources }: Container): boolean {
  return classOf(resources) === 'Guaranteed';
}

/** One reason why a Pod is not in the class that is wanted. */
export interface QosObstacle {
  /** Undefined where the Pod-level resources are what counts. */
  readonly reference: ContainerReference | undefined;
  readonly resource: QosResource;
  /** What is set, zero being as good as nothing: canonical texts. */
  readonly request: string | undefined;
  readonly limit: string | undefined;
}

/**
 * What to change so that the Pod gets into `wanted`: for Guaranteed, each container and resource whose request and limit
 * are not equal and above zero; for Burstable (a BestEffort Pod), each container, as any one of them would do.
 *
 * @returns empty where the Pod is in that class or a higher one
 */
export function qosObstacles(spec: QosSpec, minor: KubernetesMinor, wanted: QosClass): QosObstacle[] {
  if (!isLowerQos(qosClassOf(spec, minor), wanted)) return [];
  if (judgedByPodLevel(spec, minor)) return obstaclesIn(undefined, spec.resources);
  const counted = containersOf(spec).filter(({ kind }) => kind !== 'ephemeral');
  return counted.flatMap((reference) => obstaclesIn(reference, reference.container.resources));
}

/**
 * Whether `spec.resources` decides. Up to 1.36 it does as soon as it is there, so `spec.resources: {}` makes a Pod
 * BestEffort whatever its containers ask for; fixed in 1.37 (kubernetes#137150).
 */
function judgedByPodLevel(spec: QosSpec, minor: KubernetesMinor): boolean {
  return spec.resources != null && (minor <= 36 || hasPodLevelResources(spec));
}

/** Whether an empty `spec.resources` decides, which nobody can want. */
export function isHiddenByEmptyResources(spec: QosSpec, minor: KubernetesMinor): boolean {
  return judgedByPodLevel(spec, minor) && !hasPodLevelResources(spec);
}

function classOf(resources: Maybe<ResourceRequirements>): QosClass {
  if (resources == null) return 'BestEffort';
  const cpu = shapeOf(resources, 'cpu');
  if (cpu === 'Burstable') return cpu;
  return shapeOf(resources, 'memory') === cpu ? cpu : 'Burstable';
}

/** Both zero or absent: BestEffort; equal: Guaranteed; anything else: Burstable. */
function shapeOf({ requests, limits }: ResourceRequirements, resource: QosResource): QosClass {
  const request = amountOf(requests, resource) ?? ZERO;
  // The API server makes requests of limits, so the same text is common.
  const limit = limits?.[resource] === requests?.[resource] ? request : (amountOf(limits, resource) ?? ZERO);
  if (compareQuantities(request, limit) !== 0) return 'Burstable';
  return request.nano === 0n ? 'BestEffort' : 'Guaranteed';
}

function obstaclesIn(reference: ContainerReference | undefined, resources: Maybe<ResourceRequirements>): QosObstacle[] {
  const obstacles: QosObstacle[] = [];
  for (const resource of QOS_RESOURCES) {
    if (shapeOf(resources ?? {}, resource) === 'Guaranteed') continue;
    obstacles.push({
      reference,
      resource,
      request: nonZero(amountOf(resources?.requests, resource)),
      limit: nonZero(amountOf(resources?.limits, resource)),
    });
  }
  return obstacles;
}

function nonZero(quantity: Quantity | undefined): string | undefined {
  return quantity === undefined || quantity.nano === 0n ? undefined : formatQuantity(quantity);
}
