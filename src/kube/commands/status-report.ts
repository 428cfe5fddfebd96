/** The report of `podgrace status`: the cluster, the installation and its problems. */
import type { KubeApi } from '../client/api.ts';
import { healthOf, type Health } from './health.ts';
import { readStatus, type InstallationPlace, type InstallationStatus } from './installation-status.ts';
import { readServerVersion } from './server-version.ts';

export interface StatusReport {
  /** Of this podgrace; the replicas have their own, in their image. */
  readonly version: string;
  readonly cluster: { readonly server: string; readonly version: string };
  readonly place: InstallationPlace;
  readonly status: InstallationStatus;
  readonly health: Health;
  readonly now: Date;
}

/** @throws {KubeUnreachableError} where nobody answers; what single rights are missing for is unknown */
export async function readStatusReport(api: KubeApi, place: InstallationPlace, version: string): Promise<StatusReport> {
  const server = await readServerVersion(api);
  // By the clock that judges the certificates, which this machine's may differ from.
  const { now } = api.clock;
  const status = await readStatus(api, place, now);
  return { version, cluster: { server: api.server, version: server.text }, place, status, health: healthOf(status, now), now };
}
