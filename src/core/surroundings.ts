/**
 * What a rule may know of the objects around the one that it judges. Each is known, or unknown with the reason: a rule that does
 * not know says so or decides by the spec alone, and never guesses (docs/adr/0037).
 */
import type { IntOrPercentage } from './rollout.ts';
import type { LabelSelector, Maybe } from './pod.ts';
import type { Subject } from './subject.ts';
import { groupOf } from './workload.ts';

export type Known<T> =
  | { readonly isKnown: true; readonly value: T }
  /** @property reason a sentence without its full stop */
  | { readonly isKnown: false; readonly reason: string };

/** The objects are those of the namespace of the subject, with the fields that rules read, as the API has them. */
export interface Surroundings {
  readonly services: Known<readonly Service[]>;
  readonly podDisruptionBudgets: Known<readonly PodDisruptionBudget[]>;
  readonly autoscalers: Known<readonly Autoscaler[]>;
  readonly workloads: Known<KnownWorkloads>;
  readonly resourceQuotas: Known<readonly ResourceQuota[]>;
  readonly limitRanges: Known<readonly LimitRange[]>;
  readonly namespace: Known<Namespace>;
  readonly configMaps: Known<Inventory>;
  readonly secrets: Known<Inventory>;
  readonly claims: Known<Inventory>;
  readonly serviceAccounts: Known<Inventory>;
  /** Of the cluster, as runtime classes are. */
  readonly priorityClasses: Known<Inventory>;
  readonly runtimeClasses: Known<Inventory>;
  readonly resourceClaims: Known<Inventory>;
  readonly resourceClaimTemplates: Known<Inventory>;
  /** Of all workloads of one application, as files have them (docs/adr/0051). */
  readonly workloadSettings: Known<readonly WorkloadSettings[]>;
  /** By the name of the image as the Pod has it; of an image that is missing, nobody has asked. */
  readonly images: Known<ReadonlyMap<string, Known<ImageConfiguration>>>;
}

export type Surrounding = keyof Surroundings;

export interface Service {
  readonly name: string;
  /** Empty where the Service selects no Pods. */
  readonly selector: Labels;
  /** Absent where it has none. */
  readonly ports?: readonly ServicePort[];
  /** Whether it sends traffic to its Pods whether they are ready or not, and to the end of those that stop (`publishNotReadyAddresses`). Absent for most. */
  readonly ignoresReadiness?: true;
  /** Of a Service that is only another name for a host (`type: ExternalName`): that host. Absent for all others. */
  readonly externalName?: string;
}

export interface ServicePort {
  readonly name: string | undefined;
  /** The number of a container's port, or its name. */
  readonly targetPort: number | string;
  /** Absent for TCP, which most are. */
  readonly isTcp?: false;
}

export interface PodDisruptionBudget {
  readonly name: string;
  readonly selector: Maybe<LabelSelector>;
  readonly minAvailable: Maybe<IntOrPercentage>;
  readonly maxUnavailable: Maybe<IntOrPercentage>;
  /** Whether Pods that are not ready may always be evicted (`unhealthyPodEvictionPolicy: AlwaysAllow`). Absent for most. */
  readonly allowsUnhealthy?: true;
  /** Absent in files. */
  readonly count?: BudgetCount;
}

/** What the disruption controller has counted last, of all Pods that a budget selects. */
export interface BudgetCount {
  /** Pods that are ready (`currentHealthy`). */
  readonly healthy: number;
  /** Those that have to be (`desiredHealthy`). */
  readonly desired: number;
  /** Evictions of ready Pods (`disruptionsAllowed`). */
  readonly allowed: number;
  /** `expectedPods`: all Pods that are there for a `minAvailable` of a number; else the replicas that their controllers ask for. */
  readonly expected: number;
}

export interface Autoscaler {
  readonly name: string;
  /** Absent for a HorizontalPodAutoscaler, which most are. */
  readonly kind?: 'ScaledObject';
  readonly scaleTargetRef: { readonly apiVersion: string; readonly kind: string; readonly name: string };
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Of a ScaledObject: the Pods that are left while there is nothing to do, fewer than `minReplicas`. */
  readonly idleReplicas?: number;
  /** What it compares with requests (`Utilization`); absent where it compares nothing with them. */
  readonly utilizations?: readonly Utilization[];
}

/** A target of an autoscaler that is a share of what containers request. */
export interface Utilization {
  /** `cpu`, `memory` */
  readonly resource: string;
  /** Undefined for all containers of the Pod. */
  readonly container: string | undefined;
}

/** Who budgets and autoscalers are about (docs/adr/0050). */
export interface KnownWorkloads {
  /** Whether there are no others that make Pods. */
  readonly isComplete: boolean;
  readonly workloads: readonly KnownWorkload[];
}

export interface KnownWorkload {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Of its Pods. */
  readonly labels: Labels;
  /** With the API server's default; undefined for kinds without replicas. */
  readonly replicas: number | undefined;
  /** Whether its file says how many; an API server fills in 1. */
  readonly setsReplicas: boolean;
  /** Whether its Pods write to claims or to directories of their node. */
  readonly keepsData: boolean;
  /** Absent except for a Pod without a controller that ends by itself (`restartPolicy: Never` or `OnFailure`), as one of `helm test` does. */
  readonly runsOnce?: true;
  /** Absent except for a Job that has ended and whose Pods are still there. */
  readonly hasEnded?: true;
}

/** Amounts are quantities by the name of the resource: `requests.cpu`. */
export interface ResourceQuota {
  readonly name: string;
  readonly hard: Amounts;
  readonly used: Amounts;
  /** It is for Pods that are within all of them: by priority, QoS class or deadline. */
  readonly scopes: readonly QuotaScope[];
}

export interface QuotaScope {
  readonly name: string;
  /** `Exists` where the quota lists the name of the scope alone. */
  readonly operator: string;
  readonly values: readonly string[];
}

export interface LimitRange {
  readonly name: string;
  readonly limits: readonly {
    readonly type: 'Container' | 'Pod' | 'PersistentVolumeClaim';
    readonly min?: Amounts;
    readonly max?: Amounts;
    readonly default?: Amounts;
    readonly defaultRequest?: Amounts;
    readonly maxLimitRequestRatio?: Amounts;
  }[];
}

export interface Namespace {
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** Objects of one kind that Pods name (docs/adr/0049). */
export interface Inventory {
  /** Whether there are no others. */
  readonly isComplete: boolean;
  readonly objects: readonly NamedObject[];
}

export interface NamedObject {
  /** `data-db-*` for the claims that a StatefulSet makes, one for each of its Pods. */
  readonly name: string;
  /** All keys of a ConfigMap or a Secret; undefined where nobody knows them all. */
  readonly keys?: readonly string[] | undefined;
  /** Of a RuntimeClass: what the sandbox of each Pod needs besides its containers. */
  readonly overhead?: Amounts | undefined;
  /** Of a PersistentVolumeClaim: `ReadWriteOnce`, `ReadWriteMany`. */
  readonly accessModes?: readonly string[];
  /** Of a claim: whether its volume keeps no second Pod waiting, though it is ReadWriteOnce (`local-claim.ts`). Absent for most. */
  readonly isForTwoPods?: true;
  /** Of a claim of a cluster: why the scheduler places no Pod that names it, though it is there. */
  readonly unusable?: 'deleted' | 'lost';
}

/** What inventories are of. The server never asks the API for them: nobody needs to let it read Secrets. */
export const INVENTORIES = [
  'configMaps',
  'secrets',
  'claims',
  'serviceAccounts',
  'priorityClasses',
  'runtimeClasses',
  'resourceClaims',
  'resourceClaimTemplates',
] as const;
export type InventoryName = (typeof INVENTORIES)[number];

/** The variables of a workload that have a literal value. */
export interface WorkloadSettings {
  readonly kind: string;
  readonly name: string;
  /** `LOG_LEVEL=info`, each once (`settingOf`). */
  readonly settings: readonly string[];
}

/** As the OCI image specification has it (config.md); what an image leaves out is empty. */
export interface ImageConfiguration {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly user: string;
  /** By its name, as `SIGQUIT`; undefined for an image that leaves it to the runtime, which sends SIGTERM. */
  readonly stopSignal: string | undefined;
  readonly labels: Labels;
}

/** What tells an object from the others of its list: autoscalers of two kinds may have one name. */
export function keyOfSurrounding({ name, kind }: Pick<Autoscaler, 'name' | 'kind'>): string {
  return kind === undefined ? name : `${name}\0${kind}`;
}

type Labels = Readonly<Record<string, string>>;
type Amounts = Readonly<Record<string, string | number>>;

/** What each is called in texts. */
export const SURROUNDING_NAMES: Readonly<Record<Surrounding, string>> = {
  services: 'the Services of the namespace',
  podDisruptionBudgets: 'the PodDisruptionBudgets of the namespace',
  autoscalers: 'the autoscalers of the namespace',
  workloads: 'the workloads of the namespace',
  resourceQuotas: 'the ResourceQuotas of the namespace',
  limitRanges: 'the LimitRanges of the namespace',
  namespace: 'the labels and annotations of the namespace',
  configMaps: 'the ConfigMaps of the namespace',
  secrets: 'the names of the Secrets of the namespace',
  claims: 'the PersistentVolumeClaims of the namespace',
  serviceAccounts: 'the ServiceAccounts of the namespace',
  priorityClasses: 'the PriorityClasses of the cluster',
  runtimeClasses: 'the RuntimeClasses of the cluster',
  resourceClaims: 'the ResourceClaims of the namespace',
  resourceClaimTemplates: 'the ResourceClaimTemplates of the namespace',
  workloadSettings: 'the other workloads of the application',
  images: 'the configuration of the images',
};

/** Nobody has looked at anything but the object itself. */
export const NOTHING_KNOWN: Surroundings = {
  services: notRead('services'),
  podDisruptionBudgets: notRead('podDisruptionBudgets'),
  autoscalers: notRead('autoscalers'),
  workloads: notRead('workloads'),
  resourceQuotas: notRead('resourceQuotas'),
  limitRanges: notRead('limitRanges'),
  namespace: notRead('namespace'),
  configMaps: notRead('configMaps'),
  secrets: notRead('secrets'),
  claims: notRead('claims'),
  serviceAccounts: notRead('serviceAccounts'),
  priorityClasses: notRead('priorityClasses'),
  runtimeClasses: notRead('runtimeClasses'),
  resourceClaims: notRead('resourceClaims'),
  resourceClaimTemplates: notRead('resourceClaimTemplates'),
  workloadSettings: notRead('workloadSettings'),
  images: notRead('images'),
};

function notRead(surrounding: Surrounding): Known<never> {
  return { isKnown: false, reason: `podgrace has not read ${SURROUNDING_NAMES[surrounding]}` };
}

/** The Services that are known to select Pods with these labels. */
export function servicesThatSelect(labels: Maybe<Labels>, services: Surroundings['services']): readonly Service[] {
  return services.isKnown ? services.value.filter(({ selector }) => selects(selector, labels ?? {})) : NO_SERVICES;
}

const NO_SERVICES: readonly Service[] = [];

/** An empty selector of a Service selects nothing. */
export function selects(selector: Labels, labels: Labels): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}

/** Whether a selector of the API's newer kinds fits these labels (`metav1.LabelSelector`): an empty one fits all, a missing one none. */
export function selectsPods(selector: Maybe<LabelSelector>, labels: Labels): boolean {
  if (selector == null) return false;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {}))
    if (labels[key] !== value || !Object.hasOwn(labels, key)) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    const isListed = value !== undefined && (values ?? []).includes(value);
    return operator === 'In' ? isListed : operator === 'NotIn' && !isListed;
  });
}

/** The first autoscaler that is known to scale a workload. */
export function autoscalerOf(
  { apiVersion, kind, name }: Pick<Subject, 'apiVersion' | 'kind' | 'name'>,
  autoscalers: readonly Autoscaler[],
): Autoscaler | undefined {
  return autoscalers.find((autoscaler) => isScaledBy({ apiVersion, kind, name }, autoscaler));
}

/**
 * Whether an autoscaler starts a workload of 0 replicas again. KEDA does; a HorizontalPodAutoscaler is switched off by them, unless it
 * may go down to 0 itself (`pkg/controller/podautoscaler/horizontal.go`, `reconcileAutoscaler`).
 */
export function startsFromNone({ kind, minReplicas }: Pick<Autoscaler, 'kind' | 'minReplicas'>): boolean {
  return kind === 'ScaledObject' || minReplicas === 0;
}

/** Whether an autoscaler names a workload as its target, in whatever version. */
export function isScaledBy(
  { apiVersion, kind, name }: Pick<KnownWorkload, 'apiVersion' | 'kind' | 'name'>,
  { scaleTargetRef: target }: Pick<Autoscaler, 'scaleTargetRef'>,
): boolean {
  return target.name === name && target.kind === kind && groupOf(target.apiVersion) === groupOf(apiVersion);
}

/**
 * The objects around another one, without that one. Several objects may have one `generateName`, which is all that tells them apart
 * before they are created: only the first of them is taken for the object itself.
 */
export function* othersThan<T>(isItself: (object: T) => boolean, objects: Iterable<T>): Generator<T, void, undefined> {
  let isItselfSeen = false;
  for (const object of objects) {
    if (isItselfSeen || !isItself(object)) yield object;
    else isItselfSeen = true;
  }
}
