import { X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { podgrace, withoutFolder } from '../command-line.ts';

const FILES = ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'];

function certificate(folder: string, name: string): X509Certificate {
  return new X509Certificate(readFileSync(join(folder, name)));
}

void t.test('it makes a CA and a pair for the names that are asked for, and says so', async (t) => {
  const out = join(t.testdir({}), 'new/certs');
  const args = ['--service', 'hook', '--namespace', 'guard', '--dns-name', 'localhost', 'hook.example', '--ip', '127.0.0.1', '::1'];
  const { code, stdout, stderr } = await podgrace(['certs', '--out', out, ...args, '--valid-days', '7', '--ca-valid-days', '70']);
  t.same([code, stderr], [0, '']);
  t.equal(stdout, `${out}: certificates made for hook.guard.svc, localhost, hook.example, 127.0.0.1, ::1\n`);
  t.same(readdirSync(out).sort(), FILES);
  t.equal(statSync(join(out, 'tls.key')).mode & 0o777, 0o600);
  const leaf = certificate(out, 'tls.crt');
  const authority = certificate(out, 'ca.crt');
  t.ok(leaf.verify(authority.publicKey));
  for (const name of ['hook', 'hook.guard', 'hook.guard.svc', 'hook.guard.svc.cluster.local', 'localhost', 'hook.example'])
    t.equal(leaf.checkHost(name), name);
  for (const address of ['127.0.0.1', '::1']) t.equal(leaf.checkIP(address), address);
  const daysBetween = ({ validFrom, validTo }: X509Certificate): number =>
    Math.floor((Date.parse(validTo) - Date.parse(validFrom)) / 86_400_000);
  t.same([daysBetween(leaf), daysBetween(authority)], [7, 70]);
});

void t.test('files that are there are replaced on demand only', async (t) => {
  const out = t.testdir({});
  await podgrace(['certs', '--out', out]);
  const before = certificate(out, 'tls.crt').serialNumber;
  const refused = await podgrace(['certs', '--out', out]);
  t.same([refused.code, refused.stdout], [2, '']);
  t.match(refused.stderr, /^podgrace: --out: \S+ holds ca\.crt, ca\.key, tls\.crt, tls\.key already; .*--overwrite replaces them\n$/);
  t.equal(certificate(out, 'tls.crt').serialNumber, before);
  t.equal((await podgrace(['certs', '--out', out, '--overwrite'])).code, 0);
  t.not(certificate(out, 'tls.crt').serialNumber, before);
});

void t.test('--keep leaves what is good, and says what is not', async (t) => {
  const out = t.testdir({});
  await podgrace(['certs', '--out', out]);
  const before = certificate(out, 'tls.crt').serialNumber;
  const kept = await podgrace(['certs', '--out', out, '--keep']);
  t.same([kept.code, kept.stdout], [0, `${out}: certificates are good for podgrace.podgrace-system.svc\n`]);
  t.equal(certificate(out, 'tls.crt').serialNumber, before);
  const unfit = await podgrace(['certs', '--out', out, '--keep', '--dns-name', 'localhost']);
  t.equal(unfit.code, 2);
  t.match(unfit.stderr, /to be replaced because tls\.crt is not good for localhost/);
  t.equal((await podgrace(['certs', '--out', out, '--keep', '--overwrite', '--dns-name', 'localhost'])).code, 0);
  t.equal(certificate(out, 'tls.crt').checkHost('localhost'), 'localhost');
});

void t.test('a Service may have a name of 63 characters', async (t) => {
  const service = 's'.repeat(63);
  const out = t.testdir({});
  t.equal((await podgrace(['certs', '--out', out, '--service', service])).code, 0);
  t.equal(certificate(out, 'tls.crt').checkHost(`${service}.podgrace-system.svc`), `${service}.podgrace-system.svc`);
});

void t.test('what is wrong is told with its option, and nothing is written', async (t) => {
  const folder = t.testdir({ file: '', half: { 'ca.key': '', 'tls.crt': '', 'tls.key': '' } });
  mkdirSync(join(folder, 'half/ca.crt'));
  const half = join(folder, 'half');
  const out = join(folder, 'out');
  for (const [args, message] of [
    [['--out', out, '--service', 'A b'], "--service must be a DNS label of at most 63 characters, but is 'A b'"],
    [['--out', out, '--namespace', '-a'], "--namespace must be a DNS label of at most 63 characters, but is '-a'"],
    [['--out', out, '--namespace', ''], '--namespace must not be empty'],
    [['--out', out, '--dns-name', 'a b'], "--dns-name must be DNS names in lower case, but one is 'a b'"],
    [['--out', out, '--ip', '1.2.3'], "--ip must be IPv4 or IPv6 addresses, but one is '1.2.3'"],
    [
      ['--out', out, '--valid-days', '0'],
      "option '--valid-days <number>' argument '0' is invalid. --valid-days must be a whole number between 1 and 36500.",
    ],
    [['--out', out, 'more'], "too many arguments for 'certs'. Expected 0 arguments but got 1: more."],
    [['--out', join(folder, 'file')], '--out: file/ca.crt: not a directory'],
    [['--out', half, '--keep'], '--out: half/ca.crt must be a readable file (EISDIR)'],
    [['--out', half, '--overwrite'], '--out: half/ca.crt: it is a folder'],
  ] as const) {
    const { code, stdout, stderr } = await podgrace(['certs', ...args]);
    t.same([code, stdout, withoutFolder(stderr, folder).split('\n')[0]], [2, '', `podgrace: ${message}`]);
  }
  t.same(readdirSync(folder).sort(), ['file', 'half']);
  t.same(readdirSync(half).sort(), FILES, 'nothing is left behind');
});
