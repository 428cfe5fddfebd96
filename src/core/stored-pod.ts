/**
 * A Pod, and a template of Pods, as the API server stores them.
 *
 * Mirrors kubernetes `pkg/apis/core/v1/defaults.go` and the admission plugins that change every Pod (Priority, ServiceAccount,
 * DefaultTolerationSeconds). Left out is what has a random name: the volume of the service account's token.
 */
import { forEach, ifObject, partOf, setAbsent, setEmpty, type Fill, type Mutable } from './default-filling.ts';
import { applyDefaults } from './defaults.ts';
import { equalJson, isObject, type JsonObject } from './json.ts';
import { asObject } from './json-reading.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';
import { MIRROR_ANNOTATION } from './workload.ts';

/** A Pod template with every default; itself where it has no spec. */
export function storedTemplate(template: Mutable, minor: KubernetesMinor): Mutable {
  if (!isObject(template['spec'])) return template;
  const copy: Mutable = { ...applyDefaults(template, 'template', minor) };
  if (!Object.hasOwn(template, 'metadata')) delete copy['metadata'];
  copy['spec'] = { ...(copy['spec'] as Mutable) };
  fillPodSpec(copy['spec'] as Mutable);
  return copy;
}

/** Fills in every default of a Pod. */
export function fillPod(pod: Mutable, minor: KubernetesMinor): void {
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
