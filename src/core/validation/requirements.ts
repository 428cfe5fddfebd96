/**
 * What the API server does not accept of requests and limits. Mirrors kubernetes `pkg/apis/core/validation`
 * (validateResourceRequirements, validatePodResources, validatePodResourceConsistency), read at 1.36.3.
 */
import { isObject, type JsonObject } from '../json.ts';
import { asObject, asObjects } from '../json-reading.ts';
import type { FieldPath } from '../path.ts';
import type { PodSpec } from '../pod.ts';
import { compareQuantities, formatQuantity, parseQuantity, wholeUnits, ZERO, type Quantity } from '../quantity.ts';
import { aggregateContainers, isExtendedResource, isHugePages, isPodLevelResource, readAmount } from '../resources.ts';
import { eachInvalid, forbidden, invalid, IS_NEGATIVE, required, unsupported, type InvalidPlace } from './invalid-place.ts';
import { problemsOfKey } from './names.ts';

type NameProblems = (resource: string, path: FieldPath) => InvalidPlace[];

/** @param path of the requirements */
export function invalidRequirements(
  requirements: unknown,
  path: FieldPath,
  invalidName: NameProblems = invalidContainerName,
): InvalidPlace[] {
  const [requests, limits] = [asObject(asObject(requirements)['requests']), asObject(asObject(requirements)['limits'])];
  return [
    ...Object.entries(limits).flatMap(([name, amount]) => invalidAmount(name, amount, path.field('limits').key(name), invalidName)),
    ...Object.entries(requests).flatMap(([name, amount]) => [
      ...invalidAmount(name, amount, path.field('requests').key(name), invalidName),
      ...besideLimit(name, amount, limits, path),
    ]),
    ...hugePagesAlone(requests, limits, path),
  ];
}

function invalidAmount(name: string, value: unknown, path: FieldPath, invalidName: NameProblems): InvalidPlace[] {
  const amount = quantityOf(value);
  const places = invalidName(name, path);
  if (amount === undefined) return places;
  const text = formatQuantity(amount);
  if (compareQuantities(amount, ZERO) < 0) places.push(invalid(path, text, IS_NEGATIVE));
  if (isExtendedResource(name) && !isWhole(amount)) places.push(invalid(path, text, 'must be an integer'));
  return places;
}

function isWhole(amount: Quantity): boolean {
  return compareQuantities(amount, parseQuantity(String(wholeUnits(amount))) ?? ZERO) === 0;
}

function besideLimit(name: string, asked: unknown, limits: JsonObject, path: FieldPath): InvalidPlace[] {
  const [request, limit] = [quantityOf(asked), quantityOf(limits[name])];
  if (request === undefined) return [];
  const [requestField, limitField] = [path.field('requests').key(name), path.field('limits').key(name)];
  const mayExceed = mayBeOvercommitted(name);
  if (limit === undefined) {
    if (mayExceed) return [];
    const { message } = required(path.field('limits'), 'Limit must be set for non overcommitable resources');
    return [{ message, fields: [requestField, limitField] }];
  }
  const order = compareQuantities(request, limit);
  if (mayExceed ? order <= 0 : order === 0) return [];
  const asks = `must be ${mayExceed ? 'less than or equal' : 'equal'} to ${name} limit of ${formatQuantity(limit)}`;
  const { message } = invalid(path.field('requests'), formatQuantity(request), asks);
  return [{ message, fields: [requestField, limitField] }];
}

/** IsOvercommitAllowed: what Kubernetes itself knows, apart from huge pages. */
function mayBeOvercommitted(resource: string): boolean {
  return (!resource.includes('/') || resource.includes('kubernetes.io/')) && !isHugePages(resource);
}

function hugePagesAlone(requests: JsonObject, limits: JsonObject, path: FieldPath): InvalidPlace[] {
  const [asked, allowed] = [Object.keys(requests), Object.keys(limits)];
  const names = [...asked, ...allowed];
  if (!names.some((name) => isHugePages(name)) || names.includes('cpu') || names.includes('memory')) return [];
  const fields = [
    ...asked.map((name) => path.field('requests').key(name)),
    ...allowed.map((name) => path.field('limits').key(name)),
    ...['requests', 'limits'].flatMap((part) => ['cpu', 'memory'].map((name) => path.field(part).key(name))),
  ];
  return [{ message: forbidden(path, 'HugePages require cpu or memory').message, fields }];
}

function quantityOf(value: unknown): Quantity | undefined {
  if ((typeof value !== 'string' && typeof value !== 'number') || parseQuantity(value) === undefined) return undefined;
  return readAmount(value);
}

// Names

const OF_CONTAINERS: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
/** What else a ResourceQuota may name (`standardResources`). */
const OF_QUOTAS: ReadonlySet<string> = new Set([
  ...['requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'limits.cpu', 'limits.memory', 'limits.ephemeral-storage', 'pods'],
  ...['resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'storage'],
  ...['requests.storage', 'services.nodeports', 'services.loadbalancers'],
]);

/** validateContainerResourceName. */
function invalidContainerName(resource: string, path: FieldPath): InvalidPlace[] {
  const places = invalidResourceName(resource, path);
  if (!resource.includes('/')) {
    if (!OF_CONTAINERS.has(resource) && !isHugePages(resource))
      places.push(invalid(path, resource, 'must be a standard resource for containers'));
  } else if (!resource.includes('kubernetes.io/') && !isExtendedResource(resource)) {
    places.push(invalid(path, resource, "doesn't follow extended resource name standard"));
  }
  return places;
}

/** validatePodResourceName. */
function invalidPodLevelName(resource: string, path: FieldPath): InvalidPlace[] {
  const places = invalidResourceName(resource, path);
  if (places.length > 0 || isPodLevelResource(resource)) return places;
  return [unsupported(path, resource, ['cpu', 'hugepages-', 'memory'])];
}

/** validateResourceName. */
function invalidResourceName(resource: string, path: FieldPath): InvalidPlace[] {
  const problems = problemsOfKey(resource);
  if (problems.length > 0) return eachInvalid(path, resource, problems);
  const isKnown = resource.includes('/') || OF_CONTAINERS.has(resource) || OF_QUOTAS.has(resource) || isHugePages(resource);
  return isKnown ? [] : [invalid(path, resource, 'must be a standard resource type or fully qualified')];
}

// The Pod as a whole

/** The sum of all requests, and the limit of each main container, are within those of the Pod. */
export function invalidPodResources(spec: JsonObject, path: FieldPath): InvalidPlace[] {
  if (!isObject(spec['resources'])) return [];
  const { requests, limits } = spec['resources'];
  const resources = path.field('resources');
  const places = invalidRequirements(spec['resources'], resources, invalidPodLevelName);
  const sums = aggregateContainers(spec as unknown as PodSpec, 'requests', (name) => Object.hasOwn(asObject(requests), name));
  const containers = ['initContainers', 'containers'].flatMap((list) =>
    asObjects(spec[list]).map((_, index) => path.field(list).at(index)),
  );
  for (const [name, sum] of sums) {
    const request = quantityOf(asObject(requests)[name]);
    if (request === undefined || compareQuantities(sum, request) <= 0) continue;
    const asks = `must be greater than or equal to aggregate container requests of ${formatQuantity(sum)}`;
    const others = containers.map((each) => each.field('resources', 'requests').key(name));
    places.push(invalid(resources.field('requests').key(name), formatQuantity(request), asks, others));
  }
  for (const [index, container] of asObjects(spec['containers']).entries()) {
    for (const [name, value] of Object.entries(asObject(asObject(container['resources'])['limits']))) {
      const [limit, most] = [quantityOf(value), quantityOf(asObject(limits)[name])];
      if (limit === undefined || most === undefined || compareQuantities(limit, most) <= 0) continue;
      const said = resources.field('containers').at(index).key(name).field('limits');
      const { message } = invalid(said, formatQuantity(limit), `must be less than or equal to pod limits of ${formatQuantity(most)}`);
      const own = path.field('containers').at(index).field('resources', 'limits').key(name);
      places.push({ message, fields: [resources.field('limits').key(name), own] });
    }
  }
  return places;
}
