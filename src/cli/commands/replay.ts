/** `podgrace replay`: recorded AdmissionReviews in, decisions and patches out. */
import { Option, type Command } from 'commander';
import type { JsonObject } from '../../core/json.ts';
import type { Policy } from '../../core/policy.ts';
import { blocksLabelled, readPem } from '../../pki/pem.ts';
import { PolicyComparison, WebhookComparison, type AnswerComparison } from '../../offline/comparison.ts';
import { EXIT, UsageError, type ExitCode } from '../exit-code.ts';
import { nameOf } from '../../offline/input/file-text.ts';
import { readReviews } from '../../offline/input/reviews.ts';
import { integer } from '../option-values.ts';
import { ReplayErrorReport, ReplayJsonReport, ReplayTextReport, type ReplayReport } from '../output/replay-report.ts';
import { addPolicyOptions, loadPolicy, readOptionFile, readPolicyFile, type PolicyOptions } from '../policy-options.ts';
import {
  answersOf,
  readReview,
  replayRequest,
  ReplayTally,
  type ReplayError,
  type ReplayResult,
  type ReviewSource,
} from '../../offline/replay.ts';
import { openResponses, STDOUT, type Responses } from '../responses-file.ts';
import type { CliContext } from '../run.ts';
import { Progress, styler, type OutputStream } from '../terminal.ts';
import { WebhookAddressError, WebhookCallError, WebhookClient } from '../../offline/webhook-client.ts';

interface ReplayOptions extends PolicyOptions {
  readonly against?: string;
  readonly url?: string;
  readonly ca?: string;
  readonly timeout: number;
  readonly responses?: string;
  readonly output: 'text' | 'json';
  readonly verbose?: boolean;
}

/** What the API server waits for a webhook whose configuration does not say, and the most it can be told to wait. */
const DEFAULT_TIMEOUT_SECONDS = 10;
const MAX_TIMEOUT_SECONDS = 30;

export function addReplayCommand(program: Command, context: CliContext): void {
  const command = program
    .command('replay')
    .summary('run recorded AdmissionReviews through a policy')
    .description(
      'Takes each request the way the API server sends it: to the mutating rules, patched, to the validating rules. Reads AdmissionReviews (JSON, ndjson, YAML) and the audit log of an API server.',
    )
    .argument('<path...>', 'files, folders, or - for standard input');
  addPolicyOptions(command);
  command
    .addOption(new Option('--against <file>', 'another policy: print what it decides differently').conflicts('url'))
    .option('--url <url>', 'a running webhook, https://…: send it the reviews and compare its answers with the ones made here')
    .option('--ca <file>', 'with --url: the CA bundle that its certificate must verify against, PEM')
    .addOption(
      new Option('--timeout <seconds>', 'with --url: how long an answer may take')
        .default(DEFAULT_TIMEOUT_SECONDS)
        .argParser(integer('--timeout', 1, MAX_TIMEOUT_SECONDS)),
    )
    .option('--responses <file>', 'write the AdmissionReview answers, one a line, mutate before validate; - for standard output')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .option('-v, --verbose', 'print all about each finding: also what is repaired, and what is only recorded')
    .addHelpText(
      'after',
      `
Examples:
  $ podgrace replay samples/reviews                                what would be denied, warned about and patched
  $ podgrace replay audit.log --policy now.yaml --against new.yaml what a new policy would change
  $ podgrace replay samples/reviews --url https://localhost:8443 --ca certs/dev/ca.crt

Exit codes: 0 nothing denied or different, 1 something denied or different, 2 input that cannot be read, a review without an answer, or a wrong option.
`,
    )
    .action(async (paths: string[], options: ReplayOptions, command: Command) => {
      if (options.url === undefined && (options.ca !== undefined || command.getOptionValueSource('timeout') === 'cli'))
        throw new UsageError('--ca and --timeout go with --url');
      if (options.responses === STDOUT && options.output === 'json')
        throw new UsageError('--responses - leaves no room for the report of --output json on standard output');
      context.exit(await replay(paths, options, context));
    });
}

async function replay(paths: readonly string[], options: ReplayOptions, context: CliContext): Promise<ExitCode> {
  const policy = await loadPolicy(options);
  const comparison = await comparisonOf(options);
  try {
    const responses = options.responses === undefined ? undefined : await openResponses(options.responses, context.stdout);
    const progress = new Progress(context.stderr, 'reviews');
    const report = reportOf(options, progress.makingRoom(context.stdout), progress.makingRoom(context.stderr), context.env);
    const tally = new ReplayTally(comparison !== undefined);
    const count = (outcome: ReplayResult | ReplayError): void => {
      if ('message' in outcome) {
        tally.countError();
        report.error(outcome);
      } else {
        tally.countResult(outcome);
        report.result(outcome);
      }
    };
    const onSkipped = (_source: string, reason: string): void => {
      tally.countSkipped(reason);
    };
    const replayed = { policy, nowMs: Date.now(), comparison, responses };
    for await (const item of readReviews(paths, { stdin: context.stdin, kinds: policy.kinds, onSkipped })) {
      count('message' in item ? item : await replayOne(item, replayed));
      progress.step();
    }
    if (tally.isEmpty) paths.map(holdsNothing).forEach(count);
    progress.done();
    await responses?.end();
    const { summary } = tally;
    report.end(summary);
    if (summary.errors > 0) return EXIT.badInput;
    return summary.denied > 0 || (summary.differing ?? 0) > 0 ? EXIT.findings : EXIT.clean;
  } finally {
    comparison?.close();
  }
}

interface Replayed {
  readonly policy: Policy;
  readonly nowMs: number;
  readonly comparison: AnswerComparison | undefined;
  readonly responses: Responses | undefined;
}

async function replayOne(item: ReviewSource, { policy, nowMs, comparison, responses }: Replayed): Promise<ReplayResult | ReplayError> {
  const request = readReview(item);
  if ('message' in request) return request;
  const result = replayRequest(item.source, request, policy, nowMs);
  if (responses !== undefined) for (const answer of answersOf(request, policy, nowMs)) await responses.write(answer);
  if (comparison === undefined) return result;
  try {
    return { ...result, differences: await comparison.differences({ result, request, review: item.review as JsonObject, nowMs }) };
  } catch (error) {
    if (error instanceof WebhookCallError) return { source: item.source, message: error.message };
    throw error;
  }
}

async function comparisonOf({ against, url, ca, timeout }: ReplayOptions): Promise<AnswerComparison | undefined> {
  if (against !== undefined) return new PolicyComparison(await readPolicyFile(against, '--against'));
  if (url === undefined) return undefined;
  const bundle = ca === undefined ? {} : { caPem: await readBundle(ca) };
  try {
    return new WebhookComparison(await WebhookClient.connect(url, { ...bundle, timeoutSeconds: timeout }));
  } catch (error) {
    if (!(error instanceof WebhookAddressError)) throw error;
    const trusted = ca === undefined ? "the system's roots; --ca names another bundle" : 'the bundle of --ca';
    const hint = error.isUntrusted ? `: its certificate does not verify against ${trusted}` : '';
    throw new UsageError(`--url: ${error.message}${hint}`, { cause: error });
  }
}

async function readBundle(file: string): Promise<string> {
  const pem = await readOptionFile(file, '--ca');
  // Node takes anything, and then trusts nobody.
  if (blocksLabelled(readPem(pem), 'CERTIFICATE').length === 0) throw new UsageError(`--ca: ${file} must hold a certificate in PEM`);
  return pem;
}

function reportOf(
  { output, responses, against, verbose = false }: ReplayOptions,
  stdout: OutputStream,
  stderr: OutputStream,
  env: NodeJS.ProcessEnv,
): ReplayReport {
  if (responses === STDOUT) return new ReplayErrorReport(stderr);
  if (output === 'json') return new ReplayJsonReport(stdout);
  return new ReplayTextReport(stdout, stderr, styler(stdout, env), { verbose, onlyDifferences: against !== undefined });
}

function holdsNothing(path: string): ReplayError {
  return { source: nameOf(path), message: 'must hold an AdmissionReview or an audit event of a finished request, holds none' };
}
