/**
 * An object as the API server stores it: every default of a Pod and of the workloads that have one inside.
 *
 * `defaults.ts` fills in what rules read; this is the whole of it, for people who want to see it. Mirrors kubernetes
 * `pkg/apis/{core,apps,batch}/v1/defaults.go` and the admission plugins that change every Pod (Priority, ServiceAccount,
 * DefaultTolerationSeconds); agrees with what a kube-apiserver 1.36.3 stored for 9,000 Pods and workloads
 * (`test/core/stored-object.golden.test.ts`). Left out is what has a random name: the volume of the service account's token.
 */
import { applyDefaults } from './defaults.ts';
import { LARGEST_INT32 } from './int32.ts';
import { cloneJson, equalJson, isObject, setKey, type JsonObject } from './json.ts';
import { asObject } from './json-reading.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';
import { groupOf, MIRROR_ANNOTATION } from './workload.ts';

type Mutable = Record<string, unknown>;
type Fill = (object: Mutable) => void;

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
      replace(object, 'template', (template) => templated(template, minor));
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
    replace(spec, 'template', (template) => templated(template, minor));
  };
}

// Fields

/** Null and absent are the same to the API server. */
function setAbsent(object: Mutable, key: string, value: unknown): void {
  if (object[key] == null) object[key] = value;
}

/** For fields that are no pointers in Go: '' and 0 are as good as nothing. */
function setEmpty(object: Mutable, key: string, value: unknown): void {
  if (!object[key]) object[key] = value;
}

/** The object at a key, made where it is absent. */
function partOf(object: Mutable, key: string): Mutable {
  if (!isObject(object[key])) object[key] = {};
  return object[key] as Mutable;
}

function ifObject(value: unknown, fill: Fill): void {
  if (isObject(value)) fill(value);
}

function forEach(list: unknown, fill: Fill): void {
  if (Array.isArray(list)) for (const element of list) ifObject(element, fill);
}

function replace(object: Mutable, key: string, change: (value: Mutable) => unknown): void {
  ifObject(object[key], (value) => {
    object[key] = change(value);
  });
}

// Pods

function templated(template: Mutable, minor: KubernetesMinor): Mutable {
  if (!isObject(template['spec'])) return template;
  const copy: Mutable = { ...applyDefaults(template, 'template', minor) };
  if (!Object.hasOwn(template, 'metadata')) delete copy['metadata'];
  copy['spec'] = { ...(copy['spec'] as Mutable) };
  fillPodSpec(copy['spec'] as Mutable);
  return copy;
}

function fillPod(pod: Mutable, minor: KubernetesMinor): void {
  if (!isObject(pod['spec'])) return;
  const spec: Mutable = { ...applyDefaults(pod, 'pod', minor).spec };
  pod['spec'] = spec;
  if (spec['hostNetwork'] === true) for (const list of ['containers', 'initContainers']) forEach(spec[list], fillHostPorts);
  fillPodSpec(spec);
  setAbsent(spec, 'enableServiceLinks', true);
  const annotations = annotationsOf(pod);
  fillAppArmor(spec, annotations);
  // Admission: no PriorityClass is named, and none is the default one.
  if (!spec['priorityClassName']) setAbsent(spec, 'priority', 0);
  setAbsent(spec, 'preemptionPolicy', 'PreemptLowerPriority');
  if (Object.hasOwn(annotations, MIRROR_ANNOTATION)) return;
  setEmpty(spec, 'serviceAccountName', 'default');
  setEmpty(spec, 'serviceAccount', spec['serviceAccountName']);
}

function annotationsOf({ metadata }: Mutable): JsonObject {
  return asObject(asObject(metadata)['annotations']);
}

const APP_ARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';

/** The annotations that came before the field (`registry/core/pod/strategy.go` applyAppArmorVersionSkew). */
function fillAppArmor(spec: Mutable, annotations: JsonObject): void {
  if (isObject(spec['os']) && spec['os']['name'] === 'windows') return;
  const ofPod = isObject(spec['securityContext']) ? spec['securityContext']['appArmorProfile'] : undefined;
  for (const list of ['containers', 'initContainers', 'ephemeralContainers'])
    forEach(spec[list], (container) => {
      const key = `${APP_ARMOR_ANNOTATION}${String(container['name'])}`;
      const profile = Object.hasOwn(annotations, key) ? appArmorProfileOf(annotations[key]) : undefined;
      if (profile === undefined || equalJson(profile, ofPod)) return;
      setAbsent(partOf(container, 'securityContext'), 'appArmorProfile', profile);
    });
}

function appArmorProfileOf(annotation: unknown): JsonObject | undefined {
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  const file = typeof annotation === 'string' && annotation.startsWith('localhost/') ? annotation.slice('localhost/'.length) : '';
  return file === '' ? undefined : { type: 'Localhost', localhostProfile: file };
}

function fillHostPorts(container: Mutable): void {
  forEach(container['ports'], (port) => {
    setEmpty(port, 'hostPort', port['containerPort']);
  });
}

function fillPodSpec(spec: Mutable): void {
  setEmpty(spec, 'dnsPolicy', 'ClusterFirst');
  setEmpty(spec, 'schedulerName', 'default-scheduler');
  setAbsent(spec, 'securityContext', {});
  if (spec['serviceAccountName']) setEmpty(spec, 'serviceAccount', spec['serviceAccountName']);
  else if (spec['serviceAccount']) setEmpty(spec, 'serviceAccountName', spec['serviceAccount']);
  for (const list of ['containers', 'initContainers', 'ephemeralContainers']) forEach(spec[list], fillContainer);
  forEach(spec['volumes'], fillVolume);
}

function fillContainer(container: Mutable): void {
  setAbsent(container, 'resources', {});
  forEach(container['ports'], (port) => {
    setEmpty(port, 'protocol', 'TCP');
  });
  forEach(container['env'], ({ valueFrom }) => {
    ifObject(valueFrom, fillFieldReference);
    ifObject(valueFrom, (source) => {
      ifObject(source['fileKeyRef'], (reference) => {
        setAbsent(reference, 'optional', false);
      });
    });
  });
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'])
    ifObject(container[probe], ({ grpc }) => {
      ifObject(grpc, (action) => {
        setAbsent(action, 'service', '');
      });
    });
}

function fillFieldReference(source: Mutable): void {
  ifObject(source['fieldRef'], (reference) => {
    setEmpty(reference, 'apiVersion', 'v1');
  });
  ifObject(source['resourceFieldRef'], (reference) => {
    setEmpty(reference, 'divisor', '0');
  });
}

/** 0644. */
const DEFAULT_MODE = 420;
/** `SetDefaults_ServiceAccountTokenProjection` in `pkg/apis/core/v1/defaults.go`. */
const TOKEN_SECONDS = 3600;

/** By the name of the source. */
const VOLUME_FILLS: Readonly<Record<string, Fill>> = {
  secret: (source) => {
    setAbsent(source, 'defaultMode', DEFAULT_MODE);
  },
  configMap: (source) => {
    setAbsent(source, 'defaultMode', DEFAULT_MODE);
  },
  downwardAPI: (source) => {
    setAbsent(source, 'defaultMode', DEFAULT_MODE);
    forEach(source['items'], fillFieldReference);
  },
  projected: (source) => {
    setAbsent(source, 'defaultMode', DEFAULT_MODE);
    forEach(source['sources'], (projection) => {
      ifObject(projection['serviceAccountToken'], (token) => {
        setAbsent(token, 'expirationSeconds', TOKEN_SECONDS);
      });
      ifObject(projection['downwardAPI'], ({ items }) => {
        forEach(items, fillFieldReference);
      });
    });
  },
  hostPath: (source) => {
    setAbsent(source, 'type', '');
  },
  iscsi: (source) => {
    setEmpty(source, 'iscsiInterface', 'default');
  },
  rbd: (source) => {
    setEmpty(source, 'pool', 'rbd');
    setEmpty(source, 'user', 'admin');
    setEmpty(source, 'keyring', '/etc/ceph/keyring');
  },
  azureDisk: (source) => {
    setAbsent(source, 'cachingMode', 'ReadWrite');
    setAbsent(source, 'kind', 'Shared');
    setAbsent(source, 'fsType', 'ext4');
    setAbsent(source, 'readOnly', false);
  },
  scaleIO: (source) => {
    setEmpty(source, 'storageMode', 'ThinProvisioned');
    setEmpty(source, 'fsType', 'xfs');
  },
  ephemeral: ({ volumeClaimTemplate }) => {
    ifObject(volumeClaimTemplate, ({ spec }) => {
      ifObject(spec, (claim) => {
        setAbsent(claim, 'volumeMode', 'Filesystem');
      });
    });
  },
};

function fillVolume(volume: Mutable): void {
  for (const source of Object.keys(VOLUME_FILLS)) ifObject(volume[source], VOLUME_FILLS[source] ?? (() => undefined));
}

// Workloads

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
      replace(own, 'template', (template) => templated(template, minor));
    });
  });
}
