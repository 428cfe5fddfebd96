/**
 * What the API server does not accept of volumes, mounts and devices. Mirrors kubernetes `pkg/apis/core/validation`
 * (ValidateVolumes, validateVolumeSource, ValidateVolumeMounts, ValidateVolumeDevices), read at 1.36.3.
 */
import { isObject, type JsonObject } from '../json.ts';
import { asObject, asObjects, asText } from '../json-reading.ts';
import type { FieldPath } from '../path.ts';
import { compareQuantities, parseQuantity, ZERO } from '../quantity.ts';
import { duplicate, eachInvalid, forbidden, invalid, notFound, required, unsupportedWord, type InvalidPlace } from './invalid-place.ts';
import { problemsOfLabel } from './names.ts';

/** In the order in which the API server looks at them: the first one counts. */
const SOURCES = [
  ...['emptyDir', 'hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore', 'secret', 'nfs', 'iscsi', 'glusterfs', 'flocker'],
  ...['persistentVolumeClaim', 'rbd', 'cinder', 'cephfs', 'quobyte', 'downwardAPI', 'fc', 'flexVolume', 'configMap', 'azureFile'],
  ...['vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'storageos', 'projected', 'scaleIO', 'csi', 'ephemeral'],
  'image',
] as const;

/** Where the API server writes another name than that of the field. */
const MISSPELT: ReadonlyMap<string, string> = new Map([
  ['cephfs', 'cephFS'],
  ['downwardAPI', 'downwarAPI'],
]);

export interface PodVolumes {
  readonly places: readonly InvalidPlace[];
  /** What containers may mount: a volume that is wrong in itself is none. */
  readonly sources: ReadonlyMap<unknown, JsonObject>;
  /** What names the volumes: to change one of them may be the mistake of a mount. */
  readonly names: readonly FieldPath[];
}

/**
 * @param path of the list
 * @param claims the names of the claims of a StatefulSet, which stand in for volumes of the same name
 */
export function readVolumes(list: unknown, path: FieldPath, claims: readonly string[]): PodVolumes {
  const sources = new Map<unknown, JsonObject>(claims.map((name) => [name, { persistentVolumeClaim: {} }]));
  const first = new Map<string, FieldPath>();
  const places: InvalidPlace[] = [];
  const names: FieldPath[] = [];
  for (const [index, volume] of asObjects(list).entries()) {
    const field = path.at(index);
    const [name, nameField] = [asText(volume['name']), field.field('name')];
    names.push(nameField);
    if (claims.includes(name)) continue;
    const wrong = [
      ...invalidSource(volume, field),
      ...(name === '' ? [required(nameField)] : eachInvalid(nameField, name, problemsOfLabel(name))),
    ];
    const other = first.get(name);
    if (other !== undefined) wrong.push(duplicate(nameField, name, [other]));
    if (wrong.length === 0) {
      first.set(name, nameField);
      sources.set(name, volume);
    }
    for (const place of wrong) places.push(place);
  }
  return { places, sources, names: names.length === 0 ? [path] : names };
}

/** A volume without a source is an emptyDir: the API server fills that in. */
function invalidSource(volume: JsonObject, path: FieldPath): InvalidPlace[] {
  const given = SOURCES.filter((source) => volume[source] != null);
  const fields = given.map((source) => path.field(source));
  const [first] = given;
  return [
    ...(first === undefined ? [] : wrongWithin(first, asObject(volume[first]), path.field(first))),
    ...given.slice(1).map((source) => {
      const { message } = forbidden(path.field(MISSPELT.get(source) ?? source), 'may not specify more than 1 volume type');
      return { message, fields };
    }),
  ];
}

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];

/** Of the kinds of volumes that people write most. */
function wrongWithin(kind: (typeof SOURCES)[number], source: JsonObject, path: FieldPath): InvalidPlace[] {
  const lacks = (field: string): InvalidPlace[] => (asText(source[field]) === '' ? [required(path.field(field))] : []);
  switch (kind) {
    case 'emptyDir':
      return isBelowZero(source['sizeLimit'])
        ? [forbidden(path.field('sizeLimit'), 'SizeLimit field must be a valid resource quantity')]
        : [];
    case 'hostPath':
      return [
        ...lacks('path'),
        ...backSteps(source['path'], path.field('path')),
        ...unsupportedWord(path.field('type'), source['type'], HOST_PATH_TYPES),
      ];
    case 'secret':
      return [...lacks('secretName'), ...invalidMode(source, path)];
    case 'configMap':
      return [...lacks('name'), ...invalidMode(source, path)];
    case 'persistentVolumeClaim':
      return lacks('claimName');
    case 'nfs':
      return [
        ...lacks('server'),
        ...lacks('path'),
        ...(asText(source['path']).startsWith('/')
          ? []
          : [invalid(path.field('path'), asText(source['path']), 'must be an absolute path')]),
      ];
    default:
      return [];
  }
}

function isBelowZero(value: unknown): boolean {
  const amount = typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined;
  return amount !== undefined && compareQuantities(amount, ZERO) < 0;
}

function invalidMode({ defaultMode }: JsonObject, path: FieldPath): InvalidPlace[] {
  if (typeof defaultMode !== 'number' || (defaultMode >= 0 && defaultMode <= 0o777)) return [];
  return [invalid(path.field('defaultMode'), defaultMode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

/** validatePathNoBacksteps. */
function backSteps(value: unknown, path: FieldPath): InvalidPlace[] {
  return asText(value).split('/').includes('..') ? [invalid(path, value, "must not contain '..'")] : [];
}

/** @param path of the container */
export function invalidMounts({ volumeMounts, volumeDevices }: JsonObject, path: FieldPath, volumes: PodVolumes): InvalidPlace[] {
  const [mounts, devices] = [asObjects(volumeMounts), asObjects(volumeDevices)];
  const [mountsPath, devicesPath] = [path.field('volumeMounts'), path.field('volumeDevices')];
  const firstAt = new Map<string, number>();
  for (const [index, { mountPath }] of mounts.entries()) if (!firstAt.has(asText(mountPath))) firstAt.set(asText(mountPath), index);
  return [
    ...mounts.flatMap((mount, index) => [
      ...unknownVolume(mount, mountsPath.at(index), volumes),
      ...invalidMountPath(mount, index, mountsPath, firstAt),
      ...clashes(mount, mountsPath.at(index), MOUNTED, { list: devices, path: devicesPath }),
      ...invalidSubPath(mount, mountsPath.at(index)),
    ]),
    ...devices.flatMap((device, index) => [
      ...notForBlocks(device, devicesPath.at(index), volumes),
      ...unknownVolume(device, devicesPath.at(index), volumes),
      ...clashes(device, devicesPath.at(index), DEVICE, { list: mounts, path: mountsPath }),
    ]),
  ];
}

const MOUNTED = { path: 'mountPath', otherPath: 'devicePath', others: 'volumeDevices' } as const;
const DEVICE = { path: 'devicePath', otherPath: 'mountPath', others: 'volumeMounts' } as const;

function unknownVolume({ name }: JsonObject, path: FieldPath, { sources, names }: PodVolumes): InvalidPlace[] {
  const field = path.field('name');
  const text = asText(name);
  return [...(text === '' ? [required(field)] : []), ...(sources.has(text) ? [] : [notFound(field, text, names)])];
}

/** @param firstAt the first mount of each path */
function invalidMountPath(mount: JsonObject, index: number, path: FieldPath, firstAt: ReadonlyMap<string, number>): InvalidPlace[] {
  const mountPath = asText(mount['mountPath']);
  const field = path.at(index).field('mountPath');
  const first = firstAt.get(mountPath) ?? index;
  return [
    ...(mountPath === '' ? [required(field)] : []),
    ...(first < index ? [invalid(field, mountPath, 'must be unique', [path.at(first).field('mountPath')])] : []),
  ];
}

/** A volume is mounted, or it is a device. */
function clashes(
  use: JsonObject,
  place: FieldPath,
  kind: typeof MOUNTED | typeof DEVICE,
  others: { readonly list: readonly JsonObject[]; readonly path: FieldPath },
): InvalidPlace[] {
  const ofName = others.list.findIndex(({ name }) => name === use['name']);
  const ofPath = others.list.findIndex((other) => other[kind.otherPath] === use[kind.path]);
  const [name, path] = [place.field('name'), place.field(kind.path)];
  return [
    ...(ofName < 0 ? [] : [invalid(name, use['name'], `must not already exist in ${kind.others}`, [others.path.at(ofName).field('name')])]),
    ...(ofPath < 0
      ? []
      : [
          invalid(path, use[kind.path], `must not already exist as a path in ${kind.others}`, [
            others.path.at(ofPath).field(kind.otherPath),
          ]),
        ]),
  ];
}

/** The API server names the list and not the mount (validateLocalDescendingPath). */
function invalidSubPath(mount: JsonObject, path: FieldPath): InvalidPlace[] {
  const { subPath, subPathExpr } = mount;
  const both = asText(subPath) !== '' && asText(subPathExpr) !== '';
  return [
    ...descends(mount, 'subPath', path),
    ...(both
      ? [invalid(path.field('subPathExpr'), subPathExpr, 'subPathExpr and subPath are mutually exclusive', [path.field('subPath')])]
      : []),
    ...descends(mount, 'subPathExpr', path),
  ];
}

function descends(mount: JsonObject, name: 'subPath' | 'subPathExpr', path: FieldPath): InvalidPlace[] {
  const value = asText(mount[name]);
  const said = path.parent?.field(name) ?? path;
  const wrong = [...(value.startsWith('/') ? [invalid(said, value, 'must be a relative path')] : []), ...backSteps(value, said)];
  return wrong.map(({ message }) => ({ message, fields: [path.field(name)] }));
}

function notForBlocks({ name }: JsonObject, path: FieldPath, { sources }: PodVolumes): InvalidPlace[] {
  const source = sources.get(asText(name));
  if (source === undefined || isObject(source['persistentVolumeClaim']) || isObject(source['ephemeral'])) return [];
  const detail = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
  return [invalid(path.field('name'), name, detail)];
}
