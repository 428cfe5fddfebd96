/** The DNS names of a Service, for the certificate of its server. */
import { CertificateRequestError } from './request-error.ts';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * What the cluster's DNS resolves to the Service, shortest first. kube-apiserver itself asks for `service.namespace.svc`
 * (apiserver `pkg/util/webhook/client.go`); the others are for people and for probes.
 *
 * @param clusterDomain the kubelet's `--cluster-domain`
 * @throws {CertificateRequestError} where a part is no DNS label, or the domain is no DNS name
 */
export function serviceDnsNames(service: string, namespace: string, clusterDomain = 'cluster.local'): readonly string[] {
  if (!DNS_LABEL.test(service))
    throw new CertificateRequestError('service', `must be a DNS label of at most 63 characters, but is '${service}'`);
  if (!DNS_LABEL.test(namespace))
    throw new CertificateRequestError('namespace', `must be a DNS label of at most 63 characters, but is '${namespace}'`);
  if (!isDnsName(clusterDomain))
    throw new CertificateRequestError('clusterDomain', `must be a DNS name in lower case, but is '${clusterDomain}'`);
  const names = [service, `${service}.${namespace}`, `${service}.${namespace}.svc`, `${service}.${namespace}.svc.${clusterDomain}`];
  const longest = names.at(-1) ?? '';
  if (!isDnsName(longest))
    throw new CertificateRequestError(
      'service',
      `and its namespace must give names of at most 253 characters, but '${longest}' has ${longest.length}`,
    );
  return names;
}

/** A host name in lower case, RFC 1123: labels of at most 63 characters, 253 in all. */
export function isDnsName(name: string): boolean {
  return name.length <= 253 && DNS_NAME.test(name) && name.split('.').every((label) => label.length <= 63);
}
