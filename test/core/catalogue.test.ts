import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { Catalogue } from '../../src/core/catalogue.ts';
import type { Rule } from '../../src/core/rule.ts';
import { makeRule } from './made-up-rule.ts';

function idsOf(rules: readonly Rule[]): string[] {
  return new Catalogue(rules).rules.map(({ meta }) => meta.id);
}

void t.test('rules that build on nothing are sorted by id', (t) => {
  t.same(idsOf([makeRule('b'), makeRule('c'), makeRule('a')]), ['a', 'b', 'c']);
  t.same(idsOf([]), []);
  t.end();
});

void t.test('a rule comes after those whose repairs it builds on, and those after theirs', (t) => {
  const rules = [makeRule('a', { after: ['c'] }), makeRule('b'), makeRule('c', { after: ['d'] }), makeRule('d')];
  t.same(idsOf(rules), ['d', 'c', 'a', 'b']);
  t.end();
});

void t.test('a rule is found by its id', (t) => {
  const rule = makeRule('a');
  const catalogue = new Catalogue([rule, makeRule('b')]);
  t.equal(catalogue.get('a'), rule);
  t.equal(catalogue.get('c'), undefined);
  t.equal(catalogue.get('constructor'), undefined);
  t.end();
});

void t.test('the given list is left as it is', (t) => {
  const rules = [makeRule('b', { after: ['c'] }), makeRule('c'), makeRule('a')];
  new Catalogue(rules);
  t.same(
    rules.map(({ meta }) => meta.id),
    ['b', 'c', 'a'],
  );
  t.end();
});

void t.test('an id that is there twice is refused', (t) => {
  t.throws(() => new Catalogue([makeRule('a'), makeRule('b'), makeRule('a')]), { message: 'two rules have the id a' });
  t.end();
});

void t.test('a rule that does not say which of two findings is worse is refused', (t) => {
  const rule = makeRule('a');
  const silent = { ...rule, meta: { ...rule.meta, docs: { ...rule.meta.docs, worse: ' ' } } };
  t.throws(() => new Catalogue([silent]), { message: 'a does not say which of two findings is worse (meta.docs.worse)' });
  t.end();
});

void t.test('a rule after one that is not there is refused', (t) => {
  t.throws(() => new Catalogue([makeRule('a', { after: ['b'] })]), { message: 'a comes after b, which is no rule' });
  t.end();
});

void t.test('rules that wait for each other are refused, with the circle', (t) => {
  const circle = [makeRule('a', { after: ['b'] }), makeRule('b', { after: ['c'] }), makeRule('c', { after: ['a'] })];
  t.throws(() => new Catalogue(circle), { message: 'rules wait for each other: a, b, c, a' });
  t.throws(() => new Catalogue([makeRule('a', { after: ['a'] })]), { message: 'rules wait for each other: a, a' });
  t.end();
});

void t.test('property: every rule is there once, after all that it builds on, whatever order they are given in', (t) => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  // Edges from later to earlier letters only, so that there is no circle; the letters are given out at random.
  const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 12 });
  fc.assert(
    fc.property(
      edges,
      fc.shuffledSubarray(names, { minLength: 8 }),
      fc.shuffledSubarray(names, { minLength: 8 }),
      (pairs, letters, order) => {
        const after = new Map<string, string[]>(names.map((name) => [name, []]));
        for (const [a, b] of pairs) {
          const [earlier, later] = [letters[Math.min(a, b)], letters[Math.max(a, b)]];
          if (a !== b && earlier !== undefined && later !== undefined) after.get(later)?.push(earlier);
        }
        const ids = idsOf(order.map((name) => makeRule(name, { after: after.get(name) ?? [] })));
        assert.deepEqual([...ids].sort(), names);
        for (const [later, earlier] of after)
          for (const id of earlier) assert.ok(ids.indexOf(id) < ids.indexOf(later), `${id} before ${later}`);
        assert.deepEqual(
          idsOf(names.map((name) => makeRule(name, { after: after.get(name) ?? [] }))),
          ids,
          'the given order does not matter',
        );
      },
    ),
  );
  t.end();
});
