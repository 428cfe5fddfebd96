/**
 * What the LimitRanges of a namespace fill into a Pod, and what they and its ResourceQuotas refuse (docs/adr/0057).
 *
 * Mirrors kubernetes `plugin/pkg/admission/limitranger/admission.go` (the same in 1.34 to 1.37), `SetDefaults_LimitRangeItem`, and
 * `pkg/quota/v1/evaluator/core/pods.go`.
 */
import type { KubernetesMinor } from './kubernetes-version.ts';
import { mapShared } from './map-shared.ts';
import type { Container, Maybe, Pod, PodSpec, ResourceList } from './pod.ts';
import { compareQuantities, addQuantities, ZERO, type Quantity } from './quantity.ts';
import {
  aggregateContainers,
  defaultPodLevelResources,
  isExtendedResource,
  isHugePages,
  isPodLevelResource,
  readAmount,
} from './resources.ts';
import type { LimitRange, ResourceQuota } from './surroundings.ts';

type Limit = LimitRange['limits'][number];
type Amounts = NonNullable<Limit['max']>;

interface Filling {
  /** Of the Pod as it was sent: the API server fills in Pod-level resources after the plugin from 1.37 on. */
  readonly sentResources: Maybe<PodSpec['resources']>;
  readonly minor: KubernetesMinor;
}

/**
 * A Pod with what the LimitRanges of its namespace give its containers.
 *
 * @returns the Pod itself where nothing is filled in
 */
export function withLimitRanges(pod: Pod, ranges: readonly LimitRange[], { sentResources, minor }: Filling): Pod {
  const { spec } = pod;
  let { containers, initContainers } = spec;
  for (const range of ranges) {
    const defaults = containerDefaultsOf(range);
    if (defaults === undefined) continue;
    const fill = (container: Container): Container => withDefaults(container, defaults);
    containers = mapShared(containers, fill);
    if (initContainers != null) initContainers = mapShared(initContainers, fill);
  }
  if (containers === spec.containers && initContainers === spec.initContainers) return pod;
  const filled: PodSpec = { ...spec, containers, ...(initContainers != null && { initContainers }) };
  if (minor < 37 || sentResources == null) return { ...pod, spec: filled };
  const resources = defaultPodLevelResources({ ...filled, resources: sentResources }, minor);
  return { ...pod, spec: { ...filled, ...(resources != null && { resources }) } };
}

interface ContainerDefaults {
  readonly limits: Amounts;
  readonly requests: Amounts;
}

/** What a container gets that does not say it. */
function containerDefaultsOf({ limits: items }: LimitRange): ContainerDefaults | undefined {
  let limits: Amounts | undefined;
  let requests: Amounts | undefined;
  for (const item of items) {
    if (item.type !== 'Container') continue;
    const ofItem = { ...item.max, ...item.default };
    limits = { ...limits, ...ofItem };
    requests = { ...requests, ...item.min, ...ofItem, ...item.defaultRequest };
  }
  return limits === undefined || requests === undefined ? undefined : { limits, requests };
}

function withDefaults(container: Container, defaults: ContainerDefaults): Container {
  const { resources } = container;
  const limits = withMissing(resources?.limits, defaults.limits);
  const requests = withMissing(resources?.requests, defaults.requests);
  if (limits === resources?.limits && requests === resources?.requests) return container;
  return { ...container, resources: { ...resources, ...(limits != null && { limits }), ...(requests != null && { requests }) } };
}

function withMissing(list: Maybe<ResourceList>, defaults: Amounts): Maybe<ResourceList> {
  let filled: ResourceList | undefined;
  for (const [resource, amount] of Object.entries(defaults)) {
    if (list?.[resource] != null) continue;
    filled ??= { ...list };
    filled[resource] = amount;
  }
  return filled ?? list;
}

/** What the plugins would say against a Pod, each as a text that is the same for the same reason. */
export function refusalsOf(spec: PodSpec, ranges: readonly LimitRange[], quotas: readonly ResourceQuota[]): ReadonlySet<string> {
  const refusals = new Set<string>();
  for (const { name, limits } of ranges) {
    for (const [index, limit] of limits.entries()) {
      const tell = (of: string) => (reason: string) => refusals.add(`${name} ${index} ${of} ${reason}`);
      if (limit.type === 'Pod') refuse(limit, podAmounts(spec, 'requests'), podAmounts(spec, 'limits'), tell('Pod'));
      if (limit.type !== 'Container') continue;
      for (const { name: container, resources } of [...spec.containers, ...(spec.initContainers ?? [])]) {
        refuse(limit, amountsIn(resources?.requests), amountsIn(resources?.limits), tell(container));
      }
    }
  }
  for (const quota of quotas) refuseByQuota(quota, spec, refusals);
  return refusals;
}

type AmountMap = ReadonlyMap<string, Quantity>;

function amountsIn(list: Maybe<ResourceList>): Map<string, Quantity> {
  return new Map(Object.entries(list ?? {}).map(([resource, text]) => [resource, readAmount(text)]));
}

/** What the Pod counts for: its containers at their peak, and its own resources in place of theirs. */
function podAmounts(spec: PodSpec, part: 'requests' | 'limits'): Map<string, Quantity> {
  const amounts = aggregateContainers(spec, part);
  for (const [resource, text] of Object.entries(spec.resources?.[part] ?? {}))
    if (isPodLevelResource(resource)) amounts.set(resource, readAmount(text));
  return amounts;
}

function refuse({ min, max, maxLimitRequestRatio }: Limit, requests: AmountMap, limits: AmountMap, tell: (reason: string) => void): void {
  for (const [resource, text] of Object.entries(min ?? {})) {
    const [bound, request, limit] = [readAmount(text), requests.get(resource), limits.get(resource)];
    if (request === undefined || isBelow(request, bound) || (limit !== undefined && isBelow(limit, bound))) tell(`min ${resource}`);
  }
  for (const [resource, text] of Object.entries(max ?? {})) {
    const [bound, request, limit] = [readAmount(text), requests.get(resource), limits.get(resource)];
    if (limit === undefined || isBelow(bound, limit) || (request !== undefined && isBelow(bound, request))) tell(`max ${resource}`);
  }
  for (const [resource, text] of Object.entries(maxLimitRequestRatio ?? {})) {
    const [bound, request, limit] = [readAmount(text), requests.get(resource), limits.get(resource)];
    const isSet = request !== undefined && limit !== undefined && request.nano > 0n && limit.nano > 0n;
    if (!isSet || limit.nano * NANO > bound.nano * request.nano) tell(`ratio ${resource}`);
  }
}

const NANO = 1_000_000_000n;

function isBelow(a: Quantity, b: Quantity): boolean {
  return compareQuantities(a, b) < 0;
}

/** A quota with scopes is for some Pods only, and is not read (`ResourceQuota.hasScopes`). */
function refuseByQuota({ name, hard, used, hasScopes }: ResourceQuota, spec: PodSpec, refusals: Set<string>): void {
  if (hasScopes) return;
  for (const [counted, text] of Object.entries(hard)) {
    const usage = usageInQuota(counted, spec);
    if (usage === undefined) continue;
    const before = used[counted];
    const total = before === undefined ? usage : addQuantities(readAmount(before), usage);
    if (isBelow(readAmount(text), total)) refusals.add(`quota ${name} ${counted}`);
  }
}

/**
 * What one Pod counts for in a quota.
 *
 * @param counted `pods`, `requests.cpu`, or `cpu` for short
 * @returns undefined for what podgrace does not count
 */
export function usageInQuota(counted: string, spec: PodSpec): Quantity | undefined {
  if (counted === 'pods' || counted === 'count/pods') return ONE;
  const [, part = '', resource = ''] = /^(requests\.|limits\.)?(.+)$/.exec(counted) ?? [];
  if (!isCounted(part, resource)) return undefined;
  return podUsage(spec, part === 'limits.' ? 'limits' : 'requests').get(resource) ?? ZERO;
}

/** Mirrors `MatchingResources`: huge pages by their requests, and other devices by `requests.` and their name alone. */
function isCounted(part: string, resource: string): boolean {
  if (resource === 'cpu' || resource === 'memory' || resource === 'ephemeral-storage') return true;
  return isHugePages(resource) ? part !== 'limits.' : part === 'requests.' && isExtendedResource(resource);
}

/** With what the sandbox needs. Mirrors k8s.io/component-helpers `resource/helpers.go`: a limit alone is raised by it, and none is made. */
export function podUsage(spec: PodSpec, part: 'requests' | 'limits'): AmountMap {
  const amounts = podAmounts(spec, part);
  for (const [resource, text] of Object.entries(spec.overhead ?? {})) {
    const amount = amounts.get(resource);
    if (amount !== undefined || part === 'requests') amounts.set(resource, addQuantities(amount ?? ZERO, readAmount(text)));
  }
  return amounts;
}

const ONE: Quantity = { nano: NANO, format: 'DecimalSI' };
