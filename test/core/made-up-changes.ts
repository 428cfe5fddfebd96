/** Changes of objects, with what each does: for podgrace to foretell, and for a live cluster to show. */
import { cloneJson, setKey, type JsonObject } from '../../src/core/json.ts';
import type { ChangeEffect } from '../../src/core/change-effect.ts';

export interface MadeUpChange {
  readonly name: string;
  readonly before: JsonObject;
  readonly after: JsonObject;
  /** By field. */
  readonly effects: Readonly<Record<string, ChangeEffect>>;
}

const labels = { app: 'web' };
const podSpec = {
  containers: [{ name: 'web', image: 'web:1', resources: { requests: { cpu: '1' } }, env: [{ name: 'A', value: '1' }] }],
  nodeSelector: { 'podgrace.dev/no-node': 'true' },
  automountServiceAccountToken: false,
};
const template = { metadata: { labels }, spec: podSpec };

const BASES: Readonly<Record<string, JsonObject>> = {
  Deployment: { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 4, selector: { matchLabels: labels }, template } },
  StatefulSet: {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    spec: { replicas: 3, serviceName: 'web', selector: { matchLabels: labels }, template },
  },
  DaemonSet: { apiVersion: 'apps/v1', kind: 'DaemonSet', spec: { selector: { matchLabels: labels }, template } },
  ReplicaSet: { apiVersion: 'apps/v1', kind: 'ReplicaSet', spec: { replicas: 2, selector: { matchLabels: labels }, template } },
  Job: { apiVersion: 'batch/v1', kind: 'Job', spec: { template: { ...template, spec: { ...podSpec, restartPolicy: 'Never' } } } },
  CronJob: {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template: { ...template, spec: { ...podSpec, restartPolicy: 'Never' } } } } },
  },
  Pod: { apiVersion: 'v1', kind: 'Pod', metadata: { labels }, spec: { ...podSpec, terminationGracePeriodSeconds: 20 } },
};

/**
 * @param name begins with the kind
 * @param values to set, by the steps to the field with dots between them
 */
function change(name: string, values: JsonObject, effects: MadeUpChange['effects']): MadeUpChange {
  return changeOf(name, {}, values, effects);
}

/** @param start what is set before the change, too */
function changeOf(name: string, start: JsonObject, values: JsonObject, effects: MadeUpChange['effects']): MadeUpChange {
  const [kind = ''] = name.split(': ');
  const base = BASES[kind] ?? {};
  const before = withValues({ ...base, metadata: { ...(base['metadata'] as object | undefined), name: 'web' } }, start);
  return { name, before, after: withValues(before, values), effects };
}

function withValues(object: JsonObject, values: JsonObject): JsonObject {
  const changed = cloneJson<JsonObject>(object);
  for (const [path, value] of Object.entries(values)) set(changed, path.split('.'), value);
  return changed;
}

function set(object: JsonObject, [step = '', ...below]: readonly string[], value: unknown): void {
  if (below.length === 0) setKey(object, step, value);
  else {
    if (!Object.hasOwn(object, step)) setKey(object, step, {});
    set(object[step] as JsonObject, below, value);
  }
}

const IMAGE = 'spec.template.spec.containers[0].image';

const SUSPENDED = { 'spec.suspend': true };

const ZONE = { key: 'zone', operator: 'In', values: ['a'] };
const DISK = { key: 'disk', operator: 'In', values: ['ssd'] };
const AFFINITY = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions';

function affinity(...matchExpressions: readonly object[]): object {
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } } };
}

export const MADE_UP_CHANGES: readonly MadeUpChange[] = [
  change('Deployment: nothing', {}, {}),
  change('Deployment: an image', { 'spec.template.spec.containers.0.image': 'web:2' }, { [IMAGE]: 'replaces' }),
  change(
    'Deployment: an annotation of the template',
    { 'spec.template.metadata.annotations': { a: 'b' } },
    {
      'spec.template.metadata.annotations': 'replaces',
    },
  ),
  change(
    'Deployment: a default that is written down',
    {
      'spec.template.spec.terminationGracePeriodSeconds': 30,
      'spec.template.spec.hostNetwork': false,
      'spec.revisionHistoryLimit': 10,
    },
    {},
  ),
  change('Deployment: an amount that is written otherwise', { 'spec.template.spec.containers.0.resources.requests.cpu': '1000m' }, {}),
  change(
    'Deployment: a resource',
    { 'spec.template.spec.containers.0.resources.requests.cpu': '2' },
    {
      'spec.template.spec.containers[0].resources.requests.cpu': 'replaces',
    },
  ),
  change('Deployment: the number of replicas', { 'spec.replicas': 5 }, { 'spec.replicas': 'scales' }),
  change(
    'Deployment: the strategy',
    { 'spec.strategy': { rollingUpdate: { maxSurge: 1 } } },
    {
      'spec.strategy.rollingUpdate.maxSurge': 'settings',
    },
  ),
  change(
    'Deployment: an image while it is paused',
    { 'spec.paused': true, 'spec.template.spec.containers.0.image': 'web:2' },
    { 'spec.paused': 'settings', [IMAGE]: 'held' },
  ),
  change('Deployment: its own labels', { 'metadata.labels': { team: 'a' } }, { 'metadata.labels': 'metadata' }),
  change(
    'Deployment: the selector',
    { 'spec.selector.matchLabels.tier': 'x', 'spec.template.metadata.labels.tier': 'x' },
    { 'spec.selector.matchLabels[tier]': 'refused', 'spec.template.metadata.labels[tier]': 'replaces' },
  ),
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].flatMap((kind) => [
    change(
      `${kind}: a label that the selector asks for`,
      { 'spec.template.metadata.labels.app': 'other', 'spec.template.metadata.labels.tier': 'x' },
      {
        'spec.template.metadata.labels[app]': 'invalid',
        'spec.template.metadata.labels[tier]': kind === 'ReplicaSet' ? 'new Pods' : 'replaces',
      },
    ),
    change(`${kind}: Pods that end`, { 'spec.template.spec.restartPolicy': 'Never' }, { 'spec.template.spec.restartPolicy': 'invalid' }),
    change(
      `${kind}: a deadline of its Pods`,
      { 'spec.template.spec.activeDeadlineSeconds': 60 },
      { 'spec.template.spec.activeDeadlineSeconds': 'invalid' },
    ),
  ]),
  change(
    'Deployment: a rollout without room',
    { 'spec.strategy': { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } },
    { 'spec.strategy.rollingUpdate.maxSurge': 'invalid', 'spec.strategy.rollingUpdate.maxUnavailable': 'invalid' },
  ),
  change(
    'DaemonSet: a rollout without room',
    { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: 0 } } },
    { 'spec.updateStrategy.rollingUpdate.maxUnavailable': 'invalid' },
  ),
  change(
    'DaemonSet: a rollout that may do both',
    { 'spec.updateStrategy': { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } },
    { 'spec.updateStrategy.rollingUpdate.maxSurge': 'invalid' },
  ),
  change(
    'DaemonSet: a rollout with one too many',
    { 'spec.updateStrategy': { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } },
    { 'spec.updateStrategy.rollingUpdate.maxSurge': 'settings', 'spec.updateStrategy.rollingUpdate.maxUnavailable': 'settings' },
  ),
  change('Deployment: Pods that count too late', { 'spec.minReadySeconds': 600 }, { 'spec.minReadySeconds': 'invalid' }),
  change('Deployment: Pods that count in time', { 'spec.minReadySeconds': 599 }, { 'spec.minReadySeconds': 'settings' }),
  change(
    'CronJob: Pods that do not end',
    { 'spec.jobTemplate.spec.template.spec.restartPolicy': 'Always' },
    { 'spec.jobTemplate.spec.template.spec.restartPolicy': 'invalid' },
  ),
  change('StatefulSet: an image', { 'spec.template.spec.containers.0.image': 'web:2' }, { [IMAGE]: 'replaces' }),
  change('StatefulSet: its Service', { 'spec.serviceName': 'db' }, { 'spec.serviceName': 'refused' }),
  change(
    'StatefulSet: a claim',
    {
      'spec.volumeClaimTemplates': [
        { metadata: { name: 'a' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
      ],
    },
    {
      'spec.volumeClaimTemplates': 'refused',
    },
  ),
  change('StatefulSet: the number of replicas', { 'spec.replicas': 5 }, { 'spec.replicas': 'scales' }),
  change('StatefulSet: a finalizer', { 'metadata.finalizers': ['example.com/a'] }, { 'metadata.finalizers': 'metadata' }),
  change('StatefulSet: how it makes its Pods', { 'spec.podManagementPolicy': 'Parallel' }, { 'spec.podManagementPolicy': 'refused' }),
  change('StatefulSet: the first number', { 'spec.ordinals': { start: 5 } }, { 'spec.ordinals': 'renumbers' }),
  change(
    'StatefulSet: the partition',
    { 'spec.updateStrategy': { rollingUpdate: { partition: 2 } } },
    {
      'spec.updateStrategy.rollingUpdate.partition': 'settings',
    },
  ),
  change(
    'StatefulSet: an image behind the partition',
    { 'spec.updateStrategy': { rollingUpdate: { partition: 3 } }, 'spec.template.spec.containers.0.image': 'web:2' },
    { 'spec.updateStrategy.rollingUpdate.partition': 'settings', [IMAGE]: 'held' },
  ),
  change(
    'StatefulSet: another strategy, beside what belongs to the old one',
    { 'spec.updateStrategy': { type: 'OnDelete', rollingUpdate: { partition: 0 } } },
    { 'spec.updateStrategy.type': 'refused' },
  ),
  change('StatefulSet: what 1.36 drops', { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: 2 } } }, {}),
  change(
    'StatefulSet: what becomes of its claims',
    { 'spec.persistentVolumeClaimRetentionPolicy': { whenScaled: 'Delete' } },
    {
      'spec.persistentVolumeClaimRetentionPolicy.whenScaled': 'settings',
    },
  ),
  change('StatefulSet: how long a Pod has to be ready', { 'spec.minReadySeconds': 5 }, { 'spec.minReadySeconds': 'settings' }),
  change('DaemonSet: an image', { 'spec.template.spec.containers.0.image': 'web:2' }, { [IMAGE]: 'replaces' }),
  change(
    'DaemonSet: the update strategy',
    { 'spec.updateStrategy': { type: 'OnDelete' } },
    {
      'spec.updateStrategy.type': 'settings',
      'spec.updateStrategy.rollingUpdate': 'settings',
    },
  ),
  change('ReplicaSet: an image', { 'spec.template.spec.containers.0.image': 'web:2' }, { [IMAGE]: 'new Pods' }),
  change('Job: an image', { 'spec.template.spec.containers.0.image': 'web:2' }, { [IMAGE]: 'refused' }),
  change('Job: the completions', { 'spec.completions': 3 }, { 'spec.completions': 'refused' }),
  change('Job: the parallelism', { 'spec.completions': 1, 'spec.parallelism': 3 }, { 'spec.parallelism': 'scales' }),
  change('Job: the backoff limit', { 'spec.backoffLimit': 3 }, { 'spec.backoffLimit': 'settings' }),
  change(
    'CronJob: an image',
    { 'spec.jobTemplate.spec.template.spec.containers.0.image': 'web:2' },
    {
      'spec.jobTemplate.spec.template.spec.containers[0].image': 'new Pods',
    },
  ),
  change('CronJob: the schedule', { 'spec.schedule': '0 4 * * *' }, { 'spec.schedule': 'settings' }),
  change('Pod: an image', { 'spec.containers.0.image': 'web:2' }, { 'spec.containers[0].image': 'restarts' }),
  change('Pod: an environment', { 'spec.containers.0.env.0.value': '2' }, { 'spec.containers[0].env[0].value': 'refused' }),
  change(
    'Pod: a resource',
    { 'spec.containers.0.resources.requests.cpu': '2' },
    {
      'spec.containers[0].resources.requests.cpu': 'resize',
    },
  ),
  change(
    'Pod: the grace period',
    { 'spec.terminationGracePeriodSeconds': 40 },
    {
      'spec.terminationGracePeriodSeconds': 'refused',
    },
  ),
  change('Pod: a deadline', { 'spec.activeDeadlineSeconds': 600 }, { 'spec.activeDeadlineSeconds': 'settings' }),
  change(
    'Pod: one more toleration',
    { 'spec.tolerations': [{ key: 'a', operator: 'Exists' }] },
    {
      'spec.tolerations': 'settings',
    },
  ),
  change('Pod: a label', { 'metadata.labels.tier': 'x' }, { 'metadata.labels[tier]': 'metadata' }),
  changeOf(
    'Pod: how long a taint is tolerated',
    { 'spec.tolerations': [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 10 }] },
    { 'spec.tolerations.0.tolerationSeconds': 20 },
    { 'spec.tolerations[0].tolerationSeconds': 'settings' },
  ),
  changeOf(
    'Pod: another toleration',
    { 'spec.tolerations': [{ key: 'a', operator: 'Exists' }] },
    { 'spec.tolerations.0.key': 'b' },
    { 'spec.tolerations[0].key': 'refused' },
  ),
  changeOf(
    'Pod: a longer deadline',
    { 'spec.activeDeadlineSeconds': 600 },
    { 'spec.activeDeadlineSeconds': 700 },
    {
      'spec.activeDeadlineSeconds': 'refused',
    },
  ),
  change('Pod: one more node label', { 'spec.nodeSelector.a': 'b' }, { 'spec.nodeSelector[a]': 'refused' }),
  changeOf(
    'Pod: one more node label while it is gated',
    { 'spec.schedulingGates': [{ name: 'example.com/a' }] },
    { 'spec.nodeSelector.a': 'b' },
    { 'spec.nodeSelector[a]': 'settings' },
  ),
  changeOf(
    'Pod: another node label while it is gated',
    { 'spec.schedulingGates': [{ name: 'example.com/a' }], 'spec.nodeSelector.a': 'b' },
    { 'spec.nodeSelector.a': 'c' },
    { 'spec.nodeSelector[a]': 'refused' },
  ),
  changeOf(
    'Pod: a narrower affinity while it is gated',
    { 'spec.schedulingGates': [{ name: 'example.com/a' }], 'spec.affinity': affinity(ZONE) },
    { 'spec.affinity': affinity(ZONE, DISK) },
    { [AFFINITY]: 'settings' },
  ),
  changeOf(
    'Pod: another affinity while it is gated',
    { 'spec.schedulingGates': [{ name: 'example.com/a' }], 'spec.affinity': affinity(ZONE) },
    { 'spec.affinity': affinity(DISK) },
    { [`${AFFINITY}[0].key`]: 'refused', [`${AFFINITY}[0].values[0]`]: 'refused' },
  ),
  changeOf('Pod: an affinity', { 'spec.nodeSelector.a': 'b' }, { 'spec.affinity': affinity(ZONE) }, { 'spec.affinity': 'refused' }),
  changeOf(
    'Pod: a resource of a sidecar',
    { 'spec.initContainers': [{ name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' }] },
    { 'spec.initContainers.0.resources': { requests: { cpu: '1' } } },
    { 'spec.initContainers[0].resources.requests': 'resize' },
  ),
  change(
    'Pod: a resource that no resize changes',
    { 'spec.containers.0.resources.requests.ephemeral-storage': '1Gi' },
    {
      'spec.containers[0].resources.requests.ephemeral-storage': 'refused',
    },
  ),
  change(
    'Pod: its QoS class',
    {
      'spec.containers.0.resources': { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } },
    },
    {
      'spec.containers[0].resources.requests.memory': 'refused',
      'spec.containers[0].resources.limits': 'refused',
    },
  ),
  changeOf(
    'Job: completions of an Indexed Job',
    { 'spec.completionMode': 'Indexed', 'spec.completions': 2, 'spec.parallelism': 2 },
    { 'spec.completions': 3 },
    { 'spec.completions': 'refused' },
  ),
  changeOf(
    'Job: completions and parallelism of an Indexed Job',
    { 'spec.completionMode': 'Indexed', 'spec.completions': 2, 'spec.parallelism': 2 },
    { 'spec.completions': 3, 'spec.parallelism': 3 },
    { 'spec.completions': 'settings', 'spec.parallelism': 'scales' },
  ),
  changeOf('Job: an image while it is suspended', SUSPENDED, { 'spec.template.spec.containers.0.image': 'web:2' }, { [IMAGE]: 'refused' }),
  changeOf(
    'Job: a node label while it is suspended',
    SUSPENDED,
    { 'spec.template.spec.nodeSelector.a': 'b' },
    { 'spec.template.spec.nodeSelector[a]': 'new Pods' },
  ),
  changeOf(
    'Job: a node affinity while it is suspended',
    SUSPENDED,
    { 'spec.template.spec.affinity': affinity(ZONE) },
    { 'spec.template.spec.affinity': 'new Pods' },
  ),
  changeOf(
    'Job: an affinity to Pods while it is suspended',
    SUSPENDED,
    { 'spec.template.spec.affinity': { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] } } },
    { 'spec.template.spec.affinity': 'refused' },
  ),
  changeOf(
    'Job: a resource while it is suspended',
    SUSPENDED,
    { 'spec.template.spec.containers.0.resources.requests.cpu': '2' },
    { 'spec.template.spec.containers[0].resources.requests.cpu': 'new Pods' },
  ),
  changeOf(
    'Job: the end of its suspension',
    SUSPENDED,
    { 'spec.suspend': false },
    {
      'spec.suspend': 'settings',
    },
  ),
];
