/** `podgrace status` as JSON, schemas/status.schema.json. */
import type { Known, ReplicaStatus } from '../../kube/commands/installation-status.ts';
import type { StatusReport } from '../../kube/commands/status-report.ts';
import { daysLeft } from '../../pki/validity.ts';
import { healthProblemText } from './health-text.ts';

/** Every property is always there; what is not known is null, and `unknown` says why. */
export function statusJson({ version, cluster, place, status, health, now }: StatusReport): object {
  const unknown = (['server', 'policy', 'certificates', 'configurations'] as const).flatMap((part) => {
    const known = status[part];
    return 'unknown' in known ? [{ part, reason: known.unknown }] : [];
  });
  const server = valueOf(status.server);
  const policy = valueOf(status.policy);
  const certificates = valueOf(status.certificates);
  return {
    version,
    cluster,
    namespace: place.namespace,
    name: place.name,
    healthy: health.isHealthy ?? null,
    problems: health.problems.map(healthProblemText),
    unknown,
    server: server && {
      wanted: server.wanted,
      ready: server.ready,
      replicas: valueOf(server.replicas)?.map(replicaJson) ?? null,
    },
    policy: policy && { source: policy.source, name: policy.name, preset: policy.preset, refused: policy.problem ?? null },
    certificates: certificates && {
      source: certificates.source,
      certificateExpiresAt: certificates.leafExpiresAt,
      certificateDaysLeft: daysLeft(certificates.leafExpiresAt, now),
      authorityExpiresAt: certificates.authorityExpiresAt ?? null,
      authorityDaysLeft: certificates.authorityExpiresAt === undefined ? null : daysLeft(certificates.authorityExpiresAt, now),
      trusted: certificates.distrust === undefined,
    },
    configurations:
      valueOf(status.configurations)?.map(({ openSince, isThere, ...configuration }) => ({
        ...configuration,
        present: isThere,
        openSince: openSince ?? null,
      })) ?? null,
  };
}

function replicaJson({ name, isReady, image, troubles, report }: ReplicaStatus): object {
  const known = valueOf(report);
  return {
    name,
    ready: isReady,
    image,
    troubles,
    readiness: known?.readiness ?? null,
    policyLoadedAt: known?.policyLoadedAt ?? null,
    certificateExpiresAt: known?.certificateExpiresAt ?? null,
  };
}

function valueOf<T>(part: Known<T>): T | null {
  return 'known' in part ? (part.known ?? null) : null;
}
