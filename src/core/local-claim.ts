/**
 * Claims that are ReadWriteOnce and whose volume keeps no second Pod waiting all the same: it is on one node, so that the scheduler puts
 * each Pod of the claim there, or nothing attaches it to a node. A claim that is ReadWriteOncePod is for one Pod everywhere.
 */
import type { JsonObject } from './json.ts';
import { asObject, asObjects, asText } from './json-reading.ts';

/** The classes of local provisioners by the names that their own manifests and charts give them; people seldom change them. */
const LOCAL_CLASSES: ReadonlySet<string> = new Set([
  // k3s, and rancher/local-path-provisioner.
  'local-path',
  // kubernetes.io/docs/concepts/storage/storage-classes/#local
  'local-storage',
  'openebs-hostpath',
  'microk8s-hostpath',
  'topolvm-provisioner',
]);

const LOCAL_PROVISIONERS: ReadonlySet<string> = new Set([
  'kubernetes.io/no-provisioner',
  'rancher.io/local-path',
  'openebs.io/local',
  'local.csi.openebs.io',
  'zfs.csi.openebs.io',
  'topolvm.io',
  'microk8s.io/hostpath',
  'docker.io/hostpath',
  'k8s.io/minikube-hostpath',
  'hostpath.csi.k8s.io',
]);

/** Volumes on one node, and a file system of a network: none of them is attached (`AttachableVolumePlugin` in kubernetes `pkg/volume`). */
const SOURCES_WITHOUT_ATTACHMENT = ['local', 'hostPath', 'nfs'] as const;

const HOSTNAME = 'kubernetes.io/hostname';

/** What a claim says of itself: its class, or the provisioner that the API has for it. */
export function isLocalClaim({ metadata, spec }: JsonObject): boolean {
  const annotations = asObject(asObject(metadata)['annotations']);
  const provisioner =
    annotations['volume.kubernetes.io/storage-provisioner'] ?? annotations['volume.beta.kubernetes.io/storage-provisioner'];
  return LOCAL_PROVISIONERS.has(asText(provisioner)) || LOCAL_CLASSES.has(asText(asObject(spec)['storageClassName']));
}

/** Whether a StorageClass makes volumes on the node of the Pod that comes first. */
export function isLocalClass({ provisioner }: JsonObject): boolean {
  return LOCAL_PROVISIONERS.has(asText(provisioner));
}

/** Whether a PersistentVolume lets two Pods of its claim run at a time. */
export function isVolumeOfTwoPods(volume: JsonObject): boolean {
  const spec = asObject(volume['spec']);
  if (SOURCES_WITHOUT_ATTACHMENT.some((source) => spec[source] != null)) return true;
  const terms = asObjects(asObject(asObject(spec['nodeAffinity'])['required'])['nodeSelectorTerms']);
  return terms.length === 1 && asObjects(terms[0]?.['matchExpressions']).some(isOfOneHost);
}

function isOfOneHost({ key, operator, values }: JsonObject): boolean {
  return key === HOSTNAME && operator === 'In' && Array.isArray(values) && values.length === 1;
}
