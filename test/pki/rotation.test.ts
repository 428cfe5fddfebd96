import fc from '../fast-check.ts';
import t from 'tap';
import { createAuthority, issueServingPair } from '../../src/pki/authority.ts';
import { verifiesAgainst } from '../../src/pki/ca-bundle.ts';
import type { PemPair } from '../../src/pki/pem.ts';
import {
  MAX_RETIRED,
  nextRotationStep,
  takeRotationStep,
  type RotationRules,
  type RotationState,
  type RotationStep,
  type RotationView,
} from '../../src/pki/rotation.ts';
import { parseServingPair, type ServingPair } from '../../src/pki/serving-pair.ts';
import { runs } from '../long-tests.ts';
import { DAY_MS, daysFromNow, MAY_NOT_SIGN, NOW, sign } from './sign.ts';

const RULES: RotationRules = {
  dnsNames: ['podgrace.podgrace-system.svc'],
  authorityValidDays: 1825,
  authorityRenewDays: 365,
  leafValidDays: 90,
  leafRenewDays: 30,
  settleMs: 60_000,
  overlapMs: DAY_MS,
};
const EMPTY: RotationState = { retired: [] };
const NOTHING: RotationView = { published: [], isSettled: true };

const authority = await createAuthority({ commonName: 'podgrace-ca-now', validDays: 1825, now: NOW });
const other = await createAuthority({ commonName: 'podgrace-ca-other', validDays: 1825, now: NOW });
const foreign = await createAuthority({ commonName: 'foreign', validDays: 1825, now: NOW });
const leaf = await issueServingPair(authority, { dnsNames: RULES.dnsNames, validDays: 90, now: NOW });
const SETTLED: RotationState = { authority, leaf, retired: [] };

const servingOf = ({ certPem, keyPem }: PemPair): ServingPair => parseServingPair(certPem, keyPem);
const publishing = (...bundles: readonly string[]): RotationView => ({ published: bundles, isSettled: true, served: servingOf(leaf) });
const stepOf = (state: RotationState, view: RotationView, now = NOW): RotationStep => nextRotationStep(state, view, RULES, now);
/** What such a state publishes where nothing is published. */
function bundleOf(state: RotationState, now: Date): string {
  const step = nextRotationStep(state, { published: [''], isSettled: false }, RULES, now);
  if (step.step !== 'publish') throw new Error(step.step);
  return step.bundlePem;
}
const after = (days: number): Date => daysFromNow(days);

async function take(state: RotationState, step: RotationStep, now = NOW): Promise<RotationState> {
  if (step.step === 'none' || step.step === 'publish') throw new Error(`${step.step} is not taken here`);
  return takeRotationStep(state, step, RULES, now);
}

void t.test('from nothing: an authority with its pair, then its bundle, then nothing more', async (t) => {
  t.same(stepOf(EMPTY, NOTHING), { step: 'make-authority' });
  const made = await take(EMPTY, stepOf(EMPTY, NOTHING));
  const bundlePem = bundleOf(made, NOW);
  t.same(stepOf(made, NOTHING), { step: 'none' }, 'there may be no configuration yet');
  t.same(stepOf(made, publishing('', '')), { step: 'publish', bundlePem });
  t.same(stepOf(made, publishing(bundlePem, '')), { step: 'publish', bundlePem }, 'every bundle counts');
  t.same(stepOf(made, publishing(bundlePem, `# note\n${bundlePem}\n`)), { step: 'none' }, 'white space does not');
  t.ok(verifiesAgainst(servingOf(made.leaf ?? leaf), bundlePem, NOW).verified);
});

void t.test('a leaf is renewed 30 days before its end, by the same authority', async (t) => {
  const view = publishing(authority.certPem);
  t.same(stepOf(SETTLED, view, after(59)), { step: 'none' });
  t.same(stepOf(SETTLED, view, after(61)), { step: 'issue-leaf' });
  const renewed = await take(SETTLED, { step: 'issue-leaf' }, after(61));
  t.equal(renewed.authority, authority);
  t.same(stepOf(renewed, view, after(61)), { step: 'none' });
});

void t.test('a leaf is renewed whatever the API server says to publishing', (t) => {
  t.same(stepOf(SETTLED, publishing('', ''), after(61)), { step: 'issue-leaf' });
  t.end();
});

void t.test('a leaf that is damaged, of another authority, of other names or not valid yet is replaced', async (t) => {
  const request = { dnsNames: RULES.dnsNames, validDays: 90, now: NOW };
  const bad: readonly (PemPair | undefined)[] = [
    undefined,
    { certPem: 'garbage', keyPem: leaf.keyPem },
    { certPem: leaf.certPem, keyPem: authority.keyPem },
    await issueServingPair(other, request),
    await issueServingPair(authority, { ...request, dnsNames: ['podgrace.elsewhere.svc'] }),
    await issueServingPair(authority, { ...request, now: after(2) }),
  ];
  for (const one of bad) {
    t.same(stepOf({ authority, ...(one && { leaf: one }), retired: [] }, publishing(authority.certPem)), { step: 'issue-leaf' });
  }
});

void t.test('near the end of an authority its leaf is not issued over and over', async (t) => {
  const day = 1825 - 10;
  const issued = await take(SETTLED, { step: 'issue-leaf' }, after(day));
  const next = await createAuthority({ commonName: 'next', validDays: 1825, now: after(day) });
  const state = { ...issued, next };
  t.same(nextRotationStep(state, { published: [bundleOf(state, after(day))], isSettled: false }, RULES, after(day)), { step: 'none' });
});

void t.test('an authority is renewed a year before its end: published, waited for, promoted, and the old one kept for a day', async (t) => {
  const now = after(1825 - 364);
  const fresh = await take(SETTLED, { step: 'issue-leaf' }, now);
  t.same(stepOf(fresh, publishing(authority.certPem), now), { step: 'make-next', retire: [] });
  const made = await take(fresh, { step: 'make-next', retire: [] }, now);
  const both = bundleOf(made, now);
  t.ok(both.includes(authority.certPem) && both.includes(made.next?.certPem ?? '?'));
  t.same(stepOf(made, publishing(authority.certPem), now), { step: 'publish', bundlePem: both });
  t.same(stepOf(made, { ...publishing(both), isSettled: false }, now), { step: 'none' }, 'until every API server has read it');
  t.same(stepOf(made, publishing(both), now), { step: 'promote-next' });
  const promoted = await take(made, { step: 'promote-next' }, now);
  t.same(promoted.authority, made.next);
  t.equal(promoted.next, undefined);
  t.equal(bundleOf(promoted, now), [promoted.authority?.certPem, authority.certPem].join(''), 'who has not changed yet is trusted');
  const later = new Date(now.getTime() + DAY_MS);
  const served = { served: servingOf(promoted.leaf ?? leaf), isSettled: true };
  t.same(nextRotationStep(promoted, { ...served, published: [both] }, RULES, later), {
    step: 'publish',
    bundlePem: promoted.authority?.certPem,
  });
  const alone = { ...served, published: [promoted.authority?.certPem ?? ''] };
  t.same(nextRotationStep(promoted, alone, RULES, later), { step: 'forget-retired' });
  t.same((await take(promoted, { step: 'forget-retired' }, later)).retired, []);
});

void t.test('a renewal can be asked for, and is done once', async (t) => {
  const view = publishing(authority.certPem);
  t.same(stepOf({ ...SETTLED, requested: 'leaf' }, view), { step: 'issue-leaf' });
  t.equal((await take({ ...SETTLED, requested: 'leaf' }, { step: 'issue-leaf' })).requested, undefined);
  t.same(stepOf({ ...SETTLED, requested: 'ca' }, view), { step: 'make-next', retire: [] });
  const made = await take({ ...SETTLED, requested: 'ca' }, { step: 'make-next', retire: [] });
  t.equal(made.requested, undefined);
  t.ok(made.next);
  t.equal((await take({ ...SETTLED, requested: 'ca' }, { step: 'issue-leaf' })).requested, 'ca', 'one is not taken for the other');
});

void t.test('of an emptied store, what is published and may be served is kept beside the new authority', async (t) => {
  const step = stepOf(EMPTY, publishing(authority.certPem, authority.certPem));
  t.same(step, { step: 'make-next', retire: [authority.certPem] });
  const made = await take(EMPTY, step);
  t.equal(bundleOf(made, NOW), [made.next?.certPem, authority.certPem].join(''));
  t.same(stepOf(made, { ...publishing(bundleOf(made, NOW)), isSettled: false }), { step: 'none' }, 'and it does not sign before its time');
});

void t.test('the key of an authority that was lost while the next one waits does not unpublish it', async (t) => {
  const next = await createAuthority({ commonName: 'next', validDays: 1825, now: NOW });
  const both = authority.certPem + next.certPem;
  t.same(stepOf({ next, leaf, retired: [] }, publishing(both)), { step: 'retire', certPems: [authority.certPem] });
  const retired = await take({ next, leaf, retired: [] }, { step: 'retire', certPems: [authority.certPem] });
  t.same(stepOf(retired, publishing(both)), { step: 'promote-next' });
});

void t.test('a store that was set back does not unpublish what is served meanwhile', async (t) => {
  const view = { published: [other.certPem], isSettled: true };
  const served = servingOf(await issueServingPair(other, { dnsNames: RULES.dnsNames, validDays: 90, now: NOW }));
  t.same(stepOf(SETTLED, { ...view, served }), { step: 'retire', certPems: [other.certPem] });
  t.same(stepOf(SETTLED, view), { step: 'retire', certPems: [other.certPem] }, 'nor by a replica that has just started');
});

void t.test('what somebody else wrote into a bundle is not kept', (t) => {
  for (const bundle of ['', 'garbage', foreign.certPem, authority.certPem + foreign.certPem]) {
    t.same(stepOf(SETTLED, publishing(bundle)), { step: 'publish', bundlePem: authority.certPem });
  }
  t.end();
});

void t.test('an authority that has expired, or is not valid yet, signs nothing and is replaced', async (t) => {
  const expired = await createAuthority({ commonName: 'expired', validDays: 10, now: daysFromNow(-20) });
  const early = await createAuthority({ commonName: 'early', validDays: 10, now: daysFromNow(2) });
  const view = { published: [expired.certPem], isSettled: true };
  t.same(stepOf({ authority: expired, leaf, retired: [] }, view), { step: 'make-authority' }, 'nobody trusts anything that could be lost');
  const made = await take({ authority: expired, leaf, retired: [] }, { step: 'make-authority' });
  t.equal(bundleOf(made, NOW), made.authority?.certPem);
  t.equal(stepOf({ authority: early, leaf, retired: [] }, { published: [early.certPem], isSettled: true }).step, 'make-next');
});

void t.test('what cannot sign is no authority, whatever it looks like', async (t) => {
  const rsa = await sign({ commonName: 'rsa', isAuthority: true, rsaBits: 2048 });
  const noAuthority = await sign({ commonName: 'no-authority' });
  const mayNotSign = await sign({ commonName: 'may-not-sign', isAuthority: true, extensions: [MAY_NOT_SIGN] });
  for (const one of [rsa, noAuthority, mayNotSign, { ...authority, keyPem: other.keyPem }, { certPem: 'x', keyPem: 'y' }]) {
    t.not(stepOf({ authority: one, leaf, retired: [] }, NOTHING).step, 'issue-leaf');
  }
});

void t.test('a bundle of many authorities fills no store', async (t) => {
  const many = await Promise.all(
    Array.from({ length: 40 }, (_, index) => createAuthority({ commonName: `public-${index}`, validDays: 30, now: NOW })),
  );
  const bundle = [...many.map(({ certPem }) => certPem), authority.certPem].join('');
  const step = stepOf(EMPTY, publishing(bundle));
  if (step.step !== 'make-next') throw new Error(step.step);
  t.equal(step.retire.length, MAX_RETIRED);
  t.equal(step.retire[0], authority.certPem, 'what is known to be in use comes first');
  t.equal(stepOf(await take(EMPTY, step), publishing(bundle)).step, 'publish');
});

void t.test('from any state there is an end, where the leaf is good and the bundle is published', async (t) => {
  const pairs = fc.constantFrom(
    undefined,
    authority,
    other,
    foreign,
    { ...authority, keyPem: other.keyPem },
    { certPem: authority.certPem, keyPem: 'garbage' },
    await createAuthority({ commonName: 'expired', validDays: 10, now: daysFromNow(-20) }),
    await sign({ commonName: 'may-not-sign', isAuthority: true, extensions: [MAY_NOT_SIGN] }),
  );
  const scenario = fc.record({
    authority: pairs,
    next: pairs,
    leaf: fc.constantFrom(undefined, leaf, authority, { ...leaf, certPem: 'x' }),
    retired: fc.array(
      fc.record({ certPem: fc.constantFrom(other.certPem, 'x', ''), untilMs: fc.constantFrom(0, NOW.getTime() + DAY_MS, 1e15) }),
    ),
    published: fc.array(fc.constantFrom('', 'x', authority.certPem, other.certPem + foreign.certPem), { maxLength: 3 }),
    requested: fc.constantFrom(undefined, 'ca' as const, 'leaf' as const),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ authority, next, leaf, retired, published, requested }) => {
      let state: RotationState = {
        retired,
        ...(authority && { authority }),
        ...(next && { next }),
        ...(leaf && { leaf }),
        ...(requested && { requested }),
      };
      let bundles = published;
      for (let taken = 0; taken < 20; taken++) {
        const step = stepOf(state, { published: bundles, isSettled: true });
        if (step.step === 'none') {
          const bundle = bundleOf(state, NOW);
          t.ok(verifiesAgainst(servingOf(state.leaf ?? { certPem: '', keyPem: '' }), bundle, NOW).verified);
          for (const each of bundles) t.equal(each.length, bundle.length, 'in whatever order');
          return;
        }
        if (step.step === 'publish') bundles = bundles.map(() => step.bundlePem);
        else state = await take(state, step);
      }
      throw new Error('there is no end');
    }),
    { numRuns: runs(200) },
  );
});
