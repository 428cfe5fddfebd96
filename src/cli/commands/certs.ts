/** `podgrace certs`: a CA and a serving pair as files. */
import { Option, type Command } from 'commander';
import { CertificatesExistError } from '../../pki/certificate-files.ts';
import { makeCertificates } from '../../pki/make-certificates.ts';
import { serviceDnsNames } from '../../pki/service-names.ts';
import { UsageError } from '../exit-code.ts';
import { integer } from '../option-values.ts';
import type { CliContext } from '../run.ts';

interface CertsOptions {
  readonly out: string;
  readonly service: string;
  readonly namespace: string;
  readonly dnsName: readonly string[];
  readonly ip: readonly string[];
  readonly validDays: number;
  readonly caValidDays: number;
  readonly overwrite?: boolean;
  readonly keep?: boolean;
}

/** CAs and leaves live long here because nobody renews files; in the cluster podgrace renews its own (field lesson I10). */
const DEFAULT_VALID_DAYS = 365;
const DEFAULT_CA_VALID_DAYS = 3650;
const MAX_DAYS = 36_500;
/** With --keep, what expires within a month is made anew. */
const KEEP_FOR_DAYS = 30;

export function addCertsCommand(program: Command, { stdout }: CliContext): void {
  program
    .command('certs')
    .summary('make a CA and a serving pair')
    .description('Writes ca.crt, ca.key, tls.crt and tls.key (ECDSA P-256) for the names of a Service; all four or none.')
    .option('--out <dir>', 'where to', 'certs')
    .option('--service <name>', 'the Service in front of the webhook', 'podgrace')
    .option('--namespace <name>', 'its namespace', 'podgrace-system')
    .option('--dns-name <name...>', 'further DNS names', [])
    .option('--ip <address...>', 'IP addresses', [])
    .addOption(
      new Option('--valid-days <number>', 'of the serving certificate')
        .default(DEFAULT_VALID_DAYS)
        .argParser(integer('--valid-days', 1, MAX_DAYS)),
    )
    .addOption(
      new Option('--ca-valid-days <number>', 'of the CA').default(DEFAULT_CA_VALID_DAYS).argParser(integer('--ca-valid-days', 1, MAX_DAYS)),
    )
    .option('--overwrite', 'replace files that are there')
    .option('--keep', `leave files that are there if they cover the names and are valid for ${KEEP_FOR_DAYS} days more`)
    .addHelpText(
      'after',
      '\nExamples:\n  $ podgrace certs --out certs\n  $ podgrace certs --out certs/dev --dns-name localhost --ip 127.0.0.1 --keep --overwrite\n',
    )
    .action(async (options: CertsOptions) => {
      const outcome = await make(options);
      const what = outcome === 'kept' ? 'are good for' : 'made for';
      stdout.write(`${options.out}: certificates ${what} ${namesOf(options).join(', ')}\n`);
    });
}

async function make(options: CertsOptions): Promise<'written' | 'kept'> {
  const request = {
    authorityName: `${options.service}-ca`,
    authorityValidDays: options.caValidDays,
    validDays: options.validDays,
    now: new Date(),
    dnsNames: [...serviceDnsNames(options.service, options.namespace), ...options.dnsName],
    ipAddresses: options.ip,
  };
  try {
    return await makeCertificates(options.out, request, {
      overwrite: options.overwrite === true,
      ...(options.keep === true && { keepForDays: KEEP_FOR_DAYS }),
    });
  } catch (error) {
    if (error instanceof CertificatesExistError) throw new UsageError(`${error.message}: --overwrite replaces them`);
    if (error instanceof RangeError || isFileError(error)) throw new UsageError(error.message);
    throw error;
  }
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function namesOf({ service, namespace, dnsName, ip }: CertsOptions): string[] {
  return [`${service}.${namespace}.svc`, ...dnsName, ...ip];
}
