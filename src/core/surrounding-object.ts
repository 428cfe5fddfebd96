/**
 * From an object of the API, or of a file, to what rules may know of it (`Surroundings`): the fields that rules read, and nothing
 * else. An object of another form is passed over: the API server has checked its own objects, and podgrace does not judge the
 * Services in files.
 */
import { isObject, setKey, type JsonObject } from './json.ts';
import { asNumber, asObject, asObjects, asText, metadataOf } from './json-reading.ts';
import type { LabelSelector } from './pod.ts';
import { parseQuantity } from './quantity.ts';
import type { IntOrPercentage } from './rollout.ts';
import type {
  Autoscaler,
  LimitRange,
  Namespace,
  PodDisruptionBudget,
  QuotaScope,
  ResourceQuota,
  Service,
  ServicePort,
  Utilization,
} from './surroundings.ts';
import type { Work } from './work.ts';
import { groupOf } from './workload.ts';

export type SurroundingObject =
  | { readonly surrounding: 'services'; readonly value: Service }
  | { readonly surrounding: 'podDisruptionBudgets'; readonly value: PodDisruptionBudget }
  | { readonly surrounding: 'autoscalers'; readonly value: Autoscaler }
  | { readonly surrounding: 'resourceQuotas'; readonly value: ResourceQuota }
  | { readonly surrounding: 'limitRanges'; readonly value: LimitRange };

/** @returns undefined for an object of any other kind, and for one that does not look like its kind */
export function surroundingObjectOf(object: JsonObject): SurroundingObject | undefined {
  const { apiVersion, kind } = object;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  switch (`${groupOf(apiVersion)}/${kind}`) {
    case '/Service':
      return found('services', serviceOf(object));
    case 'policy/PodDisruptionBudget':
      return found('podDisruptionBudgets', budgetOf(object));
    case 'autoscaling/HorizontalPodAutoscaler':
      return found('autoscalers', autoscalerAround(object));
    case 'keda.sh/ScaledObject':
      return found('autoscalers', scaledObjectOf(object));
    case '/ResourceQuota':
      return found('resourceQuotas', quotaOf(object));
    case '/LimitRange':
      return found('limitRanges', limitRangeOf(object));
    default:
      return undefined;
  }
}

function found<Of extends SurroundingObject>(surrounding: Of['surrounding'], value: Of['value'] | undefined): Of | undefined {
  return value === undefined ? undefined : ({ surrounding, value } as Of);
}

/** The name of an object that has a spec, or what its name will begin with; of anything else, undefined. */
function named({ metadata, spec }: JsonObject): { readonly name: string; readonly spec: JsonObject } | undefined {
  if (!isObject(metadata) || !isObject(spec)) return undefined;
  const name = metadata['name'] || metadata['generateName'];
  return typeof name === 'string' ? { name, spec } : undefined;
}

/** What rules know of a Service, with its ports of TCP and others; undefined where it has no name. */
export function serviceOf(object: JsonObject): Service | undefined {
  const of = named(object);
  if (of === undefined) return undefined;
  const ports = portsOf(of.spec['ports']);
  // The selector of a Service that is only another name counts for nothing (`ServiceSpec.Selector`).
  const isName = of.spec['type'] === 'ExternalName';
  const selector = isName ? {} : textsOf(of.spec['selector']);
  const ignoresReadiness = of.spec['publishNotReadyAddresses'] === true;
  return {
    ...{ name: of.name, selector },
    ...(ports.length > 0 && { ports }),
    ...(ignoresReadiness && { ignoresReadiness }),
    ...(isName && { externalName: asText(of.spec['externalName']) }),
  };
}

/** Without a `targetPort`, a Service sends to the port of its own number (`SetDefaults_Service`). */
function portsOf(ports: unknown): ServicePort[] {
  if (!Array.isArray(ports)) return [];
  return ports.flatMap((entry: unknown) => {
    if (!isObject(entry)) return [];
    const { name, port, targetPort, protocol } = entry;
    const target = targetPort == null || targetPort === 0 || targetPort === '' ? port : targetPort;
    if (typeof target !== 'number' && typeof target !== 'string') return [];
    const isTcp = protocol == null || protocol === '' || protocol === 'TCP';
    return [{ name: typeof name === 'string' && name !== '' ? name : undefined, targetPort: target, ...(!isTcp && { isTcp }) }];
  });
}

/** What rules know of a PodDisruptionBudget; undefined where it has no name. */
export function budgetOf(object: JsonObject, work?: Work): PodDisruptionBudget | undefined {
  const of = named(object);
  if (of === undefined) return undefined;
  const { name, spec } = of;
  return {
    name,
    selector: selectorOf(spec['selector'], work),
    minAvailable: boundOf(spec['minAvailable']),
    maxUnavailable: boundOf(spec['maxUnavailable']),
    ...(spec['unhealthyPodEvictionPolicy'] === 'AlwaysAllow' && { allowsUnhealthy: true }),
  };
}

/** A PodDisruptionBudget as a cluster has it, with what is counted. The eviction API passes over a count of an older spec, too (`checkAndDecrement`). */
export function countedBudgetOf(object: JsonObject): PodDisruptionBudget | undefined {
  const budget = budgetOf(object);
  const { currentHealthy, desiredHealthy, disruptionsAllowed, expectedPods, observedGeneration } = asObject(object['status']);
  const { generation } = metadataOf(object);
  const isOfThisSpec = asNumber(observedGeneration) > 0 && asNumber(observedGeneration) >= asNumber(generation);
  if (budget === undefined || !isOfThisSpec) return budget;
  const [healthy, desired] = [asNumber(currentHealthy), asNumber(desiredHealthy)];
  return { ...budget, count: { healthy, desired, allowed: asNumber(disruptionsAllowed), expected: asNumber(expectedPods) } };
}

/** Of a HorizontalPodAutoscaler, of whatever version. Without an `apiVersion` its target is of the core group (`pkg/controller/podautoscaler/horizontal.go`, `reconcileAutoscaler`). */
export function autoscalerFrom(object: JsonObject, work?: Work): Autoscaler | undefined {
  const fields = { min: 'minReplicas', max: 'maxReplicas', defaultApiVersion: 'v1', defaultMin: 1, defaultMax: 1 };
  const autoscaler = autoscalerWith(object, fields);
  const utilizations = autoscaler === undefined ? [] : utilizationsOf(asObject(object['spec']), asText(object['apiVersion']), work);
  return autoscaler !== undefined && utilizations.length > 0 ? { ...autoscaler, utilizations } : autoscaler;
}

const CPU: readonly Utilization[] = [{ resource: 'cpu', container: undefined }];

/**
 * In autoscaling/v2, in v2beta1 (`targetAverageUtilization`), and in v1. Without metrics, v2 compares cpu with a share of 80 %
 * (`pkg/apis/autoscaling/v2/defaults.go`).
 */
function utilizationsOf(
  { metrics, targetCPUUtilizationPercentage }: JsonObject,
  apiVersion: string,
  work: Work | undefined,
): readonly Utilization[] {
  if (numberOf(targetCPUUtilizationPercentage) !== undefined) return CPU;
  const hasNone = metrics == null || (Array.isArray(metrics) && metrics.length === 0);
  if (hasNone && apiVersion === 'autoscaling/v2') return CPU;
  const found: Utilization[] = [];
  for (const [index, { type, resource, containerResource }] of asObjects(metrics).entries()) {
    work?.spendAt(index);
    const { name, container, target, targetAverageUtilization } = asObject(type === 'ContainerResource' ? containerResource : resource);
    const share = numberOf(asObject(target)['averageUtilization']) ?? numberOf(targetAverageUtilization);
    if ((type !== 'Resource' && type !== 'ContainerResource') || typeof name !== 'string' || share === undefined) continue;
    found.push({ resource: name, container: type === 'ContainerResource' ? asText(container) : undefined });
  }
  return found;
}

/**
 * What rules know of a HorizontalPodAutoscaler around a workload. The one that KEDA makes counts as its ScaledObject, which is what somebody
 * can change. KEDA writes `minReplicas: 1` for a `minReplicaCount` of 0, too (`GetHPAMinReplicas`): so 1 says nothing, and counts as 0.
 */
export function autoscalerAround(object: JsonObject): Autoscaler | undefined {
  const autoscaler = autoscalerFrom(object);
  const isKeda = ({ apiVersion, kind, controller }: JsonObject): boolean =>
    controller === true && kind === 'ScaledObject' && groupOf(asText(apiVersion)) === 'keda.sh';
  const owner = asObjects(metadataOf(object)['ownerReferences']).find(isKeda);
  if (autoscaler === undefined || owner === undefined) return autoscaler;
  const { minReplicas } = autoscaler;
  return { ...autoscaler, name: asText(owner['name']), kind: 'ScaledObject', minReplicas: minReplicas > 1 ? minReplicas : 0 };
}

/** KEDA scales to 0 and up to 100 where nobody says otherwise. */
export function scaledObjectOf(object: JsonObject, work?: Work): Autoscaler | undefined {
  const scaled = autoscalerWith(object, {
    min: 'minReplicaCount',
    max: 'maxReplicaCount',
    idle: 'idleReplicaCount',
    defaultApiVersion: 'apps/v1',
    defaultMin: 0,
    defaultMax: 100,
  });
  if (scaled === undefined) return undefined;
  const utilizations = utilizationsOfTriggers(asObject(object['spec'])['triggers'], work);
  return { ...scaled, kind: 'ScaledObject', ...(utilizations.length > 0 && { utilizations }) };
}

/** KEDA makes a metric `Resource` or `ContainerResource` of these triggers (`pkg/scalers/cpu_memory_scaler.go`, `GetMetricSpecForScaling`). */
function utilizationsOfTriggers(triggers: unknown, work: Work | undefined): readonly Utilization[] {
  return asObjects(triggers).flatMap(({ type, metricType, metadata }, index) => {
    work?.spendAt(index);
    if (type !== 'cpu' && type !== 'memory') return [];
    const { type: olderMetricType, containerName } = asObject(metadata);
    if ((metricType || olderMetricType) !== 'Utilization') return [];
    return [{ resource: type, container: asText(containerName) || undefined }];
  });
}

interface ScaleFields {
  readonly min: string;
  readonly max: string;
  readonly idle?: string;
  readonly defaultApiVersion: string;
  readonly defaultMin: number;
  readonly defaultMax: number;
}

function autoscalerWith(
  object: JsonObject,
  { min, max, idle, defaultApiVersion, defaultMin, defaultMax }: ScaleFields,
): Autoscaler | undefined {
  const of = named(object);
  const target = of?.spec['scaleTargetRef'];
  if (of === undefined || !isObject(target) || typeof target['name'] !== 'string') return undefined;
  const { apiVersion: givenApiVersion, kind: givenKind, name } = target;
  // Go reads a null and an empty text as not set.
  const [apiVersion, kind] = [givenApiVersion || defaultApiVersion, givenKind || 'Deployment'];
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  const idleReplicas = idle === undefined ? undefined : numberOf(of.spec[idle]);
  return {
    name: of.name,
    scaleTargetRef: { apiVersion, kind, name },
    minReplicas: numberOf(of.spec[min]) ?? defaultMin,
    maxReplicas: numberOf(of.spec[max]) ?? defaultMax,
    ...(idleReplicas !== undefined && { idleReplicas }),
  };
}

/** What the quota controller enforces and has counted is in the status; a quota that is only written so far has its spec alone. */
export function quotaOf(object: JsonObject): ResourceQuota | undefined {
  const of = named(object);
  if (of === undefined) return undefined;
  const status = asObject(object['status']);
  return { name: of.name, hard: amountsOf(status['hard'] ?? of.spec['hard']), used: amountsOf(status['used']), scopes: scopesOf(of.spec) };
}

function scopesOf({ scopes, scopeSelector }: JsonObject): readonly QuotaScope[] {
  const names = Array.isArray(scopes) ? scopes.map(asText) : [];
  return [
    ...names.map((name) => ({ name, operator: 'Exists', values: [] })),
    ...asObjects(asObject(scopeSelector)['matchExpressions']).map(({ scopeName, operator, values }) => ({
      name: asText(scopeName),
      operator: asText(operator),
      values: Array.isArray(values) ? values.map(asText) : [],
    })),
  ];
}

/** What rules know of a LimitRange; undefined where it has no name. */
export function limitRangeOf(object: JsonObject): LimitRange | undefined {
  const of = named(object);
  if (of === undefined) return undefined;
  const { limits } = of.spec;
  return { name: of.name, limits: Array.isArray(limits) ? limits.flatMap(limitOf) : [] };
}

type Limit = LimitRange['limits'][number];

function limitOf(value: unknown): readonly Limit[] {
  if (!isObject(value)) return [];
  const { type } = value;
  if (type !== 'Container' && type !== 'Pod' && type !== 'PersistentVolumeClaim') return [];
  const limit: { -readonly [F in keyof Limit]: Limit[F] } = { type };
  for (const field of ['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const)
    if (isObject(value[field])) limit[field] = amountsOf(value[field]);
  return [limit];
}

/** Of a Namespace, with its spec or without (`PartialObjectMetadata`). */
export function namespaceOf({ metadata }: JsonObject): Namespace {
  const of = asObject(metadata);
  return { labels: textsOf(of['labels']), annotations: textsOf(of['annotations']) };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function boundOf(value: unknown): IntOrPercentage | undefined {
  return typeof value === 'number' || (typeof value === 'string' && /^\d+%$/.test(value)) ? value : undefined;
}

/** The quantities in a map of amounts; what is none is left out. */
export function amountsOf(value: unknown): Record<string, string | number> {
  if (!isObject(value)) return {};
  const isAmount = (entry: [string, unknown]): entry is [string, string | number] => {
    const [, amount] = entry;
    return (typeof amount === 'string' || typeof amount === 'number') && parseQuantity(amount) !== undefined;
  };
  return Object.fromEntries(Object.entries(value).filter(isAmount));
}

function textsOf(value: unknown, work?: Work): Record<string, string> {
  const texts: Record<string, string> = {};
  if (!isObject(value)) return texts;
  let index = 0;
  for (const key in value) {
    work?.spendAt(index++);
    const text = value[key];
    if (typeof text === 'string') setKey(texts, key, text);
  }
  return texts;
}

/**
 * A LabelSelector; undefined where there is none, which is not the same as one that selects everything.
 *
 * @param work counts its labels, expressions and values
 */
export function selectorOf(value: unknown, work?: Work): LabelSelector | undefined {
  if (!isObject(value)) return undefined;
  const { matchExpressions } = value;
  const expressions = Array.isArray(matchExpressions) ? matchExpressions.flatMap((each, index) => expressionOf(each, index, work)) : [];
  return { matchLabels: textsOf(value['matchLabels'], work), matchExpressions: expressions };
}

function expressionOf(value: unknown, index: number, work: Work | undefined): { key: string; operator: string; values: string[] }[] {
  work?.spendAt(index);
  if (!isObject(value) || typeof value['key'] !== 'string' || typeof value['operator'] !== 'string') return [];
  const { values } = value;
  const texts = Array.isArray(values) ? values.filter((text): text is string => typeof text === 'string') : [];
  work?.spend(texts.length);
  return [{ key: value['key'], operator: value['operator'], values: texts }];
}
