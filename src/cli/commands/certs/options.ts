/** `podgrace certs`: a CA and a serving pair as files. */
import { Command, Option } from 'commander';
import { describeHelp } from '../../help.ts';
import { integer } from '../../options/option-values.ts';

export interface CertsOptions {
  readonly out: string;
  readonly service: string;
  readonly namespace: string;
  readonly dnsName?: readonly string[];
  readonly ip?: readonly string[];
  readonly validDays: number;
  readonly caValidDays: number;
  readonly overwrite?: boolean;
  readonly keep?: boolean;
}

/** CAs and leaves live long here because nobody renews files; in the cluster podgrace renews its own. */
const DEFAULT_VALID_DAYS = 365;
const DEFAULT_CA_VALID_DAYS = 3650;
const MAX_DAYS = 36_500;
/** With --keep, what expires within a month is made anew. */
export const KEEP_FOR_DAYS = 30;

export function declareCerts(): Command {
  const command = new Command('certs')
    .summary('make a CA and a serving certificate as files')
    .description('Writes ca.crt, ca.key, tls.crt and tls.key (ECDSA P-256) for the DNS names of a Service. Writes all four files, or none.')
    .option('--out <dir>', 'the folder for the files', 'certs')
    .option('--service <name>', 'the Service in front of the webhook', 'podgrace')
    .option('--namespace <name>', 'the namespace of the Service', 'podgrace-system')
    .option('--dns-name <name...>', 'more DNS names of the server')
    .option('--ip <address...>', 'IP addresses of the server')
    .addOption(
      new Option('--valid-days <number>', 'how many days the serving certificate is valid')
        .default(DEFAULT_VALID_DAYS)
        .argParser(integer('--valid-days', 1, MAX_DAYS)),
    )
    .addOption(
      new Option('--ca-valid-days <number>', 'how many days the CA is valid')
        .default(DEFAULT_CA_VALID_DAYS)
        .argParser(integer('--ca-valid-days', 1, MAX_DAYS)),
    )
    .option('--overwrite', 'replace files that exist')
    .option('--keep', `keep files that exist, if they cover the names and are valid for ${KEEP_FOR_DAYS} more days`);
  return describeHelp(command, {
    examples: [
      ['podgrace certs --out certs', 'for the Service podgrace in podgrace-system'],
      ['podgrace certs --out certs/dev --dns-name localhost --ip 127.0.0.1 --keep --overwrite'],
    ],
    exitCodes: '0 the files exist, 2 an option is wrong, or files exist that may not be replaced.',
  });
}
