import fc from '../fast-check.ts';
import t from 'tap';
import { anyNameMatcher, nameMatcher, patternsOverlap } from '../../src/core/glob.ts';
import { runs } from '../long-tests.ts';

void t.test('a name without a star matches itself alone', (t) => {
  const matches = nameMatcher('web');
  t.ok(matches('web'));
  t.notOk(matches('web-anything'));
  t.notOk(matches('my-web'));
  t.end();
});

void t.test('a star matches any run of characters', (t) => {
  t.ok(nameMatcher('team-*')('team-a'));
  t.ok(nameMatcher('team-*')('team-'));
  t.notOk(nameMatcher('team-*')('a-team-b'));
  t.ok(nameMatcher('*/proxyv2:*')('registry.example/istio/proxyv2:1.2'));
  t.ok(nameMatcher('a*b*c')('a-b-b-c'));
  t.notOk(nameMatcher('ab*ba')('aba'), 'head and tail do not share characters');
  t.ok(nameMatcher('*')(''));
  t.end();
});

void t.test('everything else is literal', (t) => {
  t.notOk(nameMatcher('a.c')('abc'));
  t.ok(nameMatcher('(a+)+$')('(a+)+$'));
  t.end();
});

void t.test('it agrees with the regular expression of the same meaning', (t) => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  const subject = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
  fc.assert(
    fc.property(pattern, subject, (text, name) => {
      return nameMatcher(text)(name) === new RegExp(`^${text.replaceAll('*', '.*')}$`).test(name);
    }),
    { numRuns: runs(2000) },
  );
  t.end();
});

void t.test('two patterns overlap where some name matches both', (t) => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 4 });
  // As long as both patterns together: no longer name is needed.
  const names = Array.from({ length: 2 ** 9 }, (_, at) => (at + 1).toString(2).slice(1).replaceAll('0', 'a').replaceAll('1', 'b'));
  fc.assert(
    fc.property(pattern, pattern, (a, b) => {
      return patternsOverlap(a, b) === names.some((name) => nameMatcher(a)(name) && nameMatcher(b)(name));
    }),
    { numRuns: runs(1000) },
  );
  t.end();
});

void t.test('one of several patterns is enough', (t) => {
  const matches = anyNameMatcher(['kube-*', 'shop']);
  t.ok(matches('kube-system'));
  t.ok(matches('shop'));
  t.notOk(matches('shopping'));
  t.end();
});
