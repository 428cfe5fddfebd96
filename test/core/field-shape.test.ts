import t from 'tap';
import { integer, list, map, object, present, readShape, string, type Shape } from '../../src/core/field-shape.ts';
import { FieldPath } from '../../src/core/path.ts';
import { Work } from '../../src/core/work.ts';

function problems(shape: Shape, value: unknown): string[] {
  return readShape(shape, value, FieldPath.of('it')).problems.map(({ path, message }) => `${path.text} ${message}`);
}

function readable(shape: Shape, value: unknown): unknown {
  return shape.readable(value, Work.UNBOUNDED);
}

void t.test('what is required has to be there, and what is optional may be null', (t) => {
  const shape = object({ name: string }, { count: integer });
  t.same(problems(shape, { name: 'a', count: null, other: [] }), []);
  t.same(problems(shape, { count: 'b' }), [
    'it.name must be a string, but is missing',
    'it.count must be an integer, but is the string "b"',
  ]);
  t.same(readable(shape, { count: 'b', other: [] }), { name: '', other: [] });
  t.end();
});

void t.test('the order of fields does not matter, nor which object was read before', (t) => {
  const shape = object({ name: string, image: string }, { count: integer });
  const fitting = [
    { name: 'a', image: 'b', count: 1 },
    { count: 1, image: 'b', name: 'a' },
    { other: 1, name: 'a', image: 'b' },
    { image: 'b', another: true, name: 'a', count: null, third: '' },
    { name: 'a', image: 'b' },
  ];
  const wrong = [
    [{ image: 'b', count: 1 }, 'it.name must be a string, but is missing'],
    [{ count: 1, name: 'a', image: 1 }, 'it.image must be a string, but is the number 1'],
    [{ other: 1, name: 'a', image: 'b', count: 'c' }, 'it.count must be an integer, but is the string "c"'],
  ] as const;
  for (const before of fitting) {
    for (const after of fitting) t.same([...problems(shape, before), ...problems(shape, after)], []);
    for (const [after, message] of wrong) t.same([...problems(shape, before), ...problems(shape, after)], [message]);
  }
  t.end();
});

void t.test('elements of a list that cannot be read keep their places', (t) => {
  const shape = list(object({ name: string }));
  t.same(problems(shape, [{ name: 'a' }, 'b']), ['it[1] must be an object, but is the string "b"']);
  t.same(readable(shape, [{ name: 'a' }, 'b', { name: 'c' }]), [{ name: 'a' }, { name: '' }, { name: 'c' }]);
  t.equal(readable(shape, 'none'), undefined);
  t.end();
});

void t.test('members of a map that cannot be read are left out', (t) => {
  const shape = map(string);
  t.same(problems(shape, { a: 'b', c: null, d: 1 }), ['it[d] must be a string, but is the number 1']);
  t.same(readable(shape, { a: 'b', c: null, d: 1 }), { a: 'b', c: null });
  t.end();
});

void t.test('what is present is there even if nothing of it can be read', (t) => {
  t.same(readable(present(map(string)), 'none'), {});
  t.equal(readable(map(string), 'none'), undefined);
  t.end();
});
