import { PassThrough } from 'node:stream';
import t from 'tap';
import { confirm } from '../../../src/cli/cluster/confirmation.ts';
import { Recorded } from '../recorded-output.ts';

interface Asked {
  readonly answer: boolean;
  readonly question: string;
}

async function ask(typed: string): Promise<Asked> {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const recorded = new Recorded();
  stdin.end(typed);
  const answer = await confirm('Go on?', false, { stdin, stderr: recorded.output });
  return { answer, question: recorded.text };
}

void t.test('only a yes is one', async (t) => {
  t.same(await ask('y\n'), { answer: true, question: 'Go on? [y/N] ' });
  for (const typed of ['yes\n', 'Y\n', ' YES \n']) t.equal((await ask(typed)).answer, true, typed);
  for (const typed of ['\n', 'n\n', 'yesterday\n', '', 'no']) t.equal((await ask(typed)).answer, false, typed);
});

void t.test('with --yes nothing is asked, and without a terminal nobody can be', async (t) => {
  const recorded = new Recorded();
  const stderr = recorded.output;
  t.equal(await confirm('Go on?', true, { stdin: new PassThrough(), stderr }), true);
  await t.rejects(confirm('Go on?', false, { stdin: new PassThrough(), stderr }), {
    message:
      'nothing was done: podgrace asks before it makes changes, but there is no terminal; to continue without the question, use --yes',
  });
  t.equal(recorded.text, '');
});
