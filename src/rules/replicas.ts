/** A workload that others call has more than one replica. */
import { FieldPath } from '../core/path.ts';
import { defineRule, NO_VIOLATIONS } from '../core/rule.ts';
import { autoscalerOf, serviceThatSelects } from '../core/surroundings.ts';

interface Options {
  readonly min: number;
}

type MessageId = 'tooFew' | 'tooFewOfAutoscaler';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'replicas',
    since: '0.1.0',
    category: 'eviction',
    docs: {
      summary: 'A workload behind a Service has at least two replicas.',
      why: [
        'With one replica every drain of its node, every eviction and every lost node is an outage: the next Pod is scheduled, pulls its',
        'images and starts while nobody answers. After a lost node that begins some 50 s after the loss, plus the time for which its',
        'Pods tolerate it, 300 s by default.',
      ].join('\n'),
      firesOn: [
        'a Deployment or StatefulSet with fewer replicas than `min` behind a Service that podgrace knows',
        'an autoscaler of such a workload whose `minReplicas` are fewer',
      ],
      leavesAlone: [
        'workloads that no known Service selects: controllers, workers',
        '0 replicas: somebody has switched it off',
        'a Pod that writes to a claim or to a directory of its node: a second one may not be possible',
        'everything where podgrace does not know the autoscalers',
      ],
      remediation: 'Set `replicas: 2` or more, or `minReplicas` of the autoscaler, and spread the Pods over nodes.',
      worse: 'The more replicas are missing, the worse.',
      references: ['https://kubernetes.io/docs/concepts/workloads/pods/disruptions/'],
    },
    about: 'workload',
    kinds: ['apps/Deployment', 'apps/StatefulSet'],
    needs: ['services', 'autoscalers'],
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
      tooFewOfAutoscaler: {
        text: 'must be at least {{min}} behind the Service {{service}}, but the autoscaler {{autoscaler}} goes down to {{replicas}}',
        fix: 'set `minReplicas: {{min}}` in the HorizontalPodAutoscaler {{autoscaler}}',
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

  validate(pod, { options, subject, surroundings, facts }) {
    const { replicas: own } = subject.workload ?? {};
    const { autoscalers } = surroundings;
    if (own === undefined || !autoscalers.isKnown) return NO_VIOLATIONS;
    const autoscaler = autoscalerOf(subject, autoscalers.value);
    const replicas = autoscaler?.minReplicas ?? own;
    const { min } = options;
    if (replicas === 0 || replicas >= min) return NO_VIOLATIONS;
    const service = serviceThatSelects(pod.metadata.labels, surroundings.services)?.name;
    if (service === undefined || facts.dataPlace !== 'nowhere') return NO_VIOLATIONS;
    const data = { min, replicas, service };
    const rank = [min - replicas];
    if (autoscaler === undefined) return [{ message: 'tooFew', path: REPLICAS, data, rank, mayFollow: true }];
    return [{ message: 'tooFewOfAutoscaler', path: REPLICAS, data: { ...data, autoscaler: autoscaler.name }, rank }];
  },
});

const REPLICAS = FieldPath.of('spec', 'replicas');
