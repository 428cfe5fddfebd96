/** Which versions and cipher suites of TLS the webhook speaks, before and after a new certificate. */
import { connect, type ConnectionOptions } from 'node:tls';
import t from 'tap';
import { POLICY } from './connection.ts';
import { authority, issuePair, startServing } from './serving.ts';

/** @returns the version and the suite that were agreed on, or the code of the error */
function handshake(port: number, options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority.certPem, ...options }, () => {
      resolve(`${String(socket.getProtocol())} ${socket.getCipher().name}`);
      socket.end();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      resolve(String(error.code));
    });
  });
}

const REFUSED = 'ALERT_HANDSHAKE_FAILURE';

const CLIENTS: readonly [client: string, ConnectionOptions, expected: string][] = [
  ['TLS 1.3', {}, 'TLSv1.3 TLS_AES_128_GCM_SHA256'],
  [
    'TLS 1.2 with GCM',
    { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA256' },
    'TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256',
  ],
  ['TLS 1.2 with ChaCha20', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' }, 'TLSv1.2 ECDHE-ECDSA-CHACHA20-POLY1305'],
  [
    'TLS 1.2 with CBC alone',
    { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA' },
    REFUSED,
  ],
  ['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, 'ALERT_PROTOCOL_VERSION'],
];

void t.test('TLS 1.2 and 1.3 with authenticated encryption alone', async (t) => {
  const { server, port } = await startServing(t, { policy: POLICY });
  for (const [client, options, expected] of CLIENTS) t.match(await handshake(port, options), expected, client);
  server.useCertificate(await issuePair());
  for (const [client, options, expected] of CLIENTS)
    t.match(await handshake(port, options), expected, `${client}, after a new certificate`);
});
