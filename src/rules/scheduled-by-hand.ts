/** Only the scheduler chooses the node of a Pod. */
import { SPEC } from '../core/pod.ts';
import { defineRule, NO_OPTIONS, NO_VIOLATIONS } from '../core/rule.ts';

type MessageId = 'named';

export default defineRule<object, MessageId>({
  meta: {
    id: 'scheduled-by-hand',
    since: '0.1.0',
    category: 'eviction',
    docs: {
      summary: 'Only the scheduler chooses the node of a Pod.',
      harm: 'A Pod with a `nodeName` bypasses the scheduler: nothing checks whether the node has room, is cordoned or still exists.',
      why: [
        'A Pod with a `nodeName` of its own bypasses the scheduler: nothing checks whether the node has room (`OutOfcpu`,',
        '`OutOfmemory`: the Pod fails at once, and its controller makes the next one, hundreds an hour), whether it is cordoned',
        'for a drain, or whether it still exists. Taints with `NoSchedule`, affinity and spread constraints do not count',
        'either.',
      ].join('\n'),
      firesOn: [
        '`nodeName` in the template of a workload',
        '`nodeName` in the file of a Pod, and in each Pod that is created, by a person or by a program, such as `kubectl debug node/…`',
        'a Pod that is on its node already, where the managedFields or the last-applied annotation show that a client sent its `nodeName`',
      ],
      leavesAlone: ['other Pods that are on a node already: the scheduler has written the field', 'static Pods'],
      remediation: [
        'Use a `nodeSelector` with `kubernetes.io/hostname`, or node affinity: the scheduler then puts the Pod on that node as soon as it has',
        'room. To have one Pod on each node, use a DaemonSet.',
      ].join('\n'),
      worse: 'A node that is named is as bad as any other.',
      shipped: { baseline: 0, production: 0, strict: 0 },
      references: ['https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename'],
    },
    reads: ['spec.nodeName'],
    writes: [],
    appliesTo: { containers: [], workloads: ['service', 'stateful', 'daemon', 'batch', 'pod', 'operator'] },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off' },
    },
    messages: {
      named: {
        text: 'must be left to the scheduler, but is {{node}}: nobody checks whether that node has room, is being drained, or exists',
        fix: 'use `nodeSelector: {kubernetes.io/hostname: {{node}}}`, or a DaemonSet for one Pod on each node',
      },
    },
    ...NO_OPTIONS,
  },

  validate({ spec }, { subject }) {
    const { nodeName: node } = spec;
    if (node == null || node === '') return NO_VIOLATIONS;
    if (!subject.isTemplate && !subject.provenance.wasNamed(NODE_NAME)) return NO_VIOLATIONS;
    return [{ message: 'named', path: NODE_NAME, data: { node }, rank: [0] }];
  },
});

const NODE_NAME = SPEC.field('nodeName');
