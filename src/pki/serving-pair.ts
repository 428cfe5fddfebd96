/**
 * A certificate chain and its private key, read from PEM and checked for use with TLS.
 *
 * The server gets exactly what was checked: the PEM texts are written again from the parsed chain and key. So nothing in a
 * file reaches the TLS stack without a check.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { certificateBlocks, readPem, type PemPair } from './pem.ts';

export interface ServingPair extends PemPair {
  /** The leaf, and after each certificate the one that issued it, as far as the file goes. */
  readonly chain: readonly [X509Certificate, ...X509Certificate[]];
  /** The leaf's, in hexadecimal, upper case, as openssl prints it. */
  readonly serialNumber: string;
  /** SHA-256 of the leaf, `AB:CD:…`. */
  readonly fingerprint256: string;
  /** When the last certificate of the chain begins. */
  readonly notBefore: Date;
  /** When the first certificate of the chain ends: a leaf is worth nothing once its authority has expired. */
  readonly notAfter: Date;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/** Names that a server is called by. */
export interface ServerNames {
  readonly dnsNames: readonly string[];
  readonly ipAddresses?: readonly string[] | undefined;
}

export type PairProblem =
  | 'empty'
  /** No block of the kind that is expected, or one that is cut off. */
  | 'not-pem'
  | 'certificate-unreadable'
  | 'key-unreadable'
  | 'key-mismatch'
  /** Out of order, or a certificate that the next one did not issue. */
  | 'broken-chain'
  /** Sound, but TLS does not take it: a key too short, a digest too weak. */
  | 'refused-by-tls'
  | 'expired'
  | 'not-yet-valid';

/** What is wrong with a pair. The message reads after the name of the file or flag: "must hold a PEM certificate, …". */
export class ServingPairError extends Error {
  override readonly name = 'ServingPairError';
  readonly part: 'certificate' | 'key';
  readonly problem: PairProblem;

  constructor(part: 'certificate' | 'key', problem: PairProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.part = part;
    this.problem = problem;
  }
}

/**
 * A pair that can be served now.
 *
 * @throws {ServingPairError} where it cannot, or where it is not valid at `now`
 */
export function readServingPair(certPem: string, keyPem: string, now: Date): ServingPair {
  const pair = parseServingPair(certPem, keyPem);
  const lapse = lapseOfPair(pair, now);
  if (lapse !== undefined) throw lapse;
  return pair;
}

/**
 * A pair that is sound in itself, whatever the time is.
 *
 * @throws {ServingPairError} for all problems but `expired` and `not-yet-valid`
 */
export function parseServingPair(certPem: string, keyPem: string): ServingPair {
  const chain = parseChain(certPem);
  const [leaf] = chain;
  const key = parseKey(keyPem);
  if (!leaf.checkPrivateKey(key)) {
    throw new ServingPairError('key', 'key-mismatch', 'must be the private key of the certificate, but belongs to another one');
  }
  requireOrder(chain);
  const pair = { certPem: chain.join(''), keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
  requireAcceptance(pair);
  return {
    ...pair,
    chain,
    serialNumber: leaf.serialNumber,
    fingerprint256: leaf.fingerprint256,
    notBefore: new Date(
      chain.reduce((latest, { validFromDate }) => Math.max(latest, validFromDate.getTime()), leaf.validFromDate.getTime()),
    ),
    notAfter: new Date(chain.reduce((first, { validToDate }) => Math.min(first, validToDate.getTime()), leaf.validToDate.getTime())),
    ...namesOf(leaf),
  };
}

/** The same where what is wrong does not matter: undefined for a pair that is not sound in itself. */
export function readPairIfSound({ certPem, keyPem }: PemPair): ServingPair | undefined {
  try {
    return parseServingPair(certPem, keyPem);
  } catch (error) {
    if (error instanceof ServingPairError) return undefined;
    throw error;
  }
}

/** Why the pair is not valid at `now`, if it is not; names the certificate of the chain that is at fault. */
export function lapseOfPair({ chain }: ServingPair, now: Date): ServingPairError | undefined {
  for (const certificate of chain) {
    const lapse = lapseOf(certificate, now);
    if (lapse === undefined) continue;
    const which = certificate === chain[0] ? '' : ` the certificate of ${quoted(certificate.subject)} in its chain`;
    return new ServingPairError('certificate', lapse.problem, `must be valid, but${which} ${lapse.says}`);
  }
  return undefined;
}

/** Whether one certificate is outside of its validity, in words that follow its name. */
export function lapseOf(
  { validFromDate, validToDate }: X509Certificate,
  now: Date,
): { problem: 'expired' | 'not-yet-valid'; says: string } | undefined {
  if (now > validToDate) return { problem: 'expired', says: `expired on ${validToDate.toISOString()}` };
  if (now < validFromDate) return { problem: 'not-yet-valid', says: `is not valid before ${validFromDate.toISOString()}` };
  return undefined;
}

/** Which of the names the certificate is not good for; wildcards count, a common name does not. */
export function missingNames({ chain: [leaf], dnsNames }: ServingPair, wanted: ServerNames): readonly string[] {
  const isMissing = (name: string): boolean => !dnsNames.includes(name) && leaf.checkHost(name, { subject: 'never' }) === undefined;
  return [...wanted.dnsNames.filter(isMissing), ...(wanted.ipAddresses ?? []).filter((address) => leaf.checkIP(address) === undefined)];
}

/** A distinguished name on one line, for messages. */
export function quoted(distinguishedName: string): string {
  return `'${distinguishedName.replaceAll('\n', ', ')}'`;
}

function parseChain(certPem: string): readonly [X509Certificate, ...X509Certificate[]] {
  const text = readPem(certPem);
  if (certPem.trim() === '') throw new ServingPairError('certificate', 'empty', 'must hold a PEM certificate, but is empty');
  if (text.cutOff !== undefined) {
    throw new ServingPairError('certificate', 'not-pem', `must hold PEM certificates, but a ${text.cutOff} in it is cut off`);
  }
  const [leaf, ...issuers] = certificateBlocks(text).map(parseCertificate);
  if (leaf === undefined)
    throw new ServingPairError('certificate', 'not-pem', "must hold a PEM certificate ('-----BEGIN CERTIFICATE-----'), but holds none");
  return [leaf, ...issuers];
}

function parseCertificate(pem: string, index: number): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    const message = `must hold X.509 certificates, but number ${index + 1} cannot be read: ${reasonOf(cause)}`;
    throw new ServingPairError('certificate', 'certificate-unreadable', message, { cause });
  }
}

function parseKey(keyPem: string): KeyObject {
  const text = readPem(keyPem);
  if (keyPem.trim() === '') throw new ServingPairError('key', 'empty', 'must hold a PEM private key, but is empty');
  if (text.cutOff !== undefined)
    throw new ServingPairError('key', 'not-pem', `must hold a PEM private key, but a ${text.cutOff} in it is cut off`);
  // `openssl ecparam -genkey` puts EC PARAMETERS first.
  const block = text.blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined)
    throw new ServingPairError('key', 'not-pem', "must hold a PEM private key ('-----BEGIN PRIVATE KEY-----'), but holds none");
  // PKCS#8 says so in its label, the older forms in a header.
  if (block.label === 'ENCRYPTED PRIVATE KEY' || block.pem.includes('Proc-Type: 4,ENCRYPTED')) {
    throw new ServingPairError('key', 'key-unreadable', 'must be a private key without a passphrase');
  }
  try {
    return createPrivateKey(block.pem);
  } catch (cause) {
    throw new ServingPairError('key', 'key-unreadable', `must hold a private key, but cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

/** TLS wants each certificate to certify the one before it (RFC 8446 4.4.2). */
function requireOrder(chain: readonly X509Certificate[]): void {
  for (const [index, issuer] of chain.slice(1).entries()) {
    const certificate = chain[index];
    if (certificate === undefined || (issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey))) continue;
    const message = `must hold the leaf and after each certificate its issuer, but number ${index + 2}, ${quoted(issuer.subject)}, did not issue number ${index + 1}`;
    throw new ServingPairError('certificate', 'broken-chain', message);
  }
}

/** OpenSSL has the last word on what it serves; better it says so here than when the pair is in use. */
function requireAcceptance({ certPem, keyPem }: PemPair): void {
  try {
    createSecureContext({ cert: certPem, key: keyPem });
  } catch (cause) {
    throw new ServingPairError('certificate', 'refused-by-tls', `must be good for TLS, but is refused: ${reasonOf(cause)}`, { cause });
  }
}

/** Node's text form: `DNS:a.b, IP Address:10.0.0.1`, with a JSON string as value where it would be ambiguous. */
function namesOf({ subjectAltName }: X509Certificate): { dnsNames: readonly string[]; ipAddresses: readonly string[] } {
  const dnsNames: string[] = [];
  const ipAddresses: string[] = [];
  for (const [, kind, value] of (subjectAltName ?? '').matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g)) {
    // eslint-disable-next-line no-restricted-properties -- one name of the certificate, as Node wrote it
    const text = value?.startsWith('"') === true ? (JSON.parse(value) as string) : (value ?? '');
    if (kind === 'DNS') dnsNames.push(text);
    else if (kind === 'IP Address') ipAddresses.push(text);
  }
  return { dnsNames, ipAddresses };
}

/** OpenSSL's own words without its numbers: "ee key too small". */
function reasonOf(cause: unknown): string {
  const { reason, message } = cause as Error & { reason?: string };
  return reason ?? message;
}
