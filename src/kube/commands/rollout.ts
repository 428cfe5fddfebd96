/** The progress of the server's replicas, as `kubectl rollout status` counts it, and what delays a Pod. */
import { isObject, type JsonObject } from '../../core/json.ts';
import { metadataOf } from '../client/discovery.ts';

export interface Rollout {
  readonly wanted: number;
  readonly ready: number;
  /** Whether all wanted replicas are of the newest template, and available. */
  readonly isComplete: boolean;
}

/** @param deployment as the API server has it (k8s.io/kubectl `pkg/polymorphichelpers/rollout_status.go`) */
export function rolloutOf(deployment: JsonObject): Rollout {
  const [spec, status] = [objectAt(deployment, 'spec'), objectAt(deployment, 'status')];
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
  const [spec, status] = [objectAt(pod, 'spec'), objectAt(pod, 'status')];
  const conditions = listAt(status, 'conditions');
  const isReady = conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  const troubles = listAt(status, 'containerStatuses').flatMap(containerTroubles);
  const unscheduled = conditions.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False');
  if (unscheduled !== undefined) troubles.push(`not scheduled: ${String(unscheduled['message'])}`);
  if (metadataOf(pod)['deletionTimestamp'] !== undefined) troubles.push('is terminating');
  return { name: String(metadataOf(pod)['name']), isReady, image: String(listAt(spec, 'containers')[0]?.['image']), troubles };
}

/** ContainerStateTerminated, as far as it is told. */
interface Terminated {
  readonly exitCode: number;
  readonly reason: string;
  readonly finishedAt: string;
}

function containerTroubles({ name, state, lastState, restartCount }: JsonObject): string[] {
  const troubles: string[] = [];
  const waiting = objectAt(isObject(state) ? state : {}, 'waiting') as { readonly reason?: string; readonly message?: string };
  if (waiting.reason !== undefined && waiting.reason !== 'ContainerCreating')
    troubles.push(`${String(name)}: ${waiting.reason}${waiting.message === undefined ? '' : `: ${waiting.message}`}`);
  const terminated = objectAt(isObject(lastState) ? lastState : {}, 'terminated') as Partial<Terminated>;
  if (terminated.exitCode !== undefined)
    troubles.push(
      `${String(name)}: restarted ${String(restartCount)} times, last ended with code ${terminated.exitCode} (${terminated.reason ?? 'no reason'}) at ${terminated.finishedAt ?? 'an unknown time'}`,
    );
  return troubles;
}

/** What the Deployment itself complains of: Pods that it cannot create, no progress. */
export function deploymentTroubles(deployment: JsonObject): string[] {
  return listAt(objectAt(deployment, 'status'), 'conditions')
    .filter(({ type, status }) => (type === 'ReplicaFailure' && status === 'True') || (type === 'Progressing' && status === 'False'))
    .map(({ reason, message }) => `${String(reason)}: ${String(message)}`);
}

/** As the `labelSelector` parameter of a list; selectors by expressions are not what podgrace's manifests have. */
export function podSelectorOf(deployment: JsonObject): string {
  const selector = objectAt(objectAt(deployment, 'spec'), 'selector');
  return Object.entries(objectAt(selector, 'matchLabels'))
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isObject(value) ? value : {};
}

function listAt(object: JsonObject, key: string): JsonObject[] {
  const value = object[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function numberAt(object: JsonObject, key: string): number | undefined {
  const value = object[key];
  return typeof value === 'number' ? value : undefined;
}
