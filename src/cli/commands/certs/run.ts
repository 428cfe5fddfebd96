/** `podgrace certs`: a CA and a serving pair as files. */
import { reasonOf } from '../../../files/system-error.ts';
import { CertificatesExistError } from '../../../pki/certificate-files.ts';
import { makeCertificates } from '../../../pki/make-certificates.ts';
import { CertificateRequestError, type RequestField } from '../../../pki/request-error.ts';
import { serviceDnsNames } from '../../../pki/service-names.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, UsageError, type ExitCode } from '../../exit-code.ts';
import { KEEP_FOR_DAYS, type CertsOptions } from './options.ts';

/** @throws {UsageError} for names that no certificate can have, and for files that cannot or may not be written */
export async function certs({ options }: Invocation<CertsOptions>, { stdout }: CliContext): Promise<ExitCode> {
  const outcome = await make(options);
  const what = outcome === 'kept' ? 'are good for' : 'made for';
  stdout.line(`${options.out}: certificates ${what} ${namesOf(options).join(', ')}`);
  return EXIT.clean;
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
  if (error instanceof CertificateRequestError) return new UsageError(`${OPTIONS[error.field]} ${error.requirement}`, { cause: error });
  if (!(error instanceof Error)) return undefined;
  if (isFileError(error)) return new UsageError(`--out: ${error.path ?? directory}: ${reasonOf(error)}`, { cause: error });
  // A file that cannot be read is told with its name.
  return isFileError(error.cause) ? new UsageError(`--out: ${error.message}`, { cause: error }) : undefined;
}

/** What a name comes from; a CA is named after its Service. */
const OPTIONS: Readonly<Record<RequestField, string>> = {
  commonName: '--service',
  dnsNames: '--dns-name',
  ipAddresses: '--ip',
  validDays: '--valid-days and --ca-valid-days',
  service: '--service',
  namespace: '--namespace',
};

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function namesOf({ service, namespace, dnsName = [], ip = [] }: CertsOptions): string[] {
  return [`${service}.${namespace}.svc`, ...dnsName, ...ip];
}
