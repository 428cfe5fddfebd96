/** The Kubernetes versions that podgrace knows the behaviour of. */

/** The minor number of a 1.x version: 36 for Kubernetes 1.36. */
export type KubernetesMinor = number;

/**
 * 1.34 is out of support upstream since 2026-10-27, but runs in many managed clusters. 1.38 is not released yet: it joins the range
 * when the tests have run on it.
 */
export const OLDEST_MINOR: KubernetesMinor = 34;
export const NEWEST_MINOR: KubernetesMinor = 37;

/**
 * @param version `1.36`, `v1.36` or `v1.36.3`
 * @returns the minor number, or undefined where the text is no version from 1.34 to 1.37
 */
export function parseKubernetesVersion(version: string): KubernetesMinor | undefined {
  const match = /^v?1\.([1-9]\d{0,2})(?:\.\d+)?(?:[-+].*)?$/.exec(version);
  const minor = Number(match?.[1]);
  return minor >= OLDEST_MINOR && minor <= NEWEST_MINOR ? minor : undefined;
}
