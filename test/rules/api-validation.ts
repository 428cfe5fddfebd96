/**
 * What kube-apiserver's validation would have against a Pod, for the fields that rules write.
 *
 * Mirrors kubernetes `pkg/apis/core/validation/validation.go` (functions named below) at 1.36. The cluster tests put every
 * fixture's Pod before a real API server; this copy says the same without one, and for Pods that property tests make up.
 */
import { parseKubernetesVersion } from '../../src/core/kubernetes-version.ts';
import {
  containersOf,
  PROBE_KINDS,
  pathOf,
  type ContainerReference,
  type LifecycleHandler,
  type Maybe,
  type Pod,
  type PodSpec,
  type Probe,
  type ResourceRequirements,
} from '../../src/core/pod.ts';
import { parseQuantity } from '../../src/core/quantity.ts';
import { isPortName } from '../../src/core/serving-port.ts';
import { aggregateContainers, amountOf } from '../../src/core/resources.ts';

const RESTART_ALL = 'RestartAllContainers';

/** @returns `field: reason` for everything that would be refused */
export function findInvalid(pod: Pod, kubernetesVersion: string): string[] {
  const invalid: string[] = [];
  const minor = parseKubernetesVersion(kubernetesVersion) ?? 0;
  const { spec } = pod;
  const references = containersOf(spec);
  const names = references.map(({ container }) => container.name);
  if (new Set(names).size !== names.length) invalid.push(`containers: duplicate names in ${names.join(', ')}`);
  for (const reference of references) invalid.push(...invalidContainer(reference, spec.terminationGracePeriodSeconds));
  // RestartAllContainersOnContainerExits is on since 1.36; 1.34 drops the rules altogether.
  if (minor === 35 && references.some(({ container }) => container.restartPolicyRules?.some(({ action }) => action === RESTART_ALL)))
    invalid.push(`restartPolicyRules: ${RESTART_ALL} is not supported before 1.36`);

  invalid.push(...invalidPodResources(spec));

  const volumeNames = (spec.volumes ?? []).map(({ name }) => name);
  if (new Set(volumeNames).size !== volumeNames.length) invalid.push(`volumes: duplicate names in ${volumeNames.join(', ')}`);
  for (const volume of spec.volumes ?? []) {
    const sources = Object.entries(volume).filter(([key, source]) => key !== 'name' && source != null);
    if (sources.length !== 1) invalid.push(`volumes[${volume.name}]: must have one source`);
    const sizeLimit = volume.emptyDir?.sizeLimit == null ? undefined : parseQuantity(volume.emptyDir.sizeLimit);
    if (sizeLimit !== undefined && sizeLimit.nano < 0n) invalid.push(`volumes[${volume.name}].emptyDir.sizeLimit: must not be negative`);
    if (volume.image != null && minor < 35) invalid.push(`volumes[${volume.name}].image: dropped, ImageVolume is off before 1.35`);
  }
  for (const reference of references) {
    const paths = (reference.container.volumeMounts ?? []).map(({ mountPath }) => mountPath);
    if (new Set(paths).size !== paths.length) invalid.push(`${pathOf(reference).text}.volumeMounts: must be unique by mountPath`);
    for (const { name } of reference.container.volumeMounts ?? []) {
      if (!volumeNames.includes(name)) invalid.push(`${pathOf(reference).text}.volumeMounts: no volume ${name}`);
    }
    for (const { name } of reference.container.volumeDevices ?? []) {
      if (!volumeNames.includes(name)) invalid.push(`${pathOf(reference).text}.volumeDevices: no volume ${name}`);
    }
  }
  if (spec.shareProcessNamespace === true && spec.hostPID === true) invalid.push('spec: shareProcessNamespace and hostPID');
  for (const [index, { key, operator, effect, value, tolerationSeconds }] of (spec.tolerations ?? []).entries()) {
    const field = `spec.tolerations[${index}]`;
    if (!key && operator !== 'Exists') invalid.push(`${field}: an empty key needs Exists`);
    if (tolerationSeconds != null && effect !== 'NoExecute') invalid.push(`${field}: tolerationSeconds needs NoExecute`);
    if (operator === 'Exists' && value) invalid.push(`${field}: Exists takes no value`);
  }
  return invalid;
}

/** validateContainers, validateInitContainers, validateEphemeralContainers, validateContainerOnlyForPod. */
function invalidContainer(reference: ContainerReference, graceSeconds: number): string[] {
  const { container, kind } = reference;
  const field = pathOf(reference).text;
  const invalid = invalidResources(container.resources, field);
  const { image } = container;
  if (image != null && image !== image.trim()) invalid.push(`${field}.image: must not have leading or trailing whitespace`);
  const mayHaveHooks = kind === 'main' || kind === 'sidecar';
  for (const probeKind of PROBE_KINDS) {
    const probe = container[probeKind];
    if (probe == null) continue;
    if (!mayHaveHooks) invalid.push(`${field}.${probeKind}: forbidden`);
    invalid.push(...invalidProbe(probe, `${field}.${probeKind}`, probeKind === 'readinessProbe'));
  }
  if (container.lifecycle != null && !mayHaveHooks) invalid.push(`${field}.lifecycle: forbidden`);
  for (const hook of ['preStop', 'postStart'] as const) {
    const handler = container.lifecycle?.[hook];
    if (handler != null) invalid.push(...invalidHandler(handler, `${field}.lifecycle.${hook}`, graceSeconds));
  }
  return invalid;
}

/** validateProbe, validateReadinessProbe, validateLivenessProbe, validateStartupProbe. */
function invalidProbe(probe: Probe, field: string, isReadiness: boolean): string[] {
  const invalid: string[] = [];
  const handlers = [probe.exec, probe.httpGet, probe.tcpSocket, probe.grpc].filter((handler) => handler != null);
  if (handlers.length !== 1) invalid.push(`${field}: must specify one handler`);
  for (const key of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const) {
    if ((probe[key] ?? 0) < 0) invalid.push(`${field}.${key}: must not be negative`);
  }
  if (!isReadiness && probe.successThreshold !== 1) invalid.push(`${field}.successThreshold: must be 1`);
  const grace: Maybe<number> = probe.terminationGracePeriodSeconds;
  if (grace != null && (isReadiness || grace <= 0))
    invalid.push(`${field}.terminationGracePeriodSeconds: ${isReadiness ? 'forbidden' : 'must be positive'}`);
  for (const action of [probe.httpGet, probe.tcpSocket]) if (action != null) invalid.push(...invalidPort(action.port, field));
  if (probe.exec != null && !probe.exec.command?.length) invalid.push(`${field}.exec.command: required`);
  return invalid;
}

/** ValidatePortNumOrName. */
function invalidPort(port: number | string, field: string): string[] {
  if (typeof port === 'string' && !isPortName(port)) return [`${field}: port must be a name`];
  return typeof port === 'number' && (port < 1 || port > 65535) ? [`${field}: port must be between 1 and 65535`] : [];
}

/** validateHandler, validateExecAction, validateHTTPGetAction, validateTCPSocketAction, validateSleepAction. */
function invalidHandler(handler: LifecycleHandler, field: string, graceSeconds: number): string[] {
  const actions = [handler.exec, handler.httpGet, handler.tcpSocket, handler.sleep].filter((action) => action != null);
  if (actions.length !== 1) return [`${field}: must specify one handler`];
  if (handler.exec != null && !handler.exec.command?.length) return [`${field}.exec.command: required`];
  const asked = handler.httpGet ?? handler.tcpSocket;
  if (asked != null) return invalidPort(asked.port, field);
  const seconds = handler.sleep?.seconds ?? 0;
  return seconds < 0 || seconds > graceSeconds ? [`${field}.sleep: must be between 0 and the grace period of ${graceSeconds}`] : [];
}

/** validatePodResources, validatePodResourceConsistency. */
function invalidPodResources(spec: PodSpec): string[] {
  const { resources } = spec;
  if (resources == null) return [];
  const invalid = invalidResources(resources, 'spec');
  if (spec.os?.name === 'windows') invalid.push('spec.resources: forbidden on Windows');
  for (const [resource, sum] of aggregateContainers(spec, 'requests', () => true)) {
    const request = amountOf(resources.requests, resource);
    if (request !== undefined && sum.nano > request.nano)
      invalid.push(`spec.resources.requests.${resource}: below what the containers request`);
  }
  // Init containers are not looked at upstream.
  for (const container of spec.containers) {
    for (const resource of Object.keys(container.resources?.limits ?? {})) {
      const limit = amountOf(container.resources?.limits, resource);
      const podLimit = amountOf(resources.limits, resource);
      if (limit !== undefined && podLimit !== undefined && limit.nano > podLimit.nano)
        invalid.push(`spec.resources.limits.${resource}: below the limit of ${container.name}`);
    }
  }
  return invalid;
}

/** ValidateContainerResourceRequirements: a request is at most its limit. */
function invalidResources(resources: Maybe<ResourceRequirements>, field: string): string[] {
  const invalid: string[] = [];
  for (const resource of Object.keys(resources?.requests ?? {})) {
    const request = amountOf(resources?.requests, resource);
    const limit = amountOf(resources?.limits, resource);
    if (request !== undefined && request.nano < 0n) invalid.push(`${field}.resources.requests.${resource}: must not be negative`);
    if (request !== undefined && limit !== undefined && request.nano > limit.nano)
      invalid.push(`${field}.resources: request of ${resource} above its limit`);
  }
  return invalid;
}
