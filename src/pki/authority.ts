/**
 * Makes a certificate authority and the serving pairs that it signs. Keys are ECDSA P-256 with SHA-256: Node.js does 1.5
 * times as many handshakes with them as with RSA-2048 (measured on one core, without resumption).
 *
 * Loading this module takes about 70 ms and 23 MB (`@peculiar/x509`). Import it only where certificates are made, with
 * `await import()`. A server that reads its pair from files needs only `serving-pair.ts`.
 */
import './metadata-reflection.ts';
import * as x509 from '@peculiar/x509';
import { createPrivateKey, KeyObject, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { certificateBlocks, readPem, type PemPair } from './pem.ts';
import { CertificateRequestError } from './request-error.ts';
import { isDnsName } from './service-names.ts';
import { DAY_MS } from './validity.ts';

export interface AuthorityRequest {
  /** What people see as the issuer; 1 to 64 characters. */
  readonly commonName: string;
  /** Whole days from `now` on. */
  readonly validDays: number;
  readonly now: Date;
}

export interface ServingPairRequest {
  readonly dnsNames: readonly string[];
  readonly ipAddresses?: readonly string[] | undefined;
  /** Whole days from `now` on; the pair never outlives its authority, whatever is asked. */
  readonly validDays: number;
  readonly now: Date;
}

/** An authority that cannot issue: which of its two files is at fault, and what was expected of it. */
export class UnusableAuthorityError extends Error {
  override readonly name = 'UnusableAuthorityError';
  readonly part: 'certificate' | 'key';

  constructor(part: 'certificate' | 'key', message: string, options?: ErrorOptions) {
    super(`the CA ${part} ${message}`, options);
    this.part = part;
  }
}

const EC_P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING = { ...EC_P256, hash: 'SHA-256' } as const;

/**
 * The clock of the API server, or of a node, may be behind the one that issues; a certificate that begins now is "not yet
 * valid" there. 5 minutes is what kubeadm (`CertificateBackdate`) and the CSR signer of kube-controller-manager leave for it.
 */
const CLOCK_SKEW_MS = 5 * 60_000;

/** 100 years: beyond it there is a mistake, not a plan. */
const MAX_VALID_DAYS = 36_525;

/** @throws {CertificateRequestError} naming the field that is out of its bounds */
export async function createAuthority({ commonName, validDays, now }: AuthorityRequest): Promise<PemPair> {
  // X.520's upper bound for a common name; characters that would not show are refused with it.
  if (!/^\P{C}{1,64}$/u.test(commonName)) {
    throw new CertificateRequestError('commonName', `must have 1 to 64 printable characters, but is ${JSON.stringify(commonName)}`);
  }
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerialNumber(),
    name: nameOf('CN', commonName),
    ...validityOf(validDays, now),
    signingAlgorithm: SIGNING,
    keys,
    extensions: [
      // Path length 0: it signs leaves, never another authority.
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: pemOf(certificate), keyPem: pkcs8PemOf(keys.privateKey) };
}

/**
 * A new key and a certificate for it that is good for TLS servers under these names, and nothing else.
 *
 * @param authority what `createAuthority` made, or any ECDSA P-256 authority read back from its files
 * @throws {UnusableAuthorityError} where the authority cannot issue
 * @throws {CertificateRequestError} naming the field that is out of its bounds
 */
export async function issueServingPair(authority: PemPair, request: ServingPairRequest): Promise<PemPair> {
  const { dnsNames, ipAddresses = [], validDays, now } = request;
  const names = subjectAltNames(dnsNames, ipAddresses);
  const { notBefore, notAfter } = validityOf(validDays, now);
  const issuer = openAuthority(authority, now);
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerialNumber(),
    // No common name: names are in the subjectAltName alone, where kube-apiserver looks for them.
    subject: nameOf('O', 'podgrace'),
    issuer: issuer.certificate.subjectName,
    notBefore,
    notAfter: notAfter < issuer.certificate.notAfter ? notAfter : issuer.certificate.notAfter,
    signingAlgorithm: SIGNING,
    publicKey: keys.publicKey,
    signingKey: issuer.signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await authorityKeyIdentifier(issuer.certificate),
    ],
  });
  return { certPem: pemOf(certificate), keyPem: pkcs8PemOf(keys.privateKey) };
}

interface OpenAuthority {
  readonly certificate: x509.X509Certificate;
  readonly signingKey: webcrypto.CryptoKey;
}

/** An authority's ca.crt may hold older ones besides, for the time of a change; the first is the one that issues. */
function openAuthority({ certPem, keyPem }: PemPair, now: Date): OpenAuthority {
  const [pem] = certificateBlocks(readPem(certPem));
  if (pem === undefined) throw new UnusableAuthorityError('certificate', 'must be a PEM certificate');
  const parsed = attempt('certificate', 'must be an X.509 certificate', () => new X509Certificate(pem));
  const certificate = new x509.X509Certificate(parsed.raw);
  const usages = certificate.getExtension(x509.KeyUsagesExtension)?.usages ?? x509.KeyUsageFlags.keyCertSign;
  if (!parsed.ca || (usages & x509.KeyUsageFlags.keyCertSign) === 0) {
    throw new UnusableAuthorityError('certificate', 'must be that of an authority (CA:TRUE, and allowed to sign certificates)');
  }
  if (now > certificate.notAfter)
    throw new UnusableAuthorityError('certificate', `must be valid, but expired on ${iso(certificate.notAfter)}`);
  const key = attempt('key', 'must be a PEM private key without a passphrase', () => createPrivateKey(keyPem));
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new UnusableAuthorityError('key', `must be an ECDSA P-256 key, but is ${key.asymmetricKeyType ?? 'of no known kind'}`);
  }
  if (!parsed.checkPrivateKey(key))
    throw new UnusableAuthorityError('key', 'must be the key of the CA certificate, but belongs to another one');
  return { certificate, signingKey: key.toCryptoKey(EC_P256, false, ['sign']) };
}

function attempt<T>(part: 'certificate' | 'key', message: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new UnusableAuthorityError(part, message, { cause });
  }
}

/** The authority's own identifier, which need not be made the way this module makes it; verifiers compare the bytes. */
async function authorityKeyIdentifier(authority: x509.X509Certificate): Promise<x509.Extension> {
  const identifier = authority.getExtension(x509.SubjectKeyIdentifierExtension);
  if (identifier !== null) return new x509.AuthorityKeyIdentifierExtension(identifier.keyId);
  return x509.AuthorityKeyIdentifierExtension.create(authority.publicKey);
}

function subjectAltNames(dnsNames: readonly string[], ipAddresses: readonly string[]): x509.JsonGeneralNames {
  if (dnsNames.length + ipAddresses.length === 0) throw new CertificateRequestError('dnsNames', 'must not be empty where ipAddresses is');
  for (const name of dnsNames) {
    // A wildcard stands for one label, the first (RFC 6125).
    const host = name.startsWith('*.') ? name.slice(2) : name;
    if (name.length > 253 || !isDnsName(host) || isIP(name) !== 0)
      throw new CertificateRequestError('dnsNames', `must be DNS names in lower case, but one is '${name}'`);
  }
  for (const address of ipAddresses) {
    // A zone (`fe80::1%eth0`) means something on one machine only, and has no place in a certificate.
    if (isIP(address) === 0 || address.includes('%'))
      throw new CertificateRequestError('ipAddresses', `must be IPv4 or IPv6 addresses, but one is '${address}'`);
  }
  return [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...ipAddresses.map((address) => ({ type: 'ip' as const, value: hexadecimal(address) })),
  ];
}

/** The library (asn1-x509 2.11) takes a dotted tail, `::ffff:10.0.0.1`, for one group and writes another address, silently. */
function hexadecimal(address: string): string {
  return isIP(address) === 6 ? new URL(`https://[${address}]`).hostname.slice(1, -1) : address;
}

function validityOf(validDays: number, now: Date): { notBefore: Date; notAfter: Date } {
  if (!Number.isInteger(validDays) || validDays < 1 || validDays > MAX_VALID_DAYS) {
    throw new CertificateRequestError('validDays', `must be a whole number from 1 to ${MAX_VALID_DAYS}, but is ${validDays}`);
  }
  // Certificates know no milliseconds.
  const seconds = Math.floor(now.getTime() / 1000) * 1000;
  return { notBefore: new Date(seconds - CLOCK_SKEW_MS), notAfter: new Date(seconds + validDays * DAY_MS) };
}

/** 126 random bits, positive, without a leading zero byte; RFC 5280 allows 20 bytes, the CA/Browser Forum asks for 64 bits. */
function randomSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

/** As an object: the library would take quotes, backslashes and `#` in a plain string for its own syntax. */
function nameOf(attribute: 'CN' | 'O', value: string): x509.Name {
  return new x509.Name([{ [attribute]: [{ utf8String: value }] }]);
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(EC_P256, true, ['sign', 'verify']);
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

function pkcs8PemOf(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

function iso(date: Date): string {
  return date.toISOString();
}
