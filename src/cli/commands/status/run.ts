/** `podgrace status`: reads, judges, reports. */
import { VERSION } from '../../../config/version.ts';
import { readStatusReport } from '../../../kube/commands/status-report.ts';
import { connect, explained } from '../../cluster/connect.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { reporterFor } from '../../options/output-options.ts';
import type { StatusOptions } from './options.ts';

/** @throws {UsageError} where no API server answers */
export async function status({ options }: Invocation<StatusOptions>, context: CliContext): Promise<ExitCode> {
  const api = connect(options);
  const found = await explained('read the status', () => readStatusReport(api, options, VERSION));
  const report = reporterFor('status', options, context);
  report.begin(undefined);
  report.object(found);
  report.end(undefined);
  const { isHealthy } = found.health;
  if (isHealthy === undefined) return EXIT.badInput;
  return isHealthy ? EXIT.clean : EXIT.findings;
}
