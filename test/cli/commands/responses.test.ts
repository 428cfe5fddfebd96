import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openResponses } from '../../../src/cli/commands/replay/responses.ts';
import { Recorded } from '../recorded-output.ts';

const NOWHERE = new Recorded().output;

void t.test('answers come one a line, in order, however many there are', async (t) => {
  const file = join(t.testdir({}), 'answers');
  const responses = await openResponses(file, [], NOWHERE);
  const answers = Array.from({ length: 3000 }, (_, index) => ({ index, text: 'x'.repeat(100) }));
  for (const answer of answers) await responses.write(answer);
  await responses.end();
  const lines = readFileSync(file, 'utf8').split('\n');
  t.equal(lines.pop(), '');
  t.same(
    lines.map((line) => JSON.parse(line) as object),
    answers,
  );
});

void t.test(
  'a file that cannot be written on ends the work, at the latest at its end',
  { skip: !existsSync('/dev/full') && 'needs /dev/full' },
  async (t) => {
    const expected = { name: 'UsageError', message: '--responses: /dev/full cannot be written: no space left on device' };
    const many = await openResponses('/dev/full', [], NOWHERE);
    await t.rejects(async () => {
      for (;;) await many.write({ text: 'x'.repeat(100_000) });
    }, expected);
    await t.rejects(many.write({ text: 'x'.repeat(100_000) }), expected, 'and stays so');
    await t.rejects(many.end(), expected);
    const one = await openResponses('/dev/full', [], NOWHERE);
    await one.write({});
    await t.rejects(one.end(), expected);
  },
);
