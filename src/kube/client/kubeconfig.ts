/**
 * The cluster that kubectl would use.
 *
 * client-node finds the cluster and authenticates (kubeconfig, in-cluster, exec plugins, proxies). It needs 70 MB of
 * memory, so a server in a cluster uses `in-cluster.ts` instead.
 */
import { KubeConfig } from '@kubernetes/client-node';
import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { messageOf } from '../../core/error-message.ts';
import { KubeApi, KubeUnreachableError } from './api.ts';

/** The kubeconfig cannot be used, or leads to no cluster. */
export class KubeconfigError extends KubeUnreachableError {
  /** The context that was asked for, the file, or `nothing` where there is no file. */
  readonly isAbout: 'file' | 'context' | 'nothing';

  constructor(isAbout: KubeconfigError['isAbout'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.isAbout = isAbout;
  }
}

/**
 * `kubeconfig`, else KUBECONFIG, ~/.kube/config, or the Pod's service account.
 *
 * @throws {KubeconfigError} naming the file or the context, and what was expected
 */
export function connectByKubeconfig({
  kubeconfig,
  context,
}: { readonly kubeconfig?: string | undefined; readonly context?: string | undefined } = {}): KubeApi {
  const config = new KubeConfig();
  for (const file of kubeconfigFiles(kubeconfig)) {
    if (!existsSync(file)) throw new KubeconfigError('file', `${sourceOf(kubeconfig)}there is no file ${file}`);
  }
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    throw new KubeconfigError(
      'file',
      `${sourceOf(kubeconfig)}${kubeconfig === undefined ? '' : `${kubeconfig} is `}not a usable kubeconfig: ${messageOf(error)}`,
      { cause: error },
    );
  }
  if (context !== undefined) config.setCurrentContext(context);
  const known = config.getContexts().map(({ name }) => name);
  if (context !== undefined && !known.includes(context)) {
    throw new KubeconfigError('context', `there is no context '${context}' in the kubeconfig; known are ${known.join(', ') || 'none'}`);
  }
  const server = config.getCurrentCluster()?.server;
  if (server === undefined || !URL.canParse(server) || isNoKubeconfig(config)) {
    throw new KubeconfigError('nothing', 'there is no cluster to connect to: set KUBECONFIG to a kubeconfig with a current context');
  }
  return new KubeApi({
    server: new URL(server),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace || 'default',
    authenticate: (options) => config.applyToHTTPSOptions(options),
  });
}

/** The files that must be there because somebody named them. */
function kubeconfigFiles(kubeconfig: string | undefined): string[] {
  return kubeconfig === undefined ? (process.env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '') : [kubeconfig];
}

/** Where nobody named a file, what did. */
function sourceOf(kubeconfig: string | undefined): string {
  if (kubeconfig !== undefined) return '';
  return process.env['KUBECONFIG'] ? 'KUBECONFIG: ' : '~/.kube/config: ';
}

/** Where there is nothing to load, client-node goes to localhost:8080, the API server's insecure port of years ago. */
function isNoKubeconfig(config: KubeConfig): boolean {
  return config.getCurrentCluster()?.server === 'http://localhost:8080' && config.getCurrentContext() === 'loaded-context';
}
