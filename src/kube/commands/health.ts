/** The problems of an installation. A healthy installation has none. */
import { daysLeft } from '../../pki/validity.ts';
import type { ConfigurationKind } from '../client/webhook-configurations.ts';
import type { InstallationStatus } from './installation-status.ts';

export interface Health {
  /** Undefined where what counts cannot be seen. */
  readonly isHealthy: boolean | undefined;
  readonly problems: readonly HealthProblem[];
}

/** What a command mends has a type of its own: whoever prints it names the command. */
export type HealthProblem =
  | { readonly of: 'server-missing' }
  | { readonly of: 'configuration-missing'; readonly kind: ConfigurationKind; readonly name: string }
  /** Break glass holds since then: requests pass if podgrace does not answer. */
  | { readonly of: 'open'; readonly since: string }
  /** A sentence, in the words of the API server or of a replica where they have some; with line breaks, if theirs has. */
  | { readonly of: 'other'; readonly text: string };

/** Renewal begins a month and a year before the end; what is left then was not renewed. */
const LEAF_ALARM_DAYS = 14;
const AUTHORITY_ALARM_DAYS = 180;

/** What is wrong with an installation: first with the server, then with its policy, certificates and webhook configurations. */
export function healthOf(status: InstallationStatus, now: Date): Health {
  const problems = [
    ...serverProblems(status),
    ...policyProblems(status),
    ...certificateProblems(status, now),
    ...configurationProblems(status),
  ];
  const isSeen = 'known' in status.server && 'known' in status.configurations;
  return { isHealthy: problems.length > 0 ? false : isSeen ? true : undefined, problems };
}

function serverProblems({ server }: InstallationStatus): HealthProblem[] {
  if ('unknown' in server) return [];
  if (server.known === undefined) return [{ of: 'server-missing' }];
  const { wanted, ready, isComplete, troubles, replicas } = server.known;
  const problems = [...troubles];
  if (wanted === 0) problems.push('the Deployment is scaled to 0: no replica answers');
  else if (!isComplete) problems.push(`${ready} of ${wanted} replicas are ready`);
  for (const replica of 'known' in replicas ? replicas.known : []) {
    if (!replica.isReady) for (const trouble of replica.troubles) problems.push(`${replica.name}: ${trouble}`);
    const lines = 'known' in replica.report ? replica.report.known.readiness : [];
    for (const { ok, check, note } of lines) if (!ok) problems.push(`${replica.name}: ${check}: ${note}`);
  }
  return problems.map(other);
}

function policyProblems({ policy }: InstallationStatus): HealthProblem[] {
  if ('unknown' in policy || policy.known.problem === undefined) return [];
  return [other(`${policy.known.source} is refused, the servers go on with the policy before it: ${policy.known.problem}`)];
}

function certificateProblems({ certificates }: InstallationStatus, now: Date): HealthProblem[] {
  if ('unknown' in certificates) return [];
  const { leafExpiresAt, authorityExpiresAt, distrust } = certificates.known;
  const problems: string[] = [];
  if (distrust !== undefined) problems.push(`the API server does not trust the certificate: ${distrust}`);
  for (const [what, expiresAt, alarmDays] of [
    ['certificate', leafExpiresAt, LEAF_ALARM_DAYS],
    ['CA', authorityExpiresAt, AUTHORITY_ALARM_DAYS],
  ] as const) {
    if (expiresAt === undefined) continue;
    const days = daysLeft(expiresAt, now);
    if (days < 0) problems.push(`the ${what} expired at ${expiresAt}; is the clock right, and does a server run?`);
    else if (days < alarmDays)
      problems.push(`the ${what} expires in ${days} days and should have been renewed: the server's log says why not`);
  }
  return problems.map(other);
}

function configurationProblems({ configurations }: InstallationStatus): HealthProblem[] {
  if ('unknown' in configurations) return [];
  return configurations.known.flatMap(({ kind, name, isThere, openSince, webhooks }): HealthProblem[] => {
    if (!isThere) return [{ of: 'configuration-missing', kind, name }];
    const bare = webhooks.filter(({ hasBundle }) => !hasBundle).map((webhook) => webhook.name);
    return [
      ...(openSince === undefined ? [] : [{ of: 'open', since: openSince } as const]),
      ...(bare.length === 0 ? [] : [other(`${bare.join(', ')}: no caBundle, so the API server cannot call`)]),
    ];
  });
}

function other(text: string): HealthProblem {
  return { of: 'other', text };
}
