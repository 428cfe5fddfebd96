/** `podgrace replay`: recorded AdmissionReviews in, decisions and patches out. */
import { Option, type Command } from 'commander';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { AdmissionRequest } from '../../admission/review.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Policy } from '../../core/policy.ts';
import { EXIT, UsageError, type ExitCode } from '../exit-code.ts';
import { readReviews } from '../input/reviews.ts';
import { ReplayJsonReport, ReplayTextReport, type ReplayReport } from '../output/replay-report.ts';
import { addPolicyOptions, loadPolicy, readOptionFile, readPolicyFile, type PolicyOptions } from '../policy-options.ts';
import {
  answersOf,
  compareAnswers,
  compareWithRemote,
  readReview,
  replayRequest,
  ReplayTally,
  type Difference,
  type ReplayResult,
} from '../replay.ts';
import type { CliContext } from '../run.ts';
import { Progress, styler, type OutputStream } from '../terminal.ts';
import { WebhookCallError, WebhookClient } from '../webhook-client.ts';

interface ReplayOptions extends PolicyOptions {
  readonly against?: string;
  readonly url?: string;
  readonly ca?: string;
  readonly responses?: string;
  readonly output: 'text' | 'json';
}

export function addReplayCommand(program: Command, context: CliContext): void {
  const command = program
    .command('replay')
    .summary('run recorded AdmissionReviews through a policy')
    .description(
      'Takes each request the way the API server sends it: to the mutating rules, patched, to the validating rules. Reads AdmissionReviews (JSON, ndjson) and the audit log of an API server.',
    )
    .argument('<path...>', 'files, folders, or - for standard input');
  addPolicyOptions(command);
  command
    .addOption(new Option('--against <file>', 'another policy: print what it decides differently').conflicts('url'))
    .option('--url <url>', 'a running webhook, https://…: send it the reviews and compare its answers with the ones made here')
    .option('--ca <file>', 'the CA bundle that its certificate must verify against, PEM')
    .option('--responses <file>', 'write the AdmissionReview answers, one a line, mutate before validate; - for standard output')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  $ podgrace replay samples/reviews                                what would be denied, warned about and patched
  $ podgrace replay audit.log --policy now.yaml --against new.yaml what a new policy would change
  $ podgrace replay samples/reviews --url https://localhost:8443 --ca certs/dev/ca.crt

Exit codes: 0 nothing denied or different, 1 something denied or different, 2 input that cannot be read.
`,
    )
    .action(async (paths: string[], options: ReplayOptions) => {
      context.exit(await replay(paths, options, context));
    });
}

async function replay(paths: readonly string[], options: ReplayOptions, context: CliContext): Promise<ExitCode> {
  const { stdin, stdout, stderr, env } = context;
  const policy = await loadPolicy(options);
  const compare = await comparisonOf(options);
  const responses = options.responses === undefined ? undefined : await openResponses(options.responses, stdout);
  const silent: OutputStream = { write: () => true };
  // Answers on standard output leave no room for a report there.
  const out = options.responses === '-' ? silent : stdout;
  const report: ReplayReport = options.output === 'json' ? new ReplayJsonReport(out) : new ReplayTextReport(out, stderr, styler(out, env));
  const tally = new ReplayTally(options.against !== undefined || options.url !== undefined);
  const progress = new Progress(stderr, 'reviews');
  const nowMs = Date.now();
  for await (const item of readReviews(paths, { stdin })) {
    const outcome = 'message' in item ? item : await replayOne(item, policy, nowMs, compare, responses);
    if ('message' in outcome) {
      tally.countError();
      report.error(outcome);
    } else {
      tally.countResult(outcome);
      report.result(outcome);
    }
    progress.step();
  }
  progress.done();
  compare.close();
  await responses?.end();
  const { summary } = tally;
  report.end(summary);
  if (summary.errors > 0) return EXIT.badInput;
  return summary.denied > 0 || (summary.differing ?? 0) > 0 ? EXIT.findings : EXIT.clean;
}

type Outcome = ReplayResult | { readonly source: string; readonly message: string };

async function replayOne(
  item: { source: string; review: unknown },
  policy: Policy,
  nowMs: number,
  compare: Comparison,
  responses: Responses | undefined,
): Promise<Outcome> {
  const request = readReview(item);
  if ('message' in request) return request;
  const result = replayRequest(item.source, request, policy, nowMs);
  if (responses !== undefined) for (const answer of answersOf(request, policy, nowMs)) responses.write(`${JSON.stringify(answer)}\n`);
  try {
    const differences = await compare.differences(result, request, item.review as JsonObject, nowMs);
    return differences === undefined ? result : { ...result, differences };
  } catch (error) {
    if (error instanceof WebhookCallError) return { source: item.source, message: error.message };
    throw error;
  }
}

/** What the answers made here are compared with: nothing, another policy, or a webhook. */
interface Comparison {
  differences(
    result: ReplayResult,
    request: AdmissionRequest,
    review: JsonObject,
    nowMs: number,
  ): Promise<readonly Difference[] | undefined>;
  close(): void;
}

async function comparisonOf({ against, url, ca }: ReplayOptions): Promise<Comparison> {
  if (ca !== undefined && url === undefined) throw new UsageError('--ca goes with --url');
  if (against !== undefined) {
    const other = await readPolicyFile(against, '--against');
    return {
      differences: (result, request, _, nowMs) =>
        Promise.resolve(compareAnswers(result, replayRequest(result.source, request, other, nowMs))),
      close: () => undefined,
    };
  }
  if (url === undefined) return { differences: () => Promise.resolve(undefined), close: () => undefined };
  const client = new WebhookClient(url, ca === undefined ? undefined : await readOptionFile(ca, '--ca'));
  return {
    differences: async (result, _, review) => compareWithRemote(result, await client.admit(review)),
    close: () => {
      client.close();
    },
  };
}

interface Responses {
  write(line: string): void;
  end(): Promise<void>;
}

async function openResponses(file: string, stdout: OutputStream): Promise<Responses> {
  if (file === '-') return { write: (line) => void stdout.write(line), end: () => Promise.resolve() };
  const stream = createWriteStream(file);
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => {
      resolve();
    });
    stream.once('error', (error) => {
      reject(new UsageError(`--responses: ${file} cannot be written: ${error.message}`));
    });
  });
  return {
    write: (line) => void stream.write(line),
    end: async () => {
      stream.end();
      await finished(stream);
    },
  };
}
