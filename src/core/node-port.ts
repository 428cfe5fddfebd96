/** Ports of its node that a Pod takes: the scheduler puts no second Pod that wants one of them on that node. */
import { asObject, asObjects } from './json-reading.ts';
import type { Container, PodSpec } from './pod.ts';

/**
 * The first port of the node that a main container or a sidecar takes (`GetHostPorts`, `pkg/scheduler/util/utils.go`). With
 * `hostNetwork`, the API server makes each port one of the node.
 */
export function nodePortOf({ hostNetwork, containers, initContainers }: PodSpec): number | undefined {
  const taken = ({ ports }: Container): number | undefined => {
    for (const { containerPort, hostPort } of ports ?? []) {
      if (hostPort != null && hostPort > 0) return hostPort;
      if (hostNetwork === true && typeof containerPort === 'number') return containerPort;
    }
    return undefined;
  };
  for (const container of containers) {
    const port = taken(container);
    if (port !== undefined) return port;
  }
  for (const container of initContainers ?? []) {
    const port = container.restartPolicy === 'Always' ? taken(container) : undefined;
    if (port !== undefined) return port;
  }
  return undefined;
}

const HOSTNAME = 'kubernetes.io/hostname';

/** The only node on which a Pod can run, by its name or its label; undefined where there may be several. */
export function onlyNodeOf({ nodeName, nodeSelector, affinity }: PodSpec): string | undefined {
  if (nodeName != null && nodeName !== '') return nodeName;
  const label = asObject(nodeSelector)[HOSTNAME];
  if (typeof label === 'string') return label;
  const required = asObject(asObject(asObject(affinity)['nodeAffinity'])['requiredDuringSchedulingIgnoredDuringExecution']);
  // Terms are alternatives, and what one term says holds together.
  const [term, another] = asObjects(required['nodeSelectorTerms']);
  if (term === undefined || another !== undefined) return undefined;
  for (const { key, operator, values } of asObjects(term['matchExpressions'])) {
    const names: readonly unknown[] = Array.isArray(values) ? values : [];
    if (key === HOSTNAME && operator === 'In' && names.length === 1 && typeof names[0] === 'string') return names[0];
  }
  return undefined;
}
