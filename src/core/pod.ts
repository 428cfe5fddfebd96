/**
 * The Pod as the rules see it: the raw JSON, with types for the fields that podgrace reads or writes.
 *
 * `shape.ts` has made sure of the types and `defaults.ts` has filled in what the API server fills in, so a field without
 * a `?` is there. What the types do not name is still in the object and stays as it is: new fields survive.
 * Field names and meanings: k8s.io/api `core/v1/types.go`.
 */

import type { DeferredManagedFields } from './deferred-managed-fields.ts';
import type { ManagedFieldsEntry } from './managed-fields.ts';
import { FieldPath } from './path.ts';

/** Absent and null mean the same in a Pod. */
export type Maybe<T> = T | null | undefined;

/** A quantity as JSON has it: a string, or in files that were never admitted a bare number. */
export type QuantityText = string | number;
export type ResourceList = Record<string, QuantityText>;

export interface ResourceRequirements {
  requests?: Maybe<ResourceList>;
  limits?: Maybe<ResourceList>;
  claims?: Maybe<{ name: string }[]>;
}

export interface ExecAction {
  command?: Maybe<string[]>;
}
export interface HttpGetAction {
  path?: Maybe<string>;
  port: number | string;
  host?: Maybe<string>;
  scheme?: Maybe<string>;
  /** `HTTP1` or `HTTP2`; kept by API servers from 1.37 on whose gate H2CContainerProbe is on, which it is not by default. */
  protocol?: unknown;
}
export interface TcpSocketAction {
  port: number | string;
  host?: Maybe<string>;
}
export interface GrpcAction {
  port: number;
  service?: Maybe<string>;
  /** `Plaintext` or `TLS`; kept by API servers from 1.37 on whose gate GRPCContainerProbeTLS is on, which it is not by default. */
  mode?: unknown;
}
export interface SleepAction {
  seconds?: Maybe<number>;
}

export interface Probe {
  exec?: Maybe<ExecAction>;
  httpGet?: Maybe<HttpGetAction>;
  tcpSocket?: Maybe<TcpSocketAction>;
  grpc?: Maybe<GrpcAction>;
  initialDelaySeconds?: Maybe<number>;
  timeoutSeconds: number;
  periodSeconds: number;
  successThreshold: number;
  failureThreshold: number;
  terminationGracePeriodSeconds?: Maybe<number>;
}

/** The three members of a container that hold a probe. */
export const PROBE_KINDS = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
export type ProbeKind = (typeof PROBE_KINDS)[number];

export interface LifecycleHandler {
  exec?: Maybe<ExecAction>;
  httpGet?: Maybe<HttpGetAction>;
  tcpSocket?: Maybe<TcpSocketAction>;
  sleep?: Maybe<SleepAction>;
}
export interface Lifecycle {
  /** KEP-4960; dropped by API servers whose gate is off, which is the default up to 1.37. */
  stopSignal?: Maybe<string>;
  preStop?: Maybe<LifecycleHandler>;
  postStart?: Maybe<LifecycleHandler>;
}

export interface ContainerPort {
  name?: Maybe<string>;
  containerPort: number;
  protocol?: Maybe<string>;
  hostPort?: Maybe<number>;
}
export interface VolumeMount {
  name: string;
  mountPath: string;
  subPath?: Maybe<string>;
  readOnly?: Maybe<boolean>;
}

/** A claim of mode Block, which the container reads and writes as a device. */
export interface VolumeDevice {
  name: string;
  devicePath: string;
}

export interface Container {
  name: string;
  image?: Maybe<string>;
  imagePullPolicy?: Maybe<string>;
  command?: Maybe<string[]>;
  args?: Maybe<string[]>;
  ports?: Maybe<ContainerPort[]>;
  env?: Maybe<EnvVar[]>;
  envFrom?: Maybe<EnvFromSource[]>;
  resources?: Maybe<ResourceRequirements>;
  livenessProbe?: Maybe<Probe>;
  readinessProbe?: Maybe<Probe>;
  startupProbe?: Maybe<Probe>;
  lifecycle?: Maybe<Lifecycle>;
  restartPolicy?: Maybe<string>;
  /** KEP-5307, on by default since 1.35. */
  restartPolicyRules?: Maybe<RestartRule[]>;
  volumeMounts?: Maybe<VolumeMount[]>;
  volumeDevices?: Maybe<VolumeDevice[]>;
  securityContext?: Maybe<Record<string, unknown>>;
  /** Standard input stays open; without it and a terminal, it is at its end. */
  stdin?: Maybe<boolean>;
  tty?: Maybe<boolean>;
  terminationMessagePath?: Maybe<string>;
  terminationMessagePolicy?: Maybe<string>;
}

export interface EnvVar {
  name: string;
  /** A literal; absent where it comes from somewhere else. */
  value?: Maybe<string>;
  valueFrom?: Maybe<{ configMapKeyRef?: Maybe<KeyReference>; secretKeyRef?: Maybe<KeyReference> }>;
}

/** Without a name it refers to nothing, and the API server refuses it. */
export interface ObjectReference {
  name?: Maybe<string>;
  optional?: Maybe<boolean>;
}
export interface KeyReference extends ObjectReference {
  key?: Maybe<string>;
}
export interface EnvFromSource {
  configMapRef?: Maybe<ObjectReference>;
  secretRef?: Maybe<ObjectReference>;
}

/** The keys of a ConfigMap or a Secret that become files; all where there are no items. */
export interface ProjectedKeys extends ObjectReference {
  items?: Maybe<{ key?: Maybe<string> }[]>;
}

export interface RestartRule {
  /** `Restart`, `RestartAllContainers`. */
  action?: Maybe<string>;
}

export interface EmptyDir {
  medium?: Maybe<string>;
  sizeLimit?: Maybe<QuantityText>;
}
export interface HostPath {
  path?: Maybe<string>;
  type?: Maybe<string>;
}
export interface Volume {
  name: string;
  emptyDir?: Maybe<EmptyDir>;
  hostPath?: Maybe<HostPath>;
  persistentVolumeClaim?: Maybe<{ claimName?: Maybe<string>; [field: string]: unknown }>;
  /** A claim that lives as long as the Pod (a generic ephemeral volume). */
  ephemeral?: Maybe<{
    volumeClaimTemplate?: Maybe<{ spec?: Maybe<{ dataSource?: Maybe<DataSource>; dataSourceRef?: Maybe<DataSource> }> }>;
  }>;
  image?: Maybe<{ reference?: Maybe<string>; pullPolicy?: Maybe<string> }>;
  configMap?: Maybe<ProjectedKeys>;
  secret?: Maybe<{ secretName?: Maybe<string>; optional?: Maybe<boolean>; items?: ProjectedKeys['items'] }>;
  projected?: Maybe<{ sources?: Maybe<{ configMap?: Maybe<ProjectedKeys>; secret?: Maybe<ProjectedKeys> }[]> }>;
  csi?: Maybe<{ nodePublishSecretRef?: Maybe<ObjectReference> }>;
  azureFile?: Maybe<{ secretName?: Maybe<string> }>;
  flexVolume?: Maybe<{ secretRef?: Maybe<ObjectReference> }>;
  iscsi?: Maybe<{ chapAuthDiscovery?: Maybe<boolean>; chapAuthSession?: Maybe<boolean>; secretRef?: Maybe<ObjectReference> }>;
}

/** What a claim is filled from, a TypedObjectReference. */
export interface DataSource {
  apiGroup?: Maybe<string>;
  kind?: Maybe<string>;
  name?: Maybe<string>;
  namespace?: Maybe<string>;
}

/** Devices of the Pod: a claim, or the template from which one is made for each Pod (dynamic resource allocation). */
export interface PodResourceClaim {
  name?: Maybe<string>;
  resourceClaimName?: Maybe<string>;
  resourceClaimTemplateName?: Maybe<string>;
}

/** metav1.LabelSelector */
export interface LabelSelector {
  readonly matchLabels?: Maybe<Readonly<Record<string, string>>>;
  readonly matchExpressions?: Maybe<
    readonly { readonly key: string; readonly operator: string; readonly values?: Maybe<readonly string[]> }[]
  >;
}
export interface TopologySpreadConstraint {
  labelSelector?: Maybe<LabelSelector>;
}

export interface Toleration {
  key?: Maybe<string>;
  operator?: Maybe<string>;
  value?: Maybe<string>;
  effect?: Maybe<string>;
  tolerationSeconds?: Maybe<number>;
}

/** A line of `/etc/hosts`. */
export interface HostAlias {
  ip?: Maybe<string>;
  hostnames?: Maybe<string[]>;
}

export interface PodSpec {
  containers: Container[];
  initContainers?: Maybe<Container[]>;
  ephemeralContainers?: Maybe<Container[]>;
  volumes?: Maybe<Volume[]>;
  restartPolicy: string;
  terminationGracePeriodSeconds: number;
  tolerations?: Maybe<Toleration[]>;
  resources?: Maybe<ResourceRequirements>;
  shareProcessNamespace?: Maybe<boolean>;
  hostPID?: Maybe<boolean>;
  hostNetwork?: Maybe<boolean>;
  hostname?: Maybe<string>;
  subdomain?: Maybe<string>;
  hostAliases?: Maybe<HostAlias[]>;
  os?: Maybe<{ name?: Maybe<string> }>;
  activeDeadlineSeconds?: Maybe<number>;
  readinessGates?: Maybe<{ conditionType: string }[]>;
  nodeName?: Maybe<string>;
  nodeSelector?: Maybe<Record<string, string>>;
  runtimeClassName?: Maybe<string>;
  /** Of the sandbox: what the RuntimeClass says, written by its admission plugin. */
  overhead?: Maybe<ResourceList>;
  /** As received: only `operatingSystemOf` looks into it, and checks what it finds. */
  affinity?: unknown;
  topologySpreadConstraints?: Maybe<TopologySpreadConstraint[]>;
  priorityClassName?: Maybe<string>;
  resourceClaims?: Maybe<PodResourceClaim[]>;
  serviceAccountName?: Maybe<string>;
  /** The old name of `serviceAccountName`; the API server keeps both alike. */
  serviceAccount?: Maybe<string>;
  securityContext?: Maybe<Record<string, unknown>>;
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  controller?: Maybe<boolean>;
}
export interface ObjectMeta {
  /** Only of what an API server has stored. */
  uid?: Maybe<string>;
  name?: Maybe<string>;
  generateName?: Maybe<string>;
  namespace?: Maybe<string>;
  labels?: Maybe<Record<string, string>>;
  annotations?: Maybe<Record<string, string>>;
  ownerReferences?: Maybe<OwnerReference[]>;
  managedFields?: Maybe<readonly ManagedFieldsEntry[] | DeferredManagedFields>;
}

export interface Pod {
  metadata: ObjectMeta;
  spec: PodSpec;
}

/**
 * What a container is for. A *sidecar* is an init container with `restartPolicy: Always` (KEP-753): it starts in the order
 * of the init containers and stays; it may have probes and hooks, ordinary init containers may not.
 */
export type ContainerKind = 'main' | 'init' | 'sidecar' | 'ephemeral';

export interface ContainerReference {
  readonly kind: ContainerKind;
  readonly container: Container;
  readonly list: 'containers' | 'initContainers' | 'ephemeralContainers';
  readonly index: number;
}

/** The part of a spec that says which containers there are. */
export type ContainerLists = Pick<PodSpec, 'containers' | 'initContainers' | 'ephemeralContainers'>;

/** Every container of the Pod in the order in which the kubelet starts them: init containers and sidecars, main, ephemeral. */
export function containersOf(spec: ContainerLists): ContainerReference[] {
  const references: ContainerReference[] = [];
  collect('initContainers', spec.initContainers, references);
  collect('containers', spec.containers, references);
  collect('ephemeralContainers', spec.ephemeralContainers, references);
  return references;
}

function collect(list: ContainerReference['list'], containers: Maybe<Container[]>, into: ContainerReference[]): void {
  if (containers == null) return;
  for (let index = 0; index < containers.length; index++) {
    const container = containers[index];
    if (container !== undefined) into.push({ kind: kindOf(list, container), container, list, index });
  }
}

function kindOf(list: ContainerReference['list'], container: Container): ContainerKind {
  if (list === 'containers') return 'main';
  if (list === 'ephemeralContainers') return 'ephemeral';
  return container.restartPolicy === 'Always' ? 'sidecar' : 'init';
}

/** The places in a Pod that many others are below. */
export const SPEC = FieldPath.of('spec');
/** The places of the lists that hold containers. */
export const CONTAINER_LISTS: Readonly<Record<ContainerReference['list'], FieldPath>> = {
  containers: SPEC.field('containers'),
  initContainers: SPEC.field('initContainers'),
  ephemeralContainers: SPEC.field('ephemeralContainers'),
};

/** The place of a container: `spec.initContainers[0]`. */
export function pathOf({ list, index, container }: ContainerReference): FieldPath {
  return CONTAINER_LISTS[list].at(index, { name: container.name });
}

/** A volume is an emptyDir also where it names no source at all; defaulting has written `emptyDir: {}` then (`SetDefaults_Volume`). */
export function emptyDirOf(volume: Volume): EmptyDir | undefined {
  return volume.emptyDir ?? undefined;
}
