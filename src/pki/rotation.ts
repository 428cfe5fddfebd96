/**
 * The renewal of an authority and of the pair that it signs, on clocks of their own, so that at no time a served pair is
 * one that clients do not trust.
 *
 * A new authority is first published beside the old one; only when every client can have seen it does it sign a pair; the
 * old one stays published until no replica can still serve what it signed. Each call says the next single step from what
 * is stored and what is published: whoever takes it, however often it is interrupted, goes on where things are.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { blocksLabelled, readPem, type PemPair } from './pem.ts';
import { missingNames, parseServingPair, ServingPairError, type ServingPair } from './serving-pair.ts';
import { verifiesAgainst } from './ca-bundle.ts';

/** What is stored between steps. */
export interface RotationState {
  readonly authority?: PemPair;
  readonly leaf?: PemPair;
  /** The authority that takes over once it has been published long enough. */
  readonly next?: PemPair & { readonly publishedSinceMs?: number };
  /** Authorities that have signed pairs which may still be served. */
  readonly retired: readonly RetiredAuthority[];
}

export interface RetiredAuthority {
  readonly certPem: string;
  /** Milliseconds since 1970. */
  readonly untilMs: number;
}

export interface RotationRules {
  readonly dnsNames: readonly string[];
  readonly authorityValidDays: number;
  /** An authority that is valid for less than this is replaced. */
  readonly authorityRenewDays: number;
  readonly leafValidDays: number;
  readonly leafRenewDays: number;
  /** How long a new authority is published before it signs: until every API server has read the configurations. */
  readonly settleMs: number;
  /** How long an old authority stays published: until every replica has taken the new pair. */
  readonly overlapMs: number;
}

export type RotationStep =
  | { readonly step: 'none' }
  /** Nobody trusts anything yet that could be lost: make an authority and use it at once. */
  | { readonly step: 'make-authority' }
  /** Make the authority that will take over; what clients trust now is retired, not dropped. */
  | { readonly step: 'make-next'; readonly retire: readonly string[] }
  | { readonly step: 'publish'; readonly bundlePem: string }
  /** The next authority is published: its waiting time begins. */
  | { readonly step: 'note-published' }
  | { readonly step: 'promote-next' }
  | { readonly step: 'issue-leaf' }
  | { readonly step: 'forget-retired' };

const DAY_MS = 86_400_000;

/**
 * @param published the caBundle of each configuration that exists, as PEM, '' where it is empty
 */
export function nextRotationStep(state: RotationState, published: readonly string[], rules: RotationRules, now: Date): RotationStep {
  const authority = usableAuthority(state.authority, now);
  const next = usableAuthority(state.next, now);
  if (authority === undefined && next === undefined) {
    const trusted = validCertificates(published.join('\n'), now);
    return trusted.length === 0 ? { step: 'make-authority' } : { step: 'make-next', retire: trusted };
  }
  const bundlePem = trustBundle(state, now);
  if (published.some((bundle) => !isSameBundle(bundle, bundlePem))) return { step: 'publish', bundlePem };
  if (state.next !== undefined && next !== undefined) {
    if (state.next.publishedSinceMs === undefined) return { step: 'note-published' };
    // Nobody waits for clients where there are none yet, or where no pair can be signed otherwise.
    if (published.length === 0 || now.getTime() >= state.next.publishedSinceMs + rules.settleMs) return { step: 'promote-next' };
  } else if (authority !== undefined && endsWithin(authority, rules.authorityRenewDays, now)) {
    return { step: 'make-next', retire: [] };
  }
  if (authority !== undefined && !isGoodLeaf(state.leaf, authority, rules, now)) return { step: 'issue-leaf' };
  return state.retired.some((retired) => isGone(retired, now)) ? { step: 'forget-retired' } : { step: 'none' };
}

/** Takes a step; publishing is for the caller, who alone knows where. */
export async function takeRotationStep(
  state: RotationState,
  step: Exclude<RotationStep, { step: 'none' | 'publish' }>,
  rules: RotationRules,
  now: Date,
): Promise<RotationState> {
  const { authority, leaf, next, retired } = state;
  switch (step.step) {
    case 'make-authority':
      return { authority: await makeAuthority(rules, now), retired };
    case 'make-next': {
      const untilMs = now.getTime() + rules.overlapMs + rules.settleMs;
      const added = step.retire.map((certPem) => ({ certPem, untilMs }));
      return {
        ...(authority && { authority }),
        ...(leaf && { leaf }),
        next: await makeAuthority(rules, now),
        retired: [...retired, ...added],
      };
    }
    case 'note-published':
      return next === undefined ? state : { ...state, next: { ...next, publishedSinceMs: now.getTime() } };
    case 'promote-next': {
      if (next === undefined) return state;
      const promoted: PemPair = { certPem: next.certPem, keyPem: next.keyPem };
      const old = authority === undefined ? [] : [{ certPem: authority.certPem, untilMs: now.getTime() + rules.overlapMs }];
      return { authority: promoted, leaf: await issueLeaf(promoted, rules, now), retired: [...retired, ...old] };
    }
    case 'issue-leaf':
      return authority === undefined ? state : { ...state, leaf: await issueLeaf(authority, rules, now) };
    case 'forget-retired':
      return { ...state, retired: retired.filter((one) => !isGone(one, now)) };
  }
}

/** What clients should trust: the authority, the next one, and the retired ones, as far as they are valid. */
export function trustBundle({ authority, next, retired }: RotationState, now: Date): string {
  const all = [authority?.certPem ?? '', next?.certPem ?? '', ...retired.filter((one) => !isGone(one, now)).map(({ certPem }) => certPem)];
  return [...new Set(validCertificates(all.join('\n'), now))].join('');
}

/** The heavy library is loaded only by the replica that makes certificates. */
async function makeAuthority({ authorityValidDays }: RotationRules, now: Date): Promise<PemPair> {
  const { createAuthority } = await import('./authority.ts');
  // Names differ, so that a chain says which authority it is from.
  return createAuthority({ commonName: `podgrace-ca-${now.toISOString().slice(0, 19)}Z`, validDays: authorityValidDays, now });
}

async function issueLeaf(authority: PemPair, { dnsNames, leafValidDays }: RotationRules, now: Date): Promise<PemPair> {
  const { issueServingPair } = await import('./authority.ts');
  return issueServingPair(authority, { dnsNames, validDays: leafValidDays, now });
}

/** The certificate of an authority that can sign now; undefined for what is missing, damaged, mismatched or expired. */
function usableAuthority(pair: PemPair | undefined, now: Date): X509Certificate | undefined {
  const [pem] = pair === undefined ? [] : blocksLabelled(readPem(pair.certPem), 'CERTIFICATE');
  if (pair === undefined || pem === undefined) return undefined;
  try {
    const certificate = new X509Certificate(pem);
    const isSound = certificate.ca && certificate.checkPrivateKey(createPrivateKey(pair.keyPem)) && certificate.validToDate > now;
    return isSound ? certificate : undefined;
  } catch {
    // Whatever stands there is no authority, and is replaced.
    return undefined;
  }
}

function isGoodLeaf(pair: PemPair | undefined, authority: X509Certificate, { dnsNames, leafRenewDays }: RotationRules, now: Date): boolean {
  const leaf = parsedLeaf(pair);
  if (leaf === undefined || endsWithin(leaf.chain[0], leafRenewDays, now)) return false;
  return missingNames(leaf, { dnsNames }).length === 0 && verifiesAgainst(leaf, authority.toString(), now).verified;
}

function parsedLeaf(pair: PemPair | undefined): ServingPair | undefined {
  if (pair === undefined) return undefined;
  try {
    return parseServingPair(pair.certPem, pair.keyPem);
  } catch (error) {
    if (error instanceof ServingPairError) return undefined;
    throw error;
  }
}

function endsWithin(certificate: X509Certificate, days: number, now: Date): boolean {
  return certificate.validToDate.getTime() - now.getTime() < days * DAY_MS;
}

function isGone({ certPem, untilMs }: RetiredAuthority, now: Date): boolean {
  return now.getTime() >= untilMs || validCertificates(certPem, now).length === 0;
}

/** The certificates of a bundle that can be read and have not expired, each as PEM of its own. */
function validCertificates(bundlePem: string, now: Date): string[] {
  return blocksLabelled(readPem(bundlePem), 'CERTIFICATE').filter((pem) => {
    try {
      return new X509Certificate(pem).validToDate > now;
    } catch {
      return false;
    }
  });
}

/** Order and white space do not matter; what cannot be read, or too much, makes a bundle another one. */
function isSameBundle(published: string, wanted: string): boolean {
  const fingerprints = (pem: string): string => [...new Set(blocksLabelled(readPem(pem), 'CERTIFICATE'))].sort().join('');
  return fingerprints(published) === fingerprints(wanted);
}
