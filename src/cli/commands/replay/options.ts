/** `podgrace replay`: recorded AdmissionReviews in, decisions and patches out. */
import { Command, Option } from 'commander';
import { describeHelp } from '../../help.ts';
import { integer } from '../../options/option-values.ts';
import { addOutputOptions, type OutputOptions } from '../../options/output-options.ts';
import { addPolicyOptions, type PolicyOptions } from '../../options/policy-options.ts';

export interface ReplayOptions extends PolicyOptions, OutputOptions {
  readonly against?: string;
  readonly url?: string;
  readonly ca?: string;
  readonly timeout: number;
  readonly responses?: string;
}

/** What the API server waits for a webhook whose configuration does not say, and the most it can be told to wait. */
const DEFAULT_TIMEOUT_SECONDS = 10;
const MAX_TIMEOUT_SECONDS = 30;

export function declareReplay(): Command {
  const command = new Command('replay')
    .summary('run recorded AdmissionReviews through a policy')
    .description(
      'Takes each request the way the API server sends it: to the mutating rules, patched, to the validating rules. Reads AdmissionReviews (JSON, ndjson, YAML) and the audit log of an API server.',
    )
    .argument('<path...>', 'files, folders, or - for standard input');
  addPolicyOptions(command);
  command
    .addOption(
      new Option('--against <file>', 'another policy: print what it (+) decides differently from --policy or --preset (-)').conflicts(
        'url',
      ),
    )
    .option('--url <url>', 'a running webhook, https://…: send it the reviews and compare its answers (+) with the ones made here (-)')
    .option('--ca <file>', 'with --url: the CA bundle that its certificate must verify against, PEM')
    .addOption(
      new Option('--timeout <seconds>', 'with --url: how long an answer may take')
        .default(DEFAULT_TIMEOUT_SECONDS)
        .argParser(integer('--timeout', 1, MAX_TIMEOUT_SECONDS)),
    )
    .option('--responses <file>', 'write the AdmissionReview answers, one a line, mutate before validate; - for standard output');
  addOutputOptions(command, 'replay', 'print all about each finding: also what is repaired, and what is only recorded');
  return describeHelp(command, {
    examples: [
      ['podgrace replay samples/reviews', 'what would be denied, warned about and patched'],
      ['podgrace replay audit.log --policy now.yaml --against new.yaml', 'what a new policy would change'],
      ['podgrace replay samples/reviews --url https://localhost:8443 --ca certs/dev/ca.crt'],
    ],
    exitCodes:
      '0 nothing denied or different, 1 something denied or different, 2 input that cannot be read, a review without an answer, or a wrong option.',
  });
}
