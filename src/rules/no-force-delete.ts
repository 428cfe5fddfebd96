/** A Pod of a StatefulSet is gone from the API only when it is gone from its node. */
import { FENCED_NODE_ANNOTATION, GROUPS_OF_CONTROLLERS } from '../core/deletion.ts';
import { FieldPath } from '../core/path.ts';
import type { PodSpec } from '../core/pod.ts';
import { defineRule, NO_OPTIONS, NO_VIOLATIONS } from '../core/rule.ts';
import type { Subject } from '../core/subject.ts';
import { groupOf, WORKLOAD_CLASSES } from '../core/workload.ts';

type MessageId = 'mayStillRun';

export default defineRule<object, MessageId>({
  meta: {
    id: 'no-force-delete',
    since: '0.1.0',
    category: 'termination',
    docs: {
      summary: 'Nobody deletes a Pod of a StatefulSet with grace period 0 while it may still run on its node.',
      harm: 'The Pod leaves the API while its processes may still run: a StatefulSet then starts a second Pod of the same name, and both write the same data.',
      why: [
        'A deletion with grace period 0 (`kubectl delete --force`) takes the Pod out of the API at once, whether or not its processes have',
        'ended. The StatefulSet then makes a Pod of the same name with the same claim, often on another node. If the first node was only cut off',
        'from the API server, two members of one name write the same data: what StatefulSets promise, at most one Pod of each name, is',
        'broken, and databases are corrupted by it. Of all other deletions the kubelet says when the processes have ended.',
      ].join('\n'),
      firesOn: [
        'the deletion of a Pod of a StatefulSet with grace period 0: `kubectl delete --force`, `kubectl drain --disable-eviction --grace-period=0`, a collection of Pods with `gracePeriodSeconds=0`',
        'such a deletion of a Pod that is terminating already, since its node does not answer',
        'such a deletion of a Pod that its StatefulSet has let go: after `kubectl delete statefulset --cascade=orphan`, or as its labels do not match any more; another controller of Kubernetes may have adopted it since',
      ],
      leavesAlone: [
        'deletions with any other grace period, `kubectl delete --now` among them, which waits 1 s and then for the kubelet',
        'evictions and drains, also with grace period 0: the API server shows no webhook the Pod that it deletes then',
        'the deletion of a namespace or of the StatefulSet, garbage collection: what kubelets, controllers, the scheduler and service accounts delete',
        'Pods on no node, Pods that have ended, and Pods whose own `terminationGracePeriodSeconds` is 0',
        'Pods of other workloads: they have no name and no claim of their own that a second one would share',
        `a Pod whose annotation \`${FENCED_NODE_ANNOTATION}\` names its node`,
      ],
      remediation: [
        'Delete the Pod without `--force`: it is gone as soon as its node says so. If the node does not answer, make sure that it is off or cut off',
        'from the storage too. Then tell Kubernetes so with the taint `node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`: it deletes the',
        `Pods of the node and detaches their volumes by itself. Or set the annotation \`${FENCED_NODE_ANNOTATION}\` of the Pod to the name of the node,`,
        'and delete the Pod by force. The annotation excuses no Pod on another node, so it cannot be written into a template.',
        '',
        'The API server asks podgrace about deletions only after `podgrace install --force-delete`, with the component `force-delete` of',
        'kustomize, or with `webhooks.forceDelete` of the chart ([installation](../installation.md#deletions-by-force)). While podgrace',
        'does not answer, every deletion goes through.',
      ].join('\n'),
      worse: 'A deletion is no update, so nothing is compared with what was before.',
      shipped: { baseline: 0, production: 0, strict: 0 },
      references: [
        'https://kubernetes.io/docs/tasks/run-application/force-delete-stateful-set-pod/',
        'https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown',
      ],
    },
    about: 'deletion',
    reads: ['spec.nodeName', 'spec.hostname', 'spec.terminationGracePeriodSeconds', `metadata.annotations[${FENCED_NODE_ANNOTATION}]`],
    writes: [],
    appliesTo: { containers: [], workloads: WORKLOAD_CLASSES.filter((workloadClass) => workloadClass !== 'static') },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'enforce', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off' },
    },
    messages: {
      mayStillRun: {
        text: 'must be {{node}} before the Pod is deleted by force, but is {{fenced}}: it may still run there while another one starts with its name and data',
        fix: 'delete it without `--force`; once {{node}} is off for certain, taint it `node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`, or set the annotation',
      },
    },
    ...NO_OPTIONS,
  },

  validate({ metadata, spec }, { deletion, subject }) {
    if (deletion === undefined || !deletion.isByPerson || deletion.isOver || deletion.gracePeriodSeconds !== 0) return NO_VIOLATIONS;
    if (subject.workloadClass !== 'stateful' && !isLetGo(subject, spec)) return NO_VIOLATIONS;
    const { nodeName: node } = spec;
    if (node == null || node === '' || spec.terminationGracePeriodSeconds === 0) return NO_VIOLATIONS;
    const fenced = metadata.annotations?.[FENCED_NODE_ANNOTATION];
    if (fenced === node) return NO_VIOLATIONS;
    return [
      {
        message: 'mayStillRun',
        path: FENCED_NODE,
        data: { node, fenced: fenced === undefined || fenced === '' ? 'not set' : fenced },
        rank: [0],
      },
    ];
  },
});

const FENCED_NODE = FieldPath.of('metadata', 'annotations').key(FENCED_NODE_ANNOTATION);

/**
 * A StatefulSet lets a Pod go that has other labels, and leaves it behind with `--cascade=orphan`. It, or the next one of its name, makes a
 * Pod of the same name as soon as that one is gone. It has written the name of the Pod into `spec.hostname`, which nobody can change
 * (`pkg/controller/statefulset/stateful_set_utils.go`, `initIdentity`). The owner says nothing then: another controller adopts the Pod if its
 * selector matches, and whoever may change the Pod can name one.
 */
function isLetGo({ name, owner }: Subject, { hostname }: PodSpec): boolean {
  const mayBeAdopted = owner === undefined || GROUPS_OF_CONTROLLERS.includes(groupOf(owner.apiVersion));
  return mayBeAdopted && hostname === name && /-\d+$/.test(name);
}
