/** The swap where it counts: on a TLS server, under load, as the kubelet does it. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { createAuthority, issueServingPair } from '../../src/pki/authority.ts';
import type { PemPair } from '../../src/pki/pem.ts';
import { parseServingPair } from '../../src/pki/serving-pair.ts';
import { CertificateFiles } from '../../src/server/certificates.ts';
import { eventually } from '../files/eventually.ts';
import { writeSecretVolume } from '../files/secret-volume.ts';
import { runs } from '../long-tests.ts';

/** Swaps that are waited for, and after them some that are not. */
const SWAPS = runs(100, 8);
const MORE_SWAPS = runs(20, 4);

const NEVER_MS = 3_600_000;
const NAME = 'podgrace.lifecycle.svc';
const now = new Date();

const authority = await createAuthority({ commonName: 'authority', validDays: 365, now });
const issue = (): Promise<PemPair> => issueServingPair(authority, { dnsNames: [NAME], validDays: 90, now });
const serialOf = ({ certPem, keyPem }: PemPair): string => parseServingPair(certPem, keyPem).serialNumber;
const inVolume = ({ certPem, keyPem }: PemPair): Record<string, string> => ({ 'tls.crt': certPem, 'tls.key': keyPem });

void t.test('swaps of a Secret volume under load: no handshake fails, each new pair is served, open connections stay', async (t) => {
  const directory = t.testdir();
  const first = await issue();
  const pairs = await Promise.all(Array.from({ length: SWAPS + MORE_SWAPS }, () => issue()));
  await writeSecretVolume(directory, inVolume(first));
  // No polling: the watch alone has to see every swap.
  const files = await CertificateFiles.open({
    certFile: join(directory, 'tls.crt'),
    keyFile: join(directory, 'tls.key'),
    pollMs: NEVER_MS,
  });
  const server = await listen(t, files.current);
  const errors: Error[] = [];
  files.watch({
    onChange: ({ certPem, keyPem }) => {
      server.setSecureContext({ cert: certPem, key: keyPem, minVersion: 'TLSv1.2' });
    },
    onError: (error) => errors.push(error),
  });
  t.teardown(() => {
    files.close();
  });

  const lasting = await Promise.all(Array.from({ length: 4 }, () => dial(server)));
  const load = putLoadOn(server, 4);
  for (const pair of pairs.slice(0, SWAPS)) {
    await writeSecretVolume(directory, inVolume(pair));
    const serial = serialOf(pair);
    await eventually(`pair ${serial} is taken`, () => files.current.serialNumber === serial);
    const socket = await dial(server);
    t.equal(socket.getPeerCertificate().serialNumber, serial);
    socket.destroy();
  }
  // And without waiting for each: some may be passed over, the last one may not.
  for (const pair of pairs.slice(SWAPS)) await writeSecretVolume(directory, inVolume(pair));
  const newest = serialOf(pairs.at(-1) ?? first);
  await eventually('the newest pair is taken', () => files.current.serialNumber === newest);
  const { handshakes, failures } = await load.stop();
  const socket = await dial(server);
  t.equal(socket.getPeerCertificate().serialNumber, newest);
  socket.destroy();

  t.same(failures, []);
  t.ok(handshakes > SWAPS, `${handshakes} handshakes besides`);
  t.same(errors, []);
  for (const socket of lasting) {
    t.equal(await echo(socket, 'still here'), 'still here');
    t.equal(socket.getPeerCertificate().serialNumber, serialOf(first));
    socket.destroy();
  }
});

async function listen(t: Test, { certPem, keyPem }: PemPair): Promise<Server> {
  const server = createServer({ cert: certPem, key: keyPem, minVersion: 'TLSv1.2' }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return server;
}

/** A full handshake, as kube-apiserver does it: no session is resumed, the server is called by its Service's name. */
async function dial(server: Server): Promise<TLSSocket> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, servername: NAME, ca: authority.certPem });
  await once(socket, 'secureConnect');
  return socket;
}

async function echo(socket: TLSSocket, text: string): Promise<string> {
  socket.write(text);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}

/** Clients that connect, have one word echoed and disconnect, over and over. */
function putLoadOn(server: Server, clients: number): { stop: () => Promise<{ handshakes: number; failures: string[] }> } {
  const result = { handshakes: 0, failures: [] as string[] };
  let stopped = false;
  const client = async (): Promise<void> => {
    while (!stopped) {
      try {
        const socket = await dial(server);
        if ((await echo(socket, 'ping')) !== 'ping') result.failures.push('another answer');
        socket.destroy();
        result.handshakes += 1;
      } catch (error) {
        result.failures.push(String(error));
      }
    }
  };
  const running = Array.from({ length: clients }, client);
  return {
    stop: async () => {
      stopped = true;
      await Promise.all(running);
      return result;
    },
  };
}
