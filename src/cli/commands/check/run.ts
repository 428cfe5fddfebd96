/** `podgrace check`: reads, judges, reports, object by object. */
import { join } from 'node:path';
import { POLICY_FILE } from '../../../config/found-policy.ts';
import { VERSION } from '../../../config/version.ts';
import { checkFiles, CheckTally, type CheckOutcome } from '../../../offline/check.ts';
import type { ReportedMode } from '../../../offline/finding.ts';
import { isFolder } from '../../../offline/input/files.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, UsageError, type ExitCode } from '../../exit-code.ts';
import { KnownFindings } from '../../options/known-findings.ts';
import { policiesFor, type ChosenPolicy } from '../../options/found-policy-options.ts';
import { reporterFor } from '../../options/output-options.ts';
import { ReportFile } from '../../output/report-file.ts';
import { Progress } from '../../output/transient-line.ts';
import type { CheckOptions } from './options.ts';
import { configText } from './print-config.ts';

/** Which findings make the command fail. */
const FAILING: Readonly<Record<CheckOptions['failOn'], readonly ReportedMode[]>> = {
  enforce: ['enforce'],
  warn: ['enforce', 'warn'],
  never: [],
};

/** @throws {UsageError | PolicyError} for a policy that cannot be used */
export async function check({ words, options }: Invocation<CheckOptions>, context: CliContext): Promise<ExitCode> {
  const { filename = [], outputFile, printConfig } = options;
  const nowMs = Date.now();
  const policyFor = await policiesFor(options, nowMs);
  if (printConfig !== undefined) {
    context.stdout.write(configText(policyFor(fileIn(printConfig))));
    return EXIT.clean;
  }
  const paths = [...words, ...filename];
  if (paths.length === 0) throw new UsageError('name what is to be checked: files, folders, or - for standard input');
  const known = await KnownFindings.open(options);
  const run: CheckRun = { paths, policyFor, known, options, nowMs };
  if (outputFile === undefined) return checkPaths(run, context);
  const file = await ReportFile.open(outputFile, paths);
  try {
    const code = await checkPaths(run, { ...context, stdout: file.output });
    await file.replace();
    return code;
  } catch (error) {
    await file.discard();
    throw error;
  }
}

interface CheckRun {
  readonly paths: readonly string[];
  readonly policyFor: (file: string) => ChosenPolicy;
  readonly known: KnownFindings;
  readonly options: CheckOptions;
  readonly nowMs: number;
}

async function checkPaths({ paths, policyFor, known, options, nowMs }: CheckRun, context: CliContext): Promise<ExitCode> {
  const { namespace, ignore = [], failOn, quiet = false } = options;
  const report = reporterFor('check', options, context, quiet);
  const progress = new Progress(context.transient, 'objects');
  const tally = new CheckTally();
  const failing = FAILING[failOn];
  let isFailed = false;
  const [first = ''] = paths;
  const { policy, isDefault } = policyFor(fileIn(first));
  report.begin({ version: VERSION, policy: policy.name, isDefaultPolicy: isDefault });
  const contextOf = (file: string): { policy: typeof policy; namespace: string; nowMs: number } => ({
    policy: policyFor(file).policy,
    namespace,
    nowMs,
  });
  for await (const checked of checkFiles(paths, ignore, contextOf, { stdin: context.stdin })) {
    const outcome = known.without(checked);
    tally.count(outcome);
    if (outcome.outcome === 'judged') isFailed ||= outcome.result.findings.some(({ mode }) => failing.includes(mode));
    report.object(quiet ? onlyFailing(outcome, failing) : outcome);
    progress.step();
    await context.stdout.drained();
  }
  progress.done();
  const { summary } = tally;
  report.end(summary);
  await context.stdout.drained();
  await known.end(summary.errors === 0, context.stderr);
  if (summary.errors > 0) return EXIT.badInput;
  return isFailed ? EXIT.findings : EXIT.clean;
}

/** Any file in a folder, for a folder. */
function fileIn(path: string): string {
  return isFolder(path) ? join(path, POLICY_FILE) : path;
}

function onlyFailing(outcome: CheckOutcome, failing: readonly ReportedMode[]): CheckOutcome {
  if (outcome.outcome !== 'judged') return outcome;
  const { result } = outcome;
  return { outcome: 'judged', result: { ...result, findings: result.findings.filter(({ mode }) => failing.includes(mode)) } };
}
