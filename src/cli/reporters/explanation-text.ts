/** What `podgrace explain` says of an object, in sentences, whatever the format is. */
import type { ChangeEffect } from '../../core/change-effect.ts';
import type { ContainerReference } from '../../core/pod.ts';
import {
  waitsForItsNode,
  type ContainerStart,
  type ContainerStop,
  type PodTimelines,
  type StopTimeline,
} from '../../core/pod-timelines.ts';
import type { PodNames, PodSurroundings } from '../../core/pod-surroundings.ts';
import type { Duration } from '../../core/process/hook.ts';
import { quotedDecider, quotedPidOne, type Cause, type StopVerdict } from '../../core/process/possibility.ts';
import { isHiddenByEmptyResources, type QosObstacle } from '../../core/qos.ts';
import { formatQuantity } from '../../core/quantity.ts';
import { hasPodLevelResources } from '../../core/resources.ts';
import type { IntOrPercentage, Rollout, Workload } from '../../core/rollout.ts';
import type { RolloutSurge } from '../../core/rollout-quota.ts';
import type { Known } from '../../core/surroundings.ts';
import type { WorkloadChange } from '../../core/workload-change.ts';
import type { WorkloadClass } from '../../core/workload.ts';
import type { ExplainedStatus, ExplainedSurroundings, Explanation, Judgement } from '../../offline/explain.ts';
import type { ReportedFinding } from '../../offline/finding.ts';
import { styled, text, type Part } from '../output/text.ts';
import { counted } from './text/finding-lines.ts';

type Subject = Explanation['subject'];

export type SectionName = 'status' | 'change' | 'qos' | 'memory' | 'start' | 'stop' | 'nodeLost' | 'rollout' | 'around' | 'findings';

export interface ExplanationSection {
  readonly name: SectionName;
  readonly title: string;
  readonly lines: readonly Part[];
  /** What each format prints in its own way, after the lines. */
  readonly findings?: readonly ReportedFinding[];
}

export function titleOf({ subject: { kind, namespace, name } }: Explanation): string {
  return `${kind} ${namespace}/${name}`;
}

/** Sections that have nothing to say are left out. */
export function explanationSections(explanation: Explanation): ExplanationSection[] {
  const { subject, timelines, status, change, isNew, around, judgement } = explanation;
  const sections: ExplanationSection[] = [
    { name: 'status', title: 'STATUS', lines: status === undefined ? [] : statusLines(status) },
    { name: 'change', title: 'Change', lines: isNew ? [NEW_OBJECT] : change === undefined ? [] : changeLines(change, timelines, subject) },
    { name: 'qos', title: 'QoS class', lines: [qosText(timelines, subject)] },
    { name: 'memory', title: 'Under memory pressure', lines: [memoryText(timelines)] },
    { name: 'start', title: 'Start (at the earliest)', lines: startLines(timelines) },
    { name: 'stop', title: `Stop (grace period ${timelines.stop.graceSeconds} s)`, lines: stopLines(timelines.stop) },
    { name: 'nodeLost', title: 'Node lost', lines: [nodeLostText(timelines, subject)] },
    { name: 'rollout', title: 'Rollout', lines: rolloutLines(explanation) },
    { name: 'around', title: 'Around it', lines: around === undefined ? [] : aroundLines(around, subject) },
    {
      name: 'findings',
      title: `Findings (policy ${judgement.policy})`,
      lines: judgementLines(judgement),
      findings: judgement.findings,
    },
  ];
  return sections.filter(({ lines, findings = [] }) => lines.length + findings.length > 0);
}

function judgementLines({ skipped, findings }: Judgement): Part[] {
  if (skipped === 'excluded-namespace') return ['the policy excludes its namespace: no rule is asked'];
  return findings.some(({ mode }) => mode !== 'audit') ? [] : ['no rule denies it, warns of it or repairs it'];
}

const NEW_OBJECT = 'The object is new: before the change there is none of this kind and name in its namespace.';

function changeLines({ fields, replacement, deletesClaims }: WorkloadChange, { readySeconds }: PodTimelines, subject: Subject): Part[] {
  if (fields.length === 0) return ['Nothing changes: both are stored alike.'];
  return [
    summaryOf(fields, replacement, { readySeconds, subject }),
    ...(deletesClaims ? [styled('red', CLAIMS_GO)] : []),
    ...fields.map(
      ({ path, from, to, effect }) =>
        text`${path.text}: ${`${shortText(from)} → ${shortText(to)}`} (${styled(effect === 'refused' ? 'red' : 'dim', EFFECTS[effect])})`,
    ),
  ];
}

const CLAIMS_GO = 'The claims of the Pods that go are deleted with them, and mostly their data: `whenScaled` is Delete.';

type Summed = Pick<PodTimelines, 'readySeconds'> & Pick<Explanation, 'subject'>;

function summaryOf(fields: WorkloadChange['fields'], replacement: WorkloadChange['replacement'], { readySeconds, subject }: Summed): Part {
  if (fields.some(({ effect }) => effect === 'refused')) return styled('red', refusedText(fields, subject));
  if (fields.some(({ effect }) => effect === 'resize'))
    return styled('red', 'The API server refuses this update; send it to the subresource resize (kubectl patch --subresource resize).');
  if (replacement === undefined && fields.some(({ effect }) => effect === 'releases'))
    return 'Pods that still have an older template are replaced.';
  return replacement === undefined ? 'No Pod is replaced.' : replacementText(replacement, readySeconds);
}

/** A StatefulSet that is made anew takes over the Pods that its selector selects, and their claims. */
function refusedText(fields: WorkloadChange['fields'], { kind, name }: Subject): string {
  const takesOver = kind === 'StatefulSet' && fields.every(({ path, effect }) => effect !== 'refused' || path.steps[1] !== 'selector');
  return takesOver
    ? `The API server refuses this update: delete it with \`kubectl delete statefulset ${name} --cascade=orphan\`, which leaves its Pods and claims as they are, and make it anew.`
    : 'The API server refuses this update: the object has to be deleted and made anew.';
}

function replacementText(replacement: NonNullable<WorkloadChange['replacement']>, readySeconds: number): string {
  const { pods, atOnce, steps, minReadySeconds } = replacement;
  const together = atOnce === undefined ? 'as many at a time as the percentage of the nodes allows' : `at most ${atOnce} at a time`;
  if (pods === undefined || steps === undefined) return `One Pod of each node is replaced, ${together}.`;
  const replaced = `${pods} ${pods === 1 ? 'Pod is' : 'Pods are'} replaced, ${together}`;
  const seconds = steps * (readySeconds + minReadySeconds);
  return `${replaced}, in at least ${steps} ${steps === 1 ? 'step' : 'steps'}${seconds === 0 ? '' : ` and ${seconds} s`}.`;
}

const EFFECTS: Readonly<Record<ChangeEffect, string>> = {
  refused: 'refused by the API server',
  replaces: 'replaces Pods',
  'new Pods': 'only for Pods that are made later',
  held: 'no Pod gets it before `partition` or `paused` lets it',
  releases: 'replaces Pods that still have an older template',
  renumbers: 'makes Pods with other numbers, and deletes the others',
  restarts: 'restarts the container in its Pod',
  resize: 'in place, by the subresource resize alone',
  scales: 'changes the number of Pods',
  settings: 'changes no Pod',
  metadata: 'changes the object alone',
};

/** A value on one line that people can read. */
const MAX_SHOWN = 60;

function shortText(value: unknown): string {
  if (value === undefined) return 'not set';
  const whole = typeof value === 'string' ? value : JSON.stringify(value);
  return whole.length > MAX_SHOWN ? `${whole.slice(0, MAX_SHOWN)}…` : whole;
}

function statusLines({ status, readyContainers, containers, restarts, cause }: ExplainedStatus): Part[] {
  const style = cause?.advice === undefined ? 'green' : 'red';
  const columns = text`${styled(style, status)}, READY ${readyContainers}/${containers}, RESTARTS ${restarts}`;
  const lines: Part[] = [columns, cause?.cause ?? 'podgrace does not know this STATUS.'];
  if (cause?.advice !== undefined) lines.push(`What to do: ${cause.advice}.`);
  if (cause !== undefined && cause.rules.length > 0) lines.push(`Rules that look for it in the manifest: ${cause.rules.join(', ')}.`);
  return lines;
}

function qosText({ qosClass, obstacles }: PodTimelines, { pod: { spec }, kubernetesMinor }: Subject): string {
  if (qosClass === 'Guaranteed') {
    const who = hasPodLevelResources(spec) ? 'the Pod as a whole' : 'each container';
    return `Guaranteed: ${who} has requests equal to limits, for cpu and memory.`;
  }
  if (isHiddenByEmptyResources(spec, kubernetesMinor))
    return 'BestEffort: spec.resources is empty, and up to Kubernetes 1.36 nothing else counts then.';
  if (qosClass === 'BestEffort') return 'BestEffort: no container has a request or a limit of cpu or memory.';
  const [first, ...more] = obstacles;
  if (first === undefined) return qosClass;
  const others = more.length === 0 ? '' : `; ${more.length} more like it`;
  return `${qosClass}, not Guaranteed: ${obstacleText(first)}${others}.`;
}

function obstacleText({ reference, resource, request, limit }: QosObstacle): string {
  const who = reference === undefined ? 'the Pod' : reference.container.name;
  const has = [request === undefined ? 'no request' : `a request of ${request}`, limit === undefined ? 'no limit' : `a limit of ${limit}`];
  return `${who} has ${has.join(' and ')} of ${resource}`;
}

function memoryText({ memory }: PodTimelines): string {
  const scores = memory.map(({ reference, oomScoreAdj }) => `${reference.container.name} ${oomScoreAdj}`);
  return `oom_score_adj ${scores.join(', ')} (1000 is killed first, -997 last)`;
}

function startLines({ start, readySeconds }: PodTimelines): string[] {
  const lines = start.map(startText);
  // Of one container that begins at once, its own line says it.
  return start.length < 2
    ? lines
    : [...lines, `the Pod is ${readyText(readySeconds)}; all of these times count from the start of ${whoIs(first(start))}`];
}

function first(start: readonly ContainerStart[]): ContainerReference {
  const [one] = start;
  if (one === undefined) throw new Error('a Pod without containers');
  return one.reference;
}

/** All times count from the start of the first container. */
function startText({ reference, beginSeconds, hook, readySeconds, firstLivenessSeconds, budget, graceSeconds }: ContainerStart): string {
  const who = whoIs(reference);
  if (!Number.isFinite(beginSeconds)) return `${who} never begins: it waits for the postStart hook of a container before it`;
  const parts = [
    `${who} ${beginSeconds === 0 ? '' : `begins ${afterText(beginSeconds)} and `}is ${readyText(beginSeconds + readySeconds)}`,
  ];
  if (hook !== undefined) parts.push(`its postStart hook takes ${durationText(hook.duration)}`);
  if (firstLivenessSeconds !== undefined && Number.isFinite(firstLivenessSeconds))
    parts.push(`its livenessProbe is asked from ${beginSeconds + firstLivenessSeconds} s on`);
  if (budget === undefined || !Number.isFinite(budget.atLeastSeconds)) return `${parts.join(', ')}; nothing ends a start that hangs`;
  const { atLeastSeconds, atMostSeconds, probe } = budget;
  const [from, to] = [beginSeconds + atLeastSeconds, beginSeconds + atMostSeconds];
  const stopped = `its ${probe} stops it after ${from === to ? from : `${from} to ${to}`} s if it does not answer`;
  return `${parts.join(', ')}; ${stopped}, with a grace period of ${graceSeconds} s`;
}

function afterText(seconds: number): string {
  return `after ${seconds} s`;
}

function readyText(seconds: number): string {
  return Number.isFinite(seconds) ? `ready ${afterText(seconds)}` : 'never ready';
}

interface Happening {
  readonly seconds: number;
  readonly what: string;
}

function stopLines(stop: StopTimeline): string[] {
  const happenings: Happening[] = [
    { seconds: 0, what: 'the Pod leaves the endpoints of its Services; connections still arrive until every node has heard of it' },
    ...stop.containers.flatMap((container) => stopOf(container, stop)),
  ];
  const inOrder = happenings.toSorted((a, b) => a.seconds - b.seconds);
  return inOrder.map(({ seconds, what }) => `${`${seconds} s`.padStart(6)}  ${what}`);
}

function stopOf(container: ContainerStop, { isPidOneElsewhere, graceSeconds }: StopTimeline): Happening[] {
  const { reference, hook, stopSignalSeconds, killSeconds, verdict } = container;
  const who = whoIs(reference);
  const happenings: Happening[] = [];
  if (hook !== undefined)
    happenings.push({ seconds: 0, what: `the preStop hook of ${who} begins and takes ${durationText(hook.duration)}` });
  const fate = isPidOneElsewhere ? 'it is not PID 1, so it ends unless it handles the signal' : fateText(verdict);
  if (stopSignalSeconds === undefined)
    happenings.push({
      seconds: 0,
      what: `${who} gets its stop signal when ${hook === undefined ? 'the containers that it serves have' : 'the hook has'} ended: ${fate}`,
    });
  else happenings.push({ seconds: stopSignalSeconds, what: `${who} gets its stop signal: ${fate}` });
  const isCertain = !isPidOneElsewhere && verdict.fate === 'swallows';
  happenings.push({
    seconds: Math.max(killSeconds, graceSeconds),
    what: `${who} is killed${isCertain ? '' : ' if it is still there'}`,
  });
  return happenings;
}

export function whoIs({ container, kind }: ContainerReference): string {
  return kind === 'sidecar' ? `sidecar ${container.name}` : container.name;
}

function durationText({ certainty, seconds }: Duration): string {
  switch (certainty) {
    case 'exact':
      return `${seconds} s`;
    case 'at most':
      return `${seconds} s at most`;
    case 'open':
      return seconds === 0 ? 'a time that is not known' : `${seconds} s, and a time that is not known`;
    case 'endless':
      return 'all of the grace period';
  }
}

function fateText(verdict: StopVerdict): string {
  const { fate, cause } = verdict;
  if (verdict.child !== undefined && fate !== 'depends' && fate !== 'unknown') {
    const what =
      cause === 'long trap'
        ? 'runs a trap that takes long'
        : fate === 'waits'
          ? 'handles it after the command in the foreground has ended'
          : 'does not end';
    return `${quotedPidOne(verdict)} is PID 1 and passes it on to ${quotedDecider(verdict)}, which ${what}`;
  }
  const pidOne = verdict.pidOne === '' ? 'PID 1' : `${quotedPidOne(verdict)} is PID 1 and`;
  switch (fate) {
    case 'ends':
      return verdict.pidOne === '' ? (ENDS[cause] ?? 'it ends') : `${pidOne} ${ENDS[cause] ?? 'ends'}`;
    case 'swallows':
      return `${pidOne} does not end at the signal`;
    case 'waits':
      if (cause === 'long trap') return `${pidOne} runs its trap, which takes ${verdict.seconds ?? 'some'} s`;
      return `${pidOne} has a handler that runs after the command in the foreground has ended`;
    case 'depends':
      return `${pidOne} may or may not end, depending on the ${verdict.on ?? 'image'}`;
    case 'unknown':
      return `${UNKNOWN[cause] ?? 'what it does is not known'}${verdict.reason === undefined ? '' : `, and ${verdict.reason}`}`;
  }
}

const ENDS: Partial<Readonly<Record<Cause, string>>> = {
  init: 'passes it on to the application',
  application: 'ends if it handles the signal',
  forwards: 'passes it on, and ends',
  trap: 'runs its trap',
  untold: 'ends, and the application is killed without a signal',
  'ends by itself': 'it has ended by itself before',
};

const UNKNOWN: Partial<Readonly<Record<Cause, string>>> = {
  image: 'it goes to the entrypoint of the image, which the manifest does not show',
  file: 'it goes to a script, which the manifest does not show',
  variable: 'it goes to a program whose name is in a variable',
};

function nodeLostText({ nodeLost }: PodTimelines, { workloadClass }: Explanation['subject']): string {
  const { noticedSeconds, deletedSeconds } = nodeLost;
  const noticed = `the node is tainted after ${noticedSeconds} s of silence`;
  if (waitsForItsNode(nodeLost)) return `${noticed}; the Pod tolerates that without end, and waits for its node`;
  return `${noticed}; the Pod is deleted after ${deletedSeconds} s${SUCCESSORS[workloadClass] ?? ''}`;
}

/** Who makes another Pod, and when. */
const SUCCESSORS: Partial<Readonly<Record<WorkloadClass, string>>> = {
  service: ', and its controller makes another one at once',
  stateful:
    ', but stays Terminating: its StatefulSet makes another one only when the node is back, its Node object is deleted, it gets the taint node.kubernetes.io/out-of-service, or somebody deletes the Pod by force',
  batch: ', and its Job makes another one within its backoffLimit',
  pod: ', and no controller makes another one',
};

function rolloutLines({ timelines: { rollout }, surge, subject: { workload } }: Explanation): Part[] {
  const { replicas = 0 } = workload ?? {};
  if (replicas < 0) return [`the API server refuses ${replicas} replicas: there must be 0 or more`];
  if (workload?.strategy?.type === 'OnDelete')
    return ['no rollout replaces a Pod (OnDelete): each gets a new template when somebody deletes it'];
  if (rollout === undefined)
    return workload?.strategy === undefined || workload.replicas !== undefined ? [] : [daemonRolloutText(workload)];
  const lines = [rolloutText(rollout), ...(surge === undefined ? [] : surgeLines(surge))];
  if (rollout.isOrdered && rollout.replaced > 0)
    lines.push(
      'a new Pod that does not become ready stops the rollout, and a mended template does not replace it: delete that Pod by hand (podManagementPolicy is OrderedReady)',
    );
  if (rollout.progressDeadlineSeconds !== undefined && rollout.replaced > 0)
    lines.push(
      `if no Pod becomes available for ${rollout.progressDeadlineSeconds} s, the rollout is reported as failed (ProgressDeadlineExceeded) and goes on (progressDeadlineSeconds)`,
    );
  return lines;
}

function surgeLines({ pods, requests, limits, quotas = [], shortage, isStuck }: RolloutSurge): Part[] {
  const amounts = [amountsText('requests', requests), amountsText('limits', limits)].filter((each) => each !== '').join(', ');
  const more = `${counted(pods, 'Pod')} more than the replicas`;
  const needs = `until its end it needs room for ${more}: ${amounts === '' ? 'they have no requests and no limits' : amounts}`;
  if (shortage !== undefined) {
    const { quota, counted: amount, left, needed } = shortage;
    const room = `ResourceQuota ${quota} has no room for one of them: one needs ${formatQuantity(needed)} of ${amount}, and ${formatQuantity(left)} is left`;
    const outcome = isStuck ? 'the rollout never begins, as it stops no Pod before a new one is ready' : 'the rollout stops old Pods first';
    return [needs, styled(isStuck ? 'red' : 'dim', `${room}; ${outcome}`)];
  }
  return quotas.length === 0
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
      : `at least ${steps} times a Pod becomes ${available}, one after another`;
  return `of ${counted(replicas, 'replica')}${some}, at least ${leastAvailable} ${leastAvailable === 1 ? 'stays' : 'stay'} available and at most ${counted(mostPods, 'Pod')} ${mostPods === 1 ? 'exists' : 'exist'}; ${waits}`;
}

function aroundLines(
  { services, podDisruptionBudgets, autoscaler, resourceQuotas, limitRanges, podNames, missing, unknownNames }: ExplainedSurroundings,
  { workloadClass, workload }: Subject,
): Part[] {
  const list = (known: Known<readonly string[]>, some: (names: string) => string, none?: string): string[] => {
    if (!known.isKnown) return [known.reason];
    if (known.value.length > 0) return [some(known.value.join(', '))];
    return none === undefined ? [] : [none];
  };
  return [
    ...list(services, (names) => `it is reached through Service ${names}`, 'no Service selects its Pods'),
    ...(podNames?.isKnown === true ? podNameLines(podNames.value, workload?.serviceName ?? '') : []),
    ...list(
      podDisruptionBudgets,
      (names) => `its Pods are protected by PodDisruptionBudget ${names}`,
      'no PodDisruptionBudget selects its Pods',
    ),
    ...(workloadClass === 'pod' ? [] : autoscalerLines(autoscaler)),
    ...list(resourceQuotas, (names) => `the namespace has ResourceQuota ${names}`),
    ...list(limitRanges, (names) => `the namespace has LimitRange ${names}`),
    ...missing.map(({ field, message, rule }) => text`${styled('yellow', field)}: ${message} ${styled('dim', `[${rule}]`)}`),
    ...unknownNames,
  ];
}

/** The Service `serviceName` may come later; Pods that ask for each other by name find nobody until then. */
function podNameLines(names: PodNames, serviceName: string): string[] {
  if (names === 'own') return [];
  const why = names === 'none' ? `there is no Service ${serviceName}` : `Service ${serviceName} does not select its Pods`;
  return [`${why} (serviceName), so its Pods have no names of their own in DNS`];
}

function autoscalerLines(autoscaler: PodSurroundings['autoscaler']): string[] {
  if (!autoscaler.isKnown) return [autoscaler.reason];
  if (autoscaler.value === undefined) return [];
  const { name, minReplicas, maxReplicas } = autoscaler.value;
  return [`HorizontalPodAutoscaler ${name} scales it from ${minReplicas} to ${maxReplicas} Pods`];
}
