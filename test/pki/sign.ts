/** Certificates of every kind, for what `authority.ts` never issues: intermediates, weak keys, wrong usages, odd dates. */
import '../../src/pki/metadata-reflection.ts';
import * as x509 from '@peculiar/x509';
import { createPrivateKey, KeyObject, randomBytes, webcrypto } from 'node:crypto';
import type { PemPair } from '../../src/pki/pem.ts';

export interface SignRequest {
  readonly commonName: string;
  /** Signs itself without one. */
  readonly issuer?: PemPair;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly isAuthority?: boolean;
  readonly rsaBits?: number;
  readonly extensions?: readonly x509.Extension[];
}

export const DAY_MS = 86_400_000;
export const NOW = new Date('2030-06-15T12:00:00Z');

export function daysFromNow(days: number): Date {
  return new Date(NOW.getTime() + days * DAY_MS);
}

export const CLIENT_ONLY = new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]);
export const MAY_NOT_SIGN = new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true);

const EC_P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export async function sign(request: SignRequest): Promise<PemPair> {
  const {
    commonName,
    issuer,
    notBefore = daysFromNow(-1),
    notAfter = daysFromNow(365),
    isAuthority = false,
    rsaBits,
    extensions = [],
  } = request;
  const algorithm =
    rsaBits === undefined
      ? EC_P256
      : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: rsaBits, publicExponent: new Uint8Array([1, 0, 1]) };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const subject = new x509.Name([{ CN: [{ utf8String: commonName }] }]);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `4${randomBytes(15).toString('hex')}1`,
    subject,
    issuer: issuer === undefined ? subject : new x509.X509Certificate(issuer.certPem).subjectName,
    notBefore,
    notAfter,
    signingAlgorithm: issuer === undefined ? algorithm : EC_P256,
    publicKey: keys.publicKey,
    signingKey: issuer === undefined ? keys.privateKey : createPrivateKey(issuer.keyPem).toCryptoKey(EC_P256, false, ['sign']),
    extensions: [new x509.BasicConstraintsExtension(isAuthority, undefined, true), ...extensions],
  });
  const keyPem = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { certPem: `${certificate.toString('pem')}\n`, keyPem };
}
