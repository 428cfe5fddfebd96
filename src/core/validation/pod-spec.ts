/**
 * What the API server does not accept of a Pod spec. Mirrors kubernetes `pkg/apis/core/validation` (ValidatePodSpec, validateContainers,
 * validateInitContainers, validateContainerCommon), read at 1.36.3 and seen on live API servers. Affinity, topology, security contexts,
 * DNS, resource claims and volumes that few people write are left out: what is wrong with them is not found.
 */
import type { JsonObject } from '../json.ts';
import { asObjects, asText } from '../json-reading.ts';
import type { KubernetesMinor } from '../kubernetes-version.ts';
import type { FieldPath } from '../path.ts';
import { invalidHandlers, unwantedHandlers } from './handlers.ts';
import { duplicate, eachInvalid, invalid, required, unsupportedWord, type InvalidPlace } from './invalid-place.ts';
import { invalidLabels } from './labels.ts';
import { problemsOfLabel, problemsOfSubdomain } from './names.ts';
import { invalidHostNetwork, invalidPorts, repeatedHostPorts } from './ports.ts';
import { invalidPodResources, invalidRequirements } from './requirements.ts';
import { invalidTolerations } from './tolerations.ts';
import { invalidVariables } from './variables.ts';
import { invalidMounts, readVolumes, type PodVolumes } from './volumes.ts';

export interface PodSpecContext {
  /** Whether it is that of a Pod, and not that of a template. */
  readonly isPod: boolean;
  readonly minor: KubernetesMinor;
  /** The names of the claims of a StatefulSet, which are volumes of its Pods. */
  readonly claims?: readonly string[];
}

/**
 * @param spec of a Pod, as it is stored, whose types are right
 * @param path of the spec in its object
 * @returns in the order of the API server
 */
export function invalidInPodSpec(spec: JsonObject, path: FieldPath, context: PodSpecContext): InvalidPlace[] {
  const volumes = readVolumes(spec['volumes'], path.field('volumes'), context.claims ?? []);
  return [
    ...volumes.places,
    ...invalidContainers(spec, path, volumes, context),
    ...invalidInitContainers(spec, path, volumes, context),
    ...invalidPodResources(spec, path),
    ...invalidHostNetwork(spec, path, context.isPod),
    ...unsupportedWord(path.field('restartPolicy'), spec['restartPolicy'], ['Always', 'OnFailure', 'Never']),
    ...unsupportedWord(path.field('dnsPolicy'), spec['dnsPolicy'], ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...invalidLabels(spec['nodeSelector'], path.field('nodeSelector')),
    ...sharedProcesses(spec, path, context.minor),
    ...invalidNames(spec, path, context),
    ...invalidTolerations(spec, path),
    ...priorityOf(spec, path),
  ];
}

// Containers

function invalidContainers(spec: JsonObject, path: FieldPath, volumes: PodVolumes, { minor }: PodSpecContext): InvalidPlace[] {
  const list = path.field('containers');
  const containers = asObjects(spec['containers']);
  if (containers.length === 0) return [required(list)];
  const first = new Map<string, FieldPath>();
  return [
    ...containers.flatMap((container, index) => [
      ...invalidContainer(container, list.at(index), volumes, minor),
      ...repeatedName(container, list.at(index), first),
      ...invalidHandlers(container, list.at(index), periodOf(spec, path)),
    ]),
    ...repeatedHostPorts(
      containers,
      list,
      containers.map((_, index) => index),
    ),
  ];
}

function invalidInitContainers(spec: JsonObject, path: FieldPath, volumes: PodVolumes, { minor }: PodSpecContext): InvalidPlace[] {
  const list = path.field('initContainers');
  const main = asObjects(spec['containers']).map(
    ({ name }, index) => [asText(name), path.field('containers').at(index).field('name')] as const,
  );
  const first = new Map(main);
  return asObjects(spec['initContainers']).flatMap((container, index) => {
    const field = list.at(index);
    return [
      ...invalidContainer(container, field, volumes, minor),
      ...repeatedName(container, field, first),
      ...repeatedHostPorts([container], list, [index]),
      ...(container['restartPolicy'] === 'Always'
        ? invalidHandlers(container, field, periodOf(spec, path))
        : unwantedHandlers(container, field)),
    ];
  });
}

function periodOf({ terminationGracePeriodSeconds: seconds }: JsonObject, path: FieldPath): Parameters<typeof invalidHandlers>[2] {
  return { seconds, path: path.field('terminationGracePeriodSeconds') };
}

/** What holds of containers of each kind. */
function invalidContainer(container: JsonObject, path: FieldPath, volumes: PodVolumes, minor: KubernetesMinor): InvalidPlace[] {
  const name = asText(container['name']);
  const { terminationMessagePolicy, imagePullPolicy } = container;
  return [
    ...(name === '' ? [required(path.field('name'))] : eachInvalid(path.field('name'), name, problemsOfLabel(name))),
    ...(asText(container['image']) === '' ? [required(path.field('image'))] : []),
    ...unsupportedWord(path.field('terminationMessagePolicy'), terminationMessagePolicy, ['File', 'FallbackToLogsOnError']),
    ...invalidPorts(container, path),
    ...invalidVariables(container, path, minor),
    ...invalidMounts(container, path, volumes),
    ...unsupportedWord(path.field('imagePullPolicy'), imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    ...invalidRequirements(container['resources'], path.field('resources')),
  ];
}

/** @param first where each name stands; takes in that of this container */
function repeatedName({ name }: JsonObject, path: FieldPath, first: Map<string, FieldPath>): InvalidPlace[] {
  const [text, field] = [asText(name), path.field('name')];
  const other = first.get(text);
  if (other !== undefined) return [duplicate(field, text, [other])];
  if (text !== '') first.set(text, field);
  return [];
}

// The rest

/** Before 1.37 the API server names a field that only its own code has. */
function sharedProcesses({ hostPID, shareProcessNamespace }: JsonObject, path: FieldPath, minor: KubernetesMinor): InvalidPlace[] {
  if (hostPID !== true || shareProcessNamespace !== true) return [];
  const said = minor >= 37 ? path : path.field('securityContext');
  const { message } = invalid(said.field('shareProcessNamespace'), true, 'ShareProcessNamespace and HostPID cannot both be enabled');
  return [{ message, fields: [path.field('hostPID'), path.field('shareProcessNamespace')] }];
}

/** Of a StatefulSet, its controller writes the host names over. */
function invalidNames(spec: JsonObject, path: FieldPath, { claims }: PodSpecContext): InvalidPlace[] {
  const { activeDeadlineSeconds } = spec;
  const check = (name: string, problemsOf: (text: string) => string[]): InvalidPlace[] => {
    const text = asText(spec[name]);
    return text === '' ? [] : eachInvalid(path.field(name), text, problemsOf(text));
  };
  const isWritten = claims === undefined;
  return [
    ...check('serviceAccountName', problemsOfSubdomain),
    ...check('nodeName', problemsOfSubdomain),
    ...(typeof activeDeadlineSeconds === 'number' && (activeDeadlineSeconds < 1 || activeDeadlineSeconds > 2_147_483_647)
      ? [invalid(path.field('activeDeadlineSeconds'), activeDeadlineSeconds, 'must be between 1 and 2147483647, inclusive')]
      : []),
    ...(isWritten ? [...check('hostname', problemsOfLabel), ...check('subdomain', problemsOfLabel)] : []),
  ];
}

function priorityOf({ priorityClassName }: JsonObject, path: FieldPath): InvalidPlace[] {
  const name = asText(priorityClassName);
  return name === '' ? [] : eachInvalid(path.field('priorityClassName'), name, problemsOfSubdomain(name));
}
