/** The progress of the server's replicas, as `kubectl rollout status` counts it, and what delays a Pod. */
import type { JsonObject } from '../../core/json.ts';
import { asObject, asObjects, asText, metadataOf } from '../../core/json-reading.ts';

export interface Rollout {
  readonly wanted: number;
  readonly ready: number;
  /** Whether all wanted replicas are of the newest template, and available. */
  readonly isComplete: boolean;
}

/** @param deployment as the API server has it (k8s.io/kubectl `pkg/polymorphichelpers/rollout_status.go`) */
export function rolloutOf(deployment: JsonObject): Rollout {
  const [spec, status] = [asObject(deployment['spec']), asObject(deployment['status'])];
  const wanted = numberAt(spec, 'replicas') ?? 1;
  const count = (key: string): number => numberAt(status, key) ?? 0;
  const isSeen = count('observedGeneration') >= (numberAt(metadataOf(deployment), 'generation') ?? 0);
  const isComplete = isSeen && count('updatedReplicas') >= wanted && count('replicas') <= wanted && count('availableReplicas') >= wanted;
  return { wanted, ready: count('readyReplicas'), isComplete };
}

export interface Replica {
  readonly name: string;
  readonly isReady: boolean;
  /** Of its first container. */
  readonly image: string;
  /** What holds it back, or brought it down last; empty for a replica that is well. */
  readonly troubles: readonly string[];
}

/** A Pod of the Deployment. */
export function replicaOf(pod: JsonObject): Replica {
  const [spec, status] = [asObject(pod['spec']), asObject(pod['status'])];
  const conditions = asObjects(status['conditions']);
  const isReady = conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  const troubles = asObjects(status['containerStatuses']).flatMap(containerTroubles);
  const unscheduled = conditions.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False');
  if (unscheduled !== undefined) troubles.push(`not scheduled: ${String(unscheduled['message'])}`);
  if (metadataOf(pod)['deletionTimestamp'] !== undefined) troubles.push('is terminating');
  return { name: String(metadataOf(pod)['name']), isReady, image: String(asObjects(spec['containers'])[0]?.['image']), troubles };
}

/** ContainerStateTerminated, as far as it is told. */
interface Terminated {
  readonly exitCode: number;
  readonly reason: string;
  readonly finishedAt: string;
}

function containerTroubles({ name, state, lastState, restartCount }: JsonObject): string[] {
  const troubles: string[] = [];
  const waiting = asObject(asObject(state)['waiting']);
  const [reason, message] = [asText(waiting['reason']), asText(waiting['message'])];
  if (reason !== '' && reason !== 'ContainerCreating') troubles.push(`${String(name)}: ${reason}${message === '' ? '' : `: ${message}`}`);
  const terminated = asObject(asObject(lastState)['terminated']) as Partial<Terminated>;
  if (terminated.exitCode !== undefined)
    troubles.push(
      `${String(name)}: restarted ${String(restartCount)} times, last ended with code ${terminated.exitCode} (${terminated.reason ?? 'no reason'}) at ${terminated.finishedAt ?? 'an unknown time'}`,
    );
  return troubles;
}

/** What the Deployment itself complains of: Pods that it cannot create, no progress. */
export function deploymentTroubles(deployment: JsonObject): string[] {
  return asObjects(asObject(deployment['status'])['conditions'])
    .filter(({ type, status }) => (type === 'ReplicaFailure' && status === 'True') || (type === 'Progressing' && status === 'False'))
    .map(({ reason, message }) => `${String(reason)}: ${String(message)}`);
}

/** As the `labelSelector` parameter of a list; selectors by expressions are not what podgrace's manifests have. */
export function podSelectorOf(deployment: JsonObject): string {
  const selector = asObject(asObject(deployment['spec'])['selector']);
  return Object.entries(asObject(selector['matchLabels']))
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}

function numberAt(object: JsonObject, key: string): number | undefined {
  const value = object[key];
  return typeof value === 'number' ? value : undefined;
}
