/** `--client-ca`: who may call is decided in the handshake. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import t, { type Test } from 'tap';
import { createAuthority } from '../../src/pki/authority.ts';
import type { PemPair } from '../../src/pki/pem.ts';
import { ClientAuthority } from '../../src/server/client-authority.ts';
import { RunningServer } from '../../src/server/running-server.ts';
import { eventually } from '../files/eventually.ts';
import { BODY, POLICY } from './connection.ts';
import { authority, issuePair, pair, post, rememberingPorts } from './serving.ts';

const clients = await createAuthority({ commonName: 'clients', validDays: 30, now: new Date() });
const others = await createAuthority({ commonName: 'others', validDays: 30, now: new Date() });

/** As an administrator would make one for the API server. */
function clientPair(t: Test, { certPem, keyPem }: PemPair): PemPair {
  const folder = t.testdir({ 'ca.crt': certPem, 'ca.key': keyPem, usage: 'extendedKeyUsage=clientAuth\n' });
  const inFolder = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): string => execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const key = openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256');
  writeFileSync(inFolder('key'), key);
  openssl('req', '-new', '-key', inFolder('key'), '-subj', '/CN=kube-apiserver', '-out', inFolder('csr'));
  const signing = ['-CA', inFolder('ca.crt'), '-CAkey', inFolder('ca.key'), '-CAcreateserial', '-days', '1', '-extfile', inFolder('usage')];
  return { certPem: openssl('x509', '-req', '-in', inFolder('csr'), ...signing), keyPem: key };
}

async function startFor(t: Test, clientAuthorityPem: string): Promise<RunningServer> {
  const ports = rememberingPorts(POLICY);
  const server = await RunningServer.start(
    { ...ports, readiness: () => [], metrics: () => Promise.resolve(''), metricsContentType: 'text/plain' },
    pair,
    { host: '127.0.0.1', port: 0, opsPort: 0 },
    { clientAuthorityPem },
  );
  t.teardown(() => server.stop(0));
  return server;
}

async function isServed({ port }: RunningServer, client?: PemPair): Promise<boolean> {
  const agent = new Agent(client && { cert: client.certPem, key: client.keyPem });
  try {
    return (await post(port, '/validate', BODY, { agent })).status === 200;
  } catch {
    return false;
  }
}

void t.test('a client with a certificate of the authority is served, no other is', async (t) => {
  const server = await startFor(t, clients.certPem);
  t.equal(await isServed(server, clientPair(t, clients)), true);
  t.equal(await isServed(server), false, 'none');
  t.equal(await isServed(server, clientPair(t, others)), false, 'of another authority');
  t.equal(await isServed(server, await issuePair()), false, 'of the authority of the server itself');
});

/** Another process, as the API server is: it answers while this one does something else. */
async function reasonOfRefusal(port: number): Promise<string> {
  const client = spawn('openssl', ['s_client', '-tls1_3', '-ign_eof', '-connect', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [texts] = await Promise.all([client.stderr.setEncoding('utf8').toArray(), once(client, 'close')]);
  return /alert [a-z ]+/.exec(texts.join(''))?.[0] ?? texts.join('');
}

void t.test('a client that is refused hears why', async (t) => {
  const { port } = await startFor(t, clients.certPem);
  for (let each = 0; each < 10; each++) t.equal(await reasonOfRefusal(port), 'alert certificate required');
});

void t.test('it is demanded after a new certificate of the server, too', async (t) => {
  const server = await startFor(t, clients.certPem);
  server.useCertificate(await issuePair());
  t.equal(await isServed(server, clientPair(t, clients)), true);
  t.equal(await isServed(server), false);
});

void t.test('an authority that is replaced counts for new connections', async (t) => {
  const server = await startFor(t, clients.certPem);
  server.useClientAuthority(others.certPem);
  t.equal(await isServed(server, clientPair(t, others)), true);
  t.equal(await isServed(server, clientPair(t, clients)), false);
});

void t.test('who is refused learns so in TLS, and nothing is read', async (t) => {
  const server = await startFor(t, clients.certPem);
  const socket = connect({ host: '127.0.0.1', port: server.port, servername: 'localhost', ca: authority.certPem });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  t.match(error.code, /CERTIFICATE_REQUIRED/);
});

void t.test('a file is followed; what is no authority is told of once, and the old one stays', async (t) => {
  const folder = t.testdir({ 'ca.crt': clients.certPem });
  const file = join(folder, 'ca.crt');
  const replace = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  const opened = await ClientAuthority.open(file);
  t.teardown(() => {
    opened.close();
  });
  const changes: string[] = [];
  const refusals: string[] = [];
  opened.watch({
    onChange: (pem) => changes.push(pem),
    onRefused: ({ message }) => refusals.push(message),
    onUnwatched: () => t.fail('watched'),
  });
  replace('nothing');
  await eventually('it is refused', () => refusals.length > 0);
  t.same([refusals, opened.pem], [[`${file} must hold PEM certificates, whole ones`], clients.certPem]);
  replace(clients.certPem + others.certPem);
  await eventually('it is taken', () => changes.length > 0);
  t.equal(opened.pem, clients.certPem + others.certPem);
});

for (const [name, text, message] of [
  ['no certificate', 'x', /must hold PEM certificates, whole ones$/],
  ['half a certificate', clients.certPem.slice(0, 200), /must hold PEM certificates, whole ones$/],
  ['what is no certificate inside', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', /certificate 1 cannot be read: /],
  ['a certificate that is no authority', pair.certPem, /certificate 1 must be that of an authority \(CA:TRUE\)$/],
] as const) {
  void t.test(`${name}: refused, and the file named`, async (t) => {
    const file = join(t.testdir({ 'ca.crt': text }), 'ca.crt');
    await t.rejects(ClientAuthority.open(file), { name: 'ClientAuthorityError', message });
  });
}

void t.test('no file: refused, and named', async (t) => {
  await t.rejects(ClientAuthority.open('/nowhere/ca.crt'), { message: /^\/nowhere\/ca\.crt must be readable: ENOENT/ });
});

void t.test('an authority that the server refuses is told of, and the one before stays', async (t) => {
  const file = join(t.testdir({ 'ca.crt': clients.certPem }), 'ca.crt');
  const opened = await ClientAuthority.open(file);
  t.teardown(() => {
    opened.close();
  });
  const refusals: string[] = [];
  opened.watch({
    onChange: () => {
      throw new Error('no such authority');
    },
    onRefused: ({ message }) => refusals.push(message),
    onUnwatched: () => t.fail('watched'),
  });
  writeFileSync(`${file}.new`, others.certPem);
  renameSync(`${file}.new`, file);
  await eventually('it is refused', () => refusals.length > 0);
  t.same([refusals, opened.pem], [[`${file} is refused by the server: no such authority`], clients.certPem]);
});
