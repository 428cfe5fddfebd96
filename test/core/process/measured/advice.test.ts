/** What the messages of `init-process` advise, followed by hand: the server hears of the stop signal. */
import { join } from 'node:path';
import t from 'tap';
import { stopVerdictOf } from '../../../../src/core/process/pid-one.ts';
import initProcess from '../../../../src/rules/init-process.ts';
import { BOUNDED_WAIT_MS, measure, reasonNotToMeasure, writeServer } from './pid-one.ts';

/** The trap that a message advises, as it writes it. */
function trapOf(message: string): string {
  const { fix = '' } = initProcess.meta.messages[message] ?? {};
  const [action] = /trap "" TERM; [^'`]*exit/.exec(fix) ?? [];
  if (action === undefined) throw new Error(`${message} advises no trap`);
  return `trap '${action}' TERM; `;
}

const STAYS = trapOf('shellStays');
const LATE = trapOf('lateTrap');
const GOES_ON = trapOf('trapGoesOn');
const BESIDE = trapOf('ignoresSignals');
const UNTOLD = trapOf('untold');

const FOLLOWED: readonly (readonly [found: string, followed: string])[] = [
  ['SERVER; true', 'exec SERVER; true'],
  ['if true; then SERVER; fi; true', 'if true; then exec SERVER; fi; true'],
  ['SERVER | cat', `${STAYS}SERVER | cat & wait`],
  ['while true; do SERVER; sleep 1; done', `${STAYS}while true; do SERVER & wait; sleep 1; done`],
  ['for i in 1 2; do SERVER; done', `${STAYS}for i in 1 2; do SERVER & wait; done`],
  ['{ SERVER; echo; } | cat', `${STAYS}{ exec SERVER; echo; } | cat & wait`],
  ['(cd /; SERVER; true)', `${STAYS}(cd /; exec SERVER; true) & wait`],
  ["trap 'exit 0' TERM; (SERVER; true)", `${LATE}(exec SERVER; true) & wait`],
  ['SERVER & tail -f /dev/null', `${BESIDE}SERVER & wait`],
  ['SERVER & exec sleep 60', `${BESIDE}SERVER & wait`],
  ['SERVER & wait', `${STAYS}SERVER & wait`],
  ['SERVER & SERVER & wait', `${STAYS}SERVER & SERVER & wait`],
  ["trap 'exit 0' TERM; SERVER", `${LATE}SERVER & wait`],
  ["trap 'echo x' TERM; while true; do SERVER & wait; done", `${GOES_ON}while true; do SERVER & wait; done`],
  ["trap '' TERM; SERVER; true", `${GOES_ON}SERVER & wait; true`],
];

/** The shell ends at once, and the server with it. */
const UNTOLD_FOLLOWED: readonly (readonly [found: string, followed: string])[] = [
  ["trap 'exit 0' TERM; SERVER & wait", `${UNTOLD}SERVER & wait`],
  ["trap 'echo bye; exit' TERM INT; SERVER & SERVER & wait", `${UNTOLD}SERVER & SERVER & wait`],
  ['stop() { echo bye; exit 0; }; trap stop TERM; SERVER | cat & wait $!', `${UNTOLD}SERVER | cat & wait $!`],
];

const reason = reasonNotToMeasure();

void t.test('a server that was not told is told once the advice is followed', { skip: reason ?? false }, async (t) => {
  const folder = t.testdir({});
  const server = writeServer(folder);
  const run = (script: string, log: string): ReturnType<typeof measure> =>
    measure(['sh', '-c', script.replaceAll('SERVER', server)], join(folder, log), undefined, BOUNDED_WAIT_MS);
  await Promise.all(
    [...FOLLOWED, ...UNTOLD_FOLLOWED].map(async ([found, followed], index) => {
      t.match(await run(found, `${index}-found.log`), { started: true, heard: false, ended: index >= FOLLOWED.length }, found);
      t.equal(stopVerdictOf(['sh', '-c', followed.replaceAll('SERVER', server)], null).fate, 'ends', `the model follows: ${followed}`);
      t.match(await run(followed, `${index}-followed.log`), { started: true, heard: true, ended: true }, followed);
    }),
  );
});
