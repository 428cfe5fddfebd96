/** `podgrace check`: reads, judges, reports, object by object. */
import { VERSION } from '../../../config/version.ts';
import { checkFiles, CheckTally } from '../../../offline/check.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { reporterFor } from '../../options/output-options.ts';
import { isDefaultPolicy, loadPolicy } from '../../options/policy-options.ts';
import { Progress } from '../../output/transient-line.ts';
import type { CheckOptions } from './options.ts';

/** @throws {UsageError | PolicyError} for a policy that cannot be used */
export async function check({ words, options }: Invocation<CheckOptions>, context: CliContext): Promise<ExitCode> {
  const policy = await loadPolicy(options);
  const report = reporterFor('check', options, context);
  const progress = new Progress(context.transient, 'objects');
  const tally = new CheckTally();
  report.begin({ version: VERSION, policy: policy.name, isDefaultPolicy: isDefaultPolicy(options) });
  const { namespace } = options;
  for await (const outcome of checkFiles(words, { policy, namespace, nowMs: Date.now() }, { stdin: context.stdin })) {
    tally.count(outcome);
    report.object(outcome);
    progress.step();
    await context.stdout.drained();
  }
  progress.done();
  const { summary } = tally;
  report.end(summary);
  if (summary.errors > 0) return EXIT.badInput;
  return summary.denied > 0 ? EXIT.findings : EXIT.clean;
}
