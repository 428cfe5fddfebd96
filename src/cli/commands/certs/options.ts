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
    .summary('make a CA and a serving pair')
    .description('Writes ca.crt, ca.key, tls.crt and tls.key (ECDSA P-256) for the names of a Service; all four or none.')
    .option('--out <dir>', 'where to', 'certs')
    .option('--service <name>', 'the Service in front of the webhook', 'podgrace')
    .option('--namespace <name>', 'its namespace', 'podgrace-system')
    .option('--dns-name <name...>', 'further DNS names')
    .option('--ip <address...>', 'IP addresses')
    .addOption(
      new Option('--valid-days <number>', 'of the serving certificate')
        .default(DEFAULT_VALID_DAYS)
        .argParser(integer('--valid-days', 1, MAX_DAYS)),
    )
    .addOption(
      new Option('--ca-valid-days <number>', 'of the CA').default(DEFAULT_CA_VALID_DAYS).argParser(integer('--ca-valid-days', 1, MAX_DAYS)),
    )
    .option('--overwrite', 'replace files that are there')
    .option('--keep', `leave files that are there if they cover the names and are valid for ${KEEP_FOR_DAYS} days more`);
  return describeHelp(command, {
    examples: [
      ['podgrace certs --out certs', 'for the Service podgrace in podgrace-system'],
      ['podgrace certs --out certs/dev --dns-name localhost --ip 127.0.0.1 --keep --overwrite'],
    ],
    exitCodes: '0 the files are there, 2 they are not: a wrong option, or files that may not be replaced.',
  });
}
