/** A Pod leaves a lost node when its kind of work asks for it: not later, and not sooner. */
import { isDataStore } from '../core/data-stores.ts';
import { firstMatchOf, NEVER, NODE_MONITOR_GRACE_SECONDS, NOT_READY, toleratedSeconds, UNREACHABLE } from '../core/eviction.ts';
import { dataPlaceOf } from '../core/node-data.ts';
import { SPEC, type Pod, type PodSpec, type Toleration } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import type { Subject } from '../core/subject.ts';

interface Range {
  /** What is set where nobody chose. */
  readonly seconds: number;
  readonly min: number;
  readonly max: number;
}
interface Options {
  readonly stateless: Range;
  readonly stateful: Range;
  /** Not judged if not given. */
  readonly withoutClaim?: Range;
}

const TOLERATIONS = SPEC.field('tolerations');

type MessageId = 'apiDefault' | 'apiDefaultOfReplicas' | 'chosen' | 'forever' | 'notTolerated';

const RANGE_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['seconds', 'min', 'max'],
  properties: {
    seconds: {
      type: 'integer',
      minimum: 0,
      maximum: 604800,
      description: 'What is set where nobody chose; taken as `min` or `max` where it lies outside of them.',
    },
    min: { type: 'integer', minimum: 0, maximum: 604800, description: 'The shortest toleration that is accepted.' },
    max: { type: 'integer', minimum: 0, maximum: 604800, description: 'The longest toleration that is accepted.' },
  },
};

export default defineRule<Options, MessageId>({
  meta: {
    id: 'toleration-seconds',
    since: '0.1.0',
    category: 'eviction',
    docs: {
      summary: 'Stateless Pods leave a lost node soon, and stateful Pods wait longer for their node to come back.',
      harm: 'The Pods of a lost node stay on it for six minutes by default: long for a service, and short for a database that has to copy its data.',
      why: [
        'The Pods of a lost node stay for as long as they tolerate its taints `not-ready` and `unreachable`: 300 s unless',
        'somebody chooses another value, after the 50 s in which the node controller notices the loss. Six minutes are long for',
        'a service that could run on another node within seconds. They are short for a database: its replacement waits for the',
        'volume and copies data, and a reboot of the node would have been faster. A StatefulSet makes no replacement while the lost Pod is',
        'Terminating. If the node comes back after the deletion, a Pod that was well is stopped and made anew. One flag of the API',
        'server cannot be right for both.',
      ].join('\n'),
      remediation: [
        'Give the Pod two tolerations (`key: node.kubernetes.io/not-ready` and `node.kubernetes.io/unreachable`, `operator:',
        'Exists`, `effect: NoExecute`) with the seconds that it needs. If several tolerations match, the first in the list',
        'counts: one behind that of the API server has no effect. podgrace replaces the 300 s of the API server in place if',
        'nothing shows that somebody chose them.',
        'A Pod waits for its node if its data are bound to the node: a claim that a Pod of a StatefulSet writes to, which is',
        'its own and mostly ReadWriteOnce, or a directory of the node. The latter is a hostPath, apart from what belongs to the host itself',
        '(/dev, /proc, /sys, /run, /var/run, /etc, /boot, /lib, /usr/lib, /var/log and /var/lib/kubelet). An emptyDir and a generic',
        'ephemeral volume are scratch space. The spec of a Pod does not show whether the Pods of a Deployment share their claim: there the',
        'API server’s default stays, and a value within either range is accepted. Where the workload has several replicas, they do share it,',
        'and the rule warns of the default; podgrace does not change it, because the Pods do not know of each other. The same as for a Pod of',
        'a Deployment holds of disks that the Pod names itself, such as `awsElasticBlockStore` and `iscsi`, and of a StatefulSet whose claim',
        'templates ask for ReadWriteMany or ReadOnlyMany. Its Pods do not say so: they get the default of those that wait.',
        'StatefulSets without a claim replicate their data or have none, and so do other Pods with the image of a data store',
        '(`postgres`, `redis`, `kafka`, …): the rule judges both only if the policy sets `withoutClaim`.',
        'The rule does not judge DaemonSets, which stay on their node, batch workloads, Pods that tolerate everything for ever',
        '(`operator: Exists` without a key), and bare Pods, which no controller replaces after an eviction.',
      ].join('\n'),
      worse: [
        'For each of the two taints, the seconds that are missing or too many decide; not to be tolerated is to be tolerated for 0',
        'seconds, and nothing is worse than for ever.',
      ].join('\n'),
      references: [
        'https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions',
        'https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#defaulttolerationseconds',
        'https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/controller/tainteviction/taint_eviction.go',
      ],
    },
    reads: [
      'spec.tolerations',
      'spec.volumes',
      'spec.containers[*].image',
      'spec.containers[*].volumeMounts',
      'spec.containers[*].volumeDevices',
      'spec.initContainers[*].volumeMounts',
      'spec.initContainers[*].volumeDevices',
    ],
    writes: ['spec.tolerations'],
    appliesTo: { containers: [], workloads: ['service', 'stateful', 'pod', 'operator', 'static'] },
    mutation: 'behaviour-changing',
    presets: {
      baseline: { mode: 'audit', mutation: 'off' },
      production: { mode: 'warn', mutation: 'apply' },
      strict: { mode: 'enforce', mutation: 'apply' },
    },
    messages: {
      apiDefault: {
        text: 'must be between {{min}} and {{max}} s, but is the API server’s default of {{seconds}} s, which nobody chose: a node that is {{state}} keeps the Pod for {{keptSeconds}} s',
        fix: 'set a toleration for the taint with `tolerationSeconds: {{wanted}}`',
      },
      apiDefaultOfReplicas: {
        text: 'must be between {{min}} and {{max}} s where replicas share a claim, but is the API server’s default of {{seconds}} s: a node that is {{state}} keeps its Pods for {{keptSeconds}} s',
        fix: 'set a toleration for the taint with `tolerationSeconds: {{wanted}}`',
        onlyWarns: true,
      },
      chosen: {
        text: 'must be between {{min}} and {{max}} s, but is {{seconds}} s: a node that is {{state}} keeps the Pod for {{keptSeconds}} s',
        fix: 'set `tolerationSeconds: {{wanted}}` in this toleration; the first one that matches the taint counts',
      },
      forever: {
        text: 'must be between {{min}} and {{max}} s, but is not set: a node that is {{state}} keeps the Pod for ever',
        fix: 'set `tolerationSeconds: {{wanted}}` in this toleration; the first one that matches the taint counts',
      },
      notTolerated: {
        text: 'must keep the Pod for {{min}} to {{max}} s on a node that is {{state}}, but none matches: the Pod is evicted at once',
        fix: 'tolerate the taint with `operator: Exists`, `effect: NoExecute` and `tolerationSeconds: {{wanted}}`; the taint has no value',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        stateless: {
          ...RANGE_SCHEMA,
          description: 'For Pods that another node can take over: they write to no claim, and to no directory of their node.',
        },
        stateful: {
          ...RANGE_SCHEMA,
          description: 'For Pods whose data is bound to their node: StatefulSets that write to claims, and directories of the node.',
        },
        withoutClaim: {
          ...RANGE_SCHEMA,
          description: 'For the Pods of StatefulSets, and for data stores by their image, that write to no claim; not judged if not given.',
        },
      },
    },
    defaultOptions: {
      stateless: { seconds: 30, min: 0, max: 120 },
      stateful: { seconds: 900, min: 600, max: 86400 },
    },
    checkOptions: (options) =>
      (['stateless', 'stateful', 'withoutClaim'] as const).flatMap((kind) => {
        const { min, max } = options[kind] ?? { min: 0, max: 0 };
        return min > max ? [{ option: `${kind}.min`, message: `must be at most \`max\`, ${max}` }] : [];
      }),
  },

  validate(pod, context) {
    const { subject } = context;
    const range = rangeFor(pod, context);
    if (range === undefined) return NO_VIOLATIONS;
    const { tolerations } = pod.spec;
    const notReady = firstMatchOf(tolerations, NOT_READY);
    const unreachable = firstMatchOf(tolerations, UNREACHABLE);
    const isSame = notReady === unreachable;
    const isWrong = (index: number): boolean => {
      const isLeft = range.ofDefault !== undefined && isApiDefault(tolerations ?? [], index, subject);
      return isLeft
        ? range.ofDefault !== 'any' && isOutside(range.ofDefault, tolerations?.[index])
        : isOutside(range, tolerations?.[index]);
    };
    const isNotReadyWrong = isWrong(notReady);
    const isUnreachableWrong = isSame ? isNotReadyWrong : isWrong(unreachable);
    if (!isNotReadyWrong && !isUnreachableWrong) return NO_VIOLATIONS;

    const judged = { tolerations: tolerations ?? [], subject };
    if (isSame) return [violationOf('not ready or unreachable', unreachable, range, judged)];
    const violations: Violation<MessageId>[] = [];
    if (isNotReadyWrong) violations.push(violationOf('not ready', notReady, range, judged));
    if (isUnreachableWrong) violations.push(violationOf('unreachable', unreachable, range, judged));
    return violations;
  },

  mutate(draft, context: RuleContext<Options>) {
    const { subject } = context;
    const { tolerations } = draft.spec;
    const range = rangeFor(draft, context);
    if (tolerations == null || range === undefined || range.ofDefault !== undefined) return;
    // Whose each one is shows by the list as it was, so all are found before one is changed.
    const repairable = [NOT_READY, UNREACHABLE]
      .map((taint) => firstMatchOf(tolerations, taint))
      .filter((index) => isOutside(range, tolerations[index]) && isApiDefault(tolerations, index, subject));
    for (const index of repairable) {
      const toleration = tolerations[index];
      if (toleration !== undefined) toleration.tolerationSeconds = range.seconds;
    }
  },
});

/** A bare Pod that leaves its node is gone: the longer it waits for the node, the better. */
function isNeverReplaced({ workloadClass, owner, isTemplate }: Subject): boolean {
  return workloadClass === 'pod' && owner === undefined && !isTemplate;
}

interface Wanted extends Range {
  /** What the API server has added is left as it is, and this is what it should be. */
  readonly ofDefault?: 'any' | Range;
}

/** @returns undefined where the Pod is not judged */
function rangeFor({ spec }: Pod, context: RuleContext<Options>): Wanted | undefined {
  const { options, subject, facts } = context;
  if (isNeverReplaced(subject)) return undefined;
  const place = facts.dataPlace;
  if (place === 'node') return within(options.stateful);
  const { workloadClass } = subject;
  // What operators run (databases above all) has claims of its own, as the Pods of a StatefulSet have.
  if (workloadClass === 'stateful' || workloadClass === 'operator') {
    if (place === 'claim' && hasSharedClaimsAlone(spec, context)) return eitherOf(options);
    const range = place === 'claim' ? options.stateful : options.withoutClaim;
    return range && within(range);
  }
  if (place === 'nowhere' && !hasDataStore(spec, context)) return within(options.stateless);
  if (place === 'nowhere') return options.withoutClaim && within(options.withoutClaim);
  if (!subject.isOneOfSeveral || !isOnClaim(spec, context) || hasDataStore(spec, context)) return eitherOf(options);
  return { ...eitherOf(options), ofDefault: within(options.stateless) };
}

/** A disk that the Pod names itself is attached to one node at a time. */
function isOnClaim({ volumes = [] }: PodSpec, context: RuleContext<Options>): boolean {
  const disks = new Set<string>();
  for (const { name, persistentVolumeClaim } of context.each(volumes ?? [])) if (persistentVolumeClaim == null) disks.add(name);
  return dataPlaceOf(context.subject.pod.spec, context.facts.volumeUses, disks) === 'claim';
}

function hasDataStore(spec: PodSpec, context: RuleContext<Options>): boolean {
  for (const container of context.each(spec.containers)) if (isDataStore(container)) return true;
  return false;
}

/** Whether the workload says of all claims that a container writes to that several nodes can mount them. */
function hasSharedClaimsAlone(spec: PodSpec, { subject: { sharedClaims }, facts }: RuleContext<Options>): boolean {
  return sharedClaims.size > 0 && dataPlaceOf(spec, facts.volumeUses, sharedClaims) === 'nowhere';
}

function within(range: Range): Range {
  const seconds = Math.max(range.min, Math.min(range.seconds, range.max));
  return seconds === range.seconds ? range : { ...range, seconds };
}

/** A claim that several Pods share leaves them stateless, one of a single Pod does not. */
function eitherOf({ stateless, stateful }: Options): Wanted {
  const min = Math.min(stateless.min, stateful.min);
  const max = Math.max(stateless.max, stateful.max);
  return { ...within({ seconds: stateful.seconds, min, max }), ofDefault: 'any' };
}

/** Whether the toleration that decides (none: evicted at once) keeps the Pod too long or too shortly. */
function isOutside({ min, max }: Range, toleration: Toleration | undefined): boolean {
  if (toleration === undefined) return min > 0;
  const seconds = toleratedSeconds(toleration);
  // Who tolerates everything for ever means to stay on its node.
  if (seconds === NEVER && !toleration.key) return false;
  return seconds < min || seconds > max;
}

function isApiDefault(tolerations: readonly Toleration[], index: number, { provenance }: Subject): boolean {
  return provenance.originOfToleration(tolerations, index) === 'toleration-default';
}

/** What is compared between the versions of an object, by the states of the node that a toleration decides about. */
const RANKED = {
  'not ready': [TOLERATIONS.key('not ready')],
  unreachable: [TOLERATIONS.key('unreachable')],
  'not ready or unreachable': [TOLERATIONS.key('not ready'), TOLERATIONS.key('unreachable')],
} as const;

interface Judged {
  readonly tolerations: readonly Toleration[];
  readonly subject: Subject;
}

/** @param index of the toleration that decides; -1 where none matches */
function violationOf(state: keyof typeof RANKED, index: number, range: Wanted, { tolerations, subject }: Judged): Violation<MessageId> {
  const toleration = tolerations[index];
  const isDefault = toleration !== undefined && isApiDefault(tolerations, index, subject);
  const ofReplicas = isDefault && range.ofDefault !== 'any' ? range.ofDefault : undefined;
  const { min, max, seconds: wanted } = ofReplicas ?? range;
  const ranked = RANKED[state];
  if (toleration === undefined)
    return { message: 'notTolerated', path: TOLERATIONS, data: { min, max, wanted, state }, rank: [min], ranked };
  const path = TOLERATIONS.at(index, { key: toleration.key }).field('tolerationSeconds');
  const seconds = toleratedSeconds(toleration);
  if (seconds === NEVER) return { message: 'forever', path, data: { min, max, wanted, state }, rank: [NEVER], ranked };
  // A node that says itself that it is not ready is tainted at once.
  const keptSeconds = seconds + (state === 'not ready' ? 0 : NODE_MONITOR_GRACE_SECONDS);
  return {
    message: ofReplicas !== undefined ? 'apiDefaultOfReplicas' : isDefault ? 'apiDefault' : 'chosen',
    path,
    data: { min, max, wanted, seconds, state, keptSeconds },
    rank: [Math.max(min - seconds, seconds - max)],
    ranked,
  };
}
