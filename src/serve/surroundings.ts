/** What stands around workloads in the cluster that a server belongs to; without a cluster, nothing is known. */
import type { CertificateSettings } from '../config/serve-settings.ts';
import type { WatchedSurroundings, WatchedSurroundingsListener } from '../kube/watch/watched-surroundings.ts';
import type { ReadinessCheck } from '../server/ops.ts';
import { connect } from './connect.ts';

/**
 * Nothing is watched yet.
 *
 * @returns undefined for a server that knows of no cluster: one that is tried, or one whose webhook configurations nobody has named
 * @throws {SettingError} where there is no cluster to talk to
 */
export async function openSurroundings(
  certificates: CertificateSettings,
  listener: WatchedSurroundingsListener,
): Promise<WatchedSurroundings | undefined> {
  if (certificates.from === 'folder' || certificates.webhookConfiguration === undefined) return undefined;
  const [api, { WatchedSurroundings }] = await Promise.all([connect(), import('../kube/watch/watched-surroundings.ts')]);
  return new WatchedSurroundings(api, listener);
}

/** What is unknown is worth a note, and no reason to answer nobody: what depends on it is not denied. */
export function surroundingsCheck({ kinds }: Pick<WatchedSurroundings, 'kinds'>): ReadinessCheck[] {
  if (kinds.length === 0) return [];
  const reasons = kinds.flatMap(({ reason }) => reason ?? []);
  return [{ name: 'surroundings', note: reasons.length === 0 ? undefined : reasons.join('; ') }];
}
