import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createAuthority, issueServingPair } from '../../src/pki/authority.ts';
import { verifiesAgainst } from '../../src/pki/ca-bundle.ts';
import type { PemPair } from '../../src/pki/pem.ts';
import { parseServingPair, type ServingPair } from '../../src/pki/serving-pair.ts';
import { openssl, withoutOpenssl } from './openssl.ts';
import { CLIENT_ONLY, daysFromNow, NOW, sign } from './sign.ts';

const request = { dnsNames: ['podgrace.lifecycle.svc'], validDays: 90, now: NOW };
const [older, newer, stranger] = (await Promise.all(
  ['authority', 'authority', 'stranger'].map((commonName) => createAuthority({ commonName, validDays: 365, now: NOW })),
)) as [PemPair, PemPair, PemPair];
const oldPair = parse(await issueServingPair(older, request));
const newPair = parse(await issueServingPair(newer, request));

const root = await sign({ commonName: 'root', isAuthority: true });
const intermediate = await sign({ commonName: 'intermediate', isAuthority: true, issuer: root, notAfter: daysFromNow(30) });
const leaf = await sign({ commonName: 'leaf', issuer: intermediate });
const chain = parse({ certPem: leaf.certPem + intermediate.certPem, keyPem: leaf.keyPem });
const alone = parse(leaf);
const selfSigned = await sign({ commonName: 'self-signed' });
const clientOnly = parse(await sign({ commonName: 'client', issuer: root, extensions: [CLIENT_ONLY] }));

function parse({ certPem, keyPem }: PemPair): ServingPair {
  return parseServingPair(certPem, keyPem);
}

function reasonAgainst(pair: ServingPair, bundle: string, now = NOW): string {
  const verification = verifiesAgainst(pair, bundle, now);
  return verification.verified ? 'verified' : verification.reason;
}

const garbage = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

/** Pair, bundle, time, what is expected: `verified`, or words of the reason. */
const cases: readonly (readonly [string, ServingPair, string, Date, string | RegExp])[] = [
  ['its authority', newPair, newer.certPem, NOW, 'verified'],
  ['the old authority, while both are published', oldPair, older.certPem + newer.certPem, NOW, 'verified'],
  ['the new authority, while both are published', newPair, older.certPem + newer.certPem, NOW, 'verified'],
  ['a chain up to its root', chain, root.certPem, NOW, 'verified'],
  ['an intermediate that is published itself', alone, intermediate.certPem, NOW, 'verified'],
  ['a self-signed certificate that is published itself', parse(selfSigned), selfSigned.certPem, NOW, 'verified'],
  ['its authority, beside a block that nobody can read', newPair, garbage + newer.certPem, NOW, 'verified'],
  ['another authority of the same name', oldPair, newer.certPem, NOW, /^the CA 'CN=authority' of the bundle did not sign.*another key$/],
  ['a stranger', newPair, stranger.certPem, NOW, "the CA bundle must hold the issuer 'CN=authority', but holds 'CN=stranger'"],
  [
    'the root, without the intermediate in between',
    alone,
    root.certPem,
    NOW,
    /must hold the issuer 'CN=intermediate', but holds 'CN=root'$/,
  ],
  [
    'its own certificate, expired',
    parse(selfSigned),
    selfSigned.certPem,
    daysFromNow(366),
    /^the certificate of 'CN=self-signed' expired on/,
  ],
  [
    'its authority, when the leaf has expired',
    newPair,
    newer.certPem,
    daysFromNow(91),
    /^the certificate of 'O=podgrace' expired on 2030-09-13T12:00:00\.000Z$/,
  ],
  [
    'its authority, before the leaf begins',
    newPair,
    newer.certPem,
    daysFromNow(-1),
    /^the certificate of 'O=podgrace' is not valid before/,
  ],
  ['the root, when the intermediate has expired', chain, root.certPem, daysFromNow(31), /^the certificate of 'CN=intermediate' expired on/],
  ['a certificate for clients', clientOnly, root.certPem, NOW, /serverAuth/],
];

for (const [name, pair, bundle, now, expected] of cases) {
  void t.test(`against ${name}: ${expected === 'verified' ? 'verified' : 'told why not'}`, (t) => {
    const reason = reasonAgainst(pair, bundle, now);
    if (typeof expected === 'string') t.equal(reason, expected);
    else t.match(reason, expected);
    t.end();
  });

  void t.test(`against ${name}: openssl says the same`, { skip: withoutOpenssl }, (t) => {
    const directory = t.testdir();
    const file = (name: string): string => join(directory, name);
    writeFileSync(file('bundle.crt'), bundle.replace(garbage, ''));
    writeFileSync(file('leaf.crt'), String(pair.chain[0]));
    writeFileSync(file('chain.crt'), pair.certPem);
    const at = String(now.getTime() / 1000);
    // What is in the bundle is trusted, root or not: Go's rule.
    const { ok, output } = openssl(
      ...['verify', '-partial_chain', '-no-CApath', '-no-CAstore', '-purpose', 'sslserver', '-attime', at],
      ...['-CAfile', file('bundle.crt'), '-untrusted', file('chain.crt'), file('leaf.crt')],
    );
    t.equal(ok, verifiesAgainst(pair, bundle, now).verified, output);
    t.end();
  });
}

void t.test('an authority that has expired does not vouch, however long the leaf lasts', async (t) => {
  const short = await sign({ commonName: 'short', isAuthority: true, notAfter: daysFromNow(10) });
  const early = await sign({ commonName: 'early', isAuthority: true, notBefore: daysFromNow(-1), notAfter: daysFromNow(10) });
  const longLeaf = parse(await sign({ commonName: 'long', issuer: short, notAfter: daysFromNow(300) }));
  t.match(
    reasonAgainst(longLeaf, early.certPem + short.certPem, daysFromNow(11)),
    /^the CA 'CN=short' of the bundle expired on 2030-06-25/,
  );
  t.equal(reasonAgainst(longLeaf, early.certPem + short.certPem, daysFromNow(9)), 'verified');
});

void t.test('an authority that begins later does not vouch yet', async (t) => {
  const future = await sign({ commonName: 'future', isAuthority: true, notBefore: daysFromNow(5) });
  const eager = parse(await sign({ commonName: 'eager', issuer: future }));
  t.match(reasonAgainst(eager, future.certPem), /^the CA 'CN=future' of the bundle is not valid before 2030-06-20/);
});

void t.test('a certificate that is no authority does not vouch, although it signed', async (t) => {
  const impostor = await sign({ commonName: 'impostor' });
  const victim = parse(await sign({ commonName: 'victim', issuer: impostor }));
  t.match(reasonAgainst(victim, impostor.certPem), /^the certificate 'CN=impostor' of the bundle is not that of an authority/);
});

void t.test('a bundle without a readable certificate vouches for nobody', (t) => {
  for (const bundle of ['', 'x', garbage, newer.keyPem]) {
    t.equal(reasonAgainst(newPair, bundle), 'the CA bundle must hold a PEM certificate, but holds none that can be read');
  }
  t.end();
});

void t.test('the order of a bundle, and what else is in it, never change the verdict', (t) => {
  const others = [stranger.certPem, root.certPem, older.certPem, garbage, selfSigned.certPem, 'text\n'];
  fc.assert(
    fc.property(fc.shuffledSubarray(others), fc.shuffledSubarray(others), (before, after) => {
      assert.equal(reasonAgainst(newPair, [...before, newer.certPem, ...after].join('')), 'verified');
      assert.equal(verifiesAgainst(newPair, [...before, ...after].join(''), NOW).verified, false);
    }),
  );
  t.end();
});
