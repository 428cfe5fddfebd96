/** Replicas run on different nodes or zones, so that one failure does not stop all of them. */
import { fewestReplicasOf } from '../core/fewest-replicas.ts';
import { asObject, asObjects } from '../core/json-reading.ts';
import { FieldPath } from '../core/path.ts';
import { nodePortOf } from '../core/node-port.ts';
import type { PodSpec } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { selectorOf } from '../core/surrounding-object.ts';
import type { Subject } from '../core/subject.ts';
import { selectsPods } from '../core/surroundings.ts';
import type { WorkloadClass } from '../core/workload.ts';

interface Options {
  readonly required: boolean;
}

type MessageId = 'missing' | 'selectsNothing' | 'selectsOthers';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'topology-spread',
    since: '0.1.0',
    category: 'eviction',
    docs: {
      summary: 'Two or more replicas are spread over nodes or zones, by constraints that select the Pods of the workload.',
      harm: 'Two replicas on one node are lost together.',
      why: [
        'Two replicas on one node are lost together. The scheduler spreads the Pods of a workload by default, but weakly: it lets three',
        'more on one node than on another, and takes a node with free room before an empty one that is nearly full. A constraint',
        'whose selector does not fit the Pod’s own labels counts others, and does nothing or keeps the Pod Pending.',
      ].join('\n'),
      firesOn: [
        'a constraint without a `labelSelector`, which counts no Pod',
        'a constraint whose `labelSelector` does not select the workload’s own Pods',
        'with `required`, a Deployment or StatefulSet of two or more replicas, or with an autoscaler that keeps so many, with neither `topologySpreadConstraints` nor a `podAntiAffinity` to its own Pods',
      ],
      leavesAlone: [
        'DaemonSets and Jobs; workloads of one replica, unless a constraint of theirs does not select their Pods',
        'Pods with a `hostPort`, or with `hostNetwork` and a port: two of them never run on one node',
        'which topology is named, and whether the constraint is strict',
      ],
      remediation: [
        'Add a constraint with `maxSkew: 1`, `topologyKey: kubernetes.io/hostname` or `topology.kubernetes.io/zone`, `whenUnsatisfiable:',
        'ScheduleAnyway`, and the labels of the Pods as its selector. podgrace adds none: a constraint of its own takes the default ones of the',
        'cluster from a Pod, for nodes and for zones. To change those for all Pods, set `defaultConstraints` in the configuration of the scheduler.',
      ].join('\n'),
      worse: 'From the worst: a constraint counts other Pods, it counts none, there is none.',
      shipped: { baseline: 0, production: 0, strict: 22 },
      references: ['https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/'],
    },
    about: 'workload',
    kinds: ['apps/Deployment', 'apps/StatefulSet'],
    needs: ['autoscalers'],
    reads: [
      'spec.replicas',
      'spec.template.metadata.labels',
      'spec.template.spec.topologySpreadConstraints',
      'spec.template.spec.affinity.podAntiAffinity',
      'spec.template.spec.hostNetwork',
      'spec.template.spec.containers[*].ports',
      'spec.template.spec.initContainers[*].ports',
      'spec.template.spec.initContainers[*].restartPolicy',
    ],
    writes: [],
    appliesTo: { containers: [], workloads: ['service', 'stateful'] },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off', options: { required: true } },
    },
    messages: {
      missing: {
        text: 'must be set for {{replicas}} replicas: all of them may run on one node, and are lost with it',
        fix: 'add one with `topologyKey: kubernetes.io/hostname`, `maxSkew: 1`, `whenUnsatisfiable: ScheduleAnyway` and the labels of the Pods',
      },
      selectsNothing: {
        text: 'must be set: a constraint without a selector counts no Pod, and spreads nothing',
        fix: 'set the labels of the Pods as its `labelSelector`',
      },
      selectsOthers: {
        text: 'must select the workload’s own Pods, but does not fit their labels: the constraint counts others',
        fix: 'set the labels of the Pods as its `labelSelector`',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        required: { type: 'boolean', description: 'Whether two and more replicas must have a constraint or an anti-affinity.' },
      },
    },
    defaultOptions: { required: false },
  },

  validate({ spec, metadata }, context) {
    const { options, subject } = context;
    const { root } = subject;
    const replicas = fewestReplicasOf(subject, context.surroundings);
    if (replicas === undefined) return NO_VIOLATIONS;
    const place = FieldPath.of('spec', 'topologySpreadConstraints').within(root);
    const { topologySpreadConstraints: constraints } = spec;
    if (constraints == null || constraints.length === 0) {
      if (!options.required || replicas < 2 || keepsApart(spec, metadata.labels ?? {}, subject) || nodePortOf(spec) !== undefined)
        return NO_VIOLATIONS;
      return [{ message: 'missing', path: place, data: { replicas }, rank: [0] }];
    }
    let violations: Violation<MessageId>[] | undefined;
    let index = -1;
    for (const constraint of context.each(constraints)) {
      index += 1;
      const { labelSelector } = constraint;
      if (labelSelector != null && selectsPods(labelSelector, metadata.labels ?? {})) continue;
      const message = labelSelector == null ? 'selectsNothing' : 'selectsOthers';
      violations ??= [];
      violations.push({ message, path: place.at(index).field('labelSelector'), rank: [labelSelector == null ? 1 : 2], ranked: [place] });
    }
    return violations ?? NO_VIOLATIONS;
  },
});

/**
 * Whether an anti-affinity, required or preferred, is one to the workload’s own Pods. A term without a selector selects none, and one
 * that lists other namespaces alone selects Pods there (`PodAffinityTerm`, k8s.io/api `core/v1/types.go`).
 */
function keepsApart({ affinity }: PodSpec, labels: Readonly<Record<string, string>>, { namespace, workloadClass }: Subject): boolean {
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution: preferred } = asObject(
    asObject(affinity)['podAntiAffinity'],
  );
  const terms = [...asObjects(required), ...asObjects(preferred).map(({ podAffinityTerm }) => asObject(podAffinityTerm))];
  return terms.some(
    ({ labelSelector, namespaces, namespaceSelector, mismatchLabelKeys }) =>
      selectsPods(selectorOf(labelSelector), labels) &&
      !isOfOtherValues(mismatchLabelKeys, labels, REVISION_LABELS[workloadClass]) &&
      (namespaceSelector != null || !Array.isArray(namespaces) || namespaces.length === 0 || namespaces.includes(namespace)),
  );
}

/** Whether a term selects only Pods with another value than the own one of a label (`applyMatchLabelKeysAndMismatchLabelKeys`, `pkg/registry/core/pod/strategy.go`). */
function isOfOtherValues(keys: unknown, labels: Readonly<Record<string, string>>, ofController: string | undefined): boolean {
  return Array.isArray(keys) && keys.some((key) => typeof key === 'string' && (Object.hasOwn(labels, key) || key === ofController));
}

/** A label that no template has, and each Pod that its controller makes; of any other key that a Pod lacks, the API server takes no notice. */
const REVISION_LABELS: Partial<Readonly<Record<WorkloadClass, string>>> = {
  service: 'pod-template-hash',
  stateful: 'controller-revision-hash',
};
