/** Waiting for what happens in its own time. The limit only ends a test that would wait for ever; no test measures by it. */
import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 60_000;

/** @throws {Error} that says what did not happen */
export async function eventually(what: string, happened: () => boolean): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!happened()) {
    if (Date.now() > deadline) throw new Error(`did not happen within ${LIMIT_MS / 1000} s: ${what}`);
    await sleep(5);
  }
}
