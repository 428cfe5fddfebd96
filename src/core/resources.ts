/** ResourceLists: reading an amount, adding lists up, and the Pod-level requests and limits that follow from containers. */
import type { KubernetesMinor } from './kubernetes-version.ts';
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  LONGEST_REMEMBERED,
  parseQuantity,
  roundUpToMilli,
  ZERO,
  type Quantity,
} from './quantity.ts';
import {
  containersOf,
  type ContainerReference,
  type Maybe,
  type PodSpec,
  type QuantityText,
  type ResourceList,
  type ResourceRequirements,
} from './pod.ts';
import { TextMemo } from './text-memo.ts';

/**
 * The amount of one resource, rounded up to milli units as the API server rounds every ResourceList
 * (`SetDefaults_ResourceList`), or undefined where the list does not name it. An explicit 0 is a zero amount.
 */
export function amountOf(list: Maybe<ResourceList>, resource: string): Quantity | undefined {
  const text = list?.[resource];
  return text == null ? undefined : readAmount(text);
}

/** The amount where it says something: what is absent or 0 asks for nothing and limits nothing. */
export function positiveAmountOf(list: Maybe<ResourceList>, resource: string): Quantity | undefined {
  const amount = amountOf(list, resource);
  return amount !== undefined && amount.nano > 0n ? amount : undefined;
}

/** Sets one request or limit of a container or a Pod, in canonical form. */
export function writeAmount(
  holder: { resources?: Maybe<ResourceRequirements> },
  part: 'requests' | 'limits',
  resource: string,
  amount: Quantity,
): void {
  const resources = (holder.resources ??= {});
  const list = (resources[part] ??= {});
  list[resource] = formatQuantity(amount);
}

/**
 * @throws {TypeError} for a text that is no quantity; `readPodShape` has refused those before
 */
export function readAmount(text: QuantityText): Quantity {
  const key = String(text);
  const known = ROUNDED.get(key);
  if (known !== undefined) return known;
  const quantity = parseQuantity(text);
  if (quantity === undefined) throw new TypeError(`not a quantity: ${JSON.stringify(text)}`);
  const rounded = roundUpToMilli(quantity);
  ROUNDED.set(key, rounded);
  return rounded;
}

const ROUNDED = new TextMemo<Quantity>(1024, LONGEST_REMEMBERED);

/**
 * What a Pod's containers need together at their peak: main containers and sidecars run at once, each init container runs
 * beside the sidecars that were started before it. Mirrors k8s.io/component-helpers `resource/helpers.go`
 * (`AggregateContainerRequests`, `AggregateContainerLimits`). The amounts are added in the
 * order of that code, as a sum prints in the format of its first amount; each is added once, as the peak of a resource can only
 * rise where a container names it.
 *
 * @param isWanted which resources are added up: to read and keep thousands of others takes a hundred times as long as to pass them by
 */
export function aggregateContainers(
  spec: PodSpec,
  part: 'requests' | 'limits',
  isWanted: (resource: string) => boolean,
): Map<string, Quantity> {
  const running = new Map<string, Quantity>();
  const sidecars = new Map<string, Quantity>();
  const initPeak = new Map<string, Quantity>();
  for (const { resources } of spec.containers) {
    const list = resources?.[part];
    for (const resource in list) if (isWanted(resource)) addTo(running, resource, readAmount(list[resource] ?? 0));
  }
  for (const { resources, restartPolicy } of spec.initContainers ?? []) {
    const isSidecar = restartPolicy === 'Always';
    const list = resources?.[part];
    for (const resource in list) {
      if (!isWanted(resource)) continue;
      const amount = readAmount(list[resource] ?? 0);
      if (isSidecar) {
        addTo(running, resource, amount);
        addTo(sidecars, resource, amount);
      } else {
        raiseTo(initPeak, resource, addQuantities(amount, sidecars.get(resource) ?? ZERO));
      }
    }
  }
  for (const [resource, amount] of initPeak) raiseTo(running, resource, amount);
  return running;
}

/** The same for one resource. @returns undefined where no container names it */
export function aggregateResource(spec: PodSpec, part: 'requests' | 'limits', resource: string): Quantity | undefined {
  return aggregateContainers(spec, part, (other) => other === resource).get(resource);
}

function addTo(sums: Map<string, Quantity>, resource: string, amount: Quantity): void {
  const soFar = sums.get(resource);
  sums.set(resource, soFar === undefined ? amount : addQuantities(soFar, amount));
}

function raiseTo(peaks: Map<string, Quantity>, resource: string, amount: Quantity): void {
  const peak = peaks.get(resource);
  if (peak === undefined || compareQuantities(amount, peak) > 0) peaks.set(resource, amount);
}

/** Mirrors `IsSupportedPodLevelResource`: cpu, memory and huge pages are what `spec.resources` may name. */
export function isPodLevelResource(resource: string): boolean {
  return isCpuOrMemory(resource) || isHugePages(resource);
}

function isCpuOrMemory(resource: string): boolean {
  return resource === 'cpu' || resource === 'memory';
}

/** Mirrors `IsPodLevelResourcesSet`: whether the Pod as a whole asks for something or is limited, be it with 0. */
export function hasPodLevelResources({ resources }: Pick<PodSpec, 'resources'>): boolean {
  for (const resource in resources?.requests) if (isPodLevelResource(resource)) return true;
  for (const resource in resources?.limits) if (isPodLevelResource(resource)) return true;
  return false;
}

/** Mirrors kubernetes `pkg/apis/core/v1/helper`, `IsHugePageResourceName`: `hugepages-2Mi`. */
export function isHugePages(resource: string): boolean {
  return resource.startsWith('hugepages-');
}

/** Mirrors kubernetes `pkg/apis/core/v1/helper`, `IsExtendedResourceName`: what a device plugin offers, such as `nvidia.com/gpu`. */
export function isExtendedResource(resource: string): boolean {
  return resource.includes('/') && !resource.includes('kubernetes.io/') && !resource.startsWith('requests.');
}

/**
 * The Pod-level resources with what the API server fills in (feature PodLevelResources, on since 1.34).
 *
 * Up to 1.36 `SetDefaults_Pod` does it before admission (`defaultHugePagePodLimits`, `defaultPodRequests`); from 1.37 on
 * `DefaultPodLevelResources` does it after the mutating webhooks, also for a Pod that has only requests, and fills limits
 * in too. Both are read here as the Pod will be in the end.
 *
 * @returns the same object where nothing is filled in
 */
export function defaultPodLevelResources(spec: PodSpec, minor: KubernetesMinor): Maybe<ResourceRequirements> {
  const resources = spec.resources;
  if (resources == null || (isEmpty(resources.requests) && isEmpty(resources.limits))) return resources;
  const limits = new FilledList(resources.limits);
  const requests = new FilledList(resources.requests);

  for (const [resource, amount] of aggregateContainers(spec, 'limits', isHugePages)) {
    if (!requests.names(resource)) limits.fill(resource, formatQuantity(amount));
  }
  if (minor >= 37 || !isEmpty(limits.list)) {
    for (const [resource, amount] of aggregateContainers(spec, 'requests', isCpuOrMemory)) requests.fill(resource, formatQuantity(amount));
    for (const resource in limits.list) if (isPodLevelResource(resource)) requests.fill(resource, limits.list[resource]);
  }
  if (minor >= 37) defaultLimits(spec, requests, limits);

  if (requests.list === resources.requests && limits.list === resources.limits) return resources;
  return { ...resources, ...(requests.list != null && { requests: requests.list }), ...(limits.list != null && { limits: limits.list }) };
}

/** 1.37 (`defaultPodLevelLimits`): where every container has a limit, the Pod gets their sum, or its request if that is more. */
function defaultLimits(spec: PodSpec, requests: FilledList, limits: FilledList): void {
  const sums = aggregateContainers(spec, 'limits', isPodLevelResource);
  const counted = containersOf(spec).filter(({ kind }) => kind !== 'ephemeral');
  for (const resource in requests.list) {
    const request = requests.list[resource];
    const sum = sums.get(resource);
    if (request === undefined || sum === undefined || !isPodLevelResource(resource) || limits.names(resource)) continue;
    if (!counted.every((reference) => hasLimit(reference, resource))) continue;
    limits.fill(resource, compareQuantities(readAmount(request), sum) > 0 ? request : formatQuantity(sum));
  }
}

/** A list that is copied when the first amount is filled in: most need none, and somebody may send thousands of resources. */
class FilledList {
  readonly #given: Maybe<ResourceList>;
  #filled: ResourceList | undefined;

  constructor(given: Maybe<ResourceList>) {
    this.#given = given;
  }

  /** The list as it was given where nothing is filled in. */
  get list(): Maybe<ResourceList> {
    return this.#filled ?? this.#given;
  }

  names(resource: string): boolean {
    return this.list != null && Object.hasOwn(this.list, resource);
  }

  /** Does nothing where there is an amount. */
  fill(resource: string, amount: QuantityText | undefined): void {
    if (amount === undefined || this.list?.[resource] != null) return;
    this.#filled ??= { ...this.#given };
    this.#filled[resource] = amount;
  }
}

function hasLimit({ container }: ContainerReference, resource: string): boolean {
  return container.resources?.limits?.[resource] != null;
}

function isEmpty(list: Maybe<ResourceList>): boolean {
  for (const _ in list) return false;
  return true;
}
