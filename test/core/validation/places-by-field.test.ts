import t from 'tap';
import { FieldPath } from '../../../src/core/path.ts';
import { invalid, type InvalidPlace } from '../../../src/core/validation/invalid-place.ts';
import { PlacesByField } from '../../../src/core/validation/places-by-field.ts';
import { Work } from '../../../src/core/work.ts';

const at = (...steps: (string | number)[]): FieldPath => FieldPath.of(...steps);
const PLACES = [
  invalid(at('spec', 'list', 1, 'name'), 'a', 'first', [at('spec', 'list', 0, 'name')]),
  invalid(at('spec', 'list'), 'b', 'second'),
  invalid(at('spec', 'other'), 'c', 'third'),
];
const words = (places: readonly InvalidPlace[]): string[] => places.map(({ message }) => message.replace(/.*: /, ''));

void t.test('a field has what is wrong with it, in it and around it, each once and in its order', (t) => {
  const found = (...steps: (string | number)[]): string[] => words(new PlacesByField(PLACES, Work.UNBOUNDED).tellAt(at(...steps)));
  t.same(found('spec', 'list', 0, 'name'), ['first', 'second']);
  t.same(found('spec', 'list', 2), ['second']);
  t.same(found('spec', 'list'), ['first', 'second']);
  t.same(found('spec'), ['first', 'second', 'third']);
  t.same(found('spec', 'list', 1, 'name', 'below'), ['first', 'second']);
  t.same(found('metadata'), []);
  t.end();
});

void t.test('what nobody asked about is left', (t) => {
  const places = new PlacesByField(PLACES, Work.UNBOUNDED);
  t.same(words(places.untold), ['first', 'second', 'third']);
  places.tellAt(at('spec', 'other'));
  t.same(words(places.untold), ['first', 'second']);
  t.end();
});

void t.test('the work grows with the places and the fields together', (t) => {
  const stepsOf = (count: number): number => {
    const work = new Work();
    const paths = Array.from({ length: count }, (_, index) => at('spec', 'list', index));
    const places = new PlacesByField(
      paths.map((path) => invalid(path.field('name'), '', 'wrong')),
      work,
    );
    for (const path of paths) t.equal(places.tellAt(path.field('image')).length, 0);
    t.equal(places.untold.length, count);
    return work.steps;
  };
  t.equal(stepsOf(100), 10 * stepsOf(10));
  t.end();
});
