/** `podgrace certs`: a CA and a serving pair as files. */
import { Option, type Command } from 'commander';
import { CertificatesExistError } from '../../pki/certificate-files.ts';
import { makeCertificates } from '../../pki/make-certificates.ts';
import { serviceDnsNames } from '../../pki/service-names.ts';
import { UsageError } from '../exit-code.ts';
import { reasonOf } from '../../offline/input/input-error.ts';
import { integer } from '../option-values.ts';
import type { CliContext } from '../run.ts';

interface CertsOptions {
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
const KEEP_FOR_DAYS = 30;

export function addCertsCommand(program: Command, { stdout }: CliContext): void {
  program
    .command('certs')
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
    .option('--keep', `leave files that are there if they cover the names and are valid for ${KEEP_FOR_DAYS} days more`)
    .addHelpText(
      'after',
      `
Examples:
  $ podgrace certs --out certs                                     for the Service podgrace in podgrace-system
  $ podgrace certs --out certs/dev --dns-name localhost --ip 127.0.0.1 --keep --overwrite

Exit codes: 0 the files are there, 2 they are not: a wrong option, or files that may not be replaced.
`,
    )
    .action(async (options: CertsOptions) => {
      const outcome = await make(options);
      const what = outcome === 'kept' ? 'are good for' : 'made for';
      stdout.write(`${options.out}: certificates ${what} ${namesOf(options).join(', ')}\n`);
    });
}

async function make({ out, service, namespace, dnsName = [], ip = [], ...options }: CertsOptions): Promise<'written' | 'kept'> {
  try {
    const request = {
      authorityName: `${service.slice(0, MAX_COMMON_NAME - AUTHORITY_SUFFIX.length)}${AUTHORITY_SUFFIX}`,
      authorityValidDays: options.caValidDays,
      validDays: options.validDays,
      now: new Date(),
      dnsNames: [...serviceDnsNames(service, namespace), ...dnsName],
      ipAddresses: ip,
    };
    return await makeCertificates(out, request, {
      overwrite: options.overwrite === true,
      ...(options.keep === true && { keepForDays: KEEP_FOR_DAYS }),
    });
  } catch (error) {
    throw usageErrorOf(error, out) ?? error;
  }
}

/** X.520's upper bound; the name of a Service may have 63. */
const MAX_COMMON_NAME = 64;
const AUTHORITY_SUFFIX = '-ca';

/** What the user can mend, in the words of the command line; undefined for a mistake of ours. */
function usageErrorOf(error: unknown, directory: string): UsageError | undefined {
  if (error instanceof CertificatesExistError) return new UsageError(`--out: ${error.message}: --overwrite replaces them`);
  if (error instanceof RangeError) return new UsageError(error.message.replace(/^dnsNames/, '--dns-name').replace(/^ipAddresses/, '--ip'));
  if (!(error instanceof Error)) return undefined;
  if (isFileError(error)) return new UsageError(`--out: ${error.path ?? directory}: ${reasonOf(error)}`, { cause: error });
  // A file that cannot be read is told with its name.
  return isFileError(error.cause) ? new UsageError(`--out: ${error.message}`, { cause: error }) : undefined;
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function namesOf({ service, namespace, dnsName = [], ip = [] }: CertsOptions): string[] {
  return [`${service}.${namespace}.svc`, ...dnsName, ...ip];
}
