/** Changes of an object that must not change what a policy says of it (docs/laws.md). */
import { cloneJson, isObject, type JsonObject } from '../../src/core/json.ts';
import type { KubernetesMinor } from '../../src/core/kubernetes-version.ts';
import type { ContainerKind } from '../../src/core/pod.ts';
import { storedObject } from '../../src/core/stored-object.ts';
import { BUILT_IN_KINDS, groupOf, templatesIn } from '../../src/core/workload.ts';

export type EditableObject = Record<string, unknown>;

/** Gets an object that nothing else shares, and may edit it. */
export type Change = (object: EditableObject) => void;

/** By what somebody would write who wants to get around a rule. */
export const CHANGES: Readonly<Record<string, Change>> = {
  'another name': (object) => {
    metadataOf(object)['name'] = 'kube-proxy';
  },
  'other names of containers': (object) => {
    for (const spec of specsOf(object)) {
      let index = 0;
      for (const container of containersIn(spec)) container['name'] = `istio-proxy-${index++}`;
    }
  },
  'other names of volumes': (object) => {
    const claims = claimTemplatesIn(object);
    for (const spec of specsOf(object)) {
      const named = [...listOf(spec['volumes']), ...claims.map(metadataOf)];
      const names = new Map([...new Set(named.map(({ name }) => name))].map((name, index) => [name, `volume-${index}`]));
      const uses = containersIn(spec).flatMap((container) => ['volumeMounts', 'volumeDevices'].flatMap((list) => listOf(container[list])));
      for (const volume of [...named, ...uses]) volume['name'] = names.get(volume['name']) ?? volume['name'];
    }
  },
  'lists the other way round': (object) => {
    for (const spec of specsOf(object)) {
      for (const list of ['containers', 'volumes']) if (Array.isArray(spec[list])) spec[list].reverse();
      for (const container of containersIn(spec))
        for (const list of ['ports', 'volumeMounts']) if (Array.isArray(container[list])) container[list].reverse();
    }
  },
  'members in another order': (object) => {
    reverseMembers(object);
  },
  'fields that nobody knows': (object) => {
    object['podgrace'] = { mode: 'off' };
    for (const spec of specsOf(object)) {
      spec['exempt'] = true;
      for (const container of containersIn(spec)) container['x-podgrace'] = [{ skip: 'all' }];
    }
  },
  'hundreds of fields that nobody knows in each object': (object) => {
    for (const metadata of metadatasOf(object)) withUnknownFields(metadata);
    for (const spec of specsOf(object)) withUnknownFields(spec);
  },
  'more labels': (object) => {
    for (const metadata of metadatasOf(object)) addTo(metadata, 'labels', MARKS);
  },
  'more annotations': (object) => {
    const mirror = { 'kubernetes.io/config.mirror': 'abc', 'kubernetes.io/config.source': 'file' };
    for (const metadata of metadatasOf(object)) addTo(metadata, 'annotations', { ...MARKS, ...mirror });
  },
  'a name that the API server makes': (object) => {
    const metadata = metadataOf(object);
    delete metadata['name'];
    metadata['generateName'] = 'kube-proxy-';
  },
  'an owner that is none': (object) => {
    const owners: readonly (readonly [string, string])[] = [
      ['apps/v1', 'DaemonSet'],
      ['batch/v1', 'Job'],
      ['v1', 'Node'],
      ['postgresql.cnpg.io/v1', 'Cluster'],
      ['apps/v1', 'ReplicaSet'],
    ];
    metadataOf(object)['ownerReferences'] = owners.map(([apiVersion, kind], index) => ({
      ...{ apiVersion, kind, name: 'nobody', uid: '00000000-0000-4000-8000-000000000000' },
      controller: index === 0,
    }));
  },
  'a deletion that began': (object) => {
    Object.assign(metadataOf(object), {
      deletionTimestamp: '2027-01-15T00:00:00Z',
      deletionGracePeriodSeconds: 30,
      finalizers: ['x.example/y'],
    });
  },
  'a status': (object) => {
    object['status'] = { phase: 'Running', qosClass: 'Guaranteed' };
  },
};

/** Their members are no fields of a type: any may be there. */
const MAPS = new Set(['labels', 'annotations', 'limits', 'requests', 'nodeSelector', 'matchLabels', 'fieldsV1', 'overhead', 'options']);

/** Adds to an object, and to each typed object in it, more unknown fields than any type of Kubernetes has fields. */
export function withUnknownFields(value: unknown): void {
  if (Array.isArray(value)) for (const element of value) withUnknownFields(element);
  if (!isObject(value)) return;
  for (const key in value) if (!MAPS.has(key)) withUnknownFields(value[key]);
  Object.assign(value, Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`nobody${index}`, index])));
}

const MARKS = {
  'podgrace.dev/skip': 'true',
  'podgrace.dev/exempt': '*',
  'admission.podgrace.dev/ignore': 'true',
  'app.kubernetes.io/managed-by': 'podgrace',
  'k8s-app': 'kube-dns',
};

/** Whether a container says of itself when it restarts: that is said of the kind of container that it is. */
export function saysHowContainersRestart(object: EditableObject): boolean {
  return specsOf(object).some((spec) => listOf(spec['containers']).some((container) => 'restartPolicy' in container));
}

/** Makes all main containers of an object sidecars, or ordinary init containers; a container that does nothing stays. */
export function withContainersAs(kind: Extract<ContainerKind, 'sidecar' | 'init'>): Change {
  return (object) => {
    for (const spec of specsOf(object)) {
      const moved = listOf(spec['containers']).map((container) => ({
        ...container,
        ...(kind === 'sidecar' && { restartPolicy: 'Always' }),
      }));
      spec['initContainers'] = [...listOf(spec['initContainers']), ...moved];
      spec['containers'] = [{ name: 'still', image: 'registry.example/still:1', command: ['still'] }];
    }
  };
}

/**
 * The text of an object in which each member of its Pods' specs, and of its own, stands twice: the last one counts, as for the API
 * server (`sigs.k8s.io/json`), and the first says that all is well.
 */
export function textWithDoubleMembers(object: JsonObject): string {
  const text = JSON.stringify(object, (_key, value: unknown) =>
    isObject(value) && 'containers' in value ? { [TWICE]: 1, ...value } : value,
  );
  return text.replaceAll(`"${TWICE}":1,`, '"containers":[],"volumes":[],"tolerations":[],"containers":[{"name":"good","image":"good:1"}],');
}

const TWICE = 'podgrace-twice';

/** An object of a file as an API server has it after `kubectl apply`, which notes down what the file says. */
export function appliedObject(object: JsonObject, minor: KubernetesMinor): JsonObject {
  const copy = cloneJson(object) as EditableObject;
  const metadata = metadataOf(copy);
  const noted = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(object) };
  metadata['annotations'] = { ...(isObject(metadata['annotations']) ? metadata['annotations'] : {}), ...noted };
  return storedObject(copy, minor);
}

/** The Pod specs of an object of a built-in kind. */
function specsOf(object: EditableObject): EditableObject[] {
  return templatesOf(object).flatMap(({ spec }) => (isObject(spec) ? [spec] : []));
}

function templatesOf(object: EditableObject): EditableObject[] {
  const known = BUILT_IN_KINDS.find(({ group, kind }) => kind === object['kind'] && group === groupOf(String(object['apiVersion'])));
  return known === undefined ? [] : templatesIn(object, known).map(({ template }) => template);
}

/** A claim of a StatefulSet takes the place of the volume that has its name. */
function claimTemplatesIn({ spec }: EditableObject): EditableObject[] {
  return isObject(spec) ? listOf(spec['volumeClaimTemplates']) : [];
}

function containersIn(spec: EditableObject): EditableObject[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => listOf(spec[list]));
}

/** Those of the object and of its templates. */
function metadatasOf(object: EditableObject): EditableObject[] {
  return [...new Set([object, ...templatesOf(object)])].map(metadataOf);
}

function metadataOf(object: EditableObject): EditableObject {
  if (!isObject(object['metadata'])) object['metadata'] = {};
  return object['metadata'] as EditableObject;
}

/** What is there stays: selectors go by it. */
function addTo(metadata: EditableObject, member: 'labels' | 'annotations', more: Readonly<Record<string, string>>): void {
  metadata[member] = { ...more, ...(isObject(metadata[member]) ? metadata[member] : {}) };
}

function listOf(value: unknown): EditableObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function reverseMembers(value: unknown): void {
  if (Array.isArray(value)) for (const element of value as unknown[]) reverseMembers(element);
  if (!isObject(value)) return;
  const entries = Object.entries(value).toReversed();
  for (const [key] of entries) Reflect.deleteProperty(value, key);
  for (const [key, member] of entries) {
    reverseMembers(member);
    (value as Record<string, unknown>)[key] = member;
  }
}
