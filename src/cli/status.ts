/** `podgrace status`: reads, judges, prints. */
import { VERSION } from '../config/version.ts';
import { healthOf } from '../kube/commands/health.ts';
import { readStatus } from '../kube/commands/installation-status.ts';
import { readServerVersion } from '../kube/commands/server-version.ts';
import { connect, explained } from './cluster.ts';
import type { StatusOptions } from './commands/status.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { statusJson, statusText, type StatusReport } from './output/status-report.ts';
import type { CliContext } from './run.ts';
import { styler } from './terminal.ts';

/** @throws {UsageError} where no API server answers */
export async function status(options: StatusOptions, { stdout, env }: CliContext): Promise<ExitCode> {
  const api = connect(options);
  const report: StatusReport = await explained('read the status', async () => {
    const { text } = await readServerVersion(api);
    // By the clock that judges the certificates, which this machine's may differ from.
    const { now } = api.clock;
    const status = await readStatus(api, options, now);
    return { version: VERSION, cluster: { server: api.server, version: text }, place: options, status, health: healthOf(status, now), now };
  });
  stdout.write(options.output === 'json' ? statusJson(report) : statusText(report, styler(stdout, env)));
  if (report.health.isHealthy === undefined) return EXIT.badInput;
  return report.health.isHealthy ? EXIT.clean : EXIT.findings;
}
