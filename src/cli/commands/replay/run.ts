/** `podgrace replay`: reads, answers, compares, reports, review by review. */
import { basename } from 'node:path';
import type { Policy } from '../../../core/policy.ts';
import { PolicyComparison, WebhookComparison, type AnswerComparison } from '../../../offline/compare.ts';
import { reviewFiles } from '../../../offline/input/reviews.ts';
import { replayFiles, ReplayTally, type ReplayOutcome } from '../../../offline/replay.ts';
import { WebhookAddressError, WebhookClient } from '../../../offline/webhook-client.ts';
import { certificateBlocks, readPem } from '../../../pki/pem.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, UsageError, type ExitCode } from '../../exit-code.ts';
import { reporterFor } from '../../options/output-options.ts';
import { DEFAULT_PRESET, loadPolicy, readOptionFile, readPolicyFile } from '../../options/policy-options.ts';
import { TextOutput } from '../../output/text-output.ts';
import { Progress } from '../../output/transient-line.ts';
import type { Reports } from '../../reporters/reporter.ts';
import type { ReplayOptions } from './options.ts';
import { openResponses, STDOUT, type Responses } from './responses.ts';

/** @throws {UsageError | PolicyError} for options that cannot be used */
export async function replay({ words, options, isGiven }: Invocation<ReplayOptions>, context: CliContext): Promise<ExitCode> {
  if (options.url === undefined && (options.ca !== undefined || isGiven('timeout'))) throw new UsageError('--ca and --timeout need --url');
  if (options.responses === STDOUT && options.output !== 'text')
    throw new UsageError(
      `--responses - and the report of --output ${options.output} cannot both go to standard output: name a file after --responses`,
    );
  const policy = await loadPolicy(options);
  const compared = await comparisonOf(options);
  try {
    const responses =
      options.responses === undefined ? undefined : await openResponses(options.responses, reviewFiles(words), context.stdout);
    try {
      return await replayAll({ words, options, policy, compared, responses }, context);
    } catch (error) {
      await responses?.discard();
      throw error;
    }
  } finally {
    compared?.comparison.close();
  }
}

interface Compared {
  readonly comparison: AnswerComparison;
  /** What `+` means in a difference. */
  readonly there: string;
}

interface Replay {
  readonly words: readonly string[];
  readonly options: ReplayOptions;
  readonly policy: Policy;
  readonly compared: Compared | undefined;
  readonly responses: Responses | undefined;
}

async function replayAll({ words, options, policy, compared, responses }: Replay, context: CliContext): Promise<ExitCode> {
  const report = reportOf(options, context);
  const progress = new Progress(context.transient, 'reviews');
  const tally = new ReplayTally(compared !== undefined);
  const nowMs = Date.now();
  report.begin({
    compared: compared && { here: `by policy ${policy.name} (${policyOption(options)})`, there: `by ${compared.there}` },
    onlyDifferences: options.against !== undefined,
  });
  for await (const outcome of replayFiles(words, { policy, nowMs, comparison: compared?.comparison }, { stdin: context.input })) {
    tally.count(outcome);
    report.object(outcome);
    if (responses !== undefined) await writeAnswers(outcome, responses);
    progress.step();
    await context.stdout.drained();
  }
  progress.done();
  const { summary } = tally;
  await endResponses(responses, summary.errors === 0, options, context);
  report.end(summary);
  if (summary.errors > 0) return EXIT.badInput;
  return summary.denied > 0 || (summary.differing ?? 0) > 0 ? EXIT.findings : EXIT.clean;
}

async function writeAnswers({ reviews }: ReplayOutcome, responses: Responses): Promise<void> {
  if (reviews !== undefined) for (const review of reviews()) await responses.write(review);
}

/** Half of the answers must not take the place of what was there. */
async function endResponses(
  responses: Responses | undefined,
  isWhole: boolean,
  { responses: file = '' }: ReplayOptions,
  { stderr }: CliContext,
): Promise<void> {
  if (isWhole) {
    await responses?.end();
  } else if (responses !== undefined) {
    await responses.discard();
    if (file !== STDOUT) stderr.message(`--responses: ${file} is not written, because some input cannot be read or has no answer`);
  }
}

function policyOption({ policy, preset = DEFAULT_PRESET }: ReplayOptions): string {
  return policy === undefined ? `--preset ${preset}` : `--policy ${basename(policy)}`;
}

async function comparisonOf({ against, url, ca, timeout }: ReplayOptions): Promise<Compared | undefined> {
  if (against !== undefined) {
    const policy = await readPolicyFile(against, '--against');
    return { comparison: new PolicyComparison(policy), there: `policy ${policy.name} (--against ${basename(against)})` };
  }
  if (url === undefined) return undefined;
  const bundle = ca === undefined ? {} : { caPem: await readBundle(ca) };
  try {
    const client = await WebhookClient.connect(url, { ...bundle, timeoutSeconds: timeout });
    return { comparison: new WebhookComparison(client), there: `the webhook (--url ${url})` };
  } catch (error) {
    if (!(error instanceof WebhookAddressError)) throw error;
    const trusted = ca === undefined ? 'the CA certificates of the system; to name another bundle, use --ca' : 'the bundle of --ca';
    const hint = error.isUntrusted ? `: its certificate does not verify against ${trusted}` : '';
    throw new UsageError(`--url: ${error.message}${hint}`, { cause: error });
  }
}

async function readBundle(file: string): Promise<string> {
  const pem = await readOptionFile(file, '--ca');
  // Node takes anything, and then trusts nobody.
  if (certificateBlocks(readPem(pem)).length === 0) throw new UsageError(`--ca: ${file} must hold a certificate in PEM`);
  return pem;
}

/** Where the answers themselves go to standard output, there is no room for a report; errors are told all the same. */
function reportOf(options: ReplayOptions, context: CliContext): Reports['replay'] {
  const nowhere = new TextOutput({ write: () => true }, false);
  return reporterFor('replay', options, options.responses === STDOUT ? { ...context, stdout: nowhere } : context);
}
