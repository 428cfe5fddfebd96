/**
 * The Pod that the controller of a workload would send: its template with the owner, claims, names and tolerations that
 * the controllers add, as far as admission can see a difference.
 *
 * Mirrors kubernetes v1.36 `pkg/controller/controller_utils.go` GetPodFromTemplate, `statefulset/stateful_set_utils.go`
 * updateStorage and initIdentity, `daemon/util/daemonset_util.go` AddOrUpdateDaemonPodTolerations. It does not mirror
 * names and labels with hashes, which nobody can know in advance, and the environment of Indexed Jobs.
 */
import type { JsonObject } from '../../core/json.ts';
import { asObject, asObjects, metadataOf } from '../../core/json-reading.ts';
import { BUILT_IN_KINDS, groupOf, templatesIn } from '../../core/workload.ts';

/**
 * @param workload as the API server answered its dry run
 * @returns undefined for an object without a Pod template, and for a Pod
 */
export function podOfWorkload(workload: JsonObject): JsonObject | undefined {
  const { apiVersion, kind } = workload;
  const known = BUILT_IN_KINDS.find((candidate) => candidate.kind === kind && candidate.group === groupOf(String(apiVersion)));
  const template = known === undefined || known.templatePath.length === 0 ? undefined : templatesIn(workload, known)[0]?.template;
  if (template === undefined) return undefined;
  const metadata = metadataOf(template);
  const spec = asObject(template['spec']);
  const name = nameOf(workload);
  const owner = ownerOf(workload, name);
  const identity = kind === 'StatefulSet' ? identityOf(workload, name) : undefined;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(identity === undefined ? { generateName: `${name}-` } : { name: identity.name }),
      ...pick(metadata, ['annotations', 'finalizers']),
      labels: { ...asObject(metadata['labels']), ...(identity?.labels ?? {}) },
      ...(owner !== undefined && { ownerReferences: [owner] }),
    },
    spec: identity === undefined ? withTolerations(kind, spec) : withIdentity(spec, workload, identity.name),
  };
}

function nameOf(workload: JsonObject): string {
  const { name, generateName } = metadataOf(workload);
  if (typeof name === 'string' && name !== '') return name;
  return typeof generateName === 'string' ? generateName : '';
}

/** A uid that no object has: a dry run is not garbage collected. */
const NO_UID = '00000000-0000-0000-0000-000000000000';

/** What a Pod's controller would be: a Deployment's Pods are of a ReplicaSet, a CronJob's of a Job, a PodTemplate's of nobody. */
function ownerOf({ apiVersion, kind }: JsonObject, name: string): JsonObject | undefined {
  if (kind === 'PodTemplate') return undefined;
  const between = INTERMEDIATE[String(kind)];
  return {
    apiVersion: between === undefined ? apiVersion : between.apiVersion,
    kind: between?.kind ?? kind,
    name,
    uid: NO_UID,
    controller: true,
  };
}

const INTERMEDIATE: Readonly<Record<string, { readonly apiVersion: string; readonly kind: string }>> = {
  Deployment: { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  CronJob: { apiVersion: 'batch/v1', kind: 'Job' },
};

/** Of the first Pod of a StatefulSet. */
interface Identity {
  readonly name: string;
  readonly labels: JsonObject;
}

/** Its numbers begin with `spec.ordinals.start`, or with 0. */
function identityOf({ spec }: JsonObject, name: string): Identity {
  const ordinals = asObject(asObject(spec)['ordinals']);
  const number = typeof ordinals['start'] === 'number' ? `${ordinals['start']}` : '0';
  const podName = `${name}-${number}`;
  return { name: podName, labels: { 'statefulset.kubernetes.io/pod-name': podName, 'apps.kubernetes.io/pod-index': number } };
}

function withTolerations(kind: unknown, spec: JsonObject): JsonObject {
  return kind === 'DaemonSet' ? { ...spec, tolerations: daemonTolerations(spec) } : spec;
}

function withIdentity(spec: JsonObject, workload: JsonObject, podName: string): JsonObject {
  const workloadSpec = asObject(workload['spec']);
  const claims = asObjects(workloadSpec['volumeClaimTemplates']).map((claim) => String(metadataOf(claim)['name']));
  const volumes = asObjects(spec['volumes']).filter((volume) => !claims.includes(String(volume['name'])));
  return {
    ...spec,
    hostname: podName,
    ...pick({ subdomain: workloadSpec['serviceName'] }, ['subdomain']),
    volumes: [...claims.map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: `${claim}-${podName}` } })), ...volumes],
  };
}

const DAEMON_TAINTS = [
  { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
] as const;
const HOST_NETWORK_TAINT = { key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' } as const;

function daemonTolerations(spec: JsonObject): JsonObject[] {
  const added = [...DAEMON_TAINTS, ...(spec['hostNetwork'] === true ? [HOST_NETWORK_TAINT] : [])];
  const own = asObjects(spec['tolerations']).filter(
    (toleration) =>
      !added.some(({ key, effect }) => key === toleration['key'] && effect === toleration['effect'] && toleration['operator'] === 'Exists'),
  );
  return [...own, ...added.map(({ key, effect }) => ({ key, operator: 'Exists', effect }))];
}

/** Those of the fields that are set. */
function pick(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.flatMap((key) => (object[key] == null || object[key] === '' ? [] : [[key, object[key]]])));
}
