/** A workload that others call has more than one replica. */
import type { AutoscalerCompanion, CompanionContext } from '../core/companion.ts';
import { FieldPath } from '../core/path.ts';
import { pathOf, type ContainerKind, type Pod } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type KnownViolation, type RuleContext } from '../core/rule.ts';
import {
  autoscalerOf,
  isScaledBy,
  othersThan,
  selects,
  startsFromNone,
  type Autoscaler,
  type KnownWorkload,
  type Service,
  type Surroundings,
} from '../core/surroundings.ts';
import { serviceForClients } from '../core/traffic.ts';
import type { Work } from '../core/work.ts';

interface Options {
  readonly min: number;
}

type MessageId = 'noRequest' | 'tooFew' | 'tooFewOfAutoscaler' | 'autoscalerGoesTooLow' | 'neverScales' | 'setBack' | 'noTarget';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'replicas',
    since: '0.1.0',
    category: 'eviction',
    docs: {
      summary: 'A workload behind a Service has at least two replicas.',
      harm: 'With one replica, each drain, each eviction and each lost node is an outage until the next Pod has started.',
      why: [
        'With one replica every drain of its node, every eviction and every lost node is an outage: the next Pod is scheduled, pulls its',
        'images and starts while nobody answers. After a lost node that begins some 50 s after the loss, plus the time for which its',
        'Pods tolerate it, 300 s by default. An autoscaler with a target for `Utilization` divides what the Pods use by what they request.',
        'If one container has no such request (an injected proxy, a log agent), it computes nothing (`FailedGetResourceMetric`), and',
        'the replicas stay as they are under any load.',
      ].join('\n'),
      firesOn: [
        'a Deployment or StatefulSet with fewer replicas than `min` behind a Service that podgrace knows',
        'an autoscaler of such a workload whose `minReplicas` are fewer, at its own line too',
        'an autoscaler whose `minReplicas` and `maxReplicas` are the same number, and that leaves no fewer while there is nothing to do (`idleReplicaCount`)',
        'a container without a request of what a known autoscaler, also one of KEDA, compares with requests (`Utilization`), without Pod-level resources',
        'an autoscaler whose target says `replicas` in its file (`check`, `dry-run`)',
        'an autoscaler whose target is none of the workloads of its folder (`check`), or of its namespace and the files (`dry-run`)',
      ],
      leavesAlone: [
        'workloads that no known Service selects, or only one for the monitoring, by its name or its ports’: controllers, workers',
        'a canary: other known workloads behind the same Service have the replicas that it lacks (`check`, `explain` of a cluster; for its autoscaler in `dry-run`, too)',
        '0 replicas: somebody has switched it off, unless KEDA starts it again',
        'a Pod that writes to a claim or to a directory of its node: a second one may not be possible',
        'everything where podgrace does not know the autoscalers',
        'in the webhook, the target of an autoscaler: the webhook knows no workloads, and the target may be created later',
        '`kubectl scale`: it writes to the subresource `scale`, about which the webhook is not asked',
        'targets of kinds that Kubernetes does not have, and folders with a kustomization or without any workload',
      ],
      remediation: [
        'Set `replicas: 2` or more, or `minReplicas` of the autoscaler, and spread the Pods over nodes. A workload that an autoscaler scales',
        'says no `replicas` in its file: each `kubectl apply` would set that number again, in the middle of a busy day too, and the',
        'autoscaler needs a minute or more to find its own.',
      ].join('\n'),
      worse: 'The more replicas are missing, the worse; what else is wrong with an autoscaler is compared with itself.',
      references: ['https://kubernetes.io/docs/concepts/workloads/pods/disruptions/'],
    },
    about: 'workload',
    kinds: ['apps/Deployment', 'apps/StatefulSet'],
    companions: ['autoscaling/HorizontalPodAutoscaler', 'keda.sh/ScaledObject'],
    needs: ['services', 'autoscalers', 'workloads', 'limitRanges'],
    reads: ['spec.replicas', 'spec.template.metadata.labels', 'spec.template.spec'],
    writes: [],
    appliesTo: { containers: [], workloads: ['service', 'stateful'] },
    mutation: 'none',
    presets: {
      baseline: { mode: 'off', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      tooFew: {
        text: 'must be at least {{min}} behind the Service {{service}}, but is {{replicas}}: each drain and each lost node stops it',
        fix: 'set `replicas: {{min}}`, or let an autoscaler with `minReplicas: {{min}}` do it',
      },
      noRequest: {
        text: 'must be set: the autoscaler {{autoscaler}} divides the use of {{resource}} by what the containers request, and scales nothing by it while one requests none',
        fix: 'set `{{resource}}` to what the container uses on an ordinary day, or give {{otherwise}}',
      },
      tooFewOfAutoscaler: {
        text: 'must be at least {{min}} behind the Service {{service}}, but the autoscaler {{autoscaler}} goes down to {{replicas}}',
        fix: 'set `{{field}}: {{min}}` in the {{kind}} {{autoscaler}}',
      },
      autoscalerGoesTooLow: {
        text: 'must be at least {{min}} behind the Service {{service}}, but is {{replicas}}: each drain and each lost node stops it',
        fix: 'set it to {{min}} or more',
      },
      neverScales: {
        text: 'must be more than the fewest replicas, but both are {{replicas}}: nothing is ever scaled',
        fix: 'raise it, or remove the autoscaler and set `replicas: {{replicas}}` in the workload',
      },
      setBack: {
        text: 'must name a workload without `replicas`, but the {{kind}} {{name}} sets {{replicas}}: each apply sets this number again, whatever the load is',
        fix: 'remove `replicas` from the {{kind}} {{name}}, and let the autoscaler alone decide',
      },
      noTarget: {
        text: 'must name a workload that is there, but none of the workloads around is the {{kind}} {{name}} of {{apiVersion}}: nothing is scaled',
        fix: 'name the workload as its `apiVersion`, `kind` and `metadata.name` are, letter by letter',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        min: { type: 'integer', minimum: 1, maximum: 100, description: 'The fewest replicas of a workload behind a Service.' },
      },
    },
    defaultOptions: { min: 2 },
  },

  validate(pod, context) {
    const { subject, surroundings } = context;
    const { replicas: own } = subject.workload ?? {};
    const { autoscalers } = surroundings;
    if (own === undefined || !autoscalers.isKnown) return NO_VIOLATIONS;
    const autoscaler = autoscalerOf(subject, autoscalers.value);
    if (own === 0 && (autoscaler === undefined || !startsFromNone(autoscaler))) return NO_VIOLATIONS;
    const withoutRequest = autoscaler === undefined ? NO_VIOLATIONS : requestsMissingFor(autoscaler, pod, context);
    return [...withoutRequest, ...tooFewOf({ own, autoscaler }, pod, context)];
  },

  validateCompanion(companion, context) {
    return companion.type === 'autoscaler' ? judgeAutoscaler(companion, context) : NO_VIOLATIONS;
  },
});

type Found = KnownViolation<MessageId>;

function tooFewOf(
  { own, autoscaler }: { readonly own: number; readonly autoscaler: Autoscaler | undefined },
  pod: Pod,
  context: RuleContext<Options>,
): readonly Found[] {
  const { options, subject, surroundings, facts } = context;
  const replicas = autoscaler?.minReplicas ?? own;
  const { min } = options;
  if (replicas === 0 || replicas >= min) return NO_VIOLATIONS;
  const service = serviceForClients(pod.metadata.labels, surroundings.services);
  if (service === undefined || facts.dataPlace !== 'nowhere') return NO_VIOLATIONS;
  if (replicas + fewestBeside(service, subject, surroundings, context) >= min) return NO_VIOLATIONS;
  const data = { min, replicas, service: service.name };
  const rank = [min - replicas];
  if (autoscaler === undefined) return [{ message: 'tooFew', path: REPLICAS, data, rank, mayFollow: true }];
  const of = { autoscaler: autoscaler.name, kind: autoscaler.kind ?? 'HorizontalPodAutoscaler', field: fieldOfFewest(autoscaler) };
  return [{ message: 'tooFewOfAutoscaler', path: REPLICAS, data: { ...data, ...of }, rank }];
}

/**
 * The requests without which an autoscaler computes no share: those of all main containers and sidecars, or of the one that it names
 * (`calculatePodRequestsFromContainers`, `pkg/controller/podautoscaler/replica_calculator.go`).
 */
function requestsMissingFor({ name, kind, utilizations }: Autoscaler, { spec }: Pod, context: RuleContext<Options>): readonly Found[] {
  if (utilizations === undefined || spec.resources != null) return NO_VIOLATIONS;
  const otherwise = kind === 'ScaledObject' ? 'the trigger `metricType: AverageValue`' : 'the autoscaler an `averageValue`';
  const found: Found[] = [];
  for (const reference of context.each(context.facts.containersOf(COUNTED))) {
    const { container } = reference;
    const { requests } = container.resources ?? {};
    // Two metrics may divide by the same request: one of all containers, and one of this container alone.
    const missing = new Set<string>();
    for (const { resource, container: only } of context.each(utilizations)) {
      if ((only !== undefined && only !== container.name) || requests?.[resource] != null || missing.has(resource)) continue;
      missing.add(resource);
      const path = pathOf(reference).field('resources', 'requests', resource).within(context.subject.root);
      found.push({ message: 'noRequest', path, data: { autoscaler: name, resource, otherwise }, rank: [0], ranked: [path] });
    }
  }
  return found;
}

const COUNTED: readonly ContainerKind[] = ['main', 'sidecar'];

function judgeAutoscaler(
  { autoscaler, min, max, target: targetPath }: AutoscalerCompanion,
  { options, surroundings, work }: CompanionContext<Options>,
): readonly Found[] {
  const { minReplicas, maxReplicas, idleReplicas = minReplicas, scaleTargetRef } = autoscaler;
  const found: Found[] = [];
  if (Math.min(idleReplicas, minReplicas) === maxReplicas)
    found.push({ message: 'neverScales', path: max, data: { replicas: maxReplicas }, rank: [0] });
  const { workloads } = surroundings;
  if (!workloads.isKnown) return found;
  const target = workloads.value.workloads.find((workload) => isScaledBy(workload, autoscaler));
  if (target === undefined) {
    const { apiVersion, kind, name } = scaleTargetRef;
    if (workloads.value.isComplete && SCALED_KINDS.has(kind))
      found.push({ message: 'noTarget', path: targetPath, data: { apiVersion, kind, name }, rank: [0], mayFollow: true });
    return found;
  }
  if (target.replicas === 0 && !startsFromNone(autoscaler)) return found;
  const service = target.keepsData ? undefined : serviceOf(target, surroundings);
  const isTooLow = minReplicas > 0 && minReplicas < options.min;
  if (isTooLow && service !== undefined && minReplicas + fewestBeside(service, target, surroundings, work) < options.min) {
    const data = { min: options.min, replicas: minReplicas, service: service.name };
    found.push({ message: 'autoscalerGoesTooLow', path: min, data, rank: [options.min - minReplicas] });
  }
  const { kind, name, replicas, setsReplicas } = target;
  if (setsReplicas && replicas !== undefined)
    found.push({ message: 'setBack', path: targetPath, data: { kind, name, replicas }, rank: [0] });
  return found;
}

function fieldOfFewest({ kind }: Autoscaler): string {
  return kind === 'ScaledObject' ? 'minReplicaCount' : 'minReplicas';
}

function serviceOf({ labels }: KnownWorkload, { services }: Surroundings): Service | undefined {
  return serviceForClients(labels, services);
}

/** The Pods of other workloads behind the Service that are always there: those of the main version beside a canary. */
function fewestBeside(
  { selector }: Service,
  { kind, name }: Pick<KnownWorkload, 'kind' | 'name'>,
  { workloads, autoscalers }: Surroundings,
  work: Pick<Work, 'each'>,
): number {
  if (!workloads.isKnown) return 0;
  let count = 0;
  const isItself = (other: KnownWorkload): boolean => other.name === name && other.kind === kind;
  for (const other of othersThan(isItself, work.each(workloads.value.workloads))) {
    if (!selects(selector, other.labels)) continue;
    const own = other.replicas ?? 1;
    let fewest = own;
    if (autoscalers.isKnown)
      for (const autoscaler of work.each(autoscalers.value))
        if (isScaledBy(other, autoscaler) && (own > 0 || startsFromNone(autoscaler))) fewest = autoscaler.minReplicas;
    count += fewest;
  }
  return count;
}

const SCALED_KINDS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController']);

const REPLICAS = FieldPath.of('spec', 'replicas');
