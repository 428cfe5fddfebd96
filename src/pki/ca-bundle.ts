/**
 * Whether the API server trusts a serving pair, given the published caBundle.
 *
 * Mirrors the checks of kube-apiserver's client (Go, crypto/x509 `Certificate.Verify`): a path to a certificate of the
 * bundle, signatures, authorities that may sign, every validity period on the path, and the usage serverAuth. A bundle may
 * hold several authorities, such as the old and the new one; one of them is enough. It does not check path lengths and
 * name constraints, which node:crypto does not show. `missingNames` checks the names. Nothing is fetched.
 */
import { X509Certificate } from 'node:crypto';
import { certificateBlocks, readPem } from './pem.ts';
import { lapseOf, quoted, type ServingPair } from './serving-pair.ts';

export type Verification =
  /** `authority` is the certificate of the bundle that vouches. */
  { readonly verified: true; readonly authority: X509Certificate } | { readonly verified: false; readonly reason: string };

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_USAGE = '2.5.29.37.0';

/** @param caBundlePem one or more authorities, as in `webhooks[*].clientConfig.caBundle` after base64 */
export function verifiesAgainst({ chain }: ServingPair, caBundlePem: string, now: Date): Verification {
  const authorities = readBundle(caBundlePem);
  if (authorities.length === 0) return failed('the CA bundle must hold a PEM certificate, but holds none that can be read');
  const usages = chain[0].keyUsage as string[] | undefined;
  if (usages !== undefined && !usages.includes(SERVER_AUTH) && !usages.includes(ANY_USAGE)) {
    return failed('the certificate must be good for servers (extended key usage serverAuth)');
  }
  // Of several near misses the first is told: an expired authority says more than one that has nothing to do with it.
  let nearMiss: string | undefined;
  for (const certificate of chain) {
    const lapse = lapseOf(certificate, now);
    if (lapse !== undefined) return failed(nearMiss ?? `the certificate of ${quoted(certificate.subject)} ${lapse.says}`);
    for (const authority of authorities) {
      if (authority.raw.equals(certificate.raw)) return { verified: true, authority };
      const obstacle = obstacleBetween(certificate, authority, now);
      if (obstacle === undefined) return { verified: true, authority };
      if (obstacle !== UNRELATED) nearMiss ??= obstacle;
    }
  }
  const issuer = chain.at(-1)?.issuer ?? '';
  const known = authorities.map(({ subject }) => quoted(subject)).join(', ');
  return failed(nearMiss ?? `the CA bundle must hold the issuer ${quoted(issuer)}, but holds ${known}`);
}

const UNRELATED = 'unrelated';

/** Why this authority does not vouch for the certificate; undefined where it does. */
function obstacleBetween(certificate: X509Certificate, authority: X509Certificate, now: Date): string | undefined {
  if (certificate.issuer !== authority.subject) return UNRELATED;
  const name = quoted(authority.subject);
  if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) {
    return `the CA ${name} of the bundle did not sign the certificate: it has that name, but another key`;
  }
  if (!authority.ca) return `the certificate ${name} of the bundle is not that of an authority (CA:TRUE)`;
  const lapse = lapseOf(authority, now);
  return lapse === undefined ? undefined : `the CA ${name} of the bundle ${lapse.says}`;
}

/** What Go's `AppendCertsFromPEM` does: a block that cannot be read is passed over, the others count. */
function readBundle(pem: string): readonly X509Certificate[] {
  return certificateBlocks(readPem(pem)).flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });
}

function failed(reason: string): Verification {
  return { verified: false, reason };
}
