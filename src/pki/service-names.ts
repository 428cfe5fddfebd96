/** The DNS names of a Service, for the certificate of its server. */
import { CertificateRequestError } from './request-error.ts';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** The kubelet's `--cluster-domain`, unless somebody has chosen another. */
const CLUSTER_DOMAIN = 'cluster.local';

/**
 * What the cluster's DNS resolves to the Service, shortest first. kube-apiserver itself asks for `service.namespace.svc`
 * (apiserver `pkg/util/webhook/client.go`); the others are for people and for probes.
 *
 * @throws {CertificateRequestError} where a part is no DNS label
 */
export function serviceDnsNames(service: string, namespace: string): readonly string[] {
  if (!isDnsLabel(service))
    throw new CertificateRequestError('service', `must be a DNS label of at most 63 characters, but is '${service}'`);
  if (!isDnsLabel(namespace))
    throw new CertificateRequestError('namespace', `must be a DNS label of at most 63 characters, but is '${namespace}'`);
  return [service, `${service}.${namespace}`, `${service}.${namespace}.svc`, `${service}.${namespace}.svc.${CLUSTER_DOMAIN}`];
}

/** What a Service or a Namespace may be called (RFC 1123): at most 63 characters, a-z, 0-9, and - between them. */
export function isDnsLabel(name: string): boolean {
  return DNS_LABEL.test(name);
}

/** A host name in lower case, RFC 1123: labels of at most 63 characters, 253 in all. */
export function isDnsName(name: string): boolean {
  return name.length <= 253 && DNS_NAME.test(name) && name.split('.').every((label) => label.length <= 63);
}
