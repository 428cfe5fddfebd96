/**
 * Whether the fields of a Pod have the right types, and what can be read of a Pod in which some have not.
 *
 * The API server refuses an object whose fields it cannot decode (400) before any webhook sees it. A file, a recorded
 * review or a client that reaches the webhook's port may hold anything: a string where a list belongs, a quantity that
 * does not parse. Types are checked, those of fields that no rule reads too, apart from what is in rare sources of volumes: whatever else the
 * API server's validation refuses (duplicate names, ports out of range) is not checked here.
 */
import {
  anything,
  argument,
  boolean,
  int32,
  integer,
  list,
  map,
  object,
  orNull,
  parsedOrNot,
  port,
  present,
  quantity,
  readShape,
  scalar,
  string,
} from './field-shape.ts';
import type { JsonObject } from './json.ts';
import { FieldPath } from './path.ts';
import type { ShapeProblem } from './shape-problem.ts';
import { Work } from './work.ts';

/** What of a Pod can be read, and what is wrong with it. */
export interface PodShape {
  /**
   * In the types of `pod.ts`: what has the wrong type is left out, as if nobody had set it. Where the API server does not do without
   * it, there is what it reads in its place: an empty name, 0, no containers. Of an object with hundreds of fields that no type of
   * Kubernetes has, the known ones are there. The Pod itself where nothing is left out.
   */
  readonly readable: object;
  /** The first 20 fields that have the wrong type, and a problem of the whole object that says how many more there are. */
  readonly problems: readonly ShapeProblem[];
}

/**
 * @param pod a Pod, or a Pod template: an object with `metadata` and `spec`
 * @throws {OutOfTimeError} as the functions below do
 */
export function readPodShape(pod: unknown, work?: Work): PodShape {
  return readShape(POD, pod, FieldPath.ROOT, work) as PodShape;
}

/** The same for the `metadata` of a workload. */
export function readableMetadata(meta: unknown, work = Work.UNBOUNDED): object {
  return (metadata.readable(meta, work) ?? metadata.empty) as object;
}

/** The same for the `metadata` of a workload; it may be missing in a file. */
export function checkMetadataShape(meta: unknown, work?: Work): readonly ShapeProblem[] {
  return meta == null ? [] : readShape(metadata, meta, FieldPath.of('metadata'), work).problems;
}

/**
 * What a workload says besides its template.
 *
 * @param spec `replicas`, `strategy`, `updateStrategy` and the like
 * @returns the fields that have the right types, and what is wrong with the others; the spec itself where nothing is left out
 */
export function readWorkloadFields(
  spec: JsonObject,
  work?: Work,
): { readonly fields: JsonObject; readonly problems: readonly ShapeProblem[] } {
  const { readable, problems } = readShape(WORKLOAD_SPEC, spec, FieldPath.of('spec'), work);
  return { fields: readable as JsonObject, problems };
}

const exec = object({}, { command: list(argument) });
const nameAndValue = object({}, { name: string, value: string });
const httpGet = object({ port }, { path: string, host: string, scheme: string, httpHeaders: list(nameAndValue) });
const tcpSocket = object({ port }, { host: string });
const sleep = object({}, { seconds: integer });
const grpc = object({ port: integer }, { service: string });
const probe = object(
  {},
  {
    exec,
    httpGet,
    tcpSocket,
    grpc,
    initialDelaySeconds: int32,
    timeoutSeconds: int32,
    periodSeconds: int32,
    successThreshold: int32,
    failureThreshold: int32,
    terminationGracePeriodSeconds: integer,
  },
);
const handler = object({}, { exec, httpGet, tcpSocket, sleep });
const keyReference = object({}, { name: string, key: string, optional: boolean });
const objectReference = object({}, { name: string, optional: boolean });
const items = list(object({}, { key: string, path: string, mode: int32 }));
const projectedKeys = object({}, { name: string, optional: boolean, items, defaultMode: int32 });
const fieldReference = object({}, { apiVersion: string, fieldPath: string });
const resourceReference = object({}, { containerName: string, resource: string });
const resources = object({}, { requests: map(quantity), limits: map(quantity), claims: list(object({}, { name: string })) });
/** What the security contexts of Pods and of containers share. */
const security = {
  runAsNonRoot: boolean,
  runAsUser: integer,
  runAsGroup: integer,
  seLinuxOptions: object({}, { level: string, role: string, type: string, user: string }),
  seccompProfile: object({}, { type: string, localhostProfile: string }),
  appArmorProfile: object({}, { type: string, localhostProfile: string }),
  windowsOptions: object({}, { runAsUserName: string, gmsaCredentialSpecName: string, hostProcess: boolean }),
};
const container = object(
  { name: string },
  {
    image: string,
    imagePullPolicy: string,
    command: list(argument),
    args: list(argument),
    ports: list(object({ containerPort: integer }, { name: string, protocol: string, hostPort: int32, hostIP: string })),
    resources,
    livenessProbe: probe,
    readinessProbe: probe,
    startupProbe: probe,
    lifecycle: object({}, { preStop: handler, postStart: handler, stopSignal: string }),
    restartPolicy: string,
    restartPolicyRules: list(object({}, { action: string })),
    volumeMounts: list(object({ name: string, mountPath: string }, { subPath: string, readOnly: boolean })),
    volumeDevices: list(object({ name: string, devicePath: string }, {})),
    securityContext: object(
      {},
      {
        readOnlyRootFilesystem: boolean,
        privileged: boolean,
        allowPrivilegeEscalation: boolean,
        capabilities: object({}, { add: list(argument), drop: list(argument) }),
        procMount: string,
        ...security,
      },
    ),
    env: list(
      object(
        { name: string },
        {
          value: string,
          valueFrom: object(
            {},
            {
              configMapKeyRef: keyReference,
              secretKeyRef: keyReference,
              fieldRef: fieldReference,
              resourceFieldRef: resourceReference,
            },
          ),
        },
      ),
    ),
    envFrom: list(object({}, { configMapRef: objectReference, secretRef: objectReference })),
    workingDir: string,
    resizePolicy: list(object({}, { resourceName: string, restartPolicy: string })),
    stdin: boolean,
    stdinOnce: boolean,
    tty: boolean,
    terminationMessagePath: string,
    terminationMessagePolicy: string,
  },
);
const labelSelector = object(
  {},
  { matchLabels: map(string), matchExpressions: list(object({ key: string, operator: string }, { values: list(argument) })) },
);
const dataSource = object({}, { apiGroup: string, kind: string, name: string, namespace: string });
/** The other sources of volumes: without them, a volume of one would be read as an emptyDir (`VolumeSource`, `staging/src/k8s.io/api/core/v1/types.go`). */
const RARE_SOURCES = Object.fromEntries(
  [
    ...['awsElasticBlockStore', 'azureDisk', 'cephfs', 'cinder', 'fc', 'flocker', 'gcePersistentDisk', 'gitRepo', 'glusterfs'],
    ...['photonPersistentDisk', 'portworxVolume', 'quobyte', 'rbd', 'scaleIO', 'storageos', 'vsphereVolume'],
  ].map((source) => [source, present(anything)]),
);

/** Of a StatefulSet, and of a volume of its own. */
const claimTemplate = object(
  {},
  {
    metadata: object({}, { name: string, labels: map(string), annotations: map(string) }),
    spec: object(
      {},
      {
        accessModes: list(argument),
        storageClassName: string,
        volumeMode: string,
        volumeName: string,
        volumeAttributesClassName: string,
        resources,
        selector: labelSelector,
        dataSource,
        dataSourceRef: dataSource,
      },
    ),
  },
);
const spec = object(
  { containers: list(container) },
  {
    initContainers: list(container),
    ephemeralContainers: list(container),
    volumes: list(
      object(
        { name: string },
        {
          emptyDir: present(object({}, { medium: string, sizeLimit: quantity })),
          hostPath: present(object({}, { path: string, type: string })),
          persistentVolumeClaim: present(object({}, { claimName: string, readOnly: boolean })),
          ephemeral: present(object({}, { volumeClaimTemplate: claimTemplate })),
          image: present(object({}, { reference: string, pullPolicy: string })),
          configMap: present(projectedKeys),
          secret: present(object({}, { secretName: string, optional: boolean, items, defaultMode: int32 })),
          projected: present(
            object({}, { defaultMode: int32, sources: list(object({}, { configMap: projectedKeys, secret: projectedKeys })) }),
          ),
          csi: present(object({}, { driver: string, readOnly: boolean, nodePublishSecretRef: object({}, { name: string }) })),
          nfs: present(object({}, { server: string, path: string, readOnly: boolean })),
          downwardAPI: present(object({}, { items: list(object({}, { path: string, fieldRef: fieldReference })), defaultMode: int32 })),
          azureFile: present(object({}, { secretName: string })),
          flexVolume: present(object({}, { driver: string, readOnly: boolean, secretRef: object({}, { name: string }) })),
          iscsi: present(object({}, { chapAuthDiscovery: boolean, chapAuthSession: boolean, secretRef: object({}, { name: string }) })),
          ...RARE_SOURCES,
        },
      ),
    ),
    restartPolicy: string,
    terminationGracePeriodSeconds: integer,
    tolerations: list(object({}, { key: string, operator: string, value: string, effect: string, tolerationSeconds: integer })),
    resources,
    shareProcessNamespace: boolean,
    hostPID: boolean,
    hostIPC: boolean,
    hostNetwork: boolean,
    hostUsers: boolean,
    hostname: string,
    subdomain: string,
    setHostnameAsFQDN: boolean,
    hostAliases: list(object({}, { ip: string, hostnames: list(argument) })),
    dnsPolicy: string,
    dnsConfig: object({}, { nameservers: list(argument), searches: list(argument), options: list(nameAndValue) }),
    enableServiceLinks: boolean,
    automountServiceAccountToken: boolean,
    imagePullSecrets: list(orNull(object({}, { name: string }))),
    schedulerName: string,
    schedulingGates: list(object({}, { name: string })),
    preemptionPolicy: string,
    priority: int32,
    resourceClaims: list(object({}, { name: string, resourceClaimName: string, resourceClaimTemplateName: string })),
    affinity: object({}, { nodeAffinity: anything, podAffinity: anything, podAntiAffinity: anything }),
    os: object({}, { name: string }),
    activeDeadlineSeconds: integer,
    readinessGates: list(object({ conditionType: string })),
    nodeName: string,
    nodeSelector: map(string),
    runtimeClassName: string,
    overhead: map(quantity),
    topologySpreadConstraints: list(object({}, { labelSelector, maxSkew: int32, topologyKey: string, whenUnsatisfiable: string })),
    priorityClassName: string,
    serviceAccountName: string,
    serviceAccount: string,
    securityContext: object(
      {},
      {
        fsGroup: integer,
        fsGroupChangePolicy: string,
        supplementalGroups: list(integer),
        supplementalGroupsPolicy: string,
        sysctls: list(nameAndValue),
        ...security,
      },
    ),
  },
);
const metadata = object(
  {},
  {
    name: string,
    generateName: string,
    namespace: string,
    labels: map(string),
    annotations: map(string),
    ownerReferences: list(object({ apiVersion: string, kind: string, name: string }, { controller: boolean })),
    managedFields: parsedOrNot(list(object({}, { manager: string, operation: string, subresource: string, fieldsV1: anything }))),
  },
);
const POD = object({ spec }, { metadata });

const podsOrPercentage = scalar(
  'a number or a percentage such as 25%',
  (value) => Number.isInteger(value) || (typeof value === 'string' && /^\d+%$/.test(value)),
  0,
);
const rollingUpdate = object({}, { maxSurge: podsOrPercentage, maxUnavailable: podsOrPercentage, partition: int32 });
const strategy = object({}, { type: string, rollingUpdate });
const jobSpec = object({}, { activeDeadlineSeconds: integer, backoffLimit: int32, backoffLimitPerIndex: int32 });
const WORKLOAD_SPEC = object(
  {},
  {
    replicas: int32,
    strategy,
    updateStrategy: strategy,
    minReadySeconds: int32,
    progressDeadlineSeconds: int32,
    podManagementPolicy: string,
    serviceName: string,
    activeDeadlineSeconds: integer,
    backoffLimit: int32,
    backoffLimitPerIndex: int32,
    concurrencyPolicy: string,
    suspend: boolean,
    volumeClaimTemplates: list(claimTemplate),
    jobTemplate: object({}, { spec: jobSpec }),
  },
);
