/** Images that tests put on the node of a cluster that runs on this machine (`../shared/kube`). */
import { existsSync } from 'node:fs';
import { run } from '../cluster.ts';

const CLUSTER_SCRIPT = '../shared/kube/cluster';

/** Whether an image can be loaded from here. */
export function canLoadImages(): boolean {
  return portOfCluster() !== undefined && existsSync(CLUSTER_SCRIPT);
}

/**
 * @param folder the root of the image's file system
 * @throws {Error} with what the script said
 */
export async function loadImage(image: string, folder: string): Promise<void> {
  const env = { ...process.env, KUBE_TEST_PORT: portOfCluster() };
  const { code, stderr } = await run(CLUSTER_SCRIPT, ['load', image, folder], undefined, env);
  if (code !== 0) throw new Error(`the image ${image} could not be loaded: ${stderr}`);
}

function portOfCluster(): string | undefined {
  return /\brun-(\d+)\b/.exec(process.env['KUBECONFIG'] ?? '')?.[1];
}
