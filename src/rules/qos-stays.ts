/** Containers that are added on the way into the cluster do not lower the QoS class that the Pod was sent with. */
import { pathOf, type ContainerReference } from '../core/pod.ts';
import { isGuaranteed, qosObstacles, type QosObstacle } from '../core/qos.ts';
import { defineRule, NO_OPTIONS, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

type MessageId = 'lowered';

export default defineRule<object, MessageId>({
  meta: {
    id: 'qos-stays',
    since: '0.1.0',
    category: 'qos',
    docs: {
      summary: 'Containers that other webhooks add do not lower the QoS class of a Pod.',
      harm: 'A container that a webhook adds without equal requests and limits makes a Guaranteed Pod Burstable: it is killed and evicted sooner.',
      why: [
        'A Pod is Guaranteed only if the requests and limits of every container are equal. A proxy or an agent that a webhook adds to each new',
        'Pod, with its own small resources, makes Pods Burstable whose authors chose Guaranteed: the kernel kills their processes sooner',
        '(oom_score_adj 3 to 999 instead of -997), they are evicted under memory pressure, and they lose the cores that the static CPU manager gave',
        'to them alone. The manifest still looks right, and only the class in the status of the Pod tells.',
      ].join('\n'),
      firesOn: [
        'a container that is in the Pod, but not in what its sender sent (`metadata.managedFields`, which the API server makes before admission), where the Pod is Guaranteed without such containers and Burstable with them',
      ],
      leavesAlone: [
        'Pods that were sent as Burstable or BestEffort: a container that is added lowers neither',
        'Pods with Pod-level resources: those decide',
        'templates and files, in which nobody has added anything yet, and objects without managedFields',
        'a resize: the API server itself refuses one that changes the class',
      ],
      remediation: [
        'Give the added container equal requests and limits of cpu and memory: in the settings of the webhook that adds it, or in the annotations',
        'of the Pod by which it can be told (for Istio `sidecar.istio.io/proxyCPU`, `proxyCPULimit`, `proxyMemory` and `proxyMemoryLimit`).',
        'Where `minimum-qos-class` asks for Guaranteed and repairs, podgrace makes them equal itself. Pods of workloads are made',
        'by controllers, so for them this is recorded and not said, unless the policy sets `owned`; `podgrace dry-run` says it.',
      ].join('\n'),
      worse: 'An added container that lowers the class is as bad as any other.',
      shipped: { baseline: 0, production: 0, strict: 0 },
      references: [
        'https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/',
        'https://kubernetes.io/docs/tasks/administer-cluster/cpu-management-policies/',
      ],
    },
    reads: ['spec.containers[*].resources', 'spec.initContainers[*].resources', 'spec.resources'],
    writes: [],
    appliesTo: { containers: ['main', 'init', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      lowered: {
        text: 'must have equal requests and limits of {{resources}}: the Pod was sent as Guaranteed, and this container, which a webhook added, makes it Burstable',
        fix: 'set them where the container comes from: in the settings of its webhook, or in the annotations of the Pod that it reads',
      },
    },
    ...NO_OPTIONS,
  },

  validate({ spec }, context) {
    const { provenance, kubernetesMinor } = context.subject;
    let guaranteed: ContainerReference[] | undefined;
    for (const reference of context.containers()) if (isGuaranteed(reference.container)) (guaranteed ??= []).push(reference);
    // In most Pods no container is Guaranteed by itself: neither obstacles nor managedFields need be looked at for them.
    if (guaranteed === undefined) return NO_VIOLATIONS;
    const obstacles = Map.groupBy(qosObstacles(spec, kubernetesMinor, 'Guaranteed'), ({ reference }) => reference);
    // Where Pod-level resources decide, no container does.
    if (obstacles.size === 0 || obstacles.has(undefined)) return NO_VIOLATIONS;
    const wasAdded = (reference: ContainerReference): boolean => provenance.wasAdded(pathOf(reference));
    for (const reference of context.each([...obstacles.keys()])) {
      if (reference === undefined || !wasAdded(reference)) return NO_VIOLATIONS;
    }
    if (guaranteed.every(wasAdded)) return NO_VIOLATIONS;
    return [...obstacles].flatMap(violationsOf);
  },
});

function violationsOf([reference, obstacles]: readonly [ContainerReference | undefined, readonly QosObstacle[]]): Violation<MessageId>[] {
  if (reference === undefined) return [];
  const resources = obstacles.map(({ resource }) => resource).join(' and ');
  return [{ message: 'lowered', path: pathOf(reference).field('resources'), data: { resources }, rank: [0] }];
}
