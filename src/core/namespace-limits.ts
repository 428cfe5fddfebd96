/**
 * What the LimitRanges of a namespace fill into a Pod, and what they and its ResourceQuotas refuse (docs/adr/0057).
 *
 * Mirrors kubernetes `plugin/pkg/admission/limitranger/admission.go` (the same in 1.34 to 1.37), `SetDefaults_LimitRangeItem`, and
 * `pkg/quota/v1/evaluator/core/pods.go`.
 */
import type { KubernetesMinor } from './kubernetes-version.ts';
import { mapShared } from './map-shared.ts';
import type { Container, Maybe, Pod, PodSpec, ResourceList } from './pod.ts';
import { entryOf } from './map-entry.ts';
import { oncePer } from './once-per.ts';
import { addQuantities, compareQuantities, subtractQuantities, ZERO, type Quantity } from './quantity.ts';
import {
  aggregateContainers,
  defaultPodLevelResources,
  isExtendedResource,
  isHugePages,
  isPodLevelResource,
  readAmount,
} from './resources.ts';
import type { LimitRange, ResourceQuota } from './surroundings.ts';
import { Work } from './work.ts';

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
  const defaults = defaultsOf(ranges);
  if (defaults === undefined) return pod;
  const { spec } = pod;
  const fill = (container: Container): Container => withDefaults(container, defaults);
  const containers = mapShared(spec.containers, fill);
  const initContainers = spec.initContainers == null ? spec.initContainers : mapShared(spec.initContainers, fill);
  if (containers === spec.containers && initContainers === spec.initContainers) return pod;
  const filled: PodSpec = { ...spec, containers, ...(initContainers != null && { initContainers }) };
  if (minor < 37 || sentResources == null) return { ...pod, spec: filled };
  const resources = defaultPodLevelResources({ ...filled, resources: sentResources }, minor);
  return { ...pod, spec: { ...filled, ...(resources != null && { resources }) } };
}

export interface ContainerDefaults {
  readonly limits: Amounts;
  readonly requests: Amounts;
}

/**
 * What a container gets that does not say it: of each resource, what the first LimitRange says that says something. The API server
 * asks them in no order (`disputedDefaultsOf`), so the order of their names stands for all: whoever judges, judges the same.
 */
const defaultsOf = oncePer((ranges: readonly LimitRange[]): ContainerDefaults | undefined => {
  const all = inOrderOfNames(ranges).flatMap((range) => containerDefaultsOf(range) ?? []);
  const firstOf = (part: keyof ContainerDefaults): Amounts =>
    Object.fromEntries(all.toReversed().flatMap((of) => Object.entries(of[part])));
  return all.length === 0 ? undefined : { limits: firstOf('limits'), requests: firstOf('requests') };
});

function inOrderOfNames(ranges: readonly LimitRange[]): readonly LimitRange[] {
  return ranges.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** What a container gets from one LimitRange. */
export function containerDefaultsOf({ limits: items }: LimitRange): ContainerDefaults | undefined {
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

/**
 * What the plugins would say against a Pod, each as a text that is the same for the same reason. Of several bounds of one resource, the
 * strictest speaks for all.
 *
 * @param quotas those that count the Pod (`quotasThatCount`)
 */
export function refusalsOf(
  spec: PodSpec,
  ranges: readonly LimitRange[],
  quotas: readonly ResourceQuota[],
  work = Work.UNBOUNDED,
): ReadonlySet<string> {
  const refusals = new Set<string>();
  const { ofPod, ofContainer } = boundsOf(ranges);
  if (ofPod.length > 0) refuse(ofPod, podAmounts(spec, 'requests'), podAmounts(spec, 'limits'), (reason) => refusals.add(`Pod ${reason}`));
  if (ofContainer.length > 0) {
    for (const { name, resources } of [...spec.containers, ...(spec.initContainers ?? [])]) {
      work.spend(ofContainer.length);
      refuse(ofContainer, amountsIn(resources?.requests), amountsIn(resources?.limits), (reason) => refusals.add(`${name} ${reason}`));
    }
  }
  const usageOf = usageInQuotas(spec);
  for (const { quota, counted, left } of leftIn(quotas)) {
    work.spend(1);
    const usage = usageOf(counted);
    if (usage !== undefined && isBelow(left, usage)) refusals.add(`quota ${quota} ${counted}`);
  }
  for (const { container, amount } of unsetForQuotas(spec, quotas, work)) refusals.add(`${container} ${amount} for a quota`);
  return refusals;
}

/** What a container has to set, as a quota that counts it refuses the Pod otherwise. */
export interface UnsetAmount {
  readonly container: string;
  /** `requests.cpu`. */
  readonly amount: string;
}

/** @param quotas those that count the Pod */
export function unsetForQuotas(spec: PodSpec, quotas: readonly ResourceQuota[], work = Work.UNBOUNDED): UnsetAmount[] {
  const unset: UnsetAmount[] = [];
  for (const { part, resource } of hasPodLevelResources(spec) ? [] : requiredBy(quotas)) {
    work.spend(1);
    for (const { name, resources } of [...spec.containers, ...(spec.initContainers ?? [])])
      if (resources?.[part]?.[resource] == null) unset.push({ container: name, amount: `${part}.${resource}` });
  }
  return unset;
}

function hasPodLevelResources({ resources }: PodSpec): boolean {
  return Object.keys({ ...resources?.requests, ...resources?.limits }).some(isPodLevelResource);
}

/** What each container has to say, because a quota counts it. Mirrors `Constraints` and its `validationSet`. */
const requiredBy = oncePer((quotas: readonly ResourceQuota[]): readonly Required[] => {
  const counted = new Set(quotas.flatMap(({ hard }) => Object.keys(hard)));
  return REQUIRED.filter(({ as }) => as.some((name) => counted.has(name)));
});

interface Required {
  readonly part: 'requests' | 'limits';
  readonly resource: string;
  /** How a quota names it. */
  readonly as: readonly string[];
}

const REQUIRED: readonly Required[] = ['cpu', 'memory'].flatMap((resource): Required[] => [
  { part: 'requests', resource, as: [resource, `requests.${resource}`] },
  { part: 'limits', resource, as: [`limits.${resource}`] },
]);

interface Bound {
  readonly kind: 'min' | 'max' | 'maxLimitRequestRatio';
  readonly resource: string;
  readonly amount: Quantity;
}

/** The strictest bounds of all LimitRanges. */
const boundsOf = oncePer((ranges: readonly LimitRange[]): { readonly ofPod: readonly Bound[]; readonly ofContainer: readonly Bound[] } => {
  const limits = ranges.flatMap((range) => range.limits);
  return {
    ofPod: strictestOf(limits.filter(({ type }) => type === 'Pod')),
    ofContainer: strictestOf(limits.filter(({ type }) => type === 'Container')),
  };
});

function strictestOf(limits: readonly Limit[]): readonly Bound[] {
  const bounds = new Map<string, Bound>();
  for (const limit of limits) {
    for (const kind of ['min', 'max', 'maxLimitRequestRatio'] as const) {
      for (const [resource, text] of Object.entries(limit[kind] ?? {})) {
        const amount = readAmount(text);
        const known = bounds.get(`${kind} ${resource}`);
        const isStricter = known === undefined || (kind === 'min' ? isBelow(known.amount, amount) : isBelow(amount, known.amount));
        if (isStricter) bounds.set(`${kind} ${resource}`, { kind, resource, amount });
      }
    }
  }
  return [...bounds.values()];
}

interface Left {
  readonly quota: string;
  readonly counted: string;
  readonly left: Quantity;
}

/** Of what quotas count, the least that one of them leaves. */
const leftIn = oncePer((quotas: readonly ResourceQuota[]): readonly Left[] => {
  const least = new Map<string, Left>();
  for (const { name, hard, used } of quotas) {
    for (const [counted, text] of Object.entries(hard)) {
      const left = subtractQuantities(readAmount(text), readAmount(used[counted] ?? 0));
      const known = least.get(counted);
      if (known === undefined || isBelow(left, known.left)) least.set(counted, { quota: name, counted, left });
    }
  }
  return [...least.values()];
});

type AmountMap = ReadonlyMap<string, Quantity>;

function amountsIn(list: Maybe<ResourceList>): Map<string, Quantity> {
  return new Map(Object.entries(list ?? {}).map(([resource, text]) => [resource, readAmount(text)]));
}

/** What the Pod counts for: its containers at their peak, and its own resources in place of theirs. */
function podAmounts(spec: PodSpec, part: 'requests' | 'limits'): Map<string, Quantity> {
  const amounts = aggregateContainers(spec, part, () => true);
  for (const [resource, text] of Object.entries(spec.resources?.[part] ?? {}))
    if (isPodLevelResource(resource)) amounts.set(resource, readAmount(text));
  return amounts;
}

function refuse(bounds: readonly Bound[], requests: AmountMap, limits: AmountMap, tell: (reason: string) => void): void {
  for (const { kind, resource, amount } of bounds) {
    if (!keeps(kind, amount, requests.get(resource), limits.get(resource))) tell(`${kind} ${resource}`);
  }
}

function keeps(kind: Bound['kind'], bound: Quantity, request: Quantity | undefined, limit: Quantity | undefined): boolean {
  switch (kind) {
    case 'min':
      return request !== undefined && !isBelow(request, bound) && (limit === undefined || !isBelow(limit, bound));
    case 'max':
      return limit !== undefined && !isBelow(bound, limit) && (request === undefined || !isBelow(bound, request));
    case 'maxLimitRequestRatio':
      return (
        request !== undefined &&
        limit !== undefined &&
        request.nano > 0n &&
        limit.nano > 0n &&
        limit.nano * NANO <= bound.nano * request.nano
      );
  }
}

const NANO = 1_000_000_000n;

function isBelow(a: Quantity, b: Quantity): boolean {
  return compareQuantities(a, b) < 0;
}

/**
 * What one Pod counts for in quotas.
 *
 * @returns a function of what a quota counts: `pods`, `requests.cpu`, or `cpu` for short; it gives undefined for what podgrace does not
 *   count, and adds up the containers once
 */
export function usageInQuotas(spec: PodSpec): (counted: string) => Quantity | undefined {
  const usages = new Map<'requests' | 'limits', AmountMap>();
  return (counted) => {
    if (counted === 'pods' || counted === 'count/pods') return ONE;
    const [, prefix = '', resource = ''] = /^(requests\.|limits\.)?(.+)$/.exec(counted) ?? [];
    if (!isCounted(prefix, resource)) return undefined;
    const part = prefix === 'limits.' ? 'limits' : 'requests';
    return entryOf(usages, part, () => podUsage(spec, part)).get(resource) ?? ZERO;
  };
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
