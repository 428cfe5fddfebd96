import t from 'tap';
import { quotedPlace } from '../../../src/cli/reporters/quoted-place.ts';

/** @param rule that finds what stands between the first and the last `|` of a line */
function quoted(line: string, rule = 'no-secret-in-env'): { readonly quote: string; readonly marked: string } {
  const [before = '', field = '', after = ''] = line.split('|');
  const place = {
    line: 7,
    column: before.length + 1,
    endLine: 7,
    endColumn: before.length + field.length + 1,
    quote: `${before}${field}${after}`,
  };
  const { column, endColumn, quote } = quotedPlace({ rule, place }, [{ rule, place }]);
  return { quote, marked: quote.slice(column - 1, endColumn - 1) };
}

void t.test('of a credential the key alone is quoted, and where it stands', (t) => {
  t.same(quoted('      |value: hunter2|'), { quote: '      value: …', marked: 'value: …' });
  t.same(quoted('    - |value: "hunter2"| # old: hunter1'), { quote: '    - value: …', marked: 'value: …' });
  t.same(quoted('env: [{ name: A, |value: one| }, { name: B, value: two }]'), { quote: '                …value: …', marked: 'value: …' });
  t.same(quoted('  {"name": "A", |"value": "one"|}'), { quote: '               …"value": …', marked: '"value": …' });
  t.same(quoted('    |value: "begins here|'), { quote: '    value: …', marked: 'value: …' });
  t.same(quoted('  - |hunter2|'), { quote: '  - …', marked: '…' });
  t.end();
});

void t.test('the line of any other finding is quoted as it is', (t) => {
  t.same(quoted('  |image: web|  # old', 'image-reference'), { quote: '  image: web  # old', marked: 'image: web' });
  t.end();
});

void t.test('what was rendered is quoted in place of the template', (t) => {
  const rendered = { line: 9, column: 3, endLine: 9, endColumn: 17, quote: '  value: hunter2', isAroundKnown: true };
  const place = { line: 2, column: 1, endLine: 2, endColumn: 4, quote: 'env:', rendered };
  const [credential, other] = ['no-secret-in-env', 'memory-limit'].map((rule) => ({ rule, place }));
  if (credential === undefined || other === undefined) throw new Error('must be there');
  t.match(quotedPlace(credential, [credential]), { line: 9, quote: '  value: …' });
  t.match(quotedPlace(other, [other]), { line: 9, quote: '  value: hunter2' });
  t.end();
});

void t.test('another finding in the line of a credential shows no more of it', (t) => {
  const quote = 'env: [{ name: A, value: one }, { name: B, value: two }]';
  const credential = { rule: 'no-secret-in-env', place: { line: 3, column: 18, endLine: 3, endColumn: 28, quote } };
  const other = { rule: 'log-volume', place: { line: 3, column: 43, endLine: 3, endColumn: 53, quote } };
  t.equal(quotedPlace(other, [other, credential]).quote.trim(), '…value: …');
  t.equal(quotedPlace(other, [other]).quote, quote);
  t.end();
});
