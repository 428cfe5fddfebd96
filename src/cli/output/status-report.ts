/** `podgrace status` as text and as JSON. */
import { daysLeft, type Health } from '../../kube/commands/health.ts';
import type { InstallationPlace, InstallationStatus, Known, ReplicaStatus, ServerStatus } from '../../kube/commands/installation-status.ts';
import type { Paint } from '../terminal.ts';

export interface StatusReport {
  /** Of this command line; the replicas have their own, in their image. */
  readonly version: string;
  readonly cluster: { readonly server: string; readonly version: string };
  readonly place: InstallationPlace;
  readonly status: InstallationStatus;
  readonly health: Health;
  readonly now: Date;
}

export function statusText({ cluster, place, status, health, now }: StatusReport, paint: Paint): string {
  const lines = [
    `podgrace in ${place.namespace} on ${cluster.server} (${cluster.version}): ${verdictText(health, paint)}`,
    ...health.problems.map((problem) => `  ${paint('red', '✗')} ${problem.replaceAll('\n', '\n    ')}`),
    '',
    ...section('server', status.server, (server) => (server === undefined ? ['not installed'] : serverLines(server, now)), paint),
    ...section(
      'policy',
      status.policy,
      ({ source, name, preset, problem }) => [
        problem === undefined ? `${name} (preset ${preset}), from ${source}` : `refused, from ${source}`,
      ],
      paint,
    ),
    ...section(
      'certificates',
      status.certificates,
      ({ source, leafExpiresAt, authorityExpiresAt, distrust }) => [
        `certificate: ${expiryText(leafExpiresAt, now)}, from ${source}`,
        ...(authorityExpiresAt === undefined ? [] : [`CA: ${expiryText(authorityExpiresAt, now)}`]),
        distrust === undefined ? 'the published CA verifies the certificate' : 'the published CA does not verify the certificate',
      ],
      paint,
    ),
    ...section(
      'webhook configurations',
      status.configurations,
      (configurations) =>
        configurations.flatMap(({ kind, name, isThere, webhooks }) =>
          isThere
            ? webhooks.map(
                (webhook) =>
                  `${kind} ${name}: ${webhook.name} (${webhook.failurePolicy}, caBundle ${webhook.hasBundle ? 'published' : 'missing'})`,
              )
            : [`${kind} ${name}: not there`],
        ),
      paint,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function verdictText({ isHealthy }: Health, paint: Paint): string {
  if (isHealthy === undefined) return paint('yellow', 'cannot tell');
  return isHealthy ? paint('green', 'healthy') : paint('red', 'not healthy');
}

function section<T>(title: string, part: Known<T>, linesOf: (known: T) => string[], paint: Paint): string[] {
  const lines = 'unknown' in part ? [paint('yellow', `cannot tell: ${part.unknown}`)] : linesOf(part.known);
  return [paint('bold', title), ...lines.map((line) => `  ${line}`)];
}

function serverLines({ wanted, ready, replicas }: ServerStatus, now: Date): string[] {
  const lines = [`${ready} of ${wanted} replicas ready`];
  if ('unknown' in replicas) return [...lines, `replicas: cannot tell: ${replicas.unknown}`];
  return [...lines, ...replicas.known.flatMap((replica) => replicaLines(replica, now))];
}

function replicaLines({ name, isReady, image, troubles, report }: ReplicaStatus, now: Date): string[] {
  const lines = [`${name}: ${isReady ? 'ready' : 'not ready'}, ${image}`, ...troubles.map((trouble) => `  ${trouble}`)];
  if ('unknown' in report) return [...lines, `  what it says of itself: cannot tell: ${report.unknown}`];
  const { readiness, policyLoadedAt, certificateExpiresAt } = report.known;
  if (policyLoadedAt !== null) lines.push(`  policy loaded at ${policyLoadedAt}`);
  if (certificateExpiresAt !== null)
    lines.push(`  serves a certificate until ${certificateExpiresAt} (${daysLeft(certificateExpiresAt, now)} days left)`);
  return [
    ...lines,
    ...readiness.filter(({ note }) => note !== '').map(({ check, ok, note }) => `  ${check}: ${ok ? '' : 'not ready: '}${note}`),
  ];
}

function expiryText(expiresAt: string, now: Date): string {
  return `${daysLeft(expiresAt, now)} days left (${expiresAt})`;
}

/** Every property is always there; what is not known is null, and `unknown` says why. */
export function statusJson({ version, cluster, place, status, health, now }: StatusReport): string {
  const unknown = (['server', 'policy', 'certificates', 'configurations'] as const).flatMap((part) => {
    const known = status[part];
    return 'unknown' in known ? [{ part, reason: known.unknown }] : [];
  });
  const server = valueOf(status.server);
  const policy = valueOf(status.policy);
  const certificates = valueOf(status.certificates);
  const report = {
    version,
    cluster,
    namespace: place.namespace,
    name: place.name,
    healthy: health.isHealthy ?? null,
    problems: health.problems,
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
  return `${JSON.stringify(report, null, 2)}\n`;
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
