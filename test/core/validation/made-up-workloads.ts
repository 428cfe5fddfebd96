/** Pods and workloads beside which the API server wants something else, and what an API server 1.36.3 says of them. */
import type { JsonObject } from '../../../src/core/json.ts';

export interface MadeUpWorkload {
  readonly name: string;
  readonly object: JsonObject;
  /** What is wrong; empty where the API server accepts it. */
  readonly invalid: readonly string[];
}

export const web = (fields: object = {}, pod: object = {}): JsonObject => ({
  containers: [{ name: 'web', image: 'web:1', ...fields }],
  ...pod,
});
const template = (spec: object, labels: object | null = { app: 'web' }): object => ({
  ...(labels === null ? {} : { metadata: { labels } }),
  spec,
});
export const workload = (apiVersion: string, kind: string, spec: object): JsonObject => ({
  apiVersion,
  kind,
  metadata: { name: 'web' },
  spec,
});
const RUNNING = { selector: { matchLabels: { app: 'web' } }, template: template(web()) };
const deployment = (fields: object): JsonObject => workload('apps/v1', 'Deployment', { ...RUNNING, ...fields });
const statefulSet = (fields: object): JsonObject => workload('apps/v1', 'StatefulSet', { ...RUNNING, serviceName: 'web', ...fields });
const daemonSet = (fields: object): JsonObject => workload('apps/v1', 'DaemonSet', { ...RUNNING, ...fields });
const replicaSet = (fields: object): JsonObject => workload('apps/v1', 'ReplicaSet', { ...RUNNING, ...fields });
const replicationController = (fields: object): JsonObject =>
  workload('v1', 'ReplicationController', { ...RUNNING, selector: { app: 'web' }, ...fields });
const pod = (fields: object): JsonObject => workload('v1', 'Pod', { ...web(), ...fields });

export const MADE_UP_WORKLOADS: readonly MadeUpWorkload[] = [
  {
    name: 'other labels of a Deployment',
    object: deployment({ template: template(web(), { app: 'other', tier: 'a' }) }),
    invalid: ['spec.template.metadata.labels: Invalid value: {"app":"other","tier":"a"}: `selector` does not match template `labels`'],
  },
  {
    name: 'a restart policy of a Deployment',
    object: deployment({ template: template(web({}, { restartPolicy: 'Never' })) }),
    invalid: ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  },
  {
    name: 'Pods of a Deployment that end',
    object: deployment({ template: template(web({}, { activeDeadlineSeconds: 60 })) }),
    invalid: ['spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported'],
  },
  {
    name: 'Deployment: minReadySeconds below 0',
    object: deployment({ minReadySeconds: -1 }),
    invalid: ['spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'Deployment: replicas below 0',
    object: deployment({ replicas: -1 }),
    invalid: ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'other labels of a StatefulSet',
    object: statefulSet({ template: template(web(), { app: 'other', tier: 'a' }) }),
    invalid: ['spec.template.metadata.labels: Invalid value: {"app":"other","tier":"a"}: `selector` does not match template `labels`'],
  },
  {
    name: 'a restart policy of a StatefulSet',
    object: statefulSet({ template: template(web({}, { restartPolicy: 'Never' })) }),
    invalid: ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  },
  {
    name: 'Pods of a StatefulSet that end',
    object: statefulSet({ template: template(web({}, { activeDeadlineSeconds: 60 })) }),
    invalid: ['spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported'],
  },
  {
    name: 'StatefulSet: minReadySeconds below 0',
    object: statefulSet({ minReadySeconds: -1 }),
    invalid: ['spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'StatefulSet: replicas below 0',
    object: statefulSet({ replicas: -1 }),
    invalid: ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'other labels of a DaemonSet',
    object: daemonSet({ template: template(web(), { app: 'other', tier: 'a' }) }),
    invalid: ['spec.template.metadata.labels: Invalid value: {"app":"other","tier":"a"}: `selector` does not match template `labels`'],
  },
  {
    name: 'a restart policy of a DaemonSet',
    object: daemonSet({ template: template(web({}, { restartPolicy: 'Never' })) }),
    invalid: ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  },
  {
    name: 'Pods of a DaemonSet that end',
    object: daemonSet({ template: template(web({}, { activeDeadlineSeconds: 60 })) }),
    invalid: ['spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported'],
  },
  {
    name: 'DaemonSet: minReadySeconds below 0',
    object: daemonSet({ minReadySeconds: -1 }),
    invalid: ['spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'other labels of a ReplicaSet',
    object: replicaSet({ template: template(web(), { app: 'other', tier: 'a' }) }),
    invalid: ['spec.template.metadata.labels: Invalid value: {"app":"other","tier":"a"}: `selector` does not match template `labels`'],
  },
  {
    name: 'a restart policy of a ReplicaSet',
    object: replicaSet({ template: template(web({}, { restartPolicy: 'Never' })) }),
    invalid: ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  },
  {
    name: 'Pods of a ReplicaSet that end',
    object: replicaSet({ template: template(web({}, { activeDeadlineSeconds: 60 })) }),
    invalid: ['spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported'],
  },
  {
    name: 'ReplicaSet: minReadySeconds below 0',
    object: replicaSet({ minReadySeconds: -1 }),
    invalid: ['spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'ReplicaSet: replicas below 0',
    object: replicaSet({ replicas: -1 }),
    invalid: ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'other labels of a ReplicationController',
    object: replicationController({ template: template(web(), { app: 'other', tier: 'a' }) }),
    invalid: ['spec.template.metadata.labels: Invalid value: {"app":"other","tier":"a"}: `selector` does not match template `labels`'],
  },
  {
    name: 'a restart policy of a ReplicationController',
    object: replicationController({ template: template(web({}, { restartPolicy: 'Never' })) }),
    invalid: ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  },
  {
    name: 'Pods of a ReplicationController that end',
    object: replicationController({ template: template(web({}, { activeDeadlineSeconds: 60 })) }),
    invalid: ['spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported'],
  },
  {
    name: 'ReplicationController: minReadySeconds below 0',
    object: replicationController({ minReadySeconds: -1 }),
    invalid: ['spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'ReplicationController: replicas below 0',
    object: replicationController({ replicas: -1 }),
    invalid: ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'no labels',
    object: deployment({ template: template(web(), null) }),
    invalid: ['spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`'],
  },
  {
    name: 'an expression that labels do not fit',
    object: deployment({ selector: { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['a'] }] } }),
    invalid: ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
  },
  {
    name: 'a deadline at minReadySeconds',
    object: deployment({ minReadySeconds: 600 }),
    invalid: ['spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds'],
  },
  {
    name: 'a history below 0',
    object: deployment({ revisionHistoryLimit: -1 }),
    invalid: ['spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'an unknown strategy',
    object: deployment({ strategy: { type: 'Rolling' } }),
    invalid: ['spec.strategy: Unsupported value: {"Type":"Rolling","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"'],
  },
  {
    name: 'an unknown strategy with what a known one has',
    object: deployment({ strategy: { type: 'Rolling', rollingUpdate: { maxSurge: '50%' } } }),
    invalid: [
      'spec.strategy: Unsupported value: {"Type":"Rolling","RollingUpdate":{"MaxUnavailable":0,"MaxSurge":"50%"}}: supported values: "Recreate", "RollingUpdate"',
    ],
  },
  {
    name: 'rollingUpdate beside Recreate',
    object: deployment({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }),
    invalid: ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
  },
  {
    name: 'no surge and none missing',
    object: deployment({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
    invalid: ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0'],
  },
  {
    name: 'no surge and none missing, in per cent',
    object: deployment({ strategy: { rollingUpdate: { maxSurge: '0%', maxUnavailable: '0%' } } }),
    invalid: ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
  },
  {
    name: 'a share that is none',
    object: deployment({ strategy: { rollingUpdate: { maxSurge: 'one', maxUnavailable: '1' } } }),
    invalid: [
      "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"1\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"one\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ],
  },
  {
    name: 'more than all',
    object: deployment({ strategy: { rollingUpdate: { maxSurge: '200%', maxUnavailable: '200%' } } }),
    invalid: ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "200%": must not be greater than 100%'],
  },
  {
    name: 'a negative share',
    object: deployment({ strategy: { rollingUpdate: { maxSurge: -1, maxUnavailable: 1 } } }),
    invalid: ['spec.strategy.rollingUpdate.maxSurge: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'a DaemonSet with both',
    object: daemonSet({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } }),
    invalid: ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero'],
  },
  {
    name: 'a DaemonSet with neither',
    object: daemonSet({ updateStrategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
    invalid: ['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0'],
  },
  {
    name: 'a DaemonSet with more than all',
    object: daemonSet({ updateStrategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '200%' } } }),
    invalid: ['spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "200%": must not be greater than 100%'],
  },
  {
    name: 'an unknown strategy of a DaemonSet',
    object: daemonSet({ updateStrategy: { type: 'Recreate' } }),
    invalid: [
      'spec.updateStrategy: Unsupported value: {"Type":"Recreate","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"',
    ],
  },
  {
    name: 'an unknown strategy of a StatefulSet',
    object: statefulSet({ updateStrategy: { type: 'Recreate' } }),
    invalid: ['spec.updateStrategy: Invalid value: {"Type":"Recreate","RollingUpdate":null}: must be \'RollingUpdate\' or \'OnDelete\''],
  },
  {
    name: 'an unknown strategy of a StatefulSet with a partition',
    object: statefulSet({ updateStrategy: { type: 'Recreate', rollingUpdate: { partition: 1 } } }),
    invalid: [
      'spec.updateStrategy: Invalid value: {"Type":"Recreate","RollingUpdate":{"Partition":1,"MaxUnavailable":null}}: must be \'RollingUpdate\' or \'OnDelete\'',
    ],
  },
  {
    name: 'an unknown management',
    object: statefulSet({ podManagementPolicy: 'Serial' }),
    invalid: ["spec.podManagementPolicy: Invalid value: \"Serial\": must be 'OrderedReady' or 'Parallel'"],
  },
  {
    name: 'a partition below 0',
    object: statefulSet({ updateStrategy: { rollingUpdate: { partition: -1 } } }),
    invalid: ['spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'an unknown retention',
    object: statefulSet({ persistentVolumeClaimRetentionPolicy: { whenScaled: 'Keep', whenDeleted: 'Retain' } }),
    invalid: ['spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Retain", "Delete"'],
  },
  {
    name: 'numbers below 0',
    object: statefulSet({ ordinals: { start: -1 } }),
    invalid: ['spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'a host name of a StatefulSet',
    object: statefulSet({ template: template(web({}, { hostname: 'my_web', subdomain: 'a.b' })) }),
    invalid: [],
  },
  {
    name: 'a Pod on the network of its node without a port of it',
    object: pod({ hostNetwork: true, containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80 }] }] }),
    invalid: [],
  },
  {
    name: 'a negative grace period of a template',
    object: deployment({ template: template(web({}, { terminationGracePeriodSeconds: -1 })) }),
    invalid: [],
  },
  {
    name: 'a negative grace period of a template with a sleep',
    object: deployment({
      template: template(web({ lifecycle: { preStop: { sleep: { seconds: 1 } } } }, { terminationGracePeriodSeconds: -1 })),
    }),
    invalid: [
      'spec.template.spec.containers[0].lifecycle.preStop.sleep: Invalid value: 1: must be non-negative and less than terminationGracePeriodSeconds (-1)',
    ],
  },
  {
    name: 'a deadline of a Pod',
    object: pod({ activeDeadlineSeconds: 0 }),
    invalid: ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
  },
  {
    name: 'claims and volumes of one name',
    object: statefulSet({
      template: template(
        web(
          { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
          { volumes: [{ name: 'data', emptyDir: {}, configMap: { name: 'a' } }] },
        ),
      ),
      volumeClaimTemplates: [
        { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
      ],
    }),
    invalid: [],
  },
];
