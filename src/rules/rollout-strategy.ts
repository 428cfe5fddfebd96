/** A rollout leaves some of the Pods running, and gets to its end. */
import { defineRule, NO_OPTIONS, NO_VIOLATIONS, type KnownViolation, type RuleContext, type Violation } from '../core/rule.ts';
import { formatQuantity } from '../core/quantity.ts';
import { rolloutBounds, type RolloutStrategy } from '../core/rollout.ts';
import { quotaShortageOf } from '../core/rollout-quota.ts';
import { fewestReplicasOf } from '../core/fewest-replicas.ts';
import { serviceForClients } from '../core/traffic.ts';
import type { Pod, PodSpec } from '../core/pod.ts';
import { asObject } from '../core/json-reading.ts';
import { nodePortOf, onlyNodeOf } from '../core/node-port.ts';
import { oncePer } from '../core/once-per.ts';
import type { Inventory } from '../core/surroundings.ts';

type MessageId =
  | 'recreate'
  | 'allUnavailable'
  | 'noSurge'
  | 'onDelete'
  | 'onDeleteOfNodes'
  | 'noRoom'
  | 'noRoomForSecond'
  | 'allOfSet'
  | 'allOfNodes'
  | 'claimOfOne'
  | 'portOfNode'
  | 'portOfSomeNode';

export default defineRule<object, MessageId>({
  meta: {
    id: 'rollout-strategy',
    since: '0.1.0',
    category: 'termination',
    docs: {
      summary: 'A rollout leaves some of the Pods running, and finds room for the new ones.',
      harm: 'A rollout with this strategy stops every old Pod before a new one is ready, so that no Pod serves in between, or it never ends.',
      why: [
        'With `strategy.type: Recreate` the Deployment controller stops every Pod, waits until all of them have ended, and only then',
        'starts new ones. With a `maxUnavailable` of as many Pods as there are replicas, a rolling update may do the same. From',
        'then until the first new Pod is ready nobody is served: the grace period of the old Pods (30 seconds by default), then',
        'scheduling, pulling images and starting up. Every new image and every change of an environment variable costs that much,',
        'and a new version that does not start costs the whole service. `maxUnavailable` is rounded down and `maxSurge` up; where',
        'both come to 0, the controller stops one Pod first. With 1 to 3 replicas the default of 25 % comes to 0: no Pod is stopped',
        'before a new one is ready. Where a ResourceQuota has no room for one Pod more, the new one cannot be created, and the rollout',
        'waits for ever with the old Pods (`FailedCreate`, `ProgressDeadlineExceeded`). So it does where the one Pod has a claim that one node',
        'at a time can mount: the new Pod comes to another node and waits for the volume (`Multi-Attach error`), and the old Pod keeps it',
        'until the new one is ready. A Pod with a `hostPort`, or with `hostNetwork` and a port, waits for a node where the port is free',
        '(`didn’t have free ports`): of the same node, the old Pod has it until the new one is ready.',
      ].join('\n'),
      firesOn: [
        '`Recreate` of a Deployment, or a `maxUnavailable` that lets a rolling update stop all Pods',
        'a `maxUnavailable` of 100 % of a DaemonSet: a new version that does not start is then missing on all nodes at once',
        '`OnDelete` of a StatefulSet; of a DaemonSet it is recorded as unknown, as its Pods may be replaced together with their nodes',
        'from Kubernetes 1.37 on, a `maxUnavailable` of a StatefulSet of two or more replicas that lets a rollout stop all of them; before, the API server drops the field',
        'a `maxUnavailable` that is 0, or is rounded down to 0, while a ResourceQuota that podgrace knows has no room for one Pod more: of `pods`, of requests (of huge pages and devices, too) or of limits, with the overhead of a RuntimeClass that is known',
        'a Deployment of one replica that starts the new Pod before it stops the old one, with a claim of the same files that is ReadWriteOnce or ReadWriteOncePod alone: a warning at most, as both Pods may come to one node',
        'a port of the node in a DaemonSet, or in a Deployment for one node, that starts the new Pod before it stops the old one; of any other Deployment it is recorded as unknown, as the spec does not say how many nodes there are',
      ],
      leavesAlone: [
        'claims that podgrace does not know, as in the webhook, and Pods that are bound to one node or to each other',
        'a claim that is ReadWriteOnce and whose volume is on one node, or is never attached: by its class (`local-path`, `openebs-hostpath`), its provisioner, or in a cluster its PersistentVolume (`local`, `hostPath`, `nfs`)',
        'what a StatefulSet does on a lost node, which is the same for each and which no field changes',
        'quotas around a StatefulSet: it stops a Pod before it starts its successor, one at least, whatever `maxUnavailable` says',
        'the only replica of a Deployment that no known Service selects, or that keeps data or a port of its node: it may be stopped',
        'the `replicas` of a workload that a known autoscaler scales: its `minReplicas` count instead',
        'the Pods that a rollout has started beside the old ones, by the status of the workload: they are gone when it ends',
        'in the webhook, the overhead that a RuntimeClass adds to the Pods of a template: the server watches no RuntimeClasses',
        'quotas with scopes that do not count these Pods, and those by PriorityClass where the template names none: the cluster may have a default',
        'what other workloads of the same files would use',
      ],
      remediation: [
        'Use `RollingUpdate`. Its defaults, 25 % each, leave at least three quarters of the replicas running, and the only Pod of a',
        'Deployment with one replica; `maxUnavailable: 0` with `maxSurge: 1` never has fewer Pods than replicas. A Deployment with',
        'one replica is asked only where podgrace knows a Service that selects its Pod, and not where it writes to a claim or to a',
        'directory of its node, or has a claim that is known to be ReadWriteOnce: then the old Pod may have to let go of the data first. Where two versions must never run at',
        'once, exempt the workload in the policy. `kubectl scale` and autoscalers are never held up: they change the number of',
        'replicas through the subresource `scale`, which is not judged.',
        'A quota needs room for the surge: `maxSurge` Pods more than the replicas of its largest workload. If it cannot have that room, set',
        '`maxUnavailable: 1`: then a rollout stops an old Pod first, and the new one takes its room.',
        'A StatefulSet never runs two Pods of one name: the Pod of a lost node is deleted after its tolerations, stays Terminating, and is not',
        'replaced, nor does a rollout pass it, until the kubelet comes back, the Node is deleted, or somebody taints it with',
        '`node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`. No field of the workload changes that: `podgrace explain` says it for each.',
      ].join('\n'),
      worse:
        'Recreate is worse than a rolling update that may stop all Pods: it also waits until they have ended. OnDelete stops nothing, and is as bad as that. A rollout that finds no room leaves the old Pods running, and is the least bad.',
      references: [
        'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy',
        'https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/controller/deployment/util/deployment_util.go',
        'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies',
        'https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown',
        'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
        'https://github.com/kubernetes/kubernetes/issues/106417',
      ],
    },
    about: 'workload',
    kinds: ['apps/Deployment', 'apps/StatefulSet', 'apps/DaemonSet'],
    needs: ['services', 'autoscalers', 'resourceQuotas', 'limitRanges', 'claims'],
    reads: ['spec.replicas', 'spec.strategy', 'spec.updateStrategy', 'spec.template.metadata.labels', 'spec.template.spec'],
    writes: [],
    appliesTo: { containers: [], workloads: ['service', 'stateful', 'daemon'] },
    mutation: 'none',
    presets: {
      baseline: { mode: 'audit', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      recreate: {
        text: 'must not be Recreate {{where}}: every rollout stops {{pods}} before it starts a new one',
        fix: 'set `type: RollingUpdate`; where two versions must never run at once, exempt the workload in the policy',
      },
      allUnavailable: {
        text: 'must leave a Pod running, but is {{value}} {{where}}: a rollout may stop {{pods}} at once',
        fix: 'set `maxUnavailable: 0` and `maxSurge: 1`, or remove both: the default is 25% each',
      },
      allOfSet: {
        text: 'must leave a Pod running, but is {{value}} {{where}}: a rollout may stop {{pods}} at once',
        fix: 'set `maxUnavailable: 1`, or remove it: the default is 1',
      },
      allOfNodes: {
        text: 'must leave a Pod running, but is {{value}} of the nodes: a rollout may stop the Pods of all nodes at once',
        fix: 'set `maxUnavailable: 1`, or remove it: the default is 1',
      },
      onDelete: {
        text: 'must not be OnDelete: nothing is rolled out, and old and new Pods run side by side, until somebody deletes each old one',
        fix: 'set `type: RollingUpdate`; where an operator or a person deletes them, exempt the workload in the policy',
      },
      onDeleteOfNodes: {
        text: 'must not be OnDelete, unless the Pods are replaced together with their nodes: nothing is rolled out, and the spec does not say who deletes the old Pods',
        fix: 'set `type: RollingUpdate`, unless each update replaces the nodes or a person deletes the Pods',
      },
      noSurge: {
        text: 'must be at least 1 {{where}}, but is {{value}}: every rollout stops {{pods}} before it starts a new one',
        fix: 'set `maxSurge: 1`, or remove it: the default is 25%, rounded up',
      },
      claimOfOne: {
        text: 'must be Recreate with the claim {{claim}}, which is {{mode}}: a new Pod{{where}} waits until the old one has gone, and the old one stays until the new one is ready',
        fix: 'set `type: Recreate` and remove `rollingUpdate`; a claim that is ReadWriteMany needs neither',
        onlyWarns: true,
      },
      portOfNode: {
        text: 'must be 0 where the Pod has port {{port}} of its node, but is {{value}}: the new Pod waits for the port, and the old Pod keeps it until the new one is ready',
        fix: 'set `maxSurge: 0` and `maxUnavailable: 1`',
      },
      portOfSomeNode: {
        text: 'must find another node where port {{port}} is free for each new Pod, and the spec does not say how many nodes there are: on the same node, the new Pod waits for the port',
        fix: 'set `maxSurge: 0` and `maxUnavailable: 1`, or keep a node free',
      },
      noRoom: {
        text: 'must be at least 1{{of}}, but is {{value}}: one more Pod needs {{needed}} of `{{counted}}`, but the ResourceQuota {{quota}} has {{left}} left, so no rollout can begin',
        fix: 'set `maxUnavailable: 1`, or raise `{{counted}}` of the ResourceQuota {{quota}} to {{enough}}',
      },
      noRoomForSecond: {
        text: 'must find room for a second Pod {{where}}: it needs {{needed}} of `{{counted}}`, but the ResourceQuota {{quota}} has {{left}} left, so no rollout can begin',
        fix: 'raise `{{counted}}` of the ResourceQuota {{quota}} to {{enough}}',
      },
    },
    ...NO_OPTIONS,
  },

  validate(pod, context) {
    const { strategy } = context.subject.workload ?? {};
    const replicas = fewestReplicasOf(context.subject, context.surroundings);
    if (strategy?.type === 'OnDelete') {
      const { path } = strategy;
      if (context.subject.kind === 'DaemonSet') return [{ message: 'onDeleteOfNodes', path: path.field('type'), unknown: true }];
      return [{ message: 'onDelete', path: path.field('type'), rank: [1], ranked: [path] }];
    }
    if (strategy === undefined || replicas === 0) return NO_VIOLATIONS;
    if (leavesAllRunning(strategy, replicas))
      return [
        ...(replicas === 1 ? waitForClaim(strategy, pod, context) : NO_VIOLATIONS),
        ...waitForPort(strategy, pod, context),
        ...withoutRoom(strategy, pod, context),
      ];
    if (replicas === undefined) return stopOnAllNodes(strategy);
    const found = stopOfAll(strategy, replicas) ?? stopOfSet(strategy, replicas);
    if (found === undefined) return NO_VIOLATIONS;
    const where = replicas > 1 ? `with ${replicas} replicas` : placeOfOnlyPod(pod, context);
    if (where === undefined) return NO_VIOLATIONS;
    const pods = replicas > 1 ? `all ${replicas} Pods` : 'the only Pod';
    // An autoscaler that comes after its workload keeps more.
    const mayFollow = replicas === 1 && stopOfAll(strategy, MANY_REPLICAS) === undefined;
    return [{ ...found, data: { ...found.data, where, pods }, ...(mayFollow && { mayFollow }) }];
  },
});

/** More than any workload has to begin with: a strategy that stops all Pods even then stops them for any number of replicas. */
const MANY_REPLICAS = 1000;

/** Why a rollout may leave no Pod running. */
function stopOfAll({ path, type, maxSurge, maxUnavailable }: RolloutStrategy, replicas: number): KnownViolation<MessageId> | undefined {
  if (type === 'Recreate') return { message: 'recreate', path: path.field('type'), rank: [2], ranked: [path] };
  if (maxSurge === undefined || maxUnavailable === undefined) return undefined;
  const { unavailable, isStuckOtherwise } = rolloutBounds({ maxSurge, maxUnavailable }, replicas);
  if (unavailable < replicas) return undefined;
  const rollingUpdate = path.field('rollingUpdate');
  return isStuckOtherwise
    ? { message: 'noSurge', path: rollingUpdate.field('maxSurge'), data: { value: maxSurge }, rank: [1], ranked: [path] }
    : {
        message: 'allUnavailable',
        path: rollingUpdate.field('maxUnavailable'),
        data: { value: maxUnavailable },
        rank: [1],
        ranked: [path],
      };
}

/** Why a rollout of a StatefulSet may leave no Pod running; with one replica there is no other way. */
function stopOfSet(
  { path, maxSurge, maxUnavailable, partition = 0 }: RolloutStrategy,
  replicas: number,
): KnownViolation<MessageId> | undefined {
  if (maxSurge !== undefined || maxUnavailable === undefined || partition > 0 || replicas < 2) return undefined;
  if (rolloutBounds({ maxSurge: 0, maxUnavailable }, replicas).unavailable < replicas) return undefined;
  const field = path.field('rollingUpdate').field('maxUnavailable');
  return { message: 'allOfSet', path: field, data: { value: maxUnavailable }, rank: [1], ranked: [path] };
}

/** A number of Pods may be fewer than there are nodes. */
function stopOnAllNodes({ path, maxUnavailable }: RolloutStrategy): readonly KnownViolation<MessageId>[] {
  if (typeof maxUnavailable !== 'string' || Number.parseInt(maxUnavailable, 10) < 100) return NO_VIOLATIONS;
  const field = path.field('rollingUpdate').field('maxUnavailable');
  return [{ message: 'allOfNodes', path: field, data: { value: maxUnavailable }, rank: [1], ranked: [path] }];
}

/** Whether a rollout stops no Pod before a new one is ready. */
function leavesAllRunning({ type, maxSurge, maxUnavailable }: RolloutStrategy, replicas: number | undefined): boolean {
  if (type !== 'RollingUpdate' || maxSurge === undefined || maxUnavailable === undefined) return false;
  // What a percentage of the nodes comes to is not known: it is rounded up, and 0% alone is 0.
  if (replicas === undefined) return Number.parseInt(String(maxUnavailable), 10) === 0;
  return rolloutBounds({ maxSurge, maxUnavailable }, replicas).unavailable === 0;
}

/** Why a rollout that has to start a Pod before it stops one never begins. A rollout must not stop the only Pod of a Service first. */
function withoutRoom(
  { path, maxUnavailable }: RolloutStrategy,
  pod: Pod,
  context: RuleContext<object>,
): readonly KnownViolation<MessageId>[] {
  const { resourceQuotas } = context.surroundings;
  if (!resourceQuotas.isKnown || resourceQuotas.value.length === 0) return NO_VIOLATIONS;
  const { workload, kubernetesMinor } = context.subject;
  const fewest = fewestReplicasOf(context.subject, context.surroundings);
  // What an autoscaler has added so far is there, whatever it goes down to.
  const replicas = fewest === undefined ? undefined : Math.max(fewest, workload?.replicas ?? 0);
  const currentReplicas = workload?.currentReplicas;
  const shortage = quotaShortageOf({ pod, kubernetesMinor }, { replicas, currentReplicas }, context.each(resourceQuotas.value));
  if (shortage === undefined) return NO_VIOLATIONS;
  const { quota, counted, left, needed, enough } = shortage;
  const amounts = { left: formatQuantity(left), needed: formatQuantity(needed), enough: formatQuantity(enough) };
  const rollingUpdate = path.field('rollingUpdate');
  const where = replicas === 1 ? placeOfOnlyPod(pod, context) : undefined;
  if (where !== undefined) {
    const data = { where, quota, counted, ...amounts };
    return [{ message: 'noRoomForSecond', path: rollingUpdate.field('maxSurge'), data, rank: [0], ranked: [path] }];
  }
  const value = typeof maxUnavailable === 'string' ? `${maxUnavailable}, which comes to 0` : 0;
  const of = replicas === undefined ? '' : ` with ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`;
  const data = { of, value, quota, counted, ...amounts };
  return [{ message: 'noRoom', path: rollingUpdate.field('maxUnavailable'), data, rank: [0], ranked: [path] }];
}

/** Why the new one of two Pods may wait for a volume that the old one has. */
function waitForClaim({ path }: RolloutStrategy, pod: Pod, context: RuleContext<object>): readonly KnownViolation<MessageId>[] {
  const found = claimOfOne(pod, context);
  if (found === undefined) return NO_VIOLATIONS;
  const data = { ...found, where: found.mode === 'ReadWriteOnce' ? ' on another node' : '' };
  return [{ message: 'claimOfOne', path: path.field('type'), data, rank: [0], ranked: [path] }];
}

/** Why the new one of two Pods may wait for a port that the old one has. */
function waitForPort(
  { path, maxSurge }: RolloutStrategy,
  { spec }: Pod,
  { subject }: RuleContext<object>,
): readonly Violation<MessageId>[] {
  const port = nodePortOf(spec);
  if (port === undefined) return NO_VIOLATIONS;
  const place = path.field('rollingUpdate', 'maxSurge');
  // A DaemonSet has both Pods on one node.
  if (subject.kind !== 'DaemonSet' && onlyNodeOf(spec) === undefined)
    return [{ message: 'portOfSomeNode', path: place, data: { port }, unknown: true }];
  return [{ message: 'portOfNode', path: place, data: { port, value: maxSurge ?? 0 }, rank: [0], ranked: [path] }];
}

/** The first claim of a Deployment that two Pods cannot have at a time: a volume is attached also where nothing writes to it. */
function claimOfOne({ spec }: Pod, context: RuleContext<object>): { readonly claim: string; readonly mode: string } | undefined {
  const { subject, surroundings } = context;
  const { claims } = surroundings;
  if (subject.kind !== 'Deployment' || !claims.isKnown || claims.value.objects.length === 0) return undefined;
  const modes = modesByName(claims.value);
  for (const { persistentVolumeClaim } of context.each(spec.volumes)) {
    const name = persistentVolumeClaim?.['claimName'];
    const mode = typeof name === 'string' ? modes.get(name) : undefined;
    // On one node, two Pods can have it, unless it is for one Pod alone.
    if (mode === undefined || (mode === 'ReadWriteOnce' && isBoundToNode(spec))) continue;
    return { claim: String(name), mode };
  }
  return undefined;
}

/** The mode of the claims that one node at a time, or one Pod, can mount; one for all workloads around. */
const modesByName = oncePer(({ objects }: Inventory): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const { name, accessModes, isForTwoPods = false } of objects) {
    if (accessModes?.every((mode) => mode.startsWith('ReadWriteOnce')) !== true) continue;
    const [mode = ''] = accessModes;
    if (mode !== 'ReadWriteOnce' || !isForTwoPods) found.set(name, mode);
  }
  return found;
});

/** Whether both Pods come to one node: by its name, by its label, or by an affinity to each other. */
function isBoundToNode({ nodeName, nodeSelector, affinity }: PodSpec): boolean {
  const { podAffinity, nodeAffinity } = asObject(affinity);
  return (
    (nodeName ?? '') !== '' ||
    asObject(nodeSelector)['kubernetes.io/hostname'] !== undefined ||
    asObject(podAffinity)['requiredDuringSchedulingIgnoredDuringExecution'] != null ||
    JSON.stringify(asObject(nodeAffinity)['requiredDuringSchedulingIgnoredDuringExecution'] ?? '').includes('kubernetes.io/hostname')
  );
}

/**
 * @returns undefined where nobody is known to ask the one Pod for anything, or where it has to let go of data, of a volume or of a
 *   port before the next one can have them
 */
function placeOfOnlyPod(pod: Pod, context: RuleContext<object>): string | undefined {
  const { facts, surroundings } = context;
  const service = serviceForClients(pod.metadata.labels, surroundings.services);
  if (service === undefined || facts.dataPlace !== 'nowhere' || claimOfOne(pod, context) !== undefined) return undefined;
  if (nodePortOf(pod.spec) !== undefined) return undefined;
  return `behind the Service ${service.name}`;
}
