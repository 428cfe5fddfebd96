import t from 'tap';
import { waitFor, WaitTimeoutError } from '../../../src/cli/cluster/waiting.ts';
import { Recorded } from '../recorded-output.ts';

void t.test('it looks until the thing is there, and says on a terminal what for', async (t) => {
  const looks = [{ waiting: '1 of 3\nmore' }, { done: 'all' }];
  const stderr = new Recorded(true);
  const found = await waitFor('the replicas', () => Promise.resolve(looks.shift() ?? { done: 'none' }), {
    ...stderr.terminal,
    deadlineMs: Infinity,
  });
  t.equal(found, 'all');
  const erase = '\r\u001b[K';
  t.ok(stderr.text.startsWith(`${erase}waiting for the replicas: 1 of 3 (`), stderr.text);
  t.ok(stderr.text.endsWith(erase), 'one line, gone afterwards');
});

void t.test('in a log each state is a line, written once', async (t) => {
  const looks = [{ waiting: 'x\nmore' }, { waiting: 'x\nother' }, { waiting: 'y' }, { done: 1 }];
  const stderr = new Recorded();
  await waitFor('it', () => Promise.resolve(looks.shift() ?? { done: 2 }), { ...stderr.terminal, deadlineMs: Infinity });
  t.equal(stderr.text, 'waiting for it: x\nwaiting for it: y\n');
});

void t.test('what is there at once is not waited for', async (t) => {
  const stderr = new Recorded();
  await waitFor('it', () => Promise.resolve({ done: 1 }), { ...stderr.terminal, deadlineMs: Infinity });
  t.equal(stderr.text, '');
});

void t.test('past its time it says where it stood; what fails is passed on', async (t) => {
  const stderr = new Recorded();
  const error = await waitFor('it', () => Promise.resolve({ waiting: 'half\n  way' }), { ...stderr.terminal, deadlineMs: 0 }).catch(
    (error: unknown) => error,
  );
  t.ok(error instanceof WaitTimeoutError);
  t.match(error, { message: 'timed out waiting for it: half\n  way' });
  await t.rejects(
    waitFor('it', () => Promise.reject(new Error('broken')), { ...stderr.terminal, deadlineMs: Infinity }),
    { message: 'broken' },
  );
});
