/** The cluster that a command works on, and its refusals as messages; loaded only by commands that need one. */
import { KubeStatusError, KubeUnreachableError, type KubeApi } from '../../kube/client/api.ts';
import { UnknownKindError } from '../../kube/client/discovery.ts';
import { connectByKubeconfig, KubeconfigError } from '../../kube/client/kubeconfig.ts';
import { ManifestsError } from '../../kube/commands/installation.ts';
import { UsageError } from '../exit-code.ts';
import type { ClusterOptions } from '../options/cluster-options.ts';
import { explainRefusal } from './refusal-text.ts';

/** @throws {UsageError} without a usable kubeconfig */
export function connect({ kubeconfig, context }: ClusterOptions): KubeApi {
  try {
    return connectByKubeconfig({ kubeconfig, context });
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw asUsageError(error, 'find the cluster');
    const option = error.isAbout === 'context' ? '--context: ' : kubeconfig === undefined ? '' : '--kubeconfig: ';
    throw new UsageError(`${option}${error.message}${error.isAbout === 'nothing' ? ', or name one with --kubeconfig' : ''}`, {
      cause: error,
    });
  }
}

/**
 * Runs something that talks to the API server.
 *
 * @param doing for the message, as in "cannot <doing>"
 * @throws {UsageError} that says what the API server refused, and what to do
 */
export async function explained<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asUsageError(error, doing);
  }
}

/** Everything else stays what it is: a bug. */
export function asUsageError(error: unknown, doing: string): unknown {
  if (error instanceof KubeStatusError || error instanceof KubeUnreachableError)
    return new UsageError(explainRefusal(error, doing), { cause: error });
  if (error instanceof UnknownKindError || error instanceof ManifestsError) return new UsageError(error.message, { cause: error });
  return error;
}
