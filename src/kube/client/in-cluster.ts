/**
 * The cluster in which a Pod runs, from its service account, as client-go's `rest.InClusterConfig` finds it.
 *
 * A server needs no kubeconfig and no exec plugins, so this module replaces what it would use of client-node
 * (docs/adr/0031).
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { KubeApi } from './api.ts';

/** Where the kubelet mounts the token, the authority and the namespace. */
const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * @param env of the process: the kubelet sets KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT
 * @returns undefined outside of a Pod with a service account's token
 */
export async function connectInCluster(env: NodeJS.ProcessEnv, folder = SERVICE_ACCOUNT_FOLDER): Promise<KubeApi | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  const tokenFile = join(folder, 'token');
  if (!host || !port || !existsSync(tokenFile)) return undefined;
  return new KubeApi({
    server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
    namespace: (await readFile(join(folder, 'namespace'), 'utf8')).trim(),
    authenticate: async (options) => {
      // Read each time: the kubelet replaces the token every hour, and rarely the authority.
      const [token, ca] = await Promise.all([readFile(tokenFile, 'utf8'), readFile(join(folder, 'ca.crt'))]);
      options.ca = ca;
      options.headers = { ...(options.headers as Record<string, string> | undefined), authorization: `Bearer ${token.trim()}` };
    },
  });
}
