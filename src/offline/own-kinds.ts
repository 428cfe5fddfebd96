/** The kinds of Kubernetes itself, and the versions in which it has and has had them. */
import { groupOf } from '../core/workload.ts';

/**
 * The kinds of Kubernetes itself that a file may hold, by API group: those of kube-apiserver 1.34 to 1.37 and of the versions before,
 * which manifests still name (`kubectl api-resources`; the folders of k8s.io/api v0.23.1 to v0.37.2).
 */
const OWN_GROUPS: Readonly<Record<string, { readonly versions: string; readonly kinds: string }>> = {
  '': {
    versions: 'v1',
    kinds:
      'Binding ComponentStatus ConfigMap Endpoints Event LimitRange List Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount',
  },
  'admissionregistration.k8s.io': {
    versions: 'v1 v1beta1 v1alpha1',
    kinds:
      'MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration',
  },
  'apiextensions.k8s.io': { versions: 'v1 v1beta1', kinds: 'CustomResourceDefinition' },
  'apiregistration.k8s.io': { versions: 'v1 v1beta1', kinds: 'APIService' },
  apps: { versions: 'v1 v1beta2 v1beta1', kinds: 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet' },
  'authentication.k8s.io': { versions: 'v1 v1beta1 v1alpha1', kinds: 'SelfSubjectReview TokenRequest TokenReview' },
  'authorization.k8s.io': {
    versions: 'v1 v1beta1',
    kinds: 'LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview',
  },
  autoscaling: { versions: 'v2 v1 v2beta2 v2beta1', kinds: 'HorizontalPodAutoscaler Scale' },
  batch: { versions: 'v1 v1beta1 v2alpha1', kinds: 'CronJob Job' },
  'certificates.k8s.io': { versions: 'v1 v1beta1 v1alpha1', kinds: 'CertificateSigningRequest ClusterTrustBundle PodCertificateRequest' },
  'coordination.k8s.io': { versions: 'v1 v1beta1 v1alpha2 v1alpha1', kinds: 'Lease LeaseCandidate' },
  'discovery.k8s.io': { versions: 'v1 v1beta1 v1alpha1', kinds: 'EndpointSlice' },
  'events.k8s.io': { versions: 'v1 v1beta1', kinds: 'Event' },
  extensions: { versions: 'v1beta1', kinds: 'DaemonSet Deployment Ingress NetworkPolicy PodSecurityPolicy ReplicaSet' },
  'flowcontrol.apiserver.k8s.io': { versions: 'v1 v1beta3 v1beta2 v1beta1 v1alpha1', kinds: 'FlowSchema PriorityLevelConfiguration' },
  'lifecycle.k8s.io': { versions: 'v1alpha1', kinds: 'Eviction EvictionRequest' },
  'networking.k8s.io': { versions: 'v1 v1beta1 v1alpha1', kinds: 'IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR' },
  'node.k8s.io': { versions: 'v1 v1beta1 v1alpha1', kinds: 'RuntimeClass' },
  policy: { versions: 'v1 v1beta1', kinds: 'Eviction PodDisruptionBudget PodSecurityPolicy' },
  'rbac.authorization.k8s.io': { versions: 'v1 v1beta1 v1alpha1', kinds: 'ClusterRole ClusterRoleBinding Role RoleBinding' },
  'resource.k8s.io': {
    versions: 'v1 v1beta2 v1beta1 v1alpha3 v1alpha2 v1alpha1',
    kinds: 'DeviceClass DeviceTaintRule ResourceClaim ResourceClaimTemplate ResourcePoolStatusRequest ResourceSlice',
  },
  'scheduling.k8s.io': { versions: 'v1 v1beta1 v1alpha3 v1alpha2 v1alpha1', kinds: 'CompositePodGroup PodGroup PriorityClass Workload' },
  'storage.k8s.io': {
    versions: 'v1 v1beta1 v1alpha1',
    kinds: 'CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass',
  },
  'storagemigration.k8s.io': { versions: 'v1 v1beta1 v1alpha1', kinds: 'StorageVersionMigration' },
};

const OWN_KINDS: ReadonlySet<string> = new Set(
  Object.entries(OWN_GROUPS).flatMap(([group, { kinds }]) => kinds.split(' ').map((kind) => `${group}/${kind}`)),
);

/** Whether Kubernetes itself has the kind, in one of its versions. @param group '' for the core group */
export function isOwnKind(group: string, kind: string): boolean {
  return OWN_KINDS.has(`${group}/${kind}`);
}

/**
 * The versions in which Kubernetes has had workloads, budgets and autoscalers, and has them no more: since 1.16 (apps, extensions), 1.21
 * (v2alpha1), 1.25 (batch, policy, v2beta1) and 1.26 (v2beta2) (kubernetes.io/docs/reference/using-api/deprecation-guide).
 */
const REMOVED_VERSIONS: Readonly<Record<string, string>> = {
  apps: 'v1beta2 v1beta1',
  autoscaling: 'v2beta2 v2beta1',
  batch: 'v1beta1 v2alpha1',
  extensions: 'v1beta1',
  policy: 'v1beta1',
};

/** The version of an API group to write; empty for a group that Kubernetes does not have, or no longer has. */
export function newestVersionOf(group: string): string {
  const [newest = ''] = versionsOfGroup(group);
  return isRemoved(group, newest) ? '' : newest;
}

function isRemoved(group: string, version: string): boolean {
  return Object.hasOwn(REMOVED_VERSIONS, group) && REMOVED_VERSIONS[group]?.split(' ').includes(version) === true;
}

/**
 * What to say of an object of a workload, a budget or an autoscaler in a version that no cluster takes; undefined where clusters take it, and
 * for a kind of somebody else.
 */
export function hintAboutVersion(apiVersion: string, kind: string): string | undefined {
  const group = groupOf(apiVersion);
  const version = apiVersion.slice(group === '' ? 0 : group.length + 1);
  if (!isOwnKind(group, kind)) return undefined;
  const wasRemoved = isRemoved(group, version);
  if (!wasRemoved && versionsOfGroup(group).includes(version)) return undefined;
  const current =
    newestVersionOf(group) === '' ? Object.keys(OWN_GROUPS).find((other) => other !== group && isOwnKind(other, kind)) : group;
  if (current === undefined) return undefined;
  const meant = current === '' ? newestVersionOf(current) : `${current}/${newestVersionOf(current)}`;
  const has = wasRemoved ? 'no longer has' : 'does not have';
  return `is judged, but a cluster refuses it, because Kubernetes ${has} ${apiVersion}: write ${meant}`;
}

/** The versions that an API group of Kubernetes has or has had, the one to write first; empty for a group of somebody else. */
export function versionsOfGroup(group: string): readonly string[] {
  return Object.hasOwn(OWN_GROUPS, group) ? (OWN_GROUPS[group]?.versions.split(' ') ?? []) : [];
}
