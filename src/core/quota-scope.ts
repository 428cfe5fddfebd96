/**
 * Which Pods a ResourceQuota with scopes is for.
 *
 * Mirrors kubernetes `pkg/quota/v1/evaluator/core/pods.go`, `podMatchesScopeFunc` (the same in 1.34 to 1.37).
 */
import { asObject, asObjects } from './json-reading.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';
import type { PodSpec } from './pod.ts';
import { qosClassOf } from './qos.ts';
import type { QuotaScope, ResourceQuota } from './surroundings.ts';

/** @returns the list itself where all of them count the Pod */
export function quotasThatCount(spec: PodSpec, quotas: readonly ResourceQuota[], minor: KubernetesMinor): readonly ResourceQuota[] {
  if (quotas.every(({ scopes }) => scopes.length === 0)) return quotas;
  return quotas.filter(({ scopes }) => scopes.every((scope) => isWithin(spec, scope, minor)));
}

/** Whether a quota counts the Pods of a template for certain: one that names no PriorityClass may get the default one of its cluster. */
export function countsPodsOf(spec: PodSpec, { scopes }: ResourceQuota, minor: KubernetesMinor): boolean {
  return scopes.every((scope) => isWithin(spec, scope, minor) && (scope.name !== 'PriorityClass' || Boolean(spec.priorityClassName)));
}

function isWithin(spec: PodSpec, scope: QuotaScope, minor: KubernetesMinor): boolean {
  switch (scope.name) {
    case 'Terminating':
      return spec.activeDeadlineSeconds != null;
    case 'NotTerminating':
      return spec.activeDeadlineSeconds == null;
    case 'BestEffort':
      return qosClassOf(spec, minor) === 'BestEffort';
    case 'NotBestEffort':
      return qosClassOf(spec, minor) !== 'BestEffort';
    case 'PriorityClass':
      return hasPriorityWithin(spec.priorityClassName ?? '', scope);
    case 'CrossNamespacePodAffinity':
      return asksOtherNamespaces(spec);
    default:
      return false;
  }
}

function hasPriorityWithin(name: string, { operator, values }: QuotaScope): boolean {
  switch (operator) {
    case 'In':
      return values.includes(name);
    case 'NotIn':
      return !values.includes(name);
    case 'DoesNotExist':
      return name === '';
    default:
      return name !== '';
  }
}

function asksOtherNamespaces({ affinity }: PodSpec): boolean {
  const { podAffinity, podAntiAffinity } = asObject(affinity);
  return [podAffinity, podAntiAffinity].some((part) => {
    const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution: preferred } =
      asObject(part);
    const terms = [...asObjects(required), ...asObjects(preferred).map(({ podAffinityTerm }) => asObject(podAffinityTerm))];
    return terms.some(
      ({ namespaces, namespaceSelector }) => (Array.isArray(namespaces) && namespaces.length > 0) || namespaceSelector != null,
    );
  });
}
