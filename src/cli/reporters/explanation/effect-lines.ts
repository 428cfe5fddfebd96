/** What an object without Pods of its own does with those of others: a budget, an autoscaler, a Service, a quota, a LimitRange. */
import type { AffectedWorkloads, BudgetEffect, EffectOnPods, QuotaAmount } from '../../../core/effect-on-pods.ts';
import { NO_BOUND } from '../../../core/disruption.ts';
import { containerDefaultsOf } from '../../../core/namespace-limits.ts';
import type { Autoscaler, KnownWorkload, LimitRange, ResourceQuota, Service } from '../../../core/surroundings.ts';
import { counted } from '../text/finding-lines.ts';

/** How many workloads or amounts are named. */
export const MOST_NAMED = 20;

export function effectLines(effect: EffectOnPods): string[] {
  const { affected } = effect;
  switch (effect.by) {
    case 'budget':
      return [...workloadLines('it selects the Pods of', 'it selects no Pods', affected), ...budgetLines(effect.budget)];
    case 'autoscaler':
      return autoscalerLines(effect.autoscaler, affected);
    case 'service':
      return serviceLines(effect.service, affected);
    case 'quota':
      return quotaLines(effect.quota, effect.amounts, affected);
    case 'limitRange':
      return limitLines(effect.limitRange, affected);
  }
}

/** Files need not hold all of an application. */
function workloadLines(some: string, none: string, affected: AffectedWorkloads | undefined): string[] {
  if (affected === undefined) return ['the workloads around it are not known: name their files, too, or ask the cluster'];
  const { workloads, isComplete } = affected;
  if (workloads.length === 0) return [isComplete ? none : `${none} of the workloads that are known`];
  return [`${some} ${namesOf(workloads)}`];
}

/** Of what counts for all of a namespace: where they are not known, nobody need name them. */
function namespaceLines(affected: AffectedWorkloads | undefined): string[] {
  if (affected === undefined || affected.workloads.length === 0) return [];
  return [`the workloads of the namespace: ${namesOf(affected.workloads)}`];
}

function namesOf(workloads: readonly KnownWorkload[]): string {
  const names = workloads.slice(0, MOST_NAMED).map(({ kind, name, replicas, hasEnded = false }) => {
    if (hasEnded) return `${kind} ${name} (has ended, and its Pods are still there)`;
    return `${kind} ${name}${replicas === undefined ? '' : ` (${counted(replicas, 'replica')})`}`;
  });
  const more = workloads.length - names.length;
  return `${names.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

function budgetLines({ bound, evictions, uncounted, count }: BudgetEffect): string[] {
  const lines = [bound === NO_BOUND ? `it has ${NO_BOUND}: it allows no eviction` : `it keeps ${bound}`];
  if (uncounted !== undefined) {
    lines.push(
      `its Pods cannot be counted, because ${uncounted.kind} ${uncounted.name} has no replicas that the controller can ask for: it allows no eviction, and a drain waits for ever`,
    );
  }
  for (const { pods, allowed } of evictions) {
    const each = pods === 1 ? 'while the one Pod is ready' : `while all ${counted(pods, 'Pod')} are ready`;
    if (pods === 0) lines.push('there is no Pod to evict');
    else if (allowed === 0) lines.push(`even ${each}, none may be evicted: a drain of their nodes waits for ever`);
    else if (allowed === pods) lines.push(`${each}, ${pods === 1 ? 'it may be evicted' : 'all may be evicted at once'}`);
    else lines.push(`${each}, ${counted(allowed, 'Pod')} may be evicted at a time: a drain waits for new ones after that`);
  }
  if (count !== undefined) {
    const { healthy, desired, expected } = count;
    // Pods without a controller are healthy and not expected.
    const ready =
      healthy > expected
        ? `${healthy} Pods are ready, of which ${expected} ${isOrAre(expected)} expected`
        : `${healthy} of ${counted(expected, 'Pod')} ${isOrAre(healthy)} ready`;
    const kept = `${desired} ${desired === 1 ? 'has' : 'have'} to be`;
    lines.push(`at the moment, ${ready}, and ${kept}: ${counted(count.allowed, 'Pod')} may be evicted now`);
  }
  return lines;
}

function isOrAre(count: number): string {
  return count === 1 ? 'is' : 'are';
}

function autoscalerLines(autoscaler: Autoscaler, affected: AffectedWorkloads | undefined): string[] {
  const { scaleTargetRef: target, minReplicas, maxReplicas, idleReplicas, utilizations = [] } = autoscaler;
  const named = `${target.kind} ${target.name}`;
  const isMissing = affected?.isComplete === true && affected.workloads.length === 0;
  return [
    `it scales ${named} ${minReplicas === 0 ? 'up' : `from ${minReplicas}`} to ${counted(maxReplicas, 'Pod')}`,
    ...(isMissing ? [`there is no ${named}`] : []),
    ...(idleReplicas === undefined ? [] : [`while there is nothing to do, ${idleReplicas} are left`]),
    ...utilizations.map(
      ({ resource, container }) =>
        `it compares ${resource} with what ${container === undefined ? 'the containers request' : `container ${container} requests`}: without a request it does not scale`,
    ),
  ];
}

function serviceLines(
  { selector, ports = [], ignoresReadiness, externalName }: Service,
  affected: AffectedWorkloads | undefined,
): string[] {
  if (externalName !== undefined) return [`it is only another name for ${externalName} in DNS: it sends nothing to Pods`];
  if (Object.keys(selector).length === 0) return ['it has no selector: it sends traffic to endpoints that somebody else writes'];
  return [
    ...workloadLines('it sends traffic to the Pods of', 'it selects no Pods', affected),
    ...(ports.length === 0
      ? []
      : [
          `its traffic goes to ${ports
            .slice(0, MOST_NAMED)
            .map(({ targetPort }) => `port ${targetPort}`)
            .join(', ')} of each Pod`,
        ]),
    ignoresReadiness === true
      ? 'Pods get traffic whether they are ready or not, and until they are gone (publishNotReadyAddresses)'
      : 'a Pod gets traffic while it is ready, and loses it when it is deleted',
  ];
}

function quotaLines({ scopes }: ResourceQuota, amounts: readonly QuotaAmount[], affected: AffectedWorkloads | undefined): string[] {
  const countsPods = amounts.some(({ resource }) => isOfPods(resource));
  const shown = amounts.slice(0, MOST_NAMED).map(({ resource, hard, used, left }) => {
    if (used === undefined || left === undefined) return `${resource}: ${hard} at most in the namespace`;
    const rest = left === '0' ? 'and nothing is left: what needs more is refused' : `${left} ${left === '1' ? 'is' : 'are'} left`;
    return `${resource}: ${used} of ${hard} are used, ${rest}`;
  });
  const more = amounts.length - shown.length;
  return [
    ...(countsPods ? namespaceLines(affected) : []),
    ...shown,
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(countsPods ? [countedText(scopes)] : []),
  ];
}

function countedText(scopes: ResourceQuota['scopes']): string {
  if (scopes.length === 0) return 'it counts all Pods of the namespace that are not over';
  const named = scopes.map(({ name, values }) => `${name}${values.length === 0 ? '' : ` ${values.join(', ')}`}`);
  return `it counts only Pods within ${named.join(' and ')}`;
}

/** Whether it counts Pods while they are not over: not claims, Services and other objects (`podResources`, evaluator/core/pods.go). */
function isOfPods(resource: string): boolean {
  return /^(?:pods|cpu|memory|ephemeral-storage|hugepages-.+|limits\..+|requests\.(?!storage$).+)$/.test(resource);
}

function limitLines(range: LimitRange, affected: AffectedWorkloads | undefined): string[] {
  const { limits = {}, requests = {} } = containerDefaultsOf(range) ?? {};
  const [limit, request] = [amountsText(limits), amountsText(requests)];
  const defaults = [
    ...(limit === '' ? [] : [`a container without a limit gets the limit ${limit}`]),
    // A container that has a limit requests as much before the LimitRange is asked.
    ...(request === '' ? [] : [`a container with neither a limit nor a request gets the request ${request}`]),
  ];
  const bounds = range.limits.flatMap(({ type, min, max, maxLimitRequestRatio }) => {
    const of = type === 'Container' ? 'a container' : type === 'Pod' ? 'all containers of a Pod together' : 'a claim';
    return [
      ...(min === undefined ? [] : [`${of} may not request less than ${amountsText(min)}`]),
      ...(max === undefined ? [] : [`${of} may not have more than ${amountsText(max)}`]),
      ...(maxLimitRequestRatio === undefined
        ? []
        : [`the limit of ${of} may be ${amountsText(maxLimitRequestRatio)} times its request at most`]),
    ];
  });
  const lines = [...defaults, ...bounds];
  const shown = lines.slice(0, MOST_NAMED);
  const isOnlyOfClaims = range.limits.every(({ type }) => type !== 'Container' && type !== 'Pod');
  return [
    ...(isOnlyOfClaims ? [] : namespaceLines(affected)),
    ...shown,
    ...(lines.length > shown.length ? [`and ${lines.length - shown.length} more`] : []),
    'it counts when a Pod or a claim is created: those that are there stay as they are',
  ];
}

function amountsText(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .slice(0, MOST_NAMED)
    .map(([resource, amount]) => `${resource} ${amount}`)
    .join(', ');
}
