import fc from '../fast-check.ts';
import t from 'tap';
import { FieldSets, placeInFieldSet } from '../../src/core/managed-fields.ts';
import { FieldPath } from '../../src/core/path.ts';

const CONTAINERS = FieldPath.of('spec', 'containers');
const FIELDS = {
  'f:spec': {
    'f:containers': {
      'k:{"name":"web"}': {
        '.': {},
        'f:image': {},
        'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:name': {} } },
      },
    },
    'f:tolerations': {},
  },
};

void t.test('a set lists fields, and elements by their keys', (t) => {
  const web = CONTAINERS.at(4, { name: 'web' });
  t.equal(placeInFieldSet(FIELDS, web), 'listed');
  t.equal(placeInFieldSet(FIELDS, web.field('image')), 'listed');
  t.equal(placeInFieldSet(FIELDS, web.field('stdin')), undefined);
  t.equal(placeInFieldSet(FIELDS, CONTAINERS.at(0, { name: 'other' }).field('image')), undefined);
  t.equal(placeInFieldSet(FIELDS, CONTAINERS.at(0).field('image')), undefined, 'an element without keys is not known');
  t.end();
});

void t.test('several keys are sorted by their names', (t) => {
  const port = CONTAINERS.at(0, { name: 'web' }).field('ports').at(0, { protocol: 'TCP', containerPort: 80 });
  t.equal(placeInFieldSet(FIELDS, port.field('name')), 'listed');
  t.equal(placeInFieldSet(FIELDS, port.field('hostPort')), undefined);
  t.end();
});

void t.test('what is within a list that is named as a whole is not listed itself', (t) => {
  const tolerations = FieldPath.of('spec', 'tolerations');
  t.equal(placeInFieldSet(FIELDS, tolerations), 'listed');
  t.equal(placeInFieldSet(FIELDS, tolerations.at(0, { key: 'a' })), 'within');
  t.equal(placeInFieldSet(FIELDS, tolerations.at(0, { key: 'a' }).field('effect')), 'within');
  t.end();
});

void t.test('an empty set holds nothing, and names of the prototype are no fields', (t) => {
  for (const fields of [undefined, null, 7, 'text', [], {}]) t.equal(placeInFieldSet(fields, FieldPath.of('spec')), undefined);
  t.equal(placeInFieldSet(JSON.parse('{"__proto__": {"f:spec": {}}}'), FieldPath.of('spec')), undefined);
  t.end();
});

void t.test('several sets list what one of them lists', (t) => {
  const web = CONTAINERS.at(0, { name: 'web' });
  const other = CONTAINERS.at(1, { name: 'other' });
  const sets = new FieldSets([FIELDS, null, { 'f:spec': { 'f:containers': { 'k:{"name":"other"}': { 'f:args': {} }, 'f:x': 1 } } }]);
  for (const path of [web, web.field('image'), other, other.field('args')]) t.ok(sets.lists(path), path.text);
  for (const path of [web.field('args'), other.field('image'), CONTAINERS.at(0), CONTAINERS.field('x')])
    t.notOk(sets.lists(path), path.text);
  t.notOk(new FieldSets([]).lists(FieldPath.ROOT));
  t.end();
});

const fieldSet = fc.letrec<{ set: object }>((tie) => ({
  set: fc.dictionary(fc.constantFrom('f:a', 'f:b', 'k:{"name":"web"}', '.'), fc.oneof({ maxDepth: 4 }, fc.constant({}), tie('set'))),
})).set;
const place = fc
  .array(fc.constantFrom('a', 'b', 0), { minLength: 1, maxLength: 4 })
  .map((steps) =>
    steps.reduce<FieldPath>((path, step) => (typeof step === 'number' ? path.at(0, { name: 'web' }) : path.field(step)), FieldPath.ROOT),
  );

void t.test('property: what several sets list is what asking each of them says', (t) => {
  fc.assert(
    fc.property(fc.array(fieldSet, { maxLength: 4 }), fc.array(place, { maxLength: 6 }), (fields, places) => {
      const sets = new FieldSets(fields);
      for (const path of places) {
        const each = fields.some((set) => placeInFieldSet(set, path) === 'listed');
        if (sets.lists(path) !== each) throw new Error(`${path.text} is ${each ? '' : 'not '}listed`);
      }
    }),
  );
  t.end();
});

void t.test('nothing that a sender writes there makes it throw', (t) => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('f:spec', 'f:containers', 'k:{"name":"web"}', 'k:{', '.'), fc.jsonValue()), (fields) => {
      placeInFieldSet({ 'f:spec': fields }, CONTAINERS.at(0, { name: 'web' }).field('image'));
    }),
  );
  t.end();
});
