import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createAuthority, issueServingPair } from '../../src/pki/authority.ts';
import { lapseOfPair, parseServingPair, readServingPair, ServingPairError, type PairProblem } from '../../src/pki/serving-pair.ts';
import { runs } from '../long-tests.ts';
import { openssl, withoutOpenssl } from './openssl.ts';
import { DAY_MS, daysFromNow, NOW, sign } from './sign.ts';

const authority = await createAuthority({ commonName: 'authority', validDays: 3650, now: NOW });
const request = { dnsNames: ['podgrace.lifecycle.svc'], ipAddresses: ['10.0.0.1'], validDays: 90, now: NOW };
const pair = await issueServingPair(authority, request);
const other = await issueServingPair(authority, request);
const root = await sign({ commonName: 'root', isAuthority: true });
const intermediate = await sign({ commonName: 'intermediate', isAuthority: true, issuer: root, notAfter: daysFromNow(30) });
const leaf = await sign({ commonName: 'leaf', issuer: intermediate, notBefore: daysFromNow(-3), notAfter: daysFromNow(60) });

function problemOf(read: () => unknown): Pick<ServingPairError, 'part' | 'problem' | 'message'> {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof ServingPairError, error as Error);
    return error;
  }
  assert.fail('was accepted');
}

const reading =
  (certPem: string, keyPem: string, now = NOW) =>
  (): unknown =>
    readServingPair(certPem, keyPem, now);

void t.test('tells of a good pair who it is, for which names and how long', (t) => {
  const { certPem, keyPem, serialNumber, fingerprint256, notBefore, notAfter, dnsNames, ipAddresses } = readServingPair(
    pair.certPem,
    pair.keyPem,
    NOW,
  );
  t.same({ certPem, keyPem }, pair);
  t.same({ dnsNames, ipAddresses }, { dnsNames: ['podgrace.lifecycle.svc'], ipAddresses: ['10.0.0.1'] });
  t.same({ notBefore, notAfter }, { notBefore: new Date(NOW.getTime() - 300_000), notAfter: daysFromNow(90) });
  t.match(fingerprint256, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  t.match(serialNumber, /^[0-9A-F]{32}$/);
  t.end();
});

void t.test('serial number and fingerprint are those that openssl prints', { skip: withoutOpenssl }, (t) => {
  const file = join(t.testdir(), 'tls.crt');
  writeFileSync(file, pair.certPem);
  const { serialNumber, fingerprint256 } = readServingPair(pair.certPem, pair.keyPem, NOW);
  const { output } = openssl('x509', '-in', file, '-noout', '-serial', '-fingerprint', '-sha256');
  t.equal(output, `serial=${serialNumber}\nsha256 Fingerprint=${fingerprint256}\n`);
  t.end();
});

void t.test('a chain is valid while all of it is: the latest beginning, the earliest end', (t) => {
  const { chain, notBefore, notAfter } = readServingPair(leaf.certPem + intermediate.certPem + root.certPem, leaf.keyPem, NOW);
  t.equal(chain.length, 3);
  t.same({ notBefore, notAfter }, { notBefore: daysFromNow(-1), notAfter: daysFromNow(30) });
  t.end();
});

void t.test('says of every bad pair which part is bad, and why', (t) => {
  const encrypted = createPrivateKey(pair.keyPem)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
    .toString();
  const encryptedOld = createPrivateKey(pair.keyPem)
    .export({ type: 'sec1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
    .toString();
  const garbage = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const garbageKey = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
  const halfKey = pair.keyPem.slice(0, pair.keyPem.length / 2);
  const cases: readonly (readonly [string, string, ServingPairError['part'], PairProblem, RegExp])[] = [
    ['', pair.keyPem, 'certificate', 'empty', /^must hold a PEM certificate, but is empty$/],
    [' \n', pair.keyPem, 'certificate', 'empty', /is empty/],
    [pair.certPem, '', 'key', 'empty', /^must hold a PEM private key, but is empty$/],
    ['certificate: yes', pair.keyPem, 'certificate', 'not-pem', /but holds none$/],
    [pair.keyPem, pair.keyPem, 'certificate', 'not-pem', /'-----BEGIN CERTIFICATE-----'\), but holds none$/],
    [pair.certPem, pair.certPem, 'key', 'not-pem', /^must hold a PEM private key.*but holds none$/],
    [pair.certPem.slice(0, 200), pair.keyPem, 'certificate', 'not-pem', /but a CERTIFICATE in it is cut off$/],
    [pair.certPem, halfKey, 'key', 'not-pem', /but a PRIVATE KEY in it is cut off$/],
    [garbage, pair.keyPem, 'certificate', 'certificate-unreadable', /^must hold X\.509 certificates, but number 1 cannot be read: /],
    [pair.certPem + garbage, pair.keyPem, 'certificate', 'certificate-unreadable', /number 2 cannot be read/],
    [pair.certPem, garbageKey, 'key', 'key-unreadable', /^must hold a private key, but cannot be read: /],
    [pair.certPem, encryptedOld, 'key', 'key-unreadable', /^must be a private key without a passphrase$/],
    [pair.certPem, encrypted, 'key', 'key-unreadable', /^must be a private key without a passphrase$/],
    [pair.certPem, other.keyPem, 'key', 'key-mismatch', /^must be the private key of the certificate, but belongs to another one$/],
    [root.certPem + intermediate.certPem + leaf.certPem, leaf.keyPem, 'key', 'key-mismatch', /belongs to another one/],
    [leaf.certPem + root.certPem, leaf.keyPem, 'certificate', 'broken-chain', /number 2, 'CN=root', did not issue number 1$/],
    [leaf.certPem + root.certPem + intermediate.certPem, leaf.keyPem, 'certificate', 'broken-chain', /number 2, 'CN=root'/],
    [
      leaf.certPem + intermediate.certPem + intermediate.certPem,
      leaf.keyPem,
      'certificate',
      'broken-chain',
      /number 3, 'CN=intermediate', did not issue number 2$/,
    ],
    [pair.certPem + other.certPem, pair.keyPem, 'certificate', 'broken-chain', /did not issue number 1$/],
  ];
  for (const [certPem, keyPem, part, problem, message] of cases) {
    const error = problemOf(reading(certPem, keyPem));
    t.same({ part: error.part, problem: error.problem }, { part, problem }, error.message);
    t.match(error.message, message);
  }
  t.end();
});

void t.test('an intermediate that is no authority breaks the chain, although it signed', async (t) => {
  const impostor = await sign({ commonName: 'impostor', issuer: root });
  const victim = await sign({ commonName: 'victim', issuer: impostor });
  t.equal(problemOf(reading(victim.certPem + impostor.certPem, victim.keyPem)).problem, 'broken-chain');
});

void t.test('an issuer of the right name with another key breaks the chain', async (t) => {
  const namesake = await sign({ commonName: 'intermediate', isAuthority: true, issuer: root });
  t.equal(problemOf(reading(leaf.certPem + namesake.certPem, leaf.keyPem)).problem, 'broken-chain');
});

void t.test('what TLS would refuse to serve is refused here', async (t) => {
  const weak = await sign({ commonName: 'weak', issuer: root, rsaBits: 1024 });
  const { part, problem, message } = problemOf(reading(weak.certPem, weak.keyPem));
  t.same(
    { part, problem, message },
    { part: 'certificate', problem: 'refused-by-tls', message: 'must be good for TLS, but is refused: ee key too small' },
  );
});

void t.test('RSA keys and keys in the older forms are good', async (t) => {
  const rsa = await sign({ commonName: 'rsa', issuer: root, rsaBits: 2048 });
  const pkcs1 = createPrivateKey(rsa.keyPem).export({ type: 'pkcs1', format: 'pem' }).toString();
  const sec1 = createPrivateKey(pair.keyPem).export({ type: 'sec1', format: 'pem' }).toString();
  const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
  t.equal(readServingPair(rsa.certPem, pkcs1, NOW).keyPem, rsa.keyPem);
  t.equal(readServingPair(pair.certPem, parameters + sec1, NOW).keyPem, pair.keyPem);
});

void t.test('text around the PEM, and a key in the certificate file, never reach the handshake', (t) => {
  const bag = `Bag Attributes\n  friendlyName: x\n${pair.keyPem}${pair.certPem}`;
  t.equal(readServingPair(bag, bag, NOW).certPem, pair.certPem);
  t.end();
});

void t.test('refuses a pair that is expired or not yet valid, to the second', (t) => {
  const notAfter = daysFromNow(90);
  const notBefore = new Date(NOW.getTime() - 300_000);
  t.ok(reading(pair.certPem, pair.keyPem, notAfter)());
  t.ok(reading(pair.certPem, pair.keyPem, notBefore)());
  const late = problemOf(reading(pair.certPem, pair.keyPem, new Date(notAfter.getTime() + 1000)));
  t.same([late.part, late.problem, late.message], ['certificate', 'expired', `must be valid, but expired on ${notAfter.toISOString()}`]);
  const early = problemOf(reading(pair.certPem, pair.keyPem, new Date(notBefore.getTime() - 1000)));
  t.same([early.problem, early.message], ['not-yet-valid', `must be valid, but is not valid before ${notBefore.toISOString()}`]);
  t.end();
});

void t.test('names the certificate of the chain that has expired', (t) => {
  const chain = parseServingPair(leaf.certPem + intermediate.certPem, leaf.keyPem);
  const lapse = lapseOfPair(chain, new Date(daysFromNow(30).getTime() + DAY_MS));
  t.equal(
    lapse?.message,
    `must be valid, but the certificate of 'CN=intermediate' in its chain expired on ${daysFromNow(30).toISOString()}`,
  );
  t.equal(lapseOfPair(chain, NOW), undefined);
  t.end();
});

void t.test('an expired pair is told from a broken one: it can still be parsed', (t) => {
  t.same(parseServingPair(pair.certPem, pair.keyPem).notAfter, daysFromNow(90));
  t.end();
});

void t.test('names that contain the separators of their list are read whole', async (t) => {
  const { SubjectAlternativeNameExtension } = await import('@peculiar/x509');
  const odd = await sign({
    commonName: 'odd',
    issuer: root,
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'a, DNS:b' },
        { type: 'url', value: 'https://c/?d=DNS:e' },
        { type: 'dns', value: 'f' },
      ]),
    ],
  });
  t.same(readServingPair(odd.certPem, odd.keyPem, NOW).dnsNames, ['a, DNS:b', 'f']);
});

void t.test('a certificate without names is a pair without names', (t) => {
  const { dnsNames, ipAddresses } = readServingPair(leaf.certPem, leaf.keyPem, NOW);
  t.same({ dnsNames, ipAddresses }, { dnsNames: [], ipAddresses: [] });
  t.end();
});

void t.test('a pair that is written anew is read as the same pair', (t) => {
  const first = readServingPair(`text\n${leaf.certPem}more\n${intermediate.certPem}`, leaf.keyPem, NOW);
  const second = readServingPair(first.certPem, first.keyPem, NOW);
  t.equal(second.certPem, first.certPem);
  t.equal(second.keyPem, first.keyPem);
  t.end();
});

void t.test('no file that was cut off anywhere is accepted', (t) => {
  const certPem = leaf.certPem + intermediate.certPem;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: certPem.length - 2 }), (length) => {
      // Between two certificates there is nothing to be seen of the second.
      fc.pre(Math.abs(length - leaf.certPem.length) > 1);
      assert.notEqual(problemOf(reading(certPem.slice(0, length), leaf.keyPem)), undefined);
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: leaf.keyPem.length - 2 }), (length) => {
      assert.equal(problemOf(reading(certPem, leaf.keyPem.slice(0, length))).part, 'key');
    }),
  );
  t.end();
});

void t.test('no certificate in which a bit was flipped is accepted, if its issuer is beside it', (t) => {
  const der = readServingPair(leaf.certPem, leaf.keyPem, NOW).chain[0].raw;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: der.length * 8 - 1 }), (bit) => {
      const flipped = Buffer.from(der);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const certPem = `-----BEGIN CERTIFICATE-----\n${flipped.toString('base64')}\n-----END CERTIFICATE-----\n`;
      assert.equal(typeof problemOf(reading(certPem + intermediate.certPem, leaf.keyPem)).problem, 'string');
    }),
    { numRuns: runs(300) },
  );
  t.end();
});

void t.test('never fails in any way but by saying what is wrong', (t) => {
  const { privateKey } = generateKeyPairSync('x25519');
  const x25519 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const piece = fc.oneof(
    fc.constantFrom(leaf.certPem, intermediate.certPem, leaf.keyPem, other.keyPem, x25519, '-----BEGIN CERTIFICATE-----\n'),
    fc.string(),
  );
  const file = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(file, file, (certPem, keyPem) => {
      try {
        readServingPair(certPem, keyPem, NOW);
      } catch (error) {
        assert.ok(error instanceof ServingPairError, error as Error);
      }
    }),
    { numRuns: runs(500) },
  );
  t.end();
});
