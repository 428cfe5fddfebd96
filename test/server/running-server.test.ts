import { once } from 'node:events';
import { Agent } from 'node:https';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { connect } from 'node:tls';
import t, { type Test } from 'tap';
import type { PemPair } from '../../src/pki/pem.ts';
import { parseServingPair } from '../../src/pki/serving-pair.ts';
import { RunningServer } from '../../src/server/running-server.ts';
import { BODY, dial, exchange, isAnswered, isRefused, POLICY, readToEnd, REQUEST } from './connection.ts';
import { authority, getOps, issuePair, pair, post, rememberingPorts, startServing } from './serving.ts';

void t.test('reviews and probes are answered on ports of their own', async (t) => {
  const { port, opsPort } = await startServing(t, { policy: POLICY });
  t.equal((await post(port, '/validate', BODY)).status, 200);
  t.equal((await getOps(opsPort, '/livez')).status, 200);
  t.equal((await getOps(opsPort, '/readyz')).status, 200);
  t.equal((await getOps(opsPort, '/metrics')).text, 'metrics\n');
  t.equal((await getOps(opsPort, '/validate', 'POST')).status, 404);
  t.equal((await post(port, '/metrics', '', { method: 'GET' })).status, 404);
});

void t.test('readiness is that of the policy, the certificate and the server together; liveness is none of theirs', async (t) => {
  const problems: Record<string, string | undefined> = { policy: undefined, certificate: undefined };
  const { server, opsPort } = await startServing(t, {
    policy: POLICY,
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
  const ports = { ...rememberingPorts(POLICY), readiness: () => [], metrics: () => Promise.resolve(''), metricsContentType: 'text/plain' };
  return RunningServer.start(ports, pair, { host, port, opsPort });
}

void t.test('a port in use is named, and nothing is left listening', async (t) => {
  const taken = await occupy(t);
  const free = await freePort();
  await t.rejects(startOn('127.0.0.1', taken, free), {
    name: 'ListenError',
    address: 'port',
    message: `port ${taken} of 127.0.0.1 is in use`,
  });
  t.ok(await isRefused(free));
  await t.rejects(startOn('127.0.0.1', free, taken), {
    name: 'ListenError',
    address: 'opsPort',
    message: `port ${taken} of 127.0.0.1 is in use`,
  });
  t.ok(await isRefused(free));
});

void t.test('a host that is none of this machine is named', async (t) => {
  await t.rejects(startOn('192.0.2.1', 0, 0), { name: 'ListenError', address: 'host', message: /^192\.0\.2\.1 cannot be listened on: / });
  await t.rejects(startOn('no.such.host.invalid', 0, 0), {
    name: 'ListenError',
    address: 'host',
    message: /^no\.such\.host\.invalid cannot be listened on: /,
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
  const { server, port } = await startServing(t, { policy: POLICY });
  const lasting = await dial(t, port);
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  t.teardown(() => {
    agent.destroy();
  });
  let swapping = true;
  const statuses: number[] = [];
  const client = async (keepAlive: boolean): Promise<void> => {
    while (swapping) statuses.push((await post(port, '/validate', BODY, keepAlive ? { agent } : {})).status);
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

void t.test('a client that closes its side right after the request is answered', async (t) => {
  const { port } = await startServing(t, { policy: POLICY });
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const socket = await dial(t, port);
      const answer = readToEnd(socket);
      socket.end(REQUEST);
      return isAnswered(await answer);
    }),
  );
  t.same(new Set(answers), new Set([true]));
});

void t.test('a new certificate reaches every address that a name stands for', async (t) => {
  const { server, port } = await startServing(t, { policy: POLICY, addresses: { host: 'localhost' } });
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
  const { server, port } = await startServing(t, { policy: POLICY });
  const { certPem } = await issuePair();
  t.throws(() => {
    server.useCertificate({ certPem, keyPem: pair.keyPem });
  });
  t.equal(await servedSerial(t, port), serialOf(pair));
});
