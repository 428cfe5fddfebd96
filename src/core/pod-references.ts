/**
 * The objects that a Pod names and cannot start without, and where it names them. Image pull secrets are left out: the kubelet tries
 * to pull without them (`pkg/kubelet/kubelet_pods.go`, `getPullSecretsForPod`).
 */
import {
  containersOf,
  pathOf,
  SPEC,
  type ContainerReference,
  type Maybe,
  type ObjectReference,
  type PodSpec,
  type ProjectedKeys,
  type Volume,
} from './pod.ts';
import type { FieldPath } from './path.ts';
import type { InventoryName } from './surroundings.ts';

export interface PodReference {
  readonly to: InventoryName;
  readonly name: string;
  /** Of a ConfigMap or a Secret; undefined where the object as a whole is meant. */
  readonly key: string | undefined;
  /** Where the name stands. */
  readonly path: FieldPath;
  /** Where the key stands; the same as `path` without one. */
  readonly keyPath: FieldPath;
  /** Whether the API has no `optional` there; absent for kinds of objects that never have one. */
  readonly isNeverOptional?: true;
}

/** What the Pod can do without (`optional: true`) is left out, and so is what has no name: the API server refuses that. */
export function* referencesOf(spec: PodSpec, containers: Iterable<ContainerReference>, each: Each): Generator<PodReference> {
  for (const reference of containers) yield* referencesOfContainer(reference, each);
  let index = 0;
  for (const volume of each(spec.volumes)) yield* referencesOfVolume(volume, VOLUMES.at(index++, { name: volume.name }), each);
  // The API server takes the old name where the new one is empty (`Convert_v1_PodSpec_To_core_PodSpec`).
  const account = spec.serviceAccountName ? 'serviceAccountName' : 'serviceAccount';
  yield* referenceTo('serviceAccounts', spec[account], SPEC.field(account));
  yield* referenceTo('priorityClasses', spec.priorityClassName, SPEC.field('priorityClassName'));
  yield* referenceTo('runtimeClasses', spec.runtimeClassName, SPEC.field('runtimeClassName'));
  index = 0;
  for (const { name, resourceClaimName, resourceClaimTemplateName } of each(spec.resourceClaims)) {
    const path = RESOURCE_CLAIMS.at(index++, { name: name ?? undefined });
    yield* referenceTo('resourceClaims', resourceClaimName, path.field('resourceClaimName'));
    yield* referenceTo('resourceClaimTemplates', resourceClaimTemplateName, path.field('resourceClaimTemplateName'));
  }
}

/** The same for whoever counts no work. */
export function allReferencesOf(spec: PodSpec): PodReference[] {
  return [...referencesOf(spec, containersOf(spec), (list) => list ?? [])];
}

/** Goes through a list, and counts what it goes through. */
type Each = <T>(list: Maybe<readonly T[]>) => Iterable<T>;

const VOLUMES = SPEC.field('volumes');
const RESOURCE_CLAIMS = SPEC.field('resourceClaims');

function* referencesOfContainer(reference: ContainerReference, each: Each): Generator<PodReference> {
  const { env, envFrom } = reference.container;
  if (env == null && envFrom == null) return;
  const place = pathOf(reference);
  let index = -1;
  for (const { name, valueFrom } of each(env)) {
    index += 1;
    if (valueFrom == null) continue;
    const path = place.field('env').at(index, { name }).field('valueFrom');
    yield* referenceToKey('configMaps', valueFrom.configMapKeyRef, path.field('configMapKeyRef'));
    yield* referenceToKey('secrets', valueFrom.secretKeyRef, path.field('secretKeyRef'));
  }
  index = 0;
  for (const { configMapRef, secretRef } of each(envFrom)) {
    const path = place.field('envFrom').at(index++, { name: configMapRef?.name ?? secretRef?.name });
    yield* referenceToAll('configMaps', configMapRef, path.field('configMapRef'));
    yield* referenceToAll('secrets', secretRef, path.field('secretRef'));
  }
}

function* referencesOfVolume(volume: Volume, path: FieldPath, each: Each): Generator<PodReference> {
  const { configMap, secret, projected, persistentVolumeClaim } = volume;
  if (configMap != null)
    yield* referenceToItems('configMaps', configMap, { name: configMap.name, field: 'name', path: path.field('configMap') }, each);
  if (secret != null)
    yield* referenceToItems('secrets', secret, { name: secret.secretName, field: 'secretName', path: path.field('secret') }, each);
  let index = 0;
  for (const { configMap: map, secret: hidden } of each(projected?.sources)) {
    const place = path.field('projected', 'sources').at(index++, { name: map?.name ?? hidden?.name });
    if (map != null) yield* referenceToItems('configMaps', map, { name: map.name, field: 'name', path: place.field('configMap') }, each);
    if (hidden != null) yield* referenceToItems('secrets', hidden, { name: hidden.name, field: 'name', path: place.field('secret') }, each);
  }
  yield* referenceTo('claims', persistentVolumeClaim?.claimName, path.field('persistentVolumeClaim', 'claimName'));
  yield* sourceOfEphemeral(volume, path);
  yield* secretsOfDriver(volume, path);
}

/** The claim that a volume of its own is a copy of. Of other sources, such as snapshots, their drivers know. */
function* sourceOfEphemeral({ ephemeral }: Volume, path: FieldPath): Generator<PodReference> {
  const claim = ephemeral?.volumeClaimTemplate?.spec;
  const field = claim?.dataSourceRef == null ? 'dataSource' : 'dataSourceRef';
  const source = claim?.[field];
  if (source?.kind !== 'PersistentVolumeClaim' || source.apiGroup || source.namespace) return;
  yield* referenceTo('claims', source.name, path.field('ephemeral', 'volumeClaimTemplate', 'spec', field, 'name'));
}

/**
 * Of the kinds of volumes that 1.34 and later have a plugin or a translation to CSI for; cephfs, rbd, scaleIO and storageos mount
 * nowhere. iSCSI reads its Secret for CHAP alone (`pkg/volume/iscsi/iscsi.go`, `createSecretMap`).
 */
function* secretsOfDriver({ csi, azureFile, flexVolume, iscsi }: Volume, path: FieldPath): Generator<PodReference> {
  yield* referenceTo('secrets', csi?.nodePublishSecretRef?.name, path.field('csi', 'nodePublishSecretRef', 'name'), NEVER_OPTIONAL);
  yield* referenceTo('secrets', azureFile?.secretName, path.field('azureFile', 'secretName'), NEVER_OPTIONAL);
  yield* referenceTo('secrets', flexVolume?.secretRef?.name, path.field('flexVolume', 'secretRef', 'name'), NEVER_OPTIONAL);
  if (iscsi?.chapAuthDiscovery === true || iscsi?.chapAuthSession === true)
    yield* referenceTo('secrets', iscsi.secretRef?.name, path.field('iscsi', 'secretRef', 'name'), NEVER_OPTIONAL);
}

/** Of a Secret that a driver asks for. */
const NEVER_OPTIONAL = { isNeverOptional: true } as const;

function* referenceTo(
  to: InventoryName,
  name: Maybe<string>,
  path: FieldPath,
  kind: Pick<PodReference, 'isNeverOptional'> = {},
): Generator<PodReference> {
  if (name != null && name !== '') yield { to, name, key: undefined, path, keyPath: path, ...kind };
}

function* referenceToAll(to: InventoryName, reference: Maybe<ObjectReference>, path: FieldPath): Generator<PodReference> {
  if (reference != null && reference.optional !== true) yield* referenceTo(to, reference.name, path.field('name'));
}

function* referenceToKey(
  to: InventoryName,
  reference: Maybe<ObjectReference & { key?: Maybe<string> }>,
  path: FieldPath,
): Generator<PodReference> {
  if (reference?.name == null || reference.name === '' || reference.optional === true) return;
  yield { to, name: reference.name, key: reference.key ?? undefined, path: path.field('name'), keyPath: path.field('key') };
}

/** The part of a volume that names an object, and in which field. */
interface NamedSource {
  readonly name: Maybe<string>;
  readonly field: string;
  readonly path: FieldPath;
}

/** Each key that becomes a file; the whole object where none is named. */
function* referenceToItems(
  to: InventoryName,
  { items, optional }: Omit<ProjectedKeys, 'name'>,
  { name, field, path }: NamedSource,
  each: Each,
): Generator<PodReference> {
  if (name == null || name === '' || optional === true) return;
  const place = path.field(field);
  if (items == null || items.length === 0) yield* referenceTo(to, name, place);
  let index = 0;
  for (const { key } of each(items))
    yield { to, name, key: key ?? undefined, path: place, keyPath: path.field('items').at(index++, { key }).field('key') };
}
