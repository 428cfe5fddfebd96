import t from 'tap';
import { isColoured } from '../../../src/cli/output/text.ts';
import { Progress, TransientLine } from '../../../src/cli/output/transient-line.ts';
import { TextOutput } from '../../../src/cli/output/text-output.ts';
import { podgrace } from '../command-line.ts';
import { Recorded } from '../recorded-output.ts';

const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web:1}]}\n';
const ESCAPE = '\u001b[';
const ERASE_LINE = `\r${ESCAPE}K`;

void t.test('colours are for a terminal, unless the environment says otherwise', (t) => {
  for (const [isTTY, env, expected] of [
    [true, {}, true],
    [false, {}, false],
    [undefined, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { FORCE_COLOR: 'false' }, false],
  ] as const)
    t.equal(isColoured(isTTY, env), expected, JSON.stringify([isTTY, env]));
  t.end();
});

void t.test('a report is coloured on a terminal, and the same text without colours elsewhere', async (t) => {
  const plain = await podgrace(['check', '-'], { stdin: POD });
  const coloured = await podgrace(['check', '-'], { stdin: POD, isTTY: true });
  t.notOk(plain.stdout.includes(ESCAPE));
  t.ok(coloured.stdout.includes(`${ESCAPE}31mdenied${ESCAPE}39m`));
  // eslint-disable-next-line no-control-regex
  t.equal(coloured.stdout.replaceAll(/\u001b\[\d+m/g, ''), plain.stdout);
  t.notOk((await podgrace(['check', '-o', 'json', '-'], { stdin: POD, isTTY: true })).stdout.includes(ESCAPE));
});

/** Works for as long as a line takes to show. */
function workLong(progress: Progress): void {
  for (const end = performance.now() + 150; performance.now() < end;) progress.step();
}

void t.test('long work says how far it is, and leaves nothing behind', (t) => {
  const terminal = new Recorded(true);
  const progress = new Progress(new TransientLine(terminal), 'objects');
  workLong(progress);
  t.ok(terminal.text.startsWith(ERASE_LINE));
  t.match(terminal.text.slice(ERASE_LINE.length), /^[\d,]+ objects …/);
  progress.done();
  t.ok(terminal.text.endsWith(ERASE_LINE));
  t.end();
});

void t.test('what was counted first is told first', (t) => {
  const terminal = new Recorded(true);
  const progress = new Progress(new TransientLine(terminal), 'objects');
  progress.step('files looked at');
  workLong(progress);
  t.match(terminal.text.slice(ERASE_LINE.length), /^1 files looked at, [\d,]+ objects …/);
  t.end();
});

void t.test('short work, and work that nobody looks at, says nothing', (t) => {
  const terminal = new Recorded(true);
  const short = new Progress(new TransientLine(terminal), 'objects');
  short.step();
  short.done();
  t.equal(terminal.text, '');
  const file = new Recorded();
  const long = new Progress(new TransientLine(file), 'objects');
  workLong(long);
  long.done();
  t.equal(file.text, '');
  t.end();
});

void t.test('a report on the same terminal has its lines for itself; one in a file knows nothing of them', (t) => {
  const terminal = new Recorded(true);
  const transient = new TransientLine(terminal);
  const file = new Recorded();
  workLong(new Progress(transient, 'objects'));
  new TextOutput(file, false, transient).line('to a file');
  t.equal(file.text, 'to a file\n');
  const report = new TextOutput(terminal, false, transient);
  report.line('a line');
  report.line('another');
  t.ok(terminal.text.endsWith(` objects …${ERASE_LINE}a line\nanother\n`));
  t.end();
});
