/** Tells where rules judge by another version of Kubernetes than that of the cluster. */
import type { Policy } from '../../core/policy.ts';
import { KubeStatusError, KubeUnreachableError, type KubeApi } from '../../kube/client/api.ts';
import { otherVersionOf, readServerVersion } from '../../kube/commands/server-version.ts';
import type { CliContext } from '../context.ts';

/** With one request. If the API server does not say its version, nothing is told. */
export async function tellOtherVersion(
  api: Pick<KubeApi, 'request'>,
  policy: Pick<Policy, 'kubernetesMinor'>,
  { stderr }: Pick<CliContext, 'stderr'>,
): Promise<void> {
  try {
    const other = otherVersionOf(await readServerVersion(api), policy);
    if (other !== undefined) stderr.message(other);
  } catch (error) {
    // Whoever asks next says that nothing answers.
    if (!(error instanceof KubeStatusError) && !(error instanceof KubeUnreachableError)) throw error;
  }
}
