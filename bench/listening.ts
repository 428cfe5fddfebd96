/** Waiting for a server that was just started. */
import type { ChildProcess } from 'node:child_process';
import { connect } from 'node:net';

const INTERVAL_MS = 50;

/** @throws where the server ends instead */
export async function untilListening(server: ChildProcess, port: number): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`${server.spawnargs.join(' ')} ended with ${server.exitCode}`);
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      }).on('error', () => {
        resolve(false);
      });
    });
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}
