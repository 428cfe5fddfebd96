/** Makes an authority and a serving pair in a directory, unless valid ones are there. */
import { replacementReason, writeCertificates, type WriteOptions } from './certificate-files.ts';
import type { ServerNames } from './serving-pair.ts';

export interface CertificateRequest extends Required<ServerNames> {
  readonly authorityName: string;
  readonly authorityValidDays: number;
  readonly validDays: number;
  readonly now: Date;
}

export interface KeepWish {
  readonly overwrite: boolean;
  /** Leave what is there if it covers the names and is valid for so many days more; undefined: never. */
  readonly keepForDays?: number;
}

/**
 * @returns `kept` where nothing had to be made
 * @throws {CertificatesExistError} where files are there that may not be replaced
 */
export async function makeCertificates(
  directory: string,
  request: CertificateRequest,
  { overwrite, keepForDays }: KeepWish,
): Promise<'written' | 'kept'> {
  const { authorityName, authorityValidDays, validDays, now, dnsNames, ipAddresses } = request;
  const options: WriteOptions = {
    overwrite,
    ...(keepForDays !== undefined && { keep: { dnsNames, ipAddresses, minRemainingDays: keepForDays, now } }),
  };
  if (options.keep !== undefined && (await replacementReason(directory, options.keep)) === undefined) return 'kept';
  // The library that makes certificates is heavy; reading them needs none.
  const { createAuthority, issueServingPair } = await import('./authority.ts');
  const ca = await createAuthority({ commonName: authorityName, validDays: authorityValidDays, now });
  const pair = await issueServingPair(ca, { dnsNames, ipAddresses, validDays, now });
  return writeCertificates(directory, { ca, pair }, options);
}
