import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import t from 'tap';
import { createAuthority, issueServingPair, type UnusableAuthorityError } from '../../src/pki/authority.ts';
import type { PemPair } from '../../src/pki/pem.ts';
import { serviceDnsNames } from '../../src/pki/service-names.ts';
import { missingNames, readServingPair } from '../../src/pki/serving-pair.ts';
import { runs } from '../long-tests.ts';
import { openssl, withoutOpenssl } from './openssl.ts';
import { DAY_MS, daysFromNow, MAY_NOT_SIGN, NOW, sign } from './sign.ts';

const dnsNames = serviceDnsNames('podgrace', 'lifecycle');
const ipAddresses = ['10.96.0.17', 'fd00:10:96::11'];
const authority = await createAuthority({ commonName: 'podgrace test authority', validDays: 3650, now: NOW });
const pair = await issueServingPair(authority, { dnsNames, ipAddresses, validDays: 90, now: NOW });

function inFiles(directory: string, pems: Readonly<Record<string, string>>): (name: string) => string {
  for (const [name, pem] of Object.entries(pems)) writeFileSync(join(directory, name), pem);
  return (name) => join(directory, name);
}

const atNow = ['-attime', String(NOW.getTime() / 1000)];

void t.test('openssl verifies the pair for each of its names, by the strict reading of RFC 5280', { skip: withoutOpenssl }, (t) => {
  const file = inFiles(t.testdir(), { 'ca.crt': authority.certPem, 'tls.crt': pair.certPem });
  const verify = (...more: string[]): boolean =>
    openssl('verify', '-x509_strict', '-purpose', 'sslserver', ...atNow, ...more, '-CAfile', file('ca.crt'), file('tls.crt')).ok;
  for (const name of dnsNames) t.ok(verify('-verify_hostname', name), name);
  for (const address of ipAddresses) t.ok(verify('-verify_ip', address), address);
  t.notOk(verify('-verify_hostname', 'podgrace.other.svc'));
  t.notOk(verify('-purpose', 'sslclient'));
  t.end();
});

void t.test('openssl reads in the authority what it may do, and no more', { skip: withoutOpenssl }, (t) => {
  const file = inFiles(t.testdir(), { 'ca.crt': authority.certPem });
  const { output } = openssl('x509', '-in', file('ca.crt'), '-noout', '-text');
  t.match(output, /Basic Constraints: critical\n\s+CA:TRUE, pathlen:0\n/);
  t.match(output, /Key Usage: critical\n\s+Certificate Sign, CRL Sign\n/);
  t.match(output, /Subject Key Identifier: \n\s+([0-9A-F:]{59})\n\s+X509v3 Authority Key Identifier: \n\s+\1\n/);
  t.match(output, /Signature Algorithm: ecdsa-with-SHA256/);
  t.match(output, /ASN1 OID: prime256v1/);
  t.match(output, /Subject: CN = podgrace test authority\n/);
  t.end();
});

void t.test('openssl reads in the leaf a TLS server under its names, and no more', { skip: withoutOpenssl }, (t) => {
  const file = inFiles(t.testdir(), { 'ca.crt': authority.certPem, 'tls.crt': pair.certPem });
  const { output } = openssl('x509', '-in', file('tls.crt'), '-noout', '-text');
  t.match(output, /Basic Constraints: critical\n\s+CA:FALSE\n/);
  t.match(output, /X509v3 Key Usage: critical\n\s+Digital Signature\n/);
  t.match(output, /Extended Key Usage: \n\s+TLS Web Server Authentication\n/);
  const names = [...dnsNames.map((name) => `DNS:${name}`), 'IP Address:10.96.0.17', 'IP Address:FD00:10:96:0:0:0:0:11'].join(', ');
  t.ok(output.includes(`Subject Alternative Name: \n                ${names}\n`), output);
  t.match(output, /Subject: O = podgrace\n/, 'no common name that somebody could take for a host');
  const identifier = /Subject Key Identifier: \n\s+([0-9A-F:]+)/.exec(
    openssl('x509', '-in', file('ca.crt'), '-noout', '-text').output,
  )?.[1];
  t.ok(identifier !== undefined && output.includes(`Authority Key Identifier: \n                ${identifier}\n`));
  t.end();
});

void t.test('a client that trusts the authority connects under each name, others do not', async (t) => {
  const now = new Date();
  const authority = await createAuthority({ commonName: 'live', validDays: 1, now });
  const stranger = await createAuthority({ commonName: 'live', validDays: 1, now });
  const { certPem, keyPem } = await issueServingPair(authority, { dnsNames, ipAddresses, validDays: 1, now });
  const server = createServer({ cert: certPem, key: keyPem }, (socket) => socket.end());
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const call = (ca: string, servername: string): Promise<string> =>
    new Promise((done) => {
      const socket: TLSSocket = connect({ host: '127.0.0.1', port, ca, servername }, () => {
        socket.end();
        done('connected');
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        done(error.code ?? error.message);
      });
    });
  for (const name of dnsNames) t.equal(await call(authority.certPem, name), 'connected', name);
  t.equal(await call(authority.certPem, 'podgrace.other.svc'), 'ERR_TLS_CERT_ALTNAME_INVALID');
  t.equal(await call(stranger.certPem, dnsNames[2] ?? ''), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'same name, another key');
  t.equal(await call(stranger.certPem + authority.certPem, dnsNames[2] ?? ''), 'connected', 'old and new authority in one bundle');
});

void t.test('begins 5 minutes ago, and ends after the days asked for', (t) => {
  for (const [{ certPem }, days] of [[authority, 3650] as const, [pair, 90] as const]) {
    const { validFromDate, validToDate } = new X509Certificate(certPem);
    t.same(validFromDate, new Date(NOW.getTime() - 5 * 60_000));
    t.same(validToDate, daysFromNow(days));
  }
  t.end();
});

void t.test('dates beyond 2049, which certificates write in another way, are what was asked for', async (t) => {
  const { certPem } = await createAuthority({ commonName: 'long', validDays: 36_525, now: NOW });
  t.same(new X509Certificate(certPem).validToDate, daysFromNow(36_525));
});

void t.test('serial numbers are positive, of one length, and never the same', async (t) => {
  const request = { dnsNames: ['a.example'], validDays: 1, now: NOW };
  const serials: string[] = [];
  for (let count = 0; count < 100; count++)
    serials.push(new X509Certificate((await issueServingPair(authority, request)).certPem).serialNumber);
  for (const serial of serials) t.match(serial, /^[4-7][0-9A-F]{31}$/);
  t.equal(new Set(serials).size, 100);
});

void t.test('keys are PKCS#8, and each belongs to its certificate alone', (t) => {
  for (const { certPem, keyPem } of [authority, pair]) {
    t.match(keyPem, /^-----BEGIN PRIVATE KEY-----\n/);
    t.ok(new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem)));
  }
  t.notOk(new X509Certificate(pair.certPem).checkPrivateKey(createPrivateKey(authority.keyPem)));
  t.end();
});

void t.test('a pair never outlives its authority', async (t) => {
  const short = await createAuthority({ commonName: 'short', validDays: 10, now: NOW });
  const { certPem } = await issueServingPair(short, { dnsNames, validDays: 365, now: NOW });
  t.same(new X509Certificate(certPem).validToDate, daysFromNow(10));
});

void t.test('the common name of an authority is the text that was asked for', async () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((name) => /^\P{C}{1,64}$/u.test(name));
  await fc.assert(
    fc.asyncProperty(fc.oneof(text, fc.constantFrom('#0c03', 'a, O=b', '"quoted"', 'back\\slash', '+')), async (commonName) => {
      const { certPem } = await createAuthority({ commonName, validDays: 1, now: NOW });
      const { subject } = new X509Certificate(certPem).toLegacyObject();
      assert.deepEqual({ ...subject }, { CN: commonName });
    }),
    { numRuns: runs(50) },
  );
});

void t.test('a pair is good for exactly the names that were asked for', async () => {
  const host = fc
    .stringMatching(/^[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?){0,3}$/)
    .filter((name) => !/^[\d.]+$/.test(name));
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(host, { minLength: 1, maxLength: 5 }),
      fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 3 }),
      async (dnsNames, ipAddresses) => {
        const { certPem, keyPem } = await issueServingPair(authority, { dnsNames, ipAddresses, validDays: 1, now: NOW });
        const read = readServingPair(certPem, keyPem, NOW);
        assert.deepEqual(read.dnsNames, dnsNames);
        assert.equal(read.ipAddresses.length, ipAddresses.length);
        assert.deepEqual(missingNames(read, { dnsNames, ipAddresses }), []);
        const others = dnsNames.map((name) => `${name}.other`);
        assert.deepEqual(missingNames(read, { dnsNames: others }), others);
      },
    ),
    { numRuns: runs(50) },
  );
});

void t.test('an authority issues again after it was read back from its files', async (t) => {
  const file = inFiles(t.testdir(), { 'ca.crt': authority.certPem, 'ca.key': authority.keyPem });
  const again: PemPair = { certPem: readFileSync(file('ca.crt'), 'utf8'), keyPem: readFileSync(file('ca.key'), 'utf8') };
  const { certPem } = await issueServingPair(again, { dnsNames, validDays: 1, now: NOW });
  t.ok(new X509Certificate(certPem).verify(new X509Certificate(authority.certPem).publicKey));
});

void t.test('an authority that openssl made issues pairs that openssl verifies', { skip: withoutOpenssl }, async (t) => {
  const directory = t.testdir();
  const file = (name: string): string => join(directory, name);
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-addext', 'keyUsage=critical,keyCertSign'];
  t.ok(
    openssl(
      'req',
      '-x509',
      ...ec,
      '-keyout',
      file('ca.key'),
      '-out',
      file('ca.crt'),
      '-days',
      '30',
      '-subj',
      '/O=Example/CN=made elsewhere',
    ).ok,
  );
  // The older form of the key (SEC 1, "EC PRIVATE KEY") is read as well.
  const sec1 = createPrivateKey(readFileSync(file('ca.key')))
    .export({ type: 'sec1', format: 'pem' })
    .toString();
  const foreign = { certPem: readFileSync(file('ca.crt'), 'utf8'), keyPem: sec1 };
  const { certPem } = await issueServingPair(foreign, { dnsNames, validDays: 1, now: new Date() });
  writeFileSync(file('tls.crt'), certPem);
  const { ok, output } = openssl('verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', file('ca.crt'), file('tls.crt'));
  t.ok(ok, output);
});

void t.test('refuses an authority that cannot issue, and says what is wrong with which file', async (t) => {
  const [other, leaf, rsa, mute] = await Promise.all([
    createAuthority({ commonName: 'other', validDays: 1, now: NOW }),
    sign({ commonName: 'leaf' }),
    sign({ commonName: 'rsa', isAuthority: true, rsaBits: 2048 }),
    sign({ commonName: 'mute', isAuthority: true, extensions: [MAY_NOT_SIGN] }),
  ]);
  const cases: readonly (readonly [PemPair, UnusableAuthorityError['part'], RegExp])[] = [
    [{ ...authority, certPem: '' }, 'certificate', /^the CA certificate must be a PEM certificate$/],
    [
      { ...authority, certPem: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' },
      'certificate',
      /must be an X\.509 certificate/,
    ],
    [leaf, 'certificate', /must be that of an authority/],
    [mute, 'certificate', /allowed to sign certificates/],
    [{ ...authority, keyPem: 'nonsense' }, 'key', /^the CA key must be a PEM private key without a passphrase$/],
    [{ ...authority, keyPem: other.keyPem }, 'key', /belongs to another one/],
    [rsa, 'key', /must be an ECDSA P-256 key, but is rsa/],
  ];
  for (const [unusable, part, message] of cases) {
    await t.rejects(issueServingPair(unusable, { dnsNames, validDays: 1, now: NOW }), { name: 'UnusableAuthorityError', part, message });
  }
  const later = new Date(NOW.getTime() + 2 * DAY_MS);
  await t.rejects(issueServingPair(other, { dnsNames, validDays: 1, now: later }), {
    part: 'certificate',
    message: 'the CA certificate must be valid, but expired on 2030-06-16T12:00:00.000Z',
  });
});

void t.test('refuses what cannot be in a certificate, and names the field', async (t) => {
  const issue = (fields: { dnsNames?: string[]; ipAddresses?: string[]; validDays?: number }): Promise<PemPair> =>
    issueServingPair(authority, { dnsNames: ['a.example'], validDays: 1, now: NOW, ...fields });
  await t.rejects(issue({ dnsNames: [] }), { name: 'CertificateRequestError', message: /^dnsNames must not be empty/ });
  await t.rejects(issue({ dnsNames: ['Upper.example'] }), {
    message: /^dnsNames must be DNS names in lower case, but one is 'Upper.example'/,
  });
  await t.rejects(issue({ dnsNames: ['a.*.example'] }), { message: /^dnsNames/ });
  await t.rejects(issue({ dnsNames: ['10.0.0.1'] }), { message: /^dnsNames/ });
  await t.rejects(issue({ ipAddresses: ['10.0.0'] }), { message: /^ipAddresses must be IPv4 or IPv6 addresses, but one is '10.0.0'/ });
  await t.rejects(issue({ ipAddresses: ['fe80::1%eth0'] }), { message: /^ipAddresses/ });
  for (const validDays of [0, -1, 1.5, Number.NaN, 36_526])
    await t.rejects(issue({ validDays }), { message: /^validDays must be a whole number/ });
  for (const commonName of ['', 'x'.repeat(65), 'line\nbreak', '\ud800']) {
    await t.rejects(createAuthority({ commonName, validDays: 1, now: NOW }), {
      message: /^commonName must have 1 to 64 printable characters/,
    });
  }
});

void t.test('a wildcard stands for one label', async (t) => {
  const { certPem, keyPem } = await issueServingPair(authority, { dnsNames: ['*.lifecycle.svc'], validDays: 1, now: NOW });
  const read = readServingPair(certPem, keyPem, NOW);
  t.same(missingNames(read, { dnsNames: ['podgrace.lifecycle.svc', 'lifecycle.svc', 'a.b.lifecycle.svc'] }), [
    'lifecycle.svc',
    'a.b.lifecycle.svc',
  ]);
});
