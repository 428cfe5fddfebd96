/** How many Pods a rollout keeps, adds and replaces, and what it needs room for. */
import { formatQuantity } from '../../../core/quantity.ts';
import type { IntOrPercentage, Rollout, Workload } from '../../../core/rollout.ts';
import type { RolloutSurge } from '../../../core/rollout-quota.ts';
import type { Explanation } from '../../../offline/explanation.ts';
import { styled, type Part } from '../../output/text.ts';
import { counted } from '../text/finding-lines.ts';

/** @returns no lines for what has no rollout, such as a Pod or a Job */
export function rolloutLines({ timelines: { rollout, readySeconds }, surge, around, subject: { workload } }: Explanation): Part[] {
  const { replicas = 0 } = workload ?? {};
  if (replicas < 0) return [`the API server refuses ${replicas} replicas: there must be 0 or more`];
  if (workload?.strategy?.type === 'OnDelete')
    return ['no rollout replaces a Pod (OnDelete): each gets a new template when somebody deletes it'];
  if (rollout === undefined)
    return workload?.strategy === undefined || workload.replicas !== undefined ? [] : [daemonRolloutText(workload)];
  const lines = [
    ...(workload?.isPaused === true ? [PAUSED] : []),
    rolloutText(rollout),
    ...(surge === undefined ? [] : surgeLines(surge, around)),
  ];
  if (rollout.isOrdered && rollout.replaced > 0)
    lines.push(
      'a new Pod that does not become ready stops the rollout, and a corrected template does not replace it: delete that Pod by hand (podManagementPolicy is OrderedReady)',
    );
  if (rollout.progressDeadlineSeconds !== undefined && rollout.replaced > 0)
    lines.push(deadlineText(rollout.progressDeadlineSeconds, readySeconds));
  return lines;
}

/** What counts as progress: `pkg/controller/deployment/util/deployment_util.go`, `DeploymentProgressing`. */
function deadlineText(deadlineSeconds: number, readySeconds: number): Part {
  const outcome = 'the rollout is reported as failed (ProgressDeadlineExceeded) and goes on (progressDeadlineSeconds)';
  return Number.isFinite(readySeconds) && readySeconds > deadlineSeconds
    ? styled(
        'red',
        `a new Pod takes at least ${readySeconds} s to become ready, and ${deadlineSeconds} s without progress are allowed: ${outcome}`,
      )
    : `if for ${deadlineSeconds} s no Pod starts, stops, or becomes ready or available, ${outcome}`;
}

/** `pkg/controller/deployment/deployment_controller.go`, `syncDeployment`: a paused Deployment is scaled and nothing else. */
const PAUSED =
  'it is paused: until somebody resumes it (`kubectl rollout resume`), no Pod is replaced, and a Deployment that is new makes no Pod; after that:';

function surgeLines({ pods, requests, limits, quotas = [], shortage, isStuck }: RolloutSurge, around: Explanation['around']): Part[] {
  const amounts = [amountsText('requests', requests), amountsText('limits', limits)].filter((each) => each !== '').join(', ');
  const more = `${counted(pods, 'Pod')} more than the replicas`;
  const needs = `until its end it needs room for ${more}: ${amounts === '' ? 'they have no requests and no limits' : amounts}`;
  if (shortage !== undefined) {
    const { quota, counted: amount, left, needed } = shortage;
    const room = `ResourceQuota ${quota} has no room for one of them: one needs ${formatQuantity(needed)} of ${amount}, and ${formatQuantity(left)} is left`;
    const outcome = isStuck ? 'the rollout never begins, as it stops no Pod before a new one is ready' : 'the rollout stops old Pods first';
    return [needs, styled(isStuck ? 'red' : 'dim', `${room}; ${outcome}`)];
  }
  // That a quota lets no Pod be made at all is said of the namespace.
  const isRefused = around?.refusingQuotas.isKnown === true && around.refusingQuotas.value.length > 0;
  return quotas.length === 0 || isRefused
    ? [needs]
    : [needs, `ResourceQuota ${quotas.join(', ')} has room for one of them at least, so the rollout goes on`];
}

function amountsText(part: string, amounts: RolloutSurge['requests']): string {
  const texts = [...amounts].map(([resource, amount]) => `${formatQuantity(amount)} ${resource}`);
  return texts.length === 0 ? '' : `${part} of ${texts.join(' and ')}`;
}

/**
 * A workload without replicas has a Pod on each node that it chooses, and both numbers count such nodes. Mirrors kubernetes
 * `pkg/controller/daemon/util`, `SurgeCount` and `UnavailableCount`: both round percentages up.
 */
function daemonRolloutText({ strategy, minReadySeconds = 0 }: Workload): string {
  const { maxSurge = 0, maxUnavailable = 1 } = strategy ?? {};
  const available = minReadySeconds === 0 ? 'ready' : `ready for ${minReadySeconds} s`;
  return Number.parseInt(String(maxSurge), 10) > 0
    ? `on at most ${nodesText(maxSurge)} at once, a new Pod starts beside the old one, which stops when the new one is ${available}`
    : `on at most ${nodesText(maxUnavailable)} at once, the old Pod stops before a new one starts; the next node follows when the new one is ${available}`;
}

function nodesText(amount: IntOrPercentage): string {
  return typeof amount === 'number' ? counted(amount, 'node') : `${amount} of the nodes (rounded up)`;
}

function rolloutText({ replicas, replaced, mostPods, leastAvailable, steps, minReadySeconds }: Rollout): string {
  if (replaced === 0) return `of ${counted(replicas, 'replica')} none is replaced: \`partition\` is not below that number`;
  const some =
    replaced < replicas ? `, ${replaced} ${replaced === 1 ? 'is' : 'are'} replaced (\`partition\` is ${replicas - replaced})` : '';
  const available = minReadySeconds === 0 ? 'ready' : `ready for ${minReadySeconds} s`;
  const waits =
    steps === 1
      ? `at best all become ${available} at the same time`
      : `the rollout waits at least ${steps} times in a row until a Pod is ${available}`;
  return `of ${counted(replicas, 'replica')}${some}, at least ${leastAvailable} ${leastAvailable === 1 ? 'stays' : 'stay'} available and at most ${counted(mostPods, 'Pod')} ${mostPods === 1 ? 'exists' : 'exist'}; ${waits}`;
}
