import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { followFiles, type FollowedFiles } from '../../src/files/followed-files.ts';
import { eventually } from './eventually.ts';

const NEVER_MS = 3_600_000;

interface Looks {
  /** How many have begun, and how many go on. */
  begun: number;
  underWay: number;
  mostUnderWay: number;
  /** Ends the look that goes on. */
  end: () => void;
  readonly followed: FollowedFiles;
  readonly file: string;
}

function slowLooks(t: Test): Looks {
  const file = join(t.testdir({ file: '' }), 'file');
  const state = { begun: 0, underWay: 0, mostUnderWay: 0, end: (): void => undefined };
  const look = async (): Promise<void> => {
    state.begun += 1;
    state.underWay += 1;
    state.mostUnderWay = Math.max(state.mostUnderWay, state.underWay);
    await new Promise<void>((resolve) => (state.end = resolve));
    state.underWay -= 1;
  };
  const followed = followFiles([file], NEVER_MS, look, () => undefined);
  t.teardown(followed.close);
  return Object.assign(state, { followed, file });
}

void t.test('it looks at once, and once more for all that happens during a look', async (t) => {
  const looks = slowLooks(t);
  t.equal(looks.begun, 1);
  for (let times = 0; times < 10; times++) looks.followed.wake();
  looks.end();
  await eventually('the look after it', () => looks.begun === 2);
  looks.end();
  writeFileSync(looks.file, 'new');
  await eventually('the look after a change', () => looks.begun >= 3);
  t.equal(looks.mostUnderWay, 1, 'never two at a time');
});

void t.test('no look begins after it was closed', async (t) => {
  const looks = slowLooks(t);
  looks.followed.wake();
  looks.followed.close();
  looks.end();
  await eventually('the end of the look', () => looks.underWay === 0);
  writeFileSync(looks.file, 'new');
  const other = slowLooks(t);
  other.end();
  writeFileSync(other.file, 'new');
  await eventually('a look of another one', () => other.begun >= 2);
  t.equal(looks.begun, 1);
});
