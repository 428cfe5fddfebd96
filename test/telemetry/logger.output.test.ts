import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';

const FLOODING = fileURLToPath(new URL('flooding-log.ts', import.meta.url));

/** A process that has logged this many lines of nearly 1 KB, and is about to end; nobody has read any of them yet. */
async function flooded(t: Test, lines: number): Promise<ChildProcessByStdio<null, Readable, Readable>> {
  const child = spawn(process.execPath, [FLOODING, String(lines)], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [said] = (await once(child.stderr, 'data')) as [Buffer];
  t.equal(said.toString(), 'ending\n');
  return child;
}

/** More than a pipe, or the socket that Node makes instead, takes without a reader. */
const TOO_MANY = 2_000;

void t.test('a process that ends writes every line, whole and in order, however much waits', async (t) => {
  const child = await flooded(t, TOO_MANY);
  const exited = once(child, 'exit');
  const lines = (await text(child.stdout)).trimEnd().split('\n');
  const numbers = lines.map((line) => (JSON.parse(line) as { number?: number }).number);
  t.same(numbers, [...Array(TOO_MANY).keys(), undefined]);
  t.same(await exited, [1, null]);
});

void t.test('a reader that has stopped does not keep it', async (t) => {
  const child = await flooded(t, TOO_MANY);
  t.same(await once(child, 'exit'), [1, null]);
});

void t.test('a reader that has gone does not keep it', async (t) => {
  const child = await flooded(t, TOO_MANY);
  child.stdout.destroy();
  t.same(await once(child, 'exit'), [1, null]);
});
