import { once } from 'node:events';
import { Agent } from 'node:https';
import { connect as connectTcp, createServer, type AddressInfo, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { parseServingPair } from '../../src/pki/serving-pair.ts';
import type { PemPair } from '../../src/pki/pem.ts';
import { RunningServer } from '../../src/server/running-server.ts';
import { buildWebhookApp, WEBHOOK_LIMITS } from '../../src/server/webhook.ts';
import { verifyAnswer } from '../admission/contract.ts';
import { latestPod, reviewOf } from '../admission/reviews.ts';
import { eventually } from '../files/eventually.ts';
import { authority, dial, getOps, issuePair, pair, post, readToEnd, rememberingPorts, startServing } from './serving.ts';

const policy = presetPolicy('production');
const review = reviewOf(latestPod());
const body = JSON.stringify(review);
const REQUEST = [
  'POST /validate?timeout=10s HTTP/1.1',
  'host: localhost',
  'content-type: application/json',
  `content-length: ${Buffer.byteLength(body)}`,
  '',
  body,
].join('\r\n');

/** Sends on a connection that stays open, and reads one answer. */
async function exchange(socket: TLSSocket, request = REQUEST): Promise<string> {
  const chunks: Buffer[] = [];
  const collect = (chunk: Buffer): number => chunks.push(chunk);
  socket.on('data', collect);
  socket.write(request);
  await eventually('an answer on the connection', () => socket.destroyed || isWhole(Buffer.concat(chunks).toString('utf8')));
  socket.off('data', collect);
  return Buffer.concat(chunks).toString('utf8');
}

function isWhole(text: string): boolean {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  return length !== undefined && Buffer.byteLength(rest.join('\r\n\r\n')) >= Number(length);
}

function isAnswered(text: string): boolean {
  return text.startsWith('HTTP/1.1 200 ') && !verifyAnswer('validate', review, text.slice(text.indexOf('\r\n\r\n') + 4)).allowed;
}

async function isRefused(port: number): Promise<boolean> {
  const socket = connectTcp(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}

void t.test('reviews and probes are answered on ports of their own', async (t) => {
  const { port, opsPort } = await startServing(t, { policy });
  t.equal((await post(port, '/validate', body)).status, 200);
  t.equal((await getOps(opsPort, '/livez')).status, 200);
  t.equal((await getOps(opsPort, '/readyz')).status, 200);
  t.equal((await getOps(opsPort, '/metrics')).text, 'metrics\n');
  t.equal((await getOps(opsPort, '/validate', 'POST')).status, 404);
  t.equal((await post(port, '/metrics', '', { method: 'GET' })).status, 404);
});

void t.test('readiness is that of the policy, the certificate and the server together; liveness is none of theirs', async (t) => {
  const problems: Record<string, string | undefined> = { policy: undefined, certificate: undefined };
  const { server, opsPort } = await startServing(t, {
    policy,
    readiness: () => Object.entries(problems).map(([name, problem]) => ({ name, problem })),
  });
  const readyz = async (): Promise<string> => (await getOps(opsPort, '/readyz')).text;
  t.equal(await readyz(), '[+] policy\n[+] certificate\n[+] serving\nready\n');
  problems['certificate'] = 'expired';
  t.equal(await readyz(), '[+] policy\n[-] certificate: expired\n[+] serving\nnot ready\n');
  problems['policy'] = 'none';
  t.equal(await readyz(), '[-] policy: none\n[-] certificate: expired\n[+] serving\nnot ready\n');
  t.equal((await getOps(opsPort, '/livez')).status, 200);
  problems['policy'] = problems['certificate'] = undefined;
  t.equal(await readyz(), '[+] policy\n[+] certificate\n[+] serving\nready\n');
  const stopped = server.stop(300);
  t.equal(await readyz(), '[+] policy\n[+] certificate\n[-] serving: stopping\nnot ready\n');
  t.equal((await getOps(opsPort, '/livez')).status, 200);
  await stopped;
});

async function occupy(t: Test): Promise<number> {
  const other: Server = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  return (other.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  other.close();
  await once(other, 'close');
  return port;
}

function startOn(host: string, port: number, opsPort: number): Promise<RunningServer> {
  const ports = { ...rememberingPorts(policy), readiness: () => [], metrics: () => Promise.resolve(''), metricsContentType: 'text/plain' };
  return RunningServer.start(ports, pair, { host, port, opsPort });
}

void t.test('a port in use is named by its flag, and nothing is left listening', async (t) => {
  const taken = await occupy(t);
  const free = await freePort();
  await t.rejects(startOn('127.0.0.1', taken, free), { name: 'ListenError', message: `--port: port ${taken} of 127.0.0.1 is in use` });
  t.ok(await isRefused(free));
  await t.rejects(startOn('127.0.0.1', free, taken), { name: 'ListenError', message: `--ops-port: port ${taken} of 127.0.0.1 is in use` });
  t.ok(await isRefused(free));
});

void t.test('a host that is none of this machine is named by its flag', async (t) => {
  await t.rejects(startOn('192.0.2.1', 0, 0), { name: 'ListenError', message: /^--host: 192\.0\.2\.1 cannot be listened on: / });
  await t.rejects(startOn('no.such.host.invalid', 0, 0), {
    name: 'ListenError',
    message: /^--host: no\.such\.host\.invalid cannot be listened on: /,
  });
});

async function servedSerial(t: Test, port: number, host = '127.0.0.1'): Promise<string> {
  const socket = connect({ host, port, servername: 'localhost', ca: authority.certPem });
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket.getPeerCertificate().serialNumber;
}

const serialOf = ({ certPem, keyPem }: PemPair): string => parseServingPair(certPem, keyPem).serialNumber;

void t.test('a new certificate is served to new connections, open ones keep theirs, and no request fails', async (t) => {
  const { server, port } = await startServing(t, { policy });
  const lasting = await dial(t, port);
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  t.teardown(() => {
    agent.destroy();
  });
  let swapping = true;
  const statuses: number[] = [];
  const client = async (keepAlive: boolean): Promise<void> => {
    while (swapping) statuses.push((await post(port, '/validate', body, keepAlive ? { agent } : {})).status);
  };
  const load = Promise.all([client(true), client(true), client(false)]);
  for (const next of await Promise.all(Array.from({ length: 10 }, issuePair))) {
    server.useCertificate(next);
    t.equal(await servedSerial(t, port), serialOf(next));
    t.ok(isAnswered(await exchange(lasting)));
  }
  swapping = false;
  await load;
  t.ok(statuses.length > 10, `${statuses.length} requests`);
  t.same([...new Set(statuses)], [200]);
  t.equal(lasting.getPeerCertificate().serialNumber, serialOf(pair));
});

void t.test('a new certificate reaches every address that a name stands for', async (t) => {
  const { server, port } = await startServing(t, { policy, addresses: { host: 'localhost' } });
  const next = await issuePair();
  server.useCertificate(next);
  let served = 0;
  for (const host of ['127.0.0.1', '::1']) {
    const serial = await servedSerial(t, port, host).catch(() => undefined);
    if (serial === undefined) continue;
    t.equal(serial, serialOf(next), host);
    served += 1;
  }
  t.ok(served > 0);
});

void t.test('a pair that does not belong together is refused, and the old one stays', async (t) => {
  const { server, port } = await startServing(t, { policy });
  const { certPem } = await issuePair();
  t.throws(() => {
    server.useCertificate({ certPem, keyPem: pair.keyPem });
  });
  t.equal(await servedSerial(t, port), serialOf(pair));
});

/** So short that a test sees them pass; what must not be closed is left open for much longer. */
const SHORT = { headersTimeoutMs: 200, requestTimeoutMs: 400, timeoutCheckIntervalMs: 50 };

void t.test('idle connections are kept for longer than kube-apiserver keeps them', (t) => {
  t.ok(WEBHOOK_LIMITS.keepAliveTimeoutMs > 90_000);
  const app = buildWebhookApp({ ...rememberingPorts(policy), isDraining: () => false }, pair);
  const { keepAliveTimeout, headersTimeout, requestTimeout, maxConnections, timeout } = app.server;
  t.same(
    { keepAliveTimeout, headersTimeout, requestTimeout, maxConnections, timeout },
    { keepAliveTimeout: 120_000, headersTimeout: 10_000, requestTimeout: 20_000, maxConnections: 1_000, timeout: 0 },
  );
  t.end();
});

void t.test('a connection that is idle for longer than headers and requests may take is not closed', async (t) => {
  const { port } = await startServing(t, { policy, limits: SHORT });
  const socket = await dial(t, port);
  for (let round = 0; round < 3; round++) {
    t.ok(isAnswered(await exchange(socket)));
    await sleep(500);
  }
  t.ok(isAnswered(await exchange(socket)));
});

void t.test('a connection that is idle for longer than the keep-alive time is closed', async (t) => {
  const { port } = await startServing(t, { policy, limits: { ...SHORT, keepAliveTimeoutMs: 100 } });
  const socket = await dial(t, port);
  t.ok(isAnswered(await exchange(socket)));
  await readToEnd(socket);
  t.ok(socket.destroyed);
});

void t.test('headers that do not end: 408, and closed', async (t) => {
  const { port } = await startServing(t, { policy, limits: SHORT });
  const socket = await dial(t, port);
  const answer = readToEnd(socket);
  socket.write('POST /validate HTTP/1.1\r\nhost: localhost\r\n');
  const dripping = setInterval(() => socket.write('x-more: y\r\n'), 20);
  t.match(await answer, /^HTTP\/1\.1 408 /);
  clearInterval(dripping);
});

void t.test('a body that does not end: closed', async (t) => {
  const { port } = await startServing(t, { policy, limits: SHORT });
  const socket = await dial(t, port);
  const answer = readToEnd(socket);
  socket.write(REQUEST.slice(0, REQUEST.indexOf('\r\n\r\n') + 4));
  const dripping = setInterval(() => socket.write(' '), 20);
  t.notMatch(await answer, /^HTTP\/1\.1 200 /);
  clearInterval(dripping);
});

void t.test('a connection on which nothing is asked is closed', async (t) => {
  const { port } = await startServing(t, { policy, limits: SHORT });
  const socket = await dial(t, port);
  await readToEnd(socket);
  t.ok(socket.destroyed);
});

void t.test('a connection on which no handshake is made is closed', async (t) => {
  const { port } = await startServing(t, { policy, limits: SHORT });
  const socket = connectTcp(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.resume().on('error', () => undefined);
  await once(socket, 'close');
  t.ok(socket.destroyed);
});

void t.test('one connection too many is closed, and there is room again when another goes', async (t) => {
  const { port } = await startServing(t, { policy, limits: { maxConnections: 2 } });
  const [first, second] = [await dial(t, port), await dial(t, port)];
  const third = connectTcp(port, '127.0.0.1');
  third.resume().on('error', () => undefined);
  await once(third, 'close');
  t.ok(isAnswered(await exchange(second)), 'those that are open are served');
  first.destroy();
  let fourth: TLSSocket | undefined;
  await eventually('a connection is accepted again', () => {
    if (fourth === undefined || fourth.destroyed) {
      fourth = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: authority.certPem });
      fourth.on('error', () => undefined);
    }
    return fourth.authorized;
  });
  t.ok(fourth !== undefined && isAnswered(await exchange(fourth)));
  fourth?.destroy();
});

void t.test('while the server drains, every answer closes its connection, and new connections are answered', async (t) => {
  const { server, port, opsPort } = await startServing(t, { policy });
  const socket = await dial(t, port);
  t.notMatch(await exchange(socket), /connection: close/i);
  const stopped = server.stop(1_000);
  t.equal((await getOps(opsPort, '/readyz')).status, 503);
  const last = readToEnd(socket);
  socket.write(REQUEST);
  const answer = await last;
  t.match(answer, /\r\nconnection: close\r\n/i);
  t.ok(isAnswered(answer));
  for (const path of ['/validate', '/mutate', '/nowhere']) {
    const { status, headers } = await post(port, path, body);
    t.equal(status, path === '/nowhere' ? 404 : 200);
    t.equal(headers.connection, 'close');
  }
  await stopped;
  t.ok(await isRefused(port));
  t.ok(await isRefused(opsPort));
});

void t.test('a request that is under way when the listening ends is finished', async (t) => {
  const { server, port, opsPort } = await startServing(t, { policy });
  const socket = await dial(t, port);
  const half = REQUEST.length - 100;
  socket.write(REQUEST.slice(0, half));
  // Another request on another connection has been answered: this one has surely come.
  await post(port, '/validate', body);
  const stopped = server.stop(0);
  let refused = false;
  await eventually('the listening has ended', () => {
    void isRefused(port).then((now) => (refused ||= now));
    return refused;
  });
  t.equal((await getOps(opsPort, '/readyz')).text, '[-] serving: stopping\nnot ready\n', 'readiness answers to the end');
  const answer = readToEnd(socket);
  socket.write(REQUEST.slice(half));
  t.ok(isAnswered(await answer));
  await stopped;
  t.ok(await isRefused(opsPort));
});

void t.test('a request that never ends is cut off in the end', async (t) => {
  const { server, port } = await startServing(t, { policy, limits: { inFlightTimeoutMs: 100 } });
  const socket = await dial(t, port);
  const answer = readToEnd(socket);
  socket.write(REQUEST.slice(0, -100));
  await post(port, '/validate', body);
  await server.stop(0);
  t.equal(await answer, '');
});

void t.test('connections that are idle, or on which nothing was asked yet, do not hold up the end', async (t) => {
  const { server, port } = await startServing(t, { policy });
  const withoutHandshake = connectTcp(port, '127.0.0.1');
  withoutHandshake.resume().on('error', () => undefined);
  const withoutRequest = await dial(t, port);
  const idle = await dial(t, port);
  await exchange(idle);
  await server.stop(0);
  t.ok(await isRefused(port));
  for (const socket of [withoutHandshake, withoutRequest, idle]) if (!socket.closed) await once(socket, 'close');
});

void t.test('a second stop waits for the first, whatever window it asks for', async (t) => {
  const { server, port } = await startServing(t, { policy });
  const first = server.stop(300);
  const second = server.stop(0);
  t.equal(first, second);
  t.equal((await post(port, '/validate', body)).status, 200);
  await second;
  t.ok(await isRefused(port));
  await server.stop(0);
});
