import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createAuthority, issueServingPair } from '../../src/pki/authority.ts';
import { replacementReason, writeCertificates, type CertificateSet, type KeepRule } from '../../src/pki/certificate-files.ts';
import { daysFromNow, NOW } from './sign.ts';

const NAMES = ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'];
const names = { dnsNames: ['podgrace.lifecycle.svc'], ipAddresses: ['10.0.0.1'] };
const first = await makeSet();
const second = await makeSet();
const keep: KeepRule = { ...names, minRemainingDays: 30, now: NOW };

async function makeSet(): Promise<CertificateSet> {
  const ca = await createAuthority({ commonName: 'authority', validDays: 365, now: NOW });
  return { ca, pair: await issueServingPair(ca, { ...names, validDays: 90, now: NOW }) };
}

/** Everything that a directory holds, hidden files too; nothing else may be left in it. */
function contentsOf(directory: string): Record<string, string> {
  return Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]));
}

function textsOf({ ca, pair }: CertificateSet): Record<string, string> {
  return { 'ca.crt': ca.certPem, 'ca.key': ca.keyPem, 'tls.crt': pair.certPem, 'tls.key': pair.keyPem };
}

void t.test('writes four files and nothing else, into a directory that it makes', async (t) => {
  const directory = join(t.testdir(), 'new', 'certs');
  t.equal(await writeCertificates(directory, first), 'written');
  t.same(contentsOf(directory), textsOf(first));
});

void t.test('keys are readable by their owner alone, before and after they are replaced', async (t) => {
  const directory = t.testdir();
  await writeCertificates(directory, first);
  await writeCertificates(directory, second, { overwrite: true });
  const modes = NAMES.map((name) => (statSync(join(directory, name)).mode & 0o077) === 0);
  t.same(modes, [false, true, false, true]);
});

void t.test('never touches files that are there, unless told to, and names them', async (t) => {
  const directory = t.testdir({ 'tls.key': 'precious', other: 'file' });
  await t.rejects(writeCertificates(directory, first), {
    name: 'CertificatesExistError',
    files: ['tls.key'],
    message: /holds tls\.key already/,
  });
  t.same(contentsOf(directory), { 'tls.key': 'precious', other: 'file' });
});

void t.test('a link that leads nowhere is there, too', async (t) => {
  const directory = t.testdir();
  symlinkSync('nowhere', join(directory, 'ca.key'));
  await t.rejects(writeCertificates(directory, first), { name: 'CertificatesExistError', files: ['ca.key'] });
  t.same(readdirSync(directory), ['ca.key']);
});

void t.test('replaces all four where it is told to', async (t) => {
  const directory = t.testdir();
  await writeCertificates(directory, first);
  t.equal(await writeCertificates(directory, second, { overwrite: true }), 'written');
  t.same(contentsOf(directory), textsOf(second));
});

void t.test('after an error halfway the old files are back, and no new one is left', async (t) => {
  const directory = t.testdir();
  await writeCertificates(directory, first);
  rmSync(join(directory, 'tls.crt'));
  rmSync(join(directory, 'tls.key'));
  mkdirSync(join(directory, 'tls.key'));
  await t.rejects(writeCertificates(directory, second, { overwrite: true }), { message: /tls\.key/ });
  t.same(readdirSync(directory).sort(), ['ca.crt', 'ca.key', 'tls.key']);
  t.equal(readFileSync(join(directory, 'ca.crt'), 'utf8'), first.ca.certPem);
  t.equal(readFileSync(join(directory, 'ca.key'), 'utf8'), first.ca.keyPem);
  t.equal(statSync(join(directory, 'ca.key')).mode & 0o777, 0o600);
});

void t.test('a directory that cannot be made is an error that names it', async (t) => {
  const directory = t.testdir({ certs: 'a file' });
  await t.rejects(writeCertificates(join(directory, 'certs'), first), { message: /certs/ });
  t.same(contentsOf(directory), { certs: 'a file' });
});

void t.test(
  'a parent in which nothing can be made is an error, not an endless attempt',
  { skip: process.platform !== 'linux' },
  async (t) => {
    await t.rejects(writeCertificates('/proc/podgrace', first), { code: 'ENOENT', path: '/proc/podgrace' });
  },
);

void t.test('keeps what is good for long enough, and touches nothing', async (t) => {
  const directory = t.testdir();
  t.equal(await writeCertificates(directory, first, { keep }), 'written');
  t.equal(await replacementReason(directory, keep), undefined);
  t.equal(await writeCertificates(directory, second, { keep }), 'kept');
  t.equal(await writeCertificates(directory, second, { keep, overwrite: true }), 'kept');
  t.same(contentsOf(directory), textsOf(first));
});

void t.test('keeps a pair whose old and new authority are both published', async (t) => {
  const directory = t.testdir({ ...textsOf(first), 'ca.crt': first.ca.certPem + second.ca.certPem });
  t.equal(await replacementReason(directory, keep), undefined);
});

void t.test('what is not good enough is replaced on demand only, and the reason is told', async (t) => {
  const directory = t.testdir(textsOf(first));
  const later: KeepRule = { ...keep, now: daysFromNow(61) };
  await t.rejects(writeCertificates(directory, second, { keep: later }), {
    message: /to be replaced because 30 days from now it no longer verifies/,
  });
  t.same(contentsOf(directory), textsOf(first));
  t.equal(await writeCertificates(directory, second, { keep: later, overwrite: true }), 'written');
  t.same(contentsOf(directory), textsOf(second));
});

void t.test('says of everything that is not good enough why', async (t) => {
  const short = await createAuthority({ commonName: 'authority', validDays: 20, now: NOW });
  const shortPair = await issueServingPair(short, { ...names, validDays: 90, now: NOW });
  const good = textsOf(first);
  const { 'ca.key': _caKey, 'tls.key': _tlsKey, ...withoutKeys } = good;
  const { 'ca.key': _, ...withoutCaKey } = good;
  const cases: readonly (readonly [Record<string, string>, Partial<KeepRule>, RegExp])[] = [
    [{}, {}, /^ca\.crt, ca\.key, tls\.crt, tls\.key are not there$/],
    [withoutKeys, {}, /^ca\.key, tls\.key are not there$/],
    [withoutCaKey, {}, /^ca\.key is not there$/],
    [{ ...good, 'ca.key': second.ca.keyPem }, {}, /^ca\.key is not the key of ca\.crt$/],
    [{ ...good, 'ca.key': '' }, {}, /^ca\.key is not the key of ca\.crt$/],
    [{ ...good, 'ca.crt': 'nonsense' }, {}, /^ca\.key is not the key of ca\.crt$/],
    [{ ...good, 'tls.crt': '' }, {}, /^tls\.crt must hold a PEM certificate, but is empty$/],
    [{ ...good, 'tls.key': second.pair.keyPem }, {}, /^tls\.key must be the private key of the certificate/],
    [
      { ...textsOf(second), 'ca.crt': first.ca.certPem, 'ca.key': first.ca.keyPem },
      {},
      /^the CA 'CN=authority' of the bundle did not sign/,
    ],
    [good, { dnsNames: ['podgrace.lifecycle.svc', 'podgrace.other.svc'] }, /^tls\.crt is not good for podgrace\.other\.svc$/],
    [good, { ipAddresses: ['10.0.0.2', '10.0.0.3'] }, /^tls\.crt is not good for 10\.0\.0\.2, 10\.0\.0\.3$/],
    [good, { now: daysFromNow(91) }, /^tls\.crt must be valid, but expired on/],
    [good, { now: daysFromNow(61) }, /^30 days from now it no longer verifies: the certificate of 'O=podgrace' expired on/],
    [textsOf({ ca: short, pair: shortPair }), {}, /^30 days from now it no longer verifies/],
  ];
  for (const [files, rule, reason] of cases) {
    const directory = t.testdir(files);
    t.match(await replacementReason(directory, { ...keep, ...rule }), reason);
  }
});

void t.test('a file that cannot be read is an error, not a reason to replace it', async (t) => {
  const directory = t.testdir(textsOf(first));
  rmSync(join(directory, 'tls.key'));
  mkdirSync(join(directory, 'tls.key'));
  await t.rejects(replacementReason(directory, keep), { message: /tls\.key must be a readable file \(EISDIR\)$/ });
});

void t.test('files of other names are left alone', async (t) => {
  const directory = t.testdir();
  writeFileSync(join(directory, 'notes.txt'), 'mine');
  await writeCertificates(directory, first);
  await writeCertificates(directory, second, { overwrite: true });
  t.same(contentsOf(directory), { ...textsOf(second), 'notes.txt': 'mine' });
});
