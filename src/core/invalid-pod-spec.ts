/**
 * What the API server accepts in no Pod spec, of what a small change of a valid one often breaks: fields that have to fit each other.
 * Mirrors kubernetes `pkg/apis/core/validation` (ValidateVolumeMounts, ValidateContainerResourceRequirements, validatePodResources,
 * validateHandler, validateLifecycleHandler, validateInitContainers), read at 1.36.3 and seen on a live API server.
 */
import { isObject, type JsonObject } from './json.ts';
import { asNumber, asObject, asObjects, asText } from './json-reading.ts';
import type { FieldPath } from './path.ts';
import type { PodSpec } from './pod.ts';
import { compareQuantities, formatQuantity, parseQuantity, type Quantity } from './quantity.ts';
import { aggregateContainers, isHugePages, readAmount } from './resources.ts';

/** One thing that is wrong. */
export interface InvalidPlace {
  /** As the API server words it: the place, and what it asks for. */
  readonly message: string;
  /** The fields that do not fit each other: to change one of them may be the mistake. */
  readonly fields: readonly FieldPath[];
}

/**
 * @param spec of a Pod, as it is stored, whose types are right
 * @param path of the spec in its object
 */
export function invalidPlaces(spec: JsonObject, path: FieldPath): InvalidPlace[] {
  const containers = [...containersIn(spec, 'initContainers', path), ...containersIn(spec, 'containers', path)];
  return [
    ...containers.flatMap((each) => [
      ...unknownVolumes(each, spec, path),
      ...invalidResources(asObject(each.container['resources']), each.path.field('resources')),
      ...repeatedPortNames(each),
      ...(each.mayHaveProbes ? invalidHandlers(each, spec, path) : probesAndHooks(each)),
    ]),
    ...sharedNames(containers, path),
    ...invalidPodResources(spec, path),
  ];
}

interface ContainerPlace {
  readonly container: JsonObject;
  readonly path: FieldPath;
  /** Init containers that are no sidecars have neither probes nor hooks. */
  readonly mayHaveProbes: boolean;
}

function containersIn(spec: JsonObject, list: 'containers' | 'initContainers', path: FieldPath): ContainerPlace[] {
  return asObjects(spec[list]).map((container, index) => ({
    container,
    path: path.field(list).at(index),
    mayHaveProbes: list === 'containers' || container['restartPolicy'] === 'Always',
  }));
}

// Volumes

function unknownVolumes({ container, path }: ContainerPlace, { volumes }: JsonObject, specPath: FieldPath): InvalidPlace[] {
  const list = asObjects(volumes);
  const known = new Set(list.map(({ name }) => name));
  const names = list.map((_, index) => specPath.field('volumes').at(index).field('name'));
  return ['volumeMounts', 'volumeDevices'].flatMap((mounts) =>
    asObjects(container[mounts]).flatMap(({ name }, index) => {
      if (known.has(name)) return [];
      const field = path.field(mounts).at(index).field('name');
      const fields = [field, ...(names.length === 0 ? [specPath.field('volumes')] : names)];
      return [{ message: `${field.text}: Not found: ${JSON.stringify(name)}`, fields }];
    }),
  );
}

// Resources

function invalidResources({ requests, limits }: JsonObject, path: FieldPath): InvalidPlace[] {
  return Object.entries(asObject(requests)).flatMap(([name, asked]) => {
    const [request, limit] = [quantityOf(asked), quantityOf(asObject(limits)[name])];
    if (request === undefined) return [];
    const fields = [path.field('requests').key(name), path.field('limits').key(name)];
    const mayExceed = mayBeOvercommitted(name);
    if (limit === undefined)
      return mayExceed
        ? []
        : [{ message: `${path.text}.limits: Required value: Limit must be set for non overcommitable resources`, fields }];
    const order = compareQuantities(request, limit);
    if (mayExceed ? order <= 0 : order === 0) return [];
    const asks = `must be ${mayExceed ? 'less than or equal' : 'equal'} to ${name} limit of ${formatQuantity(limit)}`;
    return [{ message: `${path.text}.requests: Invalid value: ${JSON.stringify(formatQuantity(request))}: ${asks}`, fields }];
  });
}

/** IsOvercommitAllowed: what Kubernetes itself knows, apart from huge pages. */
function mayBeOvercommitted(resource: string): boolean {
  return (!resource.includes('/') || resource.includes('kubernetes.io/')) && !isHugePages(resource);
}

/** The sum of all requests, and the limit of each main container, are within those of the Pod. */
function invalidPodResources(spec: JsonObject, path: FieldPath): InvalidPlace[] {
  if (!isObject(spec['resources'])) return [];
  const { requests, limits } = spec['resources'];
  const resources = path.field('resources');
  const invalid = invalidResources(spec['resources'], resources);
  const sums = aggregateContainers(spec as unknown as PodSpec, 'requests', (name) => Object.hasOwn(asObject(requests), name));
  const places = (['initContainers', 'containers'] as const).flatMap((list) => containersIn(spec, list, path));
  for (const [name, sum] of sums) {
    const request = quantityOf(asObject(requests)[name]);
    if (request === undefined || compareQuantities(sum, request) <= 0) continue;
    const field = resources.field('requests').key(name);
    invalid.push({
      message: `${field.text}: Invalid value: ${JSON.stringify(formatQuantity(request))}: must be greater than or equal to aggregate container requests of ${formatQuantity(sum)}`,
      fields: [field, ...places.map((each) => each.path.field('resources', 'requests').key(name))],
    });
  }
  for (const [index, { container, path: place }] of containersIn(spec, 'containers', path).entries()) {
    for (const [name, value] of Object.entries(asObject(asObject(container['resources'])['limits']))) {
      const [limit, most] = [quantityOf(value), quantityOf(asObject(limits)[name])];
      if (limit === undefined || most === undefined || compareQuantities(limit, most) <= 0) continue;
      invalid.push({
        message: `${resources.text}.containers[${index}][${name}].limits: Invalid value: ${JSON.stringify(formatQuantity(limit))}: must be less than or equal to pod limits of ${formatQuantity(most)}`,
        fields: [resources.field('limits').key(name), place.field('resources', 'limits').key(name)],
      });
    }
  }
  return invalid;
}

function quantityOf(value: unknown): Quantity | undefined {
  if ((typeof value !== 'string' && typeof value !== 'number') || parseQuantity(value) === undefined) return undefined;
  return readAmount(value);
}

// Names

/** Of an init container and a main container: kubectl apply takes two of one list for one. */
function sharedNames(containers: readonly ContainerPlace[], specPath: FieldPath): InvalidPlace[] {
  const main = new Map(asNamed(containers, specPath.field('containers')));
  return asNamed(containers, specPath.field('initContainers')).flatMap(([name, field]) => {
    const other = main.get(name);
    return other === undefined ? [] : [{ message: `${field.text}: Duplicate value: ${JSON.stringify(name)}`, fields: [field, other] }];
  });
}

function asNamed(containers: readonly ContainerPlace[], list: FieldPath): [string, FieldPath][] {
  return containers
    .filter(({ path }) => path.isWithin(list))
    .map(({ container, path }): [string, FieldPath] => [asText(container['name']), path.field('name')]);
}

function repeatedPortNames({ container, path }: ContainerPlace): InvalidPlace[] {
  const first = new Map<string, FieldPath>();
  return asObjects(container['ports']).flatMap(({ name }, index) => {
    const field = path.field('ports').at(index).field('name');
    if (typeof name !== 'string' || name === '') return [];
    const other = first.get(name);
    if (other !== undefined) return [{ message: `${field.text}: Duplicate value: ${JSON.stringify(name)}`, fields: [other, field] }];
    first.set(name, field);
    return [];
  });
}

// Probes and hooks

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

function probesAndHooks({ container, path }: ContainerPlace): InvalidPlace[] {
  return ['lifecycle', ...PROBES].flatMap((name) => {
    if (container[name] == null) return [];
    const field = path.field(name);
    const message = `${field.text}: Forbidden: may not be set for init containers without restartPolicy=Always`;
    return [{ message, fields: [field, path.field('restartPolicy')] }];
  });
}

function invalidHandlers({ container, path }: ContainerPlace, spec: JsonObject, specPath: FieldPath): InvalidPlace[] {
  const hooks = asObject(container['lifecycle']);
  const lifecycle = path.field('lifecycle');
  return [
    ...PROBES.flatMap((name) => [
      ...invalidHandler(container[name], path.field(name)),
      ...invalidProbe(name, container[name], path.field(name)),
    ]),
    ...['postStart', 'preStop'].flatMap((name) => [
      ...invalidHandler(hooks[name], lifecycle.field(name)),
      ...tooLongSleep(hooks[name], lifecycle.field(name), { spec, specPath }),
    ]),
  ];
}

/** A probe or a hook does one thing. */
function invalidHandler(handler: unknown, path: FieldPath): InvalidPlace[] {
  if (!isObject(handler)) return [];
  const given = HANDLERS.filter((name) => handler[name] != null);
  const [first] = given;
  if (first === undefined) return [{ message: `${path.text}: Required value: must specify a handler type`, fields: [path] }];
  const fields = given.map((name) => path.field(name));
  return fields.slice(1).map((field) => ({ message: `${field.text}: Forbidden: may not specify more than 1 handler type`, fields }));
}

function invalidProbe(name: (typeof PROBES)[number], probe: unknown, path: FieldPath): InvalidPlace[] {
  const { successThreshold, terminationGracePeriodSeconds: graceSeconds } = asObject(probe);
  const invalid: InvalidPlace[] = [];
  const add = (field: FieldPath, value: unknown, asks: string): void => {
    invalid.push({ message: `${field.text}: Invalid value: ${String(value)}: ${asks}`, fields: [field] });
  };
  if (name === 'readinessProbe') {
    if (graceSeconds != null) add(path.field('terminationGracePeriodSeconds'), graceSeconds, 'must not be set for readinessProbes');
  } else if (typeof successThreshold === 'number' && successThreshold > 1) {
    add(path.field('successThreshold'), successThreshold, 'must be 1');
  }
  return invalid;
}

/** A sleep is no longer than the grace period. */
function tooLongSleep(
  hook: unknown,
  path: FieldPath,
  { spec, specPath }: { readonly spec: JsonObject; readonly specPath: FieldPath },
): InvalidPlace[] {
  const { sleep } = asObject(hook);
  const { terminationGracePeriodSeconds: graceSeconds } = spec;
  if (!isObject(sleep) || typeof graceSeconds !== 'number') return [];
  const seconds = asNumber(sleep['seconds']);
  if (seconds >= 0 && seconds <= graceSeconds) return [];
  const asks = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
  const fields = [path.field('sleep', 'seconds'), specPath.field('terminationGracePeriodSeconds')];
  return [{ message: `${path.field('sleep').text}: Invalid value: ${seconds}: ${asks}`, fields }];
}
