import fc from '../../fast-check.ts';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { parseShell } from '../../../src/core/process/shell-parser.ts';
import { runs } from '../../long-tests.ts';
import { printed } from './printed-script.ts';

void t.test('statements, lists and pipes', (t) => {
  t.equal(printed('a; b && c || d | e & f\ng'), 'a; b && c || d | e &; f / g');
  t.equal(printed('a;b&&c||d|e&f'), 'a; b && c || d | e &; f');
  t.equal(printed('a &&\n\n b |\n c'), 'a && b | c');
  t.equal(printed('a |& b'), 'a | b');
  t.equal(printed('! a; time -p b; ! { c; }'), '! a; time b; ! group(c)');
  t.equal(printed('\n\n a \n # c\n b # d\n'), 'a / b');
  t.equal(printed(''), '');
  t.end();
});

void t.test('bash takes lists behind what declares variables', (t) => {
  t.equal(printed('declare -a A=(b "c d"\n e) F=g; h'), 'declare -a A=${A[@]} F=g; h');
  t.equal(printed('local A+=(b)'), 'local A=${A[@]}');
  t.match(printed('echo A=(b)'), /^! /);
  t.match(printed('declare A=(b)', 'posix'), /^! /);
  t.end();
});

void t.test('what follows the last command is told', (t) => {
  for (const text of ['a', ' a ', 'a;', 'a # b']) t.equal(parseShell(text).afterLast, 'nothing', text);
  for (const text of ['a\n', 'b\na\n']) t.equal(parseShell(text).afterLast, 'line break', text);
  for (const text of ['a\n\n', 'a\n ', 'a\n# b', 'a\n# b\n']) t.equal(parseShell(text).afterLast, 'more', text);
  t.end();
});

const BROKEN = [
  'if a; then b',
  'a | | b',
  '( a',
  'a & ; b',
  'a && ; b',
  'a; fi',
  'case x in a) b',
  '"abc',
  "'abc",
  '$(a',
  '`a',
  'a &&',
  'for do done',
  '{ a',
  'a;;b',
  ') a',
  'a (b)',
  'a >',
  '${a',
  'while a; do done',
  'f() ',
  '$((1',
  'function',
  '[[ a',
];

void t.test('what no shell reads is a problem, said in words', (t) => {
  for (const text of BROKEN) t.match(parseShell(text).problem, /\w+ \w+/, text);
  t.end();
});

void t.test('nesting beyond reason is a problem of the script and none of the stack', (t) => {
  const depth = 100_000;
  for (const open of ['(', '{ ', '$(', '"$(', '${a:-', 'if ', 'while ', '`', '((', '$((', 'a[', '<(', 'case x in x) ', 'f() ', '! '])
    t.doesNotThrow(() => parseShell(open.repeat(depth)), open);
  t.match(parseShell('( '.repeat(depth) + 'a' + ')'.repeat(depth)).problem, /nested too deeply|missing/);
  t.end();
});

const PIECES = [
  ...[
    'a',
    'b c',
    "'x'",
    '"y $z"',
    '$(',
    ')',
    '(',
    '{ ',
    '}',
    ';',
    '&',
    '&&',
    '||',
    '|',
    '\n',
    ' ',
    '>',
    '<<X\n',
    'X\n',
    '`',
    '\\',
    '#',
    '$((',
    '))',
    '${',
    '}',
  ],
  ...[
    'if ',
    'then ',
    'else ',
    'fi',
    'while ',
    'do ',
    'done',
    'for i in ',
    'case x in ',
    'esac',
    ';;',
    'f() ',
    '[[ ',
    ' ]]',
    'A=',
    '=(',
    '🙂',
    '\u0000',
  ],
];

void t.test('no text makes it throw, and none is read for longer than it is', (t) => {
  const scripts = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(scripts, (text) => {
      const { lines } = parseShell(text);
      assert.ok(lines.length <= text.length + 1);
    }),
    { numRuns: runs(5000) },
  );
  t.end();
});

/** Whether bash itself reads it. */
function isReadByBash(text: string): boolean {
  return spawnSync('bash', ['--norc', '-n', '-c', text]).status === 0;
}

void t.test(
  'bash reads the same scripts',
  { skip: spawnSync('bash', ['--norc', '-c', ':']).status === 0 ? false : 'there is no bash' },
  (t) => {
    const pieces = PIECES.filter((piece) => !['\u0000', 'f() ', '<<X\n', '[[ ', ' ]]', '=(', 'A=', '${', '$((', '))'].includes(piece));
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        // What is too deep for us, and what bash says only as it runs, cannot be compared: it reads what backquotes hold when it gets there.
        if (parseShell(text).problem === undefined) assert.ok(isReadByBash(text), `only we read ${JSON.stringify(text)}`);
        else if (!text.includes('`')) assert.ok(!isReadByBash(text), `bash reads ${JSON.stringify(text)}: ${parseShell(text).problem}`);
      }),
      { numRuns: runs(1500) },
    );
    t.end();
  },
);
