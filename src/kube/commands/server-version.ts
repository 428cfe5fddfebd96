/** What an older API server lacks of what podgrace's objects need, and whether podgrace knows the version at all. */
import { NEWEST_MINOR, OLDEST_MINOR } from '../../core/kubernetes-version.ts';
import type { Policy } from '../../core/policy.ts';
import type { KubeApi } from '../client/api.ts';

export interface ServerVersion {
  /** As the API server says it: `v1.36.3`. */
  readonly text: string;
  /** 36; managed clusters say `36+`. With the flag `--emulated-version`, the one that it emulates: its fields and gates are those. */
  readonly minor: number;
}

/** @throws {KubeStatusError | KubeUnreachableError} as the API server answers */
export async function readServerVersion(api: Pick<KubeApi, 'request'>): Promise<ServerVersion> {
  const { body } = await api.request({ method: 'GET', path: '/version' });
  const { gitVersion, minor, emulationMinor = minor } = body;
  return { text: typeof gitVersion === 'string' ? gitVersion : 'unknown', minor: Number.parseInt(String(emulationMinor), 10) };
}

export interface Shortcoming {
  /** Whether nothing can be installed; else it is only to be told. */
  readonly isFatal: boolean;
  readonly message: string;
}

/** The version since which a feature is on without a flag (`kube_features.go`, apiserver and kubernetes), oldest need first. */
const NEEDS: readonly (Shortcoming & { readonly since: number })[] = [
  {
    since: 30,
    isFatal: true,
    message: 'matchConditions of webhooks are not stable before 1.30: requests of controllers could be refused like those of users',
  },
  {
    since: OLDEST_MINOR,
    isFatal: false,
    message: `podgrace supports 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR}: rules use defaults and fields that an older API server may not have`,
  },
  { since: 33, isFatal: false, message: 'pods/resize does not exist before 1.33, so there are no resizes to judge' },
];

const NEWER: Shortcoming = {
  isFatal: false,
  message: `podgrace supports 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR}: a newer API server may have defaults and fields that rules do not know`,
};

/** What is to be told where a policy is for a newer Kubernetes than the one that it is put in force on. */
export function newerPolicyOf({ text, minor }: ServerVersion, { kubernetesMinor }: Pick<Policy, 'kubernetesMinor'>): string | undefined {
  if (Number.isNaN(minor) || kubernetesMinor <= minor || minor < OLDEST_MINOR) return undefined;
  return `${text}: the policy is for Kubernetes 1.${kubernetesMinor}, and repairs may use what this API server drops, such as image volumes before 1.35: ${adviceFor(minor)}`;
}

/**
 * What a command is to tell that asks a cluster for objects and judges them: rules go by the version of the policy, which is that of the
 * oldest node, and not by the one of the API server.
 *
 * @returns undefined where they are equal, and where the API server does not say its version
 */
export function otherVersionOf(version: ServerVersion, policy: Pick<Policy, 'kubernetesMinor'>): string | undefined {
  const { text, minor } = version;
  const { kubernetesMinor } = policy;
  if (Number.isNaN(minor) || minor === kubernetesMinor) return undefined;
  const judgedBy = `${text}: the policy is for Kubernetes 1.${kubernetesMinor}, by which rules judge`;
  const nearest = Math.min(Math.max(minor, OLDEST_MINOR), NEWEST_MINOR);
  if (nearest !== minor) {
    const advice = nearest === kubernetesMinor ? '' : `: ${adviceFor(nearest)}`;
    return `${judgedBy}, and podgrace supports 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR}${advice}`;
  }
  return newerPolicyOf(version, policy) ?? `${judgedBy}: if no node is older than 1.${minor}, ${adviceFor(minor)}`;
}

function adviceFor(minor: number): string {
  return `set \`kubernetesVersion: '1.${minor}'\` in the policy`;
}

/** What such a server lacks for podgrace; empty for a version that podgrace is made for. */
export function shortcomingsOf({ text, minor }: ServerVersion): Shortcoming[] {
  if (Number.isNaN(minor)) return [{ isFatal: false, message: `the API server reports the version ${text}, which podgrace cannot read` }];
  const shortcomings: Shortcoming[] = minor > NEWEST_MINOR ? [NEWER] : NEEDS.filter(({ since }) => minor < since);
  return shortcomings.map(({ isFatal, message }) => ({ isFatal, message: `${text}: ${message}` }));
}
