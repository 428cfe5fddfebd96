/** `podgrace status` as text. */
import type { Health } from '../../../kube/commands/health.ts';
import type { Known, ReplicaStatus, ServerStatus } from '../../../kube/commands/installation-status.ts';
import type { StatusReport } from '../../../kube/commands/status-report.ts';
import { daysLeft } from '../../../pki/validity.ts';
import { styled, text, type Part, type Text } from '../../output/text.ts';
import { healthProblemText } from '../health-text.ts';
import type { Reporter, ReportOptions } from '../reporter.ts';

export class StatusText implements Reporter<undefined, StatusReport, undefined> {
  readonly #options: ReportOptions;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  begin(): void {
    // The first line says of what this is the status.
  }

  object(status: StatusReport): void {
    this.#options.stdout.lines(statusLines(status));
  }

  end(): void {
    // There is no more to say.
  }
}

function statusLines({ cluster, place, status, health, now }: StatusReport): Part[] {
  return [
    text`podgrace in ${place.namespace} on ${cluster.server} (${cluster.version}): ${healthText(health)}`,
    ...health.problems.map(healthProblemText).flatMap(problemLines),
    '',
    ...section('server', status.server, (server) => (server === undefined ? ['not installed'] : serverLines(server, now))),
    ...section('policy', status.policy, ({ source, name, preset, problem }) => [
      problem === undefined ? `${name} (preset ${preset}), from ${source}` : `refused, from ${source}`,
    ]),
    ...section('certificates', status.certificates, ({ source, leafExpiresAt, authorityExpiresAt, distrust }) => [
      `certificate: ${expiryText(leafExpiresAt, now)}, from ${source}`,
      ...(authorityExpiresAt === undefined ? [] : [`CA: ${expiryText(authorityExpiresAt, now)}`]),
      distrust === undefined ? 'the published CA verifies the certificate' : 'the published CA does not verify the certificate',
    ]),
    ...section('webhook configurations', status.configurations, (configurations) =>
      configurations.flatMap(({ kind, name, isThere, webhooks }) =>
        isThere
          ? webhooks.map(
              (webhook) =>
                `${kind} ${name}: ${webhook.name} (${webhook.failurePolicy}, caBundle ${webhook.hasBundle ? 'published' : 'missing'})`,
            )
          : [`${kind} ${name}: does not exist`],
      ),
    ),
  ];
}

/** What a container or the API server says may have several lines. */
function problemLines(problem: string): Part[] {
  return problem.split('\n').map((line, index) => (index === 0 ? text`  ${styled('red', '✗')} ${line}` : `    ${line}`));
}

function healthText({ isHealthy }: Health): Text {
  if (isHealthy === undefined) return styled('yellow', 'cannot tell');
  return isHealthy ? styled('green', 'healthy') : styled('red', 'not healthy');
}

function section<T>(title: string, part: Known<T>, linesOf: (known: T) => string[]): Part[] {
  const lines = 'unknown' in part ? [styled('yellow', `unknown: ${part.unknown}`)] : linesOf(part.known);
  return [styled('bold', title), ...lines.map((line) => text`  ${line}`)];
}

function serverLines({ wanted, ready, replicas }: ServerStatus, now: Date): string[] {
  const lines = [`${ready} of ${wanted} replicas ready`];
  if ('unknown' in replicas) return [...lines, `replicas: unknown: ${replicas.unknown}`];
  return [...lines, ...replicas.known.flatMap((replica) => replicaLines(replica, now))];
}

function replicaLines({ name, isReady, image, troubles, report }: ReplicaStatus, now: Date): string[] {
  const lines = [`${name}: ${isReady ? 'ready' : 'not ready'}, ${image}`, ...troubles.map((trouble) => `  ${trouble}`)];
  if ('unknown' in report) return [...lines, `  its own report: unknown: ${report.unknown}`];
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
