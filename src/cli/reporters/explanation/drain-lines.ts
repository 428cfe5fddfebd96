/** What a drain of its nodes does with the Pods, in sentences. */
import { boundOf } from '../../../core/disruption.ts';
import type { EvictionsNow } from '../../../core/evictions-now.ts';
import type { Drain } from '../../../core/drain.ts';
import type { PodDisruptionBudget } from '../../../core/surroundings.ts';
import { styled, type Part } from '../../output/text.ts';
import { counted } from '../text/finding-lines.ts';

/** Whether and when `kubectl drain` gets the Pods off their nodes, and the flags that it needs. */
export function drainLines(drain: Drain): Part[] {
  const { emptyDirs, needsForce } = drain;
  const lines = [evictionLine(drain), ...waitLines(drain), ...nowLines(drain)];
  if (emptyDirs.length > 0) lines.push(`kubectl drain needs --delete-emptydir-data: what is in emptyDir ${emptyDirs.join(', ')} is lost`);
  if (needsForce) lines.push('kubectl drain needs --force: no controller makes the Pod again');
  return lines;
}

function evictionLine(drain: Drain): Part {
  const { verdict, pods, atOnce = 0, budgets } = drain;
  const [budget] = budgets;
  const names = budgets.map(({ name }) => name).join(', ');
  switch (verdict) {
    case 'stays':
      return 'kubectl drain needs --ignore-daemonsets, and leaves its Pods where they are';
    case 'refused':
      return styled('red', `each eviction of its Pods fails (error 500): PodDisruptionBudgets ${names} all select them`);
    case 'blocked':
      return styled(
        'red',
        `PodDisruptionBudget ${budgetText(budget)} lets none of its Pods be evicted: a drain of their nodes waits for ever`,
      );
    case 'unknown':
      return `PodDisruptionBudget ${budgetText(budget)} decides how many of its Pods may be evicted at a time`;
    case 'paced':
      return `PodDisruptionBudget ${budgetText(budget)} lets ${atOnce} of ${podsText(drain)} be evicted at a time while all are ready`;
    case 'unprotected':
      return pods === undefined || pods === 1
        ? 'no PodDisruptionBudget holds its eviction back'
        : `no PodDisruptionBudget holds evictions back: drains of several nodes may stop all of ${podsText(drain)} at the same time`;
  }
}

/** What is true now, besides what is true while all are ready. */
function nowLines({ now }: Drain): Part[] {
  if (now === undefined) return [];
  const { pod, isEvicted } = now;
  if (pod === 'pending') return ['now: the Pod is Pending, so no budget is asked, and an eviction deletes it'];
  if (pod === 'deleted') return ['now: the Pod is being deleted already, and no budget is asked'];
  const counted = countText(now);
  if (pod === undefined || isEvicted === undefined)
    return [counted === undefined ? ALWAYS_UNREADY : `now: ${counted}; ${allowedText(now)}`];
  const state = pod === 'ready' ? 'the Pod is ready' : 'the Pod is not ready';
  const start = `now: ${[state, counted].filter((text) => text !== undefined).join(', and ')}`;
  return [isEvicted ? `${start}: an eviction deletes it` : styled('red', `${start}: its eviction is refused (error 429)`)];
}

const ALWAYS_UNREADY = 'a Pod that is not ready is evicted at any time (unhealthyPodEvictionPolicy AlwaysAllow)';

function countText({ count }: EvictionsNow): string | undefined {
  if (count === undefined) return undefined;
  const { healthy, desired } = count;
  return `the budget counts ${counted(healthy, 'Pod')} that ${healthy === 1 ? 'is' : 'are'} ready and needs ${desired}`;
}

function allowedText({ count, evictsUnready }: EvictionsNow): string {
  const allowed = count?.allowed ?? 0;
  const unready = evictsUnready ? 'any that is not ready' : 'none that is not ready';
  if (allowed > 0) return `${allowed} may be evicted, and ${unready}`;
  return evictsUnready ? `none that is ready may be evicted, but ${unready}` : 'none may be evicted, whether ready or not';
}

function budgetText(budget: PodDisruptionBudget | undefined): string {
  return budget === undefined ? '' : `${budget.name} (${boundOf(budget)})`;
}

function podsText({ pods = 0, scaledBy }: Drain): string {
  return scaledBy === undefined ? counted(pods, 'Pod') : `${counted(pods, 'Pod')} (the fewest that autoscaler ${scaledBy} leaves)`;
}

function waitLines({ verdict, waits = 0, leastSeconds }: Drain): string[] {
  if (verdict !== 'paced' || waits === 0) return [];
  const times = waits === 1 ? 'once' : `${waits} times`;
  const least = leastSeconds === undefined ? '' : `; the last one is gone after ${leastSeconds} s at the earliest`;
  return [`to evict all of them, drains wait at least ${times} until a new Pod is ready elsewhere${least}`];
}
