import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import fc from '../fast-check.ts';
import { runs } from '../long-tests.ts';
import { TextOutput } from '../../src/cli/output/text-output.ts';
import { writeDiff } from '../../src/cli/reporters/text/diff.ts';
import { hunksOf, type Hunk } from '../../src/offline/text-diff.ts';
import { applyEdits, type TextEdit } from '../../src/yaml/edit/edits.ts';

void t.test('the old lines of hunks are those of the text, and their new lines make the edited one', (t) => {
  fc.assert(
    fc.property(anyText(), anyEdits(), (text, picks) => {
      const edits = editsIn(text, picks);
      const hunks = hunksOf(text, edits);
      return applied(text, hunks) === applyEdits(text, edits);
    }),
    { numRuns: runs(3000) },
  );
  t.end();
});

void t.test(
  'patch makes of a file what podgrace would have written',
  { skip: spawnSync('patch', ['--version']).status !== 0 && 'needs patch' },
  (t) => {
    const folder = t.testdir({});
    const file = join(folder, 'a.yaml');
    for (const text of ['a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n', 'a\r\nb\r\n', 'a', 'a\nb']) {
      const edits: TextEdit[] = [
        { start: 1, end: 1, text: '\nnew' },
        { start: text.length, end: text.length, text: '\nlast' },
      ];
      writeFileSync(file, text);
      const printed: string[] = [];
      writeDiff({ file: 'a.yaml', before: text, edits }, new TextOutput({ write: (part) => printed.push(part) }, false));
      const { status, stderr, stdout } = spawnSync('patch', ['--binary', '-p1', 'a.yaml'], {
        cwd: folder,
        input: printed.join(''),
        encoding: 'utf8',
      });
      t.equal(status, 0, `${stdout}${stderr}`);
      t.equal(readFileSync(file, 'utf8'), applyEdits(text, edits));
    }
    t.end();
  },
);

void t.test('on a terminal a diff is coloured, and what the file holds is not obeyed', (t) => {
  const printed: string[] = [];
  const out = new TextOutput({ write: (part) => printed.push(part), isTTY: true }, true);
  writeDiff({ file: 'a.yaml', before: 'a: "\u001b[2J"\n', edits: [{ start: 9, end: 9, text: '\nb: 1' }] }, out);
  t.equal(
    printed.join(''),
    '\u001b[1m--- a/a.yaml\u001b[22m\n\u001b[1m+++ b/a.yaml\u001b[22m\n\u001b[36m@@ -1 +1,2 @@\u001b[39m\n a: "\\u001b[2J"\n\u001b[32m+b: 1\u001b[39m\n',
  );
  t.end();
});

function applied(text: string, hunks: readonly Hunk[]): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const result: string[] = [];
  let at = 0;
  for (const { oldStart, oldCount, lines: marked } of hunks) {
    const start = oldCount === 0 ? oldStart : oldStart - 1;
    result.push(...lines.slice(at, start));
    at = start;
    for (const { mark, text: line } of marked) {
      if (mark !== '+' && lines[at++] !== line) throw new Error(`line ${at} is another`);
      if (mark !== '-') result.push(line);
    }
  }
  return [...result, ...lines.slice(at)].join('');
}

function anyText(): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom('a', 'b', '\n', '\n', '\r\n'), { maxLength: 60 }).map((parts) => parts.join(''));
}

function anyEdits(): fc.Arbitrary<readonly (readonly [number, number, string])[]> {
  return fc.array(fc.tuple(fc.nat(70), fc.nat(4), fc.constantFrom('', 'x', '\nx', 'x\n', 'x\ny')), { maxLength: 5 });
}

/** Those that do not overlap. */
function editsIn(text: string, picks: readonly (readonly [number, number, string])[]): TextEdit[] {
  const edits: TextEdit[] = [];
  let from = 0;
  for (const [gap, length, inserted] of picks) {
    const start = from + (gap % 9);
    if (start > text.length) break;
    const end = Math.min(start + length, text.length);
    edits.push({ start, end, text: inserted });
    from = end + 1;
  }
  return edits;
}
