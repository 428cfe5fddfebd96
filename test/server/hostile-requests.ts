/** What somebody sends who means to hold up the others; each on a connection of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { containerOf, podOf, reviewOf } from '../admission/reviews.ts';
import { REQUEST } from './connection.ts';
import { authority } from './serving.ts';

const HEAD = 'POST /validate?timeout=10s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
const COUNTING = { exec: { command: ['sh', '-c', 'i=0; while [ $i -lt 99999999 ]; do i=$((i+1)); sleep 1; done'] } };
const busy = JSON.stringify(
  reviewOf(podOf({ spec: { containers: [containerOf({ ports: [{ containerPort: 80 }], lifecycle: { preStop: COUNTING } })] } })),
);

const HOSTILE: readonly string[] = [
  REQUEST.repeat(200),
  `${HEAD}transfer-encoding: chunked\r\n\r\n${'1\r\n \r\n'.repeat(10_000)}`,
  `${HEAD}expect: cake\r\ncontent-length: 100000\r\n\r\n${' '.repeat(50_000)}`,
  `${HEAD}content-length: ${Buffer.byteLength(busy)}\r\n\r\n${busy}`,
  `${HEAD}content-length: 1000000\r\n\r\n${'['.repeat(1_000_000)}`,
  `${HEAD}content-length: 1000000\r\n\r\n${' '.repeat(500_000)}`,
  HEAD,
];

const INTERVAL_MS = 20;

/**
 * @param goesOn asked before each connection
 * @param afterAll called whenever each of them was sent
 */
export async function attack(port: number, goesOn: () => boolean, afterAll = (): Promise<void> => Promise.resolve()): Promise<void> {
  for (let turn = 0; goesOn(); turn++) {
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: authority.certPem });
    socket.resume().on('error', () => undefined);
    socket.end(HOSTILE[turn % HOSTILE.length] ?? '');
    await sleep(INTERVAL_MS);
    socket.destroy();
    if (turn % HOSTILE.length === 0) await afterAll();
  }
}
