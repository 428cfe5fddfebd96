import fc from 'fast-check';
import t from 'tap';
import { placeInFieldSet } from '../../src/core/managed-fields.ts';
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

void t.test('nothing that a sender writes there makes it throw', (t) => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('f:spec', 'f:containers', 'k:{"name":"web"}', 'k:{', '.'), fc.jsonValue()), (fields) => {
      placeInFieldSet({ 'f:spec': fields }, CONTAINERS.at(0, { name: 'web' }).field('image'));
    }),
  );
  t.end();
});
