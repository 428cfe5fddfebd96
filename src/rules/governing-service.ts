/** The Service that gives the Pods of a StatefulSet their names exists. */
import { FieldPath } from '../core/path.ts';
import { podNamesOf } from '../core/pod-surroundings.ts';
import { defineRule, NO_OPTIONS, NO_VIOLATIONS } from '../core/rule.ts';
import { shortened } from '../core/shortened.ts';

type MessageId = 'missing' | 'selectsOthers';

const SERVICE_NAME = FieldPath.of('spec', 'serviceName');

export default defineRule<object, MessageId>({
  meta: {
    id: 'governing-service',
    since: '0.1.0',
    category: 'configuration',
    docs: {
      summary: 'The Service of `serviceName` exists and selects the Pods of the StatefulSet.',
      harm: 'Without the Service that `serviceName` names, DNS does not know the names of the Pods, and the members of the StatefulSet do not find each other.',
      why: [
        'The Pods of a StatefulSet get names of their own in DNS, such as `db-0.db.shop.svc`, from the Service that `serviceName` names.',
        'Members of a database or a queue find each other by these names, also after a restart with another address. The API server accepts a',
        'StatefulSet whose Service does not exist. Its Pods start, and each name is unknown (NXDOMAIN): members that look for each other',
        'fail or wait, and clients that use a name get no answer. `serviceName` cannot be changed later.',
      ].join('\n'),
      firesOn: [
        'a `serviceName` that no Service of the namespace has, where the Services are known: in the webhook, in `dry-run` and `explain`, and in `check` of a folder with at least one Service, PodDisruptionBudget or autoscaler',
        'a Service of that name that selects other Pods',
      ],
      leavesAlone: [
        'StatefulSets without a `serviceName`',
        'Services without a selector: somebody else may write their endpoints',
        'StatefulSets of which a repository has no Service and nothing else that is known to stand around them',
      ],
      remediation: [
        'Create a Service of this name in the same namespace, with `clusterIP: None` and a selector that fits the labels of the Pods. Members that',
        'find each other before they are ready need `publishNotReadyAddresses: true`. It should be there before the StatefulSet; the',
        'webhook only records its absence when a StatefulSet is created, and warns of it on updates, since it may follow. If nobody uses the',
        'names of the Pods, leave `serviceName` out of the next StatefulSet, or turn the rule off.',
      ].join('\n'),
      worse: 'Without a Service and with one of other Pods, the Pods have no names: one is as bad as the other.',
      shipped: { baseline: 0, production: 0, strict: 0 },
      references: [
        'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id',
        'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/',
        'https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/endpointslice/util/controller_utils.go',
      ],
    },
    about: 'workload',
    kinds: ['apps/StatefulSet'],
    needs: ['services'],
    reads: ['spec.serviceName', 'spec.template.metadata.labels'],
    writes: [],
    appliesTo: { containers: [], workloads: ['stateful'] },
    mutation: 'none',
    presets: {
      baseline: { mode: 'audit', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      missing: {
        text: 'must name a Service that exists, but there is no {{service}}: the Pods have no names of their own in DNS',
        fix: 'create the Service {{service}} with `clusterIP: None` and the labels of the Pods as its selector, before the StatefulSet',
      },
      selectsOthers: {
        text: 'must name a Service that selects the Pods, but {{service}} selects others: the Pods have no names of their own in DNS',
        fix: 'make the selector of the Service {{service}} fit the labels of the Pods',
      },
    },
    ...NO_OPTIONS,
  },

  validate(_pod, { subject, surroundings }) {
    const names = podNamesOf(subject, surroundings.services);
    if (names?.isKnown !== true || names.value === 'own') return NO_VIOLATIONS;
    const data = { service: shortened(subject.workload?.serviceName ?? '') };
    return names.value === 'none'
      ? [{ message: 'missing', path: SERVICE_NAME, data, rank: [0], mayFollow: true }]
      : [{ message: 'selectsOthers', path: SERVICE_NAME, data, rank: [0] }];
  },
});
