/**
 * The workloads of a namespace as the API has them, for rules about budgets and autoscalers. The server does not know them
 * (docs/adr/0050); a command reads them once.
 */
import { isObject, type JsonObject } from '../../core/json.ts';
import { asObject, asText, metadataOf } from '../../core/json-reading.ts';
import { knownWorkloadsOf } from '../../core/known-workload.ts';
import type { KubernetesMinor } from '../../core/kubernetes-version.ts';
import type { OwnerReference } from '../../core/pod.ts';
import type { KnownWorkload, KnownWorkloads } from '../../core/surroundings.ts';
import { controllerOf, groupOf, nameOfKind, type WorkloadKinds } from '../../core/workload.ts';
import type { KubeApi } from '../client/api.ts';

interface WorkloadResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  /** The kind (`apps/Deployment`) that makes objects of this kind and is listed itself. */
  readonly madeBy?: string;
}

const RESOURCES: readonly WorkloadResource[] = [
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', plural: 'daemonsets' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets', madeBy: 'apps/Deployment' },
  { apiVersion: 'v1', kind: 'ReplicationController', plural: 'replicationcontrollers' },
  { apiVersion: 'batch/v1', kind: 'CronJob', plural: 'cronjobs' },
  { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', madeBy: 'batch/CronJob' },
];

const PODS: WorkloadResource = { apiVersion: 'v1', kind: 'Pod', plural: 'pods' };

/** Their Pods are known by their controller. With the group: other groups have a StatefulSet (OpenKruise) and a Job (Volcano), too. */
const LISTED_CONTROLLERS: ReadonlySet<string> = new Set(RESOURCES.map((resource) => kindNameOf(resource)));

const JOB = 'batch/Job';

/** The controller of a static Pod, which nobody makes anew on another node. */
const NODE = '/Node';

/**
 * Each page is forgotten once it has been read.
 *
 * @returns not complete where Pods, ReplicaSets or Jobs have a controller of another kind: it may make more of them
 * @throws {KubeStatusError} for the first kind that may not be read, {KubeUnreachableError} where nothing answers
 */
export async function readWorkloads(
  api: Pick<KubeApi, 'pages'>,
  namespace: string,
  kinds: WorkloadKinds,
  kubernetesMinor: KubernetesMinor,
): Promise<KnownWorkloads> {
  const workloads: KnownWorkload[] = [];
  let isComplete = true;
  /** By name: the controller of budgets meets their Pods, and cannot count what asks for them (`getExpectedScale`). */
  const endedJobs = new Map<string, JsonObject>();
  const add = (object: JsonObject, more: Pick<KnownWorkload, 'hasEnded'> = {}): void => {
    const read = knownWorkloadsOf(object, kinds, kubernetesMinor);
    if (read === undefined) isComplete = false;
    else for (const workload of read) workloads.push({ ...workload, ...more });
  };
  for (const resource of RESOURCES)
    for await (const object of objectsOf(api, namespace, resource)) {
      const controller = controllerIn(object);
      if (controller !== undefined && kindNameOf(controller) === resource.madeBy) continue;
      if (isOver(object)) {
        if (resource.kind === 'Job') endedJobs.set(nameIn(object), object);
        continue;
      }
      if (resource.madeBy !== undefined && controller !== undefined) isComplete = false;
      add(object);
    }
  for await (const pod of objectsOf(api, namespace, PODS)) {
    const controller = controllerIn(pod);
    const endedJob = controller !== undefined && kindNameOf(controller) === JOB ? endedJobs.get(controller.name) : undefined;
    if (endedJob !== undefined) {
      add(endedJob, { hasEnded: true });
      endedJobs.delete(nameIn(endedJob));
    }
    if (isOver(pod) || (controller !== undefined && LISTED_CONTROLLERS.has(kindNameOf(controller)))) continue;
    if (controller === undefined || kindNameOf(controller) === NODE) add(pod);
    else {
      isComplete = false;
      const { apiVersion, kind, name } = controller;
      const labels = metadataOf(pod)['labels'];
      workloads.push({
        ...{ apiVersion, kind, name, labels: isObject(labels) ? (labels as KnownWorkload['labels']) : {} },
        ...{ replicas: undefined, setsReplicas: false, keepsData: false },
      });
    }
  }
  // An API server stores a number whoever has set it: what the file says, it does not tell.
  return { isComplete, workloads: workloads.map((workload) => ({ ...workload, setsReplicas: false })) };
}

/** Items of a list do not say what they are. */
async function* objectsOf(
  api: Pick<KubeApi, 'pages'>,
  namespace: string,
  { apiVersion, kind, plural }: WorkloadResource,
): AsyncGenerator<JsonObject, void, undefined> {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  for await (const { items } of api.pages(`${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`))
    for (const item of items) yield { ...item, apiVersion, kind };
}

function kindNameOf({ apiVersion, kind }: Pick<OwnerReference, 'apiVersion' | 'kind'>): string {
  return nameOfKind({ group: groupOf(apiVersion), kind });
}

function controllerIn(object: JsonObject): OwnerReference | undefined {
  return controllerOf(metadataOf(object));
}

function nameIn(object: JsonObject): string {
  return asText(metadataOf(object)['name']);
}

/** What has no Pods any more that a budget could protect: a Pod or a Job that has ended, a ReplicaSet that somebody has replaced. */
function isOver({ kind, spec, status }: JsonObject): boolean {
  const [wanted, state] = [asObject(spec), asObject(status)];
  if (kind === 'Pod') return state['phase'] === 'Succeeded' || state['phase'] === 'Failed';
  if (kind === 'ReplicaSet') return wanted['replicas'] === 0;
  if (kind !== 'Job' || !Array.isArray(state['conditions'])) return false;
  return state['conditions'].some(
    (condition) => isObject(condition) && ['Complete', 'Failed'].includes(String(condition['type'])) && condition['status'] === 'True',
  );
}
