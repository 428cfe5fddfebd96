/**
 * The renewal of an authority and of the pair that it signs, each at its own interval. At no time is a pair served that
 * clients do not trust.
 *
 * A new authority is first published beside the old one. It signs a pair only after every client has had time to read it.
 * The old authority stays published until no replica can still serve a pair that it signed. Each call returns the next
 * single step, computed from what is stored, published and served. So any replica can take the step, and an interrupted
 * renewal continues.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { verifiesAgainst } from './ca-bundle.ts';
import { certificateBlocks, readPem, type PemPair } from './pem.ts';
import { missingNames, readPairIfSound, type ServingPair } from './serving-pair.ts';
import { DAY_MS } from './validity.ts';

/** What is stored between steps. */
export interface RotationState {
  readonly authority?: PemPair;
  readonly leaf?: PemPair;
  /** The authority that takes over once it has been published long enough. */
  readonly next?: PemPair;
  /** Authorities that have signed pairs which may still be served. */
  readonly retired: readonly RetiredAuthority[];
  /** What an operator asked to have renewed before its time. */
  readonly requested?: RenewalRequest;
}

export interface RetiredAuthority {
  readonly certPem: string;
  /** Milliseconds since 1970. */
  readonly untilMs: number;
}

/** What an operator can ask to have renewed: the authority with all that it has signed, or the serving certificate alone. */
export const RENEWAL_REQUESTS = ['ca', 'leaf'] as const;
export type RenewalRequest = (typeof RENEWAL_REQUESTS)[number];

/** What is to be seen outside of the store. */
export interface RotationView {
  /** The CA bundle of each client's configuration that exists, as PEM, '' where it is empty. */
  readonly published: readonly string[];
  /** `published` has been like that for `settleMs`: every client goes by it. */
  readonly isSettled: boolean;
  /** What this replica serves, and so most likely the others. */
  readonly served?: ServingPair | undefined;
}

export interface RotationRules {
  readonly dnsNames: readonly string[];
  readonly authorityValidDays: number;
  /** An authority that is valid for less than this is replaced. */
  readonly authorityRenewDays: number;
  readonly leafValidDays: number;
  readonly leafRenewDays: number;
  /** How long clients may take to see what is published. */
  readonly settleMs: number;
  /** How long an old authority stays published: until every replica has taken the new pair. */
  readonly overlapMs: number;
}

export type RotationStep =
  | { readonly step: 'none' }
  /** Nobody trusts anything that could be lost: make an authority and its first pair at once. */
  | { readonly step: 'make-authority' }
  /** Make the authority that will take over; what clients trust now is retired, not dropped. */
  | { readonly step: 'make-next'; readonly retire: readonly string[] }
  /** The store knows nothing of authorities that replicas still live by: it was emptied, or set back. */
  | { readonly step: 'retire'; readonly certPems: readonly string[] }
  | { readonly step: 'publish'; readonly bundlePem: string }
  | { readonly step: 'promote-next' }
  | { readonly step: 'issue-leaf' }
  | { readonly step: 'forget-retired' };

/** No rotation needs more than two; a bundle of all public authorities must neither fill the Secret nor be trusted for a day. */
export const MAX_RETIRED = 16;

/** @param now as clients have it */
export function nextRotationStep(state: RotationState, view: RotationView, rules: RotationRules, now: Date): RotationStep {
  const authority = usableAuthority(state.authority, now);
  const next = usableAuthority(state.next, now);
  const bundlePem = trustBundle(state, now);
  const unknown = unknownButNeeded(state, view, authority !== undefined, now);
  if (authority === undefined && next === undefined) {
    return bundlePem === '' && unknown.length === 0 ? { step: 'make-authority' } : { step: 'make-next', retire: unknown };
  }
  if (unknown.length > 0) return { step: 'retire', certPems: unknown };
  // Before anything that may be refused: a pair of the authority in use is always the right one to have.
  if (authority !== undefined && (state.requested === 'leaf' || !isGoodLeaf(state.leaf, authority, rules, now))) {
    return { step: 'issue-leaf' };
  }
  if (view.published.some((published) => !isSameBundle(published, bundlePem))) return { step: 'publish', bundlePem };
  if (next !== undefined) {
    if (view.isSettled) return { step: 'promote-next' };
  } else if (authority !== undefined && (state.requested === 'ca' || endsWithin(authority, rules.authorityRenewDays, now))) {
    return { step: 'make-next', retire: [] };
  }
  return state.retired.some((retired) => isGone(retired, now)) ? { step: 'forget-retired' } : { step: 'none' };
}

/** Takes a step; publishing is for the caller, who alone knows where. */
export async function takeRotationStep(
  state: RotationState,
  step: Exclude<RotationStep, { step: 'none' | 'publish' }>,
  rules: RotationRules,
  now: Date,
): Promise<RotationState> {
  const { authority, next, retired } = state;
  const afterChange = now.getTime() + rules.overlapMs;
  switch (step.step) {
    case 'make-authority': {
      const first = await makeAuthority(rules, now);
      return { authority: first, leaf: await issueLeaf(first, rules, now), retired };
    }
    case 'make-next': {
      const made = { ...without(state, 'ca'), next: await makeAuthority(rules, now) };
      return { ...made, retired: retire(retired, step.retire, afterChange + rules.settleMs) };
    }
    case 'retire':
      return { ...state, retired: retire(retired, step.certPems, afterChange + rules.settleMs) };
    case 'promote-next': {
      if (next === undefined) return state;
      const { requested } = without(state, 'leaf');
      const old = authority === undefined ? [] : validCertificates(authority.certPem, now);
      const promoted = { authority: next, retired: retire(retired, old, afterChange), ...(requested && { requested }) };
      return { ...promoted, leaf: await issueLeaf(next, rules, now) };
    }
    case 'issue-leaf':
      return authority === undefined ? state : { ...without(state, 'leaf'), leaf: await issueLeaf(authority, rules, now) };
    case 'forget-retired':
      return { ...state, retired: retired.filter((one) => !isGone(one, now)) };
  }
}

/** What clients should trust: the authority, the next one, and the retired ones, as far as they have not expired. */
function trustBundle({ authority, next, retired }: RotationState, now: Date): string {
  const all = [authority?.certPem ?? '', next?.certPem ?? '', ...retired.filter((one) => !isGone(one, now)).map(({ certPem }) => certPem)];
  return [...new Set(validCertificates(all.join('\n'), now))].join('');
}

/** What authorities made here are called, and what a bundle tells them by. */
const AUTHORITY_NAME = 'podgrace-ca-';

/**
 * Authorities that are published, and that the store does not know although replicas may serve what they signed: where the
 * authority in use is lost, or where the store was set back to an older state. They are retired before anything else is
 * published. Whatever else stands in a bundle was put there by others, and is not kept.
 */
function unknownButNeeded(state: RotationState, { published, served }: RotationView, hasAuthority: boolean, now: Date): string[] {
  const all = published.join('\n');
  // Those whose time is over are known too: they leave the bundle first, and the store after that.
  const known = [state.authority, state.next, ...state.retired].map((each) => each?.certPem ?? '').join('\n');
  const livesBy = (bundlePem: string): boolean => served !== undefined && verifiesAgainst(served, bundlePem, now).verified;
  const livesByUnknown = livesBy(all) && !livesBy(known);
  const knownPems = new Set(validCertificates(known, now));
  const unknown = validCertificates(all, now).filter((pem) => {
    const { ca, subject } = new X509Certificate(pem);
    return !knownPems.has(pem) && ca && (!hasAuthority || livesByUnknown || subject.includes(`CN=${AUTHORITY_NAME}`));
  });
  // First what this replica knows to be in use.
  const sorted = [...new Set(unknown)].sort((a, b) => Number(livesBy(b)) - Number(livesBy(a)));
  return sorted.slice(0, Math.max(0, MAX_RETIRED - state.retired.length));
}

function retire(retired: readonly RetiredAuthority[], certPems: readonly string[], untilMs: number): RetiredAuthority[] {
  return [...retired, ...certPems.map((certPem) => ({ certPem, untilMs }))];
}

function without({ requested, ...state }: RotationState, request: RenewalRequest): RotationState {
  return requested === undefined || requested === request ? state : { ...state, requested };
}

/** The heavy library is loaded only by the replica that makes certificates. */
async function makeAuthority({ authorityValidDays }: RotationRules, now: Date): Promise<PemPair> {
  const { createAuthority } = await import('./authority.ts');
  // Names differ, so that a chain says which authority it is from.
  return createAuthority({ commonName: `${AUTHORITY_NAME}${now.toISOString().slice(0, 19)}Z`, validDays: authorityValidDays, now });
}

async function issueLeaf(authority: PemPair, { dnsNames, leafValidDays }: RotationRules, now: Date): Promise<PemPair> {
  const { issueServingPair } = await import('./authority.ts');
  return issueServingPair(authority, { dnsNames, validDays: leafValidDays, now });
}

/**
 * The certificate of an authority that can sign now; undefined for what is missing, damaged, mismatched or not valid now, and
 * for what `authority.ts` does not sign with. A key usage without keyCertSign makes `ca` false too.
 */
function usableAuthority(pair: PemPair | undefined, now: Date): X509Certificate | undefined {
  const [pem] = pair === undefined ? [] : certificateBlocks(readPem(pair.certPem));
  if (pair === undefined || pem === undefined) return undefined;
  try {
    const certificate = new X509Certificate(pem);
    const key = createPrivateKey(pair.keyPem);
    const isSound = certificate.ca && certificate.checkPrivateKey(key) && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
    return isSound && certificate.validFromDate <= now && certificate.validToDate > now ? certificate : undefined;
  } catch {
    // Whatever stands there is no authority, and is replaced.
    return undefined;
  }
}

function isGoodLeaf(pair: PemPair | undefined, authority: X509Certificate, { dnsNames, leafRenewDays }: RotationRules, now: Date): boolean {
  const leaf = pair === undefined ? undefined : readPairIfSound(pair);
  if (leaf === undefined || missingNames(leaf, { dnsNames }).length > 0) return false;
  // A new one would end with the authority too: there is nothing to be gained, for ever anew, near the end of an authority.
  const canLastLonger = leaf.notAfter < authority.validToDate;
  if (canLastLonger && endsWithin(leaf.chain[0], leafRenewDays, now)) return false;
  return verifiesAgainst(leaf, authority.toString(), now).verified;
}

function endsWithin(certificate: X509Certificate, days: number, now: Date): boolean {
  return certificate.validToDate.getTime() - now.getTime() < days * DAY_MS;
}

function isGone({ certPem, untilMs }: RetiredAuthority, now: Date): boolean {
  return now.getTime() >= untilMs || validCertificates(certPem, now).length === 0;
}

/** The certificates of a bundle that can be read and have not expired, each as PEM of its own, in one spelling. */
function validCertificates(bundlePem: string, now: Date): string[] {
  return certificateBlocks(readPem(bundlePem)).flatMap((pem) => {
    try {
      const certificate = new X509Certificate(pem);
      return certificate.validToDate > now ? [certificate.toString()] : [];
    } catch {
      return [];
    }
  });
}

/** Order and white space do not matter; what cannot be read, or too much, makes a bundle another one. */
function isSameBundle(published: string, wanted: string): boolean {
  const certificates = (pem: string): string => [...new Set(certificateBlocks(readPem(pem)))].sort().join('');
  return certificates(published) === certificates(wanted);
}
