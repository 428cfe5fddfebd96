/** `podgrace explain` as JSON, schemas/explain.schema.json. */
import type { Drain } from '../../core/drain.ts';
import type { EvictionsNow } from '../../core/evictions-now.ts';
import type { ContainerReference } from '../../core/pod.ts';
import type { ContainerStart, ContainerStop, PodTimelines } from '../../core/pod-timelines.ts';
import type { QosObstacle } from '../../core/qos.ts';
import { formatQuantity } from '../../core/quantity.ts';
import type { Rollout } from '../../core/rollout.ts';
import type { QuotaShortage, RolloutSurge } from '../../core/rollout-quota.ts';
import type { Subject } from '../../core/subject.ts';
import type { Autoscaler, Known } from '../../core/surroundings.ts';
import type { ExplainedStatus, Explanation } from '../../offline/explanation.ts';
import type { ExplainedSurroundings } from '../../offline/explained-surroundings.ts';
import { isReplacedAtOnce } from './explanation/node-lost-text.ts';

/** Every property is always there; what does not happen, or is not known, is null. */
export function explanationJson({
  file,
  document,
  line,
  renderedLine,
  subject,
  timelines,
  surge,
  drain,
  status,
  change,
  around,
  judgement,
}: Explanation): object {
  const { apiVersion, kind, namespace, name, workloadClass } = subject;
  return {
    file,
    document,
    line,
    renderedLine: renderedLine ?? null,
    apiVersion,
    kind,
    namespace,
    name,
    workload: workloadClass,
    status: status === undefined ? null : statusJson(status),
    ...timelinesJson(timelines),
    nodeLost: nodeLostJson(timelines, subject),
    rollout: timelines.rollout === undefined ? null : rolloutJson(timelines.rollout, surge, subject),
    drain: drain === undefined ? null : drainJson(drain),
    change: change === undefined ? null : changeJson(change),
    around: around === undefined ? null : aroundJson(around),
    policy: judgement.policy,
    findings: judgement.findings,
  };
}

function statusJson({ status, readyContainers, containers, restarts, lastRestartMs, decidedBy, cause }: ExplainedStatus): object {
  return {
    status,
    ready: `${readyContainers}/${containers}`,
    restarts,
    lastRestart: lastRestartMs === undefined ? null : new Date(lastRestartMs).toISOString(),
    container: decidedBy?.name ?? null,
    cause: cause?.cause ?? null,
    advice: cause?.advice ?? null,
    rules: cause?.rules ?? [],
  };
}

function aroundJson({ missing, unknown, ...around }: ExplainedSurroundings): object {
  const { services, podDisruptionBudgets, autoscaler, resourceQuotas, limitRanges } = around;
  const all = { services, podDisruptionBudgets, autoscaler, resourceQuotas, limitRanges };
  return {
    services: valueOf(services),
    podDisruptionBudgets: valueOf(podDisruptionBudgets),
    autoscaler: autoscaler.isKnown && autoscaler.value ? autoscalerJson(autoscaler.value) : null,
    resourceQuotas: valueOf(resourceQuotas),
    refusingQuotas: valueOf(around.refusingQuotas),
    limitRanges: valueOf(limitRanges),
    podNames: around.podNames === undefined ? null : valueOf(around.podNames),
    missing,
    unknown: [...Object.values(all).flatMap((known) => (known.isKnown ? [] : [known.reason])), ...unknown],
  };
}

function autoscalerJson({ kind, name, minReplicas, maxReplicas }: Autoscaler): object {
  return { kind: kind ?? 'HorizontalPodAutoscaler', name, minReplicas, maxReplicas };
}

function valueOf<T>(known: Known<T>): T | null {
  return known.isKnown ? known.value : null;
}

function changeJson({ fields, replacement, deletesClaims, invalid, misapplied }: NonNullable<Explanation['change']>): object {
  return {
    fields: fields.map(({ path, from, to, effect, reason }) => ({
      field: path.text,
      from: from ?? null,
      to: to ?? null,
      effect,
      reason: reason ?? null,
    })),
    replaces:
      replacement === undefined
        ? null
        : {
            pods: replacement.pods ?? null,
            atOnce: replacement.atOnce ?? null,
            steps: replacement.steps ?? null,
            minReadySeconds: replacement.minReadySeconds,
          },
    deletesClaims,
    invalid,
    misapplied: misapplied.map(({ path, key }) => ({ field: path.text, key })),
  };
}

function timelinesJson({ qosClass, obstacles, memory, start, readySeconds, stop }: PodTimelines): object {
  return {
    qosClass,
    qosObstacles: obstacles.map(obstacleJson),
    memory: memory.map(({ reference, oomScoreAdj }) => ({ ...namesOf(reference), oomScoreAdj })),
    start: start.map(startJson),
    readySeconds: finite(readySeconds),
    stop: { graceSeconds: stop.graceSeconds, containers: stop.containers.map((each) => stopJson(each, stop.isPidOneElsewhere)) },
  };
}

function nodeLostJson(timelines: PodTimelines, subject: Subject): object {
  const { nodeLost } = timelines;
  const { noticedSeconds } = nodeLost;
  const deletedSeconds = finite(nodeLost.deletedSeconds);
  return { noticedSeconds, deletedSeconds, replacedSeconds: isReplacedAtOnce(timelines, subject) ? deletedSeconds : null };
}

function rolloutJson(rollout: Rollout, surge: RolloutSurge | undefined, { workload }: Subject): object {
  return {
    ...rollout,
    isPaused: workload?.isPaused ?? false,
    progressDeadlineSeconds: rollout.progressDeadlineSeconds ?? null,
    surge: surge === undefined ? null : surgeJson(surge),
  };
}

function drainJson({ verdict, pods, budgets, atOnce, waits, leastSeconds, now, emptyDirs, needsForce }: Drain): object {
  return {
    verdict,
    pods: pods ?? null,
    podDisruptionBudgets: budgets.map(({ name }) => name),
    atOnce: atOnce ?? null,
    waits: waits ?? null,
    leastSeconds: leastSeconds ?? null,
    now: now === undefined ? null : evictionsNowJson(now),
    emptyDirs,
    needsForce,
  };
}

function evictionsNowJson({ pod, isEvicted, count, evictsUnready }: EvictionsNow): object {
  return {
    pod: pod ?? null,
    isEvicted: isEvicted ?? null,
    readyPods: count?.healthy ?? null,
    neededPods: count?.desired ?? null,
    evictablePods: count?.allowed ?? null,
    evictsUnready: evictsUnready ?? null,
  };
}

function surgeJson({ pods, requests, limits, quotas, shortage, isStuck }: RolloutSurge): object {
  return {
    pods,
    requests: amountsJson(requests),
    limits: amountsJson(limits),
    quotas: quotas ?? null,
    shortage: shortage === undefined ? null : shortageJson(shortage),
    isStuck,
  };
}

function amountsJson(amounts: RolloutSurge['requests']): object {
  return Object.fromEntries([...amounts].map(([resource, amount]) => [resource, formatQuantity(amount)]));
}

function shortageJson({ quota, counted, left, needed, enough }: QuotaShortage): object {
  return { quota, counted, left: formatQuantity(left), needed: formatQuantity(needed), enough: formatQuantity(enough) };
}

function obstacleJson({ reference, resource, request, limit }: QosObstacle): object {
  return { container: reference?.container.name ?? null, resource, request: request ?? null, limit: limit ?? null };
}

function startJson({ reference, ...start }: ContainerStart): object {
  const { beginSeconds, hook, startedSeconds, readySeconds, firstLivenessSeconds, budget, graceSeconds } = start;
  const isEnded = budget !== undefined && Number.isFinite(budget.atLeastSeconds);
  return {
    ...namesOf(reference),
    beginSeconds: finite(beginSeconds),
    hook: hook?.duration ?? null,
    startedSeconds: finite(startedSeconds),
    readySeconds: finite(readySeconds),
    firstLivenessSeconds: finite(firstLivenessSeconds),
    killed: isEnded ? { ...budget, graceSeconds } : null,
  };
}

/** What never happens has no time. */
function finite(seconds: number | undefined): number | null {
  return seconds !== undefined && Number.isFinite(seconds) ? seconds : null;
}

function stopJson({ reference, hook, stopSignalSeconds, killSeconds, verdict }: ContainerStop, isPidOneElsewhere: boolean): object {
  return {
    ...namesOf(reference),
    hook: hook?.duration ?? null,
    stopSignalSeconds: stopSignalSeconds ?? null,
    killSeconds,
    fate: isPidOneElsewhere ? 'ends' : verdict.fate,
    pidOne: verdict.pidOne === '' ? null : verdict.pidOne,
  };
}

function namesOf({ container, kind }: ContainerReference): object {
  return { container: container.name, kind };
}
