/**
 * An object as the API server stores it: every default of a Pod and of the workloads that have one inside.
 *
 * `defaults.ts` fills in what rules read; this is the whole of it, for people who want to see it. Mirrors kubernetes
 * `pkg/apis/{core,apps,batch}/v1/defaults.go`; agrees with what a kube-apiserver 1.36.3 stored for 9,000 Pods and workloads
 * (`test/core/stored-object.golden.test.ts`). What is done to Pods is in `stored-pod.ts`.
 */
import { forEach, ifObject, partOf, replace, setAbsent, setEmpty, type Mutable } from './default-filling.ts';
import { LARGEST_INT32 } from './int32.ts';
import { cloneJson, isObject, setKey, type JsonObject } from './json.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';
import { fillPod, storedTemplate } from './stored-pod.ts';
import { groupOf } from './workload.ts';

/**
 * @param object a Pod or a workload with a template whose types `readPodShape` has found right
 * @returns a copy with every default; the object itself where its kind is not one of these
 */
export function storedObject(object: JsonObject, minor: KubernetesMinor): JsonObject {
  const { apiVersion, kind } = object;
  const fill = FILLS.get(`${groupOf(String(apiVersion))}/${String(kind)}`);
  if (fill === undefined) return object;
  const copy = cloneJson(object) as Mutable;
  fill(copy, minor);
  return copy;
}

const FILLS: ReadonlyMap<string, (object: Mutable, minor: KubernetesMinor) => void> = new Map([
  ['/Pod', fillPod],
  [
    '/PodTemplate',
    (object, minor) => {
      replace(object, 'template', (template) => storedTemplate(template, minor));
    },
  ],
  ['/ReplicationController', workload(fillReplicationController)],
  ['apps/Deployment', workload(fillDeployment)],
  [
    'apps/ReplicaSet',
    workload((spec) => {
      setAbsent(spec, 'replicas', 1);
    }),
  ],
  ['apps/StatefulSet', workload(fillStatefulSet)],
  ['apps/DaemonSet', workload(fillDaemonSet)],
  ['batch/Job', workload(fillJob)],
  ['batch/CronJob', fillCronJob],
]);

function workload(
  fill: (spec: Mutable, object: Mutable, minor: KubernetesMinor) => void,
): (object: Mutable, minor: KubernetesMinor) => void {
  return (object, minor) => {
    const spec = partOf(object, 'spec');
    fill(spec, object, minor);
    replace(spec, 'template', (template) => storedTemplate(template, minor));
  };
}

const HISTORY = 10;

function fillDeployment(spec: Mutable): void {
  setAbsent(spec, 'replicas', 1);
  const strategy = partOf(spec, 'strategy');
  setEmpty(strategy, 'type', 'RollingUpdate');
  if (strategy['type'] === 'RollingUpdate') {
    const rolling = partOf(strategy, 'rollingUpdate');
    setAbsent(rolling, 'maxUnavailable', '25%');
    setAbsent(rolling, 'maxSurge', '25%');
  }
  setAbsent(spec, 'revisionHistoryLimit', HISTORY);
  setAbsent(spec, 'progressDeadlineSeconds', 600);
}

function fillStatefulSet(spec: Mutable, _object: Mutable, minor: KubernetesMinor): void {
  setAbsent(spec, 'replicas', 1);
  setEmpty(spec, 'podManagementPolicy', 'OrderedReady');
  const strategy = partOf(spec, 'updateStrategy');
  // Where only the type is written, the API server fills in no `rollingUpdate`.
  if (!strategy['type']) partOf(strategy, 'rollingUpdate');
  setEmpty(strategy, 'type', 'RollingUpdate');
  ifObject(strategy['rollingUpdate'], (rolling) => {
    if (strategy['type'] === 'RollingUpdate') setAbsent(rolling, 'partition', 0);
    // MaxUnavailableStatefulSet is on since 1.37; before, the field is dropped (`dropStatefulSetDisabledFields`).
    if (minor < 37) delete rolling['maxUnavailable'];
    else if (strategy['type'] === 'RollingUpdate') setAbsent(rolling, 'maxUnavailable', 1);
  });
  setAbsent(spec, 'revisionHistoryLimit', HISTORY);
  const retention = partOf(spec, 'persistentVolumeClaimRetentionPolicy');
  setEmpty(retention, 'whenDeleted', 'Retain');
  setEmpty(retention, 'whenScaled', 'Retain');
  forEach(spec['volumeClaimTemplates'], (claim) => {
    setEmpty(claim, 'apiVersion', 'v1');
    setEmpty(claim, 'kind', 'PersistentVolumeClaim');
    setAbsent(partOf(claim, 'spec'), 'volumeMode', 'Filesystem');
    setEmpty(partOf(claim, 'status'), 'phase', 'Pending');
  });
}

function fillDaemonSet(spec: Mutable): void {
  const strategy = partOf(spec, 'updateStrategy');
  setEmpty(strategy, 'type', 'RollingUpdate');
  if (strategy['type'] === 'RollingUpdate') {
    const rolling = partOf(strategy, 'rollingUpdate');
    setAbsent(rolling, 'maxUnavailable', 1);
    setAbsent(rolling, 'maxSurge', 0);
  }
  setAbsent(spec, 'revisionHistoryLimit', HISTORY);
}

function fillReplicationController(spec: Mutable, object: Mutable): void {
  setAbsent(spec, 'replicas', 1);
  const labels = templateLabels(spec);
  if (labels !== undefined && isEmpty(spec['selector'])) spec['selector'] = copyOf(labels);
  takeLabels(object, labels);
}

function templateLabels({ template }: Mutable): JsonObject | undefined {
  const metadata = isObject(template) ? template['metadata'] : undefined;
  const labels = isObject(metadata) ? metadata['labels'] : undefined;
  return isObject(labels) && !isEmpty(labels) ? labels : undefined;
}

function takeLabels(object: Mutable, labels: JsonObject | undefined): void {
  if (labels === undefined) return;
  const metadata = partOf(object, 'metadata');
  if (isEmpty(metadata['labels'])) metadata['labels'] = copyOf(labels);
}

function isEmpty(value: unknown): boolean {
  return !isObject(value) || Object.keys(value).length === 0;
}

function copyOf(map: JsonObject): JsonObject {
  const copy = {};
  for (const key of Object.keys(map)) setKey(copy, key, map[key]);
  return copy;
}

function fillJob(spec: Mutable, object: Mutable): void {
  takeLabels(object, templateLabels(spec));
  if (spec['completions'] == null && spec['parallelism'] == null) spec['completions'] = 1;
  setAbsent(spec, 'parallelism', 1);
  // With a limit for each index there is none for all of them.
  setAbsent(spec, 'backoffLimit', spec['backoffLimitPerIndex'] == null ? 6 : LARGEST_INT32);
  setAbsent(spec, 'completionMode', 'NonIndexed');
  setAbsent(spec, 'suspend', false);
  setAbsent(spec, 'manualSelector', false);
  setAbsent(spec, 'podReplacementPolicy', isObject(spec['podFailurePolicy']) ? 'Failed' : 'TerminatingOrFailed');
  ifObject(spec['podFailurePolicy'], ({ rules }) => {
    forEach(rules, ({ onPodConditions }) => {
      forEach(onPodConditions, (condition) => {
        setEmpty(condition, 'status', 'True');
      });
    });
  });
}

function fillCronJob(object: Mutable, minor: KubernetesMinor): void {
  const spec = partOf(object, 'spec');
  setEmpty(spec, 'concurrencyPolicy', 'Allow');
  setAbsent(spec, 'suspend', false);
  setAbsent(spec, 'successfulJobsHistoryLimit', 3);
  setAbsent(spec, 'failedJobsHistoryLimit', 1);
  ifObject(spec['jobTemplate'], ({ spec: job }) => {
    ifObject(job, (own) => {
      replace(own, 'template', (template) => storedTemplate(template, minor));
    });
  });
}
