import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createAuthority, issueServingPair } from '../../src/pki/authority.ts';
import type { PemPair } from '../../src/pki/pem.ts';
import { parseServingPair } from '../../src/pki/serving-pair.ts';
import {
  CertificateFiles,
  type CertificateFileError,
  type CertificateFileProblem,
  type CertificateFilesOptions,
} from '../../src/server/certificates.ts';
import { eventually } from '../files/eventually.ts';
import { writeSecretVolume } from '../files/secret-volume.ts';

const NEVER_MS = 3_600_000;
const DAY_MS = 86_400_000;
const START = new Date();
const NAME = 'podgrace.lifecycle.svc';

const authority = await createAuthority({ commonName: 'authority', validDays: 365, now: START });
const issue = (validDays = 90, now = START): Promise<PemPair> => issueServingPair(authority, { dnsNames: [NAME], validDays, now });
const [first, second, third] = await Promise.all([issue(), issue(), issue()]);
const expired = await issue(1, new Date(START.getTime() - 10 * DAY_MS));
const notYet = await issue(90, new Date(START.getTime() + 10 * DAY_MS));

const serialOf = ({ certPem, keyPem }: PemPair): string => parseServingPair(certPem, keyPem).serialNumber;
const inVolume = ({ certPem, keyPem }: PemPair): Record<string, string> => ({ 'tls.crt': certPem, 'tls.key': keyPem });

interface Followed {
  readonly files: CertificateFiles;
  readonly certFile: string;
  readonly keyFile: string;
  /** All that was told, in order: a serial number, a problem, `recovered`. */
  readonly told: string[];
  readonly errors: CertificateFileError[];
}

/** Files that are followed quickly, from a pair that is good unless said otherwise. */
async function follow(t: Test, pair: PemPair = first, options: Partial<CertificateFilesOptions> = {}): Promise<Followed> {
  const directory = t.testdir(inVolume(pair));
  const at = { certFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key') };
  const files = await CertificateFiles.open({ ...at, pollMs: 10, settleMs: 30, ...options });
  const told: string[] = [];
  const errors: CertificateFileError[] = [];
  files.watch({
    onChange: ({ serialNumber }) => void told.push(serialNumber),
    onError: (error) => {
      told.push(error.problem);
      errors.push(error);
    },
    onRecovery: () => void told.push('recovered'),
  });
  t.teardown(() => {
    files.close();
  });
  return { files, ...at, told, errors };
}

function write({ certFile, keyFile }: Pick<Followed, 'certFile' | 'keyFile'>, { certPem, keyPem }: PemPair): void {
  writeFileSync(certFile, certPem);
  writeFileSync(keyFile, keyPem);
}

void t.test('opens a good pair and has nothing to say', async (t) => {
  const { files, told } = await follow(t);
  t.equal(files.current.serialNumber, serialOf(first));
  t.equal(files.lastError, undefined);
  t.same(told, []);
});

type Ruin = (file: string) => void;
const holding =
  (text: string): Ruin =>
  (file) => {
    writeFileSync(file, text);
  };
const cutTo =
  (bytes: number): Ruin =>
  (file) => {
    truncateSync(file, bytes);
  };
const removed: Ruin = (file) => {
  rmSync(file);
};
const madeDirectory: Ruin = (file) => {
  rmSync(file);
  mkdirSync(file);
};
const linkedTo =
  (target: string): Ruin =>
  (file) => {
    rmSync(file);
    symlinkSync(target, file);
  };
const garbageInPem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

/** What can become of which file, and what is told of it. */
const ruins: readonly (readonly [string, 'certFile' | 'keyFile', Ruin, CertificateFileProblem, RegExp])[] = [
  ['an empty certificate', 'certFile', holding(''), 'empty', /tls\.crt must hold a PEM certificate, but is empty$/],
  ['an empty key', 'keyFile', holding(''), 'empty', /tls\.key must hold a PEM private key, but is empty$/],
  ['a half-written certificate', 'certFile', cutTo(300), 'not-pem', /tls\.crt must .* cut off$/],
  ['a half-written key', 'keyFile', cutTo(100), 'not-pem', /tls\.key must .* cut off$/],
  ['garbage', 'certFile', holding('garbage'), 'not-pem', /tls\.crt must hold a PEM certificate .* holds none$/],
  ['garbage in PEM', 'certFile', holding(garbageInPem), 'certificate-unreadable', /tls\.crt must hold X\.509 certificates/],
  [
    'the key of another certificate',
    'keyFile',
    holding(second.keyPem),
    'key-mismatch',
    /tls\.key must be the private key of the certificate/,
  ],
  [
    'the certificate of another key',
    'certFile',
    holding(second.certPem),
    'key-mismatch',
    /tls\.key must be the private key of the certificate/,
  ],
  ['a chain out of order', 'certFile', holding(first.certPem + second.certPem), 'broken-chain', /tls\.crt must hold the leaf and after/],
  ['a missing certificate', 'certFile', removed, 'missing', /tls\.crt must exist, but does not$/],
  ['a missing key', 'keyFile', removed, 'missing', /tls\.key must exist, but does not$/],
  ['a directory', 'certFile', madeDirectory, 'not-a-file', /tls\.crt must be a file, but is a directory$/],
  ['a device', 'certFile', linkedTo('/dev/zero'), 'not-a-file', /tls\.crt must be a file, but is none$/],
  ['links in a circle', 'certFile', linkedTo('tls.crt'), 'unreadable', /tls\.crt must be readable, but is not \(ELOOP\)$/],
  ['a file too large to be a certificate', 'certFile', cutTo(1024 * 1024 + 1), 'too-large', /at most 1048576 bytes, but has 1048577$/],
];

for (const [name, which, ruin, problem, message] of ruins) {
  void t.test(`does not open with ${name}, and names the file`, async (t) => {
    const directory = t.testdir(inVolume(first));
    const at = { certFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key') };
    ruin(at[which]);
    await t.rejects(CertificateFiles.open(at), { name: 'CertificateFileError', problem, message });
  });

  void t.test(`keeps the old pair through ${name}, tells it once, and takes the next good pair`, async (t) => {
    const followed = await follow(t);
    const { files, told, errors } = followed;
    ruin(followed[which]);
    await eventually('the error is told', () => errors.length > 0);
    t.match(errors[0]?.message ?? '', message);
    t.equal(files.lastError, errors[0]);
    t.equal(files.current.serialNumber, serialOf(first));
    rmSync(followed.certFile, { force: true, recursive: true });
    const aside = `${followed.certFile}.new`;
    writeFileSync(aside, second.certPem);
    writeFileSync(followed.keyFile, second.keyPem);
    renameSync(aside, followed.certFile);
    await eventually('recovery', () => told.includes('recovered'));
    t.equal(files.current.serialNumber, serialOf(second));
    t.equal(files.lastError, undefined);
    t.equal(told.filter((each) => each === problem).length, 1);
    t.same(told.slice(-2), [serialOf(second), 'recovered']);
  });
}

const asNobody = process.getuid?.() === 0 ? false : 'SKIPPED: only root can become a user who may not read a file';

void t.test('a file that the user may not read is told as such', { skip: asNobody }, async (t) => {
  const directory = t.testdir(inVolume(first));
  const at = { certFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key') };
  writeFileSync(at.certFile, first.certPem, { mode: 0o600 });
  const closed = join(directory, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  renameSync(at.certFile, join(closed, 'tls.crt'));
  process.seteuid?.(65_534);
  try {
    await t.rejects(CertificateFiles.open({ ...at, certFile: join(closed, 'tls.crt') }), {
      problem: 'unreadable',
      message: /tls\.crt must be readable, but this user may not read it$/,
    });
  } finally {
    process.seteuid?.(0);
  }
});

void t.test('a certificate that comes before its key is no error, if the key comes soon enough', async (t) => {
  const followed = await follow(t, first, { settleMs: NEVER_MS });
  writeFileSync(followed.certFile, second.certPem);
  await lookedAtBeside(followed);
  t.equal(followed.files.current.serialNumber, serialOf(first));
  writeFileSync(followed.keyFile, second.keyPem);
  await eventually('the swap', () => followed.files.current.serialNumber === serialOf(second));
  t.same(followed.told, [serialOf(second)]);
});

/** Waits while other files, followed at the same pace, are written and taken over twice. */
async function lookedAtBeside({ certFile }: Followed): Promise<void> {
  const beside = { certFile: `${certFile}.beside`, keyFile: `${certFile}.beside.key` };
  write(beside, third);
  const files = await CertificateFiles.open({ ...beside, pollMs: 10 });
  files.watch({ onChange: () => undefined, onError: (error) => assert.fail(error) });
  for (const pair of [first, second]) {
    write(beside, pair);
    await eventually('files beside are taken over', () => files.current.serialNumber === serialOf(pair));
  }
  files.close();
}

void t.test('while one failure follows another, each is told once it stays', async (t) => {
  const { certFile, told } = await follow(t);
  writeFileSync(certFile, '');
  await eventually('the first failure', () => told.length === 1);
  rmSync(certFile);
  await eventually('the second failure', () => told.length === 2);
  writeFileSync(certFile, '');
  await eventually('the first failure again', () => told.length === 3);
  writeFileSync(certFile, first.certPem);
  await eventually('recovery', () => told.length === 4);
  writeFileSync(certFile, '');
  await eventually('the first failure after recovery', () => told.length === 5);
  t.same(told, ['empty', 'missing', 'empty', 'recovered', 'empty']);
});

void t.test('the old pair put back is a recovery, and no change', async (t) => {
  const { certFile, told, files } = await follow(t);
  rmSync(certFile);
  await eventually('the failure', () => told.length === 1);
  writeFileSync(certFile, first.certPem);
  await eventually('recovery', () => told.length === 2);
  t.same(told, ['missing', 'recovered']);
  t.equal(files.current.serialNumber, serialOf(first));
});

void t.test('refuses to go from a valid pair to an expired one, or to one that is not yet valid', async (t) => {
  const followed = await follow(t);
  write(followed, expired);
  await eventually('the refusal', () => followed.told.includes('expired'));
  t.equal(followed.files.current.serialNumber, serialOf(first));
  write(followed, notYet);
  await eventually('the second refusal', () => followed.told.includes('not-yet-valid'));
  t.equal(followed.files.current.serialNumber, serialOf(first));
  t.match(
    followed.errors.map(({ message }) => message),
    [/tls\.crt must be valid, but expired on/, /tls\.crt must be valid, but is not valid before/],
  );
});

void t.test('a pair that was too early is taken when its time comes', async (t) => {
  let now = START;
  const followed = await follow(t, first, { now: () => now });
  write(followed, notYet);
  await eventually('the refusal', () => followed.told.includes('not-yet-valid'));
  now = new Date(START.getTime() + 11 * DAY_MS);
  await eventually('the swap', () => followed.files.current.serialNumber === serialOf(notYet));
  t.same(followed.told, ['not-yet-valid', serialOf(notYet), 'recovered']);
});

void t.test('opens with an expired pair, says so at once, and takes the next good one', async (t) => {
  const followed = await follow(t, expired, { settleMs: NEVER_MS });
  t.same(followed.told, ['expired']);
  t.equal(followed.files.lastError?.problem, 'expired');
  t.equal(followed.files.current.serialNumber, serialOf(expired));
  write(followed, second);
  await eventually('the swap', () => followed.files.current.serialNumber === serialOf(second));
  t.same(followed.told, ['expired', serialOf(second), 'recovered']);
});

void t.test('says once that the pair in use has expired, and goes on serving it', async (t) => {
  let now = START;
  const { files, told, errors } = await follow(t, first, { now: () => now });
  now = new Date(START.getTime() + 91 * DAY_MS);
  await eventually('the expiry is told', () => told.length > 0);
  t.equal(files.current.serialNumber, serialOf(first));
  t.match(errors[0]?.message ?? '', /tls\.crt must be valid, but expired on/);
  t.equal(files.lastError, errors[0]);
});

void t.test('a pair that the server does not take is told, stays out, and is offered again', async (t) => {
  const directory = t.testdir(inVolume(first));
  const at = { certFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key') };
  const files = await CertificateFiles.open({ ...at, pollMs: 10, settleMs: 10 });
  t.teardown(() => {
    files.close();
  });
  const errors: CertificateFileError[] = [];
  let takes = false;
  files.watch({
    onChange: () => {
      if (!takes) throw new Error('not now');
    },
    onError: (error) => errors.push(error),
  });
  write(at, second);
  await eventually('the refusal', () => errors.length > 0);
  t.equal(files.current.serialNumber, serialOf(first));
  t.same(
    errors.map(({ problem, message }) => [problem, message]),
    [['refused-by-server', `${at.certFile} must be taken by the server, but is refused: not now`]],
  );
  takes = true;
  await eventually('the swap', () => files.current.serialNumber === serialOf(second));
  t.equal(files.lastError, undefined);
});

void t.test('a change between open and watch is not missed', async (t) => {
  const directory = t.testdir(inVolume(first));
  const at = { certFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key') };
  const files = await CertificateFiles.open({ ...at, pollMs: NEVER_MS });
  write(at, second);
  files.watch({ onChange: () => undefined, onError: (error) => t.fail(error.message) });
  t.teardown(() => {
    files.close();
  });
  await eventually('the swap', () => files.current.serialNumber === serialOf(second));
  t.equal(files.current.serialNumber, serialOf(second));
});

void t.test('a link that leads into another directory, where no watch is, is followed by polling', async (t) => {
  const directory = t.testdir({ elsewhere: inVolume(first) });
  for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('elsewhere', name), join(directory, name));
  const files = await CertificateFiles.open({ certFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key'), pollMs: 10 });
  files.watch({ onChange: () => undefined, onError: (error) => t.fail(error.message) });
  t.teardown(() => {
    files.close();
  });
  write({ certFile: join(directory, 'elsewhere', 'tls.crt'), keyFile: join(directory, 'elsewhere', 'tls.key') }, second);
  await eventually('the swap', () => files.current.serialNumber === serialOf(second));
  t.equal(files.current.serialNumber, serialOf(second));
});

void t.test('a directory that cannot be watched is told, and polled', async (t) => {
  const directory = join(t.testdir(), 'certs');
  await writeSecretVolume(directory, inVolume(first));
  const files = await CertificateFiles.open({ certFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key'), pollMs: 10 });
  t.teardown(() => {
    files.close();
  });
  rmSync(directory, { recursive: true });
  const told: string[] = [];
  files.watch({ onChange: () => undefined, onError: ({ problem, message }) => told.push(problem, message) });
  t.same(told, ['not-watched', `${directory} must be watched for changes, but cannot be (ENOENT); it is read every 10 ms instead`]);
  await writeSecretVolume(directory, inVolume(second));
  await eventually('the swap', () => files.current.serialNumber === serialOf(second));
  t.equal(files.lastError, undefined);
});

void t.test('a directory that was removed and made again is followed on', async (t) => {
  const directory = join(t.testdir(), 'certs');
  await writeSecretVolume(directory, inVolume(first));
  const files = await CertificateFiles.open({
    certFile: join(directory, 'tls.crt'),
    keyFile: join(directory, 'tls.key'),
    pollMs: 10,
    settleMs: 10,
  });
  const told: string[] = [];
  files.watch({ onChange: () => undefined, onError: ({ problem }) => told.push(problem) });
  t.teardown(() => {
    files.close();
  });
  rmSync(directory, { recursive: true });
  await eventually('the failure', () => told.length > 0);
  await writeSecretVolume(directory, inVolume(second));
  await eventually('the swap', () => files.current.serialNumber === serialOf(second));
  t.same(told, ['missing']);
});

void t.test('tells nothing after it was closed, and cannot be watched again', async (t) => {
  const followed = await follow(t);
  followed.files.close();
  write(followed, second);
  await lookedAtBeside(followed);
  t.same(followed.told, []);
  t.equal(followed.files.current.serialNumber, serialOf(first));
  t.throws(() => {
    followed.files.watch({ onChange: () => undefined, onError: () => undefined });
  }, /once, and not after close/);
});

void t.test('keeps no process alive, and loads nothing that makes certificates', (t) => {
  const directory = t.testdir(inVolume(first));
  const program = `
    import { createRequire } from 'node:module';
    import { CertificateFiles } from ${JSON.stringify(new URL('../../src/server/certificates.ts', import.meta.url).href)};
    const files = await CertificateFiles.open({ certFile: 'tls.crt', keyFile: 'tls.key', pollMs: 1 });
    files.watch({ onChange() {}, onError(error) { throw error; } });
    const loaded = Object.keys(createRequire(process.cwd() + '/').cache).filter((file) => file.includes('@peculiar'));
    console.log(files.current.serialNumber, loaded.length, 'getMetadata' in Reflect);`;
  const { stdout, stderr, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: directory,
    encoding: 'utf8',
    timeout: 60_000,
  });
  t.same([stdout, signal], [`${serialOf(first)} 0 false\n`, null], stderr);
  t.end();
});
