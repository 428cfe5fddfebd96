/** Devices of the node that a container uses. Its work is large or small as the device is, and its spec shows neither. */
import type { Container } from './pod.ts';
import { isExtendedResource, positiveAmountOf } from './resources.ts';

/**
 * Addresses and interfaces of the network, for which nothing is loaded. Webhooks add them to Pods and not to templates, which must get the
 * same verdict (github.com/aws/amazon-vpc-resource-controller-k8s, README).
 */
const OF_NETWORK = 'vpc.amazonaws.com/';

/**
 * A device that the container asks for: what a device plugin offers (`nvidia.com/gpu`), or a ResourceClaim.
 *
 * @returns its name as a message says it; undefined where it uses none
 */
export function deviceOf({ resources }: Pick<Container, 'resources'>): string | undefined {
  const limits = resources?.limits;
  // The API server takes no request for one without an equal limit.
  for (const resource in limits) {
    if (resource.startsWith(OF_NETWORK) || !isExtendedResource(resource)) continue;
    if (positiveAmountOf(limits, resource) !== undefined) return resource;
  }
  const claim = resources?.claims?.[0]?.name;
  return claim === undefined ? undefined : `the resource claim ${claim}`;
}

/** Whether it uses a device and does not say how much memory its work takes: a limit made of nothing would kill a model that loads. */
export function isDeviceWorkOfUnknownSize(container: Pick<Container, 'resources'>): boolean {
  return positiveAmountOf(container.resources?.requests, 'memory') === undefined && deviceOf(container) !== undefined;
}
