/** The cluster that a server belongs to. What talks to the Kubernetes API is loaded only where it is used. */
import { SettingError } from '../config/serve-settings.ts';
import type { KubeApi } from '../kube/client/api.ts';

/**
 * A kubeconfig that somebody names counts; else a Pod talks to its own cluster.
 *
 * @throws {SettingError} where there is no cluster to talk to
 */
export async function connect(): Promise<KubeApi> {
  const { connectInCluster } = await import('../kube/client/in-cluster.ts');
  const own = process.env['KUBECONFIG'] ? undefined : await connectInCluster(process.env);
  if (own !== undefined) return own;
  const { connectByKubeconfig, KubeconfigError } = await import('../kube/client/kubeconfig.ts');
  try {
    return connectByKubeconfig();
  } catch (error) {
    if (error instanceof KubeconfigError) throw new SettingError('cluster', error.message, { cause: error });
    throw error;
  }
}
