import t from 'tap';
import { quotedLine } from '../../../../src/cli/reporters/text/quoted-line.ts';

function quoted(quote: string, column: number, endColumn: number, endLine = 7): string[] {
  return quotedLine({ line: 7, column, endLine, endColumn, quote }, 'red', 2).map((line) => line.render(false));
}

void t.test('carets stand under the field', (t) => {
  t.same(quoted('  image: web:1  # old', 3, 15), ['  7 |   image: web:1  # old', '    |   ^^^^^^^^^^^^']);
  t.end();
});

void t.test('of a field over several lines the first is marked to its end', (t) => {
  t.same(quoted('  args: [a,  ', 3, 5, 9), ['  7 |   args: [a,', '    |   ^^^^^^^^^']);
  t.end();
});

void t.test('tabs do not move the carets', (t) => {
  t.same(quoted('\t{"a":\t1}', 3, 8), ['  7 |  {"a": 1}', '    |   ^^^^^']);
  t.end();
});

void t.test('carets stand under the field on a terminal, where characters take two columns or none', (t) => {
  const marked = (before: string, field: string): unknown => {
    const [, carets = ''] = quoted(`${before}${field}`, before.length + 1, before.length + field.length + 1);
    return [carets.indexOf('^') - '    | '.length, carets.trimEnd().length - carets.indexOf('^')];
  };
  t.same(marked('# 日本語: ', 'image'), [10, 5]);
  t.same(marked('한 ', 'かカ。'), [3, 6]);
  t.same(marked('😀 ', '日a'), [3, 3], 'two code units, and two columns');
  t.same(marked('ｶﾅ ', 'image'), [3, 5], 'half as wide');
  t.same(marked('cafe\u0301 ', 'image'), [5, 5], 'an accent of its own stands over its letter');
  t.same(marked('é→ ', 'ü'), [3, 1]);
  t.same(marked('a\u202eb ', 'image'), [9, 5], 'what is spelled out, as it is spelled');
  t.end();
});

void t.test('of a long line the part around the field is shown', (t) => {
  const line = `${'a'.repeat(500)}FIELD${'b'.repeat(500)}`;
  const [shown = '', carets = ''] = quoted(line, 501, 506);
  t.match(shown, /^ {2}7 \| …a{40}FIELDb+…$/);
  t.equal(carets.indexOf('^'), shown.indexOf('FIELD'));
  t.equal(carets.trimStart().slice(1).trim(), '^^^^^');
  const [atEnd = '', caretsAtEnd = ''] = quoted('c'.repeat(300), 299, 301);
  t.equal(caretsAtEnd.length, atEnd.length, 'at the end of the line');
  t.end();
});
