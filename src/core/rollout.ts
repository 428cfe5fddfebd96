/** The number of Pods that a workload asks for, and how it replaces them when its template changes. */
import { LARGEST_INT32 } from './int32.ts';
import { JOB_PATHS, readJobBounds, type JobBounds } from './job-bounds.ts';
import { isObject, type JsonObject } from './json.ts';
import { FieldPath } from './path.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';
import type { Maybe } from './pod.ts';
import type { ShapeProblem } from './shape-problem.ts';
import { readWorkloadFields } from './shape.ts';
import type { Work } from './work.ts';
import type { WorkloadKind } from './workload.ts';

/** A number of Pods, or a percentage of the replicas: `25%`. */
export type IntOrPercentage = number | string;

/** What a workload says besides its template, with the API server's defaults. */
export interface Workload {
  /** Undefined for kinds without replicas (DaemonSets). */
  readonly replicas: number | undefined;
  /** Pods that there are, also those that a rollout has started beside the old ones; undefined where nobody has counted them. */
  readonly currentReplicas?: number | undefined;
  /** Undefined for kinds that replace no Pods themselves (ReplicaSets, ReplicationControllers). */
  readonly strategy: RolloutStrategy | undefined;
  /** How long a Pod has to be ready before it counts as available. */
  readonly minReadySeconds?: number;
  /** Of Deployments alone. */
  readonly progressDeadlineSeconds?: number | undefined;
  /** Of Deployments alone: no new template is rolled out, and a new Deployment makes no Pod. Absent for most. */
  readonly isPaused?: true;
  /** Of StatefulSets alone: `OrderedReady`, `Parallel`. */
  readonly podManagementPolicy?: string | undefined;
  /** Of StatefulSets alone: the Service that gives each Pod a name in DNS. */
  readonly serviceName?: string | undefined;
  /** Of Jobs and CronJobs alone. */
  readonly job?: JobBounds | undefined;
}

export interface RolloutStrategy {
  /** In the workload: `spec.strategy`, `spec.updateStrategy`. */
  readonly path: FieldPath;
  /** `RollingUpdate`, `Recreate`, `OnDelete`. */
  readonly type: string;
  /** Undefined with other types than RollingUpdate, and where the kind has no such field or no default for it. */
  readonly maxSurge: IntOrPercentage | undefined;
  readonly maxUnavailable: IntOrPercentage | undefined;
  /** Of StatefulSets alone: a rollout leaves as many Pods as they are, the ones with the lowest numbers. */
  readonly partition?: number;
}

interface Form {
  readonly hasReplicas: boolean;
  /** Whether each of its Pods has a number. */
  readonly isNumbered?: boolean;
  /** Whether a rollout that does not go on is reported after a while. */
  readonly hasProgressDeadline?: boolean;
  readonly strategyField?: 'strategy' | 'updateStrategy';
  /** Mirrors kubernetes `pkg/apis/apps/v1/defaults.go`. */
  readonly rollingUpdate?: RollingUpdate;
  /** The first version that has these fields and their defaults; all have them if not given. */
  readonly sinceMinor?: KubernetesMinor;
}

interface RollingUpdate {
  readonly maxSurge?: IntOrPercentage;
  readonly maxUnavailable?: IntOrPercentage;
}

/** By group and kind. */
const FORMS: ReadonlyMap<string, Form> = new Map<string, Form>([
  [
    'apps/Deployment',
    {
      hasReplicas: true,
      hasProgressDeadline: true,
      strategyField: 'strategy',
      rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
    },
  ],
  // 1.37 has MaxUnavailableStatefulSet on.
  [
    'apps/StatefulSet',
    { hasReplicas: true, isNumbered: true, strategyField: 'updateStrategy', rollingUpdate: { maxUnavailable: 1 }, sinceMinor: 37 },
  ],
  ['apps/DaemonSet', { hasReplicas: false, strategyField: 'updateStrategy', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }],
  ['apps/ReplicaSet', { hasReplicas: true }],
  ['/ReplicationController', { hasReplicas: true }],
]);

/** Whether podgrace reads anything of a kind besides its template. @param name group and kind: `apps/Deployment` */
export function hasOwnFields(name: string): boolean {
  return FORMS.has(name) || JOB_PATHS.has(name);
}

type Kind = Pick<WorkloadKind, 'group' | 'kind'>;

/**
 * @param object of the kind, with a Pod template
 * @returns no workload for kinds that have neither replicas nor a strategy and are no Jobs; what can be read of one where fields have the
 *   wrong types
 */
export function readWorkload(
  object: JsonObject,
  kind: Kind,
  minor: KubernetesMinor,
  work?: Work,
): { readonly workload: Workload | undefined; readonly problems: readonly ShapeProblem[] } {
  const name = `${kind.group}/${kind.kind}`;
  const form = FORMS.get(name);
  const spec = object['spec'];
  const jobPath = JOB_PATHS.get(name);
  if (jobPath !== undefined && isObject(spec)) {
    const { bounds: job, problems } = readJobBounds(spec, jobPath, work);
    return { workload: { replicas: undefined, strategy: undefined, job }, problems };
  }
  if (form === undefined || !isObject(spec)) return { workload: undefined, problems: [] };
  const { fields, problems } = readWorkloadFields(ownFields(spec, form), work);
  const workload = {
    ...withDefaults(fields, form, minor),
    currentReplicas: form.hasReplicas ? countIn(object['status']) : undefined,
    ...(form.hasProgressDeadline === true && spec['paused'] === true && { isPaused: true as const }),
  };
  return { workload, problems };
}

/** Fields that the kind does not have are dropped by the API server, whatever stands in them. */
function ownFields(spec: JsonObject, { hasReplicas, isNumbered = false, hasProgressDeadline = false, strategyField }: Form): JsonObject {
  return {
    replicas: hasReplicas ? spec['replicas'] : undefined,
    ...(strategyField !== undefined && { [strategyField]: spec[strategyField] }),
    minReadySeconds: strategyField === undefined ? undefined : spec['minReadySeconds'],
    progressDeadlineSeconds: hasProgressDeadline ? spec['progressDeadlineSeconds'] : undefined,
    podManagementPolicy: isNumbered ? spec['podManagementPolicy'] : undefined,
    serviceName: isNumbered ? spec['serviceName'] : undefined,
    volumeClaimTemplates: isNumbered ? spec['volumeClaimTemplates'] : undefined,
  };
}

/** @param read of the right types */
function withDefaults(read: JsonObject, form: Form, minor: KubernetesMinor): Workload {
  const deadline = (read['progressDeadlineSeconds'] as Maybe<number>) ?? DEFAULT_PROGRESS_DEADLINE_SECONDS;
  return {
    replicas: form.hasReplicas ? ((read['replicas'] ?? 1) as number) : undefined,
    strategy: strategyOf(read, form, minor),
    minReadySeconds: (read['minReadySeconds'] ?? 0) as number,
    progressDeadlineSeconds: form.hasProgressDeadline === true ? deadline : undefined,
    podManagementPolicy: form.isNumbered === true ? (read['podManagementPolicy'] as Maybe<string>) || 'OrderedReady' : undefined,
    serviceName: (read['serviceName'] as Maybe<string>) || undefined,
  };
}

/** `SetDefaults_Deployment`. */
const DEFAULT_PROGRESS_DEADLINE_SECONDS = 600;

/** What the controller has counted. The API server keeps what users write there from being stored; a file may have anything there. */
function countIn(status: unknown): number | undefined {
  const replicas = isObject(status) ? status['replicas'] : undefined;
  return Number.isSafeInteger(replicas) ? (replicas as number) : undefined;
}

interface SentStrategy {
  readonly type?: Maybe<string>;
  readonly rollingUpdate?: Maybe<{
    readonly maxSurge?: Maybe<IntOrPercentage>;
    readonly maxUnavailable?: Maybe<IntOrPercentage>;
    readonly partition?: Maybe<number>;
  }>;
}

function strategyOf(
  spec: JsonObject,
  { strategyField, isNumbered = false, rollingUpdate: known, sinceMinor = 0 }: Form,
  minor: KubernetesMinor,
): RolloutStrategy | undefined {
  if (strategyField === undefined) return undefined;
  const { type, rollingUpdate } = (spec[strategyField] ?? {}) as SentStrategy;
  const path = FieldPath.of('spec', strategyField);
  if (type && type !== 'RollingUpdate') return { path, type, maxSurge: undefined, maxUnavailable: undefined };
  // Fields whose feature is off are dropped, whatever stands in them (`dropStatefulSetDisabledFields`).
  const isKept = minor >= sinceMinor;
  return {
    path,
    type: 'RollingUpdate',
    maxSurge: isKept ? (rollingUpdate?.maxSurge ?? known?.maxSurge) : undefined,
    maxUnavailable: isKept ? (rollingUpdate?.maxUnavailable ?? known?.maxUnavailable) : undefined,
    ...(isNumbered && { partition: rollingUpdate?.partition ?? 0 }),
  };
}

/**
 * How many Pods a rolling update may start above the replicas, and how many it may stop before new ones serve. Mirrors
 * kubernetes `pkg/controller/deployment/util`, `ResolveFenceposts`: the one is rounded up and the other down. There, what rounds
 * to 0 on both sides becomes one Pod that may be stopped, so that the rollout is not stuck; `isStuckOtherwise` says so. No more Pods
 * are stopped than there are (`MaxUnavailable`).
 */
export function rolloutBounds(
  { maxSurge, maxUnavailable }: { readonly maxSurge: IntOrPercentage; readonly maxUnavailable: IntOrPercentage },
  replicas: number,
): { readonly surge: number; readonly unavailable: number; readonly isStuckOtherwise: boolean } {
  const surge = Math.ceil(podsOf(maxSurge, replicas));
  const unavailable = Math.min(Math.floor(podsOf(maxUnavailable, replicas)), replicas);
  const isStuckOtherwise = surge === 0 && unavailable === 0;
  return { surge, unavailable: isStuckOtherwise ? 1 : unavailable, isStuckOtherwise };
}

function podsOf(value: IntOrPercentage, replicas: number): number {
  return typeof value === 'number' ? value : (Number.parseInt(value, 10) * replicas) / 100;
}

/** How a workload with replicas replaces its Pods when its template changes. */
export interface Rollout {
  readonly replicas: number;
  /** Pods that are replaced: a StatefulSet leaves those below its partition. */
  readonly replaced: number;
  /** Pods that there are at most while it rolls. */
  readonly mostPods: number;
  /** Pods that are available at least. */
  readonly leastAvailable: number;
  /** How many Pods may be missing or too many at a time. */
  readonly atOnce: number;
  /** How often Pods have to become available, one after another, at least. */
  readonly steps: number;
  /** How long a Pod has to be ready before it is available. */
  readonly minReadySeconds: number;
  /**
   * After how long the rollout is reported as failed if no new Pod is made, no old one goes, and none becomes ready or available
   * (`DeploymentProgressing`); it goes on all the same. Undefined where nothing reports it: for other kinds than Deployments, and with
   * the largest number (`HasProgressDeadline`).
   */
  readonly progressDeadlineSeconds: number | undefined;
  /**
   * Whether it starts a Pod only when all those with lower numbers are available: what is broken then stops all that comes after it,
   * its own repair too.
   */
  readonly isOrdered: boolean;
}

/**
 * Without `maxUnavailable` a StatefulSet replaces one Pod after another; with it, it stops so many at once, and with
 * `podManagementPolicy: OrderedReady` still starts one after another. Mirrors kubernetes
 * `pkg/controller/statefulset/stateful_set_control.go`, the same in 1.36.3 and 1.37.2. Recreate replaces all at once.
 *
 * @returns undefined for kinds without replicas, and where nobody replaces Pods by himself (OnDelete)
 */
export function rolloutOf({
  replicas,
  strategy,
  minReadySeconds = 0,
  progressDeadlineSeconds,
  podManagementPolicy,
}: Workload): Rollout | undefined {
  if (replicas === undefined || strategy === undefined) return undefined;
  const { type, partition = 0, maxSurge = 0, maxUnavailable = type === 'Recreate' ? '100%' : 1 } = strategy;
  if (type !== 'Recreate' && type !== 'RollingUpdate') return undefined;
  const { surge, unavailable } = rolloutBounds({ maxSurge, maxUnavailable }, replicas);
  const replaced = Math.max(0, replicas - partition);
  const atOnce = Math.min(Math.max(1, replaced), Math.max(1, surge + unavailable));
  const isOrdered = podManagementPolicy === 'OrderedReady' && type === 'RollingUpdate';
  return {
    replicas,
    replaced,
    // Never more new ones than replicas, however many may be too many (`NewRSNewReplicas`).
    mostPods: replicas + Math.min(surge, replaced),
    leastAvailable: Math.max(0, replicas - Math.min(unavailable, replaced)),
    atOnce,
    steps: isOrdered ? replaced : Math.ceil(replaced / atOnce),
    minReadySeconds,
    progressDeadlineSeconds: progressDeadlineSeconds === LARGEST_INT32 ? undefined : progressDeadlineSeconds,
    isOrdered,
  };
}
