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
    .summary('judge recorded requests by a policy')
    .description(
      'Reads AdmissionReviews (JSON, ndjson, YAML) and the audit logs of API servers. Handles each request in the order of the API server: mutates the object, applies the patch, and validates the result. Judges the deletions of Pods in an audit log if the level of the log is RequestResponse.',
    )
    .argument('<path...>', 'files, folders, or - for standard input');
  addPolicyOptions(command);
  command
    .addOption(
      new Option(
        '--against <file>',
        'a second policy: print the decisions in which it (+) differs from --policy or --preset (-)',
      ).conflicts('url'),
    )
    .option(
      '--url <url>',
      'a running webhook, https://…: send the reviews to it, and print the answers in which it (+) differs from this command (-)',
    )
    .option('--ca <file>', 'with --url: the CA bundle that must verify the certificate of the webhook, PEM')
    .addOption(
      new Option('--timeout <seconds>', 'with --url: how many seconds an answer may take')
        .default(DEFAULT_TIMEOUT_SECONDS)
        .argParser(integer('--timeout', 1, MAX_TIMEOUT_SECONDS)),
    )
    .option(
      '--responses <file>',
      'write the answers to this file as AdmissionReviews, one a line, that of mutate before that of validate; - for standard output',
    );
  addOutputOptions(command, 'replay', 'print every finding in full, also those that are repaired or only recorded');
  return describeHelp(command, {
    examples: [
      ['podgrace replay samples/reviews', 'what would be denied, warned about and patched'],
      ['podgrace replay audit.log --policy now.yaml --against new.yaml', 'what a new policy would change'],
      ['podgrace replay samples/reviews --url https://localhost:8443 --ca certs/dev/ca.crt'],
    ],
    exitCodes:
      '0 nothing is denied or differs, 1 something is denied or differs, 2 some input cannot be read, a review has no answer, or an option is wrong.',
  });
}
